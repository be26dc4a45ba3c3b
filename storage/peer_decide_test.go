// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// board are the titles of the jobs that anybody finds, in the order of the alphabet.
func (w *world) board() []string { return sorted(w.search("")) }

// decide decides about a server.
func (w *world) decide(p coop.Peer) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DecidePeer(ctx, &p, "ana", "192.0.2.7") })
}

// lastAct is the newest entry of the audit log.
func (w *world) lastAct() coop.AuditEntry {
	w.Helper()
	entries, err := w.s.Audit(w.Context(), storage.AuditQuery{}, coop.Page{Limit: 1})
	if len(must(w, entries, err)) == 0 {
		w.Fatal("nothing was noted")
	}
	return entries[0]
}

// TestBlockAndRestore: what a block would cut is counted before, all of it is out of
// sight afterwards, and what was kept is back when the block is taken back.
func TestBlockAndRestore(t *testing.T) {
	eachWorld(t, func(w *world) {
		ours, ana := w.account("minga", "", coop.Federation), w.account("ana", "", coop.Person)
		bad, hulda := w.account("fed", "bad.example", coop.Federation), w.account("hulda", "bad.example", coop.Coop)
		third, lone := w.account("third", "third.example", coop.Coop), w.account("lone", "third.example", coop.Coop)
		w.follow(ours, bad)
		w.follow(bad, ours)
		w.follow(hulda, ana)
		w.member(hulda, ours)
		by := func(via *coop.Account) storage.Arrival {
			return storage.Arrival{Path: coop.Path{Via: via.ID, How: "announce"}}
		}
		w.add(w.newPost(hulda, job("Theirs")), by(bad))
		w.add(w.newPost(lone, job("By it alone")), by(bad))
		both := w.newPost(third, job("By both"))
		w.add(both, by(bad))
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddPath(ctx, both.ID, coop.Path{Via: third.ID, How: "direct"})
		})
		w.add(w.newPost(hulda), by(bad))
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.TouchPeer(ctx, "bad.example", storage.PeerReceived, w.clock.Now(), storage.Exchanged{}); err != nil {
				return err
			}
			if err := tx.SoftwareOf(ctx, "bad.example", "other 1.0"); err != nil {
				return err
			}
			doc, err := tx.PutDocument(ctx, storage.Document{IRI: ours.IRI + "/1", OwnerID: ours.ID, Body: []byte("{}")})
			if err != nil {
				return err
			}
			_, err = tx.AddDeliveries(ctx, []storage.Delivery{{DocumentID: doc, Activity: "Update", Object: ours.IRI, Inbox: bad.Inbox, Signer: ours.ID}})
			return err
		})
		all := []string{"By both", "By it alone", "Theirs"}
		if diff := cmp.Diff(all, w.board()); diff != "" {
			t.Fatal(diff)
		}
		cuts, err := w.s.PeerCuts(w.Context(), "bad.example")
		follows := must(w, cuts, err).Follows
		cuts.Follows = nil
		if diff := cmp.Diff(storage.PeerCuts{Followers: 2, Following: 1, Members: 1, Deliveries: 1, Jobs: 1, OtherPosts: 1, Brought: 1}, cuts); diff != "" || len(follows) != 3 {
			t.Errorf("%d follows; cuts: %s", len(follows), diff)
		}
		if cuts, err := w.s.PeerCuts(w.Context(), "nobody.example"); err != nil || !cuts.None() {
			t.Errorf("of a server that was never heard of: %+v, %v", cuts, err)
		}

		w.decide(coop.Peer{Host: "Bad.Example", Policy: coop.PolicyBlock, Reason: "spam"})
		if diff := cmp.Diff([]string{"By both"}, w.board()); diff != "" {
			t.Errorf("after the block: %s", diff)
		}
		if e := w.lastAct(); e.Who != "ana" || e.Act != "peer.block" || e.Target != "bad.example" || e.Why != "spam" || e.From != "192.0.2.7" {
			t.Errorf("noted %+v", e)
		}
		peer, err := w.s.Peer(w.Context(), "bad.example")
		if must(w, peer, err).Software != "other 1.0" || peer.LastReceived.IsZero() || peer.Policy != coop.PolicyBlock {
			t.Errorf("what was known of it is lost: %+v", peer)
		}
		if d, err := w.s.Destination(w.Context(), "bad.example"); err != nil || d.Waiting != 0 {
			t.Errorf("what waited for it: %+v, %v", d, err)
		}
		w.decide(coop.Peer{Host: "bad.example", Policy: coop.PolicyBlock, Reason: "still"}) // twice is once

		w.decide(coop.Peer{Host: "bad.example"})
		if diff := cmp.Diff(all, w.board()); diff != "" {
			t.Errorf("restored: %s", diff)
		}
		if e := w.lastAct(); e.Act != "peer.clear" {
			t.Errorf("noted %+v", e)
		}

		w.decide(coop.Peer{Host: "bad.example", Policy: coop.PolicyBlock, ExpiresAt: w.clock.Now().Add(time.Hour)})
		w.clock.Advance(2 * time.Hour)
		n := 0
		w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
			n, err = tx.EndPeerPolicies(ctx, 10)
			return err
		})
		if diff := cmp.Diff(all, w.board()); n != 1 || diff != "" || w.lastAct().Who != "minga" {
			t.Errorf("%d ended by themselves: %s", n, diff)
		}
		w.sound()
	})
}

// TestPeerRelations says who follows whom, and what waits for whoever runs the
// instance.
func TestPeerRelations(t *testing.T) {
	eachWorld(t, func(w *world) {
		ours, telar := w.account("minga", "", coop.Federation), w.account("telar", "", coop.Coop)
		one, two := w.account("one", "one.example", coop.Federation), w.account("two", "two.example", coop.Coop)
		w.follow(ours, one)
		w.follow(two, telar)
		asked := &coop.Follow{IRI: one.IRI + "/f", Follower: one, Target: ours, State: coop.FollowAsked}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.PutFollow(ctx, asked); err != nil {
				return err
			}
			return tx.PutFollow(ctx, &coop.Follow{IRI: two.IRI + "/f", Follower: one, Target: telar, State: coop.FollowAsked})
		})
		got, err := w.s.PeerRelations(w.Context(), []string{"one.example", "two.example", "three.example"})
		want := map[string]storage.PeerRelation{"one.example": {Following: 1, Asked: 2, FollowedByUs: true}, "two.example": {Followers: 1}}
		if diff := cmp.Diff(want, must(w, got, err)); diff != "" {
			t.Error(diff)
		}
		follows, all, err := w.s.WaitingFollows(w.Context(), 10)
		if err != nil || all != 1 || len(follows) != 1 || follows[0].ID != asked.ID || follows[0].Follower.IRI != one.IRI {
			t.Errorf("%d wait: %+v, %v", all, follows, err)
		}
		found, err := w.s.FollowByID(w.Context(), asked.ID)
		if must(w, found, err).Target.ID != ours.ID {
			t.Errorf("found %+v", found)
		}
		_, err = w.s.FollowByID(w.Context(), 1)
		w.wants(err, coop.ErrNotFound)
		w.decide(coop.Peer{Host: "a_b.example", Policy: coop.PolicyAllow})
		for text, want := range map[string]int{"": 1, "b.ex": 1, "a_b": 1, "axb": 0, "%": 0} {
			if peers, err := w.s.Peers(w.Context(), storage.PeerQuery{Text: text}); err != nil || len(peers) != want {
				t.Errorf("%q finds %d, want %d (%v)", text, len(peers), want, err)
			}
		}
	})
}

// TestFirstRun: of two first owners one is, and the handle of the federation changes
// only while nobody knows it.
func TestFirstRun(t *testing.T) {
	eachWorld(t, func(w *world) {
		ours := w.account("minga", "", coop.Federation)
		hash := make([]byte, 32)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddLink(ctx, &coop.Link{Hash: hash, Purpose: coop.LinkSetup, Rank: coop.RankOwner, EndsAt: w.clock.Now().Add(time.Hour)})
		})
		rename := func(name string) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error {
				return tx.RenameFederation(ctx, ours.ID, name, "https://"+here+"/@"+name)
			})
		}
		w.account("telar", "", coop.Coop)
		w.wants(rename("telar"), coop.ErrConflict)
		if err := rename("facttic"); err != nil {
			t.Fatal(err)
		}
		found, err := w.s.AccountByHandle(w.Context(), "Facttic", "")
		if must(w, found, err).ID != ours.ID || found.Name != "facttic" || found.URL != "https://"+here+"/@facttic" {
			t.Errorf("renamed %+v", found)
		}
		begin := func() error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error {
				if err := tx.BeginSetup(ctx); err != nil {
					return err
				}
				return tx.AddAccount(ctx, &coop.Account{
					IRI: "https://" + here + "/people/ana", Kind: coop.Person, ActorType: "Person", Name: "ana", Local: true, Rank: coop.RankOwner,
				}, nil)
			})
		}
		if err := begin(); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.LinkByHash(w.Context(), coop.LinkSetup, hash)
		w.wants(err, coop.ErrNotFound)
		w.wants(begin(), coop.ErrConflict)
		if owned, err := w.s.HasOwner(w.Context()); err != nil || !owned {
			t.Errorf("owned %v, %v", owned, err)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.TouchPeer(ctx, "one.example", storage.PeerReceived, w.clock.Now(), storage.Exchanged{})
		})
		if err := rename("other"); !errors.Is(err, coop.ErrForbidden) {
			t.Errorf("a known federation is renamed: %v", err)
		}
	})
}
