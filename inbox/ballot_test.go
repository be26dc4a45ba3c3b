// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// polled stores a poll of ana's that runs for an hour.
func (w *world) polled(multiple bool, change ...func(*coop.Post)) *coop.Post {
	w.t.Helper()
	p := &coop.Post{
		IRI: w.ana.IRI + "/notes/poll", AuthorID: w.ana.ID, Author: w.ana, Local: true, Kind: coop.KindQuestion, Type: "Question",
		Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Cc: []coop.IRI{w.ana.Followers},
		Content: "<p>¿Sí?</p>", Published: w.clock.Now(), Poll: coop.NewPoll([]string{"Sí", "No", "Más o menos"}, time.Hour, multiple, false, w.clock.Now()),
	}
	for _, f := range change {
		f(p)
	}
	w.write(func(tx *storage.Tx) error {
		_, err := tx.AddPost(w.ctx, p, storage.Arrival{})
		return err
	})
	return p
}

// tally are the votes of each option, and the voters.
func (w *world) tally(p *coop.Post) string {
	w.t.Helper()
	got := w.post(string(p.IRI))
	if got == nil || got.Poll == nil {
		return "none"
	}
	s := ""
	for _, o := range got.Poll.Options {
		s += fmt.Sprint(o.Votes, " ")
	}
	return s + fmt.Sprint("| ", got.Poll.Voters)
}

// shape is how some software writes the ballot of r for an answer of a poll.
type shape struct {
	name  string
	write func(r *remote, poll, answer string) doc
}

// ballotShapes are ballots as others send them.
func ballotShapes(author string) []shape {
	return []shape{
		{"FEP-9967", func(r *remote, poll, answer string) doc {
			return r.activity("Create", "/c/1", doc{"id": r.iri + "/votes/1", "type": "Note", "attributedTo": r.iri, "inReplyTo": poll, "name": answer, "to": author})
		}},
		{"Mastodon", func(r *remote, poll, answer string) doc {
			return doc{
				"@context": "https://www.w3.org/ns/activitystreams", "id": r.iri + "#votes/14/activity", "type": "Create", "actor": r.iri, "to": author,
				"object": doc{"id": r.iri + "#votes/14", "type": "Note", "name": answer, "attributedTo": r.iri, "to": author, "inReplyTo": poll},
			}
		}},
		{"Pleroma and Akkoma: only in cc, with a context and empty lists", func(r *remote, poll, answer string) doc {
			return doc{
				"@context": []any{"https://www.w3.org/ns/activitystreams", r.peer.url + "/schemas/litepub-0.1.jsonld", doc{"@language": "und"}},
				"id":       r.peer.url + "/activities/9", "type": "Create", "actor": r.iri, "to": []string{}, "cc": []string{author}, "context": poll + "/context",
				"object": doc{
					"id": r.peer.url + "/objects/9", "type": "Note", "actor": r.iri, "attributedTo": r.iri, "name": answer, "inReplyTo": poll,
					"to": []string{}, "cc": []string{author}, "context": poll + "/context", "attachment": []any{}, "content": nil, "summary": nil, "tag": []any{},
				},
			}
		}},
		{"Misskey", func(r *remote, poll, answer string) doc {
			return doc{
				"@context": []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1", doc{"misskey": "https://misskey-hub.net/ns#"}},
				"id":       r.iri + "#votes/9xyz/activity", "actor": r.iri, "type": "Create", "to": []string{author}, "published": "2030-05-01T11:30:00.000Z",
				"object": doc{"id": r.iri + "#votes/9xyz", "type": "Note", "attributedTo": r.iri, "to": []string{author}, "inReplyTo": poll, "name": answer},
			}
		}},
		{"GoToSocial", func(r *remote, poll, answer string) doc {
			return doc{
				"@context": "https://www.w3.org/ns/activitystreams", "id": r.iri + "/activity#vote/01J", "actor": r.iri, "type": "Create", "to": author,
				"object": doc{"id": r.iri + "#01J/votes/0", "type": "Note", "attributedTo": r.iri, "inReplyTo": poll, "name": answer, "to": author},
			}
		}},
		{"GoToSocial before: several in a list", func(r *remote, poll, answer string) doc {
			return doc{
				"@context": "https://www.w3.org/ns/activitystreams", "id": r.iri + "/activity#vote/01K", "actor": r.iri, "type": "Create", "to": author,
				"object": []doc{{"id": r.iri + "#01K/votes/0", "type": "Note", "attributedTo": r.iri, "inReplyTo": poll, "name": answer, "to": author}},
			}
		}},
		{"Mitra", func(r *remote, poll, answer string) doc {
			return doc{
				"@context": []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"}, "id": r.peer.url + "/activities/create/01", "type": "Create",
				"actor": r.iri, "to": []string{author}, "cc": []string{},
				"object": doc{"id": r.peer.url + "/objects/01", "type": "Note", "attributedTo": r.iri, "name": answer, "inReplyTo": poll, "published": "2030-05-01T11:30:00Z", "to": []string{author}, "cc": []string{}},
			}
		}},
	}
}

func TestBallots(t *testing.T) {
	for _, s := range ballotShapes(here + "/people/ana") {
		t.Run(s.name, func(t *testing.T) {
			w := newScene(t)
			p := w.polled(false)
			ballot := s.write(w.carol, string(p.IRI), "Más o menos")
			w.deliver(w.carol, ballot)
			w.deliver(w.carol, ballot)
			if got := w.tally(p); got != "0 0 1 | 1" {
				t.Errorf("counted %s; %v", got, w.counts.refused)
			}
			if note := w.post(s.idOf(ballot)); note != nil {
				t.Error("a ballot became a post")
			}
			if told := w.told(w.ana); len(told) != 0 {
				t.Errorf("ana was told %v", told)
			}
		})
	}
}

// idOf is the id of the ballot inside an activity.
func (shape) idOf(activity doc) string {
	if one, ok := activity["object"].(doc); ok {
		return one["id"].(string)
	}
	return activity["object"].([]doc)[0]["id"].(string)
}

// vote is the ballot of r as the proposal shows it.
func (r *remote) vote(n int, p *coop.Post, answer string, change ...func(doc)) doc {
	note := doc{"id": fmt.Sprintf("%s/votes/%d", r.iri, n), "type": "Note", "attributedTo": r.iri, "inReplyTo": string(p.IRI), "name": answer, "to": []string{here + "/people/ana"}}
	return r.activity("Create", fmt.Sprintf("/c/v%d", n), edit(note, change...), with("to", []string{here + "/people/ana"}), without("cc"))
}

// TestBallotsThatDoNotCount: the forged and the late twins.
func TestBallotsThatDoNotCount(t *testing.T) {
	for _, tt := range []struct {
		name string
		poll func(*coop.Post)
		do   func(s *scene, p *coop.Post)
		want string
	}{
		{"no such answer", nil, func(s *scene, p *coop.Post) { s.deliver(s.carol, s.carol.vote(1, p, "Quizás")) }, "0 0 0 | 0"},
		{"after the end", nil, func(s *scene, p *coop.Post) {
			s.clock.Advance(time.Hour)
			s.deliver(s.carol, s.carol.vote(1, p, "Sí"))
		}, "0 0 0 | 0"},
		{"taken in time, worked on late", nil, func(s *scene, p *coop.Post) {
			s.clock.Advance(time.Hour - time.Second)
			s.send(s.carol, s.carol.vote(1, p, "Sí"))
			s.clock.Advance(time.Minute)
			s.drain()
		}, "1 0 0 | 1"},
		{"a second one", nil, func(s *scene, p *coop.Post) {
			s.deliver(s.carol, s.carol.vote(1, p, "Sí"))
			s.deliver(s.carol, s.carol.vote(2, p, "No"))
		}, "1 0 0 | 1"},
		{"several where several may be chosen, one of them twice", func(p *coop.Post) { p.Poll.Multiple = true }, func(s *scene, p *coop.Post) {
			s.deliver(s.carol, s.carol.vote(1, p, "Sí"))
			s.deliver(s.carol, s.carol.vote(2, p, "No"))
			s.deliver(s.carol, s.carol.vote(3, p, "No"))
		}, "1 1 0 | 1"},
		{"for somebody else", nil, func(s *scene, p *coop.Post) {
			s.deliver(s.carol, s.carol.vote(1, p, "Sí", with("attributedTo", s.bob.iri)))
		}, "0 0 0 | 0"},
		{"with an id of another server", nil, func(s *scene, p *coop.Post) {
			s.deliver(s.carol, s.carol.vote(1, p, "Sí", with("id", s.p.url+"/votes/1")))
		}, "0 0 0 | 0"},
		{"of a followers-only poll that it may not see", func(p *coop.Post) {
			p.Visibility, p.To, p.Cc = coop.VisibleFollowers, p.Cc, nil
		}, func(s *scene, p *coop.Post) { s.deliver(s.carol, s.carol.vote(1, p, "Sí")) }, "0 0 0 | 0"},
		{"of a followers-only poll that it may see", func(p *coop.Post) {
			p.Visibility, p.To, p.Cc = coop.VisibleFollowers, p.Cc, nil
		}, func(s *scene, p *coop.Post) {
			s.followedBy(s.carol, s.ana)
			s.deliver(s.carol, s.carol.vote(1, p, "Sí"))
		}, "1 0 0 | 1"},
		{"of somebody who is blocked", nil, func(s *scene, p *coop.Post) {
			s.write(func(tx *storage.Tx) error {
				return tx.AddBlock(s.ctx, storage.Block{Blocker: s.ana.ID, Target: s.bobAccount.ID})
			})
			s.deliver(s.bob, s.bob.vote(1, p, "Sí"))
		}, "0 0 0 | 0"},
		{"with a text it is an answer", nil, func(s *scene, p *coop.Post) {
			s.deliver(s.carol, s.carol.vote(1, p, "Sí", with("content", "<p>Sí, claro</p>")))
			if s.post(s.carol.iri+"/votes/1") == nil {
				s.t.Error("the answer is not kept")
			}
		}, "0 0 0 | 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			var change []func(*coop.Post)
			if tt.poll != nil {
				change = append(change, tt.poll)
			}
			p := s.polled(false, change...)
			if tt.do(s, p); s.tally(p) != tt.want {
				t.Errorf("counted %s, want %s", s.tally(p), tt.want)
			}
		})
	}
}

// TestBallotForANote: what is no poll takes no vote, and nothing is kept.
func TestBallotForANote(t *testing.T) {
	s := newScene(t)
	p := s.localPost(s.ana, "/notes/1")
	s.deliver(s.carol, s.carol.vote(1, p, "Sí"))
	if s.post(s.carol.iri+"/votes/1") != nil {
		t.Error("a ballot for a note became a post")
	}
	if got := s.counts.last(); got != "no_poll" {
		t.Errorf("the ballot: %s", got)
	}
}
