// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

func TestWhichJobsAreAskedAbout(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		telar, ana, far := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person), w.account("far", "far.example", coop.Coop)
		due := w.post(telar, job("Due"))
		w.post(telar, job("Short", func(j *coop.Job) { j.ValidThrough = w.clock.Now().AddDate(0, 0, 6) }))
		w.post(telar, job("Paused", func(j *coop.Job) { j.Status = coop.JobPaused }))
		w.post(far, job("Elsewhere"))
		asks := func() []string {
			now := w.clock.Now()
			list, err := w.s.JobsToAsk(ctx, now, now.AddDate(0, 0, 7), 10)
			return titles(must(w, list, err))
		}
		if got := asks(); len(got) != 0 {
			w.Errorf("asked too early: %v", got)
		}
		w.clock.Advance(due.Job.ValidThrough.AddDate(0, 0, -5).Sub(w.clock.Now()))
		if got := asks(); len(got) != 1 || got[0] != "Due" {
			w.Errorf("asked about %v", got)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.NoteAsked(ctx, due.ID, due.Job.ValidThrough)
		})
		if got := asks(); len(got) != 0 {
			w.Errorf("asked twice: %v", got)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.NoteAsked(ctx, due.ID, due.Job.ValidThrough.Add(-time.Hour)) // about another end
		})
		if got := asks(); len(got) != 1 {
			w.Errorf("not asked about the new end: %v", got)
		}
		end := w.clock.Now().Add(time.Hour)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddJobLink(ctx, link(7), storage.JobLink{Post: due.ID, Person: ana.ID, EndsAt: end})
		})
		if l, err := w.s.JobLinkByHash(ctx, link(7)); err != nil || l.Post != due.ID || l.Person != ana.ID {
			w.Errorf("the link: %+v %v", l, err)
		}
		w.clock.Advance(time.Hour)
		_, err := w.s.JobLinkByHash(ctx, link(7))
		w.wants(err, coop.ErrNotFound)
		w.write(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.SweepQueues(ctx, 100); return err })
		list, err := w.s.JobsOf(ctx, telar.ID, coop.Page{Limit: 2})
		if got := titles(must(w, list, err)); len(got) != 2 || got[0] != "Paused" {
			w.Errorf("the jobs of a co-op: %v", got)
		}
	})
}
