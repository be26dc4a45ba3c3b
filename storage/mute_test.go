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

func TestMutes(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea, carla := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person), w.account("carla", "", coop.Person)
		mute := func(target *coop.Account, notifications bool, ends time.Time) {
			w.Helper()
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.Mute(ctx, ana.ID, target.ID, notifications, ends)
			})
		}
		list := func(page coop.Page) (out []string) {
			w.Helper()
			for _, m := range sure(w.s.Mutes(w.Context(), ana.ID, page)) {
				out = append(out, m.Target.Name)
			}
			return out
		}
		mute(bea, true, time.Time{})
		mute(carla, true, w.clock.Now().Add(time.Hour))
		mute(bea, false, time.Time{}) // again, in another way
		if diff := cmp.Diff([]string{"carla", "bea"}, list(coop.Page{Limit: 10})); diff != "" {
			t.Error(diff)
		}
		newest := sure(w.s.Mutes(w.Context(), ana.ID, coop.Page{Limit: 1}))
		if diff := cmp.Diff([]string{"bea"}, list(coop.Page{Max: newest[0].ID, Limit: 10})); diff != "" {
			t.Errorf("the next page: %s", diff)
		}
		if w.relation(ana, bea).MutingNotifications {
			t.Error("the second mute did not change the first")
		}
		w.clock.Advance(time.Hour)
		if diff := cmp.Diff([]string{"bea"}, list(coop.Page{Limit: 10})); diff != "" {
			t.Errorf("after an hour: %s", diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			removed, err := tx.Unmute(ctx, ana.ID, bea.ID)
			again, err2 := tx.Unmute(ctx, ana.ID, bea.ID)
			if !removed || again {
				t.Errorf("removed %v, and again %v", removed, again)
			}
			return errors.Join(err, err2)
		})
		if got := list(coop.Page{}); got != nil {
			t.Errorf("%v is still muted", got)
		}
	})
}

func TestBlocksAreListed(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea, carla := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person), w.account("carla", "", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(
				tx.AddBlock(ctx, storage.Block{Blocker: ana.ID, Target: bea.ID}),
				tx.AddBlock(ctx, storage.Block{Blocker: ana.ID, Target: carla.ID}),
				tx.AddBlock(ctx, storage.Block{Blocker: bea.ID, Target: carla.ID}),
			)
		})
		list := sure(w.s.Blocks(w.Context(), ana.ID, coop.Page{Limit: 1}))
		if len(list) != 1 || list[0].Account.ID != carla.ID {
			t.Fatalf("%v, want the newest", list)
		}
		list = sure(w.s.Blocks(w.Context(), ana.ID, coop.Page{Max: list[0].ID}))
		if len(list) != 1 || list[0].Account.ID != bea.ID {
			t.Errorf("%v, want the older", list)
		}
	})
}

func TestServerBlocks(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea, far := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person), w.account("far", "bad.example", coop.Person)
		near := w.account("near", "good.example", coop.Person)
		for _, pair := range [][2]*coop.Account{{ana, far}, {far, ana}, {near, ana}, {far, bea}} {
			w.follow(pair[0], pair[1])
		}
		if following, followers, err := w.s.CountFollowsWithServer(w.Context(), ana.ID, "BAD.example"); following != 1 || followers != 1 || err != nil {
			t.Errorf("%d and %d follows with it, %v", following, followers, err)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(tx.AddServerBlock(ctx, ana.ID, "bad.example"), tx.AddServerBlock(ctx, ana.ID, "bad.example"), tx.AddServerBlock(ctx, ana.ID, here))
		})
		list := sure(w.s.ServerBlocks(w.Context(), ana.ID, coop.Page{}))
		if len(list) != 2 || list[0].Host != here || list[1].Host != "bad.example" {
			t.Errorf("%v, want both, each once", list)
		}
		if r := w.relation(ana, bea); r.DomainBlocking {
			t.Error("accounts of this instance are of no other server")
		}
		told := sure(w.s.Notifications(w.Context(), ana.ID, coop.Page{}))
		if len(told) != 1 || told[0].FromID != near.ID {
			t.Errorf("told %v, want what the other server did", told)
		}
		if told := sure(w.s.Notifications(w.Context(), bea.ID, coop.Page{})); len(told) != 1 {
			t.Errorf("another was told %v", told)
		}
		if got := sure(w.s.FollowsWithServer(w.Context(), ana.ID, "bad.example", 10)); len(got) != 2 {
			t.Errorf("%d follows are to be ended, want both ways", len(got))
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			removed, err := tx.RemoveServerBlock(ctx, ana.ID, "Bad.Example")
			if !removed {
				t.Error("nothing was removed")
			}
			return err
		})
		if w.relation(ana, far).DomainBlocking {
			t.Error("still blocked")
		}
	})
}

func TestFollowedTags(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			for _, tag := range []string{"CoopJobs", "#coopjobs", "Panadería"} {
				if _, err := tx.FollowTag(ctx, ana.ID, tag); err != nil {
					return err
				}
			}
			_, err := tx.FollowTag(ctx, bea.ID, "otra")
			return err
		})
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.FollowTag(ctx, ana.ID, "#!!")
			if complaint := (*coop.InvalidError)(nil); !errors.As(err, &complaint) {
				t.Errorf("no hashtag: %v", err)
			}
			return coop.ErrConflict
		}), coop.ErrConflict)
		list := sure(w.s.FollowedTags(w.Context(), ana.ID, coop.Page{Limit: 10}))
		if len(list) != 2 || list[0].Tag != "panaderia" || list[1].Tag != "coopjobs" {
			t.Errorf("%v", list)
		}
		found := sure(w.s.FollowsTags(w.Context(), ana.ID, []string{"COOPJOBS", "otra", ""}))
		if diff := cmp.Diff(map[string]bool{"COOPJOBS": true}, found); diff != "" {
			t.Error(diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			removed, err := tx.UnfollowTag(ctx, ana.ID, "#CoopJobs")
			if !removed {
				t.Error("nothing was removed")
			}
			return err
		})
		if n := sure(w.s.CountFollowedTags(w.Context(), ana.ID)); n != 1 {
			t.Errorf("%d tags are left, want one", n)
		}
	})
}

func TestAccountNotes(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person)
		for _, text := range []string{"one", "two", ""} {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetAccountNote(ctx, ana.ID, bea.ID, text) })
			if got := w.relation(ana, bea).Note; got != text {
				t.Errorf("noted %q, want %q", got, text)
			}
		}
	})
}
