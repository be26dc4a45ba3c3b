// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// countedHouses are houses on both databases that count their transactions.
func countedHouses(t *testing.T, story func(h *house, writes *atomic.Int64)) {
	for engine, url := range map[storage.Engine]func(testing.TB, *storagetest.Clock) string{
		storage.SQLite:   func(t testing.TB, _ *storagetest.Clock) string { return storagetest.SQLiteURL(t) },
		storage.Postgres: storagetest.PostgresURLAt,
	} {
		t.Run(string(engine), func(t *testing.T) {
			if engine == storage.Postgres && os.Getenv("MINGA_TEST_POSTGRES") == "" {
				t.Skip("MINGA_TEST_POSTGRES is not set")
			}
			var writes atomic.Int64
			clock := storagetest.NewClock()
			s, err := storage.Open(t.Context(), storage.Options{
				URL: url(t, clock), Now: clock.Now, SecretKeys: storagetest.Keys(),
				Observe: func(what string, _ time.Duration) {
					if what == "write" {
						writes.Add(1)
					}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			story(newHouseIn(t, s, clock), &writes)
		})
	}
}

// TestResultsGather: what comes while somebody writes is written together, and one that
// cannot be written is alone with that.
func TestResultsGather(t *testing.T) {
	countedHouses(t, func(h *house, writes *atomic.Int64) {
		const n = 20
		claims := h.claimed(n)
		h.settling.turn <- struct{}{} // somebody writes
		errs := make([]error, n)
		var workers sync.WaitGroup
		for i, c := range claims {
			b := &batch{o: h.Outbox, claim: &c}
			b.note(result{&c.Deliveries[0], verdict{result: storage.Delivered}})
			switch i {
			case 3:
				c.Fence-- // its lease is somebody else's by now
			case 7:
				b.learnt = "\x00" // no database takes that
			}
			workers.Go(func() { errs[i] = h.settle(h.t.Context(), b) })
		}
		h.wait("all stand in line", func() bool { h.settling.mu.Lock(); defer h.settling.mu.Unlock(); return len(h.settling.waiting) == n })
		before := writes.Load()
		<-h.settling.turn
		workers.Wait()
		for i, err := range errs {
			if (i == 7) != (err != nil) {
				h.t.Errorf("%d: %v", i, err)
			}
		}
		if wrote := writes.Load() - before; wrote != 1+n { // all at once, which fails, then each alone
			h.t.Errorf("%d transactions", wrote)
		}
		h.left("after one that cannot be written", 2)
	})
}

// TestResultsOfManyAreOneTransaction: and who is at some of the hosts meanwhile is waited for
// once, by none of the others.
func TestResultsOfManyAreOneTransaction(t *testing.T) {
	countedHouses(t, func(h *house, writes *atomic.Int64) {
		var list []*unsettled
		for _, c := range h.claimed(20) {
			b := &batch{o: h.Outbox, claim: &c}
			b.note(result{&c.Deliveries[0], verdict{result: storage.Delivered}})
			list = append(list, &unsettled{b, make(chan error, 1)})
		}
		before, want := writes.Load(), int64(1)
		if h.store.Engine() == storage.SQLite {
			h.settleAll(h.t.Context(), list)
		} else {
			want = 4 // who was there, those that were free, the first of the busy ones, the others
			h.settleWhileBusy(list, 5)
		}
		if wrote := writes.Load() - before; wrote != want {
			h.t.Errorf("%d transactions, want %d", wrote, want)
		}
		for _, u := range list {
			h.must(<-u.done)
		}
		h.left("after all", 0)
	})
}

// settleWhileBusy settles while somebody holds the rows of some hosts.
func (h *house) settleWhileBusy(list []*unsettled, busy int) {
	held, free := make(chan struct{}), make(chan struct{})
	var other sync.WaitGroup
	other.Go(func() {
		err := h.store.Write(h.t.Context(), func(tx *storage.Tx) error {
			for _, u := range list[:busy] {
				if _, err := tx.RenewDestination(h.t.Context(), u.b.claim.Host, u.b.claim.Fence, time.Minute); err != nil {
					return err
				}
			}
			close(held)
			<-free
			return nil
		})
		if err != nil {
			h.t.Error(err)
		}
	})
	<-held
	other.Go(func() { h.settleAll(h.t.Context(), list) })
	for _, u := range list[busy:] { // these do not wait
		h.must(<-u.done)
		u.done <- nil
	}
	close(free)
	other.Wait()
}

// claimed are so many hosts, each with one delivery.
func (h *house) claimed(n int) (claims []storage.Claim) {
	h.t.Helper()
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error {
		doc, err := tx.PutDocument(h.t.Context(), storage.Document{IRI: "https://fed-sur.example/x", OwnerID: 1, Body: []byte("{}")})
		var list []storage.Delivery
		for i := range n {
			list = append(list, storage.Delivery{Inbox: coop.IRI(fmt.Sprintf("https://h%02d.example/inbox", i)), DocumentID: doc, Activity: "Create", Signer: 1})
		}
		if err == nil {
			_, err = tx.AddDeliveries(h.t.Context(), list)
		}
		return err
	}))
	claims, err := h.claim(h.t.Context(), n)
	h.must(err)
	if len(claims) != n {
		h.t.Fatalf("%d claims", len(claims))
	}
	return claims
}

// left compares how much waits.
func (h *house) left(when string, want int) {
	h.t.Helper()
	stats, err := h.store.QueueStats(h.t.Context())
	h.must(err)
	if stats.Waiting != want {
		h.t.Errorf("%s %d wait, want %d", when, stats.Waiting, want)
	}
}

// wait looks until it is so.
func (h *house) wait(what string, so func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 30*time.Second)
	defer cancel()
	for !so() {
		if !holdOn(ctx, 5*time.Millisecond) {
			h.t.Fatalf("not so in time: %s", what)
		}
	}
}

// TestNobodyWaitsForResultsForEver: who stands in line while nobody writes goes on after its
// patience, and is no longer in it.
func TestNobodyWaitsForResultsForEver(t *testing.T) {
	s := newSettling()
	u := &unsettled{done: make(chan error, 1)}
	s.join(u)
	if !s.leave(u) || s.leave(u) || len(s.take()) != 0 {
		t.Error("who left is in the line")
	}
	u.tell(errNotSettled)
	u.tell(nil)
	if err := <-u.done; !errors.Is(err, errNotSettled) {
		t.Errorf("told %v", err)
	}
}

// TestDeliveriesLeaveAProcessor: while somebody waits for an answer one place to sign less
// is there, but always one; before its signature a delivery has one of few places, and on
// the network none.
func TestDeliveriesLeaveAProcessor(t *testing.T) {
	for _, tt := range []struct{ processors, quiet, asked int }{{1, 1, 1}, {2, 2, 1}, {8, 8, 7}} {
		asked := false
		p := newPace(tt.processors, func() bool { return asked })
		for _, asked = range []bool{true, false} {
			most := map[bool]int{true: tt.asked, false: tt.quiet}[asked]
			var done []func()
			for range most {
				done = append(done, p.sign())
			}
			if got := len(p.signing) + len(p.spare); got != most || asked && len(p.spare) > 0 {
				t.Errorf("%d processors, asked %v: %d sign", tt.processors, asked, got)
			}
			for _, f := range done {
				f()
			}
		}
	}
	h, peer := newHouse(t), newPeer(t)
	telar := h.account(coop.Coop, "telar")
	h.follows(peer.actor(h, coop.Person, "ana", true), telar)
	peer.answer = func(*http.Request) int {
		if n := len(h.pace.starting) + len(h.pace.signing) + len(h.pace.spare); n != 0 {
			t.Errorf("%d places are taken by who waits for the network", n)
		}
		return http.StatusAccepted
	}
	h.note(telar, "uno")
	h.drain()
	if len(peer.take()) != 1 || len(h.pace.starting) != 0 {
		t.Error("not delivered, or a place was not given back")
	}
}
