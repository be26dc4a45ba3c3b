// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestFaultFanout is R9 and R8: a post to 10,000 people on 1,000 servers, while others
// post; then posts to 1,000 servers of which one is dead, drips or answers 500.
func TestFaultFanout(t *testing.T) {
	onlyLong(t, "TestDeadAndSlowHostsDelayNobody")
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			if engine == storage.Postgres {
				needPostgres(t)
			}
			w := newWide(t, engine)
			w.manyFollowers(string(engine))
			w.oneBad(string(engine))
			w.p.checkUp()
		})
	}
}

// wideServers is how many servers follow, and wideRounds how often each is measured.
const (
	wideServers = 1000
	wideRounds  = 5
)

// wide is an instance and the servers that follow it, each with a name of its own.
type wide struct {
	t              *testing.T
	p              *process
	port, deadPort string
	over           chan struct{} // closed at the end: nobody drips any longer

	mu      sync.Mutex
	mark    string // what is waited for
	begun   time.Time
	arrived map[string]time.Duration
	all     chan struct{} // closed when all that are well have it
}

// newWide starts both.
func newWide(t *testing.T, engine storage.Engine) *wide {
	t.Helper()
	w := &wide{t: t, p: newProcess(t, "home", engine, "MINGA_LOG_LEVEL=error"), over: make(chan struct{})}
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, w.port, _ = net.SplitHostPort(l.Addr().String())
	_, w.deadPort, _ = net.SplitHostPort(freeAddress(t))
	server := newServer(http.HandlerFunc(w.serve))
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() { close(w.over); _ = server.Close(); <-served })
	w.p.start()
	for _, name := range []string{"grande", "otra", "well", "dead", "drips", "fails"} {
		w.p.do(nil, "account", "create", name, "--kind", "coop")
	}
	return w
}

// serve is the inbox of all of them.
func (w *wide) serve(a http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
	case strings.HasPrefix(r.Host, "fails"):
		a.WriteHeader(http.StatusInternalServerError)
	case strings.HasPrefix(r.Host, "drips"):
		w.drip(a)
	default:
		w.hear(r.Host, string(body))
		a.WriteHeader(http.StatusAccepted)
	}
}

// drip answers a byte a second.
func (w *wide) drip(a http.ResponseWriter) {
	a.WriteHeader(http.StatusAccepted)
	for range 60 {
		_, _ = a.Write([]byte("."))
		_ = http.NewResponseController(a).Flush()
		select {
		case <-w.over:
			return
		case <-time.After(time.Second):
		}
	}
}

// hear notes when a server had what is waited for.
func (w *wide) hear(host, body string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mark == "" || !strings.Contains(body, w.mark) || w.arrived[host] != 0 {
		return
	}
	w.arrived[host] = time.Since(w.begun)
	if len(w.arrived) == wideServers {
		close(w.all)
	}
}

// followed gives a co-op followers: so many people on each of some servers.
func (w *wide) followed(name string, people int, hosts ...string) {
	w.t.Helper()
	ctx := w.t.Context()
	s, err := storage.Open(ctx, storage.Options{URL: w.p.dbURL, Now: time.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	target, err := s.AccountByHandle(ctx, name, "")
	for part := range slices.Chunk(hosts, 100) {
		if err == nil {
			err = s.Write(ctx, func(tx *storage.Tx) error { return followAll(ctx, tx, target, people, part) })
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// followAll stores the followers on some servers.
func followAll(ctx context.Context, tx *storage.Tx, target *coop.Account, people int, hosts []string) error {
	for _, host := range hosts {
		for n := range people {
			if err := follower(ctx, tx, time.Now(), host, fmt.Sprint("u", n, target.Name), target); err != nil {
				return err
			}
		}
	}
	return nil
}

// hosts are the names of the servers that are well.
func (w *wide) hosts() (names []string) {
	for n := range wideServers {
		names = append(names, fmt.Sprintf("ok%04d.localhost:%s", n, w.port))
	}
	return names
}

// tell publishes a post and says how long the servers that are well waited for it, the
// quickest first.
func (w *wide) tell(token, mark string) []time.Duration {
	w.t.Helper()
	w.mu.Lock()
	w.mark, w.begun, w.arrived, w.all = mark, time.Now(), map[string]time.Duration{}, make(chan struct{})
	w.mu.Unlock()
	var posts answers
	if status := posts.post(w.t.Context(), w.p.client, w.p.host, token, mark); status != http.StatusOK {
		w.t.Fatalf("post answered %d", status)
	}
	w.t.Logf("%s answered after %v", mark, posts.slowest(1))
	select {
	case <-w.all:
	case <-time.After(2 * time.Minute):
		w.t.Errorf("not all servers have %s", mark)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var took []time.Duration
	for _, d := range w.arrived {
		took = append(took, d)
	}
	slices.Sort(took)
	return append(took, 0)[:max(len(took), 1)]
}

// token is one of a co-op here.
func (w *wide) token(name string) string {
	return w.p.do(nil, "token", "create", "--account", name, "--scopes", "read write")
}

// manyFollowers is R9.
func (w *wide) manyFollowers(engine string) {
	w.t.Helper()
	w.followed("grande", 10, w.hosts()...)
	token, other := w.token("grande"), w.token("otra")
	var posts answers
	var longest time.Duration
	for n := range wideRounds {
		ctx, stop := context.WithCancel(w.t.Context())
		var load sync.WaitGroup
		load.Go(func() {
			posts.stream(ctx, []*http.Client{w.p.client}, w.p.host, other, fmt.Sprint("meanwhile-", n), 20*time.Millisecond)
		})
		took := w.tell(token, fmt.Sprintf("grande-%d", n))
		longest = max(longest, took[len(took)-1])
		stop()
		load.Wait()
	}
	if posts.other(200) > 0 {
		w.t.Errorf("posts meanwhile: %s", &posts)
	}
	missed := append(slower("the last", longest, time.Minute), slower("posts meanwhile, p95", posts.slowest(0.95), 200*time.Millisecond)...)
	tellTimed(w.t, missed, "R9", fmt.Sprintf("%d posts to 10,000 followers on %d servers, %s", wideRounds, wideServers, engine),
		"each server had each, the last after %v at most; posts meanwhile: %s, p50 %v, p95 %v", longest.Round(time.Millisecond), &posts, posts.slowest(0.5), posts.slowest(0.95))
}

// oneBad is R8: the same post to servers that are all well, and to the same and one that
// is not, which each time is another.
func (w *wide) oneBad(engine string) {
	w.t.Helper()
	kinds := []string{"well", "dead", "drips", "fails"}
	tokens, late := map[string]string{}, map[string][]time.Duration{}
	for _, kind := range kinds {
		w.followed(kind, 1, w.hosts()...)
		tokens[kind] = w.token(kind)
	}
	for n := range wideRounds {
		for _, kind := range kinds {
			switch kind {
			case "dead":
				w.followed(kind, 1, fmt.Sprintf("dead%d.localhost:%s", n, w.deadPort))
			case "drips", "fails":
				w.followed(kind, 1, fmt.Sprintf("%s%d.localhost:%s", kind, n, w.port))
			}
			took := w.tell(tokens[kind], fmt.Sprintf("%s-%d-x", kind, n))
			late[kind] = append(late[kind], took[len(took)*95/100])
		}
	}
	middle := func(kind string) time.Duration {
		slices.Sort(late[kind])
		return late[kind][len(late[kind])/2].Round(time.Millisecond)
	}
	share := func(kind string) string {
		return fmt.Sprintf("%v (%+.0f %%)", middle(kind), 100*(float64(middle(kind))/float64(middle("well"))-1))
	}
	tellFigure(w.t, "R8", fmt.Sprintf("one bad server of %d, %s", wideServers+1, engine), "95 of 100 have a post after %v where all are well; one dead %s, one that drips %s, one that answers 500 %s (the middle of %d); none waited for it",
		middle("well"), share("dead"), share("drips"), share("fails"), wideRounds)
}
