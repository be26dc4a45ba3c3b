// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

func TestDelete(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	iri := string(p.IRI)
	s.p.forget()
	s.deliver(s.carol, s.carol.activity("Delete", "/d/1", iri))
	if n := s.p.count("/users/bob/n/1"); n != 0 {
		t.Errorf("a third server made us look %d times", n)
	}
	s.deliver(s.mallory, s.mallory.activity("Delete", "/d/2", iri)) // of the same host: we look, and it is there
	if s.post(iri) == nil {
		t.Fatal("deleted by somebody else")
	}
	s.deliver(s.bob, s.bob.activity("Delete", "/d/3", doc{"id": iri, "type": "Tombstone"}))
	if s.post(iri) != nil {
		t.Fatal("not deleted")
	}
	if _, err := s.store.Tombstone(s.ctx, p.IRI); err != nil {
		t.Errorf("tombstone: %v", err)
	}
	s.clock.Advance(29 * 24 * time.Hour)
	s.deliver(s.bob, s.bob.activity("Create", "/c/again", s.bob.note("/n/1")))
	if s.post(iri) != nil {
		t.Error("it came back")
	}
}

func TestUndoDelete(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	s.follows(s.telar, s.mallory)
	withdrawn := s.bob.activity("Delete", "/d/1", string(p.IRI))
	s.deliver(s.bob, withdrawn)
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/1", edit(withdrawn, without("actor"))))
	if s.post(string(p.IRI)) != nil {
		t.Fatal("brought back by a neighbour")
	}
	s.p.answers("/users/bob/n/1", 410)
	s.deliver(s.bob, s.bob.activity("Undo", "/u/2", withdrawn))
	if s.post(string(p.IRI)) != nil {
		t.Fatal("brought back although its origin does not have it")
	}
	s.p.answers("/users/bob/n/1", 0)
	s.clock.Advance(10 * time.Minute)
	s.deliver(s.bob, s.bob.activity("Undo", "/u/3", withdrawn))
	if again := s.post(string(p.IRI)); again == nil || again.Content != "<p>hello</p>" {
		t.Errorf("not brought back: %v", s.counts.refused)
	}
}

func TestDeleteByModeratorOfTheSameServer(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	s.p.answers(strings.TrimPrefix(string(p.IRI), s.p.url), 410)
	s.deliver(s.mallory, s.mallory.activity("Delete", "/d/1", string(p.IRI)))
	if s.post(string(p.IRI)) != nil {
		t.Error("what its server calls gone is still shown")
	}
}

func TestDeleteBeforeCreate(t *testing.T) {
	s := newScene(t)
	s.deliver(s.carol, s.carol.activity("Delete", "/d/0", s.bob.iri+"/n/1")) // the forged twin
	s.deliver(s.bob, s.bob.activity("Delete", "/d/1", s.bob.iri+"/n/2"))
	s.deliver(s.bob, s.bob.activity("Create", "/c/2", s.bob.note("/n/2")))
	if s.post(s.bob.iri+"/n/2") != nil {
		t.Error("a late Create came to life")
	}
	s.posted()
}

// TestNeighboursBuryNothing: who lives on the same server may neither delete nor undo
// what is another's, whether it came already or comes later.
func TestNeighboursBuryNothing(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	for n, id := range []string{s.bob.iri, string(p.IRI), s.bob.iri + "/n/later"} {
		s.deliver(s.mallory, s.mallory.activity("Delete", fmt.Sprintf("/d/%d", n), id))
		s.deliver(s.mallory, s.mallory.activity("Undo", fmt.Sprintf("/u/%d", n), id))
	}
	for _, id := range []string{s.bob.iri, string(p.IRI)} {
		if stone, err := s.store.Tombstone(s.ctx, coop.IRI(id)); err == nil {
			t.Errorf("%s has a tombstone: %+v", id, stone)
		}
	}
	s.deliver(s.bob, s.bob.activity("Create", "/c/later", s.bob.note("/n/later")))
	if s.post(s.bob.iri+"/n/later") == nil {
		t.Error("a post was buried before it came")
	}
}

func TestDeleteActor(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	s.deliver(s.mallory, s.mallory.activity("Delete", "/d/1", s.bob.iri))
	if a, _ := s.store.Account(s.ctx, s.bobAccount.ID); !a.DeletedAt.IsZero() {
		t.Fatal("deleted by a neighbour")
	}
	s.deliver(s.bob, s.bob.activity("Delete", "/d/2", s.bob.iri))
	if a, _ := s.store.Account(s.ctx, s.bobAccount.ID); a.DeletedAt.IsZero() {
		t.Error("not deleted")
	}
	if s.post(string(p.IRI)) != nil {
		t.Error("its posts are still there")
	}
	if n, _ := s.store.CountFollowing(s.ctx, s.ana.ID, ""); n != 0 {
		t.Error("it is still followed")
	}
}
