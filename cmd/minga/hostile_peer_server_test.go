// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/federation/signature"
)

// stranger is another server on an address of its own: documents by path, actors whose
// keys the test holds, and a list of what it was asked for.
type stranger struct {
	t          *testing.T
	base, host string
	newRSA     func() (*rsa.PrivateKey, error)

	mu    sync.Mutex
	docs  map[string]served
	names map[string]row // handle → JRD
	asked []string
	got   []row // what came to its inboxes
	hook  func(w http.ResponseWriter, r *http.Request) bool
}

// served is how a path is answered.
type served struct {
	kind   string
	body   []byte
	status int
	to     string // a redirect
}

// newStranger listens on an address of its own, or skips the test where the machine
// has none.
func newStranger(t *testing.T, address string, newRSA func() (*rsa.PrivateKey, error)) *stranger {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Skipf("no loopback address %s: %v", address, err)
	}
	s := &stranger{t: t, newRSA: newRSA, docs: map[string]served{}, names: map[string]row{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.answer))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	s.base, s.host = server.URL, strings.TrimPrefix(server.URL, "http://")
	return s
}

// answer is the server.
func (s *stranger) answer(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	page, ok := s.docs[r.URL.RequestURI()]
	hook := s.hook
	s.mu.Unlock()
	switch {
	case hook != nil && hook(w, r):
	case r.Method == http.MethodPost:
		s.take(w, r)
	case r.URL.Path == "/.well-known/webfinger":
		s.finger(w, r)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	case page.to != "":
		http.Redirect(w, r, page.to, http.StatusFound)
	default:
		w.Header().Set("Content-Type", page.kind)
		if page.status != 0 {
			w.WriteHeader(page.status)
		}
		_, _ = w.Write(page.body)
	}
}

// take keeps what was delivered.
func (s *stranger) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var doc row
	if err == nil && json.Unmarshal(body, &doc) == nil {
		s.mu.Lock()
		s.got = append(s.got, doc)
		s.mu.Unlock()
	}
	w.WriteHeader(http.StatusAccepted)
}

// finger answers WebFinger.
func (s *stranger) finger(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	jrd := s.names[strings.TrimPrefix(r.URL.Query().Get("resource"), "acct:")]
	s.mu.Unlock()
	if jrd == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/jrd+json")
	_ = json.NewEncoder(w).Encode(jrd)
}

// put serves a document at its id, as ActivityPub.
func (s *stranger) put(doc row) row {
	s.serve(strings.TrimPrefix(doc["id"].(string), s.base), served{kind: "application/activity+json", body: encoded(s.t, doc)})
	return doc
}

// serve answers a path so from now on.
func (s *stranger) serve(path string, page served) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.docs[path] = page
}

// hooked lets fn answer first; nil ends it.
func (s *stranger) hooked(fn func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = fn
}

// named says what WebFinger answers to a handle.
func (s *stranger) named(handle, subject, actor string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[handle] = row{"subject": "acct:" + subject, "links": []row{{"rel": "self", "type": "application/activity+json", "href": actor}}}
}

// count is how often something whose method and path begin so was asked for.
func (s *stranger) count(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(s.asked), func(one string) bool { return !strings.HasPrefix(one, prefix) }))
}

// delivered are the activities of a type that came to it.
func (s *stranger) delivered(kind string) (list []row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, doc := range s.got {
		if doc["type"] == kind {
			list = append(list, doc)
		}
	}
	return list
}

// figure is an actor of a stranger, with its keys.
type figure struct {
	home      *stranger
	name, iri string
	rsa, ed   signature.PrivateKey
	doc       row
}

// figure makes an actor and serves it.
func (s *stranger) figure(kind, name string, more row) *figure {
	s.t.Helper()
	f := &figure{home: s, name: name, iri: s.base + "/users/" + name}
	key, err := s.newRSA()
	if err != nil {
		s.t.Fatal(err)
	}
	ed, err := signature.GenerateEd25519()
	if err != nil {
		s.t.Fatal(err)
	}
	f.rsa, f.ed = signature.PrivateKey{ID: f.iri + "#main-key", Signer: key}, signature.PrivateKey{ID: f.iri + "#ed25519-key", Signer: ed}
	text, err := signature.EncodePublicPEM(key.Public())
	if err != nil {
		s.t.Fatal(err)
	}
	f.doc = row{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"}, "id": f.iri, "type": kind,
		"preferredUsername": name, "name": strings.ToUpper(name), "inbox": f.iri + "/inbox", "outbox": f.iri + "/outbox", "followers": f.iri + "/followers",
		"following": f.iri + "/following", "featured": f.iri + "/featured", "endpoints": row{"sharedInbox": s.base + "/inbox"},
		"publicKey":       row{"id": f.rsa.ID, "owner": f.iri, "publicKeyPem": text},
		"assertionMethod": []row{{"id": f.ed.ID, "type": "Multikey", "controller": f.iri, "publicKeyMultibase": signature.EncodeMultikey(ed.Public().(ed25519.PublicKey))}},
	}
	maps.Copy(f.doc, more)
	s.put(f.doc)
	s.named(name+"@"+s.host, name+"@"+s.host, f.iri)
	return f
}

// note is a public note of the figure, not yet served.
func (f *figure) note(path string, more row) row {
	doc := row{
		"@context": "https://www.w3.org/ns/activitystreams", "id": f.iri + path, "type": "Note", "attributedTo": f.iri, "content": "<p>hola</p>",
		"to": []string{vocabularyPublic}, "cc": []string{f.iri + "/followers"}, "published": time.Now().UTC().Format(time.RFC3339),
	}
	maps.Copy(doc, more)
	return doc
}

// act is an activity of the figure.
func (f *figure) act(kind, path string, object any, more row) row {
	doc := row{"@context": "https://www.w3.org/ns/activitystreams", "id": f.iri + path, "type": kind, "actor": f.iri, "object": object, "to": []string{vocabularyPublic}}
	maps.Copy(doc, more)
	return doc
}

// over is a copy of a document with other members; nil takes one away.
func over(doc, more row) row {
	doc = maps.Clone(doc)
	for name, value := range more {
		if value == nil {
			delete(doc, name)
		} else {
			doc[name] = value
		}
	}
	return doc
}

// encoded is a document as it goes over the wire.
func encoded(t *testing.T, doc any) []byte {
	t.Helper()
	body, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
