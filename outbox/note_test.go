// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// wire is every document that is kept of an account: what others were or may be sent.
func (h *house) wire(iris ...coop.IRI) (bodies []string) {
	h.t.Helper()
	for _, p := range iris {
		if d, err := h.store.Document(h.t.Context(), p); err == nil {
			bodies = append(bodies, string(d.Body))
		}
	}
	return bodies
}

func TestLocalPostsNeverLeave(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		far := newPeer(h.t)
		telar, ana := h.member("telar"), h.account(coop.Person, "ana")
		eva := far.actor(h, coop.Person, "eva", true)
		h.follows(eva, telar)
		h.follows(eva, ana)
		secret := &coop.Post{Source: "solo aquí @eva@" + eva.Host, Visibility: coop.VisibleLocal}
		h.must(h.PublishNote(ctx, telar, secret))
		answer := &coop.Post{Source: "respondo aquí", Visibility: coop.VisiblePublic, InReplyToID: secret.ID}
		h.must(h.PublishNote(ctx, ana, answer))
		if answer.Visibility != coop.VisibleLocal {
			h.t.Errorf("the answer is %s", answer.Visibility)
		}
		h.must(h.Like(ctx, ana, secret))
		h.must(h.Pin(ctx, telar, secret))
		if err := h.Boost(ctx, ana, secret); !errors.Is(err, coop.ErrNotFound) {
			h.t.Errorf("boost: %v", err)
		}
		h.must(h.EditNote(ctx, &coop.Post{ID: secret.ID, Source: "solo aquí, corregido"}))
		h.must(h.Unlike(ctx, ana, secret))
		h.must(h.Unpin(ctx, telar, secret))
		for _, p := range []*coop.Post{secret, answer} {
			if kept, err := h.store.DocumentsOfPost(ctx, p.ID, 10); err != nil || len(kept) != 0 {
				h.t.Errorf("documents of %s: %v %v", p.IRI, kept, err)
			}
		}
		h.must(h.Delete(ctx, answer))
		h.must(h.Delete(ctx, secret))
		h.drain()
		for _, r := range far.take() {
			h.t.Errorf("the peer was sent %s", r.body)
		}
		for _, p := range []*coop.Post{secret, answer} {
			if kept := h.wire(p.IRI, below(p.IRI, "create"), below(p.IRI, "delete")); len(kept) != 0 {
				h.t.Errorf("documents are kept: %s", kept)
			}
		}
	})
}

func TestMembersAreWrittenToByMembers(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		telar, otra, ana := h.member("telar"), h.member("otra"), h.account(coop.Person, "ana")
		f, err := h.store.FederationAccount(ctx)
		h.must(err)
		inside := &coop.Post{Source: "entre nosotras", Visibility: coop.VisibleMembers, Cc: []coop.IRI{f.Members}}
		h.must(h.PublishNote(ctx, telar, inside))
		if err := h.PublishNote(ctx, ana, &coop.Post{Source: "x", Visibility: coop.VisibleMembers, Cc: []coop.IRI{f.Members}}); !field(err, "audience") {
			h.t.Errorf("a stranger: %v", err)
		}
		if err := h.PublishNote(ctx, ana, &coop.Post{Source: "x", InReplyToID: inside.ID}); !errors.Is(err, coop.ErrNotFound) {
			h.t.Errorf("a stranger's answer: %v", err)
		}
		answer := &coop.Post{Source: "sí", Visibility: coop.VisibleFollowers, InReplyToID: inside.ID}
		h.must(h.PublishNote(ctx, otra, answer))
		if answer.Visibility != coop.VisibleMembers || len(answer.To) != 1 || answer.To[0] != f.Members {
			h.t.Errorf("the answer is for %s %v", answer.Visibility, answer.To)
		}
		// The federation itself speaks to its members.
		h.must(h.PublishNote(ctx, f, &coop.Post{Source: "a todas", Visibility: coop.VisibleMembers, Cc: []coop.IRI{f.Members}}))
	})
}

func TestOwnPostForFollowersIsBoostedToThem(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		far := newPeer(h.t)
		telar, otra := h.member("telar"), h.member("otra")
		eva := far.actor(h, coop.Person, "eva", true)
		h.follows(eva, telar)
		own := &coop.Post{Source: "para quienes siguen", Visibility: coop.VisibleFollowers}
		h.must(h.PublishNote(ctx, telar, own))
		h.must(h.PublishNote(ctx, telar, &coop.Post{Source: "para todo el mundo"}))
		open := h.posts(telar)[0]
		h.drain()
		far.take()
		h.must(h.BoostFor(ctx, telar, own, coop.VisiblePublic))
		h.must(h.BoostFor(ctx, telar, open, coop.VisibleFollowers))
		h.must(h.BoostFor(ctx, telar, own, coop.VisiblePublic)) // twice is once
		h.drain()
		got := far.take()
		if says(got) != "Announce Announce" {
			h.t.Fatalf("sent %s", says(got))
		}
		for _, r := range got {
			if strings.Contains(string(r.body), "#Public") {
				h.t.Errorf("it is public: %s", r.body)
			}
		}
		if err := h.Boost(ctx, otra, own); !errors.Is(err, coop.ErrNotFound) {
			h.t.Errorf("another's: %v", err)
		}
		if err := h.BoostFor(ctx, otra, open, coop.VisibleDirect); !field(err, "visibility") {
			h.t.Errorf("a direct boost: %v", err)
		}
		// A boost for followers is nobody else's to see.
		seen := func(v coop.Viewer) int {
			list, err := h.store.Reactions(ctx, v, storage.ReactionQuery{Actor: telar.ID}, coop.Page{Limit: 10})
			h.must(err)
			return len(list)
		}
		if a, b, c := seen(coop.Anonymous()), seen(coop.As(otra.ID)), seen(coop.Signed(eva.ID, eva.Host)); a != 0 || b != 0 || c != 2 {
			h.t.Errorf("seen by anybody %d, a stranger %d, a follower %d", a, b, c)
		}
		h.must(h.Unboost(ctx, telar, own))
		h.drain()
		if got := far.take(); says(got) != "Undo" || strings.Contains(string(got[0].body), "#Public") {
			h.t.Errorf("undone by %s", says(got))
		}
	})
}

func TestPinsAreToldToFollowers(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		far := newPeer(h.t)
		telar, otra := h.member("telar"), h.member("otra")
		h.follows(far.actor(h, coop.Person, "eva", true), telar)
		var all []*coop.Post
		for range coop.MaxPins + 1 {
			p := &coop.Post{Source: "fijar"}
			h.must(h.PublishNote(ctx, telar, p))
			all = append(all, p)
		}
		h.drain()
		far.take()
		for _, p := range all[:coop.MaxPins] {
			h.must(h.Pin(ctx, telar, p))
			h.must(h.Pin(ctx, telar, p))
		}
		if err := h.Pin(ctx, telar, all[coop.MaxPins]); !field(err, "id") {
			h.t.Errorf("one too many: %v", err)
		}
		if err := h.Pin(ctx, otra, all[0]); !field(err, "id") {
			h.t.Errorf("another's: %v", err)
		}
		h.must(h.Unpin(ctx, telar, all[0]))
		h.must(h.Unpin(ctx, telar, all[0]))
		h.drain()
		got := far.take()
		if says(got) != "Add Add Add Add Add Remove" {
			h.t.Fatalf("sent %s", says(got))
		}
		golden(h.t, "pin-add", got[0].body)
		golden(h.t, "pin-remove", got[5].body)
		direct := &coop.Post{Source: "@otra hola", Visibility: coop.VisibleDirect}
		h.must(h.PublishNote(ctx, telar, direct))
		if err := h.Pin(ctx, telar, direct); !field(err, "id") {
			h.t.Errorf("a direct post: %v", err)
		}
	})
}

func TestNotesAreChecked(t *testing.T) {
	h := newHouse(t)
	ctx, ana := t.Context(), h.account(coop.Person, "ana")
	for _, tt := range []struct {
		name  string
		post  coop.Post
		field string
	}{
		{"nothing", coop.Post{}, "text"},
		{"too long", coop.Post{Source: strings.Repeat("ñ", 5001)}, "text"},
		{"a warning counts", coop.Post{Source: strings.Repeat("a", 4990), Summary: strings.Repeat("b", 11)}, "text"},
		{"addresses count 23", coop.Post{Source: strings.Repeat("https://a.example/"+strings.Repeat("x", 200)+" ", 208)}, ""},
		{"marks without end", coop.Post{Source: "a" + strings.Repeat("\u0301", 60_000)}, "text"},
		{"an unknown form", coop.Post{Source: "a", SourceType: "text/html"}, "content_type"},
		{"no language", coop.Post{Source: "a", Language: "!!"}, "language"},
		{"no audience", coop.Post{Source: "a", Visibility: "friends"}, "visibility"},
		{"direct to nobody", coop.Post{Source: "a", Visibility: coop.VisibleDirect}, ""},
		{"Markdown", coop.Post{Source: "**a**", SourceType: "text/markdown"}, ""},
		{"a file of nobody", coop.Post{Attachments: []coop.Attachment{{ID: 5}}}, "media_ids"},
		{"a poll of one", coop.Post{Source: "a", Poll: coop.NewPoll([]string{"x"}, time.Hour, false, false, h.clock.Now())}, "poll.options"},
		{"a poll", coop.Post{Poll: coop.NewPoll([]string{"x", "y"}, time.Hour, false, false, h.clock.Now())}, ""},
	} {
		err := h.PublishNote(ctx, ana, &tt.post)
		if tt.field == "" && err != nil || tt.field != "" && !field(err, tt.field) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestMarkdownNoteAndItsEdit(t *testing.T) {
	h := newHouse(t)
	ctx, ana := t.Context(), h.account(coop.Person, "ana")
	p := &coop.Post{Source: "**hola** @ana #Coops", SourceType: "text/markdown"}
	h.must(h.PublishNote(ctx, ana, p))
	if !strings.HasPrefix(p.Content, "<p><strong>hola</strong> <span class=\"h-card\"") || len(p.Hashtags) != 1 || len(p.Mentions) != 1 {
		t.Errorf("%+v", p)
	}
	h.must(h.EditNote(ctx, &coop.Post{ID: p.ID, Source: "**plano**", Poll: coop.NewPoll([]string{"sí", "no"}, time.Hour, true, false, h.clock.Now())}))
	now, err := h.store.Post(ctx, coop.As(ana.ID), p.ID)
	h.must(err)
	if now.Content != "<p>**plano**</p>" || now.SourceType != "text/plain" || now.Poll == nil || now.Kind != coop.KindQuestion {
		t.Errorf("edited to %q %s %+v", now.Content, now.Kind, now.Poll)
	}
	h.must(h.EditNote(ctx, &coop.Post{ID: p.ID, Source: "sin votación"}))
	if now, err = h.store.Post(ctx, coop.As(ana.ID), p.ID); err != nil || now.Poll != nil || now.Kind != coop.KindNote {
		t.Errorf("without the poll: %v %+v", err, now)
	}
	history, err := h.store.Revisions(ctx, coop.As(ana.ID), p.ID)
	h.must(err)
	if len(history) != 2 || len(history[0].Options) != 2 {
		t.Errorf("history %+v", history)
	}
}

func TestEditsAtOnceAndByClocksThatDisagree(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		ana := h.account(coop.Person, "ana")
		p := &coop.Post{Source: "uno"}
		h.must(h.PublishNote(ctx, ana, p))
		text := func() string {
			now, err := h.store.Post(ctx, coop.System(), p.ID)
			h.must(err)
			return now.Source
		}
		for _, source := range []string{"dos", "dos", "tres", "tres"} { // all in the same instant
			h.must(h.EditNote(ctx, &coop.Post{ID: p.ID, Source: source}))
		}
		h.clock.Advance(-time.Minute) // another node, whose clock is behind
		h.must(h.EditNote(ctx, &coop.Post{ID: p.ID, Source: "cuatro"}))
		if text() != "cuatro" {
			h.t.Errorf("the edit by the clock that is behind was lost: %q", text())
		}
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				if err := h.EditNote(ctx, &coop.Post{ID: p.ID, Source: fmt.Sprintf("a la vez %d", n)}); err != nil {
					h.t.Error(err)
				}
			})
		}
		all.Wait()
		revisions, err := h.store.Revisions(ctx, coop.System(), p.ID)
		h.must(err)
		if !strings.HasPrefix(text(), "a la vez") || len(revisions) < 11 {
			h.t.Errorf("%q after %d revisions", text(), len(revisions))
		}
	})
}
