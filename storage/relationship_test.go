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

// relation is what one account has to do with another.
func (w *world) relation(self, other *coop.Account) *coop.Relationship {
	w.Helper()
	found := sure(w.s.Relationships(w.Context(), self.ID, []coop.ID{other.ID}, false))
	return found[other.ID]
}

// sure is a value that was had without an error.
func sure[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// namesOf are the names of accounts in their order.
func namesOf(list []*coop.Account) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

func TestRelationships(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		bea, carla := w.account("bea", "", coop.Person), w.account("carla", "elsewhere.example", coop.Person)
		w.follow(ana, bea)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(
				tx.SetFollowOptions(ctx, ana.ID, bea.ID, coop.FollowOptions{Bell: true, Languages: []string{"es", "ca"}}),
				tx.PutFollow(ctx, &coop.Follow{Follower: bea, Target: ana, State: coop.FollowAsked}),
				tx.Mute(ctx, ana.ID, bea.ID, false, w.clock.Now().Add(time.Hour)),
				tx.SetAccountNote(ctx, ana.ID, bea.ID, "Met at the fair"),
				tx.AddServerBlock(ctx, ana.ID, "Elsewhere.example"),
				tx.AddBlock(ctx, storage.Block{Blocker: carla.ID, Target: ana.ID}),
			)
		})
		want := &coop.Relationship{
			ID: bea.ID, Following: true, RequestedBy: true, Muting: true, MuteEnds: w.clock.Now().Add(time.Hour), Note: "Met at the fair",
			Options: coop.FollowOptions{Bell: true, Languages: []string{"es", "ca"}},
		}
		if diff := cmp.Diff(want, w.relation(ana, bea)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(&coop.Relationship{ID: carla.ID, BlockedBy: true, DomainBlocking: true}, w.relation(ana, carla)); diff != "" {
			t.Error(diff)
		}
		back := w.relation(bea, ana)
		if !back.Requested || !back.FollowedBy || back.Following || back.Note != "" || back.Muting {
			t.Errorf("from the other side: %+v", back)
		}
		w.clock.Advance(2 * time.Hour)
		if r := w.relation(ana, bea); r.Muting || !r.MuteEnds.IsZero() {
			t.Errorf("the mute is over, yet %+v", r)
		}
	})
}

func TestRelationshipsOfWhoIsGone(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea, dora := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person), w.account("dora", "", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(tx.SuspendAccount(ctx, bea.ID, w.clock.Now()), tx.DeleteAccount(ctx, dora.ID, w.clock.Now()))
		})
		ids := []coop.ID{bea.ID, dora.ID, 4711, ana.ID, ana.ID}
		found := sure(w.s.Relationships(w.Context(), ana.ID, ids, false))
		if len(found) != 1 || found[ana.ID] == nil {
			t.Errorf("%v, want oneself alone", found)
		}
		if found = sure(w.s.Relationships(w.Context(), ana.ID, ids, true)); len(found) != 2 {
			t.Errorf("%v, want the suspended one too", found)
		}
	})
}

func TestFollowsSeenBy(t *testing.T) {
	eachWorld(t, func(w *world) {
		star := w.account("star", "", coop.Coop)
		var fans []*coop.Account
		for _, name := range []string{"ana", "bea", "carla", "dora"} {
			fan := w.account(name, "", coop.Person)
			w.follow(fan, star)
			fans = append(fans, fan)
		}
		reader := w.account("reader", "", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(
				tx.AddBlock(ctx, storage.Block{Blocker: reader.ID, Target: fans[1].ID}),
				tx.AddBlock(ctx, storage.Block{Blocker: fans[2].ID, Target: reader.ID}),
			)
		})
		seen := func(viewer coop.ID, page coop.Page) []string {
			var list []*coop.Account
			for _, f := range sure(w.s.FollowersSeenBy(w.Context(), viewer, star.ID, page)) {
				list = append(list, f.Follower)
			}
			return namesOf(list)
		}
		if diff := cmp.Diff([]string{"dora", "carla", "bea", "ana"}, seen(0, coop.Page{Limit: 10})); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"dora", "ana"}, seen(reader.ID, coop.Page{Limit: 10})); diff != "" {
			t.Error(diff)
		}
		if got := sure(w.s.FollowingSeenBy(w.Context(), reader.ID, fans[0].ID, coop.Page{})); len(got) != 1 || got[0].Target.ID != star.ID {
			t.Errorf("%v, want the star", got)
		}
	})
}

func TestFamiliarFollowers(t *testing.T) {
	eachWorld(t, func(w *world) {
		self, star := w.account("self", "", coop.Person), w.account("star", "elsewhere.example", coop.Person)
		friend, shy, stranger := w.account("friend", "", coop.Person), w.account("shy", "", coop.Person), w.account("stranger", "", coop.Person)
		shy.HideCollections = true
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, shy) })
		for _, pair := range [][2]*coop.Account{{self, friend}, {self, shy}, {friend, star}, {shy, star}, {stranger, star}} {
			w.follow(pair[0], pair[1])
		}
		found := sure(w.s.FamiliarFollowers(w.Context(), self.ID, []coop.ID{star.ID, friend.ID}))
		if diff := cmp.Diff([]string{"friend"}, namesOf(found[star.ID])); diff != "" || len(found) != 1 {
			t.Errorf("%s in %v", diff, found)
		}
	})
}

func TestSuggested(t *testing.T) {
	eachWorld(t, func(w *world) {
		self, fed := w.account("self", "", coop.Person), w.account("fed", "", coop.Federation)
		telar, panal := w.account("telar", "", coop.Coop), w.account("panal", "other.example", coop.Coop)
		sister, shy := w.account("sister", "sister.example", coop.Federation), w.account("shy", "", coop.Person)
		w.account("unrelated", "", coop.Coop)
		w.member(telar, fed)
		w.member(panal, fed)
		w.member(shy, fed)
		w.follow(fed, sister)
		suggested := func() []string { return namesOf(sure(w.s.Suggested(w.Context(), self.ID, fed.ID, 10))) }
		if diff := cmp.Diff([]string{"sister", "panal", "telar"}, suggested()); diff != "" {
			t.Error(diff)
		}
		w.follow(self, telar)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return errors.Join(tx.AddServerBlock(ctx, self.ID, "other.example"), tx.Mute(ctx, self.ID, sister.ID, true, time.Time{}))
		})
		if got := suggested(); len(got) != 0 {
			t.Errorf("%v, want nobody who is followed, muted or of a blocked server", got)
		}
	})
}
