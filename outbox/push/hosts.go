// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"sync"
	"time"
)

// mostHosts bounds how many hosts and subscriptions at rest are remembered.
const mostHosts = 2000

// hosts remembers how many messages go to each host, and who rests. It forgets at a
// restart: the first message then finds out again.
type hosts struct {
	mu    sync.Mutex
	most  int // to one host at once
	busy  map[string]int
	turns map[string]time.Time // when the next one that found no place comes again
	rests map[string]rest
}

// rest is how long a host, or one subscription, is left alone, and after how many
// failures in a row.
type rest struct {
	until    time.Time
	failures int
}

func newHosts(most int) *hosts {
	return &hosts{most: most, busy: map[string]int{}, turns: map[string]time.Time{}, rests: map[string]rest{}}
}

// enter takes a place at a host. Without one it says when to come again: at the end of
// the rest of the host or of the subscription, or soon.
func (h *hosts) enter(host, subscription string, now time.Time) (leave func(), again time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range [2]string{host, subscription} {
		if r := h.rests[name]; r.until.After(now) {
			return nil, r.until
		}
	}
	if h.busy[host] >= h.most {
		return nil, h.turn(host, now)
	}
	h.busy[host]++
	return func() { h.left(host) }, time.Time{}
}

// What finds no place comes again after busyPause at the soonest, and never so many at
// once that most of them are put off once more.
const (
	busyPause = time.Second
	perPlace  = 200 * time.Millisecond // how long an exchange takes where all is well
)

// turn gives the next turn at a host.
func (h *hosts) turn(host string, now time.Time) time.Time {
	if len(h.turns) >= mostHosts {
		clear(h.turns)
	}
	next := h.turns[host].Add(perPlace / time.Duration(h.most))
	if soonest := now.Add(busyPause); next.Before(soonest) {
		next = soonest
	}
	h.turns[host] = next
	return next
}

// left gives a place back.
func (h *hosts) left(host string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy[host]--; h.busy[host] <= 0 {
		delete(h.busy, host)
	}
}

// fails lets somebody rest: as long as was asked for, else the longer the more often it
// failed. What failed together counts once.
func (h *hosts) fails(name string, asked time.Duration, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rests[name]
	if r.until.After(now) && asked == 0 {
		return
	}
	r.failures++
	if asked == 0 {
		asked = pause(r.failures)
	}
	if until := now.Add(asked); until.After(r.until) {
		r.until = until
	}
	h.forget(now)
	h.rests[name] = r
}

// forget makes room: what rests no more goes first, then anything.
func (h *hosts) forget(now time.Time) {
	if len(h.rests) < mostHosts {
		return
	}
	for name, r := range h.rests {
		if now.Sub(r.until) > longestPause {
			delete(h.rests, name)
		}
	}
	for name := range h.rests {
		if len(h.rests) < mostHosts {
			return
		}
		delete(h.rests, name)
	}
}

// works ends every rest of who answered.
func (h *hosts) works(names ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		delete(h.rests, name)
	}
}

// longestPause is the most time between two attempts that nobody asked for.
const longestPause = 6 * time.Hour

// pause is the time before the n-th repetition, n from 1 on.
func pause(n int) time.Duration {
	n = min(max(n, 1), 100)
	return min(time.Duration(n*n*n*n+15)*time.Second, longestPause)
}
