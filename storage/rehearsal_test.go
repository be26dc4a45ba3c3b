// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// rehearses tells what the store says.
func (w *world) rehearses() bool {
	w.Helper()
	on, err := w.s.Rehearsing(w.Context())
	return must(w, on, err)
}

// queue queues a delivery to a server and says how many were added.
func (w *world) queue() (n int) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		doc, err := tx.PutDocument(ctx, storage.Document{IRI: coop.IRI("https://coop.example/activities/" + w.clock.Now().Format(time.RFC3339Nano)), OwnerID: 1, Body: []byte("{}")})
		if err != nil {
			return err
		}
		w.clock.Advance(time.Second)
		n, err = tx.AddDeliveries(ctx, []storage.Delivery{{Inbox: "https://far.example/inbox", DocumentID: doc, Activity: "Create", Signer: 1}})
		return err
	})
	return n
}

// TestRehearsalSendsNothingUntilItIsPromotedOnce: what waited when it began is dropped,
// nothing is queued while it lasts, and it ends once, for good.
func TestRehearsalSendsNothingUntilItIsPromotedOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.account("ana", "", coop.Person)
		begin := func(anew bool) (begun bool, held storage.Restored) {
			w.Helper()
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				begun, held, err = tx.BeginRehearsal(ctx, anew)
				return err
			})
			return begun, held
		}
		promote := func() error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.Promote(ctx, coop.AuditEntry{Who: "ana", Act: "instance.promote"})
				return err
			})
		}
		if !w.rehearses() || w.queue() != 0 {
			w.Error("what is configured as a rehearsal is none before its first start")
		}
		if begun, _ := begin(false); !begun {
			w.Error("it did not begin")
		}
		if begun, _ := begin(false); begun {
			w.Error("it began twice")
		}
		if n := w.queue(); n != 0 || !w.rehearses() {
			w.Errorf("%d deliveries are queued in a rehearsal", n)
		}
		if err := promote(); err != nil {
			w.Fatal(err)
		}
		if entry := w.lastAct(); entry.Act != "instance.promote" || entry.Who != "ana" {
			w.Errorf("noted %+v", entry)
		}
		w.wants(promote(), coop.ErrState)
		if n := w.queue(); n != 1 || w.rehearses() {
			w.Errorf("%d deliveries are queued after it", n)
		}
		if begun, _ := begin(false); begun {
			w.Error("a promoted instance went back")
		}
		state, err := w.s.Rehearsal(w.Context())
		if must(w, state, err).Promoted.IsZero() || state.Since.IsZero() {
			w.Errorf("kept %+v", state)
		}
		begun, held := begin(true)
		if !begun || held.Deliveries != 1 {
			w.Errorf("a copy of it: %v, %+v", begun, held)
		}
	}, func(o *storage.Options) { o.Rehearsal = true })
}

// TestRehearsalOutlivesItsSetting: a setting that is forgotten at a start ends nothing, and
// an instance without one is none.
func TestRehearsalOutlivesItsSetting(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, _, err := tx.BeginRehearsal(ctx, false)
			return err
		})
		if !w.rehearses() || w.queue() != 0 {
			w.Error("it ended by itself")
		}
	})
	eachWorld(t, func(w *world) {
		w.account("ana", "", coop.Person)
		if w.rehearses() || w.queue() != 1 {
			w.Error("an instance without the setting is a rehearsal")
		}
	})
}
