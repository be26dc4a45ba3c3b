// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// named changes what an account is called.
func (w *world) named(a *coop.Account, name string, discoverable bool) {
	w.Helper()
	a.DisplayName, a.Discoverable = name, discoverable
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, a) })
}

// TestSearchAccounts: by beginnings of handles and names, whom one follows first.
func TestSearchAccounts(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		w.named(r.ana, "Ana Gómez", false)
		w.named(r.stranger, "Anahí de la Güera", true)
		shy := w.account("anacleta", "far.example", coop.Person)
		w.account("anarchists", "", coop.Coop)
		find := func(v coop.Viewer, q storage.AccountSearch) string {
			w.Helper()
			list, err := w.s.SearchAccounts(w.Context(), v, q)
			var names []string
			for _, a := range must(w, list, err) {
				names = append(names, a.Name)
			}
			return strings.Join(names, ", ")
		}
		me := coop.As(r.me.ID)
		w.same("followed first, then by handle or name", find(me, storage.AccountSearch{Text: "@an"}), "ana, stranger, anacleta, anarchists")
		w.same("anybody, who wants to be found", find(coop.Anonymous(), storage.AccountSearch{Text: "an"}), "stranger, anarchists")
		w.same("a whole handle", find(coop.Anonymous(), storage.AccountSearch{Text: "anacleta@FAR.example"}), "anacleta")
		w.same("the beginning of a host", find(me, storage.AccountSearch{Text: "@ana@far"}), "ana")
		w.same("words in any order, without accents", find(me, storage.AccountSearch{Text: "guera anahi"}), "stranger")
		w.same("all words must be there", find(me, storage.AccountSearch{Text: "ana guera"}), "stranger")
		w.same("followed ones alone", find(me, storage.AccountSearch{Text: "ana", Following: true}), "ana")
		w.same("page", find(me, storage.AccountSearch{Text: "an", Limit: 1, Offset: 1}), "stranger")
		w.same("nothing", find(me, storage.AccountSearch{Text: " @ "}), "")
		w.named(r.stranger, "Rosa", true)
		w.same("renamed", find(me, storage.AccountSearch{Text: "anahi"}), "")
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.AddBlock(ctx, storage.Block{Blocker: shy.ID, Target: r.me.ID}); err != nil {
				return err
			}
			return tx.DeleteAccount(ctx, r.ana.ID, w.clock.Now())
		})
		w.same("blocked and gone", find(me, storage.AccountSearch{Text: "ana"}), "anarchists")
		w.sound()
	})
}

// TestSearchPosts: what the viewer may find is what it may see and has to do with, or
// what wants to be found.
func TestSearchPosts(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		hidden := w.account("hidden", "far.example", coop.Person)
		for _, a := range []*coop.Account{hidden, r.eva} {
			a.Indexable = false
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, a) })
		}
		words := func(p *coop.Post) { p.Content = "<p>La panadería abrió</p>" }
		r.say(r.ana, "open", words)
		liked := r.say(hidden, "liked", words)
		kept := r.say(hidden, "kept", words)
		r.say(hidden, "not found", words)
		r.say(r.eva, "not found either", words)
		r.say(r.eva, "baker", job("Baker of the panadería"))
		r.say(r.me, "mine", words, audience(coop.VisibleFollowers, r.me.Followers))
		r.say(hidden, "to me", words, audience(coop.VisibleDirect, r.me.IRI))
		r.say(r.ana, "to eva", words, audience(coop.VisibleDirect, r.eva.IRI))
		r.say(r.ana, "something else")
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			if _, err := tx.React(ctx, storage.Reaction{Kind: storage.Like, Actor: r.me.ID, Post: liked.ID, At: w.clock.Now()}); err != nil {
				return err
			}
			return tx.Bookmark(ctx, r.me.ID, kept.ID)
		})
		find := func(v coop.Viewer, text string, change ...func(*storage.PostSearch)) string {
			w.Helper()
			q, err := coop.ParseTextQuery(text)
			s := storage.PostSearch{Text: must(w, q, err)}
			for _, c := range change {
				c(&s)
			}
			list, err := w.s.SearchPosts(w.Context(), v, s)
			return posted(must(w, list, err))
		}
		w.same("mine", find(coop.As(r.me.ID), "panaderia"), "to me, mine, baker, kept, liked, open")
		w.same("anybody's", find(coop.Anonymous(), "panaderia"), "baker, open")
		w.same("eva's", find(coop.As(r.eva.ID), "panad*"), "to eva, baker, not found either, open")
		w.same("of one author", find(coop.As(r.me.ID), "panaderia", func(s *storage.PostSearch) { s.Author = r.ana.ID }), "open")
		w.same("further on", find(coop.As(r.me.ID), "panaderia", func(s *storage.PostSearch) { s.Offset, s.Page.Limit = 2, 2 }), "baker, kept")
		liked.Content, liked.Updated = "<p>La panadería cerró</p>", w.clock.Now()
		r.do(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.UpdatePost(ctx, liked, storage.Arrival{})
			return err
		})
		w.same("changed", find(coop.As(r.me.ID), "cerro"), "liked")
		r.ana.Indexable = false
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, r.ana) })
		w.same("not any more", find(coop.Anonymous(), "panaderia"), "baker")
		w.sound()
	})
}

// TestSearchTags: by their beginning, and none that only private posts have.
func TestSearchTags(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := newReading(w)
		r.say(r.ana, "1", func(p *coop.Post) { p.Hashtags = []string{"CoopJobs", "Cooperación", "corn"} })
		r.say(r.eva, "2", func(p *coop.Post) { p.Hashtags = []string{"coopsecret"} }, audience(coop.VisibleFollowers, r.eva.Followers))
		find := func(text string, limit, offset int) string {
			w.Helper()
			tags, err := w.s.SearchTags(w.Context(), text, limit, offset)
			return strings.Join(must(w, tags, err), ", ")
		}
		w.same("beginning", find("#COOP", 10, 0), "cooperacion, coopjobs")
		w.same("page", find("coop", 1, 1), "coopjobs")
		w.same("nothing", find("#", 10, 0), "")
	})
}
