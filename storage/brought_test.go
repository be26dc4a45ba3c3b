// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// brings says what somebody may bring.
func (w *world) brings(a *coop.Account, b coop.Brings) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetBrings(ctx, a.ID, b) })
}

// TestBringsOfAFollowedFederation: what it may not bring is out of the lists, whether it
// came before or comes later, unless it came by another way too; and is back when the bar
// falls, but for what was taken back meanwhile.
func TestBringsOfAFollowedFederation(t *testing.T) {
	eachWorld(t, func(w *world) {
		fed, other := w.account("fed", "far.example", coop.Federation), w.account("other", "near.example", coop.Federation)
		mill := w.account("mill", "far.example", coop.Coop)
		by := storage.Arrival{Path: coop.Path{Via: fed.ID, How: "announce"}}
		bread, wood, both := w.newPost(mill, job("Bread")), w.newPost(mill, job("Wood")), w.newPost(mill, job("By both"))
		wood.Hashtags = []string{"Holzbau"}
		for _, p := range []*coop.Post{bread, wood, both} {
			w.add(p, by)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddPath(ctx, both.ID, coop.Path{Via: other.ID, How: "announce"})
		})
		shows := func(why string, want ...string) {
			t.Helper()
			if got := w.board(); !cmp.Equal(got, want) {
				t.Errorf("%s: %v, want %v", why, got, want)
			}
		}
		shows("everything may come", "Bread", "By both", "Wood")
		w.brings(fed, coop.Brings{NotTopics: []string{"holzbau"}})
		shows("not the topic", "Bread", "By both")
		w.brings(fed, coop.Brings{NotKinds: []string{"job"}})
		shows("no jobs", "By both")
		late := w.newPost(mill, job("Late"))
		w.add(late, by)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.AddPath(ctx, late.ID, coop.Path{Via: fed.ID, How: "announce"}); err != nil {
				return err
			}
			return tx.RemovePath(ctx, bread.ID, fed.ID, "announce")
		})
		shows("no jobs, whenever they come", "By both")
		w.decide(coop.Peer{Host: "far.example", Policy: coop.PolicyBlock})
		w.decide(coop.Peer{Host: "far.example"})
		shows("after a block", "By both")
		w.brings(fed, coop.Brings{NotKinds: []string{"article"}})
		shows("only what it still says", "By both", "Late", "Wood")
		got, err := w.s.Brings(w.Context(), fed.ID)
		if !cmp.Equal(must(w, got, err), coop.Brings{NotKinds: []string{"article"}}) {
			t.Errorf("kept %+v", got)
		}
		err = w.s.Write(w.Context(), func(tx *storage.Tx) error {
			return tx.SetBrings(w.Context(), fed.ID, coop.Brings{NotKinds: []string{"everything"}})
		})
		var invalid coop.Invalid
		if !errors.As(err, &invalid) {
			t.Errorf("a kind that there is not: %v", err)
		}
	})
}
