// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"testing"

	"minga/coop"
)

// scene is a world with two servers: bob and mallory live on one, carol on the
// other; ana follows bob.
type scene struct {
	*world
	p, q                *peer
	bob, mallory, carol *remote
	bobAccount          *coop.Account
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{world: newWorld(t), p: newPeer(t), q: newPeer(t)}
	s.bob, s.mallory, s.carol = s.p.actor("Person", "bob"), s.p.actor("Person", "mallory"), s.q.actor("Person", "carol")
	s.bobAccount = s.follows(s.ana, s.bob)
	return s
}

// posted delivers a note of bob's and gives it as kept.
func (s *scene) posted(change ...func(doc)) *coop.Post {
	s.t.Helper()
	note := s.bob.note("/n/1", change...)
	s.p.put(note)
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", note))
	p := s.post(note["id"].(string))
	if p == nil {
		s.t.Fatalf("the note is not kept: %v", s.counts.refused)
	}
	return p
}

// told lists what an account was told.
func (w *world) told(a *coop.Account) []string {
	w.t.Helper()
	list, err := w.store.Notifications(w.ctx, a.ID, coop.Page{Limit: 40})
	if err != nil {
		w.t.Fatal(err)
	}
	var kinds []string
	for _, n := range list {
		kinds = append(kinds, string(n.Kind))
	}
	return kinds
}
