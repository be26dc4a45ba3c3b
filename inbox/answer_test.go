// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// asks makes our federation ask to follow a remote actor.
func (s *scene) asks(follower *coop.Account, r *remote) *coop.Follow {
	s.t.Helper()
	target, err := s.in.Actor(s.ctx, coop.IRI(r.iri))
	if err != nil {
		s.t.Fatal(err)
	}
	f := &coop.Follow{IRI: follower.IRI + "/activities/1", Follower: follower, Target: target, State: coop.FollowAsked}
	s.write(func(tx *storage.Tx) error { return tx.PutFollow(s.ctx, f) })
	return f
}

func (s *scene) stateOf(f *coop.Follow) coop.FollowState {
	s.t.Helper()
	got, err := s.store.Follow(s.ctx, f.Follower.ID, f.Target.ID)
	if err != nil {
		return ""
	}
	return got.State
}

func TestAnswersToOurFollow(t *testing.T) {
	embedded := func(f *coop.Follow) doc {
		return doc{"type": "Follow", "actor": string(f.Follower.IRI), "object": string(f.Target.IRI)}
	}
	for _, tt := range []struct {
		name   string
		answer func(s *scene, f *coop.Follow) (*remote, doc)
		want   coop.FollowState
	}{
		{"accepted by id", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Accept", "/a/1", string(f.IRI))
		}, coop.FollowAccepted},
		{"accepted by shape", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Accept", "/a/1", embedded(f))
		}, coop.FollowAccepted},
		{"accepted with a foreign id by shape", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Accept", "/a/1", edit(embedded(f), with("id", here+"/odd")))
		}, coop.FollowAccepted},
		{"rejected", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.carol, s.carol.activity("Reject", "/r/1", string(f.IRI))
		}, ""},
		{"accepted by another", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.bob, s.bob.activity("Accept", "/a/1", string(f.IRI))
		}, coop.FollowAsked},
		{"accepted by another by shape", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.bob, s.bob.activity("Accept", "/a/1", embedded(f))
		}, coop.FollowAsked},
		{"rejected by another", func(s *scene, f *coop.Follow) (*remote, doc) {
			return s.bob, s.bob.activity("Reject", "/r/1", string(f.IRI))
		}, coop.FollowAsked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			f := s.asks(s.ana, s.carol)
			who, answer := tt.answer(s, f)
			s.deliver(who, answer)
			if got := s.stateOf(f); got != tt.want {
				t.Errorf("state %q, want %q (%v)", got, tt.want, s.counts.refused)
			}
		})
	}
}

func TestRejectAfterAccept(t *testing.T) {
	s := newScene(t)
	f := s.asks(s.ana, s.carol)
	s.deliver(s.carol, s.carol.activity("Accept", "/a/1", string(f.IRI)))
	s.deliver(s.carol, s.carol.activity("Reject", "/r/1", string(f.IRI)))
	if got := s.stateOf(f); got != "" {
		t.Errorf("state %q", got)
	}
}

func TestAcceptBeforeItsFollow(t *testing.T) {
	s := newScene(t)
	iri := string(s.ana.IRI) + "/activities/1"
	s.deliver(s.carol, s.carol.activity("Accept", "/a/1", iri))
	f := s.asks(s.ana, s.carol)
	s.clock.Advance(30 * time.Minute)
	s.drain()
	if got := s.stateOf(f); got != coop.FollowAccepted {
		t.Errorf("state %q", got)
	}
	// one that nobody ever sent is dropped in the end, not set aside as ours
	s.deliver(s.bob, s.bob.activity("Accept", "/a/2", here+"/people/ana/activities/never"))
	for range 8 {
		s.clock.Advance(2 * time.Hour)
		s.drain()
	}
	if stats, err := s.store.IncomingStats(s.ctx); err != nil || stats.Waiting+stats.Aside+stats.Dead != 0 {
		t.Errorf("left %+v, %v", stats, err)
	}
}
