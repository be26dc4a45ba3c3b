// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/outbox"
)

// evidence is what a house knows of a co-op.
func (h *house) evidence(a *coop.Account) coop.Evidence {
	h.f.t.Helper()
	known := h.stored(a.IRI)
	if known == nil {
		return coop.Evidence{}
	}
	found, err := h.store.Evidence(h.f.ctx, []coop.ID{known.ID})
	h.f.must(err)
	return found[known.ID]
}

// chain is the chain above an account, as a house knows it, written name by name.
func (h *house) chain(a *coop.Account) string {
	h.f.t.Helper()
	links, err := h.store.Chain(h.f.ctx, h.stored(a.IRI).ID)
	h.f.must(err)
	return chained(links)
}

func chained(links []*coop.ChainLink) string {
	var names []string
	for _, l := range links {
		name := l.Account.Name
		if above := chained(l.Above); above != "" {
			name += "(" + above + ")"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// ballots casts the ballot of a co-op of this house in a decision of anywhere.
func (h *house) ballots(who *coop.Account, decision *coop.Post, option, reason string) {
	h.f.t.Helper()
	p := h.has(decision.IRI)
	if p == nil {
		h.f.t.Fatalf("%s does not know the decision", h.name)
	}
	h.f.must(h.outbox.CastBallot(h.f.ctx, who, p.ID, option, reason))
	h.f.settle()
}

// TestAdmittedByTheMembers: a co-op applies to a federation elsewhere; its members, of two
// instances, decide; all see the badge from the two ends alone, with the decision it rests
// on; a suspension and a removal are seen everywhere within one delivery.
func TestAdmittedByTheMembers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, telar := alliance(f)
		hilo, marea := b.coop("hilo"), c.coop("marea")
		f.admit(hilo, b, b)
		f.admit(marea, c, b)
		f.must(shownSettings{b.instance}.Choose(f.ctx, "membership_decision", "consent", coop.AuditEntry{Act: "setting"}))
		faro := a.coop("faro")
		f.admit(faro, a, a)
		a.publish(faro, "Farera")

		_, err := a.outbox.Join(f.ctx, a.local(pathOf(faro)), a.knows(b.federation), coop.RoleFull, "Estatutos: https://faro.example/estatutos")
		f.must(err)
		f.drain()
		petition := f.membership(b, faro, b.federation)
		if err := b.outbox.DecideMembership(f.ctx, petition, true, ""); !errors.Is(err, outbox.ErrMembersDecide) {
			t.Fatalf("a coordinator admitted alone: %v", err)
		}
		decision, err := b.outbox.LayBeforeMembers(f.ctx, petition, outbox.JoinDecision{ListBallots: true})
		f.must(err)
		if _, err := b.outbox.LayBeforeMembers(f.ctx, petition, outbox.JoinDecision{}); !errors.Is(err, coop.ErrState) {
			t.Errorf("laid before the members twice: %v", err)
		}
		if strings.Contains(decision.Content, "estatutos") {
			t.Error("the petition stands in the public question")
		}
		f.settle()
		// while they decide it can neither be decided otherwise nor asked anew
		if err := b.outbox.DecideMembership(f.ctx, f.membership(b, faro, b.federation), false, "no"); !errors.Is(err, coop.ErrForbidden) {
			t.Errorf("refused past the members: %v", err)
		}
		_, err = a.outbox.Join(f.ctx, a.local(pathOf(faro)), a.knows(b.federation), coop.RoleFull, "otra vez")
		f.must(err)
		f.settle()
		if m := f.membership(b, faro, b.federation); m.State != coop.MembershipInDecision {
			t.Errorf("asked again: %s", m.State)
		}
		b.ballots(hilo, decision, "consent", "")
		c.ballots(marea, decision, "consent", "")
		a.ballots(a.local(pathOf(telar)), decision, "stand aside", "")
		f.pass(11 * 24 * time.Hour)
		if _, err := b.outbox.EndDecisions(f.ctx); err != nil {
			t.Fatal(err)
		}
		f.settle()
		f.pass(25 * time.Hour)
		for _, h := range f.all {
			if !h.member(faro, b.federation) {
				t.Errorf("%s does not see the member", h.name)
			}
			if got := h.evidence(faro); len(got.Federations) != 2 || got.Level() != coop.EvidenceFederation {
				t.Errorf("%s: badges %v, level %s", h.name, got.Federations, got.Level())
			}
		}
		if m := f.membership(a, faro, b.federation); m.Decision != decision.IRI {
			t.Errorf("the Membership rests on %q, want %s", m.Decision, decision.IRI)
		}
		if code, doc := b.get(f.membership(b, faro, b.federation).IRI); code != http.StatusOK || doc["decision"] != string(decision.IRI) || doc["member"] != string(faro.IRI) {
			t.Errorf("served %d %v", code, doc)
		}

		admitted := f.membership(b, faro, b.federation)
		f.must(b.outbox.SuspendMember(f.ctx, admitted, coop.MembershipSuspend, "cuota"))
		f.drain()
		f.noMember(faro, b.federation, "suspended")
		f.must(b.outbox.SuspendMember(f.ctx, admitted, coop.MembershipResume, ""))
		f.settle()
		for _, h := range f.all {
			if !h.member(faro, b.federation) {
				t.Errorf("%s: no member after the suspension", h.name)
			}
		}
		f.must(b.outbox.SetMemberRole(f.ctx, admitted, coop.RoleObserver, "cuota"))
		f.settle()
		for _, h := range f.all {
			if m := f.membership(h, faro, b.federation); m.Role != coop.RoleObserver || !m.Verified() {
				t.Errorf("%s knows the role %s, verified %t", h.name, m.Role, m.Verified())
			}
		}
		f.must(b.outbox.RemoveMember(f.ctx, admitted, "cuota"))
		f.drain() // one delivery, and no time goes by
		f.noMember(faro, b.federation, "removed")
		f.settle()
		f.noMember(faro, b.federation, "after both ends were read")
		if slices.Contains(a.local(pathOf(faro)).MemberOf, b.federation.IRI) {
			t.Error("the co-op still says it belongs there")
		}
	})
}

// TestRefusedByTheMembers: an objection that stands at the end refuses, and the co-op is
// told where that can be read; without a quorum the petition waits again.
func TestRefusedByTheMembers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		hilo, faro := b.coop("hilo"), a.coop("faro")
		f.admit(hilo, b, b)
		_, err := a.outbox.Join(f.ctx, faro, a.knows(b.federation), "", "")
		f.must(err)
		f.drain()
		ended := func(vote func(p *coop.Post)) *coop.Membership {
			t.Helper()
			p, err := b.outbox.LayBeforeMembers(f.ctx, f.membership(b, faro, b.federation), outbox.JoinDecision{Method: coop.MethodConsent, Ends: b.now().Add(30 * time.Hour)})
			f.must(err)
			vote(p)
			f.pass(31 * time.Hour)
			_, err = b.outbox.EndDecisions(f.ctx)
			f.must(err)
			f.settle()
			return f.membership(b, faro, b.federation)
		}
		if m := ended(func(*coop.Post) {}); m.State != coop.MembershipAsked || m.Decision != "" {
			t.Errorf("without a quorum it is %s, by %q", m.State, m.Decision)
		}
		var decision *coop.Post
		m := ended(func(p *coop.Post) {
			decision = p
			b.ballots(hilo, p, "object", "No conocemos a nadie.")
		})
		here := f.membership(a, faro, b.federation)
		if m.State != coop.MembershipRefused || here.State != coop.MembershipRefused || !strings.Contains(here.Note, decision.URL) {
			t.Errorf("there %s, here %s %q", m.State, here.State, here.Note)
		}
		// taken back by an Undo of the Join while the members decide
		again, err := a.outbox.Join(f.ctx, a.local(pathOf(faro)), a.knows(b.federation), "", "otra vez")
		f.must(err)
		f.drain()
		p, err := b.outbox.LayBeforeMembers(f.ctx, f.membership(b, faro, b.federation), outbox.JoinDecision{})
		f.must(err)
		f.must(a.outbox.LeaveMembership(f.ctx, again))
		f.settle()
		if now, err := b.store.Post(f.ctx, coop.As(b.federation.ID), p.ID); err != nil || now.Decision.Stage != coop.StageWithdrawn {
			t.Errorf("its decision: %+v, %v", now, err)
		}
		if m := f.membership(b, faro, b.federation); m.State != coop.MembershipLeft || m.Decision != "" {
			t.Errorf("taken back it is %s, by %q", m.State, m.Decision)
		}
	})
}

// TestEvidenceLadder: what holds is told level by level at a third instance: a domain by
// its file and by the DNS, a federation, an apex; loops end; a co-op on software without
// memberOf says its half by a link.
func TestEvidenceLadder(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		telar := a.coop("telar")
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == coop.EvidencePath {
				_, _ = w.Write([]byte("# los nuestros\n" + string(telar.IRI) + "\n"))
			}
		}))
		defer site.Close()
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(site.URL, "http://"))
		domain := "telar.localhost:" + port
		claim := func(domains ...string) {
			t.Helper()
			telar = a.local(pathOf(telar))
			telar.Domains = domains
			f.must(a.outbox.UpdateActor(f.ctx, telar))
			f.settle()
			f.must(c.refresh(telar))
			f.settle()
		}
		c.knows(telar)
		f.settle()
		if got := c.evidence(telar); got.Level() != coop.EvidenceClaimed {
			t.Errorf("before anything: %s", got.Level())
		}
		claim(domain)
		for _, h := range []*house{a, c} {
			if got := h.evidence(telar); got.Level() != coop.EvidenceDomain || got.Domains[0].Domain != domain {
				t.Errorf("%s: by the file: %s %v", h.name, got.Level(), got.Domains)
			}
		}
		c.txtFor("_minga.telar.coop", string(telar.IRI))
		claim(domain, "telar.coop", c.config.Host)
		if got := c.evidence(telar).Levels(); !cmp.Equal(got, []string{coop.EvidenceClaimed, coop.EvidenceDomain, coop.EvidenceCoopDomain}) {
			t.Errorf("with the DNS: %v", got)
		}
		if got := a.evidence(telar).Level(); got != coop.EvidenceDomain {
			t.Errorf("where nobody may ask the DNS: %s", got)
		}
		c.txtFor("_minga.telar.coop", "https://other.example/actor")
		f.pass(8 * 24 * time.Hour) // looked at again each week
		if got := c.evidence(telar).Level(); got != coop.EvidenceDomain {
			t.Errorf("after the record went: %s", got)
		}

		f.admit(telar, a, b)
		f.befriend(c, b)
		f.must(c.refresh(telar))
		f.settle()
		if got := c.evidence(telar); got.Level() != coop.EvidenceFederation || !got.Verified() {
			t.Errorf("in a federation: %s", got.Level())
		}
		f.admit(b.federation, b, c)
		f.admit(c.federation, c, b) // a loop
		a.knows(c.federation)
		f.must(a.refresh(b.federation))
		f.must(a.refresh(c.federation))
		f.settle()
		for _, h := range []*house{a, c} {
			if got := h.evidence(telar); got.Level() != coop.EvidenceApex {
				t.Errorf("%s: below an apex: %s", h.name, got.Level())
			}
			if got := h.chain(telar); got != "berta(carla)" {
				t.Errorf("%s: the chain is %s", h.name, got)
			}
		}
	})
}

// TestPlainAccountIsAMember: a co-op with an ordinary account is a member by the link in
// its profile and the federation's list; without the link it has no badge.
func TestPlainAccountIsAMember(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		f.befriend(b, c)
		trama := a.person("trama")
		bio := func(text string) {
			t.Helper()
			trama = a.local(pathOf(trama))
			trama.BioSource = text
			f.must(a.outbox.UpdateActor(f.ctx, trama))
			f.settle()
		}
		m, err := b.outbox.Petition(f.ctx, b.knows(trama), b.federation, "", "", nil)
		f.must(err)
		f.must(b.outbox.DecideMembership(f.ctx, m, true, ""))
		f.settle()
		f.noMember(trama, b.federation, "without its half")
		bio("Somos parte de " + string(b.federation.URL))
		f.must(b.refresh(trama))
		f.settle()
		f.pass(25 * time.Hour)
		for _, h := range []*house{b, c} {
			if !h.member(trama, b.federation) {
				t.Errorf("%s does not see the member", h.name)
			}
			list, err := h.store.Coops(f.ctx, coop.DirectoryQuery{}, h.config.AccountDomain, coop.Page{Limit: 40})
			f.must(err)
			if !slices.ContainsFunc(list, func(x *coop.Account) bool { return x.IRI == trama.IRI }) {
				t.Errorf("%s: not in the directory", h.name)
			}
		}
		f.must(b.outbox.RemoveMember(f.ctx, f.membership(b, trama, b.federation), ""))
		f.drain()
		f.noMember(trama, b.federation, "removed")
	})
}

// refresh lets the house read an actor again.
func (h *house) refresh(a *coop.Account) error {
	_, err := h.inbox.Refresh(h.f.ctx, a.IRI)
	return err
}

// txtFor gives a name its TXT records, at this house alone.
func (h *house) txtFor(name string, records ...string) {
	h.zone.Store(name, records)
}

// answerTXT is the DNS of the tests.
func (h *house) answerTXT(_ context.Context, name string) ([]string, error) {
	records, ok := h.zone.Load(name)
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return records.([]string), nil
}
