// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"minga/coop"
	"minga/storage"
)

// waits schedules a post.
func (w *world) waits(author *coop.Account, in time.Duration) (*coop.Scheduled, error) {
	p := w.newPost(author, job("Weaver"))
	p.Attachments, p.Published = []coop.Attachment{{Type: "Image", URL: "https://fed-sur.example/a.png", Alt: "A loom"}}, time.Time{}
	s := &coop.Scheduled{AccountID: author.ID, Due: w.clock.Now().Add(in), Post: p, Params: []byte(`{"status":"hi"}`)}
	return s, w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.AddScheduled(ctx, s) })
}

// due is how many tasks could be claimed now.
func (w *world) due() (keys []string) {
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		tasks, err := tx.ClaimTasks(ctx, []string{storage.TaskScheduled}, 100, time.Minute)
		for _, t := range tasks {
			keys = append(keys, t.Key)
		}
		return err
	})
	return keys
}

func TestScheduledPostWaitsForItsTime(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("ana", "", coop.Coop), w.account("eva", "", coop.Coop)
		s, err := w.waits(ana, time.Hour)
		must(w, s, err)
		got, err := w.s.Scheduled(w.Context(), ana.ID, s.ID)
		if diff := cmp.Diff(s, must(w, got, err), cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Millisecond)); diff != "" {
			w.Errorf("read back (-want +got):\n%s", diff)
		}
		_, err = w.s.Scheduled(w.Context(), eva.ID, s.ID)
		w.wants(err, coop.ErrNotFound)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.DropScheduled(ctx, eva.ID, s.ID) }), coop.ErrNotFound)
		if keys := w.due(); len(keys) != 0 {
			w.Errorf("due before its time: %v", keys)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.MoveScheduled(ctx, ana.ID, s.ID, w.clock.Now().Add(2*time.Hour))
			return err
		})
		w.clock.Advance(time.Hour + time.Minute)
		if keys := w.due(); len(keys) != 0 {
			w.Errorf("due at the time before it was moved: %v", keys)
		}
		w.clock.Advance(time.Hour)
		if diff := cmp.Diff([]string{s.ID.String()}, w.due()); diff != "" {
			w.Error(diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DropScheduled(ctx, ana.ID, s.ID) })
		list, err := w.s.ScheduledOf(w.Context(), ana.ID, coop.Page{Limit: 20})
		if len(must(w, list, err)) != 0 {
			w.Errorf("left: %d", len(list))
		}
		w.sound()
	})
}

func TestScheduledPostsAreBounded(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		w.clock.Advance(24*time.Hour - w.clock.Now().Sub(w.clock.Now().UTC().Truncate(24*time.Hour)))
		for range coop.MaxScheduledOn {
			must(w, 0, onlyErr(w.waits(ana, time.Hour)))
		}
		var invalid *coop.InvalidError
		if _, err := w.waits(ana, 2*time.Hour); !errors.As(err, &invalid) || invalid.Field != "scheduled_at" {
			w.Errorf("one more that day: %v", err)
		}
		must(w, 0, onlyErr(w.waits(ana, 25*time.Hour)))
		list, err := w.s.ScheduledOf(w.Context(), ana.ID, coop.Page{Limit: 40})
		if n := len(must(w, list, err)); n != coop.MaxScheduledOn+1 || list[0].ID < list[1].ID {
			w.Errorf("%d wait", n)
		}
	})
}

func onlyErr[T any](_ T, err error) error { return err }

func TestKeyPublishesOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		posts := make([]*coop.Post, 8)
		errs := make([]error, len(posts))
		key := storage.PublishKey(7, "a key")
		var all sync.WaitGroup
		for i := range posts {
			posts[i] = w.newPost(ana)
			all.Go(func() {
				errs[i] = w.try(func(ctx context.Context, tx *storage.Tx) error {
					if err := tx.ClaimKey(ctx, key); err != nil {
						return err
					}
					p := *posts[i]
					if _, err := tx.AddPost(ctx, &p, storage.Arrival{}); err != nil {
						return err
					}
					return tx.SettleKey(ctx, key, p.ID, 0)
				})
			})
		}
		all.Wait()
		stored, err := w.s.Posts(w.Context(), coop.System(), storage.PostQuery{Authors: []coop.ID{ana.ID}}, coop.Page{Limit: 20})
		if n := len(must(w, stored, err)); n != 1 {
			w.Fatalf("%d posts", n)
		}
		failed := 0
		for _, err := range errs {
			var repeated *storage.RepeatedError
			if errors.As(err, &repeated) {
				failed++
				if repeated.Post != stored[0].ID {
					w.Errorf("another post: %s", repeated.Post)
				}
			} else if err != nil {
				w.Error(err)
			}
		}
		if failed != len(posts)-1 {
			w.Errorf("%d came too late", failed)
		}
		w.clock.Advance(time.Hour + time.Second)
		if found, err := w.s.Published(w.Context(), key); err != nil || found != nil {
			w.Errorf("after an hour: %v %v", found, err)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ClaimKey(ctx, key) })
		w.clock.Advance(2 * time.Hour)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.SweepQueues(ctx, 100)
			return err
		})
	})
}

func TestKeysOfTokensAreApart(t *testing.T) {
	if storage.PublishKey(1, "x") == storage.PublishKey(2, "x") || storage.PublishKey(1, "2 x") == storage.PublishKey(12, "x") {
		t.Error("two tokens share a key")
	}
}

func TestRevisionsKeepWhatWasShown(t *testing.T) {
	eachWorld(t, func(w *world) {
		p := w.post(w.account("ana", "", coop.Person), func(p *coop.Post) {
			p.Summary, p.Sensitive, p.Language = "cw", true, "es"
			p.Attachments = []coop.Attachment{{Type: "Image", URL: "https://fed-sur.example/a.png", Alt: "A loom"}}
			p.App = &coop.Program{Name: "Loom", Website: "https://loom.example"}
		})
		next := *p
		w.clock.Advance(time.Minute)
		next.Summary, next.Sensitive, next.Attachments, next.Content, next.Updated = "", false, nil, "<p>new</p>", w.clock.Now()
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.UpdatePost(ctx, &next, storage.Arrival{})
			return err
		})
		history, err := w.s.Revisions(w.Context(), coop.Anonymous(), p.ID)
		if len(must(w, history, err)) != 1 {
			w.Fatalf("%d revisions", len(history))
		}
		if r := history[0]; r.Summary != "cw" || !r.Sensitive || r.Language != "es" || len(r.Attachments) != 1 || r.Attachments[0].Alt != "A loom" {
			w.Errorf("kept %+v", r)
		}
		got, err := w.s.Post(w.Context(), coop.Anonymous(), p.ID)
		if must(w, got, err).App == nil || got.App.Name != "Loom" {
			w.Errorf("app %+v", got.App)
		}
	})
}

func TestBookmarksMutesAndPins(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		p := w.post(ana)
		standing := func() coop.Standing {
			all, err := w.s.PostStanding(w.Context(), ana.ID, []coop.ID{p.ID})
			return must(w, all, err)[p.ID]
		}
		for range 2 {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.PinSome(ctx, ana.ID, p.ID, coop.MaxPins)
				return errors.Join(err, tx.Bookmark(ctx, ana.ID, p.ID), tx.MuteThread(ctx, ana.ID, p.Thread))
			})
		}
		if s := standing(); !s.Bookmarked || !s.Muted || !s.Pinned {
			w.Errorf("done: %+v", s)
		}
		for range 2 {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.UnpinOne(ctx, ana.ID, p.ID)
				return errors.Join(err, tx.Unbookmark(ctx, ana.ID, p.ID), tx.UnmuteThread(ctx, ana.ID, p.Thread))
			})
		}
		if s := standing(); s != (coop.Standing{}) {
			w.Errorf("undone: %+v", s)
		}
		for n := range coop.MaxPins + 1 {
			next := w.post(ana)
			err := w.try(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.PinSome(ctx, ana.ID, next.ID, coop.MaxPins)
				return err
			})
			var invalid *coop.InvalidError
			if full := n == coop.MaxPins; full != errors.As(err, &invalid) {
				w.Errorf("pin %d: %v", n, err)
			}
		}
	})
}

func TestBoostForFollowersIsTheirs(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva, beto := w.account("ana", "", coop.Person), w.account("eva", "", coop.Person), w.account("beto", "", coop.Person)
		w.follow(eva, ana)
		p := w.post(beto)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.React(ctx, storage.Reaction{Kind: storage.Boost, Actor: ana.ID, Post: p.ID, Audience: coop.VisibleFollowers})
			return err
		})
		x, err := w.s.ReactionOf(w.Context(), storage.Boost, ana.ID, p.ID)
		if must(w, x, err).Audience != coop.VisibleFollowers {
			w.Errorf("kept for %q", x.Audience)
		}
		for _, tt := range []struct {
			name string
			v    coop.Viewer
			sees bool
		}{{"who boosted", coop.As(ana.ID), true}, {"a follower", coop.As(eva.ID), true}, {"a stranger", coop.As(beto.ID), false}, {"anybody", coop.Anonymous(), false}} {
			list, err := w.s.Reactions(w.Context(), tt.v, storage.ReactionQuery{Post: p.ID}, coop.Page{Limit: 10})
			if n := len(must(w, list, err)); (n == 1) != tt.sees {
				w.Errorf("%s: %d in the list", tt.name, n)
			}
			_, err = w.s.Entry(w.Context(), tt.v, x.ID)
			if (err == nil) != tt.sees || err != nil && !errors.Is(err, coop.ErrNotFound) {
				w.Errorf("%s: by its id: %v", tt.name, err)
			}
			entries, err := w.s.Entries(w.Context(), tt.v, []coop.ID{x.ID})
			if n := len(must(w, entries, err)); (n == 1) != tt.sees {
				w.Errorf("%s: %d by its id among many", tt.name, n)
			}
			who, err := w.s.ReactorsOf(w.Context(), tt.v, p.ID, storage.Boost, coop.Page{Limit: 10})
			if n := len(must(w, who, err).Accounts); (n == 1) != tt.sees {
				w.Errorf("%s: %d boosted", tt.name, n)
			}
		}
	})
}
