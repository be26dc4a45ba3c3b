// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"slices"
	"testing"

	"minga/coop"
)

// TestInteropMove: an actor of the Fedify peer moves to an account here, and an account
// here moves to one of the peer; followers follow, each side verified.
func TestInteropMove(t *testing.T) {
	w := newInteropWorld(t, nil)
	ben, celia := w.peer.add("ben", nil), w.peer.add("celia", nil)
	ana, nueva := w.account(coop.Person, "ana"), w.account(coop.Person, "nueva")
	w.subscribe(ana, ben)
	w.run("a Move that we did not agree to", func(w *interopWorld) {
		w.peer.call("PATCH", "/actors/ben", fields{"movedTo": nueva.IRI}, nil)
		w.peer.publish(ben, fields{"activity": "Move", "object": ben.ID, "target": nueva.IRI})
		w.settle()
		if got := w.state(ana, nueva); got != "" {
			w.t.Errorf("ana follows nueva: %q", got)
		}
	})
	w.run("in", func(w *interopWorld) {
		w.must(w.outbox.AddAlias(w.ctx, nueva, w.remote(ben)))
		w.peer.publish(ben, fields{"activity": "Move", "object": ben.ID, "target": nueva.IRI})
		w.until("ana follows nueva instead of ben", func() bool {
			return w.state(ana, nueva) == coop.FollowAccepted && w.state(ana, w.remote(ben)) == ""
		})
		w.until("ben's server knows that ana left", func() bool { return len(w.peer.actor("ben").Followers) == 0 })
	})
	w.run("out", func(w *interopWorld) {
		dora := w.peer.add("dora", nil)
		w.followedBy(dora, nueva)
		w.peer.call("PATCH", "/actors/celia", fields{"aliases": []coop.IRI{nueva.IRI}}, nil)
		target, err := w.inbox.Refresh(w.ctx, coop.IRI(celia.ID))
		w.must(err)
		w.must(w.outbox.Move(w.ctx, w.local(pathOf(nueva)), target))
		w.until("ana follows celia, by celia's own word", func() bool { return w.state(ana, target) == coop.FollowAccepted })
		var move interopEntry
		w.until("the Move is with Fedify", func() bool {
			for _, e := range w.peer.inbox(0) {
				if e.Type == "Move" {
					move = w.peer.entry(e.Seq)
				}
			}
			return move.Seq != 0
		})
		if !move.Accepted || !move.HTTP.Verified || !move.Proof.Verified || move.Document["target"] != celia.ID || move.Error != "" {
			w.t.Errorf("Fedify judges the Move so: %+v", move)
		}
		seen := w.peer.lookup(string(nueva.IRI))
		if seen.Parsed["movedTo"] != celia.ID || seen.Lost != nil {
			w.t.Errorf("Fedify reads the actor as %v (%v)", seen.Parsed, seen.Lost)
		}
		if !slices.Contains(w.peer.actor("celia").Followers, string(ana.IRI)) {
			w.t.Error("celia's server does not list ana")
		}
	})
}

// state is how a follow of a local account stands; empty: there is none.
func (w *interopWorld) state(follower, target *coop.Account) coop.FollowState {
	w.t.Helper()
	f, err := w.store.Follow(w.ctx, follower.ID, target.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return ""
	}
	w.must(err)
	return f.State
}
