// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestBlockEndsFollowsAloud: the other side hears of the end of each follow before
// the Block, since many servers only note that.
func TestBlockEndsFollowsAloud(t *testing.T) {
	each(t, func(h *house) {
		ctx, p := t.Context(), newPeer(t)
		ana, bob := h.account(coop.Person, "ana"), p.actor(h, coop.Person, "bob", false)
		h.must(h.FollowWith(ctx, ana, bob, coop.FollowOptions{Boosts: true}))
		h.follows(bob, ana)
		h.drain()
		p.take()
		h.must(h.Block(ctx, ana, bob))
		h.drain()
		if got := says(p.take()); got != "Undo Reject Block" {
			t.Errorf("told %q", got)
		}
		for _, pair := range [][2]coop.ID{{ana.ID, bob.ID}, {bob.ID, ana.ID}} {
			if _, err := h.store.Follow(ctx, pair[0], pair[1]); !errors.Is(err, coop.ErrNotFound) {
				t.Errorf("a follow is left: %v", err)
			}
		}
		if err := h.FollowWith(ctx, ana, bob, coop.FollowOptions{}); !errors.Is(err, coop.ErrForbidden) {
			t.Errorf("follows whom she blocks: %v", err)
		}
		if err := h.Block(ctx, ana, ana); !errors.Is(err, coop.ErrForbidden) {
			t.Errorf("blocks herself: %v", err)
		}
	})
}

// TestFollowOptionsStayHere: what somebody wants of a follow is sent to nobody, and a
// follow that was accepted is not asked for again.
func TestFollowOptionsStayHere(t *testing.T) {
	h, ctx, p := newHouse(t), t.Context(), newPeer(t)
	ana, bob := h.account(coop.Person, "ana"), p.actor(h, coop.Person, "bob", false)
	h.must(h.FollowWith(ctx, ana, bob, coop.FollowOptions{Bell: true, Languages: []string{"es"}}))
	h.drain()
	if got := says(p.take()); got != "Follow" {
		t.Fatalf("told %q", got)
	}
	relation := func() *coop.Relationship {
		found, err := h.store.Relationships(ctx, ana.ID, []coop.ID{bob.ID}, false)
		h.must(err)
		return found[bob.ID]
	}
	if r := relation(); !r.Requested || r.Following || !r.Options.Bell || r.Options.Boosts || len(r.Options.Languages) != 1 {
		t.Errorf("asked: %+v", r)
	}
	h.follows(ana, bob)
	h.must(h.FollowWith(ctx, ana, bob, coop.FollowOptions{Boosts: true}))
	h.drain()
	if got := says(p.take()); got != "" {
		t.Errorf("a change of options told %q", got)
	}
	if r := relation(); !r.Following || r.Options.Bell || !r.Options.Boosts || r.Options.Languages != nil {
		t.Errorf("accepted: %+v", r)
	}
	var invalid *coop.InvalidError
	if err := h.FollowWith(ctx, ana, bob, coop.FollowOptions{Languages: []string{"x y"}}); !errors.As(err, &invalid) || invalid.Field != "languages" {
		t.Errorf("no language: %v", err)
	}
}

func TestRemoveFollower(t *testing.T) {
	h, ctx, p := newHouse(t), t.Context(), newPeer(t)
	ana, bob := h.account(coop.Person, "ana"), p.actor(h, coop.Person, "bob", false)
	h.follows(bob, ana)
	h.must(h.RemoveFollower(ctx, ana, bob))
	h.must(h.RemoveFollower(ctx, ana, bob))
	h.drain()
	if got := says(p.take()); got != "Reject" {
		t.Errorf("told %q", got)
	}
}

func TestBlockServer(t *testing.T) {
	each(t, func(h *house) {
		ctx, p, q := t.Context(), newPeer(t), newPeer(t)
		ana, bea := h.account(coop.Person, "ana"), h.account(coop.Person, "bea")
		bob, cleo, far := p.actor(h, coop.Person, "bob", false), p.actor(h, coop.Person, "cleo", false), q.actor(h, coop.Person, "far", false)
		for _, pair := range [][2]*coop.Account{{ana, bob}, {cleo, ana}, {bea, bob}, {ana, far}} {
			h.follows(pair[0], pair[1])
		}
		h.must(h.BlockServer(ctx, ana, bob.Host))
		h.must(h.BlockServer(ctx, ana, bob.Host))
		if err := h.FollowWith(ctx, ana, bob, coop.FollowOptions{}); !errors.Is(err, coop.ErrForbidden) {
			t.Errorf("follows somebody of a server that she left: %v", err)
		}
		h.drain()
		if got := strings.Fields(says(p.take())); len(got) != 2 || got[0] == got[1] {
			t.Errorf("told %v, want an Undo and a Reject", got)
		}
		if got := says(q.take()); got != "" {
			t.Errorf("another server was told %q", got)
		}
		for _, stays := range [][2]*coop.Account{{bea, bob}, {ana, far}} {
			if _, err := h.store.Follow(ctx, stays[0].ID, stays[1].ID); err != nil {
				t.Errorf("%s follows %s: %v", stays[0].Name, stays[1].Name, err)
			}
		}
		h.must(h.UnblockServer(ctx, ana, bob.Host))
		list, err := h.store.ServerBlocks(ctx, ana.ID, coop.Page{})
		if err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		for _, bad := range []string{"", "a b", "http://x.example/", h.o.Local.Host, h.o.Local.AccountDomain} {
			var invalid *coop.InvalidError
			if err := h.BlockServer(ctx, ana, bad); !errors.As(err, &invalid) || invalid.Field != "domain" {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

func TestProfileAsTyped(t *testing.T) {
	h, ctx := newHouse(t), t.Context()
	ana, bea := h.account(coop.Person, "ana"), h.account(coop.Person, "bea")
	ana.BioSource = "Bakes with @bea. #pan"
	ana.Fields = []coop.Field{
		{Name: "Web", Source: "https://telar.example/ana"},
		{Name: "Con", Source: "@bea <b>&</b>"},
		{Name: "HTML", Value: `<a href="https://x.example/" onclick="x()">x</a>`},
		{Name: "Nada", Source: "\u2028 "},
	}
	ana.Posting = coop.Posting{Visibility: coop.VisibleFollowers, Sensitive: true, Language: "ca"}
	ana.HideCollections = true
	h.must(h.UpdateActor(ctx, ana))
	kept := h.find(ana.IRI)
	if link := coop.FieldLink(kept.Fields[0].Value); link != "https://telar.example/ana" || !strings.Contains(kept.Fields[0].Value, `rel="me `) || kept.Fields[0].Source != "https://telar.example/ana" {
		t.Errorf("%+v leads to %q", kept.Fields[0], link)
	}
	if v := kept.Fields[1].Value; !strings.Contains(v, `href="`+bea.URL+`"`) || !strings.Contains(v, "&lt;b&gt;&amp;") {
		t.Errorf("%s", v)
	}
	if v := kept.Fields[2].Value; strings.Contains(v, "onclick") || kept.Fields[3].Value != "" {
		t.Errorf("%s and %q", v, kept.Fields[3].Value)
	}
	if !strings.Contains(kept.Bio, bea.URL) || !strings.Contains(kept.Bio, "hashtag") || kept.BioSource != ana.BioSource {
		t.Errorf("%s", kept.Bio)
	}
	if kept.Posting != ana.Posting || !kept.HideCollections {
		t.Errorf("%+v", kept.Posting)
	}
	h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return due(ctx, tx, 1) }))
}

// TestProfileIsSentWhenItChanges: and not when only the account's own affairs did.
func TestProfileIsSentWhenItChanges(t *testing.T) {
	h, ctx, p := newHouse(t), t.Context(), newPeer(t)
	ana, bob := h.account(coop.Person, "ana"), p.actor(h, coop.Person, "bob", false)
	h.follows(bob, ana)
	for _, tt := range []struct {
		name   string
		change func()
		want   string
	}{
		{"how she posts", func() { ana.Posting.Sensitive, ana.HideCollections = true, true }, ""},
		{"a name", func() { ana.DisplayName = "Ana" }, "Update"},
		{"nothing", func() {}, ""},
		{"a field", func() { ana.Fields = []coop.Field{{Name: "Web", Source: "https://telar.example/"}} }, "Update"},
		{"that she wants to be asked", func() { ana.Locked = true }, "Update"},
	} {
		tt.change()
		h.must(h.UpdateActor(ctx, ana))
		h.drain()
		if got := says(p.take()); got != tt.want {
			t.Errorf("%s: told %q, want %q", tt.name, got, tt.want)
		}
	}
	if !h.find(ana.IRI).Posting.Sensitive {
		t.Error("what was not sent was not kept")
	}
}

// TestHiddenFollows: an account that hides whom it follows shows the number alone.
func TestHiddenFollows(t *testing.T) {
	h, ctx, p := newHouse(t), t.Context(), newPeer(t)
	telar, bob := h.account(coop.Coop, "telar"), p.actor(h, coop.Person, "bob", false)
	h.follows(bob, telar)
	for _, hides := range []bool{false, true} {
		telar.HideCollections = hides
		head, err := h.Collection(ctx, coop.Anonymous(), telar, CollectionFollowers, "")
		h.must(err)
		page, err := h.Collection(ctx, coop.Anonymous(), telar, CollectionFollowers, firstPage)
		h.must(err)
		if !strings.Contains(string(head), `"totalItems":1`) || strings.Contains(string(page), string(bob.IRI)) == hides {
			t.Errorf("hidden %v: %s and %s", hides, head, page)
		}
	}
}

// due demands that so many looks at the links of profiles wait.
func due(ctx context.Context, tx *storage.Tx, want int) error {
	tasks, err := tx.ClaimTasks(ctx, []string{storage.TaskVerifyFields}, 10, hours(1))
	if err == nil && len(tasks) != want {
		err = errors.New("another number of looks is due")
	}
	return err
}
