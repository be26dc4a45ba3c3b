// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"testing"
	"time"

	"minga/coop"
)

// group makes an organization with collections of minga's own.
func withCollections(r string) func(doc) {
	return func(d doc) {
		d["members"], d["jobs"], d["knowledge"] = r+"/members", r+"/jobs", r+"/knowledge"
	}
}

// federationOf is a federation on a peer.
func (p *peer) federation(name string) *remote {
	return p.actor("Organization", name, withCollections(p.url+"/users/"+name))
}

// members serves the members collection of a federation.
func (r *remote) members(list ...string) {
	r.peer.put(doc{"id": r.iri + "/members", "type": "OrderedCollection", "totalItems": len(list), "orderedItems": list})
}

// TestMembershipIsReadAtBothEnds: a third instance believes neither side alone.
func TestMembershipIsReadAtBothEnds(t *testing.T) {
	for _, tt := range []struct {
		name     string
		claims   bool
		listed   bool
		verified bool
	}{
		{"both say so", true, true, true},
		{"only the co-op", true, false, false},
		{"only the federation", false, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			norte := s.p.federation("norte")
			brisa := s.q.actor("Organization", "brisa", func(d doc) {
				if tt.claims {
					d["memberOf"] = []string{norte.iri}
				}
			})
			norte.members()
			if tt.listed {
				norte.members(s.carol.iri, brisa.iri)
			}
			a, err := s.in.Actor(s.ctx, coop.IRI(brisa.iri))
			if err != nil {
				t.Fatal(err)
			}
			f, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
			if err != nil {
				t.Fatal(err)
			}
			s.drain()
			s.deliver(norte, norte.activity("Add", "/add/1", brisa.iri, with("target", norte.iri+"/members")))
			got, err := s.store.VerifiedMember(s.ctx, a.ID, f.ID)
			if err != nil || got != tt.verified {
				t.Errorf("verified %t, %v", got, err)
			}
			if _, err := s.store.MembershipOf(s.ctx, a.ID, f.ID); errors.Is(err, coop.ErrNotFound) == tt.verified {
				t.Errorf("what is kept of the claim: %v", err)
			}
		})
	}
}

func TestMembershipEndsWhenOneSideIsMissing(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	brisa := s.q.actor("Organization", "brisa", with("memberOf", []string{norte.iri}))
	norte.members(brisa.iri)
	a, err := s.in.Actor(s.ctx, coop.IRI(brisa.iri))
	if err != nil {
		t.Fatal(err)
	}
	s.drain()
	f, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.store.MembershipOf(s.ctx, a.ID, f.ID)
	if err != nil || !m.Verified() {
		t.Fatalf("%+v, %v", m, err)
	}
	norte.members()
	days := func(n int) *coop.Membership {
		for range n {
			s.clock.Advance(25 * time.Hour)
			s.drain()
		}
		m, err := s.store.MembershipOf(s.ctx, a.ID, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := days(1); m.Verified() || m.State != coop.MembershipMember {
		t.Errorf("after a day: %+v", m)
	}
	if m := days(7); m.State != coop.MembershipLeft {
		t.Errorf("after 8 days: %+v", m)
	}
}
