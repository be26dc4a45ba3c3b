// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// TestCopiesOutliveAFollowWhereTheyAreKept: what came through it stays listed until its own
// date, whoever ended the follow; a block of the server hides it at once all the same, and
// whoever asks otherwise later asks for follows that end from then on.
func TestCopiesOutliveAFollowWhereTheyAreKept(t *testing.T) {
	keep := true
	eachWorld(t, func(w *world) {
		keep = true
		federation := w.account("facttic", "", coop.Federation)
		board, other := w.account("jobs", "patio.example", coop.Board), w.account("jobs", "coopdevs.example", coop.Board)
		author := w.account("telar", "far.example", coop.Coop)
		through := func(title string, b *coop.Account) *coop.Post {
			p := w.newPost(author, job(title))
			w.add(p, storage.Arrival{Path: coop.Path{Via: b.ID, How: "announce"}})
			return p
		}
		ends := func(b *coop.Account) {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.RemoveFollow(ctx, federation.ID, b.ID)
				return err
			})
		}
		shows := func(when string, want ...string) {
			w.Helper()
			if diff := cmp.Diff(append([]string{}, want...), w.board()); diff != "" {
				w.Errorf("%s: %s", when, diff)
			}
		}
		w.follow(federation, board)
		w.follow(federation, other)
		through("by the board", board)
		soon := through("by the other", other)
		ends(board)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddBlock(ctx, storage.Block{Blocker: federation.ID, Target: other.ID})
		})
		shows("kept", "by the board", "by the other")
		w.clock.Set(soon.Job.ValidThrough.Add(-time.Minute))
		shows("until their date", "by the board", "by the other")
		w.decide(coop.Peer{Host: "coopdevs.example", Policy: coop.PolicyBlock})
		shows("a server is blocked", "by the board")
		w.clock.Set(soon.Job.ValidThrough.Add(time.Minute))
		shows("their date is past")
		w.follow(federation, board)
		through("later", board)
		keep = false
		shows("asked otherwise, and followed", "later")
		ends(board)
		shows("the next follow ends")
		w.sound()
	}, func(o *storage.Options) { o.KeepEnded = func() bool { return keep } })
}
