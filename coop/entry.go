// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Entry is one line of a timeline: a post, or the boost of one. Its ID orders the
// timeline; posts and boosts take theirs from one counter, so that no two are alike.
type Entry struct {
	ID   ID // of the post, or of the boost
	Post *Post
	By   *Account  // who boosted it; nil for the post itself
	IRI  IRI       // of the boost's activity; empty for the post itself
	At   time.Time // when it was published or boosted
}

// EntryOf is a post as a line of a timeline.
func EntryOf(p *Post) Entry { return Entry{ID: p.ID, Post: p, At: p.Published} }

// EntriesOf are posts as lines of a timeline.
func EntriesOf(posts []*Post) []Entry {
	list := make([]Entry, len(posts))
	for i, p := range posts {
		list[i] = EntryOf(p)
	}
	return list
}
