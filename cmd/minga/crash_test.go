// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// kills is how often a server is killed: five times, a hundred times in the long form of
// the fault tests, or twenty with MINGA_TEST_LONG alone.
func kills() int {
	switch {
	case os.Getenv(faultsEnv) != "":
		return 100
	case os.Getenv("MINGA_TEST_LONG") != "":
		return 20
	}
	return 5
}

// eachProcess tells a story of processes on SQLite and, where there is one, on
// PostgreSQL.
func eachProcess(t *testing.T, story func(t *testing.T, engine storage.Engine)) {
	t.Helper()
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			if engine == storage.Postgres && os.Getenv(storagetest.PostgresEnv) == "" {
				t.Skip(storagetest.PostgresEnv + " is not set")
			}
			story(t, engine)
		})
	}
}

// federation is the handle of the federation of a process.
func (p *process) federation() string { return p.name + "@" + p.host }

// member makes a co-op that belongs to the federation of its process, and gives its
// token.
func (p *process) member(name string) string {
	p.t.Helper()
	p.do(nil, "account", "create", name, "--kind", "coop")
	p.do(nil, "member", "join", name, p.federation())
	p.do(nil, "member", "accept", name)
	return p.do(nil, "token", "create", "--account", name, "--scopes", "read write follow")
}

// job is what the API takes for a job with a title.
func job(title string) map[string]any {
	return map[string]any{
		"title": title, "language": "en", "description": "You look after the services behind three booking sites, with two colleagues.",
		"job": map[string]any{
			"engagement": "membership", "membership_track": "expected", "probation": "P6M", "employment_type": []string{"PART_TIME"},
			"hours": map[string]any{"min": 30, "max": 30}, "pay": map[string]any{"currency": "ARS", "min": "1", "max": "2", "per": "month"},
			"place": map[string]any{"mode": "remote", "applicants_from": []string{"AR"}}, "skills": []map[string]any{{"name": "Python", "required": true}},
			"apply": []map[string]any{{"way": "mail", "value": "work@telar.example"}},
		},
	}
}

// titlesOn are the jobs on the board of a process, as anybody reads them.
func (p *process) titlesOn() []string {
	status, body, err := p.call(context.Background(), http.MethodGet, "/api/v1/minga/jobs?limit=40&order=newest", "", nil)
	if err != nil || status != http.StatusOK {
		return nil
	}
	var list []struct {
		Minga struct{ Title string }
	}
	if err := json.Unmarshal(body, &list); err != nil {
		p.t.Errorf("%s: %v in %s", p.name, err, body)
	}
	var found []string
	for _, s := range list {
		found = append(found, s.Minga.Title)
	}
	slices.Sort(found)
	return found
}

// befriend lets one follow the other by the command line, with approval.
func (p *process) befriend(other *process) {
	p.t.Helper()
	var row map[string]string
	p.do(&row, "peer", "follow", other.federation())
	if row["state"] != "asked" {
		p.t.Fatalf("%s follows %s: %v", p.name, other.name, row)
	}
	eventually(p.t, 15*time.Second, other.name+" hears that "+p.name+" asks", func() bool {
		var waiting []map[string]string
		other.do(&waiting, "peer", "waiting")
		return slices.ContainsFunc(waiting, func(w map[string]string) bool { return w["handle"] == p.federation() })
	})
	other.do(nil, "peer", "accept", p.federation(), "--note", "welcome")
	eventually(p.t, 15*time.Second, p.name+" hears the answer", func() bool {
		p.do(&row, "peer", "follow", other.federation())
		return row["state"] == "accepted"
	})
}

// trio is three processes; a and c follow b, b follows them.
type trio struct {
	a, b, c *process
	tokens  map[string]string
	history history
}

// newTrio starts three, makes friends and members, and sees a backfill arrive.
func newTrio(t *testing.T, engine storage.Engine) *trio {
	t.Helper()
	atOnce := "MINGA_FEDERATION_FOLLOWS=at-once"
	x := &trio{a: newProcess(t, "ana", engine, atOnce), b: newProcess(t, "berta", engine), c: newProcess(t, "carla", engine, atOnce), tokens: map[string]string{}}
	for _, p := range x.all() {
		p.start()
		x.tokens[p.name] = p.member("telar-" + p.name)
	}
	for _, title := range []string{"first v0", "second v0"} {
		x.publish(t.Context(), x.b, title)
	}
	x.a.befriend(x.b)
	eventually(t, 20*time.Second, "the backfill", func() bool {
		return cmp.Equal([]string{"first v0", "second v0"}, x.a.titlesOn())
	})
	x.c.befriend(x.b)
	for _, pair := range [][2]*process{{x.b, x.a}, {x.b, x.c}, {x.a, x.c}, {x.c, x.a}} {
		pair[0].do(nil, "peer", "follow", pair[1].federation())
	}
	for _, pair := range [][2]*process{{x.a, x.b}, {x.b, x.a}, {x.b, x.c}, {x.c, x.b}, {x.a, x.c}, {x.c, x.a}} {
		pair[0].do(nil, "peer", "follow", "telar-"+pair[1].name+"@"+pair[1].host)
	}
	eventually(t, 20*time.Second, "what was there before is everywhere", func() bool {
		return len(x.c.titlesOn()) == 2 && x.calm()
	})
	return x
}

func (x *trio) all() []*process { return []*process{x.a, x.b, x.c} }

// publish publishes a job and writes that down; it gives the id, empty without an
// answer.
func (x *trio) publish(ctx context.Context, p *process, title string) string {
	mark, _, _ := strings.Cut(title, " ")
	begun := time.Now()
	status, body, err := p.call(ctx, http.MethodPost, "/api/v1/minga/jobs", x.tokens[p.name], job(title))
	x.note(p, "publish", mark, 0, begun, status, body, err)
	var made struct{ ID string }
	_ = json.Unmarshal(body, &made)
	return made.ID
}

// note adds a line to the history. A server that lives never answers 5xx.
func (x *trio) note(p *process, op, mark string, version int, begun time.Time, status int, body []byte, err error) {
	if err == nil && status >= 500 && status != http.StatusServiceUnavailable || status >= 400 && status < 500 {
		p.t.Errorf("%s: %s %s was answered %d: %s", p.name, op, mark, status, body)
	}
	x.history.add(action{Op: op, Server: p.name, Mark: mark, Version: version, Start: begun, End: time.Now(), Acked: err == nil && status/100 == 2})
}

// thing is a job that the load may change again.
type thing struct {
	id, mark string
	version  int
	last     time.Time
}

// editPause lies between two states of one job: times on the wire have no fractions,
// and what is fetched may overtake what is sent, so that within a second nobody can
// tell which state is the later.
const editPause = 1100 * time.Millisecond

// load publishes, edits and now and then deletes at one server until ctx ends.
func (x *trio) load(ctx context.Context, p *process, prefix string, pace time.Duration) {
	var live []thing
	for n := 0; ctx.Err() == nil; n++ {
		mark := fmt.Sprintf("%s-%d", prefix, n)
		if id := x.publish(context.Background(), p, mark+" v0"); id != "" {
			live = append(live, thing{id, mark, 0, time.Now()})
		}
		if len(live) > 0 && time.Since(live[0].last) > editPause {
			first := live[0]
			live = live[1:]
			if x.change(p, &first, n); first.id != "" {
				live = append(live, first)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pace):
		}
	}
}

// change edits a job, or deletes it each seventh time; what has been edited three times
// is left alone.
func (x *trio) change(p *process, one *thing, n int) {
	begun, path := time.Now(), "/api/v1/minga/jobs/"+one.id
	if n%7 == 6 {
		status, body, err := p.call(context.Background(), http.MethodDelete, path, x.tokens[p.name], nil)
		x.note(p, "delete", one.mark, 0, begun, status, body, err)
		one.id = ""
		return
	}
	one.version++
	title := fmt.Sprintf("%s v%d", one.mark, one.version)
	status, body, err := p.call(context.Background(), http.MethodPut, path, x.tokens[p.name], map[string]any{"title": title, "language": "en"})
	x.note(p, "edit", one.mark, one.version, begun, status, body, err)
	if one.last = time.Now(); one.version == 3 || err != nil {
		one.id = ""
	}
}

// calm tells whether nothing waits to be delivered or worked on.
func (x *trio) calm() bool {
	for _, p := range x.all() {
		var queues []queueState
		p.do(&queues, "queue", "status")
		for _, q := range queues {
			if q.Name == "deliveries" && q.Waiting > 0 || q.Name == "incoming" && q.OldestSeconds > 0 {
				return false
			}
		}
	}
	return true
}

// hurry makes everything due that waits for another try.
func (x *trio) hurry() {
	for _, p := range x.all() {
		p.do(nil, "queue", "retry")
	}
}

// each opens the database of a process, beside it, and hands over its posts of a kind.
func (p *process) each(kind coop.PostKind, do func(ctx context.Context, s *storage.Store, post *coop.Post)) {
	p.t.Helper()
	ctx := context.Background()
	s, err := storage.Open(ctx, storage.Options{URL: p.dbURL, Now: time.Now})
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for page := (coop.Page{Limit: 80}); ; {
		posts, err := s.Posts(ctx, coop.System(), storage.PostQuery{Kinds: []coop.PostKind{kind}}, page)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, post := range posts {
			page.Max = post.ID
			do(ctx, s, post)
		}
		if len(posts) < page.Limit {
			return
		}
	}
}

// read are the jobs that a process keeps, by their marks.
func (p *process) read() map[string]kept {
	p.t.Helper()
	found := map[string]kept{}
	p.each(coop.KindJob, func(ctx context.Context, s *storage.Store, post *coop.Post) {
		old, err := s.Revisions(ctx, coop.System(), post.ID)
		if errors.Is(err, coop.ErrGone) || errors.Is(err, coop.ErrNotFound) {
			return // deleted since it was listed
		}
		if err != nil {
			p.t.Fatal(err)
		}
		mark, versions := versionsOf(p.t, post, old)
		k := found[mark]
		found[mark] = kept{append(k.Versions, versions...), k.Rows + 1}
	})
	return found
}

// versionsOf reads mark and versions out of titles such as "ana-7 v2", oldest first.
func versionsOf(t *testing.T, post *coop.Post, old []coop.Revision) (string, []int) {
	t.Helper()
	titles := []string{post.Job.Title}
	for _, r := range old {
		titles = append(titles, r.Title)
	}
	slices.Reverse(titles)
	var mark string
	var versions []int
	for _, title := range titles {
		head, tail, _ := strings.Cut(title, " v")
		n, err := strconv.Atoi(tail)
		if err != nil || mark != "" && head != mark {
			t.Fatalf("%s has the title %q", post.IRI, title)
		}
		mark, versions = head, append(versions, n)
	}
	return mark, versions
}

// TestKilledUnderLoad is R1 in short: three processes, of which one is killed again
// and again while all of them publish, edit and delete. What was answered stays;
// nothing is doubled; what is about one thing is in order; everything arrives.
func TestKilledUnderLoad(t *testing.T) {
	eachProcess(t, func(t *testing.T, engine storage.Engine) {
		x := newTrio(t, engine)
		ctx, stop := context.WithCancel(t.Context())
		var load sync.WaitGroup
		for _, p := range x.all() {
			load.Go(func() { x.load(ctx, p, p.name, 100*time.Millisecond) })
		}
		for range kills() {
			time.Sleep(time.Duration(200+rand.IntN(1000)) * time.Millisecond)
			x.b.kill()
			x.b.start()
			if engine == storage.Postgres {
				x.b.do(nil, "queue", "retry") // another node might live: only a person knows
			}
		}
		time.Sleep(500 * time.Millisecond)
		stop()
		load.Wait()
		problems, took := x.converge(60 * time.Second)
		for _, problem := range problems {
			t.Error(problem)
		}
		acked, all := x.count()
		tellFigure(t, "R1", strconv.Itoa(kills())+" times kill -9 under load, "+string(engine),
			"%d of %d requests answered; lost, doubled, out of order or invented at the three: %d; at rest %v after the end of the load",
			acked, all, len(problems), took.Round(time.Millisecond))
		for _, p := range x.all() {
			p.checkUp()
		}
	})
}

// converge waits until nothing moves and nothing is wrong, and gives what stays wrong.
func (x *trio) converge(patience time.Duration) ([]string, time.Duration) {
	begun := time.Now()
	for {
		x.hurry()
		calm := x.calm()
		stored := map[string]map[string]kept{}
		for _, p := range x.all() {
			stored[p.name] = p.read()
		}
		problems := x.history.check(stored)
		if took := time.Since(begun); calm && len(problems) == 0 || took > patience {
			return problems, took
		}
		time.Sleep(time.Second)
	}
}

// count says how many requests were answered well, and how many there were.
func (x *trio) count() (acked, all int) {
	for _, a := range x.history.list {
		all++
		if a.Acked {
			acked++
		}
	}
	return acked, all
}

// checkUp looks for damage in the database of a process that runs.
func (p *process) checkUp() {
	p.t.Helper()
	var found checkResult
	p.do(&found, "db", "check")
	if len(found.Problems) > 0 {
		p.t.Errorf("%s: %v", p.name, found.Problems)
	}
}

// TestEndsInOrder: asked to end by either signal while it works, the server ends with
// 0 within ten seconds, and nothing that it answered is lost.
func TestEndsInOrder(t *testing.T) {
	eachProcess(t, func(t *testing.T, engine storage.Engine) {
		p := newProcess(t, "ana", engine)
		x := &trio{tokens: map[string]string{}}
		p.start()
		x.tokens[p.name] = p.member("telar-ana")
		for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
			ctx, stop := context.WithCancel(t.Context())
			var load sync.WaitGroup
			load.Go(func() { x.load(ctx, p, signal.String(), 10*time.Millisecond) })
			time.Sleep(500 * time.Millisecond)
			took, code := p.stop(signal)
			stop()
			load.Wait()
			if code != exitDone || took > 10*time.Second {
				t.Errorf("%v: ended with %d after %v", signal, code, took)
			}
			tellFigure(t, "R6", fmt.Sprintf("%v under load, %s", signal, engine), "ended after %v with 0, nothing lost", took.Round(time.Millisecond))
			for _, problem := range x.history.check(map[string]map[string]kept{p.name: p.read()}) {
				t.Errorf("%v: %s", signal, problem)
			}
			p.start()
		}
	})
}
