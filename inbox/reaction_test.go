// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

func TestLike(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	likes := func() int {
		n, err := s.store.CountReactions(s.ctx, coop.System(), storage.ReactionQuery{Post: p.ID, Kind: storage.Like})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	s.deliver(s.carol, s.carol.activity("Like", "/l/1", string(p.IRI)))
	s.deliver(s.carol, s.carol.activity("Like", "/l/2", string(p.IRI)))
	s.deliver(s.carol, s.carol.activity("EmojiReact", "/l/3", string(p.IRI), with("content", "🎉")))
	if likes() != 1 {
		t.Errorf("%d likes by one actor", likes())
	}
	if got := fmt.Sprint(s.told(s.ana)); got != "[favourite]" {
		t.Errorf("told %s", got)
	}
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/1", s.carol.iri+"/l/1"))
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/2", doc{"type": "Like", "actor": s.carol.iri, "object": string(p.IRI)}))
	if likes() != 1 {
		t.Error("another undid it")
	}
	s.deliver(s.carol, s.carol.activity("Undo", "/u/3", doc{"id": s.carol.iri + "/l/unknown", "type": "Like", "actor": s.carol.iri, "object": string(p.IRI)}))
	if likes() != 0 {
		t.Error("not undone by its shape")
	}
}

func TestLikeOfWhatOneMayNotSee(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	p.Visibility, p.To, p.Cc = coop.VisibleFollowers, []coop.IRI{s.ana.Followers}, nil
	p.Updated = s.clock.Now().Add(time.Second)
	s.clock.Advance(time.Minute)
	s.write(func(tx *storage.Tx) error { _, err := tx.UpdatePost(s.ctx, p, storage.Arrival{}); return err })
	s.deliver(s.carol, s.carol.activity("Like", "/l/1", string(p.IRI)))
	s.deliver(s.carol, s.carol.activity("Announce", "/a/1", string(p.IRI)))
	if got := s.told(s.ana); len(got) != 0 {
		t.Errorf("told %v", got)
	}
}

func TestUndoBeforeItsActivity(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	s.deliver(s.carol, s.carol.activity("Undo", "/u/1", s.carol.iri+"/l/1"))
	s.deliver(s.carol, s.carol.activity("Like", "/l/1", string(p.IRI)))
	s.deliver(s.carol, s.carol.activity("Undo", "/u/2", s.carol.iri+"/f/1"))
	s.deliver(s.carol, s.carol.activity("Follow", "/f/1", here+"/people/ana"))
	if got := s.told(s.ana); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/3", s.carol.iri+"/l/2")) // the forged twin
	s.deliver(s.carol, s.carol.activity("Like", "/l/2", string(p.IRI)))
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/4", s.bob.activity("Like", "/l/3", string(p.IRI)))) // by a neighbour
	s.deliver(s.bob, s.bob.activity("Like", "/l/3", string(p.IRI)))
	if got := fmt.Sprint(s.told(s.ana)); got != "[favourite favourite]" {
		t.Errorf("told %s", got)
	}
}

func TestBoost(t *testing.T) {
	s := newScene(t)
	s.q.put(s.carol.note("/n/1"))
	s.deliver(s.bob, s.bob.activity("Announce", "/a/1", s.carol.iri+"/n/1"))
	p := s.post(s.carol.iri + "/n/1")
	if p == nil {
		t.Fatalf("what a followed account boosts is not fetched: %v", s.counts.refused)
	}
	if p.Author.IRI != coop.IRI(s.carol.iri) || p.Boosts != 1 {
		t.Errorf("kept %+v", p)
	}
	if len(p.ReachedThrough) != 1 || p.ReachedThrough[0].How != "announce" || p.ReachedThrough[0].Via != s.bobAccount.ID {
		t.Errorf("reached through %+v", p.ReachedThrough)
	}
	// a stranger's boost makes us fetch nothing
	s.q.put(s.carol.note("/n/2"))
	s.deliver(s.mallory, s.mallory.activity("Announce", "/a/2", s.carol.iri+"/n/2"))
	if s.post(s.carol.iri+"/n/2") != nil || s.q.count("/users/carol/n/2") != 0 {
		t.Error("a stranger made us fetch")
	}
	// a forged copy inside is a reference
	s.q.put(s.carol.note("/n/3"))
	s.deliver(s.bob, s.bob.activity("Announce", "/a/3", s.carol.note("/n/3", with("content", "<p>forged</p>"))))
	if p := s.post(s.carol.iri + "/n/3"); p == nil || p.Content != "<p>hello</p>" {
		t.Errorf("kept %+v", p)
	}
	// only its own actor takes it back
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/1", s.bob.iri+"/a/1"))
	if s.post(s.carol.iri+"/n/1").Boosts != 1 {
		t.Error("taken back by another")
	}
	s.deliver(s.bob, s.bob.activity("Undo", "/u/2", doc{"id": s.bob.iri + "/a/1", "type": "Announce", "actor": s.bob.iri, "object": s.carol.iri + "/n/1"}))
	if s.post(s.carol.iri+"/n/1").Boosts != 0 {
		t.Error("not taken back")
	}
}

func TestBoostOfOurs(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	s.deliver(s.carol, s.carol.activity("Announce", "/a/1", string(p.IRI)))
	if got := fmt.Sprint(s.told(s.ana)); got != "[reblog]" {
		t.Errorf("told %s", got)
	}
	holders, err := s.store.Holders(s.ctx, p.ID, 10)
	if err != nil || len(holders) != 1 || holders[0].Host != s.q.host {
		t.Errorf("holders %+v, %v", holders, err)
	}
}
