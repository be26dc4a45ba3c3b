// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"minga/storage"
)

// rush is a crowd of strangers before an instance, and those who must not notice.
type rush struct {
	t     *testing.T
	p     *process
	peer  *outsider
	token string
	who   *browser

	road                *http.Transport // of the strangers
	asked               atomic.Int64
	served, turned      answers // of the strangers
	pages, looks, posts answers // of who must not notice
}

// rushPaths are what strangers read.
var rushPaths = []string{
	"/", "/jobs", "/coops/telar", "/library", "/directory", "/api/v1/timelines/public", "/api/v1/timelines/tag/pan", "/api/v1/minga/jobs",
	"/coops/telar/outbox?page=true",
}

// newRush starts an instance with something to read, on a core of its own where that can
// be had, so that who asks does not take from who answers; and Ana has signed in.
func newRush(t *testing.T, engine storage.Engine) *rush {
	t.Helper()
	p := newProcess(t, "home", engine, "MINGA_LOG_LEVEL=error", "MINGA_TRUSTED_PROXIES=127.0.0.0/8")
	if taskset, err := exec.LookPath("taskset"); err == nil {
		p.command = func() *exec.Cmd { return exec.Command(taskset, "-c", "0", built.path, "serve") }
	}
	p.start()
	p.do(nil, "account", "create", "telar", "--kind", "coop")
	s := &rush{t: t, p: p, token: p.do(nil, "token", "create", "--account", "telar", "--scopes", "read write"), peer: newOutsider(t, p)}
	s.peer.follow()
	for n := range 60 {
		if status := s.posts.post(t.Context(), p.client, p.host, s.token, fmt.Sprintf("pan %d #pan", n)); status != http.StatusOK {
			t.Fatalf("post answered %d", status)
		}
	}
	s.posts = answers{}
	s.road = p.client.Transport.(*http.Transport).Clone()
	s.road.MaxIdleConns, s.road.MaxIdleConnsPerHost = 0, 4000
	t.Cleanup(s.road.CloseIdleConnections)
	s.signIn()
	return s
}

// signIn opens a session for Ana.
func (s *rush) signIn() {
	s.t.Helper()
	secret := filepath.Join(s.t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(anaPassword+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.p.do(nil, "account", "create", "ana", "--email", anaMail, "--confirmed", "--password-file", secret)
	s.who = newBrowser(s.t, "http://"+s.p.host)
	s.who.client.Transport = s.p.client.Transport
	password := func(n *html.Node) bool { return n.Data == "input" && attr(n, "type") == "password" }
	fields := map[string]string{"text": anaMail, "email": anaMail, "password": anaPassword}
	if done := s.who.submit(s.who.get("http://"+s.p.host+"/sign-in"), password, fields); done.status != http.StatusOK {
		s.t.Fatalf("sign-in answered %d", done.status)
	}
}

// yield is what was answered in a time: for each second, and for each second of the
// processor, which who else uses the machine cannot take away.
type yield struct{ second, cpu float64 }

// measure says what a load brought.
func (s *rush) measure(load func()) yield {
	s.t.Helper()
	s.served, s.turned = answers{}, answers{}
	s.asked.Store(0)
	begun, before := time.Now(), s.cpu()
	load()
	n := float64(s.served.of(200) + s.pages.of(200) + s.posts.of(200) + s.peer.of(202))
	return yield{n / time.Since(begun).Seconds(), n / max(s.cpu()-before, 0.01)}
}

// cpu is how many seconds of the processor the instance has used.
func (s *rush) cpu() float64 {
	used, err := processCPU(s.p.cmd.Process.Pid)
	if err != nil {
		s.t.Error(err)
	}
	return used
}

// peak is the most that is answered, and by how many visitors at once, who each ask again
// when they were answered.
func (s *rush) peak() (most yield, visitors int) {
	s.t.Helper()
	started(s.t, s.cpu)
	for _, n := range []int{2, 4, 8, 12} {
		got := s.measure(func() { s.closely(n) })
		s.t.Logf("%d visitors: %.0f answers a second, %.0f a second of the processor; turned away: %s", n, got.second, got.cpu, &s.turned)
		if got.second > most.second {
			most.second, visitors = got.second, n
		}
		most.cpu = max(most.cpu, got.cpu)
	}
	return most, visitors
}

// started waits until what a first start does, such as to read the lists of towns and
// skills, is done, for who goes on to count the time of the processor. spent says how much
// of that was used, in seconds.
func started(t *testing.T, spent func() float64) {
	t.Helper()
	eventually(t, time.Minute, "what a start does is done", func() bool {
		before := spent()
		time.Sleep(time.Second)
		return spent()-before < 0.1
	})
}

// closely lets so many visitors ask, each again as soon as it was answered.
func (s *rush) closely(visitors int) {
	ctx, stop := context.WithTimeout(s.t.Context(), rushStep)
	defer stop()
	var all sync.WaitGroup
	for range visitors {
		all.Go(func() {
			for ctx.Err() == nil {
				s.visit(ctx)
			}
		})
	}
	all.Wait()
}

// flood asks so many times a second, whatever is answered, until ctx ends: each of many
// visitors in a rhythm of its own. Who is still waiting for an answer leaves a turn out.
func (s *rush) flood(ctx context.Context, rate float64) {
	const visitors = 1000
	rhythm := time.Duration(float64(visitors) / rate * float64(time.Second))
	begun := time.Now()
	var all sync.WaitGroup
	for n := range visitors {
		all.Go(func() {
			first := rhythm * time.Duration(n) / visitors
			for turn := 0; pause(ctx, time.Until(begun.Add(first+rhythm*time.Duration(turn)))); {
				s.visit(ctx)
				turn = max(turn+1, int((time.Since(begun)-first)/rhythm)+1)
			}
		})
	}
	all.Wait()
}

// visit asks for one page from an address of many.
func (s *rush) visit(ctx context.Context) {
	n := s.asked.Add(1)
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, "http://"+s.p.host+rushPaths[n%int64(len(rushPaths))], nil)
	if err != nil {
		s.t.Error(err)
		return
	}
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.%d.%d", n/200%100, n%200))
	r.Header.Set("Accept", "text/html")
	if strings.Contains(r.URL.Path, "outbox") {
		r.Header.Set("Accept", "application/activity+json")
	}
	status, took, err := ask(&http.Client{Transport: s.road, Timeout: 20 * time.Second}, r)
	if status == http.StatusOK {
		s.served.note(r.URL.Path, status, took, err)
		return
	}
	s.turned.note(r.URL.Path, status, took, err)
}

// ask sends a request and says what came of it, and how long it took to the last byte.
func ask(client *http.Client, r *http.Request) (status int, took time.Duration, err error) {
	begun := time.Now()
	w, err := client.Do(r)
	if err != nil {
		return 0, time.Since(begun), err
	}
	defer func() { _ = w.Body.Close() }()
	_, err = io.Copy(io.Discard, w.Body)
	return w.StatusCode, time.Since(begun), err
}

// neighbours are those who must not notice: Ana reads and her co-op's app posts, another
// server delivers, and somebody asks whether the process is up.
func (s *rush) neighbours(ctx context.Context) {
	var all sync.WaitGroup
	for _, path := range []string{"/desk", "/jobs", "/settings/security"} {
		all.Go(func() { s.repeat(ctx, &s.pages, s.who.client, path, 500*time.Millisecond) })
	}
	all.Go(func() { s.repeat(ctx, &s.looks, s.p.client, "/readyz", 500*time.Millisecond) })
	all.Go(func() {
		s.posts.stream(ctx, []*http.Client{s.p.client}, s.p.host, s.token, "rush", 500*time.Millisecond)
	})
	all.Go(func() { s.peer.stream(ctx, "rush", 500*time.Millisecond) })
	all.Wait()
}

// repeat asks for one path until ctx ends.
func (s *rush) repeat(ctx context.Context, into *answers, client *http.Client, path string, pace time.Duration) {
	for pause(ctx, pace) {
		r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, "http://"+s.p.host+path, nil)
		if err != nil {
			s.t.Error(err)
			return
		}
		r.Header.Set("Accept", "text/html")
		status, took, err := ask(client, r)
		into.note(path, status, took, err)
	}
}

// well is how long it takes until strangers are answered again, twenty in a row.
func (s *rush) well() time.Duration {
	begun, good := time.Now(), 0
	for good < 20 && time.Since(begun) < time.Minute {
		before := s.served.of(200)
		if s.visit(s.t.Context()); s.served.of(200) > before {
			good++
		} else {
			good = 0
		}
	}
	return time.Since(begun)
}
