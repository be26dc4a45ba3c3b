// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Patience of who waits for a place. A burst is let in bit by bit. Where somebody has been
// waiting all the time for longer than a burst lasts, more is asked than can be answered:
// then it is better to say so at once than to let all wait.
const (
	burst         = time.Second
	calm          = 200 * time.Millisecond // without anybody who waits: it is over
	patienceBurst = 5 * time.Second
	patienceLoad  = 50 * time.Millisecond
	patienceBack  = 30 * time.Second // of who was in already
)

// How many may wait, for each place.
const (
	waitersBurst = 16
	waitersLoad  = 2
)

// guest is who asks: one that signed in lately, or a stranger, known by an address.
type guest struct {
	who   string
	known bool
}

// rank is in which order who waits is let in.
type rank int

const (
	rankBack     rank = iota // gave its place back while it waited for its client, and goes on
	rankKnown                // somebody who signed in
	rankStranger             // anybody
	ranks
)

// places are so many requests of a class that are worked on at once, and a short queue
// before them. Some places are kept from strangers, so that who signed in finds one, and
// nobody takes more than a half.
type places struct {
	now  func() time.Time
	all  int
	open int // of them those that strangers may have
	each int // most of one asker; 0: all

	mu        sync.Mutex
	taken     int
	strangers int            // places that strangers have
	holders   map[string]int // places of each asker
	queue     [ranks][]*waiter
	waiting   int
	crowded   time.Time // since when somebody has been waiting
	emptied   time.Time // when nobody waited any more
	turned    [ranks]uint64
}

// waiter is one that waits; in is closed when it has a place.
type waiter struct {
	guest
	rank rank
	in   chan struct{}
}

// newPlaces makes all places free. fair keeps a quarter of them from strangers and gives
// nobody more than a half.
func newPlaces(all int, fair bool, now func() time.Time) *places {
	p := &places{now: now, all: max(all, 1), open: max(all, 1), holders: map[string]int{}}
	if fair {
		p.open, p.each = max(all-all/4, 1), max(all/2, 1)
	}
	return p
}

// take gets a place for an asker, waiting for it if need be; false: there is none. ctx is
// that of the request.
func (p *places) take(ctx context.Context, a guest, r rank) bool {
	p.mu.Lock()
	if p.fits(a) {
		p.seat(a)
		p.mu.Unlock()
		return true
	}
	patience, most := p.patience(r)
	if r != rankBack && len(p.queue[r]) >= most {
		p.turned[r]++
		p.mu.Unlock()
		return false
	}
	w := &waiter{a, r, make(chan struct{})}
	p.join(w)
	p.mu.Unlock()
	return p.await(ctx, w, patience)
}

// await waits until the waiter has a place, or its patience or its request has ended.
func (p *places) await(ctx context.Context, w *waiter, patience time.Duration) bool {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	select {
	case <-w.in:
		return true
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-w.in: // just now
		return true
	default:
	}
	p.part(w)
	p.turned[w.rank]++
	return false
}

// roomFor tells whether an asker would have a place at once.
func (p *places) roomFor(a guest) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fits(a)
}

// free gives a place back, and lets in who may have it.
func (p *places) free(a guest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if !a.known {
		p.strangers--
	}
	if p.holders[a.who]--; p.holders[a.who] <= 0 {
		delete(p.holders, a.who)
	}
	for r := range p.queue {
		p.letIn(rank(r))
	}
}

// letIn gives free places to those of one rank, in the order in which they came.
func (p *places) letIn(r rank) {
	for n := 0; n < len(p.queue[r]) && p.taken < p.all; {
		w := p.queue[r][n]
		if !p.fits(w.guest) {
			n++
			continue
		}
		p.part(w)
		p.seat(w.guest)
		close(w.in)
	}
}

// fits tells whether there is a place for an asker.
func (p *places) fits(a guest) bool {
	switch {
	case p.taken >= p.all, p.each > 0 && p.holders[a.who] >= p.each:
		return false
	}
	return a.known || p.strangers < p.open
}

// seat gives a place.
func (p *places) seat(a guest) {
	p.taken++
	p.holders[a.who]++
	if !a.known {
		p.strangers++
	}
}

// patience is how long who comes now may wait, and how many of its rank may.
func (p *places) patience(r rank) (time.Duration, int) {
	if r == rankBack {
		return patienceBack, 0
	}
	now := p.now()
	if since := now.Sub(p.crowded); since < burst || p.waiting == 0 && now.Sub(p.emptied) >= calm {
		return patienceBurst, waitersBurst * p.all
	}
	return patienceLoad, waitersLoad * p.all
}

// join adds one to the queue.
func (p *places) join(w *waiter) {
	if p.waiting++; p.waiting == 1 && p.now().Sub(p.emptied) >= calm {
		p.crowded = p.now()
	}
	p.queue[w.rank] = append(p.queue[w.rank], w)
}

// part takes one out of the queue.
func (p *places) part(w *waiter) {
	if n := slices.Index(p.queue[w.rank], w); n >= 0 {
		p.queue[w.rank] = slices.Delete(p.queue[w.rank], n, n+1)
	}
	if p.waiting--; p.waiting == 0 {
		p.emptied = p.now()
	}
}

// Load is how much is asked of one class of requests on this node.
type Load struct {
	Class   string // pages, inbox or files
	Places  int    // requests that may be worked on at once
	Taken   int    // that are
	Waiting int    // that wait for a place
	// Turned are those that were answered 503 since the start, by who asked: known (who
	// signed in) and unknown.
	TurnedKnown, TurnedUnknown uint64
}

// busy says whether anybody has a place or waits for one.
func (p *places) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken+p.waiting > 0
}

// load is what is asked now.
func (p *places) load(class string) Load {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Load{class, p.all, p.taken, p.waiting, p.turned[rankKnown] + p.turned[rankBack], p.turned[rankStranger]}
}
