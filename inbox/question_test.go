// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// options are the answers of a poll as most write them.
func options(counts ...int) []doc {
	var list []doc
	for i, n := range counts {
		list = append(list, doc{"type": "Note", "name": []string{"Yes", "No", "Maybe"}[i], "replies": doc{"type": "Collection", "totalItems": n}})
	}
	return list
}

// question is a poll of r's that runs for another hour.
func (r *remote) question(change ...func(doc)) doc {
	q := r.note("/q/1", with("type", "Question"), with("oneOf", options(4, 2)), with("endTime", "2030-05-01T13:00:00Z"), with("votersCount", 6))
	return edit(q, change...)
}

// TestQuestions: polls as others write them become the same poll here.
func TestQuestions(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   []func(doc)
		multiple bool
		want     string
		ends     string // on the day; empty: never
	}{
		{"Mastodon", nil, false, "4 2 | 6", "13:00"},
		{"Mastodon, several", []func(doc){without("oneOf"), with("anyOf", options(4, 2)), with("votersCount", 5)}, true, "4 2 | 5", "13:00"},
		{"Pleroma", []func(doc){
			without("endTime"), with("closed", "2030-05-01T13:00:00.785333"), with("anyOf", []any{}), with("context", "https://elsewhere.example/contexts/1"),
			with("conversation", "https://elsewhere.example/contexts/1"), with("summary", ""), with("attachment", []any{}),
		}, false, "4 2 | 6", "13:00"},
		{"Misskey", []func(doc){
			without("votersCount"), with("endTime", nil), with("_misskey_content", "?"), with("summary", nil),
			with("oneOf", []doc{{"type": "Note", "name": "Yes", "_misskey_votes": 4, "replies": doc{"type": "Collection", "totalItems": 4}}, {"type": "Note", "name": "No", "_misskey_votes": 2}}),
		}, false, "4 2 | -1", ""},
		{"GoToSocial, counts hidden", []func(doc){with("oneOf", []doc{{"type": "Note", "name": "Yes"}, {"type": "Note", "name": "No"}}), without("votersCount")}, false, "-1 -1 | -1", "13:00"},
		{"Mitra", []func(doc){with("@context", []any{"https://www.w3.org/ns/activitystreams", doc{"votersCount": "toot:votersCount"}}), with("to", public)}, false, "4 2 | 6", "13:00"},
		{"over already", []func(doc){with("endTime", "2030-05-01T11:30:00Z"), with("closed", "2030-05-01T11:30:00Z")}, false, "4 2 | 6", "11:30"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			q := s.bob.question(tt.change...)
			s.deliver(s.bob, s.bob.activity("Create", "/c/1", q))
			p := s.post(q["id"].(string))
			if p == nil || p.Poll == nil || p.Kind != coop.KindQuestion {
				t.Fatalf("kept %+v", p)
			}
			ends := ""
			if !p.Poll.Ends.IsZero() {
				ends = p.Poll.Ends.Format("15:04")
			}
			if s.tally(p) != tt.want || ends != tt.ends || p.Poll.Multiple != tt.multiple || p.Poll.Options[0].Title != "Yes" {
				t.Errorf("counts %s, ends %q, %+v", s.tally(p), ends, p.Poll)
			}
		})
	}
}

// TestCountsAreNoEdit: an Update that only counts tells nobody and leaves no history;
// another text or another answer does.
func TestCountsAreNoEdit(t *testing.T) {
	s := newScene(t)
	q := s.bob.question()
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", q))
	p := s.post(q["id"].(string))
	s.write(func(tx *storage.Tx) error {
		_, err := tx.React(s.ctx, storage.Reaction{Kind: storage.Boost, Actor: s.ana.ID, Post: p.ID, IRI: s.ana.IRI + "/announces/1"})
		return err
	})
	vote := func() error {
		return s.store.Write(s.ctx, func(tx *storage.Tx) error {
			_, err := tx.AddVotes(s.ctx, storage.Vote{Post: p.ID, Account: s.ana.ID, Options: []int{0}, At: s.clock.Now(), Once: true})
			return err
		})
	}
	if err := vote(); err != nil {
		t.Fatal(err)
	}
	step := func(name string, n int, want string, edits int, change ...func(doc)) {
		t.Helper()
		s.clock.Advance(time.Minute)
		q = edit(q, change...)
		s.deliver(s.bob, s.bob.activity("Update", name, q))
		if got := s.tally(p); got != want {
			t.Errorf("%s: counts %s, want %s", name, got, want)
		}
		list, err := s.store.Revisions(s.ctx, coop.System(), p.ID)
		if err != nil || len(list) != edits {
			t.Errorf("%s: %d edits, want %d (%v)", name, len(list), edits, err)
		}
		if told := s.told(s.ana); len(told) != n {
			t.Errorf("%s: told %v", name, told)
		}
	}
	step("/u/1", 0, "5 3 | 8", 0, with("oneOf", options(5, 3)), with("votersCount", 8))
	step("/u/2", 0, "6 3 | 9", 0, with("oneOf", options(6, 3)), with("votersCount", 9), with("updated", "2030-05-01T12:01:30Z"))
	step("/u/3", 1, "6 4 | 10", 1, with("oneOf", options(6, 4)), with("votersCount", 10), with("content", "<p>better</p>"), with("updated", "2030-05-01T12:02:00Z"))
	if vote() == nil {
		t.Error("a new text gave ana a second vote")
	}
	step("/u/4", 1, "0 0 0 | 0", 2, with("oneOf", options(0, 0, 0)), with("votersCount", 0), with("updated", "2030-05-01T12:03:30Z"))
	if err := vote(); err != nil {
		t.Errorf("other answers are another vote: %v", err)
	}
	step("/u/5", 1, "1 0 0 | 1", 2, with("oneOf", options(1, 0, 0)), with("votersCount", 1), with("closed", "2030-05-01T12:04:30Z"))
	if got := s.post(q["id"].(string)).Poll; !got.Over(s.clock.Now()) || got.Ends.Format("15:04:05") != "12:04:30" {
		t.Errorf("closed early: %+v", got)
	}
}

// TestCountsForged: nobody but who asked counts.
func TestCountsForged(t *testing.T) {
	s := newScene(t)
	q := s.bob.question()
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", q))
	p := s.post(q["id"].(string))
	forged := edit(q, with("oneOf", options(9, 9)))
	s.deliver(s.mallory, s.mallory.activity("Update", "/u/1", forged))
	s.deliver(s.carol, s.carol.activity("Update", "/u/1", forged))
	if got := s.tally(p); got != "4 2 | 6" {
		t.Errorf("counts %s", got)
	}
}

func TestRefreshPoll(t *testing.T) {
	s := newScene(t)
	q := s.p.put(s.bob.question())
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", q))
	path := "/users/bob/q/1"
	refresh := func(want string, fetches int) {
		t.Helper()
		p, err := s.in.RefreshPoll(s.ctx, s.post(q["id"].(string)))
		if err != nil {
			t.Errorf("refresh: %v", err)
		}
		if got := s.tally(p); got != want || s.p.count(path) != fetches {
			t.Errorf("counts %s after %d fetches, want %s after %d", got, s.p.count(path), want, fetches)
		}
	}
	s.p.put(edit(q, with("oneOf", options(7, 7)), with("votersCount", 14)))
	refresh("4 2 | 6", 0)
	s.clock.Advance(5 * time.Minute)
	refresh("7 7 | 14", 1)
	refresh("7 7 | 14", 1)
	s.clock.Advance(time.Hour)
	s.p.put(edit(q, with("oneOf", options(8, 8)), with("votersCount", 16), with("closed", "2030-05-01T13:00:00Z")))
	refresh("8 8 | 16", 2)
	s.clock.Advance(time.Hour) // what was over when it was read stays as it is
	refresh("8 8 | 16", 2)
	list, err := s.store.Revisions(s.ctx, coop.System(), s.post(q["id"].(string)).ID)
	if err != nil || len(list) != 0 {
		t.Errorf("looking made %d edits: %v", len(list), err)
	}
}

// TestRefreshPollForged: another document in its place changes nothing.
func TestRefreshPollForged(t *testing.T) {
	s := newScene(t)
	q := s.p.put(s.bob.question())
	s.deliver(s.bob, s.bob.activity("Create", "/c/1", q))
	s.clock.Advance(5 * time.Minute)
	s.p.put(edit(q, with("oneOf", options(9, 9)), with("attributedTo", s.mallory.iri)))
	if p, err := s.in.RefreshPoll(s.ctx, s.post(q["id"].(string))); err == nil || s.tally(p) != "4 2 | 6" {
		t.Errorf("counts %s, %v", s.tally(p), err)
	}
}
