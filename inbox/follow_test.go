// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

func TestFollow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(s *scene)
		who    func(s *scene) *remote
		target string
		want   string
		state  coop.FollowState
	}{
		{"a person by a person", nil, nil, "/people/ana", "[follow bob → ana: true]", coop.FollowAccepted},
		{"a person who decides by hand", func(s *scene) { s.lock(s.ana) }, nil, "/people/ana", "[]", coop.FollowAsked},
		{"a board takes everybody", func(s *scene) { s.lock(s.jobs) }, nil, "/boards/jobs", "[follow bob → jobs: true]", coop.FollowAccepted},
		{"a federation takes people at once", func(s *scene) { s.lock(s.federation) }, nil, "/federation", "[follow bob → federation: true]", coop.FollowAccepted},
		{"a federation asks about federations", func(s *scene) { s.lock(s.federation) }, func(s *scene) *remote { return s.p.federation("norte") }, "/federation", "[]", coop.FollowAsked},
		{"a federation that does not ask", nil, func(s *scene) *remote { return s.p.federation("norte") }, "/federation", "[follow norte → federation: true]", coop.FollowAccepted},
		{"a limited server waits", func(s *scene) { s.decide(s.p.host, coop.PolicyLimit) }, nil, "/people/ana", "[]", coop.FollowAsked},
		{"a person who wants nothing of that server", func(s *scene) {
			s.write(func(tx *storage.Tx) error { return tx.AddServerBlock(s.ctx, s.ana.ID, s.p.host) })
		}, nil, "/people/ana", "[follow bob → ana: false]", ""},
		{"the instance actor refuses people", nil, nil, "/actor", "[follow bob → here.example: false]", ""},
		{"nobody of ours", nil, nil, "/people/nobody", "[]", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			if tt.change != nil {
				tt.change(s)
			}
			who := s.bob
			if tt.who != nil {
				who = tt.who(s)
			}
			s.deliver(who, who.activity("Follow", "/f/1", here+tt.target))
			if got := fmt.Sprint(s.asked.take()); got != tt.want {
				t.Errorf("answered %s, want %s (%v)", got, tt.want, s.counts.refused)
			}
			target, err := s.store.AccountByIRI(s.ctx, coop.IRI(here+tt.target))
			if err != nil {
				return
			}
			f, err := s.store.FollowByIRI(s.ctx, coop.IRI(who.iri+"/f/1"))
			if tt.state == "" {
				if err == nil {
					t.Errorf("kept %+v", f)
				}
				return
			}
			if err != nil || f.State != tt.state || f.Target.ID != target.ID {
				t.Errorf("kept %+v, %v", f, err)
			}
		})
	}
}

// lock makes an account decide by hand.
func (w *world) lock(a *coop.Account) {
	w.t.Helper()
	a.Locked = true
	w.write(func(tx *storage.Tx) error { return tx.SaveAccount(w.ctx, a) })
}

func TestFollowAgainIsAnsweredAgain(t *testing.T) {
	s := newScene(t)
	s.deliver(s.bob, s.bob.activity("Follow", "/f/1", here+"/people/ana"))
	s.deliver(s.bob, s.bob.activity("Follow", "/f/2", here+"/people/ana"))
	s.clock.Advance(time.Minute)
	s.deliver(s.bob, s.bob.activity("Follow", "/f/2", here+"/people/ana"))
	if got := s.asked.take(); len(got) != 3 {
		t.Errorf("answered %v", got)
	}
	if n, err := s.store.CountFollowers(s.ctx, s.ana.ID, ""); err != nil || n != 1 {
		t.Errorf("%d followers, %v", n, err)
	}
	if got := fmt.Sprint(s.told(s.ana)); got != "[follow]" {
		t.Errorf("told %s", got)
	}
	// accepted stays accepted, also where people are asked since
	s.lock(s.ana)
	s.deliver(s.bob, s.bob.activity("Follow", "/f/3", here+"/people/ana"))
	if got := fmt.Sprint(s.asked.take()); got != "[follow bob → ana: true]" {
		t.Errorf("answered %s", got)
	}
}

func TestUndoFollow(t *testing.T) {
	for _, tt := range []struct {
		name   string
		object func(s *scene) any
		who    func(s *scene) *remote
		ends   bool
	}{
		{"by its id", func(s *scene) any { return s.bob.iri + "/f/1" }, nil, true},
		{"embedded", func(s *scene) any { return s.bob.activity("Follow", "/f/1", here+"/people/ana") }, nil, true},
		{"by an id that nobody knows", func(s *scene) any { return s.bob.activity("Follow", "/f/other", here+"/people/ana") }, nil, true},
		{"by another", func(s *scene) any { return s.bob.iri + "/f/1" }, func(s *scene) *remote { return s.mallory }, false},
		{"by another, who says it was his", func(s *scene) any {
			return doc{"id": s.bob.iri + "/f/1", "type": "Follow", "actor": s.mallory.iri, "object": here + "/people/ana"}
		}, func(s *scene) *remote { return s.mallory }, false},
		{"by a third server", func(s *scene) any { return s.bob.activity("Follow", "/f/1", here+"/people/ana") }, func(s *scene) *remote { return s.carol }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.followedBy(s.bob, s.ana)
			s.write(func(tx *storage.Tx) error {
				return tx.PutFollow(s.ctx, &coop.Follow{IRI: coop.IRI(s.bob.iri + "/f/1"), Follower: s.bobAccount, Target: s.ana, State: coop.FollowAccepted})
			})
			who := s.bob
			if tt.who != nil {
				who = tt.who(s)
			}
			s.deliver(who, who.activity("Undo", "/u/1", tt.object(s)))
			n, err := s.store.CountFollowers(s.ctx, s.ana.ID, "")
			if err != nil || (n == 0) != tt.ends {
				t.Errorf("%d followers, %v", n, err)
			}
		})
	}
}
