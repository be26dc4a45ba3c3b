// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"testing"
	"time"

	"minga/coop"
)

// TestInteropASearchIsFollowed: somebody on Fedify follows a search, gets its matches as
// boosts, which can be looked up, and their end; the outbox shows them.
func TestInteropASearchIsFollowed(t *testing.T) {
	w := newInteropWorld(t, nil)
	telar, ben := w.account(coop.Coop, "telar"), w.peer.add("ben", nil)
	asked := coop.ParseJobQuery(map[string][]string{"skill": {"Go"}, "remote": {"1"}})
	actor, err := w.outbox.NewSearchActor(w.ctx, asked)
	w.must(err)
	if found := w.peer.lookup(w.handle(actor)); found.Error != "" || found.Type != "Service" || found.Lost != nil {
		t.Fatalf("looked up by its handle: %+v", found)
	}
	w.followedBy(ben, actor)
	after := w.peer.mark()
	job := w.job(telar)
	announce := w.gets(after, "Announce", string(actor.IRI))
	if announce.Object != string(job.IRI) || !announce.HTTP.Verified || !announce.Proof.Verified {
		t.Errorf("the boost: %+v, want %s", announce, job.IRI)
	}
	if found := w.peer.lookup(announce.ID); found.Error != "" || found.Type != "Announce" {
		t.Errorf("the boost is looked up: %+v", found)
	}
	if list := w.peer.fetch(ben, string(actor.IRI)+"/outbox?page=first", "cavage"); list.Status != 200 || len(list.Document["orderedItems"].([]any)) != 1 {
		t.Errorf("the outbox: %d %v", list.Status, list.Document)
	}
	after = w.peer.mark()
	_, err = w.outbox.StepJob(w.ctx, job.ID, "fill")
	w.must(err)
	undo := w.gets(after, "Undo", string(actor.IRI))
	if what, _ := undo.Document["object"].(map[string]any); what["id"] != announce.ID || what["type"] != "Announce" || what["object"] != string(job.IRI) {
		t.Errorf("its end: %v, want that of %s", undo.Document["object"], announce.ID)
	}
}

// gets waits for an activity of an actor at the peer.
func (w *interopWorld) gets(after int, kind, actor string) (found interopEntry) {
	w.t.Helper()
	w.until(kind+" of "+actor+" arrives", func() bool {
		for _, e := range w.peer.inbox(after) {
			if e.Type == kind && e.Actor == actor {
				found = w.peer.entry(e.Seq)
				return true
			}
		}
		pause(w.ctx, 15*time.Millisecond)
		return false
	})
	return found
}
