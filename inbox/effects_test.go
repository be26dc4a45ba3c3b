// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
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

func TestCreate(t *testing.T) {
	s := newScene(t)
	p := s.posted(with("tag", []doc{{"type": "Hashtag", "name": "#coops"}}))
	if p.Content != "<p>hello</p>" || p.Author.ID != s.bobAccount.ID || len(p.Hashtags) != 1 {
		t.Errorf("kept %+v", p)
	}
	if len(p.ReachedThrough) != 1 || p.ReachedThrough[0].How != "direct" {
		t.Errorf("reached through %+v", p.ReachedThrough)
	}
	if _, err := s.store.Document(s.ctx, p.IRI); err != nil {
		t.Errorf("its bytes: %v", err)
	}
	if _, err := s.store.Document(s.ctx, coop.IRI(s.bob.iri+"/c/1")); err != nil {
		t.Errorf("its activity's bytes: %v", err)
	}
}

func TestCreateMentionIsTold(t *testing.T) {
	s := newScene(t)
	note := s.carol.note("/n/1", with("to", []string{public, here + "/people/ana"}),
		with("tag", []doc{{"type": "Mention", "href": here + "/people/ana", "name": "@ana@here.example"}}))
	s.deliver(s.carol, s.carol.activity("Create", "/c/1", note))
	if s.post(s.carol.iri+"/n/1") == nil {
		t.Fatal("a mention by a stranger is not kept")
	}
	if got := fmt.Sprint(s.told(s.ana)); got != "[mention]" {
		t.Errorf("told %s", got)
	}
	s.deliver(s.carol, s.carol.activity("Create", "/c/1", note))
	if got := fmt.Sprint(s.told(s.ana)); got != "[mention]" {
		t.Errorf("told again: %s", got)
	}
}

// TestCreateForged: the forged twins of Create leave nothing.
func TestCreateForged(t *testing.T) {
	for _, tt := range []struct {
		name     string
		activity func(s *scene) doc
		gone     []string
	}{
		{"a stranger's post that concerns nobody", func(s *scene) doc {
			return s.carol.activity("Create", "/c/1", s.carol.note("/n/1"))
		}, []string{"/n/1"}},
		{"the note lives on another server", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("id", s.q.url+"/n/1")))
		}, nil},
		{"the note is by somebody elsewhere", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("attributedTo", s.carol.iri)))
		}, nil},
		{"the note is by a neighbour, who did not write it", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("attributedTo", s.mallory.iri)))
		}, nil},
		{"the note is ours", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("id", here+"/people/ana/notes/1"), with("attributedTo", here+"/people/ana")))
		}, nil},
		{"a vote is no post", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("name", "yes"), with("inReplyTo", here+"/q"), without("content")))
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.deliver(s.bobOr(tt.activity(s)), tt.activity(s))
			if n := s.q.count("/n/1"); n != 0 {
				t.Errorf("made us ask another server %d times", n)
			}
			for _, iri := range []string{s.bob.iri + "/n/1", s.carol.iri + "/n/1", s.mallory.iri + "/n/1", s.q.url + "/n/1", here + "/people/ana/notes/1"} {
				if p := s.post(iri); p != nil {
					t.Errorf("kept %+v", p)
				}
			}
		})
	}
}

// TestCreateForAnotherOfTheSameServer: who posts for a group sends a copy that is
// only a reference; what is kept is what their server says.
func TestCreateForAnotherOfTheSameServer(t *testing.T) {
	s := newScene(t)
	group := s.p.actor("Group", "choir")
	s.p.put(group.note("/n/1", with("content", "<p>as served</p>")))
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", group.note("/n/1", with("content", "<p>as sent</p>"))))
	p := s.post(group.iri + "/n/1")
	if p == nil || p.Content != "<p>as served</p>" || p.Author.IRI != coop.IRI(group.iri) {
		t.Errorf("kept %+v (%v)", p, s.counts.refused)
	}
}

// bobOr is whoever the activity says that it is by.
func (s *scene) bobOr(activity doc) *remote {
	for _, r := range []*remote{s.bob, s.mallory, s.carol} {
		if activity["actor"] == r.iri {
			return r
		}
	}
	return s.bob
}

// TestForgedCopyDoesNotBlockTheTrueOne: the true post still arrives later.
func TestForgedCopyDoesNotBlockTheTrueOne(t *testing.T) {
	s := newScene(t)
	s.deliver(s.mallory, s.mallory.activity("Create", "/c/1", s.bob.note("/n/1", with("content", "<p>forged</p>"), with("to", []string{public, here + "/people/ana"}))))
	if s.post(s.bob.iri+"/n/1") != nil {
		t.Fatal("the forged one is kept")
	}
	if p := s.posted(); p.Content != "<p>hello</p>" {
		t.Errorf("kept %q", p.Content)
	}
}

func TestDirectPostToAPersonalInbox(t *testing.T) {
	s := newScene(t)
	note := s.carol.note("/n/1", with("to", []string{here + "/people/ana"}), without("cc"))
	body := encode(t, s.carol.activity("Create", "/c/1", note, with("to", []string{here + "/people/ana"})))
	if _, err := s.in.Receive(s.ctx, s.request(signed{key: s.carol.rsa, target: "/people/ana/inbox", to: s.ana}, body)); err != nil {
		t.Fatal(err)
	}
	s.drain()
	p := s.post(s.carol.iri + "/n/1")
	if p == nil || p.Visibility != coop.VisibleDirect {
		t.Fatalf("kept %+v", p)
	}
	if _, err := s.store.PostByIRI(s.ctx, coop.Anonymous(), p.IRI); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("everybody may see it: %v", err)
	}
}

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

func TestDelete(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	iri := string(p.IRI)
	s.deliver(s.carol, s.carol.activity("Delete", "/d/1", iri))
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
	if got := fmt.Sprint(s.told(s.ana)); got != "[favourite]" {
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

func TestMove(t *testing.T) {
	s := newScene(t)
	target := s.q.actor("Person", "bobby")
	move := func(r *remote, path string) {
		s.deliver(r, r.activity("Move", path, s.bob.iri, with("target", target.iri)))
	}
	move(s.bob, "/m/1") // neither side says so
	s.p.put(edit(s.bob.doc, with("movedTo", target.iri)))
	move(s.bob, "/m/2") // only the old one says so
	s.q.put(edit(target.doc, with("alsoKnownAs", []string{s.bob.iri})))
	s.deliver(s.mallory, s.mallory.activity("Move", "/m/3", s.bob.iri, with("target", target.iri))) // a third
	if got := s.asked.take(); len(got) != 0 {
		t.Fatalf("moved: %v", got)
	}
	move(s.bob, "/m/4")
	if got := fmt.Sprint(s.asked.take()); got != "[ana follows bobby instead of bob]" {
		t.Errorf("got %s (%v)", got, s.counts.refused)
	}
	move(s.bob, "/m/5")
	if got := s.asked.take(); len(got) != 0 {
		t.Errorf("moved twice within 7 days: %v", got)
	}
}

func TestBlock(t *testing.T) {
	s := newScene(t)
	s.deliver(s.mallory, s.mallory.activity("Block", "/b/0", s.carol.iri)) // not for us
	s.deliver(s.bob, s.bob.activity("Block", "/b/1", here+"/people/ana"))
	if blocked, err := s.store.Blocked(s.ctx, s.bobAccount.ID, s.ana.ID); err != nil || !blocked {
		t.Fatalf("blocked %t, %v", blocked, err)
	}
	if n, _ := s.store.CountFollowing(s.ctx, s.ana.ID, ""); n != 0 {
		t.Error("the follow goes on")
	}
	if got := s.told(s.ana); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	s.deliver(s.bob, s.bob.activity("Follow", "/f/1", here+"/people/ana"))
	if got := fmt.Sprint(s.asked.take()); got != "[follow bob → ana: false]" {
		t.Errorf("a follow over a block: %s", got)
	}
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/1", s.bob.iri+"/b/1"))
	if blocked, _ := s.store.Blocked(s.ctx, s.bobAccount.ID, s.ana.ID); !blocked {
		t.Error("undone by another")
	}
	s.deliver(s.bob, s.bob.activity("Undo", "/u/2", doc{"id": s.bob.iri + "/b/1", "type": "Block", "actor": s.bob.iri, "object": here + "/people/ana"}))
	if blocked, _ := s.store.Blocked(s.ctx, s.bobAccount.ID, s.ana.ID); blocked {
		t.Error("not undone")
	}
}

func TestFlag(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	objects := []string{here + "/people/ana", string(p.IRI), s.carol.iri}
	s.deliver(s.bob, s.bob.activity("Flag", "/f/1", objects, with("content", "look <b>here</b>"), with("attributedTo", s.carol.iri)))
	s.deliver(s.carol, s.carol.activity("Flag", "/f/2", []string{s.bob.iri})) // nothing of ours
	reports, err := s.store.Reports(s.ctx, storage.ReportQuery{}, coop.Page{Limit: 10})
	if err != nil || len(reports) != 1 {
		t.Fatalf("%d reports, %v", len(reports), err)
	}
	r := reports[0]
	if r.Reporter != s.bobAccount.ID || r.Host != s.p.host || len(r.Accounts) != 1 || len(r.Posts) != 1 || r.Comment != "look here" {
		t.Errorf("report %+v", r)
	}
}

func TestFeatured(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	pinned := func() int {
		list, err := s.store.Pinned(s.ctx, coop.System(), s.bobAccount.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	s.deliver(s.mallory, s.mallory.activity("Add", "/a/0", string(p.IRI), with("target", s.bob.iri+"/featured")))
	s.deliver(s.bob, s.bob.activity("Add", "/a/1", string(p.IRI), with("target", here+"/people/ana/featured")))
	if pinned() != 0 {
		t.Error("pinned by another, or elsewhere")
	}
	s.deliver(s.bob, s.bob.activity("Add", "/a/2", string(p.IRI), with("target", s.bob.iri+"/featured")))
	if pinned() != 1 {
		t.Errorf("not pinned: %v", s.counts.refused)
	}
	s.deliver(s.mallory, s.mallory.activity("Remove", "/r/0", string(p.IRI), with("target", s.bob.iri+"/featured")))
	if pinned() != 1 {
		t.Error("unpinned by another")
	}
	s.deliver(s.bob, s.bob.activity("Remove", "/r/1", string(p.IRI), with("target", s.bob.iri+"/featured")))
	if pinned() != 0 {
		t.Error("not unpinned")
	}
}

// TestUnknownIsAccepted: what no handler knows is answered 202 and has no effect.
func TestUnknownIsAccepted(t *testing.T) {
	s := newScene(t)
	for i, kind := range []string{"Invite", "Offer", "Dislike", "View", "Read", "Listen", "QuoteRequest", "TentativeAccept", "Zorp"} {
		s.deliver(s.bob, s.bob.activity(kind, fmt.Sprintf("/x/%d", i), here+"/people/ana"))
	}
	s.deliver(s.bob, s.bob.note("/bare"))
	if stats, err := s.store.IncomingStats(s.ctx); err != nil || stats.Waiting+stats.Aside+stats.Dead != 0 {
		t.Errorf("left %+v, %v", stats, err)
	}
	if got := s.asked.take(); len(got) != 0 {
		t.Errorf("answered %v", got)
	}
}

// TestOrderOfOneActor: what one actor sent has its effect in that order.
func TestOrderOfOneActor(t *testing.T) {
	s := newScene(t)
	s.send(s.bob, s.bob.activity("Create", "/c/1", s.bob.note("/n/1")))
	for i := range 5 {
		s.send(s.bob, s.bob.activity("Update", fmt.Sprintf("/u/%d", i), s.bob.note("/n/1", with("content", fmt.Sprintf("<p>%d</p>", i)), with("updated", fmt.Sprintf("2030-05-01T11:0%d:30Z", i)))))
	}
	s.drain()
	if p := s.post(s.bob.iri + "/n/1"); p == nil || p.Content != "<p>4</p>" {
		t.Errorf("kept %+v", p)
	}
}

// TestTemporaryFailureStepsAside: what waits for a fetch holds back nothing else
// and has its effect when the fetch works.
func TestTemporaryFailureStepsAside(t *testing.T) {
	s := newScene(t)
	s.q.put(s.carol.note("/n/1"))
	s.q.answers("/users/carol/n/1", 503)
	s.send(s.bob, s.bob.activity("Announce", "/a/1", s.carol.iri+"/n/1"))
	s.send(s.bob, s.bob.activity("Create", "/c/1", s.bob.note("/n/1")))
	s.drain()
	if s.post(s.bob.iri+"/n/1") == nil {
		t.Error("the next activity was held back")
	}
	s.q.answers("/users/carol/n/1", 0)
	s.clock.Advance(15 * time.Minute)
	s.drain()
	if s.post(s.carol.iri+"/n/1") == nil {
		t.Error("the boost was lost")
	}
}

// TestInternalFaultIsSetAside: after its tries a poison activity is set aside and
// holds nothing back.
func TestInternalFaultIsSetAside(t *testing.T) {
	s := newScene(t)
	s.q.answers("/users/carol/n/1", 503)
	s.send(s.bob, s.bob.activity("Announce", "/a/1", s.carol.iri+"/n/1"))
	for range 10 {
		s.drain()
		s.clock.Advance(13 * time.Hour)
	}
	stats, err := s.store.IncomingStats(s.ctx)
	if err != nil || stats.Dead != 1 || stats.Waiting != 0 {
		t.Errorf("left %+v, %v", stats, err)
	}
}

func TestPanicIsContained(t *testing.T) {
	caught := 0
	w := newWorld(t, func(o *Options) { o.Panicked = func(any, []byte) { caught++ } })
	p := newPeer(t)
	bob := p.actor("Person", "bob")
	w.in.o.Answers = panics{}
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if caught != 1 {
		t.Errorf("caught %d", caught)
	}
	if stats, _ := w.store.IncomingStats(w.ctx); stats.Aside != 1 {
		t.Errorf("left %+v", stats)
	}
	w.in.o.Answers = w.asked
	w.clock.Advance(time.Hour)
	w.drain()
	if got := fmt.Sprint(w.asked.take()); got != "[follow bob → ana: true]" {
		t.Errorf("answered %s", got)
	}
}
