// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"minga/storage"
)

// TestFaultOverload is R25: strangers ask for five times what can be answered, for two
// minutes. What is answered stays near the peak, the rest is told at once, people who
// signed in, other servers and who looks after the process go on, and once it is over all
// is well.
func TestFaultOverload(t *testing.T) {
	onlyLong(t, "web.TestOverload, TestABurstWaitsAndALoadIsTurnedAway and TestPlacesAreNeverLost")
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			if engine == storage.Postgres {
				needPostgres(t)
			}
			newRush(t, engine).run(string(engine))
		})
	}
}

// How long R25 takes: the search for the peak with each number of visitors, and the load;
// and how soon all must be well again.
const (
	rushStep = 8 * time.Second
	rushLoad = 2 * time.Minute
	rushWell = 10 * time.Second
)

// run finds the peak, asks for five times as much, and waits until all is well.
func (s *rush) run(engine string) {
	s.t.Helper()
	peak, visitors := s.peak()
	ctx, stop := context.WithTimeout(s.t.Context(), rushLoad)
	defer stop()
	var neighbours sync.WaitGroup
	neighbours.Go(func() { s.neighbours(ctx) })
	under := s.measure(func() { s.flood(ctx, 5*peak.second); neighbours.Wait() })
	offered := float64(s.asked.Load()) / rushLoad.Seconds()
	well := s.well()
	lost, doubled := s.posts.kept(s.p.texts())
	if lost+doubled > 0 {
		s.t.Errorf("%d posts lost, %d doubled", lost, doubled)
	}
	s.judge()
	missed := s.missed(max(under.second/peak.second, under.cpu/peak.cpu), well)
	tellTimed(s.t, missed, "R25", fmt.Sprintf("%.1f times the load that can be served, for %v, %s", offered/peak.second, rushLoad, engine),
		"peak %.0f answers a second with %d visitors; under load %.0f (%.0f %%; for the same time of the processor %.0f %%); of strangers %s and %s; turned away after %v in the median, p99 %v, at most %v; pages of who signed in: %s, p95 %v, at most %v; posts of apps: %s, at most %v; activities: %s; signs of life: %s, at most %v; well again after %v; lost or doubled: %d",
		peak.second, visitors, under.second, 100*under.second/peak.second, 100*under.cpu/peak.cpu, &s.served, &s.turned, s.turned.slowest(0.5), s.turned.slowest(0.99), s.turned.slowest(1),
		&s.pages, s.pages.slowest(0.95), s.pages.slowest(1), &s.posts, s.posts.slowest(1), &s.peer.answers, &s.looks, s.looks.slowest(1),
		well.Round(10*time.Millisecond), lost+doubled)
}

// judge holds the counts against R25. Who signed in is never turned away.
func (s *rush) judge() {
	s.t.Helper()
	for what, n := range map[string]int{
		"strangers were answered neither 200 nor 503":     s.served.other(200) + s.turned.other(503),
		"pages of who signed in were not answered":        s.pages.other(200),
		"posts of apps were not answered":                 s.posts.other(200),
		"activities were answered neither 202 nor 503":    s.peer.other(202, 503),
		"signs of life were not answered":                 s.looks.other(200),
		"strangers were turned away: fewer than expected": max(0, 1000-s.turned.of(503)),
	} {
		if n > 0 {
			s.t.Errorf("%d %s", n, what)
		}
	}
}

// missed are the goals of time of R25 that were not met. share is what was answered, in
// parts of the peak.
func (s *rush) missed(share float64, well time.Duration) []string {
	late := slices.Concat(
		slower("turned away, p99", s.turned.slowest(0.99), 100*time.Millisecond),
		slower("pages of who signed in", s.pages.slowest(1), time.Second),
		slower("well again", well, rushWell))
	if share < 0.8 {
		late = append(late, "answered: under 80 % of the peak")
	}
	return late
}
