// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"

	"minga/coop"
	"minga/storage"
)

// likes tells whether a post is liked by an actor.
func (s *scene) likes(r *remote, p *coop.Post) bool {
	s.t.Helper()
	a, err := s.store.AccountByIRI(s.ctx, coop.IRI(r.iri))
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = s.store.ReactionOf(s.ctx, storage.Like, a.ID, p.ID)
	return err == nil
}

// TestNeighboursTakeNoIDs: an id says of which server something is, and not of whom. Who
// uses a neighbour's id first, in whatever it sends, takes nothing from the neighbour.
func TestNeighboursTakeNoIDs(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	id := func(path string) string { return s.bob.iri + path }
	for n, activity := range []doc{
		s.mallory.activity("Undo", "/u/1", id("/likes/1")),
		s.mallory.activity("Delete", "/d/1", id("/likes/1")),
		s.mallory.activity("Like", "/x", string(p.IRI), with("id", id("/likes/2"))),
		s.mallory.activity("Like", "/x", string(p.IRI), with("id", id("/c/1"))),
		s.mallory.activity("Follow", "/x", here+"/coops/telar", with("id", id("/follows/1"))),
	} {
		s.deliver(s.mallory, activity)
		if t.Failed() {
			t.Fatal(n)
		}
	}
	for n := range 2 {
		like := s.bob.activity("Like", fmt.Sprintf("/likes/%d", n+1), string(p.IRI))
		s.deliver(s.bob, like)
		if !s.likes(s.bob, p) {
			t.Errorf("like %d was kept out by a neighbour", n+1)
		}
		s.deliver(s.bob, s.bob.activity("Undo", fmt.Sprintf("/undo/%d", n+1), like))
		if s.likes(s.bob, p) {
			t.Errorf("like %d stays for a neighbour's sake", n+1)
		}
	}
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", s.bob.note("/n/1")))
	if s.post(id("/n/1")) == nil {
		t.Error("a post was kept out by a neighbour's activity of the same id")
	}
	follow := s.bob.activity("Follow", "/follows/1", here+"/people/ana")
	s.deliver(s.bob, follow)
	s.deliver(s.bob, s.bob.activity("Undo", "/undo/f", follow))
	if n, err := s.store.CountFollowers(s.ctx, s.ana.ID, ""); err != nil || n != 0 {
		t.Errorf("%d followers stay for a neighbour's sake, %v", n, err)
	}
	if !s.likes(s.mallory, p) {
		t.Error("the neighbour's own like is gone")
	}
}

// TestAPostIsNoActor: one id is one thing: a note under the id of an actor is none.
func TestAPostIsNoActor(t *testing.T) {
	s := newScene(t)
	for _, id := range []string{s.bob.iri, s.mallory.iri} {
		s.follows(s.ana, s.mallory)
		s.deliver(s.bob, s.bob.activity("Create", "/c/"+id[len(id)-3:], s.bob.note("/x", with("id", id))))
		if s.post(id) != nil {
			t.Errorf("a note is kept as %s", id)
		}
	}
}

// TestFlagsOfWhatIsHidden: who may not see a post cannot bring it before moderators.
func TestFlagsOfWhatIsHidden(t *testing.T) {
	s := newScene(t)
	hidden, seen := s.localPost(s.ana, "/notes/1"), s.localPost(s.ana, "/notes/2")
	s.write(func(tx *storage.Tx) error {
		hidden.Visibility, hidden.To, hidden.Cc = coop.VisibleDirect, nil, nil
		hidden.Updated = s.clock.Now()
		_, err := tx.UpdatePost(s.ctx, hidden, storage.Arrival{})
		return err
	})
	s.deliver(s.bob, s.bob.activity("Flag", "/f/1", []string{string(hidden.IRI), string(seen.IRI)}))
	list, err := s.store.Reports(s.ctx, storage.ReportQuery{}, coop.Page{Limit: 10})
	if err != nil || len(list) != 1 || len(list[0].Posts) != 1 || list[0].Posts[0] != seen.ID {
		t.Errorf("reports %+v, %v", list, err)
	}
}
