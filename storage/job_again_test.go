// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestTheSameStateTwiceIsNoNews: a job that was fetched, and whose Update with the
// same state comes after, has no revision of itself; that it was looked at later is
// nothing that anybody wrote.
func TestTheSameStateTwiceIsNoNews(t *testing.T) {
	eachWorld(t, func(w *world) {
		edited := w.clock.Now().Add(-time.Minute)
		p := w.post(w.account("telar", "far.example", coop.Coop), job("Baker"), func(p *coop.Post) {
			p.Published, p.Updated, p.Job.ConfirmedAt = edited.Add(-time.Hour), edited, w.clock.Now()
		})
		w.clock.Advance(time.Hour)
		next, job := *p, *p.Job
		next.ID, next.Author, next.Job = 0, nil, &job
		job.ConfirmedAt = w.clock.Now()
		update := func(want bool) {
			w.Helper()
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				changed, err := tx.UpdatePost(ctx, &next, storage.Arrival{})
				if changed != want {
					w.Errorf("changed: %v, want %v", changed, want)
				}
				return err
			})
		}
		update(false)
		job.Openings, next.Updated = 2, edited.Add(time.Second)
		update(true)
		history, err := w.s.Revisions(w.Context(), coop.System(), p.ID)
		if len(must(w, history, err)) != 1 {
			w.Errorf("history: %+v", history)
		}
	})
}

// TestAnEditInTheSecondOfThePublication: fetched as a post that was never changed, its
// Update says the second of its publication and nothing new.
func TestAnEditInTheSecondOfThePublication(t *testing.T) {
	eachWorld(t, func(w *world) {
		p := w.post(w.account("telar", "far.example", coop.Coop), job("Baker"), func(p *coop.Post) { p.Updated = time.Time{} })
		next := *p
		next.ID, next.Author, next.Updated = 0, nil, p.Published
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			changed, err := tx.UpdatePost(ctx, &next, storage.Arrival{})
			if changed {
				w.Error("changed")
			}
			return err
		})
	})
}
