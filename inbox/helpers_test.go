// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
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
	t      *testing.T
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

func devClient(t *testing.T, now func() time.Time) *federation.Client {
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
	if kind == coop.Federation {
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

// peer is a second server: real HTTP on loopback, documents by path.
type peer struct {
	t    testing.TB
	srv  *httptest.Server
	url  string
	host string

	mu       sync.Mutex
	docs     map[string][]byte
	status   map[string]int
	names    map[string]string // name@host → actor
	subject  map[string]string // what WebFinger says instead
	requests []string
	serve    func(w http.ResponseWriter, r *http.Request) bool
}

func newPeer(t testing.TB) *peer {
	t.Helper()
	p := &peer{t: t, docs: map[string][]byte{}, status: map[string]int{}, names: map[string]string{}, subject: map[string]string{}}
	p.srv = httptest.NewServer(http.HandlerFunc(p.answer))
	t.Cleanup(p.srv.Close)
	p.url, p.host = p.srv.URL, strings.TrimPrefix(p.srv.URL, "http://")
	return p
}

func (p *peer) answer(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests = append(p.requests, r.URL.RequestURI())
	body, ok := p.docs[r.URL.RequestURI()]
	status := p.status[r.URL.RequestURI()]
	serve := p.serve
	p.mu.Unlock()
	switch {
	case serve != nil && serve(w, r):
	case r.URL.Path == "/.well-known/webfinger":
		p.finger(w, r)
	case status != 0:
		w.WriteHeader(status)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	default:
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(body)
	}
}

func (p *peer) finger(w http.ResponseWriter, r *http.Request) {
	handle := strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:")
	p.mu.Lock()
	actor, subject := p.names[handle], p.subject[handle]
	p.mu.Unlock()
	if actor == "" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if subject == "" {
		subject = handle
	}
	w.Header().Set("Content-Type", "application/jrd+json")
	_ = json.NewEncoder(w).Encode(doc{"subject": "acct:" + subject, "links": []doc{{"rel": "self", "type": "application/activity+json", "href": actor}}})
}

// put serves a document at its id.
func (p *peer) put(d doc) doc {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[strings.TrimPrefix(d["id"].(string), p.url)] = encode(p.t, d)
	return d
}

// answers with a status from now on; 0 ends it.
func (p *peer) answers(path string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status[path] = status
}

// count is how often a path that begins so was asked for.
func (p *peer) count(prefix string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(p.requests), func(r string) bool { return !strings.HasPrefix(r, prefix) }))
}

func (p *peer) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = nil
}

// remote is an actor of a peer, with its keys.
type remote struct {
	peer    *peer
	iri     string
	name    string
	rsa, ed signature.PrivateKey
	doc     doc
}

// keyring is made once: RSA keys are slow to make.
var keyring = sync.OnceValue(func() []*rsa.PrivateKey {
	var keys []*rsa.PrivateKey
	for range 6 {
		k, err := signature.GenerateRSA()
		if err != nil {
			panic(err)
		}
		keys = append(keys, k)
	}
	return keys
})

var nextKey int

// actor makes an actor that the peer serves; change edits its document first.
func (p *peer) actor(actorType, name string, change ...func(doc)) *remote {
	p.t.Helper()
	r := &remote{peer: p, name: name, iri: p.url + "/users/" + name}
	nextKey++
	r.rsa = signature.PrivateKey{ID: r.iri + "#main-key", Signer: keyring()[nextKey%len(keyring())]}
	ed, err := signature.GenerateEd25519()
	if err != nil {
		p.t.Fatal(err)
	}
	r.ed = signature.PrivateKey{ID: r.iri + "#ed25519-key", Signer: ed}
	r.doc = doc{
		"@context": []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       r.iri, "type": actorType, "preferredUsername": name, "name": strings.ToUpper(name),
		"inbox": r.iri + "/inbox", "outbox": r.iri + "/outbox", "followers": r.iri + "/followers", "following": r.iri + "/following",
		"featured": r.iri + "/featured", "endpoints": doc{"sharedInbox": p.url + "/inbox"},
		"publicKey":       doc{"id": r.rsa.ID, "owner": r.iri, "publicKeyPem": pemOf(p.t, r.rsa)},
		"assertionMethod": []doc{{"id": r.ed.ID, "type": "Multikey", "controller": r.iri, "publicKeyMultibase": signature.EncodeMultikey(ed.Public().(ed25519.PublicKey))}},
	}
	for _, f := range change {
		f(r.doc)
	}
	p.put(r.doc)
	p.mu.Lock()
	p.names[name+"@"+p.host] = r.iri
	p.mu.Unlock()
	return r
}

func pemOf(t testing.TB, k signature.PrivateKey) string {
	t.Helper()
	s, err := signature.EncodePublicPEM(k.Signer.Public())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// note is a public note of the actor, not yet served.
func (r *remote) note(path string, change ...func(doc)) doc {
	d := doc{
		"@context": "https://www.w3.org/ns/activitystreams",
		"id":       r.iri + path, "type": "Note", "attributedTo": r.iri, "content": "<p>hello</p>",
		"to": []string{public}, "cc": []string{r.iri + "/followers"}, "published": "2030-05-01T11:00:00Z",
	}
	for _, f := range change {
		f(d)
	}
	return d
}

// activity is an activity of the actor.
func (r *remote) activity(kind, path string, object any, change ...func(doc)) doc {
	d := doc{
		"@context": "https://www.w3.org/ns/activitystreams",
		"id":       r.iri + path, "type": kind, "actor": r.iri, "object": object,
		"to": []string{public}, "published": "2030-05-01T11:00:00Z",
	}
	for _, f := range change {
		f(d)
	}
	return d
}

// with sets a member.
func with(member string, value any) func(doc) { return func(d doc) { d[member] = value } }

// without takes members away.
func without(members ...string) func(doc) {
	return func(d doc) {
		for _, m := range members {
			delete(d, m)
		}
	}
}

// edit is a copy of a document with changes.
func edit(d doc, change ...func(doc)) doc {
	d = maps.Clone(d)
	for _, f := range change {
		f(d)
	}
	return d
}

// answers writes down what the outbox was asked for.
type answers struct {
	mu   sync.Mutex
	said []string
}

func (a *answers) say(format string, args ...any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.said = append(a.said, fmt.Sprintf(format, args...))
	return nil
}

// take gives what was said since the last time.
func (a *answers) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.said
	a.said = nil
	return said
}

func (a *answers) AnswerFollow(_ context.Context, _ *storage.Tx, f *coop.Follow, accept bool, _ string) error {
	return a.say("follow %s → %s: %t", f.Follower.Name, f.Target.Name, accept)
}

func (a *answers) BoardAnnounce(_ context.Context, _ *storage.Tx, board *coop.Account, activity *coop.Document, _ *coop.Post, first bool) error {
	var d doc
	if err := json.Unmarshal(activity.Body, &d); err != nil {
		return err
	}
	return a.say("board %s: %s first=%t", board.Name, d["type"], first)
}

func (a *answers) FederationAnnounce(_ context.Context, _ *storage.Tx, p *coop.Post) error {
	return a.say("federation: %s", p.Kind)
}

func (a *answers) Forward(_ context.Context, _ *storage.Tx, activity *coop.Document, p *coop.Post, from string) error {
	return a.say("forward %d bytes from %s", len(activity.Body), from)
}

func (a *answers) FollowInstead(_ context.Context, _ *storage.Tx, follower, old, target *coop.Account) error {
	return a.say("%s follows %s instead of %s", follower.Name, target.Name, old.Name)
}

func (a *answers) AnswerJoin(_ context.Context, _ *storage.Tx, m *coop.Membership) error {
	return a.say("join %s: %s", m.Member.Name, m.State)
}

func (a *answers) MembershipChanged(_ context.Context, _ *storage.Tx, m *coop.Membership) error {
	return a.say("membership %s: %s", m.Member.Name, m.State)
}

// counts writes down refusals and outcomes.
type counts struct {
	mu       sync.Mutex
	refused  []string
	outcomes []string
}

func (c *counts) Refused(_, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = append(c.refused, reason)
}

func (c *counts) Handled(activity, outcome string, _ time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outcomes = append(c.outcomes, activity+" "+outcome)
}

// last is the reason of the last refusal, of the gate or the worker.
func (c *counts) last() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.refused) == 0 {
		return ""
	}
	return c.refused[len(c.refused)-1]
}
