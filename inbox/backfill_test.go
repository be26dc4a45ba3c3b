// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"minga/coop"
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
