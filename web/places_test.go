// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// come lets a guest ask for a place and says what came of it, and after how long.
func come(p *places, g guest, r rank) <-chan arrival {
	out := make(chan arrival, 1)
	begun := time.Now()
	go func() { in := p.take(context.Background(), g, r); out <- arrival{in, time.Since(begun)} }()
	synctest.Wait()
	return out
}

// arrival is what came of it.
type arrival struct {
	in   bool
	took time.Duration
}

// stranger and member are one of many.
func stranger(n int) guest { return guest{who: fmt.Sprint("address ", n)} }
func member(n int) guest   { return guest{who: fmt.Sprint("account ", n), known: true} }

// TestPlacesAreShared: strangers leave a quarter of the places to who signed in, and
// nobody has more than a half.
func TestPlacesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlaces(8, true, time.Now)
		for n := range 6 {
			if !p.roomFor(stranger(n)) || !p.take(t.Context(), stranger(n), rankStranger) {
				t.Fatalf("stranger %d has no place", n)
			}
		}
		if p.roomFor(stranger(7)) {
			t.Error("strangers have more than three quarters")
		}
		for n := range 2 {
			if !p.take(t.Context(), member(n), rankKnown) {
				t.Errorf("member %d has no place", n)
			}
		}
		for n := range 6 {
			p.free(stranger(n))
		}
		for range 3 {
			p.take(t.Context(), member(0), rankKnown)
		}
		if p.roomFor(member(0)) || !p.roomFor(member(1)) {
			t.Error("one has more than a half, or another has nothing")
		}
		if l := p.load("x"); l.Taken != 5 || l.Places != 8 || l.Waiting != 0 || l.TurnedKnown+l.TurnedUnknown != 0 {
			t.Errorf("load is %+v", l)
		}
	})
}

// TestWhoWaitsIsLetInByRank: who had a place before whoever signed in, and they before
// strangers; among each other as they came.
func TestWhoWaitsIsLetInByRank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlaces(1, false, time.Now)
		p.take(t.Context(), stranger(0), rankStranger)
		queue := []struct {
			g    guest
			r    rank
			turn int
		}{{stranger(1), rankStranger, 3}, {stranger(2), rankStranger, 4}, {member(1), rankKnown, 1}, {member(2), rankKnown, 2}, {stranger(3), rankBack, 0}}
		in, inside := make([]<-chan arrival, len(queue)), stranger(0)
		for n, w := range queue {
			in[n] = come(p, w.g, w.r)
		}
		for turn := range queue {
			p.free(inside)
			synctest.Wait()
			for n, w := range queue {
				if w.turn != turn {
					continue
				}
				inside = w.g
				select {
				case a := <-in[n]:
					if !a.in {
						t.Errorf("turn %d: %s was sent away", turn, w.g.who)
					}
				default:
					t.Fatalf("turn %d: %s still waits", turn, w.g.who)
				}
			}
		}
	})
}

// TestABurstWaitsAndALoadIsTurnedAway: what comes at once waits for its turn; once somebody
// waited for a second without a pause, whoever comes is told within a twentieth of it, and
// only few may wait; when nobody waits any more it begins anew.
func TestABurstWaitsAndALoadIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlaces(1, false, time.Now)
		p.take(t.Context(), stranger(0), rankStranger)
		first := come(p, stranger(1), rankStranger)
		time.Sleep(burst)
		if a := <-come(p, stranger(2), rankStranger); a.in || a.took != patienceLoad {
			t.Errorf("under load %v after %v", a.in, a.took)
		}
		come(p, stranger(3), rankStranger)
		if a := <-come(p, stranger(4), rankStranger); a.in || a.took != 0 {
			t.Errorf("before a full queue %v after %v", a.in, a.took)
		}
		p.free(stranger(0))
		if a := <-first; !a.in {
			t.Error("who came with the burst was sent away")
		}
		time.Sleep(patienceLoad) // the queue is empty after it
		synctest.Wait()
		if a := <-come(p, stranger(6), rankStranger); a.in || a.took != patienceLoad {
			t.Errorf("a moment after a load %v after %v", a.in, a.took)
		}
		time.Sleep(calm)
		late := come(p, stranger(5), rankStranger)
		time.Sleep(2 * patienceLoad)
		p.free(stranger(1))
		if a := <-late; !a.in {
			t.Error("after the load nobody may wait")
		}
		if l := p.load("x"); l.TurnedUnknown != 4 || l.Waiting != 0 {
			t.Errorf("load is %+v", l)
		}
	})
}

// TestPlacesAreNeverLost: whoever comes, waits and goes, there are never more inside than
// places, and in the end all are free.
func TestPlacesAreNeverLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all = 8
		p := newPlaces(all, true, time.Now)
		var inside, strangers, served, most atomic.Int64
		var crowd sync.WaitGroup
		for n := range 400 {
			crowd.Go(func() {
				g, r := stranger(n%5), rankStranger
				if n%3 == 0 {
					g, r = member(n%4), rankKnown
				}
				ctx, stop := context.WithTimeout(t.Context(), time.Duration(n%7+1)*30*time.Millisecond)
				defer stop()
				time.Sleep(time.Duration(n*n%97) * 7 * time.Millisecond)
				if !p.take(ctx, g, r) {
					return
				}
				defer p.free(g)
				served.Add(1)
				most.Store(max(most.Load(), inside.Add(1)))
				defer inside.Add(-1)
				if !g.known && strangers.Add(1) > all*3/4 || inside.Load() > all {
					t.Errorf("%d inside, %d strangers", inside.Load(), strangers.Load())
				}
				time.Sleep(time.Duration(n%11+1) * 9 * time.Millisecond)
				if !g.known {
					strangers.Add(-1)
				}
			})
		}
		crowd.Wait()
		if l := p.load("x"); l.Taken+l.Waiting+len(p.holders)+p.strangers != 0 || uint64(served.Load())+l.TurnedKnown+l.TurnedUnknown != 400 {
			t.Errorf("at the end %+v, %d served, %d holders, %d strangers", l, served.Load(), len(p.holders), p.strangers)
		}
		if served.Load() == 400 || most.Load() < all {
			t.Errorf("%d served, at most %d at once: this tries nothing", served.Load(), most.Load())
		}
	})
}
