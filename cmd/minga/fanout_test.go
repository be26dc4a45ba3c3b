// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// hosts is a thousand inbox hosts on two addresses of this machine: each has a name of
// its own below localhost. Healthy ones answer, slow ones after ten seconds, and at the
// port of the dead nobody listens.
type hosts struct {
	port, deadPort string
	arrived        sync.Map
	healthy        atomic.Int64
	wanted         int64
	all            chan struct{} // closed when every healthy host has the post
	over           chan struct{} // closed when the slow need not wait any longer
	before         atomic.Int64  // slow answers that were given before all healthy had it
}

// slowAnswer is how long a slow host takes.
const slowAnswer = 10 * time.Second

func newHosts(t *testing.T, wanted int) *hosts {
	t.Helper()
	c := &hosts{wanted: int64(wanted), all: make(chan struct{}), over: make(chan struct{})}
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, c.port, _ = net.SplitHostPort(l.Addr().String())
	_, c.deadPort, _ = net.SplitHostPort(dead.Addr().String())
	_ = dead.Close()
	server := newServer(http.HandlerFunc(c.serve))
	var loop sync.WaitGroup
	loop.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { _ = server.Close(); loop.Wait() })
	return c
}

func (c *hosts) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.Host, "slow") {
		select {
		case <-c.over:
		case <-time.After(slowAnswer):
			select {
			case <-c.all:
			default:
				c.before.Add(1)
			}
		}
	} else if _, twice := c.arrived.LoadOrStore(r.Host, true); !twice && c.healthy.Add(1) == c.wanted {
		close(c.all)
	}
	w.WriteHeader(http.StatusAccepted)
}

// follow makes an account of every host a follower of a co-op here.
func (c *hosts) follow(h *house, target *coop.Account, healthy, slow, dead int) {
	h.f.t.Helper()
	h.f.must(h.store.Write(h.f.ctx, func(tx *storage.Tx) error {
		for n := range healthy + slow + dead {
			name, port := "ok", c.port
			switch { // spread over the queue, as they are in life
			case n%20 == 7 && slow > 0:
				name = "slow"
			case n%10 == 3 && dead > 0:
				name, port = "dead", c.deadPort
			}
			if err := follower(h.f.ctx, tx, h.now(), fmt.Sprintf("%s%04d.localhost:%s", name, n, port), "u", target); err != nil {
				return err
			}
		}
		return nil
	}))
}

// follower stores an account elsewhere that follows target.
func follower(ctx context.Context, tx *storage.Tx, now time.Time, host, name string, target *coop.Account) error {
	iri := coop.IRI("http://" + host + "/" + name)
	a := &coop.Account{
		IRI: iri, Kind: coop.Person, ActorType: "Person", Name: name, Host: host, DisplayName: name, Inbox: iri + "/inbox",
		SharedInbox: coop.IRI("http://" + host + "/inbox"), FetchedAt: now,
	}
	if err := tx.SaveAccount(ctx, a); err != nil {
		return err
	}
	return tx.PutFollow(ctx, &coop.Follow{IRI: iri + "/f", Follower: a, Target: target, State: coop.FollowAccepted, CreatedAt: now, UpdatedAt: now})
}

// hostCount is how many hosts are asked: a thousand, two hundred with -short.
func hostCount() int {
	if testing.Short() {
		return 200
	}
	return 1000
}

// TestDeadAndSlowHostsDelayNobody is Show 6: a tenth of the hosts is dead and a
// twentieth answers after ten seconds. Counts decide: every healthy host has the post,
// once, before any slow one has answered. The times are for the reader.
func TestDeadAndSlowHostsDelayNobody(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		size := hostCount()
		alone := f.fan(size, 0, 0)
		among := f.fan(size-size/20-size/10, size/20, size/10)
		each := func(d time.Duration, n int) float64 { return float64(d) / float64(n) }
		t.Logf("%d healthy in %v; %d among %d slow and %d dead in %v; ratio a host %.2f, as a whole %.2f", size, alone.Round(time.Millisecond),
			size-size/20-size/10, size/20, size/10, among.Round(time.Millisecond), each(among, size-size/20-size/10)/each(alone, size), float64(among)/float64(alone))
	})
}

// fan publishes one post to a hosts and says when the healthy had it.
func (f *fediverse) fan(healthy, slow, dead int) time.Duration {
	f.t.Helper()
	c, h := newHosts(f.t, healthy), f.house("ana")
	telar := h.coop("telar")
	c.follow(h, telar, healthy, slow, dead)
	f.must(h.outbox.PublishNote(f.ctx, telar, &coop.Post{Source: "hola", Visibility: coop.VisiblePublic}))
	ctx, stop := context.WithCancel(f.ctx)
	ended := make(chan error, 1)
	begun := time.Now()
	go func() { ended <- h.outbox.Run(ctx) }()
	select {
	case <-c.all:
	case <-time.After(60 * time.Second):
		f.t.Errorf("only %d of %d healthy hosts have it", c.healthy.Load(), c.wanted)
	}
	took := time.Since(begun)
	close(c.over)
	stop()
	f.must(<-ended)
	if n := c.before.Load(); n > 0 {
		f.t.Errorf("%d slow answers were waited for before the healthy had it", n)
	}
	return took
}
