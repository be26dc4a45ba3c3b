// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
	"minga/federation/signature/signaturetest"
	"minga/storage"
	"minga/storage/storagetest"

	"github.com/shopspring/decimal"
)

// house is an instance with a real database, whose clock only the test moves.
type house struct {
	*Outbox
	t     *testing.T
	clock *storagetest.Clock
}

func newHouse(t *testing.T, change ...func(*Options)) *house {
	t.Helper()
	clock := storagetest.NewClock()
	return newHouseIn(t, storagetest.OpenAt(t, clock.Now), clock, change...)
}

// each runs a story on both databases.
func each(t *testing.T, story func(h *house)) {
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) { story(newHouseIn(t, s, clock)) })
}

func newHouseIn(t *testing.T, s *storage.Store, clock *storagetest.Clock, change ...func(*Options)) *house {
	t.Helper()
	client, err := federation.New(federation.Options{UserAgent: "minga/test", OwnHosts: []string{"fed-sur.example"}, Dev: true, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	o := Options{
		Store: s, Client: client, Now: clock.Now,
		Local:    Local{Scheme: "https", Host: "fed-sur.example", AccountDomain: "fed-sur.example"},
		NewRSA:   signaturetest.Keys(),
		Panicked: func(v any, stack []byte) { t.Errorf("panic: %v\n%s", v, stack) },
	}
	for _, f := range change {
		f(&o)
	}
	out, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.EnsureInstance(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &house{out, t, clock}
}

// must ends the test at an error.
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) account(kind coop.AccountKind, name string) *coop.Account {
	h.t.Helper()
	a, err := h.NewAccount(h.t.Context(), Registration{Kind: kind, Name: name, DisplayName: "Cooperativa " + name, Language: "es"})
	h.must(err)
	return a
}

// member is a co-op here that is a verified member of the federation here.
func (h *house) member(name string) *coop.Account {
	h.t.Helper()
	a := h.account(coop.Coop, name)
	f, err := h.store.FederationAccount(h.t.Context())
	h.must(err)
	m, err := h.Join(h.t.Context(), a, f, "", "")
	h.must(err)
	h.must(h.DecideMembership(h.t.Context(), m, true, ""))
	a, err = h.store.Account(h.t.Context(), a.ID)
	h.must(err)
	return a
}

// job is a job that may be published.
func (h *house) job() *coop.Post {
	d := decimal.NewFromInt
	return &coop.Post{Language: "es", Hashtags: []string{"python"}, Job: &coop.Job{
		Title: "Desarrollo backend", Markdown: map[string]string{"es": "Te ocupás de los servicios de tres sitios públicos de turnos, con dos colegas.\n\n- Python"},
		Skills: []coop.Skill{{Term: coop.Term{Name: "Python"}, Required: true}}, Remote: true, ApplicantsFrom: []string{"AR"},
		EmploymentType: []string{"PART_TIME"}, HoursFrom: d(30), HoursTo: d(30), Pay: &coop.Pay{Currency: "ARS", Min: d(1), Max: d(2), Unit: "MONTH"},
		Engagement: "membership", MembershipTrack: "expected", Probation: "P6M", ApplyEmail: "a@telar.example", ApplyURL: "https://telar.example/apply",
	}}
}

// drain delivers until nothing moves.
func (h *house) drain() {
	h.t.Helper()
	for range 200 {
		did, err := h.Step(h.t.Context())
		h.must(err)
		if !did {
			return
		}
	}
	h.t.Fatal("the queue does not end")
}

// received is a request as a peer saw it.
type received struct {
	path string
	raw  signature.Request
	body []byte
	doc  map[string]any
	form string // cavage, rfc9421
}

// peer is another server: it keeps what it is sent and answers as it is told.
type peer struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	answer func(r *http.Request) int // nil: 202
	header http.Header
}

func newPeer(t *testing.T) *peer {
	p := &peer{header: http.Header{}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *peer) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	one := received{path: r.URL.Path, raw: signature.FromHTTP(r, body), body: body, form: "cavage"}
	if r.Header.Get("Signature-Input") != "" {
		one.form = "rfc9421"
	}
	_ = json.Unmarshal(body, &one.doc)
	p.mu.Lock()
	p.got = append(p.got, one)
	answer := p.answer
	p.mu.Unlock()
	for k, v := range p.header {
		w.Header()[k] = v
	}
	status := http.StatusAccepted
	if answer != nil {
		status = answer(r)
	}
	w.WriteHeader(status)
}

// take is what came since the last time.
func (p *peer) take() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

// says are the types of what came, and of what was in Announces.
func says(list []received) string {
	var words []string
	for _, r := range list {
		word, _ := r.doc["type"].(string)
		if inner, ok := r.doc["object"].(map[string]any); ok && word == "Announce" {
			word += "(" + inner["type"].(string) + ")"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// actor is an account on the peer.
func (p *peer) actor(h *house, kind coop.AccountKind, name string, shared bool) *coop.Account {
	h.t.Helper()
	a := &coop.Account{
		IRI: coop.IRI(p.URL + "/" + name), Kind: kind, ActorType: "Person", Name: name, Host: strings.TrimPrefix(p.URL, "http://"), DisplayName: name,
		URL: p.URL + "/@" + name, Inbox: coop.IRI(p.URL + "/" + name + "/inbox"), Followers: coop.IRI(p.URL + "/" + name + "/followers"), FetchedAt: h.clock.Now(),
	}
	if shared {
		a.SharedInbox = coop.IRI(p.URL + "/inbox")
	}
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(h.t.Context(), a) }))
	return a
}

// follows makes a remote account follow a local one.
func (h *house) follows(follower, target *coop.Account) {
	h.t.Helper()
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error {
		iri := coop.IRI(string(follower.IRI) + "/follows/" + target.ID.String())
		return tx.PutFollow(h.t.Context(), &coop.Follow{IRI: iri, Follower: follower, Target: target, State: coop.FollowAccepted, CreatedAt: h.clock.Now(), UpdatedAt: h.clock.Now()})
	}))
}

func (h *house) find(iri coop.IRI) *coop.Account {
	h.t.Helper()
	a, err := h.store.AccountByIRI(h.t.Context(), iri)
	h.must(err)
	return a
}

// proven checks the proof of a document by a local account.
func (h *house) proven(body []byte, by *coop.Account) {
	h.t.Helper()
	p, err := signature.ReadProof(body)
	if err != nil || p == nil {
		h.t.Fatalf("no proof (%v) on %s", err, body)
	}
	pair, err := h.keysOf(context.Background(), h.store, by.ID)
	h.must(err)
	key, _ := pair.ed.Signer.Public().(ed25519.PublicKey)
	if id, err := p.Verify(key, string(by.IRI)); err != nil || id.Owner() != string(by.IRI) {
		h.t.Errorf("proof: %v", err)
	}
}

// signedBy tells whether a key made the signature of a request, by the strict front.
func (h *house) signedBy(r received, key signature.PrivateKey, owner coop.IRI) bool {
	h.t.Helper()
	claim, err := signature.Read(r.raw, signature.Policy{Hosts: []string{r.raw.Host}, Scheme: "http", Now: h.clock.Now()})
	h.must(err)
	_, err = claim.Verify(signature.PublicKey{ID: key.ID, Owner: string(owner), Key: key.Signer.Public()})
	return err == nil
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
