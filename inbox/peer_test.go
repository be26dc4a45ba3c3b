// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"minga/federation/signature"
)

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
