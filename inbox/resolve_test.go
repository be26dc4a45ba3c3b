// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"minga/coop"
	"minga/federation/signature"
)

// TestHangingWebFingerRests: a host whose actors are there and whose WebFinger breaks
// every time is asked for no more handles, so that its actors do not hold the workers.
func TestHangingWebFingerRests(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	p.serve = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/.well-known/webfinger" {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	const many = 2 * restAfter
	for n := range many {
		a := p.actor("Person", fmt.Sprintf("a%d", n))
		w.send(a, a.activity("Follow", "/f/1", here+"/people/ana"))
	}
	w.drain()
	if n := p.count("/.well-known/webfinger"); n < restAfter || n > restAfter+1 {
		t.Errorf("asked %d times", n)
	}
	if n, err := w.store.CountFollowers(w.ctx, w.ana.ID, ""); err != nil || n != many {
		t.Errorf("%d follows had their effect, %v", n, err)
	}
}

func TestHandles(t *testing.T) {
	for _, tt := range []struct {
		name   string
		finger func(p, q *peer, r *remote)
		want   func(p, q *peer) string
	}{
		{"as it is", nil, func(p, _ *peer) string { return p.host }},
		{"a split domain that both sides confirm", func(p, q *peer, r *remote) {
			p.subject["bob@"+p.host], q.names["bob@"+q.host] = "bob@"+q.host, r.iri
		}, func(_, q *peer) string { return q.host }},
		{"a domain that the other side does not confirm", func(p, q *peer, r *remote) {
			p.subject["bob@"+p.host], q.names["bob@"+q.host] = "bob@"+q.host, q.url+"/users/other"
		}, func(p, _ *peer) string { return p.host }},
		{"our name", func(p, _ *peer, _ *remote) { p.subject["bob@"+p.host] = "ana@here.example" }, func(p, _ *peer) string { return p.host }},
		{"no WebFinger at all", func(p, _ *peer, _ *remote) { delete(p.names, "bob@"+p.host) }, func(p, _ *peer) string { return p.host }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w, p, q := newWorld(t), newPeer(t), newPeer(t)
			bob := p.actor("Person", "bob")
			if tt.finger != nil {
				tt.finger(p, q, bob)
			}
			a, err := w.in.Actor(w.ctx, coop.IRI(bob.iri))
			if err != nil {
				t.Fatal(err)
			}
			if want := tt.want(p, q); a.Name != "bob" || a.Host != want {
				t.Errorf("shown as %s@%s, want host %s", a.Name, a.Host, want)
			}
			ana, err := w.store.AccountByHandle(w.ctx, "ana", "")
			if err != nil || ana.ID != w.ana.ID {
				t.Errorf("ana is %+v, %v", ana, err)
			}
			if n := p.count("/") + q.count("/"); n > 3 {
				t.Errorf("%d requests for a first contact", n)
			}
		})
	}
}

// TestOurDomainIsNobodyElses: an actor elsewhere is never shown under our account
// domain, whatever that domain's WebFinger says.
func TestOurDomainIsNobodyElses(t *testing.T) {
	p, q := newPeer(t), newPeer(t)
	w := newWorld(t, func(o *Options) { o.Local.AccountDomain = q.host })
	bob := p.actor("Person", "bob")
	p.subject["bob@"+p.host], q.names["bob@"+q.host] = "bob@"+q.host, bob.iri
	a, err := w.in.Actor(w.ctx, coop.IRI(bob.iri))
	if err != nil || a.Host != p.host {
		t.Errorf("shown as %s@%s, %v", a.Name, a.Host, err)
	}
}

func TestByHandle(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	a, err := w.in.ByHandle(w.ctx, coop.Handle{Name: "bob", Host: p.host})
	if err != nil || a.IRI != coop.IRI(bob.iri) {
		t.Fatalf("found %+v, %v", a, err)
	}
	p.forget()
	if _, err := w.in.ByHandle(w.ctx, coop.Handle{Name: "bob", Host: p.host}); err != nil || p.count("/") != 0 {
		t.Errorf("asked again: %v, %v", p.requests, err)
	}
	for range 3 {
		if _, err := w.in.ByHandle(w.ctx, coop.Handle{Name: "none", Host: p.host}); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
	}
	if n := p.count("/.well-known/webfinger"); n != 1 {
		t.Errorf("a handle that does not exist was asked for %d times", n)
	}
	ana, err := w.in.ByHandle(w.ctx, coop.Handle{Name: "ana", Host: "here.example"})
	if err != nil || ana.ID != w.ana.ID {
		t.Errorf("ours: %+v, %v", ana, err)
	}
	w.decide(p.host, coop.PolicyBlock)
	if _, err := w.in.ByHandle(w.ctx, coop.Handle{Name: "carol", Host: p.host}); !errors.Is(err, coop.ErrForbidden) {
		t.Errorf("blocked: %v", err)
	}
}

// TestPostIsItsOriginsWord: a look-up believes only what the id itself serves.
func TestPostIsItsOriginsWord(t *testing.T) {
	for _, tt := range []struct {
		name  string
		serve func(s *scene)
		keeps bool
	}{
		{"the true one", func(s *scene) { s.q.put(s.carol.note("/n/1")) }, true},
		{"another id", func(s *scene) { s.q.docs["/users/carol/n/1"] = encode(s.t, s.carol.note("/n/2")) }, false},
		{"an owner elsewhere", func(s *scene) {
			s.q.docs["/users/carol/n/1"] = encode(s.t, s.carol.note("/n/1", with("attributedTo", s.bob.iri)))
		}, false},
		{"as a page", func(s *scene) {
			s.q.serve = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write(encode(s.t, s.carol.note("/n/1")))
				return true
			}
		}, false},
		{"as bare JSON", func(s *scene) {
			s.q.serve = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(encode(s.t, s.carol.note("/n/1")))
				return true
			}
		}, false},
		{"by a redirect to another server", func(s *scene) {
			s.p.docs["/copy"] = encode(s.t, s.carol.note("/n/1"))
			s.q.serve = func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, s.p.url+"/copy", http.StatusFound)
				return true
			}
		}, false},
		{"a Create around it", func(s *scene) {
			s.q.docs["/users/carol/n/1"] = encode(s.t, s.carol.activity("Create", "/n/1", s.carol.note("/n/3")))
		}, true},
		{"a Create around another server's", func(s *scene) {
			s.q.docs["/users/carol/n/1"] = encode(s.t, s.carol.activity("Create", "/n/1", s.bob.note("/n/3")))
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			tt.serve(s)
			p, err := s.in.Post(s.ctx, coop.IRI(s.carol.iri+"/n/1"))
			if (err == nil) != tt.keeps {
				t.Errorf("got %+v, %v", p, err)
			}
		})
	}
}

// TestInsideAddressesAreNotAsked: no field of an activity reaches an inside
// service.
func TestInsideAddressesAreNotAsked(t *testing.T) {
	s := newScene(t)
	asked := 0
	inside := newInside(t, func() { asked++ })
	note := s.bob.note("/n/1", with("inReplyTo", inside+"/secret"), with("attachment", []doc{{"type": "Image", "url": inside + "/a.png"}}),
		with("replies", inside+"/replies"), with("context", inside+"/context"), with("url", inside+"/page"))
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", note))
	for i, kind := range []string{"Announce", "Like", "Update", "Delete", "Add", "Flag", "Join", "Move", "Accept", "Undo", "Create"} {
		s.deliver(s.bob, s.bob.activity(kind, fmt.Sprintf("/x/%d", i), inside+"/secret", with("target", inside+"/t"), with("result", inside+"/r")))
	}
	key := signature.PrivateKey{ID: inside + "/key#k", Signer: s.bob.rsa.Signer}
	_, _ = s.in.Receive(s.ctx, s.request(signed{key: key}, encode(t, doc{"id": inside + "/a/1", "type": "Follow", "actor": inside + "/actor", "object": here + "/people/ana"})))
	s.drain()
	if asked != 0 {
		t.Errorf("an inside service was asked %d times", asked)
	}
	if s.post(s.bob.iri+"/n/1") == nil {
		t.Error("the note itself is not kept")
	}
}

// TestOneActivityFetchesAtMostFifty, whoever asks.
func TestOneActivityFetchesAtMostFifty(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	ctx := withFetches(w.ctx, maxFetches)
	var last error
	for i := range 80 {
		_, last = w.in.fetchDocument(ctx, fmt.Sprintf("%s/n/%d", p.url, i), noRemote())
	}
	if !errors.Is(last, errBudget) {
		t.Errorf("got %v", last)
	}
	if n := p.count("/n/"); n != maxFetches {
		t.Errorf("%d fetches", n)
	}
}

// TestSignatureFormsAreLearnt: once a server signed so to us, or lists it.
func TestSignatureFormsAreLearnt(t *testing.T) {
	s := newScene(t)
	if m, err := s.store.Signature(s.ctx, s.p.host); err != nil || m.Form != "" {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := s.in.Receive(s.ctx, s.request(signed{key: s.bob.rsa, form: signature.RFC9421RSA}, encode(t, s.bob.activity("Follow", "/f/1", here+"/people/ana")))); err != nil {
		t.Fatal(err)
	}
	if m, err := s.store.Signature(s.ctx, s.p.host); err != nil || m.Form != string(signature.RFC9421RSA) {
		t.Errorf("%+v, %v", m, err)
	}
	other := newPeer(t)
	able := other.actor("Person", "able", with("generator", doc{"type": "Application", "implements": []doc{{"href": rfc9421, "name": "RFC-9421"}}}))
	if _, err := s.in.Actor(s.ctx, coop.IRI(able.iri)); err != nil {
		t.Fatal(err)
	}
	if m, err := s.store.Signature(s.ctx, other.host); err != nil || m.Form != string(signature.RFC9421RSA) {
		t.Errorf("listed: %+v, %v", m, err)
	}
}
