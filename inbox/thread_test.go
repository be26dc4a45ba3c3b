// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
)

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
