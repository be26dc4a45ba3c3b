// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestInvitations: an organization invites co-ops of ours in its own name alone, and takes
// back what is its own.
func TestInvitations(t *testing.T) {
	s := newScene(t)
	norte, sur, blocked := s.p.federation("norte"), s.q.federation("sur"), s.q.federation("blocked")
	person := s.q.actor("Person", "person", withCollections(s.q.url+"/users/person"))
	known := s.actorOf(blocked)
	s.write(func(tx *storage.Tx) error {
		return tx.AddBlock(s.ctx, storage.Block{IRI: here + "/b/1", Blocker: s.telar.ID, Target: known.ID})
	})
	telar := string(s.telar.IRI)
	for i, tt := range []struct {
		name   string
		by     *remote
		object string
		target string
		want   string // why it was dropped; empty: kept
	}{
		{"in the name of another", sur, telar, norte.iri, "not_owner"},
		{"of a person", norte, string(s.ana.IRI), norte.iri, "not_for_us"},
		{"by who takes no members", s.carol, telar, s.carol.iri, "not_an_organization"},
		{"by a person who says to have members", person, telar, person.iri, "not_an_organization"},
		{"by who is blocked", blocked, telar, blocked.iri, "blocked"},
		{"by itself", norte, telar, norte.iri, ""},
	} {
		before := len(s.counts.refused)
		s.deliver(tt.by, tt.by.activity("Invite", fmt.Sprintf("/i/%d", i), tt.object, with("target", tt.target)))
		if got := fmt.Sprint(s.counts.refused[before:]); got != fmt.Sprint([]string{tt.want}) && (tt.want != "" || got != "[]") {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	id := coop.IRI(norte.iri + "/i/5")
	for _, tt := range []struct {
		name string
		by   *remote
		want coop.MembershipState
	}{
		{"taken back by another", sur, coop.MembershipInvited},
		{"taken back", norte, coop.MembershipRemoved},
	} {
		s.deliver(tt.by, tt.by.activity("Undo", "/u/1", string(id)))
		if m, err := s.store.MembershipByInvite(s.ctx, id); err != nil || m.State != tt.want {
			t.Errorf("%s: %+v, %v", tt.name, m, err)
		}
	}
}

// TestOurInvitationIsAnsweredByWhoWasInvited and by nobody else.
func TestOurInvitationIsAnsweredByWhoWasInvited(t *testing.T) {
	s := newScene(t)
	brisa := s.q.actor("Organization", "brisa")
	id := here + "/federation/invites/1"
	s.putMember(s.actorOf(brisa), s.federation, func(m *coop.Membership) {
		m.State, m.MemberSays, m.OrganizationSays, m.InviteIRI = coop.MembershipInvited, false, false, coop.IRI(id)
	})
	for _, tt := range []struct {
		by   *remote
		verb string
		want string
	}{
		{s.mallory, "Accept", "[]"},
		{s.mallory, "Reject", "[]"},
		{brisa, "Accept", "[invited brisa: true ]"},
	} {
		s.deliver(tt.by, tt.by.activity(tt.verb, "/a/"+tt.verb, id))
		if got := fmt.Sprint(s.asked.take()); got != tt.want {
			t.Errorf("%s by %s: %s, want %s; %v", tt.verb, tt.by.name, got, tt.want, s.counts.refused)
		}
	}
}
