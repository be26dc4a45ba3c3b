// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
)

// untouched fails the test if anything of a request was kept.
func (w *world) untouched(p *peer) {
	w.t.Helper()
	stats, err := w.store.IncomingStats(w.ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	if stats.Waiting != 0 {
		w.t.Errorf("%d activities wait", stats.Waiting)
	}
	w.drain()
	if _, err := w.store.AccountByHandle(w.ctx, "mallory", p.host); !errors.Is(err, coop.ErrNotFound) {
		w.t.Errorf("the sender is kept: %v", err)
	}
	if got := w.asked.take(); len(got) != 0 {
		w.t.Errorf("something was answered: %v", got)
	}
}

// refusedWith checks kind and reason of a refusal.
func refusedWith(t *testing.T, err error, status int, reason string) {
	t.Helper()
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal with %d %s", err, status, reason)
	}
	if refused.Status() != status || reason != "" && refused.Reason != reason {
		t.Errorf("got %d %s (%v), want %d %s", refused.Status(), refused.Reason, refused.Err, status, reason)
	}
}

// header edits the headers after signing.
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// TestGateRefuses is the gate's proof: each row is a hostile request, in the order
// of the checks that must stop it, and none may leave a trace.
func TestGateRefuses(t *testing.T) {
	type setting struct {
		w           *world
		p, other    *peer
		mallory     *remote
		bob, carol  *remote // carol is on another server
		follow      doc
		requestBody func(doc) Request
	}
	set := func(t *testing.T) *setting {
		s := &setting{w: newWorld(t), p: newPeer(t), other: newPeer(t)}
		s.mallory, s.bob = s.p.actor("Person", "mallory"), s.p.actor("Person", "bob")
		s.carol = s.other.actor("Person", "carol")
		s.follow = s.mallory.activity("Follow", "/follows/1", here+"/people/ana")
		s.requestBody = func(d doc) Request { return s.w.request(signed{key: s.mallory.rsa}, encode(t, d)) }
		return s
	}
	for _, tt := range []struct {
		name    string
		request func(s *setting) Request
		status  int
		reason  string
		fetches int // of the peer at most; a refusal before the key asks nothing
	}{
		// size and shape
		{"a body over 1 MiB", func(s *setting) Request {
			return s.requestBody(edit(s.follow, with("content", strings.Repeat("x", 1<<20))))
		}, 413, "size", 0},
		{"a compressed body", func(s *setting) Request {
			r := s.requestBody(s.follow)
			r.Header.Set("Content-Encoding", "gzip")
			return r
		}, 415, "content_encoding", 0},
		{"not JSON", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa}, []byte(`{"content": nope}`))
		}, 400, "syntax", 0},
		{"two documents", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa}, append(encode(t, s.follow), []byte(`{}`)...))
		}, 400, "trailing", 0},
		{"nested too deep", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa}, []byte(`{"type":"Follow","actor":"`+s.mallory.iri+`","object":`+strings.Repeat(`{"object":`, 40)+`1`+strings.Repeat(`}`, 41)))
		}, 400, "depth", 0},
		{"@graph", func(s *setting) Request { return s.requestBody(edit(s.follow, with("@graph", []any{}))) }, 400, "keyword", 0},
		{"two actors", func(s *setting) Request {
			return s.requestBody(edit(s.follow, with("actor", []string{s.mallory.iri, s.bob.iri})))
		}, 400, "actor", 0},
		{"the deciding key twice", func(s *setting) Request {
			body := bytes.Replace(encode(t, s.follow), []byte(`{`), []byte(`{"actor":"`+s.bob.iri+`",`), 1)
			return s.w.request(signed{key: s.mallory.rsa}, body)
		}, 400, "duplicate", 0},
		{"no actor", func(s *setting) Request { return s.requestBody(edit(s.follow, without("actor"))) }, 400, "actor", 0},
		{"a javascript id", func(s *setting) Request { return s.requestBody(edit(s.follow, with("id", "javascript:alert(1)"))) }, 400, "id", 0},
		{"a Create without id", func(s *setting) Request {
			return s.requestBody(s.mallory.activity("Create", "/c", s.mallory.note("/n"), without("id")))
		}, 400, "id", 0},
		{"the activity's id is elsewhere", func(s *setting) Request {
			return s.requestBody(edit(s.follow, with("id", s.other.url+"/follows/1")))
		}, 400, "origin", 0},
		{"the activity's id is ours", func(s *setting) Request {
			return s.requestBody(edit(s.follow, with("id", here+"/activities/1")))
		}, 400, "origin", 0},
		// domain
		{"actor on our host", func(s *setting) Request {
			return s.requestBody(edit(s.follow, with("actor", here+"/people/ana"), without("id")))
		}, 401, "local_actor", 0},
		{"blocked domain", func(s *setting) Request { s.w.decide(s.p.host, coop.PolicyBlock); return s.requestBody(s.follow) }, 403, "domain", 0},
		{"not on the list", func(s *setting) Request { s.w.mode = coop.ModeAllowlist; return s.requestBody(s.follow) }, 403, "domain", 0},
		{"closed", func(s *setting) Request { s.w.mode = coop.ModeClosed; return s.requestBody(s.follow) }, 403, "domain", 0},
		// header shape
		{"unsigned", func(s *setting) Request {
			r := s.requestBody(s.follow)
			r.Header.Del("Signature")
			return r
		}, 401, "missing", 0},
		{"no digest", func(s *setting) Request {
			r := s.requestBody(s.follow)
			r.Header.Del("Digest")
			return r
		}, 401, "", 0},
		{"a space added to the body", func(s *setting) Request {
			r := s.requestBody(s.follow)
			r.Body = append(r.Body, ' ')
			return r
		}, 401, "digest", 0},
		{"another body", func(s *setting) Request {
			r := s.requestBody(s.follow)
			r.Body = encode(t, edit(s.follow, with("object", here+"/coops/telar")))
			return r
		}, 401, "digest", 0},
		{"70 minutes old", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa, at: s.w.clock.Now().Add(-70 * time.Minute)}, encode(t, s.follow))
		}, 401, "time", 0},
		{"two hours ahead", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa, at: s.w.clock.Now().Add(2 * time.Hour)}, encode(t, s.follow))
		}, 401, "time", 0},
		{"RFC 9421, 70 minutes old", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa, form: signature.RFC9421RSA, at: s.w.clock.Now().Add(-70 * time.Minute)}, encode(t, s.follow))
		}, 401, "time", 0},
		{"for another host", func(s *setting) Request {
			r := s.requestBody(s.follow)
			r.Host = "there.example"
			return r
		}, 421, "host", 0},
		{"for another path", func(s *setting) Request {
			r := s.requestBody(s.follow)
			r.Target = "/people/ana/inbox"
			return r
		}, 401, "signature", 1},
		{"the date changed", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa, mend: header("Date", s.w.clock.Now().Add(time.Minute).UTC().Format(http.TimeFormat))}, encode(t, s.follow))
		}, 401, "signature", 1},
		{"key on our host", func(s *setting) Request {
			return s.w.request(signed{key: signature.PrivateKey{ID: here + "/people/ana#main-key", Signer: s.mallory.rsa.Signer}}, encode(t, s.follow))
		}, 401, "", 0},
		// actor host = key host
		{"another server's actor", func(s *setting) Request {
			return s.requestBody(s.carol.activity("Follow", "/f/1", here+"/people/ana"))
		}, 401, "signer_not_actor", 0},
		{"another server's note, no thread of it", func(s *setting) Request {
			return s.requestBody(s.carol.activity("Create", "/c/1", s.carol.note("/n/1")))
		}, 401, "signer_not_actor", 0},
		{"the key's domain is blocked, the actor's is not", func(s *setting) Request {
			s.w.decide(s.p.host, coop.PolicyBlock)
			return s.requestBody(s.carol.activity("Create", "/c/1", s.carol.note("/n/1")))
		}, 403, "domain", 0},
		// key
		{"no such key", func(s *setting) Request {
			s.p.answers("/users/mallory", 404)
			return s.requestBody(s.follow)
		}, 401, "", 1},
		{"the owner does not list the key", func(s *setting) Request {
			return s.w.request(signed{key: signature.PrivateKey{ID: s.mallory.iri + "#other-key", Signer: s.mallory.rsa.Signer}}, encode(t, s.follow))
		}, 401, "key", 1},
		{"the key is served as plain text", func(s *setting) Request {
			s.p.serve = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "text/plain")
				_, _ = w.Write(encode(t, s.mallory.doc))
				return true
			}
			return s.requestBody(s.follow)
		}, 401, "", 1},
		{"the key document says another id", func(s *setting) Request {
			s.p.docs["/users/mallory"] = encode(t, edit(s.mallory.doc, with("id", s.bob.iri)))
			return s.requestBody(s.follow)
		}, 401, "", 2},
		// signature
		{"another key under the name", func(s *setting) Request {
			return s.w.request(signed{key: signature.PrivateKey{ID: s.mallory.rsa.ID, Signer: s.bob.rsa.Signer}}, encode(t, s.follow))
		}, 401, "signature", 1},
		{"an RSA key labelled ed25519", func(s *setting) Request {
			return s.w.request(signed{key: s.mallory.rsa, form: signature.RFC9421RSA, mend: func(r *http.Request) {
				r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), "rsa-v1_5-sha256", "ed25519", 1))
			}}, encode(t, s.follow))
		}, 401, "", 1},
		// actor = owner
		{"good own key, a neighbour's actor", func(s *setting) Request {
			return s.requestBody(s.bob.activity("Follow", "/f/1", here+"/people/ana"))
		}, 401, "signer_not_actor", 1},
		{"good own key, a neighbour's note", func(s *setting) Request {
			return s.requestBody(s.bob.activity("Create", "/c/1", s.bob.note("/n/1")))
		}, 401, "signer_not_actor", 1},
		{"a bad proof by a key of the actor", func(s *setting) Request {
			body, err := signature.AddProof(encode(t, s.follow), s.mallory.ed, s.w.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			body = bytes.Replace(body, []byte("/people/ana"), []byte("/coops/telar"), 1)
			return s.w.request(signed{key: s.mallory.rsa}, body)
		}, 401, "", 2},
		{"a neighbour's note, proven by the sender's own key", func(s *setting) Request {
			body, err := signature.AddProof(encode(t, s.bob.activity("Create", "/c/1", s.bob.note("/n/1"))), s.mallory.ed, s.w.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return s.w.request(signed{key: s.mallory.rsa}, body)
		}, 401, "signer_not_actor", 2},
		{"another server's note with a proof of an unknown suite", func(s *setting) Request {
			return s.requestBody(s.carol.activity("Create", "/c/1", s.carol.note("/n/1"), with("proof", doc{
				"type": "DataIntegrityProof", "cryptosuite": "lottery-2030", "verificationMethod": s.carol.ed.ID, "proofPurpose": "assertionMethod", "proofValue": "z1",
			})))
		}, 401, "signer_not_actor", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := set(t)
			s.w.t = t
			r := tt.request(s)
			_, err := s.w.in.Receive(s.w.ctx, r)
			refusedWith(t, err, tt.status, tt.reason)
			if n := s.p.count("/") + s.other.count("/"); n > tt.fetches {
				t.Errorf("%d requests were made, at most %d may be", n, tt.fetches)
			}
			s.w.untouched(s.p)
			if len(s.w.counts.refused) != 1 {
				t.Errorf("counted as %v", s.w.counts.refused)
			}
		})
	}
}

// decide sets what was decided about a server.
func (w *world) decide(host string, policy coop.PeerPolicy) {
	w.t.Helper()
	w.write(func(tx *storage.Tx) error { return tx.PutPeer(w.ctx, &coop.Peer{Host: host, Policy: policy}) })
}

// TestGateAdmits holds the strict gate against honest variety.
func TestGateAdmits(t *testing.T) {
	for _, tt := range []struct {
		name    string
		request func(w *world, r *remote) Request
	}{
		{"cavage", func(w *world, r *remote) Request {
			return w.request(signed{key: r.rsa}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana")))
		}},
		{"RFC 9421 with RSA", func(w *world, r *remote) Request {
			return w.request(signed{key: r.rsa, form: signature.RFC9421RSA}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana")))
		}},
		{"RFC 9421 with Ed25519", func(w *world, r *remote) Request {
			return w.request(signed{key: r.ed, form: signature.RFC9421Ed25519}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana")))
		}},
		{"an hour old", func(w *world, r *remote) Request {
			return w.request(signed{key: r.rsa, at: w.clock.Now().Add(-time.Hour)}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana")))
		}},
		{"a query that is signed", func(w *world, r *remote) Request {
			return w.request(signed{key: r.rsa, target: "/inbox?page=2"}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana")))
		}},
		{"a query that is not signed", func(w *world, r *remote) Request {
			q := w.request(signed{key: r.rsa, target: "/inbox"}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana")))
			q.Target = "/inbox?page=2"
			return q
		}},
		{"an embedded actor", func(w *world, r *remote) Request {
			return w.request(signed{key: r.rsa}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana", with("actor", doc{"id": r.iri, "type": "Person"}))))
		}},
		{"X-Forwarded-Host is ignored", func(w *world, r *remote) Request {
			return w.request(signed{key: r.rsa, mend: header("X-Forwarded-Host", "evil.example")}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana")))
		}},
		{"a Follow without id", func(w *world, r *remote) Request {
			return w.request(signed{key: r.rsa}, encode(w.t, r.activity("Follow", "/f/1", here+"/people/ana", without("id"))))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			p := newPeer(t)
			r := p.actor("Person", "bob")
			if _, err := w.in.Receive(w.ctx, tt.request(w, r)); err != nil {
				t.Fatal(err)
			}
			w.drain()
			if got := fmt.Sprint(w.asked.take()); got != "[follow bob → ana: true]" {
				t.Errorf("answered %s", got)
			}
		})
	}
}

// TestFirstContactIsThreeRequests: the actor, and WebFinger.
func TestFirstContactIsThreeRequests(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if n := p.count("/"); n > 3 {
		t.Errorf("%d requests: %v", n, p.requests)
	}
	w.deliver(bob, bob.activity("Undo", "/u/1", bob.iri+"/f/1"))
	if n := p.count("/"); n > 3 {
		t.Errorf("a known actor was asked again: %v", p.requests)
	}
}

func TestAcceptSignatureIsAsked(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	plain := p.actor("Person", "old", without("assertionMethod"))
	for _, tt := range []struct {
		who  *remote
		asks bool
	}{{bob, true}, {plain, false}} {
		receipt, err := w.in.Receive(w.ctx, w.request(signed{key: tt.who.rsa}, encode(t, tt.who.activity("Follow", "/f/1", here+"/people/ana"))))
		if err != nil {
			t.Fatal(err)
		}
		if got := receipt.AcceptSignature != ""; got != tt.asks {
			t.Errorf("%s: asks %t", tt.who.name, got)
		}
	}
}

func TestReplayHasNoEffect(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	r := w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana")))
	for range 3 {
		if _, err := w.in.Receive(w.ctx, r); err != nil {
			t.Fatal(err)
		}
		w.drain()
	}
	if got := w.asked.take(); len(got) != 1 {
		t.Errorf("answered %v", got)
	}
	w.clock.Advance(2 * time.Hour)
	_, err := w.in.Receive(w.ctx, r)
	refusedWith(t, err, 401, "time")
}

// TestReplayAfterFailure: what was not acknowledged may come again unchanged.
func TestReplayAfterFailure(t *testing.T) {
	w, p := newWorld(t, func(o *Options) { o.MaxWaiting = 1 }), newPeer(t)
	bob, eve := p.actor("Person", "bob"), p.actor("Person", "eve")
	w.send(eve, eve.activity("Follow", "/f/1", here+"/people/ana"))
	w.clock.Advance(2 * time.Second)
	r := w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana")))
	_, err := w.in.Receive(w.ctx, r)
	var busy *coop.BusyError
	if !errors.As(err, &busy) || busy.Limit || busy.After <= 0 {
		t.Fatalf("got %v, want to come again", err)
	}
	w.drain()
	w.clock.Advance(2 * time.Second)
	if _, err := w.in.Receive(w.ctx, r); err != nil {
		t.Fatal(err)
	}
	w.drain()
	if got := fmt.Sprint(w.asked.take()); got != "[follow eve → ana: true follow bob → ana: true]" {
		t.Errorf("answered %s", got)
	}
}

func TestRateOfOneServer(t *testing.T) {
	w, p, q := newWorld(t, func(o *Options) { o.HostRate = 2 }), newPeer(t), newPeer(t)
	bob, carol := p.actor("Person", "bob"), q.actor("Person", "carol")
	for i := range 3 {
		_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", fmt.Sprintf("/f/%d", i), here+"/people/ana"))))
		var busy *coop.BusyError
		if limited := errors.As(err, &busy) && busy.Limit; limited != (i == 2) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	w.send(carol, carol.activity("Follow", "/f/1", here+"/people/ana"))
	w.clock.Advance(time.Minute)
	w.send(bob, bob.activity("Follow", "/f/9", here+"/people/ana"))
}

// TestForgeriesDoNotUseUpARate: only proven requests count.
func TestForgeriesDoNotUseUpARate(t *testing.T) {
	w, p := newWorld(t, func(o *Options) { o.HostRate = 2 }), newPeer(t)
	bob, mallory := p.actor("Person", "bob"), p.actor("Person", "mallory")
	forged := signature.PrivateKey{ID: bob.rsa.ID, Signer: mallory.ed.Signer}
	for i := range 5 {
		r := w.request(signed{key: forged, form: signature.RFC9421Ed25519}, encode(t, bob.activity("Follow", fmt.Sprintf("/x/%d", i), here+"/people/ana")))
		if _, err := w.in.Receive(w.ctx, r); err == nil {
			t.Fatal("a forgery passed")
		}
	}
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
}

func TestDeleteStorm(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	for i := range 50 {
		r := p.actor("Person", fmt.Sprintf("gone%d", i))
		p.answers("/users/"+r.name, 410)
		w.send(r, r.activity("Delete", "#delete", r.iri))
	}
	if p.count("/") != 0 {
		t.Errorf("%d requests were made", p.count("/"))
	}
	w.untouched(p)
	unsigned := w.request(signed{key: p.actor("Person", "x").rsa}, encode(t, doc{"id": p.url + "/users/x#d", "type": "Delete", "actor": p.url + "/users/x", "object": p.url + "/users/x"}))
	unsigned.Header.Del("Signature")
	_, err := w.in.Receive(w.ctx, unsigned)
	refusedWith(t, err, 401, "missing")
}

// TestDeleteOfKnownActorWhoseKeyIsGone: 410 at the actor's id is believed, 404 is not.
func TestDeleteOfKnownActorWhoseKeyIsGone(t *testing.T) {
	for _, tt := range []struct {
		status int
		gone   bool
	}{{410, true}, {404, false}} {
		t.Run(fmt.Sprint(tt.status), func(t *testing.T) {
			w, p := newWorld(t), newPeer(t)
			bob := p.actor("Person", "bob")
			account := w.follows(w.ana, bob)
			w.write(func(tx *storage.Tx) error { return tx.SaveRemoteKeys(w.ctx, account.IRI, nil) })
			w.in.remember()
			p.answers("/users/bob", tt.status)
			_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Delete", "#d", bob.iri))))
			if (err == nil) != tt.gone {
				t.Fatalf("got %v", err)
			}
			w.drain()
			after, err := w.store.Account(w.ctx, account.ID)
			if err != nil {
				t.Fatal(err)
			}
			if after.DeletedAt.IsZero() == tt.gone {
				t.Errorf("deleted at %v", after.DeletedAt)
			}
		})
	}
}

// TestForgedDeleteByAnyGoneURL: another page of the server that answers 410 proves
// nothing about the actor.
func TestForgedDeleteByAnyGoneURL(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob, mallory := p.actor("Person", "bob"), p.actor("Person", "mallory")
	account := w.follows(w.ana, bob)
	p.answers("/old-post", 410)
	key := signature.PrivateKey{ID: p.url + "/old-post", Signer: mallory.rsa.Signer}
	_, err := w.in.Receive(w.ctx, w.request(signed{key: key}, encode(t, bob.activity("Delete", "#d", bob.iri))))
	refusedWith(t, err, 401, "")
	w.drain()
	if after, err := w.store.Account(w.ctx, account.ID); err != nil || !after.DeletedAt.IsZero() {
		t.Errorf("deleted: %v %v", after, err)
	}
}

func TestRotation(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	rotate := func() {
		fresh := p.actor("Person", "bob")
		fresh.rsa.ID, bob.rsa = bob.rsa.ID, fresh.rsa
		p.forget()
	}
	rotate()
	w.send(bob, bob.activity("Follow", "/f/2", here+"/coops/telar"))
	if n := p.count("/users/bob"); n != 1 {
		t.Errorf("the key was asked for %d times", n)
	}
	rotate()
	_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/3", here+"/coops/telar"))))
	refusedWith(t, err, 401, "signature")
	if n := p.count("/"); n != 0 {
		t.Errorf("asked again within 5 minutes: %v", p.requests)
	}
	w.clock.Advance(6 * time.Minute)
	w.send(bob, bob.activity("Follow", "/f/4", here+"/coops/telar"))
}

func TestFailedKeysAreRemembered(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	p.answers("/users/bob", 404)
	for range 5 {
		_, err := w.in.Receive(w.ctx, w.request(signed{key: bob.rsa}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana"))))
		refusedWith(t, err, 401, "")
	}
	if n := p.count("/users/bob"); n != 1 {
		t.Errorf("asked %d times", n)
	}
	p.answers("/users/bob", 0)
	w.clock.Advance(6 * time.Minute)
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
}

// TestMissingKeysSilenceNobody: forged key ids that answer 404 must not make the
// honest actors of that server unheard.
func TestMissingKeysSilenceNobody(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	for i := range 40 {
		forged := signature.PrivateKey{ID: fmt.Sprintf("%s/users/none%d#main-key", p.url, i), Signer: bob.rsa.Signer}
		_, err := w.in.Receive(w.ctx, w.request(signed{key: forged}, encode(t, bob.activity("Follow", "/f/1", here+"/people/ana"))))
		refusedWith(t, err, 401, "")
	}
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
}

func TestHostRestsAfterNetworkFailures(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	f := &failureCount{}
	for i := range restAfter {
		if f.resting(now) {
			t.Fatalf("rests after %d", i)
		}
		f.add(now.Add(time.Duration(i) * time.Second))
	}
	if !f.resting(now.Add(30 * time.Second)) {
		t.Error("does not rest after ten")
	}
	if f.resting(now.Add(2 * time.Minute)) {
		t.Error("rests for ever")
	}
}

func TestModeAsk(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	w.mode = coop.ModeAsk
	bob := p.actor("Person", "bob")
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if got := w.asked.take(); len(got) != 0 {
		t.Errorf("answered %v", got)
	}
	account, err := w.store.AccountByIRI(w.ctx, coop.IRI(bob.iri))
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.store.Follow(w.ctx, account.ID, w.ana.ID)
	if err != nil || f.State != coop.FollowAsked {
		t.Fatalf("follow %+v, %v", f, err)
	}
	w.deliver(bob, bob.activity("Create", "/c/1", bob.note("/n/1", with("to", []string{public, here + "/people/ana"}))))
	if w.post(bob.iri+"/n/1") != nil {
		t.Error("a post of an undecided server is kept")
	}
	w.decide(p.host, coop.PolicyAllow)
	w.deliver(bob, bob.activity("Create", "/c/2", bob.note("/n/2", with("to", []string{public, here + "/people/ana"}))))
	if w.post(bob.iri+"/n/2") == nil {
		t.Error("a post of an allowed server is not kept")
	}
}

func TestSuspendedActorHasNoEffect(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	account := w.follows(w.ana, bob)
	w.write(func(tx *storage.Tx) error { return tx.SuspendAccount(w.ctx, account.ID, w.clock.Now()) })
	w.send(bob, bob.activity("Create", "/c/1", bob.note("/n/1")))
	if stats, err := w.store.IncomingStats(w.ctx); err != nil || stats.Waiting != 0 {
		t.Errorf("%d activities wait, %v", stats.Waiting, err)
	}
	w.drain()
	if w.post(bob.iri+"/n/1") != nil {
		t.Error("kept")
	}
}

func TestProofOutranksTheSignature(t *testing.T) {
	w, p, q := newWorld(t), newPeer(t), newPeer(t)
	carol, relay := p.actor("Person", "carol"), q.actor("Person", "courier")
	w.follows(w.ana, carol)
	body, err := signature.AddProof(encode(t, carol.activity("Create", "/c/1", carol.note("/n/1"))), carol.ed, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.in.Receive(w.ctx, w.request(signed{key: relay.rsa}, body)); err != nil {
		t.Fatal(err)
	}
	p.forget()
	w.drain()
	if w.post(carol.iri+"/n/1") == nil {
		t.Error("a proven copy has no effect")
	}
	if p.count("/users/carol/n/1") != 0 {
		t.Error("a proven copy was fetched")
	}
	tampered := bytes.Replace(body, []byte("hello"), []byte("HELLO"), 1)
	tampered = bytes.ReplaceAll(tampered, []byte("/n/1"), []byte("/n/2"))
	_, err = w.in.Receive(w.ctx, w.request(signed{key: relay.rsa}, tampered))
	refusedWith(t, err, 401, "")
	w.drain()
	if w.post(carol.iri+"/n/2") != nil {
		t.Error("a tampered copy has an effect")
	}
}

// TestForwardedCopy: the thread's server may carry a reply without proof; what is
// kept is what the reply's own server says.
func TestForwardedCopy(t *testing.T) {
	w, p, q := newWorld(t), newPeer(t), newPeer(t)
	author, replier := p.actor("Person", "author"), q.actor("Person", "replier")
	w.follows(w.ana, author)
	w.deliver(author, author.activity("Create", "/c/1", author.note("/n/1")))
	reply := replier.note("/n/9", with("inReplyTo", author.iri+"/n/1"))
	q.put(reply)
	forged := edit(reply, with("content", "<p>forged</p>"))
	w.deliver(author, replier.activity("Create", "/c/9", forged))
	got := w.post(replier.iri + "/n/9")
	if got == nil || got.Content != "<p>hello</p>" {
		t.Fatalf("kept %+v", got)
	}
	// a neighbour of the thread's author is not its server
	neighbour := p.actor("Person", "neighbour")
	_, err := w.in.Receive(w.ctx, w.request(signed{key: neighbour.rsa}, encode(t, p.actor("Person", "third").activity("Create", "/c/7", neighbour.note("/n/7", with("inReplyTo", author.iri+"/n/1"))))))
	refusedWith(t, err, 401, "signer_not_actor")
	// nothing at the origin: nothing here
	missing := replier.note("/n/10", with("inReplyTo", author.iri+"/n/1"))
	w.deliver(author, replier.activity("Create", "/c/10", missing))
	if w.post(replier.iri+"/n/10") != nil {
		t.Error("a copy that its origin does not know is kept")
	}
	// a Delete that is carried only makes us look
	w.deliver(author, replier.activity("Delete", "/d/9", replier.iri+"/n/9"))
	if w.post(replier.iri+"/n/9") == nil {
		t.Error("a carried Delete was believed")
	}
	w.clock.Advance(10 * time.Minute)
	q.answers("/users/replier/n/9", 410)
	w.deliver(author, replier.activity("Delete", "/d/10", replier.iri+"/n/9"))
	if w.post(replier.iri+"/n/9") != nil {
		t.Error("a carried Delete of what is gone had no effect")
	}
}

func TestTwentyHangingKeysSlowNobody(t *testing.T) {
	w, slow, p := newWorld(t), newPeer(t), newPeer(t)
	stop := make(chan struct{})
	slow.serve = func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-stop:
		case <-r.Context().Done():
		}
		return true
	}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan struct{}, 20)
	for i := range 20 {
		r := slow.actor("Person", fmt.Sprintf("slow%d", i))
		request := w.request(signed{key: r.rsa}, encode(t, r.activity("Follow", "/f/1", here+"/people/ana")))
		go func() {
			_, _ = w.in.Receive(ctx, request)
			done <- struct{}{}
		}()
	}
	bob := p.actor("Person", "bob")
	start := time.Now()
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %s", took)
	}
	cancel()
	close(stop)
	for range 20 {
		<-done
	}
}

func TestVerifyGet(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	get := func(key signature.PrivateKey, mend func(*http.Request)) Request {
		r, err := http.NewRequestWithContext(w.ctx, http.MethodGet, here+"/people/ana", nil)
		if err != nil {
			t.Fatal(err)
		}
		if key.ID != "" {
			if err := signature.Sign(r, nil, key, signature.Cavage, w.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if mend != nil {
			mend(r)
		}
		return Request{Method: "GET", Target: "/people/ana", Host: "here.example", Header: r.Header}
	}
	v, err := w.in.VerifyGet(w.ctx, get(signature.PrivateKey{}, nil))
	if err != nil || v != coop.Anonymous() {
		t.Errorf("unsigned: %+v, %v", v, err)
	}
	v, err = w.in.VerifyGet(w.ctx, get(bob.rsa, nil))
	if err != nil || v != coop.SignedHost(p.host) {
		t.Errorf("stranger: %+v, %v", v, err)
	}
	account := w.follows(w.ana, bob)
	v, err = w.in.VerifyGet(w.ctx, get(bob.rsa, nil))
	if err != nil || v != coop.Signed(account.ID, p.host) {
		t.Errorf("known: %+v, %v", v, err)
	}
	_, err = w.in.VerifyGet(w.ctx, get(bob.rsa, header("Date", w.clock.Now().Add(time.Minute).UTC().Format(http.TimeFormat))))
	refusedWith(t, err, 401, "signature")
	w.decide(p.host, coop.PolicyBlock)
	if _, err = w.in.VerifyGet(w.ctx, get(bob.rsa, nil)); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("blocked: %v", err)
	}
}
