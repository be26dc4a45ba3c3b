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

// one is the only thing that came.
func one(t *testing.T, list []received) received {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("got %q, want one", says(list))
	}
	return list[0]
}

func (h *house) article() *coop.Post {
	return &coop.Post{
		Language: "es", Title: "Cómo fijamos nuestros ingresos, ¡y qué salió mal!", Summary: "Tres modelos en once años.", Hashtags: []string{"ingresos"},
		Source:  "Cambiamos **tres** veces.\n\n## Ingresos iguales\n\n![la sala](https://telar.example/sala.jpg)\n",
		Article: &coop.Article{License: "https://creativecommons.org/licenses/by-sa/4.0/"},
	}
}

func TestArticleGoesRound(t *testing.T) { each(t, storyArticleGoesRound) }

func storyArticleGoesRound(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar := h.member("telar")
	ana := p.actor(h, coop.Person, "ana", true)
	h.follows(ana, telar)
	h.follows(ana, h.find("https://fed-sur.example/boards/library"))
	post := h.article()
	h.must(h.PublishArticle(ctx, telar, post))
	if post.IRI != "https://fed-sur.example/coops/telar/articles/como-fijamos-nuestros-ingresos-y-que-salio-mal" {
		t.Errorf("id %s", post.IRI)
	}
	h.drain()
	got := p.take()
	if says(got) != "Create Announce(Create) Announce" {
		t.Fatalf("sent %q", says(got))
	}
	golden(t, "article-create", got[0].body)
	again := h.article()
	h.must(h.PublishArticle(ctx, telar, again))
	if !strings.HasSuffix(string(again.IRI), "-2") {
		t.Errorf("the second of that title is %s", again.IRI)
	}
	h.drain()
	p.take()
	h.clock.Advance(hours(1))
	edit := *post
	meta := *post.Article
	edit.Article, edit.Source = &meta, "Cambiamos cuatro veces."
	h.must(h.EditArticle(ctx, &edit))
	h.drain()
	got = p.take()
	if says(got) != "Update Announce(Update)" || got[0].doc["object"].(map[string]any)["version"] != "2" {
		t.Errorf("edit: %q", says(got))
	}
	old := *post
	if err := h.EditArticle(ctx, &old); !errors.Is(err, coop.ErrConflict) {
		t.Errorf("an old version was edited: %v", err)
	}
	h.clock.Advance(hours(1))
	_, err := h.StepArticle(ctx, post.ID, "supersede", "https://fed-sur.example/coops/telar/articles/nuevo")
	h.must(err)
	h.drain()
	got = p.take()
	golden(t, "article-superseded", got[0].body)
	var invalid *coop.InvalidError
	if err := h.PublishArticle(ctx, telar, &coop.Post{Title: "Algo", Source: "x", Language: "es"}); !errors.As(err, &invalid) {
		t.Errorf("without summary: %v", err)
	}
}

func TestMembersOnlyArticleIsACard(t *testing.T) { each(t, storyMembersOnlyArticleIsACard) }

func storyMembersOnlyArticleIsACard(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar, fed := h.member("telar"), h.find("https://fed-sur.example/federation")
	brisa, ana := p.actor(h, coop.Coop, "brisa", true), p.actor(h, coop.Person, "ana", true)
	h.follows(ana, telar)
	m := &coop.Membership{JoinIRI: brisa.IRI + "/joins/1", IRI: fed.IRI + "/memberships/9", Member: brisa, Organization: fed, Role: coop.RoleFull, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutMembership(ctx, m) }))
	post := h.article()
	post.Visibility = coop.VisibleMembers
	h.must(h.PublishArticle(ctx, telar, post))
	h.drain()
	got := one(t, p.take())
	if got.path != "/brisa/inbox" || bytes.Contains(got.body, []byte("Cambiamos")) || bytes.Contains(got.body, []byte("proof")) {
		t.Errorf("%s got %s", got.path, got.body)
	}
	golden(t, "article-members", got.body)
	if _, err := h.store.VisibleDocument(ctx, coop.Anonymous(), post.IRI); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("anybody may read it: %v", err)
	}
	doc, err := h.store.VisibleDocument(ctx, coop.Signed(brisa.ID, brisa.Host), post.IRI)
	h.must(err)
	if !bytes.Contains(doc.Body, []byte("Cambiamos")) {
		t.Error("a member does not get the text")
	}
}

func TestNoteWithMentionsAndReply(t *testing.T) {
	h, p, ctx := newHouse(t), newPeer(t), t.Context()
	telar := h.account(coop.Coop, "telar")
	ana := p.actor(h, coop.Person, "ana", false)
	post := &coop.Post{Source: "Hola @ana@" + ana.Host + " y @telar: #Coops, https://telar.example/x", Language: "es"}
	h.must(h.PublishNote(ctx, telar, post))
	h.drain()
	got := one(t, p.take())
	golden(t, "note-create", got.body)
	reply := &coop.Post{Source: "De acuerdo.", InReplyTo: post.IRI}
	h.must(h.PublishNote(ctx, h.account(coop.Person, "beto"), reply))
	if reply.Thread != post.Thread || len(reply.Cc) != 2 || reply.Cc[1] != telar.IRI {
		t.Errorf("reply in %s to %v %v", reply.Thread, reply.To, reply.Cc)
	}
	h.clock.Advance(hours(1))
	h.must(h.EditNote(ctx, &coop.Post{ID: post.ID, Source: "Hola @ana@" + ana.Host + ", corrijo."}))
	h.drain()
	if got := says(p.take()); got != "Update" {
		t.Errorf("edit: %q", got)
	}
	var invalid *coop.InvalidError
	if err := h.PublishNote(ctx, telar, &coop.Post{Source: " \n"}); !errors.As(err, &invalid) {
		t.Errorf("nothing was said: %v", err)
	}
	if err := h.PublishNote(ctx, telar, &coop.Post{Source: strings.Repeat("a", 5001)}); !errors.As(err, &invalid) {
		t.Errorf("too long: %v", err)
	}
}

func TestAudiences(t *testing.T) { each(t, storyAudiences) }

func storyAudiences(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar := h.account(coop.Coop, "telar")
	ana, beto := p.actor(h, coop.Person, "ana", true), p.actor(h, coop.Person, "beto", true)
	h.follows(ana, telar)
	for _, tt := range []struct {
		v      coop.Visibility
		paths  string
		proven bool
	}{
		{coop.VisiblePublic, "/inbox", true},
		{coop.VisibleUnlisted, "/inbox", true},
		{coop.VisibleFollowers, "/inbox", false},
		{coop.VisibleDirect, "/beto/inbox", false},
		{coop.VisibleLocal, "", false},
	} {
		post := &coop.Post{Source: "Hola @beto@" + beto.Host, Visibility: tt.v}
		h.must(h.PublishNote(ctx, telar, post))
		h.drain()
		var paths []string
		for _, r := range p.take() {
			paths = append(paths, r.path)
			if proven := bytes.Contains(r.body, []byte(`"proof"`)); proven != tt.proven {
				t.Errorf("%s: proof %v", tt.v, proven)
			}
			if tt.v == coop.VisibleDirect || tt.v == coop.VisibleFollowers {
				golden(t, "note-"+string(tt.v), r.body)
			}
		}
		if got := strings.Join(paths, " "); got != tt.paths {
			t.Errorf("%s went to %q, want %q", tt.v, got, tt.paths)
		}
	}
}

func TestReactions(t *testing.T) { each(t, storyReactions) }

func storyReactions(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar, ana := h.account(coop.Coop, "telar"), p.actor(h, coop.Person, "ana", true)
	post := &coop.Post{
		IRI: ana.IRI + "/1", AuthorID: ana.ID, Kind: coop.KindNote, Type: "Note", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public},
		Content: "<p>x</p>", Published: h.clock.Now(),
	}
	secret := *post
	secret.IRI, secret.Visibility, secret.To = ana.IRI+"/2", coop.VisibleDirect, []coop.IRI{telar.IRI}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.AddPost(ctx, post, storage.Arrival{}); err != nil {
			return err
		}
		_, err := tx.AddPost(ctx, &secret, storage.Arrival{})
		return err
	}))
	for _, tt := range []struct {
		name string
		act  func() error
	}{
		{"announce", func() error { return h.Boost(ctx, telar, post) }},
		{"announce-undo", func() error { return h.Unboost(ctx, telar, post) }},
		{"like", func() error { return h.Like(ctx, telar, post) }},
		{"like-undo", func() error { return h.Unlike(ctx, telar, post) }},
	} {
		h.must(tt.act())
		h.drain()
		golden(t, tt.name, one(t, p.take()).body)
		if tt.name == "announce" || tt.name == "like" {
			h.must(tt.act()) // twice is once
			h.drain()
			if got := p.take(); len(got) != 0 {
				t.Errorf("%s twice: %q", tt.name, says(got))
			}
		}
	}
	if err := h.Boost(ctx, telar, &secret); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a direct post was boosted: %v", err)
	}
	if err := h.Like(ctx, h.account(coop.Coop, "otra"), &secret); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a hidden post was liked: %v", err)
	}
}

func TestFollows(t *testing.T) { each(t, storyFollows) }

func storyFollows(h *house) {
	t, p, ctx := h.t, newPeer(h.t), h.t.Context()
	telar, ana := h.account(coop.Coop, "telar"), p.actor(h, coop.Person, "ana", true)
	f, err := h.Follow(ctx, telar, ana)
	h.must(err)
	h.drain()
	got := one(t, p.take())
	golden(t, "follow", got.body)
	if f.State != coop.FollowAsked || got.path != "/ana/inbox" {
		t.Errorf("%s at %s", f.State, got.path)
	}
	again, err := h.Follow(ctx, telar, ana)
	h.must(err)
	h.drain()
	if one(t, p.take()); again.IRI != f.IRI {
		t.Errorf("repeated as %s", again.IRI)
	}
	h.must(h.Unfollow(ctx, telar, ana))
	h.must(h.Unfollow(ctx, telar, ana))
	h.drain()
	golden(t, "follow-undo", one(t, p.take()).body)

	theirs := &coop.Follow{IRI: ana.IRI + "/follows/1", Follower: ana, Target: telar, State: coop.FollowAsked, CreatedAt: h.clock.Now(), UpdatedAt: h.clock.Now()}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.PutFollow(ctx, theirs) }))
	h.must(h.DecideFollow(ctx, theirs, true, "Solo trabajo."))
	h.drain()
	golden(t, "accept", one(t, p.take()).body)
	h.must(h.DecideFollow(ctx, theirs, false, ""))
	h.drain()
	golden(t, "reject", one(t, p.take()).body)
	h.must(h.Block(ctx, telar, ana))
	h.must(h.Unblock(ctx, telar, ana))
	h.drain()
	if got := says(p.take()); got != "Block Undo" {
		t.Errorf("block: %q", got)
	}
}

func TestLocalFollow(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	telar, ana := h.account(coop.Coop, "telar"), h.account(coop.Person, "ana")
	f, err := h.Follow(ctx, ana, telar)
	h.must(err)
	if f.State != coop.FollowAccepted {
		t.Errorf("%s", f.State)
	}
	telar.Locked = true
	h.must(h.UpdateActor(ctx, telar))
	beto := h.account(coop.Person, "beto")
	if f, err = h.Follow(ctx, beto, telar); err != nil || f.State != coop.FollowAsked {
		t.Fatalf("%+v %v", f, err)
	}
	h.must(h.DecideFollow(ctx, f, true, ""))
	if f, err = h.store.Follow(ctx, beto.ID, telar.ID); err != nil || f.State != coop.FollowAccepted {
		t.Errorf("%+v %v", f, err)
	}
}
