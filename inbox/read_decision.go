// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"time"

	"minga/coop"
	"minga/federation/document"
)

// mostListed is how many electors and ballots of a published list are read.
const mostListed = 5_000

// readDecision reads the payload of a question that an electorate decides [wire example
// 17]; nil means that it is none: a field that must hold is broken, or its options are not
// those of the question. The list of who could vote, once it is published, stands in the
// place of the collection.
func readDecision(doc *document.Object, q *document.Question, post *coop.Post) *coop.Decision {
	d := &coop.Decision{
		Method: coop.DecisionMethod(line(doc, "decisionMethod")), Unit: coop.BallotUnit(line(doc, "ballotUnit")), Stage: coop.Stage(line(doc, "stage")),
		Quorum: number(doc, "quorum"), Electorate: ref(doc, "electorate"),
	}
	d.Title, d.TitleMap = texts(doc, "title", func(s string) string { return coop.CleanLine(s, maxTitle) })
	if d.Title == "" {
		d.Title = firstStrong(post.Content)
	}
	if !readOptions(d, q, post.Poll) || !d.Admit() {
		return nil
	}
	if !d.Stage.Running() && d.Stage != coop.StagePublished {
		d.Result = d.Stage
	}
	readRoll(d, doc)
	if r, ok := d.Recount(); ok && d.Stage == coop.StagePublished {
		d.Result = r.Stage
	}
	return d
}

// readOptions gives each answer of the poll its key: the fixed word of the method, or the
// answer itself where the options are free.
func readOptions(d *coop.Decision, q *document.Question, poll *coop.Poll) bool {
	if q == nil || poll.Multiple {
		return false
	}
	keys := map[string]string{}
	for _, o := range q.Options {
		title := coop.CleanLine(o.Name, document.MaxName)
		if _, known := keys[title]; !known {
			keys[title] = coop.CleanLine(o.Value, coop.MaxPollTitle)
		}
	}
	for _, o := range poll.Options {
		key := keys[o.Title]
		if key == "" && d.Method == coop.MethodAdvice {
			key = o.Title
		}
		d.Options = append(d.Options, key)
	}
	return true
}

// readRoll reads who could vote and how they did, where that was published.
func readRoll(d *coop.Decision, doc *document.Object) {
	electorate := doc.Object("electorate")
	if electorate == nil {
		return
	}
	if n, ok := electorate.Int("totalItems"); ok && n > 0 && n <= mostListed {
		d.Electors = int(n)
	}
	for _, r := range electorate.Refs("items") {
		if iri := coop.IRI(r.ID); coop.ValidIRI(iri) && len(d.Roll) < mostListed {
			d.Roll = append(d.Roll, iri)
		}
	}
	if len(d.Roll) == 0 {
		return
	}
	d.ListBallots, d.Electors = true, len(d.Roll)
	for _, b := range doc.Objects("ballot", mostListed) {
		one := coop.OpenBallot{Voter: coop.IRI(b.Owner()), Option: line(b, "option"), Reason: plain(b.Text("reason").Value, coop.MaxBallotReason)}
		if d.Option(one.Option) >= 0 && coop.ValidIRI(one.Voter) {
			d.Ballots = append(d.Ballots, one)
		}
	}
}

// keepKnown takes over into a new state of a decision elsewhere what it does not say any
// more: whose electorate it was, and what came out before it was published.
func keepKnown(old, now *coop.Decision) {
	if old == nil || now == nil {
		return
	}
	if len(now.Roll) > 0 {
		now.Electorate = old.Electorate
	}
	if now.Result == "" {
		now.Result = old.Result
	}
	if now.Electors == 0 {
		now.Electors = old.Electors
	}
	now.Amended = old.Amended
}

// sentAt is when something says to have been written; zero where it does not.
func sentAt(doc *document.Object) time.Time {
	at, _ := doc.Time("published")
	return at
}
