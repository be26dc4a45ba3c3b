// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestHangingServersHoldNoWorker: with one worker and several activities that wait
// for a server that does not answer, another's has its effect meanwhile.
func TestHangingServersHoldNoWorker(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Workers = 1 })
	p, q := newPeer(t), newPeer(t)
	release := make(chan struct{})
	q.serve = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/hang/") {
			<-release
		}
		return false
	}
	bob := p.actor("Person", "bob")
	w.follows(w.ana, bob)
	const many = 5
	for n := range many {
		booster := q.actor("Person", fmt.Sprintf("b%d", n))
		w.follows(w.ana, booster)
		w.send(booster, booster.activity("Announce", "/a/1", fmt.Sprintf("%s/hang/%d", q.url, n)))
	}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- w.in.Run(ctx) }()
	until := func(what string, holds func() bool) {
		t.Helper()
		deadline, stop := context.WithTimeout(w.ctx, 10*time.Second)
		defer stop()
		for !holds() {
			if deadline.Err() != nil {
				t.Errorf("not in time: %s", what)
				return
			}
		}
	}
	until("all hang", func() bool { return q.count("/hang/") == many })
	w.send(bob, bob.activity("Create", "/c/1", bob.note("/n/1")))
	until("the other's post", func() bool { return w.post(bob.iri+"/n/1") != nil })
	close(release)
	until("who was away comes back", func() bool { return len(w.in.away) == 0 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
