// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"
)

// TestUnknownIsAccepted: what no handler knows is answered 202 and has no effect.
func TestUnknownIsAccepted(t *testing.T) {
	s := newScene(t)
	for i, kind := range []string{"Invite", "Offer", "Dislike", "View", "Read", "Listen", "TentativeAccept", "Zorp"} {
		s.deliver(s.bob, s.bob.activity(kind, fmt.Sprintf("/x/%d", i), here+"/people/ana"))
	}
	s.deliver(s.bob, s.bob.note("/bare"))
	if stats, err := s.store.IncomingStats(s.ctx); err != nil || stats.Waiting+stats.Aside+stats.Dead != 0 {
		t.Errorf("left %+v, %v", stats, err)
	}
	if got := s.asked.take(); len(got) != 0 {
		t.Errorf("answered %v", got)
	}
}

// TestOrderOfOneActor: what one actor sent has its effect in that order.
func TestOrderOfOneActor(t *testing.T) {
	s := newScene(t)
	s.send(s.bob, s.bob.activity("Create", "/c/1", s.bob.note("/n/1")))
	for i := range 5 {
		s.send(s.bob, s.bob.activity("Update", fmt.Sprintf("/u/%d", i), s.bob.note("/n/1", with("content", fmt.Sprintf("<p>%d</p>", i)), with("updated", fmt.Sprintf("2030-05-01T11:0%d:30Z", i)))))
	}
	s.drain()
	if p := s.post(s.bob.iri + "/n/1"); p == nil || p.Content != "<p>4</p>" {
		t.Errorf("kept %+v", p)
	}
}

// TestTemporaryFailureStepsAside: what waits for a fetch holds back nothing else
// and has its effect when the fetch works.
func TestTemporaryFailureStepsAside(t *testing.T) {
	s := newScene(t)
	s.q.put(s.carol.note("/n/1"))
	s.q.answers("/users/carol/n/1", 503)
	s.send(s.bob, s.bob.activity("Announce", "/a/1", s.carol.iri+"/n/1"))
	s.send(s.bob, s.bob.activity("Create", "/c/1", s.bob.note("/n/1")))
	s.drain()
	if s.post(s.bob.iri+"/n/1") == nil {
		t.Error("the next activity was held back")
	}
	s.q.answers("/users/carol/n/1", 0)
	s.clock.Advance(15 * time.Minute)
	s.drain()
	if s.post(s.carol.iri+"/n/1") == nil {
		t.Error("the boost was lost")
	}
}

// TestInternalFaultIsSetAside: after its tries a poison activity is set aside and
// holds nothing back.
func TestInternalFaultIsSetAside(t *testing.T) {
	s := newScene(t)
	s.q.answers("/users/carol/n/1", 503)
	s.send(s.bob, s.bob.activity("Announce", "/a/1", s.carol.iri+"/n/1"))
	for range 10 {
		s.drain()
		s.clock.Advance(13 * time.Hour)
	}
	stats, err := s.store.IncomingStats(s.ctx)
	if err != nil || stats.Dead != 1 || stats.Waiting != 0 {
		t.Errorf("left %+v, %v", stats, err)
	}
}

func TestPanicIsContained(t *testing.T) {
	caught := 0
	w := newWorld(t, func(o *Options) { o.Panicked = func(any, []byte) { caught++ } })
	p := newPeer(t)
	bob := p.actor("Person", "bob")
	w.in.o.Answers = panics{}
	w.deliver(bob, bob.activity("Follow", "/f/1", here+"/people/ana"))
	if caught != 1 {
		t.Errorf("caught %d", caught)
	}
	if stats, _ := w.store.IncomingStats(w.ctx); stats.Aside != 1 {
		t.Errorf("left %+v", stats)
	}
	w.in.o.Answers = w.asked
	w.clock.Advance(time.Hour)
	w.drain()
	if got := fmt.Sprint(w.asked.take()); got != "[follow bob → ana: true]" {
		t.Errorf("answered %s", got)
	}
}
