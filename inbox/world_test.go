// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
	"minga/storage"
	"minga/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const public = string(coop.Public)

// here is the address of the instance under test.
const here = "http://here.example"

// doc is a JSON document as tests write it.
type doc = map[string]any

// world is an instance under test: a real store, a real client, a clock that
// stands still, and neighbours that write down what they were asked.
type world struct {
	t      testing.TB
	ctx    context.Context
	clock  *storagetest.Clock
	store  *storage.Store
	client *federation.Client
	in     *Inbox
	asked  *answers
	counts *counts
	mode   coop.FederationMode
	slept  []time.Duration

	federation, jobs, library, telar, ana, instance *coop.Account
}

func newWorld(t *testing.T, change ...func(*Options)) *world {
	t.Helper()
	return newWorldFor(t, change...)
}

// newWorldFor is newWorld for benchmarks too.
func newWorldFor(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: storagetest.NewClock(), asked: &answers{}, counts: &counts{}, mode: coop.ModeOpen}
	w.store = storagetest.OpenAt(t, w.clock.Now)
	w.client = devClient(t, w.clock.Now)
	o := Options{
		Store: w.store, Client: w.client, Now: w.clock.Now, Answers: w.asked, Counter: w.counts,
		Local:    Local{Scheme: "http", Host: "here.example", AccountDomain: "here.example"},
		Mode:     func(context.Context) coop.FederationMode { return w.mode },
		Panicked: func(v any, stack []byte) { t.Errorf("panic: %v\n%s", v, stack) },
		Sleep: func(_ context.Context, d time.Duration) error {
			w.slept = append(w.slept, d)
			w.clock.Advance(d)
			return nil
		},
	}
	for _, f := range change {
		f(&o)
	}
	var err error
	if w.in, err = New(o); err != nil {
		t.Fatal(err)
	}
	w.settle()
	return w
}

func devClient(t testing.TB, now func() time.Time) *federation.Client {
	t.Helper()
	c, err := federation.New(federation.Options{
		UserAgent: "minga-test", OwnHosts: []string{"here.example"}, Dev: true,
		AllowNets: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// settle makes the accounts of the instance.
func (w *world) settle() {
	w.federation = w.local(coop.Federation, "Organization", "federation", "/federation")
	w.jobs = w.local(coop.Board, "Group", "jobs", "/boards/jobs")
	w.library = w.local(coop.Board, "Group", "library", "/boards/library")
	w.telar = w.local(coop.Coop, "Organization", "telar", "/coops/telar")
	w.ana = w.local(coop.Person, "Person", "ana", "/people/ana")
	w.instance = w.local(coop.Instance, "Application", "here.example", "/actor")
}

func (w *world) local(kind coop.AccountKind, actorType, name, path string) *coop.Account {
	w.t.Helper()
	iri := coop.IRI(here + path)
	a := &coop.Account{
		IRI: iri, Kind: kind, ActorType: actorType, Name: name, Local: true, DisplayName: name,
		Inbox: iri + "/inbox", SharedInbox: here + "/inbox", Outbox: iri + "/outbox", Followers: iri + "/followers",
		Following: iri + "/following", URL: here + "/@" + name, Discoverable: true, Indexable: true,
	}
	if coop.TakesMembers(kind) {
		a.Members = iri + "/members"
	}
	w.write(func(tx *storage.Tx) error { return tx.AddAccount(w.ctx, a, nil) })
	return a
}

func (w *world) write(f func(tx *storage.Tx) error) {
	w.t.Helper()
	if err := w.store.Write(w.ctx, f); err != nil {
		w.t.Fatal(err)
	}
}

// drain steps until nothing is left to do.
func (w *world) drain() {
	w.t.Helper()
	for range 500 {
		did, err := w.in.Step(w.ctx)
		if err != nil {
			w.t.Fatal(err)
		}
		if !did {
			return
		}
	}
	w.t.Fatal("the queue never ends")
}

// post finds a post as the program itself, or nil.
func (w *world) post(iri string) *coop.Post {
	w.t.Helper()
	p, err := w.store.PostByIRI(w.ctx, coop.System(), coop.IRI(iri))
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return nil
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// follows makes a local account an accepted follower of a remote one.
func (w *world) follows(follower *coop.Account, r *remote) *coop.Account {
	w.t.Helper()
	target, err := w.in.Actor(w.ctx, coop.IRI(r.iri))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx *storage.Tx) error {
		return tx.PutFollow(w.ctx, &coop.Follow{
			IRI: coop.IRI(fmt.Sprintf("%s/activities/%s", follower.IRI, target.ID)), Follower: follower, Target: target, State: coop.FollowAccepted,
		})
	})
	return target
}

// followedBy makes a remote account an accepted follower of a local one.
func (w *world) followedBy(r *remote, target *coop.Account) *coop.Account {
	w.t.Helper()
	follower, err := w.in.Actor(w.ctx, coop.IRI(r.iri))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(func(tx *storage.Tx) error {
		return tx.PutFollow(w.ctx, &coop.Follow{IRI: coop.IRI(r.iri + "/follows/1"), Follower: follower, Target: target, State: coop.FollowAccepted})
	})
	return follower
}

// localPost stores a public note of a local account.
func (w *world) localPost(author *coop.Account, path string) *coop.Post {
	w.t.Helper()
	p := &coop.Post{
		IRI: author.IRI + coop.IRI(path), AuthorID: author.ID, Author: author, Local: true, Kind: coop.KindNote, Type: "Note",
		Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Cc: []coop.IRI{author.Followers},
		Content: "<p>hola</p>", Published: w.clock.Now(), URL: string(author.IRI) + path,
	}
	w.write(func(tx *storage.Tx) error {
		_, err := tx.AddPost(w.ctx, p, storage.Arrival{Object: &coop.Document{IRI: p.IRI, Body: []byte(`{"id":"` + p.IRI + `"}`)}})
		return err
	})
	return p
}

// signed is a request as a peer would send it.
type signed struct {
	key    signature.PrivateKey
	form   signature.Form
	target string // path of the inbox; empty: /inbox
	at     time.Time
	mend   func(r *http.Request)
	to     *coop.Account
}

// request signs a body.
func (w *world) request(s signed, body []byte) Request {
	w.t.Helper()
	if s.target == "" {
		s.target = "/inbox"
	}
	if s.form == "" {
		s.form = signature.Cavage
	}
	if s.at.IsZero() {
		s.at = w.clock.Now()
	}
	r, err := http.NewRequestWithContext(w.ctx, http.MethodPost, here+s.target, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/activity+json")
	if err := signature.Sign(r, body, s.key, s.form, s.at); err != nil {
		w.t.Fatal(err)
	}
	if s.mend != nil {
		s.mend(r)
	}
	request := Request{
		Method: r.Method, Target: s.target, Host: "here.example", Header: r.Header, Body: body,
		Remote: netip.MustParseAddr("192.0.2.7"),
	}
	if s.to != nil {
		request.Recipient = s.to.ID
	}
	return request
}

// send signs an activity by its actor, hands it to the gate, and wants a 202.
func (w *world) send(r *remote, activity doc) {
	w.t.Helper()
	if _, err := w.in.Receive(w.ctx, w.request(signed{key: r.rsa}, encode(w.t, activity))); err != nil {
		w.t.Fatalf("refused: %v", err)
	}
}

// deliver is send and drain.
func (w *world) deliver(r *remote, activity doc) {
	w.t.Helper()
	w.send(r, activity)
	w.drain()
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}
