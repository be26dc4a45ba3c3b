// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

func TestJoin(t *testing.T) {
	s := newScene(t)
	brisa := s.q.actor("Organization", "brisa", with("memberOf", []string{here + "/federation"}))
	join := brisa.activity("Join", "/joins/1", here+"/federation", with("content", "<p>We ask to join.</p>"))
	s.deliver(brisa, join)
	s.clock.Advance(time.Minute)
	s.deliver(brisa, join)
	if got := fmt.Sprint(s.told(s.federation)); got != "[minga:membership]" {
		t.Errorf("told %s", got)
	}
	m, err := s.store.MembershipByJoin(s.ctx, coop.IRI(brisa.iri+"/joins/1"))
	if err != nil || m.State != coop.MembershipAsked || m.Note != "We ask to join." || m.Member.IRI != coop.IRI(brisa.iri) {
		t.Fatalf("kept %+v, %v", m, err)
	}
	// decided: the same Join gets the same answer again
	m.State, m.IRI, m.MemberSays, m.OrganizationSays = coop.MembershipMember, here+"/federation/memberships/brisa", true, true
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	s.clock.Advance(time.Minute)
	s.deliver(brisa, join)
	if got := fmt.Sprint(s.asked.take()); got != "[join brisa: member]" {
		t.Errorf("answered %s", got)
	}
	// nobody leaves for another
	s.deliver(s.carol, s.carol.activity("Leave", "/le/0", here+"/federation"))
	s.deliver(s.carol, s.carol.activity("Undo", "/u/0", brisa.iri+"/joins/1"))
	if m, _ := s.store.Membership(s.ctx, m.ID); m.State != coop.MembershipMember {
		t.Errorf("ended by another: %s", m.State)
	}
	s.deliver(brisa, brisa.activity("Leave", "/le/1", here+"/federation"))
	if m, _ := s.store.Membership(s.ctx, m.ID); m.State != coop.MembershipLeft || m.Verified() {
		t.Errorf("state %s", m.State)
	}
	if got := fmt.Sprint(s.asked.take()); got != "[membership brisa: left]" {
		t.Errorf("said %s", got)
	}
}

func TestJoinByAPersonIsNone(t *testing.T) {
	s := newScene(t)
	s.deliver(s.bob, s.bob.activity("Join", "/j/1", here+"/federation"))
	if got := s.told(s.federation); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

// joined makes telar ask norte for membership.
func (s *scene) joined(norte *remote) *coop.Membership {
	s.t.Helper()
	a, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
	if err != nil {
		s.t.Fatal(err)
	}
	m := &coop.Membership{Member: s.telar, Organization: a, JoinIRI: s.telar.IRI + "/joins/1", State: coop.MembershipAsked, Role: coop.RoleFull}
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	return m
}

func TestAnswersToOurJoin(t *testing.T) {
	result := func(r *remote, change ...func(doc)) doc {
		return edit(doc{
			"type": "Membership", "id": r.iri + "/memberships/telar", "member": here + "/coops/telar", "organization": r.iri,
			"role": "observer", "startTime": "2030-04-01T00:00:00Z", "decision": r.iri + "/decisions/12",
		}, change...)
	}
	for _, tt := range []struct {
		name   string
		answer func(s *scene, norte *remote, m *coop.Membership) (*remote, doc)
		want   coop.MembershipState
	}{
		{"accepted", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(n)))
		}, coop.MembershipMember},
		{"accepted by shape", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", doc{"type": "Join", "actor": here + "/coops/telar", "object": n.iri}, with("result", result(n)))
		}, coop.MembershipMember},
		{"refused", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Reject", "/r/1", string(m.JoinIRI), with("content", "<p>not now</p>"))
		}, coop.MembershipRefused},
		{"accepted by another", func(s *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return s.mallory, s.mallory.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(s.mallory)))
		}, coop.MembershipAsked},
		{"refused by another", func(s *scene, _ *remote, m *coop.Membership) (*remote, doc) {
			return s.mallory, s.mallory.activity("Reject", "/r/1", string(m.JoinIRI))
		}, coop.MembershipAsked},
		{"a membership of another host", func(s *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(n, with("id", s.q.url+"/memberships/telar"))))
		}, coop.MembershipAsked},
		{"a membership of somebody else", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI), with("result", result(n, with("member", here+"/coops/other"))))
		}, coop.MembershipAsked},
		{"without a membership", func(_ *scene, n *remote, m *coop.Membership) (*remote, doc) {
			return n, n.activity("Accept", "/a/1", string(m.JoinIRI))
		}, coop.MembershipAsked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			norte := s.p.federation("norte")
			norte.members(here + "/coops/telar")
			m := s.joined(norte)
			who, answer := tt.answer(s, norte, m)
			s.deliver(who, answer)
			got, err := s.store.Membership(s.ctx, m.ID)
			if err != nil || got.State != tt.want {
				t.Fatalf("state %s, want %s, %v (%v)", got.State, tt.want, err, s.counts.refused)
			}
			if tt.want == coop.MembershipMember && (got.Role != coop.RoleObserver || got.Decision == "" || !got.Verified() || got.CheckedAt.IsZero()) {
				t.Errorf("kept %+v", got)
			}
		})
	}
}

func TestRemoveOfOurMember(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	norte.members(here + "/coops/telar")
	m := s.joined(norte)
	m.State, m.MemberSays, m.OrganizationSays = coop.MembershipMember, true, true
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	state := func() coop.MembershipState {
		got, err := s.store.Membership(s.ctx, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.State
	}
	s.deliver(s.mallory, s.mallory.activity("Remove", "/r/0", here+"/coops/telar", with("target", norte.iri+"/members")))
	s.deliver(norte, norte.activity("Remove", "/r/1", here+"/coops/telar", with("target", here+"/federation/members")))
	if state() != coop.MembershipMember {
		t.Fatal("removed by another, or from what is not its own")
	}
	s.deliver(norte, norte.activity("Remove", "/r/2", here+"/coops/telar", with("target", norte.iri+"/members")))
	if state() != coop.MembershipRemoved {
		t.Errorf("state %s (%v)", state(), s.counts.refused)
	}
	if got := fmt.Sprint(s.told(s.telar)); got != "[minga:membership minga:membership]" { // that it joined, that it is out
		t.Errorf("told %s", got)
	}
}

func TestUpdateOfMembership(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	norte.members(here + "/coops/telar")
	m := s.joined(norte)
	m.State, m.IRI = coop.MembershipMember, coop.IRI(norte.iri+"/memberships/telar")
	s.write(func(tx *storage.Tx) error { return tx.PutMembership(s.ctx, m) })
	suspend := doc{"type": "Membership", "id": string(m.IRI), "member": here + "/coops/telar", "organization": norte.iri, "role": "observer", "status": "suspended"}
	s.deliver(s.mallory, s.mallory.activity("Update", "/u/0", suspend))
	if got, _ := s.store.Membership(s.ctx, m.ID); got.State != coop.MembershipMember {
		t.Fatal("suspended by another")
	}
	s.deliver(norte, norte.activity("Update", "/u/1", suspend))
	if got, _ := s.store.Membership(s.ctx, m.ID); got.State != coop.MembershipSuspended || got.Role != coop.RoleObserver {
		t.Errorf("kept %+v (%v)", got, s.counts.refused)
	}
}
