// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

func TestActors(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	telar := h.member("telar")
	ana := h.account(coop.Person, "ana")
	for name, a := range map[string]*coop.Account{
		"actor-coop": telar, "actor-person": ana, "actor-federation": h.find("https://fed-sur.example/federation"),
		"actor-board": h.find("https://fed-sur.example/boards/jobs"), "actor-instance": h.find("https://fed-sur.example/actor"),
	} {
		body, err := h.ActorDocument(ctx, a)
		h.must(err)
		golden(t, name, body)
		if again, _ := h.ActorDocument(ctx, a); !bytes.Equal(again, body) {
			t.Errorf("%s changes with the reader", name)
		}
	}
	h.must(h.EnsureInstance(ctx)) // again: nothing
	for _, name := range []string{"jobs", "minga", "fed-sur.example", "jobs-x", "Ana!", ""} {
		if _, err := h.NewAccount(ctx, Registration{Kind: coop.Person, Name: name}); err == nil {
			t.Errorf("%q was given away", name)
		}
	}
	if _, err := h.NewAccount(ctx, Registration{Kind: coop.Person, Name: "telar"}); !errors.Is(err, coop.ErrConflict) {
		t.Errorf("a name twice: %v", err)
	}
}

func TestUpdateActor(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	telar := h.member("telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	telar.BioSource, telar.DisplayName = "Web y datos. #Coops\n<script>x</script>", " Cooperativa  Telar "
	telar.Fields = []coop.Field{{Name: "Web", Value: "https://telar.example"}, {Name: "Correo", Value: `<a href="javascript:x">y</a>`}}
	h.must(h.UpdateActor(ctx, telar))
	h.drain()
	golden(t, "actor-update", one(t, p.take()).body)
	telar.DisplayName = strings.Repeat("a", 101)
	var invalid coop.Invalid
	if err := h.UpdateActor(ctx, telar); !errors.As(err, &invalid) {
		t.Errorf("a name of 101 characters: %v", err)
	}
}

func TestRotateKeys(t *testing.T) { each(t, storyRotateKeys) }

func storyRotateKeys(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	before, err := h.keysOf(ctx, h.store, telar.ID)
	h.must(err)
	h.must(h.RotateKeys(ctx, telar, Rotation{}))
	after, err := h.keysOf(ctx, h.store, telar.ID)
	h.must(err)
	h.drain()
	got := one(t, p.take())
	if !h.signedBy(got, before.rsa, telar.IRI) || h.signedBy(got, after.rsa, telar.IRI) {
		t.Error("the new keys are not announced with the old one")
	}
	h.proven(got.body, telar)
	methods := got.doc["object"].(map[string]any)["assertionMethod"].([]any)
	if len(methods) != 2 || methods[1].(map[string]any)["id"] != before.ed.ID || methods[0].(map[string]any)["id"] != after.ed.ID {
		t.Errorf("assertionMethod %v", methods)
	}
	h.note(telar, "hola")
	h.drain()
	if got := one(t, p.take()); !h.signedBy(got, after.rsa, telar.IRI) {
		t.Error("a post is not signed with the new key")
	}
}

func TestDeletedAccountSaysSo(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	keys, err := h.keysOf(ctx, h.store, telar.ID)
	h.must(err)
	h.must(h.DeleteAccount(ctx, telar))
	h.Outbox.keys = newKeyring(1) // as after a restart
	h.drain()
	got := one(t, p.take())
	golden(t, "actor-delete", got.body)
	if !h.signedBy(got, keys.rsa, telar.IRI) {
		t.Error("the Delete is not signed by the account")
	}
	if err := h.DeleteAccount(ctx, h.find("https://fed-sur.example/federation")); !errors.Is(err, coop.ErrForbidden) {
		t.Errorf("the federation was deleted: %v", err)
	}
}

func TestHoldersHearOfChanges(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	telar := h.account(coop.Coop, "telar")
	post := h.note(telar, "hola")
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddHolder(ctx, post.ID, strings.TrimPrefix(p.URL, "http://"), coop.IRI(p.URL+"/inbox"))
	}))
	h.must(h.EditNote(ctx, &coop.Post{ID: post.ID, Source: "adiós"}))
	h.must(h.Delete(ctx, post))
	h.drain()
	if got := says(p.take()); got != "Update Delete" {
		t.Errorf("a holder got %q", got)
	}
}

func TestBoardAnnouncesLikes(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	telar := h.member("telar")
	post := h.job()
	h.must(h.PublishJob(ctx, telar, post))
	h.follows(p.actor(h, coop.Person, "ana", true), h.find("https://fed-sur.example/boards/jobs"))
	h.must(h.Like(ctx, h.account(coop.Person, "beto"), post))
	h.must(h.Unlike(ctx, h.find("https://fed-sur.example/people/beto"), post))
	h.drain()
	if got := says(p.take()); got != "Announce(Like) Announce(Undo)" {
		t.Errorf("followers of the board got %q", got)
	}
}

func TestCollections(t *testing.T) { each(t, storyCollections) }

func storyCollections(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar, fed, board := h.member("telar"), h.find("https://fed-sur.example/federation"), h.find("https://fed-sur.example/boards/jobs")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	post := h.job()
	h.must(h.PublishJob(ctx, telar, post))
	note := h.note(telar, "hola")
	h.must(h.PublishNote(ctx, telar, &coop.Post{Source: "y más", InReplyTo: note.IRI}))
	for _, tt := range []struct {
		owner *coop.Account
		name  CollectionName
	}{
		{telar, CollectionOutbox},
		{telar, CollectionFollowers},
		{telar, CollectionFollowing},
		{telar, CollectionFeatured},
		{telar, CollectionJobs},
		{telar, CollectionKnowledge},
		{fed, CollectionMembers},
		{fed, CollectionJobs},
		{board, CollectionOutbox},
		{board, CollectionJobs},
	} {
		for _, page := range []string{"", "first"} {
			body, err := h.Collection(ctx, coop.Anonymous(), tt.owner, tt.name, page)
			h.must(err)
			golden(t, strings.TrimSuffix("collection-"+tt.owner.Name+"-"+string(tt.name)+"-"+page, "-"), body)
		}
	}
	for _, name := range []CollectionName{CollectionReplies, CollectionContext} {
		body, err := h.PostCollection(ctx, coop.Anonymous(), note, name, "first")
		h.must(err)
		golden(t, "post-"+string(name), body)
	}
	if _, err := h.Collection(ctx, coop.Anonymous(), telar, "members", ""); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a co-op has no members collection: %v", err)
	}
	if _, err := h.Collection(ctx, coop.Anonymous(), telar, CollectionOutbox, "nonsense"); err != nil {
		t.Errorf("an odd cursor: %v", err)
	}
	body, err := JobSchema(post, telar, coop.MediaPlaces{})
	h.must(err)
	golden(t, "job-schema", body)
	h.must(h.Delete(ctx, note))
	stone, err := h.store.Tombstone(ctx, note.IRI)
	h.must(err)
	body, err = Tombstone(stone)
	h.must(err)
	golden(t, "tombstone", body)
}

func TestBoardHooks(t *testing.T) { each(t, storyBoardHooks) }

func storyBoardHooks(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	board := h.find("https://fed-sur.example/boards/jobs")
	ana := p.actor(h, coop.Person, "ana", true)
	h.follows(ana, board)
	q := newPeer(t)
	brisa := q.actor(h, coop.Coop, "brisa", true)
	post := &coop.Post{
		IRI: brisa.IRI + "/jobs/1", AuthorID: brisa.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public},
		Cc: []coop.IRI{board.IRI}, Content: "<p>x</p>", Published: h.clock.Now(),
	}
	activity := &coop.Document{IRI: brisa.IRI + "/jobs/1/create", Body: []byte(`{"@context":"https://www.w3.org/ns/activitystreams","id":"` + string(brisa.IRI) + `/jobs/1/create","type":"Create",  "odd":[1 , 2]}`)}
	announce := func(first bool) {
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			if post.ID == 0 {
				if _, err := tx.AddPost(ctx, post, storage.Arrival{Activity: activity}); err != nil {
					return err
				}
			}
			return h.BoardAnnounce(ctx, tx, board, activity, post, first)
		}))
		h.drain()
	}
	announce(true)
	got := p.take()
	if says(got) != "Announce(Create) Announce" || !bytes.Contains(got[0].body, activity.Body) {
		t.Errorf("followers got %q", says(got))
	}
	if got := says(q.take()); got != "Announce" {
		t.Errorf("the author got %q", got)
	}
	announce(true)
	if got := p.take(); len(got) != 0 {
		t.Errorf("announced twice: %q", says(got))
	}
	activity = &coop.Document{IRI: brisa.IRI + "/jobs/1/update", Body: []byte(`{"type":"Update","odd":{"even":1}}`)}
	announce(false) // its terms have no context, so nobody could understand them inside ours
	activity = &coop.Document{IRI: brisa.IRI + "/jobs/1/large", Body: []byte(`{"@context":[],"type":"Update","content":"` + strings.Repeat("x", 950<<10) + `"}`)}
	announce(false)
	if got := p.take(); len(got) != 0 {
		t.Errorf("announced what cannot be: %q", says(got))
	}
}

func TestForward(t *testing.T) { each(t, storyForward) }

func storyForward(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	q := newPeer(t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	brisa := q.actor(h, coop.Person, "brisa", true)
	h.follows(brisa, telar)
	note := h.note(telar, "hola")
	h.drain()
	p.take()
	q.take()
	raw := []byte(`{ "id":"` + string(brisa.IRI) + `/r/1/create", "type":"Create" }`)
	reply := &coop.Post{IRI: brisa.IRI + "/r/1", AuthorID: brisa.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic, InReplyTo: note.IRI, To: []coop.IRI{coop.Public}, Content: "<p>x</p>", Published: h.clock.Now()}
	activity := &coop.Document{IRI: brisa.IRI + "/r/1/create", Body: raw}
	for range 2 {
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			if _, err := tx.AddPost(ctx, reply, storage.Arrival{Activity: activity}); err != nil {
				return err
			}
			return h.Forward(ctx, tx, activity, reply, brisa.Host)
		}))
	}
	h.drain()
	got := p.take()
	if len(got) == 0 || !bytes.Equal(got[0].body, raw) {
		t.Errorf("forwarded %d times, or not the bytes", len(got))
	}
	if got := q.take(); len(got) != 0 {
		t.Errorf("sent back %q", says(got))
	}
}

// TestADeletionReachesWhoGotSomething: a former follower's server, one that holds a post,
// and one that was followed; each once, and none that nothing ever went to.
func TestADeletionReachesWhoGotSomething(t *testing.T) { each(t, storyDeletionReaches) }

func storyDeletionReaches(h *house) {
	t, ctx := h.t, h.t.Context()
	ana := h.account(coop.Person, "ana")
	former, holder, followed, stranger, blocked := newPeer(t), newPeer(t), newPeer(t), newPeer(t), newPeer(t)
	fan := former.actor(h, coop.Person, "eva", true)
	for _, p := range []*peer{holder, followed, stranger, blocked} {
		p.actor(h, coop.Person, "eva", true)
	}
	h.follows(fan, ana)
	post := h.note(ana, "hola")
	h.drain()
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		for _, p := range []*peer{holder, blocked} {
			if err := tx.AddHolder(ctx, post.ID, strings.TrimPrefix(p.URL, "http://"), coop.IRI(p.URL+"/inbox")); err != nil {
				return err
			}
		}
		if _, err := tx.RemoveFollow(ctx, fan.ID, ana.ID); err != nil {
			return err
		}
		return tx.PutPeer(ctx, &coop.Peer{Host: strings.TrimPrefix(blocked.URL, "http://"), Policy: coop.PolicyBlock})
	}))
	_, err := h.Follow(ctx, ana, h.find(coop.IRI(followed.URL+"/eva")))
	h.must(err)
	h.drain()
	for _, p := range []*peer{former, followed} {
		p.take()
	}
	h.must(h.DeleteAccount(ctx, ana))
	h.drain()
	for name, p := range map[string]*peer{"of a former follower": former, "that holds a post": holder, "that was followed": followed} {
		if got := says(p.take()); got != "Delete" {
			t.Errorf("the server %s got %q", name, got)
		}
	}
	for name, p := range map[string]*peer{"that got nothing": stranger, "that is blocked": blocked} {
		if got := says(p.take()); got != "" {
			t.Errorf("the server %s got %q", name, got)
		}
	}
}
