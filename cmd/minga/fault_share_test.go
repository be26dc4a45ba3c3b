// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestNodesShareWork: what other servers send to one, two and four nodes of one
// instance has its effect once, whichever took it, and what it costs is told.
func TestNodesShareWork(t *testing.T) {
	needPostgres(t)
	onlyLong(t, "TestFaultRollingRestart and TestFaultNodeCutOff")
	for _, size := range []int{1, 2, 4} {
		c := newCluster(t, size, nil)
		started(t, func() float64 { return c.spent(t) })
		senders, count := 16, 3000
		before, begun := c.spent(t), time.Now()
		err := each(t.Context(), 0, count, senders, func(ctx context.Context, n int) error {
			if status := c.peer.sendTo(ctx, c.nodes[n%size].client, fmt.Sprintf("%d nodes %d", size, n)); status != http.StatusAccepted {
				return fmt.Errorf("answered %d", status)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		taken := time.Since(begun)
		var stored map[string]int
		eventually(t, time.Minute, "everything has its effect", func() bool {
			stored = c.nodes[0].texts()
			lost, _ := c.peer.kept(stored)
			return lost == 0
		})
		if _, doubled := c.peer.kept(stored); doubled > 0 {
			t.Errorf("%d nodes: %d doubled", size, doubled)
		}
		tellFigure(t, "nodes", fmt.Sprintf("%d nodes, %d signed activities", size, count), "taken at %.0f a second by %d senders on the same machine; CPU of the nodes %.2f s for 1,000; lost or doubled: 0",
			float64(count)/taken.Seconds(), senders, (c.spent(t)-before)/float64(count)*1000)
		c.nodes[0].checkUp()
		for _, p := range c.nodes {
			p.kill()
		}
	}
}

// spent is the CPU time of all nodes, in seconds.
func (c *cluster) spent(t *testing.T) (sum float64) {
	t.Helper()
	for _, p := range c.nodes {
		one, err := processCPU(p.cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		sum += one
	}
	return sum
}
