// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// load lets clients post through the gate, and the outsider deliver, until stop.
func (c *cluster) load(ctx context.Context, posts *answers, prefix string, all *sync.WaitGroup) {
	all.Go(func() {
		clients := []*http.Client{c.gate.client(), c.gate.client(), c.gate.client(), c.gate.client()}
		posts.stream(ctx, clients, c.nodes[0].host, c.token, prefix, 20*time.Millisecond)
	})
	all.Go(func() { c.peer.stream(ctx, prefix, 40*time.Millisecond) })
}

// settle waits until everything that was acknowledged is where it belongs, and says how
// much is lost or doubled.
func (c *cluster) settle(t *testing.T, posts *answers, patience time.Duration) (lost, doubled, twice int) {
	t.Helper()
	end := time.Now().Add(patience)
	for {
		stored := c.nodes[0].texts()
		postsLost, postsDoubled := posts.kept(stored)
		activitiesLost, activitiesDoubled := c.peer.kept(stored)
		unsent, twice := c.peer.delivered(posts)
		lost, doubled = postsLost+activitiesLost+unsent, postsDoubled+activitiesDoubled
		if lost == 0 || time.Now().After(end) {
			return lost, doubled, twice
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// TestFaultRollingRestart is R6 and R7: nodes behind a proxy are told to end one after
// the other under load, and started again. No request fails, and nothing is lost or
// done twice.
func TestFaultRollingRestart(t *testing.T) {
	needPostgres(t)
	c := newCluster(t, inShort(2, 3), nil)
	var posts answers
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	c.load(ctx, &posts, "rolling", &load)
	var slowest time.Duration
	rounds := inShort(1, 7)
	for range rounds {
		for _, p := range c.nodes {
			pause(ctx, 300*time.Millisecond)
			took, code := p.stop(syscall.SIGTERM)
			slowest = max(slowest, took)
			if code != exitDone || took > 20*time.Second {
				t.Errorf("%s ended with %d after %v", p.name, code, took)
			}
			p.start()
			pause(ctx, 300*time.Millisecond) // until the proxy sees it
		}
	}
	stop()
	load.Wait()
	if n := posts.other(200) + c.peer.other(202); n > 0 {
		t.Errorf("%d requests failed: %s; %s", n, &posts, &c.peer.answers)
	}
	lost, doubled, twice := c.settle(t, &posts, time.Minute)
	if lost+doubled+twice > 0 {
		t.Errorf("%d lost, %d doubled, %d delivered twice", lost, doubled, twice)
	}
	tellFigure(t, "R6, R7", "rolling restart under load", "%d restarts of %d nodes, the slowest end %v; posts: %s; activities: %s; failed: %d; lost: %d; doubled: %d; delivered twice: %d",
		rounds*len(c.nodes), len(c.nodes), slowest.Round(10*time.Millisecond), &posts, &c.peer.answers,
		posts.other(200)+c.peer.other(202), lost, doubled, twice)
	c.nodes[0].checkUp()
}

// TestFaultNodeCutOff is R14: one of two nodes loses the database for a while and the
// other goes on. The proxy sees it, and what either of them had in its hands is neither
// lost nor has its effect twice.
func TestFaultNodeCutOff(t *testing.T) {
	needPostgres(t)
	var cable *wire
	c := newCluster(t, 2, func(n int, p *process) {
		p.hurt.Store(true)
		if n == 1 {
			cable = p.through(t)
		}
	})
	var posts answers
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	c.load(ctx, &posts, "cut off", &load)
	pause(ctx, 500*time.Millisecond)
	cable.turn(wireSwallows)
	eventually(t, 30*time.Second, "the node says that it is not ready", func() bool { return !c.gate.ready(1) })
	pause(ctx, inShort(2*time.Second, time.Minute))
	cable.turn(wirePasses)
	eventually(t, 30*time.Second, "the node is ready again", func() bool { return c.gate.ready(1) })
	pause(ctx, 300*time.Millisecond)
	stop()
	load.Wait()
	if n := posts.other(200, 503) + c.peer.other(202, 503); n > 0 {
		t.Errorf("%d answers of another kind: %s; %s", n, &posts, &c.peer.answers)
	}
	lost, doubled, twice := c.settle(t, &posts, time.Minute)
	if lost+doubled > 0 {
		t.Errorf("%d lost, %d doubled", lost, doubled)
	}
	tellFigure(t, "R14", "one of two nodes cut off from the database for "+inShort("2 s", "60 s"),
		"posts: %s; activities: %s; lost: %d; effects twice: %d; delivered twice: %d", &posts, &c.peer.answers, lost, doubled, twice)
	c.nodes[0].checkUp()
}
