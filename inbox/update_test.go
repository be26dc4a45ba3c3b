// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
)

func TestUpdatePost(t *testing.T) {
	s := newScene(t)
	old := s.posted()
	update := func(r *remote, path, text, at string, change ...func(doc)) {
		note := s.bob.note("/n/1", append([]func(doc){with("content", text), with("updated", at)}, change...)...)
		s.deliver(r, r.activity("Update", path, note))
	}
	content := func() string { return s.post(string(old.IRI)).Content }
	update(s.bob, "/u/1", "<p>two</p>", "2030-05-01T11:30:00Z")
	if content() != "<p>two</p>" {
		t.Fatalf("not updated: %v", s.counts.refused)
	}
	s.p.put(s.bob.note("/n/1", with("content", "<p>two</p>"), with("updated", "2030-05-01T11:30:00Z")))
	update(s.bob, "/u/2", "<p>older</p>", "2030-05-01T11:10:00Z")
	s.p.forget()
	update(s.mallory, "/u/3", "<p>forged by a neighbour</p>", "2030-05-01T11:40:00Z")
	update(s.mallory, "/u/4", "<p>forged, and named as owner</p>", "2030-05-01T11:41:00Z", with("attributedTo", s.mallory.iri))
	if n := s.p.count("/users/bob/n/1"); n != 0 {
		t.Errorf("a neighbour made us look %d times", n)
	}
	update(s.bob, "/u/5", "<p>given away</p>", "2030-05-01T11:42:00Z", with("attributedTo", s.mallory.iri))
	s.deliver(s.carol, s.carol.activity("Update", "/u/6", s.bob.note("/n/1", with("content", "<p>forged elsewhere</p>"), with("updated", "2030-05-01T11:43:00Z"))))
	if got := content(); got != "<p>two</p>" {
		t.Errorf("changed to %q", got)
	}
	if revisions, err := s.store.Revisions(s.ctx, coop.System(), old.ID); err != nil || len(revisions) != 1 {
		t.Errorf("%d revisions, %v", len(revisions), err)
	}
	if after := s.post(string(old.IRI)); after.Author.IRI != coop.IRI(s.bob.iri) {
		t.Errorf("owner %s", after.Author.IRI)
	}
}

// TestUpdateFromBeforeThePost: what says to be older than the post itself is not news,
// though it comes later.
func TestUpdateFromBeforeThePost(t *testing.T) {
	s := newScene(t)
	old := s.posted()
	before := old.Published.Add(-24 * time.Hour).Format(time.RFC3339)
	s.deliver(s.bob, s.bob.activity("Update", "/u/1", s.bob.note("/n/1", with("content", "<p>stale</p>"), with("updated", before))))
	if got := s.post(string(old.IRI)).Content; got != old.Content {
		t.Errorf("changed to %q", got)
	}
	s.deliver(s.bob, s.bob.activity("Update", "/u/2", s.bob.note("/n/1", with("content", "<p>new</p>"))))
	if got := s.post(string(old.IRI)).Content; got != "<p>new</p>" {
		t.Errorf("an Update that says no time is news: %q", got)
	}
}

func TestUpdateOfUnknownPostIsAFetch(t *testing.T) {
	s := newScene(t)
	s.p.put(s.bob.note("/n/7", with("content", "<p>as served</p>"), with("updated", "2030-05-01T11:30:00Z")))
	s.deliver(s.bob, s.bob.activity("Update", "/u/7", s.bob.note("/n/7", with("content", "<p>as sent</p>"), with("updated", "2030-05-01T11:30:00Z"))))
	if p := s.post(s.bob.iri + "/n/7"); p == nil || p.Content != "<p>as served</p>" {
		t.Errorf("kept %+v", p)
	}
	s.q.put(s.carol.note("/n/8"))
	s.deliver(s.carol, s.carol.activity("Update", "/u/8", s.carol.note("/n/8")))
	if s.post(s.carol.iri+"/n/8") != nil || s.q.count("/users/carol/n/8") != 0 {
		t.Error("a stranger made us fetch")
	}
}

func TestUpdateToTombstone(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	tombstone := doc{"id": string(p.IRI), "type": "Tombstone"}
	s.deliver(s.mallory, s.mallory.activity("Update", "/u/1", tombstone))
	if s.post(string(p.IRI)) == nil {
		t.Fatal("a neighbour removed it")
	}
	s.deliver(s.bob, s.bob.activity("Update", "/u/1", tombstone))
	if s.post(string(p.IRI)) != nil {
		t.Error("it is still there")
	}
}

func TestUpdateActor(t *testing.T) {
	s := newScene(t)
	// what is sent is not believed: name and key come from the actor's own address
	fresh := s.p.actor("Person", "bob", with("name", "Bobby"))
	fresh.rsa.ID = s.bob.rsa.ID
	forged := edit(s.bob.doc, with("name", "FORGED"), with("inbox", "https://victim.example/inbox"))
	s.p.forget()
	s.deliver(s.bob, s.bob.activity("Update", "/u/1", forged))
	a, err := s.store.AccountByIRI(s.ctx, coop.IRI(s.bob.iri))
	if err != nil || a.DisplayName != "Bobby" || a.Inbox != coop.IRI(s.bob.iri+"/inbox") {
		t.Errorf("kept %+v, %v", a, err)
	}
	// a burst is one fetch more
	for i := range 5 {
		s.send(fresh, fresh.activity("Update", fmt.Sprintf("/u/1%d", i), forged))
	}
	s.drain()
	if n := s.p.count("/users/bob"); n != 1 {
		t.Errorf("%d fetches for a burst", n)
	}
	s.clock.Advance(2 * time.Minute)
	s.drain()
	if n := s.p.count("/users/bob"); n != 2 {
		t.Errorf("%d fetches after the burst", n)
	}
	// by a third: nothing
	s.p.forget()
	s.deliver(s.carol, s.carol.activity("Update", "/u/9", forged))
	if n := s.p.count("/users/bob"); n != 0 {
		t.Errorf("a third made us fetch: %v", s.p.requests)
	}
}

// TestACarriedUpdateOfNothingNew: the origin says the same text as before and no
// time of change, so nothing changed.
func TestACarriedUpdateOfNothingNew(t *testing.T) {
	w, p, q := newWorld(t), newPeer(t), newPeer(t)
	author, replier := p.actor("Person", "author"), q.actor("Person", "replier")
	w.follows(w.ana, author)
	w.deliver(author, author.activity("Create", "/c/1", author.note("/n/1")))
	reply := replier.note("/n/9", with("inReplyTo", author.iri+"/n/1"))
	q.put(reply)
	w.deliver(author, replier.activity("Create", "/c/9", reply))
	for n, id := range []string{"/up/1", "/up/2"} {
		w.clock.Advance(time.Duration(n+1) * 10 * time.Minute)
		w.deliver(author, replier.activity("Update", id, reply))
	}
	kept := w.post(replier.iri + "/n/9")
	if kept == nil || !kept.Updated.IsZero() {
		t.Fatalf("kept %+v, want it unchanged", kept)
	}
	if revisions, err := w.store.Revisions(w.ctx, coop.System(), kept.ID); err != nil || len(revisions) != 0 {
		t.Errorf("%d revisions, %v; nothing changed", len(revisions), err)
	}
	w.clock.Advance(10 * time.Minute)
	q.put(edit(reply, with("content", "<p>other words</p>")))
	w.deliver(author, replier.activity("Update", "/up/3", reply))
	if kept := w.post(replier.iri + "/n/9"); kept.Content != "<p>other words</p>" {
		t.Errorf("the new text of the origin is not taken: %q", kept.Content)
	}
}
