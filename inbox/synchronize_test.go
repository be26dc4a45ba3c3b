// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
)

// says delivers a note for bob's followers with the header that another server would send.
func (s *scene) says(path string, part federation.Synchronization) {
	s.t.Helper()
	note := s.bob.note(path, with("to", []string{s.bob.iri + "/followers"}), without("cc"))
	create := s.bob.activity("Create", path+"/create", note, with("to", []string{s.bob.iri + "/followers"}))
	mend := func(r *http.Request) { r.Header.Set(federation.SynchronizationHeader, part.String()) }
	if _, err := s.in.Receive(s.ctx, s.request(signed{key: s.bob.rsa, mend: mend}, encode(s.t, create))); err != nil {
		s.t.Fatal(err)
	}
	s.drain()
	s.clock.Advance(5 * time.Minute)
	s.drain()
}

// part is the header of bob's server that takes these for bob's followers here.
func (s *scene) part(ids ...string) federation.Synchronization {
	items := []any{}
	for _, id := range ids {
		items = append(items, id)
	}
	s.p.put(doc{"id": s.bob.iri + "/followers_synchronization", "type": "OrderedCollection", "totalItems": len(items), "orderedItems": items})
	return federation.Synchronization{Collection: s.bob.iri + "/followers", URL: s.bob.iri + "/followers_synchronization", Digest: federation.FollowersDigest(ids)}
}

// state is how a follow of bob stands; empty: there is none.
func (s *scene) state(a *coop.Account) coop.FollowState {
	s.t.Helper()
	f, err := s.store.Follow(s.ctx, a.ID, s.bobAccount.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return ""
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return f.State
}

func TestFollowersAgree(t *testing.T) {
	s := newScene(t)
	s.clock.Advance(time.Hour)
	s.says("/n/1", s.part(string(s.ana.IRI)))
	if n := s.p.count("/users/bob/followers_synchronization"); n != 0 || s.state(s.ana) != coop.FollowAccepted {
		t.Errorf("where both agree %d were asked, the follow is %q", n, s.state(s.ana))
	}
	s.asks(s.telar, s.bob)
	s.asked.take()
	s.says("/n/2", s.part(string(s.telar.IRI), string(s.jobs.IRI), here+"/people/nobody", s.carol.iri))
	if s.state(s.ana) != "" || s.state(s.telar) != coop.FollowAccepted || s.state(s.jobs) != "" {
		t.Errorf("who is not listed %q, who waited %q, who never asked %q", s.state(s.ana), s.state(s.telar), s.state(s.jobs))
	}
	if got := s.asked.take(); !slices.Equal(got, []string{"undo lost " + string(s.jobs.IRI) + " " + s.bob.iri}) {
		t.Errorf("sent %v", got)
	}
	if got := s.told(s.ana); len(got) != 0 {
		t.Errorf("told %v", got)
	}
	s.p.forget()
	s.says("/n/3", s.part())
	if n := s.p.count("/users/bob/followers_synchronization"); n != 0 || s.state(s.telar) == "" {
		t.Error("asked twice within the hour")
	}
}

// TestFollowersOfALiar: a header that leads elsewhere counts for nothing, and neither does
// a list that cannot be had, hides what it counts, or has no end.
func TestFollowersOfALiar(t *testing.T) {
	for name, lie := range map[string]func(s *scene, p *federation.Synchronization){
		"another origin":     func(s *scene, p *federation.Synchronization) { p.URL = s.carol.iri + "/followers_synchronization" },
		"another collection": func(s *scene, p *federation.Synchronization) { p.Collection = s.mallory.iri + "/followers" },
		"no list":            func(s *scene, p *federation.Synchronization) { p.URL = s.bob.iri + "/nothing" },
		"a list of nothing":  func(s *scene, p *federation.Synchronization) { s.hides() },
		"pages without end":  func(s *scene, p *federation.Synchronization) { s.endless() },
		"a list that is a note": func(s *scene, p *federation.Synchronization) {
			p.URL = s.p.put(s.bob.note("/n/list"))["id"].(string)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.clock.Advance(time.Hour)
			part := s.part()
			part.Digest = federation.FollowersDigest([]string{"x"})
			lie(s, &part)
			s.says("/n/1", part)
			if s.state(s.ana) != coop.FollowAccepted {
				t.Error("the follow ended")
			}
			if n := s.q.count("/users/carol/followers_synchronization"); n != 0 {
				t.Error("a third server was asked")
			}
		})
	}
}

// hides serves a list that says to have entries and shows none.
func (s *scene) hides() {
	s.p.put(doc{"id": s.bob.iri + "/followers_synchronization", "type": "OrderedCollection", "totalItems": 4})
}

// endless serves pages that each name the next.
func (s *scene) endless() {
	n := 0
	s.p.serve = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/users/bob/followers_synchronization" {
			return false
		}
		n++
		w.Header().Set("Content-Type", "application/activity+json")
		_, _ = w.Write(encode(s.t, doc{
			"id": s.p.url + r.URL.RequestURI(), "type": "OrderedCollectionPage", "orderedItems": []any{},
			"next": s.bob.iri + "/followers_synchronization?page=" + string(rune('a'+n%20)),
		}))
		return true
	}
}

// TestYoungFollowStays: the other side may not have heard of it yet.
func TestYoungFollowStays(t *testing.T) {
	s := newScene(t)
	s.write(func(tx *storage.Tx) error {
		return tx.PutFollow(s.ctx, &coop.Follow{IRI: s.telar.IRI + "/activities/9", Follower: s.telar, Target: s.bobAccount, State: coop.FollowAccepted, CreatedAt: s.clock.Now()})
	})
	s.says("/n/1", s.part())
	if s.state(s.telar) != coop.FollowAccepted {
		t.Error("it ended")
	}
}
