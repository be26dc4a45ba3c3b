// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// blocks are rows of a list that blocks servers.
func blocks(hosts ...string) []coop.PeerListRow {
	rows := make([]coop.PeerListRow, len(hosts))
	for i, host := range hosts {
		rows[i] = coop.PeerListRow{Host: host, Policy: coop.PolicyBlock, PublicReason: "spam"}
	}
	return rows
}

// peerList makes a list of servers.
func (w *world) peerList(name string, rows ...coop.PeerListRow) *coop.PeerList {
	w.Helper()
	l := &coop.PeerList{Name: name, Policy: coop.PolicyBlock}
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.AddPeerList(ctx, l); err != nil {
			return err
		}
		return tx.FillPeerList(ctx, l, rows, nil)
	})
	return l
}

// apply applies a list to its end.
func (w *world) apply(l *coop.PeerList) {
	w.Helper()
	for n := 2; n == 2; {
		w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
			n, err = tx.ApplyPeerList(ctx, l.ID, 2)
			return err
		})
	}
}

// states are the hosts of a list by their state.
func (w *world) states(l *coop.PeerList) map[coop.PeerListState][]string {
	w.Helper()
	counts, err := w.s.PeerListCounts(w.Context(), l.ID)
	if err != nil {
		w.Fatal(err)
	}
	got := map[coop.PeerListState][]string{}
	for _, state := range coop.PeerListStates() {
		rows, err := w.s.PeerListRows(w.Context(), l.ID, state, "", 100)
		if err != nil || len(rows) != counts[state] {
			w.Fatalf("%s: %d rows, counted %d, %v", state, len(rows), counts[state], err)
		}
		for _, x := range rows {
			got[state] = append(got[state], x.Host)
		}
	}
	return got
}

// policies are what counts for servers of which something was decided.
func (w *world) policies() map[string]coop.PeerPolicy {
	w.Helper()
	peers, err := w.s.Peers(w.Context(), storage.PeerQuery{Limit: 200})
	if err != nil {
		w.Fatal(err)
	}
	got := map[string]coop.PeerPolicy{}
	for _, p := range peers {
		if p.Policy != "" {
			got[p.Host] = p.Policy
		}
	}
	return got
}

// TestPeerLists: a list is a proposal; what was decided by hand stays; whom somebody here
// is connected with is left out; what leaves the list is taken back, when somebody says so.
func TestPeerLists(t *testing.T) {
	type states = map[coop.PeerListState][]string
	eachWorld(t, func(w *world) {
		ana, hulda := w.account("ana", "", coop.Person), w.account("hulda", "friend.example", coop.Coop)
		w.account("spam", "known.example", coop.Person)
		w.follow(ana, hulda)
		w.decide(coop.Peer{Host: "own.example", Policy: coop.PolicyAllow})
		w.decide(coop.Peer{Host: "same.example", Policy: coop.PolicyBlock})
		l := w.peerList("common", blocks("a.example", "b.example", "friend.example", "known.example", "own.example", "same.example")...)
		if diff := cmp.Diff(states{"new": {"a.example", "b.example", "known.example"}, "kept": {"friend.example"}, "own": {"own.example"}, "done": {"same.example"}}, w.states(l)); diff != "" {
			t.Errorf("before: %s", diff)
		}
		if got := len(w.policies()); got != 2 {
			t.Errorf("a list that nobody applied decides: %d", got)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.KeepPeerListRow(ctx, l.ID, "b.example", true)
		})
		w.apply(l)
		want := map[string]coop.PeerPolicy{"a.example": "block", "known.example": "block", "own.example": "allow", "same.example": "block"}
		if diff := cmp.Diff(want, w.policies()); diff != "" {
			t.Errorf("applied: %s", diff)
		}
		if p, err := w.s.Peer(w.Context(), "a.example"); err != nil || p.List != l.ID || p.PublicReason != "spam" {
			t.Errorf("decided %+v, %v", p, err)
		}

		// The next day: one is gone, one is only limited, one is new; b stays left out.
		rows := append(blocks("b.example", "c.example"), coop.PeerListRow{Host: "known.example", Policy: coop.PolicyLimit})
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.FillPeerList(ctx, l, rows, []string{"line 7"})
		})
		if diff := cmp.Diff(states{"new": {"c.example"}, "changed": {"known.example"}, "gone": {"a.example"}, "kept": {"b.example"}}, w.states(l)); diff != "" {
			t.Errorf("the next day: %s", diff)
		}
		w.apply(l)
		want = map[string]coop.PeerPolicy{"c.example": "block", "known.example": "limit", "own.example": "allow", "same.example": "block"}
		if diff := cmp.Diff(want, w.policies()); diff != "" {
			t.Errorf("applied again: %s", diff)
		}
		if got, err := w.s.PeerList(w.Context(), l.ID); err != nil || !cmp.Equal(got.Wrong, []string{"line 7"}) || got.ChangedAt.IsZero() {
			t.Errorf("kept %+v, %v", got, err)
		}

		// Another list: where the two differ, the one that blocks counts.
		allows := w.peerList("friends", coop.PeerListRow{Host: "c.example", Policy: coop.PolicyAllow}, coop.PeerListRow{Host: "d.example", Policy: coop.PolicyAllow})
		w.apply(allows)
		strict := w.peerList("strict", blocks("d.example", "known.example")...)
		if diff := cmp.Diff(states{"changed": {"d.example", "known.example"}}, w.states(strict)); diff != "" {
			t.Errorf("a third list: %s", diff)
		}
		w.apply(strict)
		w.decide(coop.Peer{Host: "known.example", Policy: coop.PolicyAllow}) // by hand: the list has no say any more
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RemovePeerList(ctx, strict.ID, true) })
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RemovePeerList(ctx, l.ID, false) })
		want = map[string]coop.PeerPolicy{"c.example": "block", "known.example": "allow", "own.example": "allow", "same.example": "block"}
		if diff := cmp.Diff(want, w.policies()); diff != "" {
			t.Errorf("without the lists: %s", diff)
		}
		if p, err := w.s.Peer(w.Context(), "c.example"); err != nil || p.List != 0 {
			t.Errorf("as if by hand: %+v, %v", p, err)
		}
		err := w.s.Write(w.Context(), func(tx *storage.Tx) error { return tx.RemovePeerList(w.Context(), l.ID, false) })
		if !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("a list that is gone: %v", err)
		}
	})
}

// TestLongPeerList: many servers at once, most of which were never heard of.
func TestLongPeerList(t *testing.T) {
	storagetest.WithoutRace(t)
	eachWorld(t, func(w *world) {
		hosts := make([]string, 5000)
		for i := range hosts {
			hosts[i] = fmt.Sprintf("s%04d.example", i)
		}
		l := w.peerList("long", blocks(hosts...)...)
		n := 0
		w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
			n, err = tx.ApplyPeerList(ctx, l.ID, 10_000)
			return err
		})
		counts, err := w.s.PeerListCounts(w.Context(), l.ID)
		if err != nil || n != len(hosts) || counts[coop.PeerListDone] != len(hosts) {
			t.Errorf("%d applied, %v, %v", n, counts, err)
		}
	})
}
