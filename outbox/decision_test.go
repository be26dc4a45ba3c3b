// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// proposal is a decision by consent that may be opened, for ten days.
func (h *house) proposal(change ...func(*coop.NewDecision)) coop.NewDecision {
	h.t.Helper()
	f, err := h.store.FederationAccount(h.t.Context())
	h.must(err)
	n := coop.NewDecision{
		Author: f, Language: "es", Method: coop.MethodConsent, Quorum: decimal.RequireFromString("0.5"), Ends: h.now().Add(10 * 24 * time.Hour),
		Titles: map[string]string{"es": "¿Admitir a la Cooperativa Faro?", "en": "Admit Cooperativa Faro?"},
		Texts:  map[string]string{"es": "Ingreso como integrante plena.", "en": "As a full member."},
	}
	for _, f := range change {
		f(&n)
	}
	return n
}

// opened opens a decision.
func (h *house) opened(n coop.NewDecision) *coop.Post {
	h.t.Helper()
	p, err := h.NewDecision(h.t.Context(), n)
	h.must(err)
	return p
}

// decision is how a decision stands now.
func (h *house) decision(p *coop.Post) *coop.Post {
	h.t.Helper()
	now, err := h.store.Post(h.t.Context(), coop.System(), p.ID)
	h.must(err)
	return now
}

// wantsStage compares the stage and the counts.
func (h *house) wantsStage(name string, p *coop.Post, stage coop.Stage, counts ...int) {
	h.t.Helper()
	now := h.decision(p)
	var got []int
	for _, o := range now.Poll.Options {
		got = append(got, o.Votes)
	}
	if now.Decision.Stage != stage || !slices.Equal(got, counts) {
		h.t.Errorf("%s: stage %s and counts %v, want %s and %v", name, now.Decision.Stage, got, stage, counts)
	}
}

// ends moves the clock past the end and counts.
func (h *house) ends(p *coop.Post) {
	h.t.Helper()
	h.clock.Advance(h.decision(p).Ends.Sub(h.now()))
	n, err := h.EndDecisions(h.t.Context())
	h.must(err)
	if n != 1 {
		h.t.Errorf("%d decisions ended", n)
	}
}

// complaintOf is the code of a complaint.
func complaintOf(err error) string {
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return invalid.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// TestDecisionGoesRound follows a decision as the server of a member sees it: the
// question, an objection, what was amended, and the outcome with its list.
func TestDecisionGoesRound(t *testing.T) { each(t, storyDecisionGoesRound) }

func storyDecisionGoesRound(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar, hilo := h.member("telar"), h.member("hilo")
	far := h.farMember(p, "faro", coop.RoleFull)
	h.farMember(p, "mira", coop.RoleObserver)
	outsider := h.account(coop.Coop, "otra")
	h.drain()
	p.take()
	post := h.opened(h.proposal(func(n *coop.NewDecision) { n.ListBallots = true }))
	if post.Decision.Electors != 3 || post.IRI != "https://fed-sur.example/federation/decisions/1" {
		t.Fatalf("%d electors of %s", post.Decision.Electors, post.IRI)
	}
	h.drain()
	got := p.take()
	create := got[len(got)-1]
	for _, r := range got {
		if strings.HasSuffix(r.path, "/faro/inbox") {
			create = r
		}
	}
	golden(t, "decision-create", create.body)
	h.proven(create.body, post.Author)
	if told := h.toldOf(telar); !slices.Contains(told, coop.NotifyDecision) {
		t.Errorf("telar was told %v", told)
	}

	if code := complaintOf(h.CastBallot(ctx, telar, post.ID, "object", "")); code != coop.CodeReason {
		t.Errorf("an objection without its reason: %q", code)
	}
	if code := complaintOf(h.CastBallot(ctx, outsider, post.ID, "consent", "")); code != coop.CodeNoElector {
		t.Errorf("a ballot from outside: %q", code)
	}
	if code := complaintOf(h.CastBallot(ctx, telar, post.ID, "yes", "")); code != coop.CodeNoOption {
		t.Errorf("an unknown option: %q", code)
	}
	h.must(h.CastBallot(ctx, telar, post.ID, "consent", ""))
	h.must(h.CastBallot(ctx, hilo, post.ID, "object", "Los estatutos no dicen cómo se retira una integrante."))
	h.wantsStage("an objection", post, coop.StageObjection, 1, 0, 0, 1)
	h.must(h.CastBallot(ctx, hilo, post.ID, "stand aside", ""))
	h.wantsStage("taken back by another ballot", post, coop.StageOpen, 1, 1, 0, 0)
	h.must(h.CastBallot(ctx, hilo, post.ID, "object", "Sigo sin verlo."))
	h.must(h.Vote(ctx, outsider, post.ID, []int{0}))
	h.wantsStage("an echo counts nowhere", post, coop.StageObjection, 1, 0, 0, 1)
	echo, err := h.store.Echo(ctx, post.ID, 4)
	h.must(err)
	if diff := cmp.Diff([]int{1, 0, 0, 0}, echo); diff != "" {
		t.Error(diff)
	}
	h.drain()
	p.take()
	if err := h.EditNote(ctx, &coop.Post{ID: post.ID, Source: "another text"}); !errors.Is(err, coop.ErrState) {
		t.Errorf("edited as a poll: %v", err)
	}
	h.clock.Advance(time.Hour)
	_, err = h.AmendDecision(ctx, post.ID, coop.NewDecision{
		Titles: map[string]string{"es": "¿Admitir a la Cooperativa Faro?"}, Texts: map[string]string{"es": "Con estatutos corregidos."},
	})
	h.must(err)
	h.wantsStage("amended", post, coop.StageOpen, 0, 0, 0, 0)
	h.drain()
	golden(t, "decision-amended", last(p.take()).body)

	h.must(h.CastBallot(ctx, telar, post.ID, "consent", ""))
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		now, err := h.ownDecision(ctx, tx, post.ID)
		if err != nil {
			return err
		}
		return h.KeepBallot(ctx, tx, now, &coop.Ballot{VoterID: far.ID, Voter: far, Option: "abstain", At: h.now(), IRI: far.IRI + "/ballots/1"})
	}))
	h.drain()
	p.take()
	h.ends(post)
	h.wantsStage("the end", post, coop.StageAdopted, 1, 0, 1, 0)
	h.drain()
	end := last(p.take())
	golden(t, "decision-adopted", end.body)
	now := h.decision(post)
	if r, ok := now.Decision.Recount(); !ok || r.Stage != coop.StageAdopted || r.Cast != 2 || r.Electors != 3 {
		t.Errorf("the list comes to %+v, %t", r, ok)
	}
	if code := complaintOf(h.CastBallot(ctx, hilo, post.ID, "consent", "")); code != coop.CodeLate {
		t.Errorf("a late ballot: %q", code)
	}
	if n, err := h.EndDecisions(ctx); n != 0 || err != nil {
		t.Errorf("ended again: %d, %v", n, err)
	}
	_, err = h.PublishDecision(ctx, post.ID, "Bienvenidas.")
	h.must(err)
	h.wantsStage("published", post, coop.StagePublished, 1, 0, 1, 0)
	if _, err := h.WithdrawDecision(ctx, post.ID); !errors.Is(err, coop.ErrState) {
		t.Errorf("withdrawn after its end: %v", err)
	}
}

// farMember is a verified member on a peer.
func (h *house) farMember(p *peer, name string, role coop.MembershipRole) *coop.Account {
	h.t.Helper()
	a := p.actor(h, coop.Coop, name, false)
	f, err := h.store.FederationAccount(h.t.Context())
	h.must(err)
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error {
		return tx.PutMembership(h.t.Context(), &coop.Membership{
			Member: a, Organization: f, Role: role, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true, Start: h.now(),
		})
	}))
	return a
}

// toldOf are the kinds of what an account was told, the newest first.
func (h *house) toldOf(a *coop.Account) []coop.NotificationKind {
	h.t.Helper()
	list, err := h.store.Notifications(h.t.Context(), a.ID, coop.Page{})
	h.must(err)
	var kinds []coop.NotificationKind
	for _, n := range list {
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

func last(list []received) received { return list[len(list)-1] }

// TestDecisionsAreShapedAsTheExample compares the question with wire example 17, member by
// member.
func TestDecisionsAreShapedAsTheExample(t *testing.T) {
	example, err := os.ReadFile("../../shared/domain-data/wire-examples/17-decision-question.json")
	if err != nil {
		t.Skip("the examples are not here")
	}
	h := newHouse(t)
	h.member("telar")
	post := h.opened(h.proposal())
	doc, err := h.store.VisibleDocument(t.Context(), coop.Anonymous(), post.IRI)
	h.must(err)
	var want, got map[string]any
	h.must(json.Unmarshal(example, &want))
	h.must(json.Unmarshal(doc.Body, &got))
	for name, value := range want {
		if name == "@context" {
			continue
		}
		if got[name] == nil {
			t.Errorf("%s is missing", name)
		}
		if name == "oneOf" || name == "decision" || name == "cc" || name == "attributedTo" {
			w, _ := json.Marshal(value)
			g, _ := json.Marshal(got[name])
			if s := strings.ReplaceAll(string(w), "decisions/13", "decisions/1"); s != string(g) {
				t.Errorf("%s:\n%s\nwant\n%s", name, g, s)
			}
		}
	}
}
