// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
)

// opens opens a decision of the house's federation by consent, with half for a quorum.
func (h *house) opens(title string, change ...func(*coop.NewDecision)) *coop.Post {
	h.f.t.Helper()
	n := coop.NewDecision{
		Author: h.local("/federation"), Language: "es", Method: coop.MethodConsent, Quorum: decimal.RequireFromString("0.5"), Ends: h.clock.Now().Add(5 * 24 * time.Hour),
		Titles: map[string]string{"es": title}, Texts: map[string]string{"es": "Lo que se propone."}, ListBallots: true,
	}
	for _, f := range change {
		f(&n)
	}
	p, err := h.outbox.NewDecision(h.f.ctx, n)
	h.f.must(err)
	h.f.drain()
	return p
}

// knownAs is the stage of a decision as this house knows it, with its counts.
func (h *house) knownAs(iri coop.IRI) string {
	p := h.keeps(iri)
	if p == nil || p.Decision == nil {
		return "unknown"
	}
	return string(p.Decision.Stage) + ": " + h.tally(iri)
}

// casts casts a ballot of an account of the house; the code of a complaint, or nothing.
func (h *house) casts(account *coop.Account, iri coop.IRI, option, reason string) string {
	h.f.t.Helper()
	p := h.keeps(iri)
	if p == nil {
		h.f.t.Fatalf("%s does not know %s", h.name, iri)
	}
	err := h.outbox.CastBallot(h.f.ctx, h.local(pathOf(account)), p.ID, option, reason)
	h.f.drain()
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return invalid.Code
	}
	h.f.must(err)
	return ""
}

// countDecisions lets every house do what it does each minute about decisions.
func (f *fediverse) countDecisions() {
	f.t.Helper()
	for _, h := range f.all {
		_, err := h.outbox.EndDecisions(f.ctx)
		f.must(err)
	}
	f.tellPolls()
}

// TestDecisionsBetweenServers: co-ops of two instances vote, a second ballot replaces the
// first, an objection reopens, the quorum is right at the edge, what others vote is an
// echo, and the published list comes to the published result wherever it is read.
func TestDecisionsBetweenServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		telar, faro, mira, otra := a.coop("telar"), b.coop("faro"), b.coop("mira"), b.coop("otra")
		f.admit(telar, a, a)
		f.admit(faro, b, a)
		f.admit(mira, b, a)
		leo := c.person("leo")
		c.follow(leo, a.federation)

		p := a.opens("¿Comprar la casa?")
		for _, h := range []*house{a, b, c} {
			if got := h.knownAs(p.IRI); got != "open: consiento 0, me aparto 0, me abstengo 0, objeto 0, 0" {
				t.Fatalf("%s knows it as %q", h.name, got)
			}
		}
		for name, told := range map[string][]coop.NotificationKind{"telar": a.toldKinds(telar), "faro": b.toldKinds(faro), "otra": b.toldKinds(otra)} {
			if got := strings.Contains(join(told), string(coop.NotifyDecision)); got != (name != "otra") {
				t.Errorf("%s was told %v", name, told)
			}
		}

		// Ballots from both; the last one counts; without its reason an objection does not.
		if code := a.casts(telar, p.IRI, "consent", ""); code != "" {
			t.Errorf("telar: %s", code)
		}
		if code := b.casts(faro, p.IRI, "object", ""); code != coop.CodeReason {
			t.Errorf("an objection without reason: %q", code)
		}
		if code := b.casts(otra, p.IRI, "object", "x"); code != coop.CodeNoElector {
			t.Errorf("from outside: %q", code)
		}
		b.casts(faro, p.IRI, "abstain", "")
		b.casts(faro, p.IRI, "object", "Falta el presupuesto.")
		c.vote(leo, p.IRI, 3)
		f.countDecisions()
		for _, h := range []*house{a, b, c} {
			if got := h.knownAs(p.IRI); got != "objection: consiento 1, me aparto 0, me abstengo 0, objeto 1, 2" {
				t.Errorf("%s knows it as %q", h.name, got)
			}
		}
		echo, err := a.store.Echo(f.ctx, p.ID, 4)
		f.must(err)
		if diff := cmp.Diff([]int{0, 0, 0, 1}, echo); diff != "" {
			t.Errorf("echo: %s", diff)
		}

		// The proposal is amended: everybody votes again.
		f.pass(time.Hour)
		_, err = a.outbox.AmendDecision(f.ctx, p.ID, coop.NewDecision{Titles: map[string]string{"es": "¿Comprar la casa?"}, Texts: map[string]string{"es": "Con presupuesto."}})
		f.must(err)
		f.drain()
		if got := b.knownAs(p.IRI); got != "open: consiento 0, me aparto 0, me abstengo 0, objeto 0, 0" {
			t.Errorf("amended, berta knows it as %q", got)
		}
		if _, err := b.store.BallotOf(f.ctx, b.keeps(p.IRI).ID, faro.ID); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("the ballot of faro before the amendment: %v", err)
		}
		f.pass(time.Minute)
		b.casts(faro, p.IRI, "consent", "")
		a.casts(telar, p.IRI, "abstain", "")
		// A federation that does not take berta's co-op for an elector says so.
		f.pass(5 * 24 * time.Hour)
		f.countDecisions()
		for _, h := range []*house{a, b, c} {
			if got := h.knownAs(p.IRI); got != "adopted: consiento 1, me aparto 0, me abstengo 1, objeto 0, 2" {
				t.Errorf("%s knows it as %q", h.name, got)
			}
			if r, ok := h.keeps(p.IRI).Decision.Recount(); !ok || r.Stage != coop.StageAdopted || r.Cast != 2 || r.Needed != 2 || r.Electors != 3 {
				t.Errorf("%s counts again: %+v, %t", h.name, r, ok)
			}
			if content := h.keeps(p.IRI).Content; !strings.Contains(content, "Aprobada: ¿Comprar la casa?") {
				t.Errorf("%s reads %s", h.name, content)
			}
		}
		if code := b.casts(mira, p.IRI, "consent", ""); code != coop.CodeLate {
			t.Errorf("after the end: %q", code)
		}

		// One ballot of three is below half: no quorum. Members read it, strangers do not.
		q := a.opens("¿Pintar la casa?", func(n *coop.NewDecision) { n.Members, n.ListBallots = true, false })
		if b.keeps(q.IRI) == nil || b.has(q.IRI) != nil || c.keeps(q.IRI) != nil {
			t.Fatalf("the members' decision is at berta's: %v, at carla's: %v", b.keeps(q.IRI) != nil, c.keeps(q.IRI) != nil)
		}
		if status, _ := c.get(q.IRI); status != 404 {
			t.Errorf("a stranger reads it: %d", status)
		}
		b.casts(mira, q.IRI, "consent", "")
		f.pass(5 * 24 * time.Hour)
		f.countDecisions()
		if got := b.knownAs(q.IRI); !strings.HasPrefix(got, "no-quorum: ") {
			t.Errorf("one of three: %q", got)
		}
		if d := b.keeps(q.IRI).Decision; len(d.Ballots) != 0 || len(d.Roll) != 0 {
			t.Error("a list was published that nobody had agreed to")
		}
	})
}

// TestRefusedBallotsAreTold: who is a member by the book of its own server alone is told
// that its ballot does not count.
func TestRefusedBallotsAreTold(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		telar, faro := a.coop("telar"), b.coop("faro")
		f.admit(telar, a, a)
		p := a.opens("¿Comprar la casa?")
		f.admit(faro, b, a) // too late for the electorate, which is frozen
		b.fetches(p.IRI)
		if code := b.casts(faro, p.IRI, "consent", ""); code != "" {
			t.Fatalf("its own server refuses: %q", code)
		}
		f.settle()
		ballot, err := b.store.BallotOf(f.ctx, b.keeps(p.IRI).ID, faro.ID)
		f.must(err)
		if !strings.Contains(ballot.Refused, "no estás entre quienes deciden") {
			t.Errorf("refused with %q", ballot.Refused)
		}
		if !strings.Contains(join(b.toldKinds(faro)), string(coop.NotifyDecision)) {
			t.Errorf("faro was told %v", b.toldKinds(faro))
		}
		if got := a.knownAs(p.IRI); got != "open: consiento 0, me aparto 0, me abstengo 0, objeto 0, 0" {
			t.Errorf("counted: %q", got)
		}
	})
}

// toldKinds are the kinds of what an account of the house was told.
func (h *house) toldKinds(a *coop.Account) []coop.NotificationKind {
	h.f.t.Helper()
	list, err := h.store.Notifications(h.f.ctx, a.ID, coop.Page{Limit: 40})
	h.f.must(err)
	var kinds []coop.NotificationKind
	for _, n := range list {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

func join(kinds []coop.NotificationKind) string {
	var words []string
	for _, k := range kinds {
		words = append(words, string(k))
	}
	return strings.Join(words, " ")
}

// vote votes in the poll that other software sees of a decision.
func (h *house) vote(who *coop.Account, iri coop.IRI, option int) {
	h.f.t.Helper()
	h.f.must(h.outbox.Vote(h.f.ctx, who, h.keeps(iri).ID, []int{option}))
	h.f.drain()
}

// fetches lets the house look a post up.
func (h *house) fetches(iri coop.IRI) {
	h.f.t.Helper()
	_, err := h.inbox.Post(h.f.ctx, iri)
	h.f.must(err)
}

// keeps is a post that the house has, whoever may see it; nil for none.
func (h *house) keeps(iri coop.IRI) *coop.Post {
	h.f.t.Helper()
	p, err := h.store.PostByIRI(h.f.ctx, coop.System(), iri)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	h.f.must(err)
	return p
}
