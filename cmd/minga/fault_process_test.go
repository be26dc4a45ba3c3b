// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"minga/storage"
)

// TestFaultKilledAtStart is R18: a start that is killed at any moment, in the first of
// which the schema is made, never makes it worse.
func TestFaultKilledAtStart(t *testing.T) {
	eachProcess(t, func(t *testing.T, engine storage.Engine) {
		p := newProcess(t, "ana", engine, "MINGA_LOG_LEVEL=error")
		kills := inShort(3, 30)
		for n := range kills {
			cmd := exec.CommandContext(t.Context(), built.path, "serve")
			cmd.Env, cmd.SysProcAttr = p.env, &syscall.SysProcAttr{Setpgid: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(20+rand.IntN(100*(n%8)+1)) * time.Millisecond)
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
		}
		begun := time.Now()
		p.start()
		tellFigure(t, "R18", "killed "+strconv.Itoa(kills)+" times at start, "+string(engine), "the next start is ready after %v, the database whole",
			time.Since(begun).Round(10*time.Millisecond))
		p.checkUp()
	})
}

// TestFaultNodePaused is R15: one of two nodes stands still, in the long run beyond its
// leases, and goes on. What the other did meanwhile is not done again.
func TestFaultNodePaused(t *testing.T) {
	needPostgres(t)
	onlyLong(t, "the tests of late results in storage")
	c := newCluster(t, 2, func(_ int, p *process) { p.hurt.Store(true) })
	var posts answers
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	c.load(ctx, &posts, "paused", &load)
	still, group := 200*time.Second, -c.nodes[1].cmd.Process.Pid
	pause(ctx, 500*time.Millisecond)
	_ = syscall.Kill(group, syscall.SIGSTOP)
	pause(ctx, still)
	_ = syscall.Kill(group, syscall.SIGCONT)
	eventually(t, 30*time.Second, "the node is ready again", func() bool { return c.gate.ready(1) })
	pause(ctx, 300*time.Millisecond)
	stop()
	load.Wait()
	if n := posts.other(0, 200, 502, 503) + c.peer.other(0, 202, 502, 503); n > 0 {
		t.Errorf("%d answers of another kind: %s; %s", n, &posts, &c.peer.answers)
	}
	lost, doubled, twice := c.settle(t, &posts, time.Minute)
	if lost+doubled > 0 {
		t.Errorf("%d lost, %d doubled", lost, doubled)
	}
	tellFigure(t, "R15", "one of two nodes stopped for "+still.String(), "posts: %s; activities: %s; lost: %d; effects twice: %d; delivered twice: %d",
		&posts, &c.peer.answers, lost, doubled, twice)
	c.nodes[0].checkUp()
}

// TestFaultLittleMemory is a part of R26: with 256 MiB for the process and all that it
// keeps in memory of files, it works and is not killed.
func TestFaultLittleMemory(t *testing.T) {
	needRoot(t, "a limit of memory")
	group := filepath.Join("/sys/fs/cgroup/memory", "minga-test-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(group, 0o700); err != nil {
		t.Skipf("not run: no limit of memory can be set here: %v", err)
	}
	t.Cleanup(func() { _ = os.Remove(group) })
	p, token := onDisk(t, func(string) {})
	p.kill() // it starts again within the limit
	p.env = append(p.env, "GOMEMLIMIT=200MiB")
	if err := os.WriteFile(filepath.Join(group, "memory.limit_in_bytes"), []byte("268435456"), 0o600); err != nil {
		t.Skipf("not run: %v", err)
	}
	p.start()
	if err := os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strconv.Itoa(p.cmd.Process.Pid)), 0o600); err != nil {
		t.Skipf("not run: %v", err)
	}
	peer := newOutsider(t, p)
	var posts answers
	ctx, stop := context.WithTimeout(t.Context(), inShort(time.Second, time.Minute))
	defer stop()
	var load sync.WaitGroup
	load.Go(func() {
		posts.stream(ctx, []*http.Client{p.client, p.client, p.client, p.client}, p.host, token, "little", time.Millisecond)
	})
	load.Go(func() { peer.stream(ctx, "little", time.Millisecond) })
	load.Wait()
	if n := posts.other(200) + peer.other(202); n > 0 {
		t.Errorf("%d failed: %s; %s", n, &posts, &peer.answers)
	}
	tellFigure(t, "R26", "256 MiB for the process", "not killed; posts: %s; activities: %s; %d MiB resident at the end",
		&posts, &peer.answers, processRSS(p.cmd.Process.Pid)>>20)
	p.checkUp()
	p.kill()
}
