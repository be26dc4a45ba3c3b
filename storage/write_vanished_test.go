// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestWhatVanishedIsLookedForAgain: a post that is withdrawn while another transaction
// adds something to it makes that one run again, in which it finds no post, instead of
// an error of the database.
func TestWhatVanishedIsLookedForAgain(t *testing.T) {
	eachWorld(t, func(w *world) {
		via := w.account("telar", "far.example", coop.Coop)
		if w.s.Engine() != storage.Postgres {
			w.Skip("one writer: nothing vanishes meanwhile")
		}
		runs := 0
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if runs++; runs > 1 {
				return nil // this time the post is not found
			}
			return tx.AddPath(ctx, 4711, coop.Path{Via: via.ID, How: "announce"})
		})
		if runs != 2 {
			w.Errorf("%d runs", runs)
		}
	})
}
