// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"bytes"
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
