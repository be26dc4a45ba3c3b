// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"encoding/json"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
)

// TestEditsWithinASecond: times on the wire have no fractions. An edit in the second
// of the publication does not make the next one look old, and of two edits of one
// second the later stands, also when the earlier comes once more.
func TestEditsWithinASecond(t *testing.T) {
	s := newScene(t)
	second := s.clock.Now().UTC().Truncate(time.Second)
	state := func(text string, at time.Time) func(doc) {
		return func(d doc) {
			d["content"], d["published"], d["updated"] = "<p>"+text+"</p>", second.Format(time.RFC3339), at.Format(time.RFC3339)
		}
	}
	edit := func(path string, change func(doc)) doc {
		return s.bob.activity("Update", path, s.bob.note("/n/1", change))
	}
	p := s.posted(state("none", second))
	first := edit("/u/1", state("one", second))
	for n, next := range []struct {
		wait time.Duration
		doc  doc
		want string
	}{
		{1100 * time.Millisecond, first, "<p>one</p>"},
		{100 * time.Millisecond, edit("/u/2", state("two", second.Add(time.Second))), "<p>two</p>"},
		{100 * time.Millisecond, edit("/u/3", state("three", second.Add(time.Second))), "<p>three</p>"},
	} {
		s.clock.Advance(next.wait)
		s.deliver(s.bob, next.doc)
		got, err := s.store.Post(s.ctx, coop.System(), p.ID)
		if err != nil || got.Content != next.want {
			t.Errorf("edit %d: %q, %v; want %q", n, got.Content, err, next.want)
		}
	}
	group := s.p.actor("Group", "grupo")
	s.follows(s.ana, group)
	two, err := signature.AddProof(encode(t, edit("/u/2", state("two", second.Add(time.Second)))), s.bob.ed, s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.deliver(group, group.activity("Announce", "/a/2", json.RawMessage(two)))
	got, err := s.store.Post(s.ctx, coop.System(), p.ID)
	if err != nil || got.Content != "<p>three</p>" {
		t.Errorf("an edit that a board brought once more: %q, %v", got.Content, err)
	}
}
