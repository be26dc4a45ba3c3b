// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"minga/coop"
)

// cast are ballots of as many electors, written as "yes yes no".
func cast(options string) []coop.Ballot {
	var list []coop.Ballot
	for _, o := range strings.Fields(options) {
		list = append(list, coop.Ballot{Option: strings.ReplaceAll(o, "_", " ")})
	}
	return list
}

func TestTally(t *testing.T) {
	for _, tt := range []struct {
		name     string
		electors int
		ballots  string
		quorum   string
		method   coop.DecisionMethod
		want     coop.Stage
		needed   int
	}{
		{"half of eight is four: reached at the edge", 8, "consent consent abstain stand_aside", "0.5", "consent", coop.StageAdopted, 4},
		{"three of eight are fewer than half", 8, "consent consent consent", "0.5", "consent", coop.StageNoQuorum, 4},
		{"half of seven is four, not three and a half", 7, "consent consent consent", "0.5", "consent", coop.StageNoQuorum, 4},
		{"four of seven", 7, "consent consent consent abstain", "0.5", "consent", coop.StageAdopted, 4},
		{"all of three", 3, "yes yes no", "1", "majority", coop.StageAdopted, 3},
		{"two of three are not all", 3, "yes yes", "1", "majority", coop.StageNoQuorum, 3},
		{"a third of three is one, however the third is written", 3, "yes", "0.3333", "majority", coop.StageAdopted, 1},
		{"without a quorum silence is consent", 5, "", "0", "consent", coop.StageAdopted, 0},
		{"without a quorum silence is no majority", 5, "", "0", "majority", coop.StageRejected, 0},
		{"nor two thirds", 5, "", "0", "two-thirds", coop.StageRejected, 0},
		{"one objection rejects", 3, "consent consent object", "0", "consent", coop.StageRejected, 0},
		{"an objection that stands rejects without a quorum too", 9, "object", "0.5", "consent", coop.StageRejected, 5},
		{"one block rejects", 3, "agree agree block", "0", "consensus", coop.StageRejected, 0},
		{"who stands aside blocks nothing", 3, "agree stand_aside stand_aside", "1", "consensus", coop.StageAdopted, 3},
		{"as many yes as no are no majority", 4, "yes yes no no", "0", "majority", coop.StageRejected, 0},
		{"abstentions are neither", 5, "yes no abstain abstain yes", "1", "majority", coop.StageAdopted, 5},
		{"only abstentions", 3, "abstain abstain abstain", "1", "majority", coop.StageRejected, 3},
		{"two of three are two thirds", 3, "yes yes no", "0", "two-thirds", coop.StageAdopted, 0},
		{"three of five are not", 5, "yes yes yes no no", "0", "two-thirds", coop.StageRejected, 0},
		{"abstentions are not counted in the thirds", 5, "yes yes no abstain abstain", "1", "two-thirds", coop.StageAdopted, 5},
		{"advice binds nobody and needs no quorum", 9, "bread", "1", "advice", coop.StagePublished, 9},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := coop.Tally(tt.electors, cast(tt.ballots), decimal.RequireFromString(tt.quorum), tt.method)
			if r.Stage != tt.want || r.Needed != tt.needed {
				t.Errorf("%s, %d needed; want %s, %d", r.Stage, r.Needed, tt.want, tt.needed)
			}
		})
	}
}

// TestRecount: the published list says again what was published, in whatever order, and
// nothing that is added to it counts.
func TestRecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom([]coop.DecisionMethod{"consent", "consensus", "majority", "two-thirds"}).Draw(t, "method")
		d := &coop.Decision{Method: method, Options: method.Options(), ListBallots: true, Quorum: decimal.New(int64(rapid.IntRange(0, 100).Draw(t, "quorum")), -2)}
		var ballots []coop.Ballot
		for i := range rapid.IntRange(1, 30).Draw(t, "electors") {
			iri := coop.IRI("https://coop.example/" + strings.Repeat("x", i+1))
			d.Roll = append(d.Roll, iri)
			if rapid.Bool().Draw(t, "votes") {
				option := rapid.SampledFrom(d.Options).Draw(t, "option")
				ballots = append(ballots, coop.Ballot{Option: option})
				d.Ballots = append(d.Ballots, coop.OpenBallot{Voter: iri, Option: option})
			}
		}
		want := coop.Tally(len(d.Roll), ballots, d.Quorum, method)
		d.Ballots = rapid.Permutation(d.Ballots).Draw(t, "order")
		first := slices.Clone(d.Ballots[:min(1, len(d.Ballots))])
		d.Ballots = append(append(d.Ballots, coop.OpenBallot{Voter: "https://stranger.example/a", Option: d.Options[0]}), first...)
		got, ok := d.Recount()
		if !ok || got.Stage != want.Stage || got.Cast != want.Cast || got.Needed != want.Needed {
			t.Fatalf("counted again: %+v, %t, want %+v", got, ok, want)
		}
	})
}

func TestMayCast(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	d := &coop.Decision{Method: coop.MethodConsent, Options: coop.MethodConsent.Options(), Stage: coop.StageOpen}
	for _, tt := range []struct {
		name, option, reason string
		stage                coop.Stage
		ends                 time.Time
		code                 string
	}{
		{"a ballot", "consent", "", coop.StageOpen, now.Add(time.Second), ""},
		{"while an objection stands", "abstain", "", coop.StageObjection, now.Add(time.Second), ""},
		{"an objection with its reason", "object", "too dear", coop.StageOpen, now.Add(time.Second), ""},
		{"an objection without", "object", "", coop.StageOpen, now.Add(time.Second), coop.CodeReason},
		{"at the end it is late", "consent", "", coop.StageOpen, now, coop.CodeLate},
		{"after the outcome", "consent", "", coop.StageAdopted, now.Add(time.Hour), coop.CodeLate},
		{"of another method", "yes", "", coop.StageOpen, now.Add(time.Hour), coop.CodeNoOption},
		{"a very long reason", "object", strings.Repeat("a", coop.MaxBallotReason+1), coop.StageOpen, now.Add(time.Hour), coop.CodeTooLong},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d.Stage = tt.stage
			var invalid *coop.InvalidError
			code := ""
			if errors.As(d.MayCast(tt.option, tt.reason, tt.ends, now), &invalid) {
				code = invalid.Code
			}
			if code != tt.code {
				t.Errorf("complained of %q, want %q", code, tt.code)
			}
		})
	}
}

func TestStages(t *testing.T) {
	for _, tt := range []struct {
		from   coop.Stage
		action coop.StageAction
		to     coop.Stage // empty: not possible
	}{
		{coop.StageDraft, coop.DecisionOpen, coop.StageOpen},
		{coop.StageOpen, coop.DecisionObject, coop.StageObjection},
		{coop.StageObjection, coop.DecisionSettle, coop.StageOpen},
		{coop.StageObjection, coop.DecisionAmend, coop.StageOpen},
		{coop.StageOpen, coop.DecisionAdopt, coop.StageAdopted},
		{coop.StageObjection, coop.DecisionAdopt, ""},
		{coop.StageObjection, coop.DecisionReject, coop.StageRejected},
		{coop.StageObjection, coop.DecisionMiss, ""},
		{coop.StageOpen, coop.DecisionMiss, coop.StageNoQuorum},
		{coop.StageOpen, coop.DecisionWithdraw, coop.StageWithdrawn},
		{coop.StageAdopted, coop.DecisionWithdraw, ""},
		{coop.StageAdopted, coop.DecisionPublish, coop.StagePublished},
		{coop.StageNoQuorum, coop.DecisionPublish, ""},
		{coop.StagePublished, coop.DecisionAmend, ""},
	} {
		got, err := tt.from.Step(tt.action)
		if tt.to == "" && !errors.Is(err, coop.ErrState) || tt.to != "" && (err != nil || got != tt.to) {
			t.Errorf("%s a decision that is %s: %s, %v, want %q", tt.action, tt.from, got, err, tt.to)
		}
	}
}

func TestNewDecisionValidate(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	good := func() coop.NewDecision {
		return coop.NewDecision{
			Language: "es", Titles: map[string]string{"es": "¿Admitir?"}, Texts: map[string]string{"es": "Sí."}, Method: coop.MethodMajority, Unit: coop.UnitCoop,
			Quorum: decimal.New(5, -1), Ends: now.Add(48 * time.Hour),
		}
	}
	for _, tt := range []struct {
		name   string
		change func(n *coop.NewDecision)
		field  string // empty: valid
	}{
		{"as it should be", func(*coop.NewDecision) {}, ""},
		{"without a title", func(n *coop.NewDecision) { n.Titles = nil }, "title"},
		{"a title with mark-up", func(n *coop.NewDecision) { n.Titles = map[string]string{"es": "<b>sí</b>"} }, "title"},
		{"without a text", func(n *coop.NewDecision) { n.Texts = map[string]string{"en": "Yes."} }, "text"},
		{"by lot", func(n *coop.NewDecision) { n.Method = "lot" }, "method"},
		{"a quorum above all", func(n *coop.NewDecision) { n.Quorum = decimal.New(101, -2) }, "quorum"},
		{"a quorum that would fill the memory", func(n *coop.NewDecision) { n.Quorum = decimal.New(1, 1_000_000_000) }, "quorum"},
		{"twenty-three hours", func(n *coop.NewDecision) { n.Ends = now.Add(23 * time.Hour) }, "ends"},
		{"ninety-one days", func(n *coop.NewDecision) { n.Ends = now.Add(91 * 24 * time.Hour) }, "ends"},
		{"exactly ninety days", func(n *coop.NewDecision) { n.Ends = now.Add(90 * 24 * time.Hour) }, ""},
		{"by ships", func(n *coop.NewDecision) { n.Unit = "ship" }, "unit"},
		{"advice with one answer", func(n *coop.NewDecision) { n.Method, n.Options = coop.MethodAdvice, []string{"a"} }, "options"},
		{"advice with eleven", func(n *coop.NewDecision) {
			n.Method, n.Options = coop.MethodAdvice, strings.Split("a b c d e f g h i j k", " ")
		}, "options"},
		{"advice with twins", func(n *coop.NewDecision) { n.Method, n.Options = coop.MethodAdvice, []string{"a", "a"} }, "options[1]"},
		{"advice", func(n *coop.NewDecision) { n.Method, n.Options = coop.MethodAdvice, []string{"a", "b"} }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := good()
			tt.change(&n)
			var invalid *coop.InvalidError
			field := ""
			if errors.As(n.Validate(now), &invalid) {
				field = invalid.Field
			}
			if field != tt.field {
				t.Errorf("complained about %q, want %q", field, tt.field)
			}
		})
	}
}
