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

// need ends the test on an error of a question.
func need[T any](w *world) func(T, error) T {
	return func(value T, err error) T {
		w.Helper()
		return must(w, value, err)
	}
}

// link is the hash of a secret link.
func link(n byte) []byte { return key(n) }

func TestApplicationsAreKeptAndForgotten(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		telar, candil := w.account("telar", "", coop.Coop), w.account("candil", "", coop.Coop)
		if on := need[bool](w)(w.s.TakesForm(ctx, telar.ID)); on {
			w.Error("the form is on from the start")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetForm(ctx, telar.ID, true) })
		if on, err := w.s.TakesForm(ctx, telar.ID); err != nil || !on {
			w.Errorf("the form: %v %v", on, err)
		}
		const job, other coop.ID = 117000000000000001, 117000000000000002
		a := &coop.Application{
			PostID: job, AccountID: telar.ID, Name: "Rosa", Email: "rosa@mail.example", Message: "Hello\nthere", Language: "es", Title: "Pan",
			Files: []coop.ApplicationFile{{Name: "f1.pdf", Title: "cv.pdf", Size: 10}, {Name: "f2.pdf", Title: "b.pdf", Size: 20}}, AnswerBy: w.clock.Now().Add(24 * time.Hour),
		}
		add := func(a *coop.Application, hash []byte, most int64) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.AddApplication(ctx, a, hash, most) })
		}
		w.wants(add(a, link(1), 29), coop.ErrFull)
		if err := add(a, link(1), 30); err != nil {
			w.Fatal(err)
		}
		again := *a
		again.Files = nil
		w.wants(add(&again, link(1), 0), coop.ErrConflict)
		kept := need[*coop.Application](w)(w.s.ApplicationByLink(ctx, link(1)))
		if diff := cmp.Diff(a, kept); diff != "" {
			w.Errorf("kept: %s", diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.LinkApplication(ctx, a.ID, link(2)) })
		if second, err := w.s.ApplicationByLink(ctx, link(2)); err != nil || second.ID != a.ID {
			w.Errorf("by the second link: %v", err)
		}
		// Of another co-op, or for another job, it is not there.
		_, err := w.s.Application(ctx, candil.ID, a.ID)
		w.wants(err, coop.ErrNotFound)
		for _, q := range [][2]coop.ID{{candil.ID, job}, {telar.ID, other}} {
			if list, err := w.s.Applications(ctx, q[0], q[1], coop.Page{}); err != nil || len(list) != 0 {
				w.Errorf("%d of another: %v", len(list), err)
			}
		}
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AnswerApplication(ctx, candil.ID, a.ID, w.clock.Now())
		}), coop.ErrNotFound)
		counts := need[map[coop.ID]storage.ApplicationCount](w)(w.s.ApplicationCounts(ctx, telar.ID))
		if diff := cmp.Diff(map[coop.ID]storage.ApplicationCount{job: {All: 1, Waiting: 1}}, counts); diff != "" {
			w.Error(diff)
		}
		// Answers: late as long as nobody answers, kept when they came in time.
		record := func() coop.AnswerRecord { return need[coop.AnswerRecord](w)(w.s.AnswerRecord(ctx, telar.ID)) }
		if r := record(); r != (coop.AnswerRecord{}) {
			w.Errorf("nothing is due yet: %+v", r)
		}
		w.clock.Advance(25 * time.Hour)
		if r := record(); r != (coop.AnswerRecord{Due: 1}) {
			w.Errorf("late: %+v", r)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AnswerApplication(ctx, telar.ID, a.ID, w.clock.Now().Add(-2*time.Hour))
		})
		if r := record(); r != (coop.AnswerRecord{Due: 1, Kept: 1}) {
			w.Errorf("in time: %+v", r)
		}
		// The job is not there, so that it has ended; once is enough.
		if ids, err := w.s.ApplicationsOfEnded(ctx, 10); err != nil || len(ids) != 1 {
			w.Errorf("%d ended, %v", len(ids), err)
		}
		for _, want := range []bool{true, false} {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				first, err := tx.EndApplication(ctx, a.ID, w.clock.Now())
				if first != want {
					w.Errorf("ended: %v", first)
				}
				return err
			})
		}
		if ids, err := w.s.OldFormApplications(ctx, w.clock.Now(), 10); err != nil || len(ids) != 0 {
			w.Errorf("%d are old already, %v", len(ids), err)
		}
		if ids, err := w.s.OldFormApplications(ctx, w.clock.Now().Add(time.Second), 10); err != nil || len(ids) != 1 {
			w.Errorf("%d are old, %v", len(ids), err)
		}
		known := need[map[string]bool](w)(w.s.KnownMedia(ctx, []string{"f1.pdf", "f3.pdf"}))
		if !known["f1.pdf"] || known["f3.pdf"] {
			w.Errorf("known files: %v", known)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveApplication(ctx, a.ID) })
		_, err = w.s.ApplicationByLink(ctx, link(2))
		w.wants(err, coop.ErrNotFound)
		if r := record(); r != (coop.AnswerRecord{Due: 1, Kept: 1}) {
			w.Errorf("the answers are forgotten: %+v", r)
		}
		if on, err := w.s.TakesForm(ctx, telar.ID); err != nil || !on {
			w.Errorf("the form goes off with an application: %v", err)
		}
		if known := need[map[string]bool](w)(w.s.KnownMedia(ctx, []string{"f1.pdf"})); known["f1.pdf"] {
			w.Error("a file of nothing is known")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			names, err := tx.SweepApplicationFiles(ctx, 10)
			if len(names) != 2 {
				w.Errorf("swept: %v", names)
			}
			return err
		})
	})
}
