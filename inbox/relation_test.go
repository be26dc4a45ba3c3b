// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"

	"minga/coop"
	"minga/storage"
)

func TestBlock(t *testing.T) {
	s := newScene(t)
	s.deliver(s.mallory, s.mallory.activity("Block", "/b/0", s.carol.iri)) // not for us
	s.deliver(s.bob, s.bob.activity("Block", "/b/1", here+"/people/ana"))
	if blocked, err := s.store.Blocked(s.ctx, s.bobAccount.ID, s.ana.ID); err != nil || !blocked {
		t.Fatalf("blocked %t, %v", blocked, err)
	}
	if n, _ := s.store.CountFollowing(s.ctx, s.ana.ID, ""); n != 0 {
		t.Error("the follow goes on")
	}
	if got := s.told(s.ana); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	s.deliver(s.bob, s.bob.activity("Follow", "/f/1", here+"/people/ana"))
	if got := fmt.Sprint(s.asked.take()); got != "[follow bob → ana: false]" {
		t.Errorf("a follow over a block: %s", got)
	}
	s.deliver(s.mallory, s.mallory.activity("Undo", "/u/1", s.bob.iri+"/b/1"))
	if blocked, _ := s.store.Blocked(s.ctx, s.bobAccount.ID, s.ana.ID); !blocked {
		t.Error("undone by another")
	}
	s.deliver(s.bob, s.bob.activity("Undo", "/u/2", doc{"id": s.bob.iri + "/b/1", "type": "Block", "actor": s.bob.iri, "object": here + "/people/ana"}))
	if blocked, _ := s.store.Blocked(s.ctx, s.bobAccount.ID, s.ana.ID); blocked {
		t.Error("not undone")
	}
}

func TestFlag(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	objects := []string{here + "/people/ana", string(p.IRI), s.carol.iri}
	s.deliver(s.bob, s.bob.activity("Flag", "/f/1", objects, with("content", "look <b>here</b>"), with("attributedTo", s.carol.iri)))
	s.deliver(s.carol, s.carol.activity("Flag", "/f/2", []string{s.bob.iri})) // nothing of ours
	reports, err := s.store.Reports(s.ctx, storage.ReportQuery{}, coop.Page{Limit: 10})
	if err != nil || len(reports) != 1 {
		t.Fatalf("%d reports, %v", len(reports), err)
	}
	r := reports[0]
	if r.Reporter != s.bobAccount.ID || r.Host != s.p.host || len(r.Accounts) != 1 || len(r.Posts) != 1 || r.Comment != "look here" {
		t.Errorf("report %+v", r)
	}
}

// TestFlagsOfOneServerAreBounded: of a server that reports without end so many wait as
// moderators can look at, under however many names; what they close makes room again, and
// others are still heard.
func TestFlagsOfOneServerAreBounded(t *testing.T) {
	s := newScene(t)
	waiting := func() []coop.Report {
		list, err := s.store.Reports(s.ctx, storage.ReportQuery{}, coop.Page{Limit: 80})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	add := func(host string, n int) {
		err := s.store.Write(s.ctx, func(tx *storage.Tx) error {
			for i := range n {
				x := &coop.Report{IRI: coop.IRI(fmt.Sprintf("https://%s/f/%d", host, i)), Host: host, Accounts: []coop.ID{s.ana.ID}}
				if _, err := tx.AddReport(s.ctx, x); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	flag := func(path string) { s.deliver(s.bob, s.bob.activity("Flag", path, []string{here + "/people/ana"})) }
	add(s.p.host, maxReportsWaiting-1)
	flag("/f/last")
	if n := len(waiting()); n != maxReportsWaiting {
		t.Fatalf("%d wait, want %d", n, maxReportsWaiting)
	}
	flag("/f/beyond")
	if n, why := len(waiting()), s.counts.last(); n != maxReportsWaiting || why != "too_many_reports" {
		t.Errorf("%d wait, dropped as %q", n, why)
	}
	err := s.store.Write(s.ctx, func(tx *storage.Tx) error { return tx.CloseReport(s.ctx, waiting()[0].ID, s.in.now()) })
	if err != nil {
		t.Fatal(err)
	}
	flag("/f/again")
	if n := len(waiting()); n != maxReportsWaiting {
		t.Errorf("%d wait after one was closed, want %d", n, maxReportsWaiting)
	}
	add("a.many.example.org", 30)
	add("b.many.example.org:8443", 20)
	for host, want := range map[string]bool{"c.many.example.org": false, "example.org": false, "other.example.com": true, "notexample.org": true} {
		if err := s.in.roomForReport(s.ctx, host); (err == nil) != want {
			t.Errorf("%s: %v, want room %v", host, err, want)
		}
	}
}

func TestFeatured(t *testing.T) {
	s := newScene(t)
	p := s.posted()
	pinned := func() int {
		list, err := s.store.Pinned(s.ctx, coop.System(), s.bobAccount.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	s.deliver(s.mallory, s.mallory.activity("Add", "/a/0", string(p.IRI), with("target", s.bob.iri+"/featured")))
	s.deliver(s.bob, s.bob.activity("Add", "/a/1", string(p.IRI), with("target", here+"/people/ana/featured")))
	s.q.put(s.carol.note("/n/5"))
	if _, err := s.in.Post(s.ctx, coop.IRI(s.carol.iri+"/n/5")); err != nil {
		t.Fatal(err)
	}
	s.deliver(s.bob, s.bob.activity("Add", "/a/3", s.carol.iri+"/n/5", with("target", s.bob.iri+"/featured")))
	if pinned() != 0 {
		t.Error("pinned by another, or elsewhere, or another's")
	}
	if got := s.counts.last(); got != "not_owner" {
		t.Errorf("dropped as %s", got)
	}
	s.deliver(s.bob, s.bob.activity("Add", "/a/2", string(p.IRI), with("target", s.bob.iri+"/featured")))
	if pinned() != 1 {
		t.Errorf("not pinned: %v", s.counts.refused)
	}
	s.deliver(s.mallory, s.mallory.activity("Remove", "/r/0", string(p.IRI), with("target", s.bob.iri+"/featured")))
	if pinned() != 1 {
		t.Error("unpinned by another")
	}
	s.deliver(s.bob, s.bob.activity("Remove", "/r/1", string(p.IRI), with("target", s.bob.iri+"/featured")))
	if pinned() != 0 {
		t.Error("not unpinned")
	}
}
