// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"minga/coop"
)

// TestEndInTheMiddle stops the worker while a peer holds its request: nothing is lost,
// and nothing counts as a failure.
func TestEndInTheMiddle(t *testing.T) {
	h, p := newHouse(t), newPeer(t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	post := h.note(telar, "uno")
	ctx, stop := context.WithCancel(t.Context())
	p.answer = func(r *http.Request) int {
		stop()
		<-r.Context().Done()
		return http.StatusAccepted
	}
	if _, err := h.Step(ctx); err != nil {
		t.Fatal(err)
	}
	p.take()
	s, err := h.store.DeliveriesOfPost(t.Context(), post.ID)
	h.must(err)
	if s.Waiting != 1 || len(s.Left) != 1 || s.Left[0].Attempts != 0 || s.Left[0].State != "waiting" {
		t.Errorf("after the end: %+v", s)
	}
	p.mu.Lock()
	p.answer = nil
	p.mu.Unlock()
	h.drain()
	if got := says(p.take()); got != "Create" {
		t.Errorf("after the start: %q", got)
	}
}

// TestUnavailableHost fails on seven days: then posts are not queued for it any more,
// what must be known is, and an answer to the daily probe revives it.
func TestUnavailableHost(t *testing.T) {
	h, p := newHouse(t), newPeer(t)
	telar := h.account(coop.Coop, "telar")
	h.follows(p.actor(h, coop.Person, "ana", true), telar)
	p.answer = func(*http.Request) int { return http.StatusServiceUnavailable }
	old := h.note(telar, "uno")
	for range 9 * 4 {
		h.drain()
		h.clock.Advance(hours(6))
	}
	d, err := h.store.Destination(t.Context(), strings.TrimPrefix(p.URL, "http://"))
	h.must(err)
	if d.State != "unavailable" {
		t.Fatalf("after nine days: %+v", d)
	}
	if n := len(p.take()); n > 60 {
		t.Errorf("%d requests to a host that does not answer", n)
	}
	post := h.note(telar, "dos")
	s, err := h.store.DeliveriesOfPost(t.Context(), post.ID)
	h.must(err)
	if s.Waiting != 0 {
		t.Errorf("a post is queued for an unavailable host: %+v", s)
	}
	h.must(h.Delete(t.Context(), old))
	p.mu.Lock()
	p.answer = nil
	p.mu.Unlock()
	h.clock.Advance(hours(25))
	h.drain()
	if got := says(p.take()); got != "Delete" {
		t.Errorf("after the probe: %q", got)
	}
	h.note(telar, "tres")
	h.drain()
	if got := says(p.take()); got != "Create" {
		t.Errorf("revived: %q", got)
	}
}
