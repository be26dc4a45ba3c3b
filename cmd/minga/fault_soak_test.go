// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/storage"
)

// soakEnv is how long the soak takes, such as 1h; scripts/soak sets it.
const soakEnv = "MINGA_SOAK"

// sample is what a process holds at a moment.
type sample struct {
	at                      time.Duration
	rss                     int64 // bytes
	goroutines, descriptors int
	wal, database           int64 // bytes
}

// soakTime is how long to soak: a few seconds in the gate.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	if d, err := time.ParseDuration(os.Getenv(soakEnv)); err == nil {
		return d
	}
	return 4 * time.Second
}

// TestSoak is R17: mixed load of people and servers, ten requests and more a second,
// and a look at what the process holds. After the first third, in which caches fill, in
// a long run memory must not grow; goroutines and descriptors must be as many as at the
// start once the load is over, in a short one too.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	p := newProcess(t, "ana", storage.SQLite, "MINGA_LOG_LEVEL=error")
	admin := freeAddress(t)
	p.env = append(p.env, "MINGA_ADMIN_LISTEN="+admin)
	p.start()
	p.do(nil, "account", "create", "telar", "--kind", "coop")
	s := &soak{p: p, admin: admin, token: p.do(nil, "token", "create", "--account", "telar", "--scopes", "read write"), peer: newOutsider(t, p)}
	s.peer.follow()
	idle := s.look(t, 0)
	long := soakTime(t)
	samples := s.run(t, long)
	p.client.CloseIdleConnections()
	eventually(t, 60*time.Second, "goroutines and descriptors are as few as before", func() bool {
		now := s.look(t, 0)
		return now.goroutines <= idle.goroutines+20 && now.descriptors <= idle.descriptors+20
	})
	if n := s.posts.other(200) + s.peer.other(202) + s.reads.other(200); n > 0 {
		t.Errorf("%d failed: %s; %s; %s", n, &s.posts, &s.peer.answers, &s.reads)
	}
	lost, doubled := s.posts.kept(p.texts())
	if lost+doubled > 0 {
		t.Errorf("%d lost, %d doubled", lost, doubled)
	}
	third := samples[len(samples)/3:]
	first, last := third[0], third[len(third)-1]
	slope := slopeOf(third) / (1 << 20)
	if long >= 30*time.Minute && slope > 8 {
		t.Errorf("memory grows by %.1f MiB an hour", slope)
	}
	tellFigure(t, "R17", "soak of "+long.String(), "posts: %s; activities: %s; reads: %s; p99 of reads %v; resident %d MiB after a third, %d at the end (%.1f MiB an hour); goroutines %d, %d; descriptors %d, %d; WAL %d, %d MiB; database %d, %d MiB",
		&s.posts, &s.peer.answers, &s.reads, s.reads.slowest(0.99), first.rss>>20, last.rss>>20, slope, first.goroutines, last.goroutines,
		first.descriptors, last.descriptors, first.wal>>20, last.wal>>20, first.database>>20, last.database>>20)
	p.checkUp()
}

// soak is the load and the looks.
type soak struct {
	p            *process
	admin, token string
	posts, reads answers
	peer         *outsider
}

// run loads the process for a time, and looks at it every few seconds.
func (s *soak) run(t *testing.T, long time.Duration) []sample {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), long)
	defer stop()
	var load sync.WaitGroup
	load.Go(func() {
		s.posts.stream(ctx, []*http.Client{s.p.client}, s.p.host, s.token, "soak", 500*time.Millisecond)
	})
	load.Go(func() { s.peer.stream(ctx, "soak", 300*time.Millisecond) })
	load.Go(func() { s.read(ctx) })
	begun := time.Now()
	var samples []sample
	for len(samples) < 2 || ctx.Err() == nil {
		pause(ctx, max(long/200, 500*time.Millisecond))
		samples = append(samples, s.look(t, time.Since(begun)))
	}
	load.Wait()
	return samples
}

// read asks for what people and apps look at, in turn.
func (s *soak) read(ctx context.Context) {
	paths := []string{
		"/", "/jobs", "/library", "/coops/telar", "/api/v1/timelines/public", "/api/v1/timelines/home", "/api/v1/notifications", "/api/v2/search?q=soak",
		"/coops/telar/outbox", "/api/v1/minga/jobs?limit=20", "/.well-known/nodeinfo", "/readyz",
	}
	for n := 0; ctx.Err() == nil; n++ {
		begun, path := time.Now(), paths[n%len(paths)]
		status, _, err := s.p.call(context.WithoutCancel(ctx), http.MethodGet, path, s.token, nil)
		s.reads.note(path, status, time.Since(begun), err)
		pause(ctx, 80*time.Millisecond)
	}
}

// look is what the process holds now.
func (s *soak) look(t *testing.T, at time.Duration) sample {
	t.Helper()
	pid := s.p.cmd.Process.Pid
	found := sample{at: at, rss: processRSS(pid)}
	if list, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd")); err == nil {
		found.descriptors = len(list)
	}
	for name, size := range map[string]*int64{"minga.db": &found.database, "minga.db-wal": &found.wal} {
		if info, err := os.Stat(filepath.Join(s.p.dataDir(), name)); err == nil {
			*size = info.Size()
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.admin+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "go_goroutines %d", &found.goroutines); err == nil {
			return found
		}
	}
	t.Fatalf("no goroutines in the metrics:\n%.400s", text)
	return found
}

// freeAddress is one on loopback where nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// slopeOf is by how many bytes an hour memory grew, as the straight line that lies
// nearest to the samples has it.
func slopeOf(samples []sample) float64 {
	var x, y, xx, xy float64
	for _, s := range samples {
		h, m := s.at.Hours(), float64(s.rss)
		x, y, xx, xy = x+h, y+m, xx+h*h, xy+h*m
	}
	n := float64(len(samples))
	below := n*xx - x*x
	if below == 0 {
		return 0
	}
	return (n*xy - x*y) / below
}

// TestSlope: the judge of the soak finds a leak that is planted, and none where memory
// only goes up and down.
func TestSlope(t *testing.T) {
	var leak, calm []sample
	for n := range 100 {
		at := time.Duration(n) * time.Minute
		leak = append(leak, sample{at: at, rss: 100<<20 + int64(n)<<20 + int64(n%7)<<18})
		calm = append(calm, sample{at: at, rss: 100<<20 + int64(n%2)<<22})
	}
	if got := slopeOf(leak) / (1 << 20); got < 59 || got > 61 {
		t.Errorf("a leak of 60 MiB an hour is measured as %.1f", got)
	}
	if got := slopeOf(calm) / (1 << 20); got < -1 || got > 1 {
		t.Errorf("no leak is measured as %.1f MiB an hour", got)
	}
}
