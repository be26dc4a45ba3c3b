// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"errors"
	"fmt"
	"testing"

	"minga/coop"
)

func TestCreate(t *testing.T) {
	s := newScene(t)
	p := s.posted(with("tag", []doc{{"type": "Hashtag", "name": "#coops"}}))
	if p.Content != "<p>hello</p>" || p.Author.ID != s.bobAccount.ID || len(p.Hashtags) != 1 {
		t.Errorf("kept %+v", p)
	}
	if len(p.ReachedThrough) != 1 || p.ReachedThrough[0].How != "direct" {
		t.Errorf("reached through %+v", p.ReachedThrough)
	}
	if _, err := s.store.Document(s.ctx, p.IRI); err != nil {
		t.Errorf("its bytes: %v", err)
	}
	if _, err := s.store.Document(s.ctx, coop.IRI(s.bob.iri+"/c/1")); err != nil {
		t.Errorf("its activity's bytes: %v", err)
	}
}

func TestCreateMentionIsTold(t *testing.T) {
	s := newScene(t)
	note := s.carol.note("/n/1", with("to", []string{public, here + "/people/ana"}),
		with("tag", []doc{{"type": "Mention", "href": here + "/people/ana", "name": "@ana@here.example"}}))
	s.deliver(s.carol, s.carol.activity("Create", "/c/1", note))
	if s.post(s.carol.iri+"/n/1") == nil {
		t.Fatal("a mention by a stranger is not kept")
	}
	if got := fmt.Sprint(s.told(s.ana)); got != "[mention]" {
		t.Errorf("told %s", got)
	}
	s.deliver(s.carol, s.carol.activity("Create", "/c/1", note))
	if got := fmt.Sprint(s.told(s.ana)); got != "[mention]" {
		t.Errorf("told again: %s", got)
	}
}

// TestCreateForged: the forged twins of Create leave nothing.
func TestCreateForged(t *testing.T) {
	for _, tt := range []struct {
		name     string
		activity func(s *scene) doc
		gone     []string
	}{
		{"a stranger's post that concerns nobody", func(s *scene) doc {
			return s.carol.activity("Create", "/c/1", s.carol.note("/n/1"))
		}, []string{"/n/1"}},
		{"the note lives on another server", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("id", s.q.url+"/n/1")))
		}, nil},
		{"the note is only named, and lives on another server", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.q.url+"/n/1")
		}, nil},
		{"the note is by somebody elsewhere", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("attributedTo", s.carol.iri)))
		}, nil},
		{"the note is by a neighbour, who did not write it", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("attributedTo", s.mallory.iri)))
		}, nil},
		{"the note is ours", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("id", here+"/people/ana/notes/1"), with("attributedTo", here+"/people/ana")))
		}, nil},
		{"a vote is no post", func(s *scene) doc {
			return s.bob.activity("Create", "/c/1", s.bob.note("/n/1", with("name", "yes"), with("inReplyTo", here+"/q"), without("content")))
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.deliver(s.bobOr(tt.activity(s)), tt.activity(s))
			if n := s.q.count("/n/1"); n != 0 {
				t.Errorf("made us ask another server %d times", n)
			}
			if n := s.p.count("/users/bob/n/1"); n != 0 && tt.name == "the note is by somebody elsewhere" {
				t.Errorf("an owner elsewhere made us look %d times", n)
			}
			for _, iri := range []string{s.bob.iri + "/n/1", s.carol.iri + "/n/1", s.mallory.iri + "/n/1", s.q.url + "/n/1", here + "/people/ana/notes/1"} {
				if p := s.post(iri); p != nil {
					t.Errorf("kept %+v", p)
				}
			}
		})
	}
}

// TestCreateForAnotherOfTheSameServer: who posts for a group sends a copy that is
// only a reference; what is kept is what their server says.
func TestCreateForAnotherOfTheSameServer(t *testing.T) {
	s := newScene(t)
	group := s.p.actor("Group", "choir")
	s.p.put(group.note("/n/1", with("content", "<p>as served</p>")))
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", group.note("/n/1", with("content", "<p>as sent</p>"))))
	p := s.post(group.iri + "/n/1")
	if p == nil || p.Content != "<p>as served</p>" || p.Author.IRI != coop.IRI(group.iri) {
		t.Errorf("kept %+v (%v)", p, s.counts.refused)
	}
}

// bobOr is whoever the activity says that it is by.
func (s *scene) bobOr(activity doc) *remote {
	for _, r := range []*remote{s.bob, s.mallory, s.carol} {
		if activity["actor"] == r.iri {
			return r
		}
	}
	return s.bob
}

// TestForgedCopyDoesNotBlockTheTrueOne: the true post still arrives later.
func TestForgedCopyDoesNotBlockTheTrueOne(t *testing.T) {
	s := newScene(t)
	s.deliver(s.mallory, s.mallory.activity("Create", "/c/1", s.bob.note("/n/1", with("content", "<p>forged</p>"), with("to", []string{public, here + "/people/ana"}))))
	if s.post(s.bob.iri+"/n/1") != nil {
		t.Fatal("the forged one is kept")
	}
	if p := s.posted(); p.Content != "<p>hello</p>" {
		t.Errorf("kept %q", p.Content)
	}
}

func TestDirectPostToAPersonalInbox(t *testing.T) {
	s := newScene(t)
	note := s.carol.note("/n/1", with("to", []string{here + "/people/ana"}), without("cc"))
	body := encode(t, s.carol.activity("Create", "/c/1", note, with("to", []string{here + "/people/ana"})))
	if _, err := s.in.Receive(s.ctx, s.request(signed{key: s.carol.rsa, target: "/people/ana/inbox", to: s.ana}, body)); err != nil {
		t.Fatal(err)
	}
	s.drain()
	p := s.post(s.carol.iri + "/n/1")
	if p == nil || p.Visibility != coop.VisibleDirect {
		t.Fatalf("kept %+v", p)
	}
	if _, err := s.store.PostByIRI(s.ctx, coop.Anonymous(), p.IRI); !errors.Is(err, coop.ErrNotFound) {
		t.Errorf("everybody may see it: %v", err)
	}
}

// TestOwnersNeverChange: whatever a new state of a post says, it is by whom it was.
func TestOwnersNeverChange(t *testing.T) {
	if mayReplace(&coop.Post{AuthorID: 1}, &coop.Post{AuthorID: 2}) || !mayReplace(&coop.Post{AuthorID: 1}, &coop.Post{AuthorID: 1}) {
		t.Error("a post changes hands")
	}
}
