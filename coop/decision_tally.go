// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "github.com/shopspring/decimal"

// Result is what ballots come to.
type Result struct {
	Electors   int            `json:"electors"`
	Cast       int            `json:"cast"`           // ballots that count, one an elector
	Counts     map[string]int `json:"counts"`         // by option
	Needed     int            `json:"needed"`         // ballots that the quorum asks for
	Quorum     bool           `json:"quorum_reached"` // with so many
	Objections int            `json:"objections"`     // that stand
	Stage      Stage          `json:"result"`         // what the decision becomes if it ends now
}

// Tally counts the ballots of a decision: one for each of them, so that they must be of
// different electors. It is the whole rule, and needs nothing but what is published: who
// has the list can count again.
//
// The quorum is the share of the electorate that cast a ballot, abstentions too. A stands
// objection or block rejects, whatever the quorum; then a missed quorum is the outcome;
// then the method decides. Advice binds nobody and is published as it is.
func Tally(electors int, ballots []Ballot, quorum decimal.Decimal, method DecisionMethod) Result {
	r := Result{Electors: electors, Cast: len(ballots), Counts: map[string]int{}}
	for _, b := range ballots {
		r.Counts[b.Option]++
		if method.Objects(b.Option) {
			r.Objections++
		}
	}
	r.Needed = ballotsNeeded(electors, quorum)
	r.Quorum = r.Cast >= r.Needed
	r.Stage = r.outcome(method)
	return r
}

// ballotsNeeded is the least number of ballots that is at least the share.
func ballotsNeeded(electors int, quorum decimal.Decimal) int {
	return int(quorum.Mul(decimal.NewFromInt(int64(electors))).Ceil().IntPart())
}

// outcome is the method's rule.
func (r Result) outcome(method DecisionMethod) Stage {
	yes, no := r.Counts[OptionYes], r.Counts[OptionNo]
	switch {
	case method == MethodAdvice:
		return StagePublished
	case r.Objections > 0:
		return StageRejected
	case !r.Quorum:
		return StageNoQuorum
	case method == MethodMajority && yes <= no:
		return StageRejected
	case method == MethodTwoThirds && (yes == 0 || 3*yes < 2*(yes+no)):
		return StageRejected
	}
	return StageAdopted
}

// Recount counts the published list of a decision again; false where there is none.
// Ballots of who does not stand in the roll, or twice, do not count.
func (d *Decision) Recount() (Result, bool) {
	if len(d.Roll) == 0 || !d.ListBallots {
		return Result{}, false
	}
	may := make(map[IRI]bool, len(d.Roll))
	for _, iri := range d.Roll {
		may[iri] = true
	}
	electors := len(may)
	var ballots []Ballot
	for _, b := range d.Ballots {
		if may[b.Voter] && d.Option(b.Option) >= 0 {
			ballots = append(ballots, Ballot{Option: b.Option, Reason: b.Reason})
			delete(may, b.Voter)
		}
	}
	return Tally(electors, ballots, d.Quorum, d.Method), true
}
