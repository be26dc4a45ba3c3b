// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// TestSample: what the bench reads is what the program would have written: its counts
// hold, and readers find what they follow.
func TestSample(t *testing.T) {
	storagetest.WithoutRace(t)
	eachWorld(t, func(w *world) {
		busy, quiet, followed := w.account("busy", "", coop.Person), w.account("quiet", "", coop.Person), w.account("followed", "", coop.Person)
		facts, err := w.s.FillSample(w.Context(), storage.Sample{
			Posts: 2000, Accounts: 10_000, Authors: 200, Until: w.clock.Now(), Base: "https://here.example",
			Readers: []storage.SampleReader{
				{ID: busy.ID, Follows: 50}, {ID: quiet.ID, Follows: 30, Silent: true}, {ID: followed.ID, Followers: 100},
			},
		}, nil)
		if err != nil {
			w.Fatal(err)
		}
		// None of them ever signs: nobody made keys for them.
		w.same("what the check finds", strings.Join(w.found(), "; "), "118 local accounts have no keys")
		for _, reader := range []*coop.Account{busy, quiet} {
			entries, err := w.s.Home(w.Context(), reader.ID, coop.Page{Limit: 40})
			others := 0
			for _, e := range must(w, entries, err) {
				if e.Post.AuthorID != reader.ID {
					others++
				}
			}
			if others == 0 {
				w.Errorf("%s reads nothing of others", reader.Name)
			}
			told, err := w.s.Notifications(w.Context(), reader.ID, coop.Page{Limit: 40})
			if len(must(w, told, err)) != 40 {
				w.Errorf("%s was told of %d things", reader.Name, len(told))
			}
		}
		above, below, err := w.s.Thread(w.Context(), coop.Anonymous(), facts.Thread, storage.ThreadBounds{Above: 10, Below: 200, Depth: 20})
		if err != nil || len(above) != 0 || len(below) < 80 {
			w.Errorf("a thread of %d above and %d below: %v", len(above), len(below), err)
		}
		found, err := w.s.SearchAccounts(w.Context(), coop.As(busy.ID), storage.AccountSearch{Text: "ma"})
		if len(must(w, found, err)) != 20 {
			w.Errorf("found %d accounts", len(found))
		}
		counts, err := w.s.AccountCounts(context.Background(), []coop.ID{followed.ID})
		if must(w, counts, err)[followed.ID].Followers != 100 {
			w.Errorf("counted %d followers", counts[followed.ID].Followers)
		}
	})
}
