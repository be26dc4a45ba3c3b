// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"minga/storage"
)

// TestFaultDatabaseAway is R5: PostgreSQL refuses, swallows what it is sent, or ends
// every connection, while people post and other servers deliver. Nobody waits long,
// nothing that was answered is lost or doubled, and after it is back all goes on.
func TestFaultDatabaseAway(t *testing.T) {
	needPostgres(t)
	p := newProcess(t, "ana", storage.Postgres, "MINGA_LOG_LEVEL=error")
	w := p.through(t)
	p.hurt.Store(true)
	p.start()
	p.do(nil, "account", "create", "telar", "--kind", "coop")
	token := p.do(nil, "token", "create", "--account", "telar", "--scopes", "read write")
	x := &outage{t: t, p: p, w: w, token: token, peer: newOutsider(t, p)}
	x.posts.post(t.Context(), p.client, p.host, token, "before")
	x.peer.send(t.Context(), "from afar, before")
	if x.posts.of(200) != 1 || x.peer.of(202) != 1 {
		t.Fatalf("before any fault: %s; %s", &x.posts, &x.peer.answers)
	}
	for _, one := range []struct {
		name string
		do   func()
	}{
		{"refused", func() { w.turn(wireRefuses) }},
		{"nothing comes back", func() { w.turn(wireSwallows) }},
	} {
		x.tell(one.name, x.during(one.name, one.do))
	}
	var worst recovery
	times := inShort(2, 20)
	for n := range times {
		worst = worst.or(x.during(fmt.Sprintf("every connection ended, time %d", n+1), w.cut))
	}
	x.tell(fmt.Sprintf("every connection ended, the slowest of %d times", times), worst)
	stored := p.texts()
	lost, doubled := x.posts.kept(stored)
	gone, twice := x.peer.kept(stored)
	if lost+doubled+gone+twice > 0 {
		t.Errorf("posts: %d lost, %d doubled; activities: %d lost, %d doubled", lost, doubled, gone, twice)
	}
	tellFigure(t, "R5", "PostgreSQL away, all told", "posts: %s; activities: %s; lost or doubled: %d", &x.posts, &x.peer.answers, lost+doubled+gone+twice)
	p.checkUp()
}

// outage is a fault of the database under load.
type outage struct {
	t     *testing.T
	p     *process
	w     *wire
	token string
	posts answers
	peer  *outsider
}

// recovery is how long answers took while the database was away, and after its return
// until something was taken again and until all that was taken had its effect.
type recovery struct{ refused, taken, effect time.Duration }

// or is the slower of two recoveries in each of its times.
func (r recovery) or(other recovery) recovery {
	return recovery{max(r.refused, other.refused), max(r.taken, other.taken), max(r.effect, other.effect)}
}

// tell writes the row of one fault.
func (x *outage) tell(name string, r recovery) {
	tellFigure(x.t, "R5", "PostgreSQL away: "+name, "refused within %v; taken again %v after its return, with its effect after %v",
		r.refused.Round(time.Millisecond), r.taken.Round(time.Millisecond), r.effect.Round(10*time.Millisecond))
}

// during makes the fault, looks at the answers meanwhile, ends it, and waits until the
// process is well again.
func (x *outage) during(name string, fault func()) recovery {
	ctx, stop := context.WithCancel(x.t.Context())
	var load sync.WaitGroup
	load.Go(func() {
		x.posts.stream(ctx, []*http.Client{x.p.client, x.p.client}, x.p.host, x.token, name, 50*time.Millisecond)
	})
	load.Go(func() { x.peer.stream(ctx, name, 50*time.Millisecond) })
	pause(ctx, 500*time.Millisecond)
	fault()
	refused := x.refusedSoon(name)
	if x.w.way != wirePasses {
		pause(ctx, inShort(0, time.Minute))
	}
	x.w.turn(wirePasses)
	back := time.Now()
	eventually(x.t, 30*time.Second, name+": posts are taken again", func() bool {
		return x.posts.post(x.t.Context(), x.p.client, x.p.host, x.token, "again "+name+strconv.FormatInt(time.Now().UnixNano(), 36)) == http.StatusOK
	})
	eventually(x.t, 30*time.Second, name+": activities are taken again", func() bool {
		return x.peer.send(x.t.Context(), "from afar again "+name+strconv.FormatInt(time.Now().UnixNano(), 36)) == http.StatusAccepted
	})
	took := time.Since(back)
	stop()
	load.Wait()
	// What is read while others write would miss what was answered meanwhile.
	eventually(x.t, 60*time.Second, name+": all activities have their effect", func() bool {
		gone, _ := x.peer.kept(x.p.texts())
		return gone == 0
	})
	effect := time.Since(back)
	if n := x.posts.other(0, 200, 503) + x.peer.other(0, 202, 503); n > 0 {
		x.t.Errorf("%s: %d answers of another kind: %s; %s", name, n, &x.posts, &x.peer.answers)
	}
	return recovery{refused, took, effect}
}

// refusedSoon asks while the database is away: 503 with a time to come again. Where the
// fault was over at once nobody is refused.
func (x *outage) refusedSoon(name string) (slowest time.Duration) {
	if x.w.way == wirePasses {
		return 0
	}
	eventually(x.t, 30*time.Second, name+": it is known", func() bool {
		status, _, err := x.p.call(x.t.Context(), http.MethodGet, "/readyz", "", nil)
		return err == nil && status == http.StatusServiceUnavailable
	})
	for _, path := range []string{"/api/v1/timelines/public", "/jobs", "/federation/inbox", "/api/v1/timelines/home"} {
		r, err := http.NewRequestWithContext(x.t.Context(), http.MethodGet, "http://"+x.p.host+path, nil)
		if err != nil {
			x.t.Fatal(err)
		}
		if path == "/federation/inbox" {
			r = x.peer.request("meanwhile " + name)
		}
		begun := time.Now()
		w, err := x.p.client.Do(r)
		if err != nil {
			x.t.Errorf("%s: %s was not answered: %v", name, path, err)
			continue
		}
		_ = w.Body.Close()
		slowest = max(slowest, time.Since(begun))
		if w.StatusCode != http.StatusServiceUnavailable && w.StatusCode != http.StatusOK && w.StatusCode != http.StatusUnauthorized || w.StatusCode == http.StatusServiceUnavailable && w.Header.Get("Retry-After") == "" {
			x.t.Errorf("%s: %s was answered %d, Retry-After %q", name, path, w.StatusCode, w.Header.Get("Retry-After"))
		}
		if path == "/federation/inbox" && w.StatusCode != http.StatusServiceUnavailable {
			x.t.Errorf("%s: an inbox answered %d", name, w.StatusCode)
		}
	}
	return slowest
}
