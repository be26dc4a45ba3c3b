// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

func TestFiltersAreTheirOwners(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eve := w.account("ana", "", coop.Person), w.account("eve", "", coop.Person)
		p := w.post(eve)
		f := &coop.Filter{
			Owner: ana.ID, Title: "Noise", Contexts: []coop.FilterContext{"home", "public"}, Act: coop.FilterWarn, ExpiresAt: w.clock.Now().Add(time.Hour),
			Keywords: []coop.FilterKeyword{{Keyword: "casino", WholeWord: true}, {Keyword: "crypto"}},
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddFilter(ctx, f) })
		post := &coop.FilterPost{FilterID: f.ID, PostID: p.ID}
		for range 2 {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddFilterPost(ctx, ana.ID, post) })
		}
		f.Posts = []coop.FilterPost{*post}
		got, err := w.s.Filters(w.Context(), ana.ID)
		if diff := cmp.Diff([]*coop.Filter{f}, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		keyword := f.Keywords[0]
		for name, try := range map[string]func(ctx context.Context, tx *storage.Tx) error{
			"read": func(ctx context.Context, tx *storage.Tx) error { _, err := tx.Filter(ctx, eve.ID, f.ID); return err },
			"read keyword": func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.FilterKeyword(ctx, eve.ID, keyword.ID)
				return err
			},
			"read post": func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.FilterPost(ctx, eve.ID, post.ID)
				return err
			},
			"change": func(ctx context.Context, tx *storage.Tx) error {
				g := *f
				g.Owner = eve.ID
				return tx.SetFilter(ctx, &g)
			},
			"remove": func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveFilter(ctx, eve.ID, f.ID) },
			"add keyword": func(ctx context.Context, tx *storage.Tx) error {
				k := keyword
				return tx.AddFilterKeyword(ctx, eve.ID, &k)
			},
			"change keyword": func(ctx context.Context, tx *storage.Tx) error { return tx.SetFilterKeyword(ctx, eve.ID, &keyword) },
			"remove keyword": func(ctx context.Context, tx *storage.Tx) error {
				return tx.RemoveFilterKeyword(ctx, eve.ID, keyword.ID)
			},
			"add post":    func(ctx context.Context, tx *storage.Tx) error { q := *post; return tx.AddFilterPost(ctx, eve.ID, &q) },
			"remove post": func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveFilterPost(ctx, eve.ID, post.ID) },
		} {
			if err := w.try(try); !errors.Is(err, coop.ErrNotFound) {
				w.Errorf("%s by another: %v", name, err)
			}
		}
		keyword.Keyword, keyword.WholeWord = "bingo", false
		f.Title, f.Act = "Games", coop.FilterHide
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(tx.SetFilter(ctx, f), tx.SetFilterKeyword(ctx, ana.ID, &keyword), tx.RemoveFilterKeyword(ctx, ana.ID, f.Keywords[1].ID), tx.RemoveFilterPost(ctx, ana.ID, post.ID))
		})
		f.Keywords, f.Posts = []coop.FilterKeyword{keyword}, nil
		one, err := w.s.Filter(w.Context(), ana.ID, f.ID)
		if diff := cmp.Diff(f, must(w, one, err)); diff != "" {
			w.Error(diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveFilter(ctx, ana.ID, f.ID) })
		_, err = w.s.FilterKeyword(w.Context(), ana.ID, keyword.ID)
		w.wants(err, coop.ErrNotFound)
	})
}

func TestFiltersHaveAnEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		f := &coop.Filter{Owner: ana.ID, Title: "x", Contexts: []coop.FilterContext{"home"}, Act: coop.FilterWarn}
		for range coop.MaxKeywords {
			f.Keywords = append(f.Keywords, coop.FilterKeyword{Keyword: "word"})
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddFilter(ctx, f) })
		var invalid *coop.InvalidError
		if err := w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddFilterKeyword(ctx, ana.ID, &coop.FilterKeyword{FilterID: f.ID, Keyword: "one more"})
		}); !errors.As(err, &invalid) {
			w.Errorf("one keyword too many: %v", err)
		}
	})
}

func TestMarkersRiseAndConflict(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person)
		set := func(m *storage.Marker) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.SetMarker(ctx, ana.ID, m) })
		}
		m := &storage.Marker{Timeline: "home", LastRead: 7}
		if err := set(m); err != nil || m.Version != 1 {
			w.Fatalf("first: %v, version %d", err, m.Version)
		}
		w.wants(set(&storage.Marker{Timeline: "home", LastRead: 8}), coop.ErrConflict)
		m.LastRead = 9
		if err := set(m); err != nil || m.Version != 2 {
			w.Fatalf("second: %v, version %d", err, m.Version)
		}
		w.wants(set(&storage.Marker{Timeline: "home", LastRead: 10, Version: 1}), coop.ErrConflict)
		got, err := w.s.Markers(w.Context(), ana.ID)
		if diff := cmp.Diff(map[string]storage.Marker{"home": *m}, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		got, err = w.s.Markers(w.Context(), leo.ID)
		if len(must(w, got, err)) != 0 {
			w.Error("another's marker is shown")
		}
	})
}

func TestAnnouncementsAndRules(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person)
		first := &coop.Announcement{Texts: coop.Texts{"en": "We move", "es": "Nos mudamos"}, EndsAt: w.clock.Now().Add(time.Hour)}
		second := &coop.Announcement{Texts: coop.Texts{"pt": "Festa"}}
		for _, a := range []*coop.Announcement{first, second} {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddAnnouncement(ctx, a) })
		}
		shown := func(account *coop.Account, read bool) (ids []coop.ID) {
			list, err := w.s.Announcements(w.Context(), account.ID, read)
			for _, a := range must(w, list, err) {
				ids = append(ids, a.ID)
			}
			return ids
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(tx.ReadAnnouncement(ctx, ana.ID, second.ID), tx.ReadAnnouncement(ctx, ana.ID, second.ID),
				tx.ReactToAnnouncement(ctx, ana.ID, first.ID, "🎉", w.clock.Now()), tx.ReactToAnnouncement(ctx, leo.ID, first.ID, "🎉", w.clock.Now()))
		})
		if diff := cmp.Diff([][]coop.ID{{first.ID}, {second.ID, first.ID}, {second.ID, first.ID}}, [][]coop.ID{shown(ana, false), shown(ana, true), shown(leo, false)}); diff != "" {
			w.Error(diff)
		}
		list, err := w.s.Announcements(w.Context(), ana.ID, false)
		if diff := cmp.Diff([]coop.AnnounceReaction{{Name: "🎉", Count: 2, Me: true}}, must(w, list, err)[0].Reactions); diff != "" {
			w.Error(diff)
		}
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.ReactToAnnouncement(ctx, ana.ID, 7, "🎉", w.clock.Now())
		}), coop.ErrNotFound)
		for _, emoji := range []string{"1", "2", "3", "4", "5", "6", "7"} {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.ReactToAnnouncement(ctx, ana.ID, first.ID, emoji, w.clock.Now())
			})
		}
		var invalid *coop.InvalidError
		if err := w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.ReactToAnnouncement(ctx, ana.ID, first.ID, "8", w.clock.Now())
		}); !errors.As(err, &invalid) {
			w.Errorf("a ninth emoji: %v", err)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(tx.UnreactToAnnouncement(ctx, ana.ID, first.ID, "1"), tx.RemoveAnnouncement(ctx, second.ID))
		})
		w.clock.Advance(2 * time.Hour)
		if ids := shown(leo, true); len(ids) != 0 {
			w.Errorf("what is over or was taken back is shown: %v", ids)
		}
		rule := &coop.Rule{Texts: coop.Texts{"en": "Be kind"}, Hints: coop.Texts{"en": "Always"}}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddRule(ctx, rule) })
		rules, err := w.s.Rules(w.Context())
		if diff := cmp.Diff([]coop.Rule{*rule}, must(w, rules, err)); diff != "" {
			w.Error(diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveRule(ctx, rule.ID) })
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveRule(ctx, rule.ID) }), coop.ErrNotFound)
	})
}
