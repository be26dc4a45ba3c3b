// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
)

// serveJobs serves a federation's jobs in pages of two: own ones embedded, others
// by id.
func (s *scene) serveJobs(norte, brisa *remote, n int) {
	s.t.Helper()
	var items []any
	for i := range n {
		job := norte.job(fmt.Sprintf("/jobs/%d", i), with("published", fmt.Sprintf("2030-04-%02dT10:00:00Z", 1+i)))
		if i%2 == 1 {
			job = brisa.job(fmt.Sprintf("/jobs/%d", i), with("published", fmt.Sprintf("2030-04-%02dT10:00:00Z", 1+i)))
			s.q.put(job)
			items = append(items, job["id"])
			continue
		}
		items = append(items, job)
	}
	closed := norte.job("/jobs/closed")
	closed["job"] = edit(closed["job"].(doc), with("status", "filled"), with("closed", "2030-04-30T00:00:00Z"))
	forged := s.carol.note("/n/forged", with("content", "<p>forged</p>"))
	items = append(items, closed, forged, doc{"type": "Zorp"}, here+"/coops/telar/jobs/1", norte.iri+"/jobs/missing")
	head := doc{"id": norte.iri + "/jobs", "type": "OrderedCollection", "totalItems": len(items), "first": norte.iri + "/jobs?page=0"}
	s.p.put(head)
	for page := 0; page*2 < len(items); page++ {
		d := doc{
			"id": fmt.Sprintf("%s/jobs?page=%d", norte.iri, page), "type": "OrderedCollectionPage", "partOf": norte.iri + "/jobs",
			"orderedItems": items[page*2 : min(page*2+2, len(items))],
		}
		if (page+1)*2 < len(items) {
			d["next"] = fmt.Sprintf("%s/jobs?page=%d", norte.iri, page+1)
		}
		s.p.put(d)
	}
}

func TestBackfillAfterAccept(t *testing.T) {
	s := newScene(t)
	norte, brisa := s.p.federation("norte"), s.q.actor("Organization", "brisa")
	s.serveJobs(norte, brisa, 6)
	article := norte.note("/articles/1", with("type", "Article"), with("name", "How we set our pay"), with("summary", "Three models."), with("license", "https://creativecommons.org/licenses/by-sa/4.0/"))
	s.p.put(doc{"id": norte.iri + "/knowledge", "type": "OrderedCollection", "orderedItems": []any{article}})
	f := s.asks(s.federation, norte)
	s.slept = nil
	s.deliver(norte, norte.activity("Accept", "/a/1", string(f.IRI)))
	for i := range 6 {
		iri := fmt.Sprintf("%s/jobs/%d", norte.iri, i)
		if i%2 == 1 {
			iri = fmt.Sprintf("%s/jobs/%d", brisa.iri, i)
		}
		p := s.post(iri)
		if p == nil {
			t.Errorf("%s did not come", iri)
			continue
		}
		if p.Kind != coop.KindJob || p.Published.Day() != 1+i {
			t.Errorf("kept as %s of %s", p.Kind, p.Published)
		}
		if len(p.ReachedThrough) != 1 || p.ReachedThrough[0].Via != f.Target.ID || p.ReachedThrough[0].How != "backfill" {
			t.Errorf("reached through %+v", p.ReachedThrough)
		}
	}
	if p := s.post(norte.iri + "/articles/1"); p == nil || p.Kind != coop.KindArticle {
		t.Errorf("article %+v", p)
	}
	if s.post(norte.iri+"/jobs/closed") != nil {
		t.Error("a filled job was taken over")
	}
	if s.post(s.carol.iri+"/n/forged") != nil {
		t.Error("a foreign copy was believed")
	}
	if got := append(s.told(s.ana), s.told(s.federation)...); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	if got := s.asked.take(); len(got) != 0 {
		t.Errorf("announced %v", got)
	}
	if len(s.slept) < 5 {
		t.Errorf("waited only %d times between requests", len(s.slept))
	}
	for _, d := range s.slept {
		if d > politePause {
			t.Errorf("waited %s", d)
		}
	}
}

// TestBackfillGoesOn: a program that stops in the middle goes on at its place.
func TestBackfillGoesOn(t *testing.T) {
	s := newScene(t)
	norte, brisa := s.p.federation("norte"), s.q.actor("Organization", "brisa")
	s.serveJobs(norte, brisa, 8)
	account := s.follows(s.federation, norte)
	if err := s.in.Backfill(s.ctx, account); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if did, err := s.in.Step(s.ctx); !did || err != nil {
			t.Fatal(did, err)
		}
	}
	if s.post(norte.iri+"/jobs/0") == nil || s.post(norte.iri+"/jobs/6") != nil {
		t.Fatal("it is not in the middle")
	}
	again, err := New(s.in.o)
	if err != nil {
		t.Fatal(err)
	}
	s.in = again
	s.p.forget()
	s.drain()
	if s.post(norte.iri+"/jobs/6") == nil {
		t.Error("it did not go on")
	}
	if n := s.p.count("/users/norte/jobs?page=0"); n != 0 {
		t.Error("it began anew")
	}
}

// TestBackfillThatFailsComesBack: a server that is away for a while ends nothing.
func TestBackfillThatFailsComesBack(t *testing.T) {
	s := newScene(t)
	norte, brisa := s.p.federation("norte"), s.q.actor("Organization", "brisa")
	s.serveJobs(norte, brisa, 4)
	account := s.follows(s.federation, norte)
	s.p.answers("/users/norte/jobs?page=1", 503)
	if err := s.in.Backfill(s.ctx, account); err != nil {
		t.Fatal(err)
	}
	s.drain()
	if s.post(brisa.iri+"/jobs/3") != nil {
		t.Fatal("page 1 came")
	}
	s.p.answers("/users/norte/jobs?page=1", 0)
	s.clock.Advance(20 * time.Minute)
	s.drain()
	if s.post(brisa.iri+"/jobs/3") == nil {
		t.Error("it did not come back")
	}
}

// TestBackfillHasAnEnd: a collection without end, and one that names itself.
func TestBackfillHasAnEnd(t *testing.T) {
	s := newScene(t)
	norte := s.p.federation("norte")
	account := s.follows(s.federation, norte)
	page := 0
	s.p.serve = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/users/norte/jobs" {
			return false
		}
		page++
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(encode(t, doc{
			"id": s.p.url + r.URL.RequestURI(), "type": "OrderedCollectionPage", "partOf": norte.iri + "/jobs",
			"orderedItems": []any{norte.job(fmt.Sprintf("/jobs/%d", page))}, "next": fmt.Sprintf("%s/jobs?page=%d", norte.iri, page),
		}))
		return true
	}
	if err := s.in.Backfill(s.ctx, account); err != nil {
		t.Fatal(err)
	}
	s.drain()
	if page > maxPages {
		t.Errorf("%d pages were read", page)
	}
}

func TestBackfillOfOrdinaryAccounts(t *testing.T) {
	s := newScene(t)
	s.p.put(doc{"id": s.bob.iri + "/outbox", "type": "OrderedCollection", "first": s.bob.iri + "/outbox?page=1"})
	s.q.put(s.carol.note("/n/5"))
	s.p.put(doc{"id": s.bob.iri + "/outbox?page=1", "type": "OrderedCollectionPage", "orderedItems": []any{
		s.bob.activity("Create", "/c/1", s.bob.note("/n/1")),
		s.bob.activity("Announce", "/a/1", s.carol.iri+"/n/5"),
		s.bob.activity("Announce", "/a/2", s.carol.activity("Create", "/c/6", s.carol.note("/n/6"))),
		s.bob.activity("Like", "/l/1", s.carol.iri+"/n/5"),
	}})
	s.q.put(s.carol.activity("Create", "/c/6", s.carol.note("/n/6")))
	if err := s.in.Backfill(s.ctx, s.bobAccount); err != nil {
		t.Fatal(err)
	}
	s.drain()
	for _, iri := range []string{s.bob.iri + "/n/1", s.carol.iri + "/n/5", s.carol.iri + "/n/6"} {
		if s.post(iri) == nil {
			t.Errorf("%s did not come", iri)
		}
	}
}

func TestThread(t *testing.T) {
	s := newScene(t)
	// root ← two ← three: only three is delivered
	root := s.carol.note("/n/root", with("context", s.carol.iri+"/ctx"))
	two := s.carol.note("/n/two", with("inReplyTo", s.carol.iri+"/n/root"))
	s.q.put(root)
	s.q.put(two)
	s.p.put(s.mallory.note("/n/side", with("inReplyTo", s.carol.iri+"/n/root")))
	s.q.put(doc{"id": s.carol.iri + "/ctx", "type": "OrderedCollection", "orderedItems": []any{
		s.carol.iri + "/n/root", s.carol.iri + "/n/two", s.mallory.iri + "/n/side",
		s.mallory.note("/n/forged", with("content", "<p>forged</p>")),
	}})
	three := s.bob.note("/n/three", with("inReplyTo", s.carol.iri+"/n/two"))
	s.deliver(s.bob, s.bob.activity("Create", "/c/3", three))
	for _, iri := range []string{s.carol.iri + "/n/root", s.carol.iri + "/n/two", s.mallory.iri + "/n/side", s.bob.iri + "/n/three"} {
		if s.post(iri) == nil {
			t.Errorf("%s did not come", iri)
		}
	}
	if s.post(s.mallory.iri+"/n/forged") != nil {
		t.Error("a copy in another's collection was believed")
	}
	if got := s.told(s.ana); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	// once in 15 minutes
	s.q.forget()
	if err := s.in.Thread(s.ctx, s.post(s.bob.iri+"/n/three")); err != nil {
		t.Fatal(err)
	}
	s.drain()
	if n := s.q.count("/users/carol/ctx"); n > 1 {
		t.Errorf("asked %d times", n)
	}
	for range 2 {
		if err := s.in.Thread(s.ctx, s.post(s.bob.iri+"/n/three")); err != nil {
			t.Fatal(err)
		}
	}
	s.drain()
	if n := s.q.count("/users/carol/ctx"); n > 1 {
		t.Errorf("asked %d times within 15 minutes", n)
	}
}

// TestThreadIsBounded: five levels up and no further.
func TestThreadIsBounded(t *testing.T) {
	s := newScene(t)
	for i := range 20 {
		s.q.put(s.carol.note(fmt.Sprintf("/n/%d", i), with("inReplyTo", fmt.Sprintf("%s/n/%d", s.carol.iri, i+1))))
	}
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("inReplyTo", s.carol.iri+"/n/0"))))
	if n := s.q.count("/users/carol/n/"); n > levelsUp {
		t.Errorf("%d fetches", n)
	}
	if s.post(s.carol.iri+"/n/4") == nil {
		t.Error("five levels did not come")
	}
}

func TestRevalidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		served func(s *scene, job doc)
		holds  func(p *coop.Post, now time.Time) bool
	}{
		{"unchanged", nil, func(p *coop.Post, now time.Time) bool {
			return p != nil && p.Job.ConfirmedAt.Equal(now) && p.Updated.IsZero()
		}},
		{"gone", func(s *scene, _ doc) { s.p.answers("/users/brisa/jobs/1", 410) }, func(p *coop.Post, _ time.Time) bool { return p == nil }},
		{"not found", func(s *scene, _ doc) { s.p.answers("/users/brisa/jobs/1", 404) }, func(p *coop.Post, _ time.Time) bool { return p == nil }},
		{"a tombstone", func(s *scene, job doc) { s.p.put(doc{"id": job["id"], "type": "Tombstone"}) }, func(p *coop.Post, _ time.Time) bool { return p == nil }},
		{"a failure closes nothing", func(s *scene, _ doc) { s.p.answers("/users/brisa/jobs/1", 500) }, func(p *coop.Post, now time.Time) bool {
			return p != nil && p.Job.Status == coop.JobOpen && p.Job.ConfirmedAt.Before(now)
		}},
		{"not modified", func(s *scene, _ doc) {
			s.p.serve = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("If-Modified-Since") == "" {
					return false
				}
				w.WriteHeader(http.StatusNotModified)
				return true
			}
		}, func(p *coop.Post, now time.Time) bool { return p != nil && p.Job.ConfirmedAt.Equal(now) }},
		{"filled meanwhile", func(s *scene, job doc) {
			filled := edit(job, with("updated", "2030-05-02T11:30:00Z"))
			filled["job"] = edit(job["job"].(doc), with("status", "filled"), with("closed", "2030-05-02T11:30:00Z"))
			s.p.put(filled)
		}, func(p *coop.Post, _ time.Time) bool { return p != nil && p.Job.Status == coop.JobFilled }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			brisa := s.p.actor("Organization", "brisa")
			s.follows(s.federation, brisa)
			job := s.p.put(brisa.job("/jobs/1"))
			s.deliver(brisa, brisa.activity("Create", "/c/1", job))
			p := s.post(brisa.iri + "/jobs/1")
			if err := s.in.Revalidate(s.ctx, p); err != nil {
				t.Fatal(err)
			}
			s.p.forget()
			s.drain()
			if s.p.count("/users/brisa/jobs") != 0 {
				t.Error("asked although it came just now")
			}
			s.clock.Advance(48 * time.Hour)
			if tt.served != nil {
				tt.served(s, job)
			}
			if err := s.in.Revalidate(s.ctx, p); err != nil {
				t.Fatal(err)
			}
			s.drain()
			if got := s.post(brisa.iri + "/jobs/1"); !tt.holds(got, s.clock.Now()) {
				t.Errorf("kept %+v", got)
			}
		})
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

// TestRunEndsWithItsContext: the workers go when they are told to.
func TestRunEndsWithItsContext(t *testing.T) {
	w, p := newWorld(t), newPeer(t)
	bob := p.actor("Person", "bob")
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- w.in.Run(ctx) }()
	w.send(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	deadline, stop := context.WithTimeout(w.ctx, 10*time.Second)
	defer stop()
	for deadline.Err() == nil {
		if _, err := w.store.FollowByIRI(w.ctx, coop.IRI(bob.iri+"/f/1")); err == nil {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := w.asked.take(); len(got) != 1 {
		t.Errorf("answered %v", got)
	}
}

func TestRemoveAccountTask(t *testing.T) {
	s := newScene(t)
	for i := range 3 {
		s.deliver(s.bob, s.bob.activity("Create", fmt.Sprintf("/c/%d", i), s.bob.note(fmt.Sprintf("/n/%d", i))))
	}
	s.write(func(tx *storage.Tx) error { return tx.DeleteAccount(s.ctx, s.bobAccount.ID, s.clock.Now()) })
	s.drain()
	for i := range 3 {
		if _, err := s.store.Tombstone(s.ctx, coop.IRI(fmt.Sprintf("%s/n/%d", s.bob.iri, i))); err != nil {
			t.Errorf("post %d: %v", i, err)
		}
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

// TestMembersOnly: what is addressed to the members of our federation is for them.
func TestMembersOnly(t *testing.T) {
	s := newScene(t)
	brisa := s.member("brisa")
	s.follows(s.ana, brisa)
	s.deliver(brisa, brisa.activity("Create", "/c/1", brisa.note("/n/1", with("to", []string{here + "/federation/members"}), without("cc"))))
	p := s.post(brisa.iri + "/n/1")
	if p == nil || p.Visibility != coop.VisibleMembers {
		t.Fatalf("kept %+v (%v)", p, s.counts.refused)
	}
	if _, err := s.store.PostByIRI(s.ctx, coop.As(s.ana.ID), p.IRI); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("a follower who is no member may see it: %v", err)
	}
}
