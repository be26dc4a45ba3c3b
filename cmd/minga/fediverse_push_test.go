// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"

	"minga/coop"
	"minga/federation/signature"
)

// push is what came to an inbox, as its envelope says it.
type push struct {
	Path   string      `json:"-"`
	Body   []byte      `json:"-"`
	Header http.Header `json:"-"`
	ID     string      `json:"id"`
	Type   string      `json:"type"`
	Actor  string      `json:"actor"`
	Object inner       `json:"object"`
}

// inner is the object of an activity: an id alone has no type.
type inner struct{ ID, Type string }

// UnmarshalJSON takes an id or an object.
func (i *inner) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, &i.ID)
	}
	type plain inner
	return json.Unmarshal(b, (*plain)(i))
}

// note keeps what is pushed, while the test wants that.
func (h *house) note(r *http.Request) {
	h.mu.Lock()
	keep := h.keep
	h.mu.Unlock()
	if !keep || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/inbox") {
		return
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	p := push{Path: r.URL.Path, Body: body, Header: r.Header.Clone()}
	if err != nil || json.Unmarshal(body, &p) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, p)
}

// record begins to keep what comes.
func (f *fediverse) record() {
	for _, h := range f.all {
		h.mu.Lock()
		h.keep, h.got = true, nil
		h.mu.Unlock()
	}
}

// pushed is what came to the inboxes since record.
func (h *house) pushed() []push {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]push{}, h.got...)
}

// key is the RSA key of an account of this house.
func (h *house) key(a *coop.Account) signature.PrivateKey {
	h.f.t.Helper()
	pair, err := h.store.Keys(h.f.ctx, a.ID)
	h.f.must(err)
	rsa, err := signature.ParsePrivate(pair.RSA)
	h.f.must(err)
	return signature.PrivateKey{ID: string(a.IRI) + "#main-key", Signer: rsa}
}

// signed is a POST to a path of another house, signed by an account of this one.
func (h *house) signed(signer *coop.Account, to *house, path string, body []byte) *http.Request {
	h.f.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Host, r.RemoteAddr = to.config.Host, "127.0.0.1:4000"
	r.Header.Set("Content-Type", "application/activity+json")
	h.f.must(signature.Sign(r, body, h.key(signer), signature.Cavage, h.clock.Now()))
	return r
}

// push sends whatever an account of this house likes to say, and gives the status.
// Without @context it gets the usual one.
func (h *house) push(signer *coop.Account, to *house, path string, doc map[string]any) int {
	h.f.t.Helper()
	if doc["@context"] == nil {
		doc = maps.Clone(doc)
		doc["@context"] = "https://www.w3.org/ns/activitystreams"
	}
	body, err := json.Marshal(doc)
	h.f.must(err)
	return to.take(h.signed(signer, to, path, body))
}

// take answers a request at once, without a connection.
func (h *house) take(r *http.Request) int {
	w := httptest.NewRecorder()
	h.answer(w, r)
	return w.Code
}

// proven are the bytes of a document with the integrity proof of an account here.
func (h *house) proven(a *coop.Account, doc map[string]any) []byte {
	h.f.t.Helper()
	doc["@context"] = []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"}
	body, err := json.Marshal(doc)
	h.f.must(err)
	pair, err := h.store.Keys(h.f.ctx, a.ID)
	h.f.must(err)
	key, err := signature.ParsePrivate(pair.Ed25519)
	h.f.must(err)
	body, err = signature.AddProof(body, signature.PrivateKey{ID: string(a.IRI) + "#ed25519-key", Signer: key}, h.clock.Now())
	h.f.must(err)
	return body
}

// swap changes a body after it was signed.
func swap(r *http.Request, from, to string) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte(from), []byte(to))))
}

// replay sends a good request a second and a third time, the third after what it made
// was taken back: it has no effect again.
func (f *fediverse) replay(b, c *house, liar *coop.Account) {
	f.t.Helper()
	like := map[string]any{"@context": "https://www.w3.org/ns/activitystreams", "id": liar.IRI + "/activities/f", "type": "Follow", "actor": liar.IRI, "object": b.federation.IRI}
	body, err := json.Marshal(like)
	f.must(err)
	undo := map[string]any{"id": liar.IRI + "/activities/u", "type": "Undo", "actor": liar.IRI, "object": like}
	first := c.signed(liar, b, "/inbox", body)
	headers := first.Header.Clone()
	again := func() int {
		r := httptest.NewRequest(http.MethodPost, "/inbox", bytes.NewReader(body))
		r.Host, r.RemoteAddr, r.Header = b.config.Host, "127.0.0.1:4000", headers.Clone()
		return b.take(r)
	}
	for n := range 3 {
		if n == 2 {
			c.push(liar, b, "/inbox", undo)
			f.drain()
		}
		if got := again(); got != http.StatusAccepted {
			f.t.Errorf("replay %d was answered %d", n, got)
		}
		f.drain()
	}
	if got := b.followState(liar, b.federation); got != "" {
		f.t.Errorf("a replayed Follow is %s again", got)
	}
}
