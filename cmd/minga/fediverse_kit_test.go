// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/rsa"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/outbox"
	"minga/storage"
	"minga/storage/storagetest"
)

// fediverse is several instances in one process: real databases, real HTTP on
// loopback, real signatures and queues, and a clock that only the test moves.
// Nothing runs by itself: drain turns every queue until nothing moves.
type fediverse struct {
	t      *testing.T
	ctx    context.Context //nolint:containedctx // lives as long as one test
	engine storage.Engine
	all    []*house
	keys   func() (*rsa.PrivateKey, error)
	hears  slog.Handler // takes all that is logged; nil: errors fail the test
}

// house is one of the instances.
type house struct {
	*instance
	f      *fediverse
	name   string
	set    map[string]string // its settings
	clock  *storagetest.Clock
	away   atomic.Bool // every connection breaks, and its queues stand still
	failed atomic.Bool // an error was logged
	loses  atomic.Bool // what comes to its inboxes is answered 202 and forgotten
	zone   sync.Map    // what the DNS says to this house: name → TXT records
	inbound

	federation, jobs, library *coop.Account
}

// inbound remembers what came to the inboxes and was taken.
type inbound struct {
	mu   sync.Mutex
	got  []push
	keep bool
}

// eachEngine tells a story on SQLite and, where there is one, on PostgreSQL.
func eachEngine(t *testing.T, story func(f *fediverse)) {
	t.Helper()
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			if engine == storage.Postgres && os.Getenv(storagetest.PostgresEnv) == "" {
				t.Skip(storagetest.PostgresEnv + " is not set")
			}
			story(&fediverse{t: t, ctx: t.Context(), engine: engine, keys: signaturetest.Keys()})
		})
	}
}

// house opens an instance; settings are pairs of a variable and its value.
func (f *fediverse) house(name string, settings ...string) *house {
	f.t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(f.ctx, "tcp4", "127.0.0.1:0")
	f.must(err)
	h := &house{f: f, name: name, clock: storagetest.NewClock()}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	set := map[string]string{
		"MINGA_HOST": name + ".localhost:" + port, "MINGA_SCHEME": "http", "MINGA_DEV": "1", "MINGA_DATA_DIR": f.t.TempDir(),
		"MINGA_FEDERATION_HANDLE": name, "MINGA_FEDERATION_NAME": "Federation " + name, "MINGA_ADMIN_LISTEN": "", "MINGA_RATE_LIMIT": "off",
	}
	set["MINGA_DATABASE_URL"] = storagetest.SQLiteURL(f.t)
	if f.engine == storage.Postgres {
		set["MINGA_DATABASE_URL"] = storagetest.PostgresURLAt(f.t, h.clock)
	}
	for n := 0; n+1 < len(settings); n += 2 {
		set[settings[n]] = settings[n+1]
	}
	h.set = set
	h.open(set)
	h.serve(l)
	f.all = append(f.all, h)
	return h
}

// twin opens a second node of the same instance: the same database and folder, the
// same clock, its own memory. It serves by its handler alone, and no queue turns by
// itself.
func (h *house) twin() *house {
	t := &house{f: h.f, name: h.name + " (second node)", set: h.set, clock: h.clock}
	t.open(h.set)
	return t
}

// open is newInstance, with what tests replace: polite pauses take no time.
func (h *house) open(set map[string]string) {
	f := h.f
	f.t.Helper()
	config, err := loadConfig(&settingFlags{}, "", lookups{
		env:  func(key string) (string, bool) { v, ok := set[key]; return v, ok },
		read: func(string) ([]byte, error) { return nil, os.ErrNotExist },
	})
	f.must(err)
	log := slog.New(complaints{f.t, h})
	if f.hears != nil {
		log = slog.New(f.hears)
	}
	h.instance = &instance{
		config: config, log: log, now: h.clock.Now, metrics: newMetrics(h.clock.Now), pulse: newPulse(h.clock.Now), newRSA: f.keys,
		txt:   h.answerTXT,
		sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	f.must(h.instance.open(f.ctx))
	f.t.Cleanup(func() {
		if err := h.close(); err != nil {
			f.t.Errorf("close %s: %v", h.name, err)
		}
	})
	h.federation, err = h.store.FederationAccount(f.ctx)
	f.must(err)
	h.jobs, h.library = h.local("/boards/jobs"), h.local("/boards/library")
}

// serve answers on the listener until the test ends.
func (h *house) serve(l net.Listener) {
	server := newServer(http.HandlerFunc(h.answer))
	var loop sync.WaitGroup
	loop.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			h.f.t.Errorf("serve %s: %v", h.name, err)
		}
	})
	h.f.t.Cleanup(func() {
		_ = server.Close()
		loop.Wait()
	})
}

// answer breaks the connection while the house is away.
func (h *house) answer(w http.ResponseWriter, r *http.Request) {
	if h.away.Load() {
		panic(http.ErrAbortHandler)
	}
	h.note(r)
	if h.loses.Load() && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/inbox") {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	h.handler.ServeHTTP(w, r)
}

// complaints is a log in which nothing may be an error: a contained panic, a 5xx
// and an activity that failed are logged as such, and fail the test.
type complaints struct {
	t *testing.T
	h *house
}

func (c complaints) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelError || verbose
}
func (c complaints) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c complaints) WithGroup(string) slog.Handler      { return c }

// verbose shows everything that is logged.
var verbose = os.Getenv("MINGA_TEST_VERBOSE") != ""

func (c complaints) Handle(_ context.Context, r slog.Record) error {
	line := c.h.name + ": " + r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	if r.Level >= slog.LevelError {
		c.h.failed.Store(true)
		c.t.Error(line)
	} else {
		c.t.Log(line)
	}
	return nil
}

// must ends the test at an error.
func (f *fediverse) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// mostTurns is after how many turns queues that still move are a loop.
const mostTurns = 3000

// drain turns all queues of all houses until nothing moves.
func (f *fediverse) drain() {
	f.t.Helper()
	for range mostTurns {
		moved := false
		for _, h := range f.all {
			if h.away.Load() {
				continue
			}
			for _, step := range []func(context.Context) (bool, error){h.outbox.Step, h.inbox.Step} {
				did, err := step(f.ctx)
				f.must(err)
				moved = moved || did
			}
		}
		if !moved {
			return
		}
	}
	f.t.Fatal("the queues do not come to rest: something goes in a circle")
}

// pass lets time go by everywhere, in one leap, and drains.
func (f *fediverse) pass(d time.Duration) {
	f.t.Helper()
	for _, h := range f.all {
		h.clock.Advance(d)
	}
	f.drain()
}

// settle drains, and lets what was put off by a minute or a few have its turn too.
func (f *fediverse) settle() {
	f.t.Helper()
	f.drain()
	f.pass(2 * time.Minute)
}

// local is an account of the house by the path of its address.
func (h *house) local(path string) *coop.Account {
	h.f.t.Helper()
	a, err := h.store.AccountByIRI(h.f.ctx, coop.IRI(h.config.BaseURL()+path))
	h.f.must(err)
	return a
}

// coop makes a co-op of this house that belongs to no federation yet.
func (h *house) coop(name string) *coop.Account { return h.make(coop.Coop, name) }

// person makes a person of this house.
func (h *house) person(name string) *coop.Account { return h.make(coop.Person, name) }

func (h *house) make(kind coop.AccountKind, name string) *coop.Account {
	h.f.t.Helper()
	r := outbox.Registration{Kind: kind, Name: name, DisplayName: "Cooperativa " + name, Language: "es"}
	if kind == coop.Person {
		r.Email = name + "@" + h.name + ".example"
	}
	a, err := h.outbox.NewAccount(h.f.ctx, r)
	h.f.must(err)
	return a
}

// knows gives the account as this house knows it, looked up where it does not.
func (h *house) knows(a *coop.Account) *coop.Account {
	h.f.t.Helper()
	found, err := h.inbox.Actor(h.f.ctx, a.IRI)
	h.f.must(err)
	return found
}

// follow lets an account of this house follow one of anywhere, and drains.
func (h *house) follow(follower, target *coop.Account) {
	h.f.t.Helper()
	_, err := h.outbox.Follow(h.f.ctx, follower, h.knows(target))
	h.f.must(err)
	h.f.drain()
}

// decide answers a follow that waits here.
func (h *house) decide(follower, target *coop.Account, accept bool, note string) {
	h.f.t.Helper()
	f, err := h.store.Follow(h.f.ctx, h.knows(follower).ID, target.ID)
	h.f.must(err)
	h.f.must(h.outbox.DecideFollow(h.f.ctx, f, accept, note))
	h.f.drain()
}

// followState is how a follow stands at this house; empty: there is none.
func (h *house) followState(follower, target *coop.Account) coop.FollowState {
	h.f.t.Helper()
	a, b := h.stored(follower.IRI), h.stored(target.IRI)
	if a == nil || b == nil {
		return ""
	}
	f, err := h.store.Follow(h.f.ctx, a.ID, b.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return ""
	}
	h.f.must(err)
	return f.State
}

// stored is an account that this house keeps, nil for none.
func (h *house) stored(iri coop.IRI) *coop.Account {
	h.f.t.Helper()
	a, err := h.store.AccountByIRI(h.f.ctx, iri)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	h.f.must(err)
	return a
}

// befriend lets two federations follow each other, with a yes on both sides.
func (f *fediverse) befriend(a, b *house) {
	f.t.Helper()
	for _, pair := range [][2]*house{{a, b}, {b, a}} {
		pair[0].follow(pair[0].federation, pair[1].federation)
		if pair[1].followState(pair[0].federation, pair[1].federation) == coop.FollowAsked {
			pair[1].decide(pair[0].federation, pair[1].federation, true, "")
		}
	}
}

// admit lets a co-op of one house join the federation of another, by asking and
// by a yes, and waits until both know that both sides say so.
func (f *fediverse) admit(member *coop.Account, at, to *house) {
	f.t.Helper()
	_, err := at.outbox.Join(f.ctx, at.local(pathOf(member)), at.knows(to.federation), coop.RoleFull, "")
	f.must(err)
	f.drain()
	m, err := to.store.MembershipOf(f.ctx, to.knows(member).ID, to.federation.ID)
	f.must(err)
	f.must(to.outbox.DecideMembership(f.ctx, m, true, ""))
	f.settle()
	if !to.member(member, to.federation) || !at.member(member, to.federation) {
		f.t.Fatalf("%s is no verified member of %s", member.Name, to.name)
	}
}

// pathOf is the path of an account's address.
func pathOf(a *coop.Account) string {
	return string(a.IRI)[len("http://")+len(a.IRI.Host()):]
}

// member tells whether this house takes a for a verified member.
func (h *house) member(a, organization *coop.Account) bool {
	h.f.t.Helper()
	who, of := h.stored(a.IRI), h.stored(organization.IRI)
	if who == nil || of == nil {
		return false
	}
	ok, err := h.store.VerifiedMember(h.f.ctx, who.ID, of.ID)
	h.f.must(err)
	return ok
}

// jobPost is a job that may be published.
func jobPost(title string) *coop.Post {
	d := decimal.NewFromInt
	return &coop.Post{Kind: coop.KindJob, Visibility: coop.VisiblePublic, Language: "es", Job: &coop.Job{
		Title: title, Markdown: map[string]string{"es": "Te ocupás de los servicios de tres sitios públicos de turnos, con dos colegas."},
		Skills: []coop.Skill{{Term: coop.Term{Name: "Python"}, Required: true}}, Remote: true, ApplicantsFrom: []string{"AR"},
		EmploymentType: []string{"PART_TIME"}, HoursFrom: d(30), HoursTo: d(30), Pay: &coop.Pay{Currency: "ARS", Min: d(1), Max: d(2), Unit: "MONTH"},
		Engagement: "membership", MembershipTrack: "expected", Probation: "P6M", ApplyEmail: "work@telar.example",
	}}
}

// publish publishes a job of a co-op of this house; nothing is drained.
func (h *house) publish(author *coop.Account, title string, cc ...*coop.Account) *coop.Post {
	h.f.t.Helper()
	p := jobPost(title)
	for _, board := range cc {
		p.Cc = append(p.Cc, board.IRI)
	}
	h.f.must(h.outbox.PublishJob(h.f.ctx, h.local(pathOf(author)), p))
	return p
}

// article publishes an article of a co-op of this house; nothing is drained.
func (h *house) article(author *coop.Account, title string) *coop.Post {
	h.f.t.Helper()
	p := &coop.Post{
		Kind: coop.KindArticle, Visibility: coop.VisiblePublic, Language: "es", Title: title, Summary: "Lo que aprendimos.",
		Source: "# Uno\n\nTexto de " + title, Article: &coop.Article{License: h.config.ArticleLicense},
	}
	h.f.must(h.outbox.PublishArticle(h.f.ctx, h.local(pathOf(author)), p))
	return p
}

// has is a post as anybody sees it at this house, nil for none.
func (h *house) has(iri coop.IRI) *coop.Post {
	h.f.t.Helper()
	p, err := h.store.PostByIRI(h.f.ctx, coop.Anonymous(), iri)
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return nil
	}
	h.f.must(err)
	return p
}

// board is what stands on the job board of this house, with ended jobs or without.
func (h *house) board(ended bool) []*coop.Post {
	h.f.t.Helper()
	list, err := h.store.SearchJobs(h.f.ctx, coop.Anonymous(), coop.JobQuery{Order: coop.OrderNewest, Archive: ended}, storage.JobPage{Limit: 80, Domain: h.config.AccountDomain})
	h.f.must(err)
	return list.Posts
}

// titles are the titles of jobs, in their order.
func titles(posts []*coop.Post) []string {
	list := []string{}
	for _, p := range posts {
		list = append(list, p.Job.Title)
	}
	return list
}
