// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"minga/coop"
)

// How a home timeline is read
//
// It is no table that is kept in step but a question, asked in two steps. The first
// finds the newest candidates, posts and boosts alike, by indexes alone: for who
// follows many that write much, they are among the newest few hundred rows of all
// (near, in timeline_near.go); for who follows the silent, each of whom is followed
// is asked for the newest of theirs, and these are merged (merged, in timeline_merge.go). The second step
// looks at the candidates themselves: whether the reader may see them and wants to
// (admitted, in timeline_admit.go). Where it leaves too few, the first step goes on
// below.

// feed is a timeline made of accounts that somebody chose to read.
type feed struct {
	me      coop.ID
	list    coop.ID          // zero: home
	replies coop.ListReplies // of a list

	// Of many readers at once (audience.go): who reads and which list, as SQL. Empty: me,
	// whose value is then the first, and list.
	reader, lists string
}

// my is who reads, as SQL.
func (f feed) my() string {
	if f.reader != "" {
		return f.reader
	}
	return "$1"
}

// isHome tells the home timeline from lists.
func (f feed) isHome() bool { return f.list == 0 && f.lists == "" }

// listID is the list, as SQL.
func (f feed) listID(a *args) string {
	if f.lists != "" {
		return f.lists
	}
	return a.add(int64(f.list))
}

// line is a place in a timeline: a post, or its boost by somebody.
type line struct{ id, post, by coop.ID }

// Home lists what an account reads at home, newest first: its own posts and boosts,
// those of whom it follows, and public posts with a hashtag that it follows. What it
// may not see, muted or shut out is not among them, nor what somebody writes to
// people whom it does not follow, direct posts, and who stands in an exclusive list.
// A post stands on a page once, at its own place before that of a boost. By is filled
// in where the line is a boost.
func (r reader) Home(ctx context.Context, account coop.ID, page coop.Page) ([]coop.Entry, error) {
	entries, err := r.feedPage(ctx, feed{me: account}, page)
	if err != nil {
		return nil, fmt.Errorf("home of %s: %w", account, err)
	}
	return entries, nil
}

// ListTimeline lists what the members of a list of the account publish and boost, as
// [reader.Home]; a list of another is [coop.ErrNotFound].
func (r reader) ListTimeline(ctx context.Context, account, list coop.ID, page coop.Page) ([]coop.Entry, error) {
	replies, err := first(ctx, r, scanText, `
		SELECT replies
		FROM lists
		WHERE id = $1 AND account_id = $2`, int64(list), int64(account))
	var entries []coop.Entry
	if err == nil {
		entries, err = r.feedPage(ctx, feed{me: account, list: list, replies: coop.ListReplies(replies)}, page)
	}
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", list, err)
	}
	return entries, nil
}

// feedRounds and feedChunk bound how far one page looks for what the reader wants.
const (
	feedRounds = 20
	feedChunk  = mostIn
)

// feedPage is a page of a feed.
func (r reader) feedPage(ctx context.Context, f feed, page coop.Page) ([]coop.Entry, error) {
	page = page.Clamp(20, mostListed)
	w := walk{page: page, limit: min(3*page.Limit, feedChunk)}
	kept := sheet{limit: page.Limit, places: map[coop.ID]int{}}
	for round := range feedRounds {
		candidates, last, err := r.candidates(ctx, f, w, round == 0)
		if err != nil {
			return nil, err
		}
		lines, err := r.admitted(ctx, f, candidates)
		if err != nil {
			return nil, err
		}
		w.sort(lines)
		if kept.take(lines) || last == 0 {
			break
		}
		w = w.beyond(last, round)
	}
	return r.entriesOf(ctx, Seeing(ctx, f.me), kept.ordered())
}

// candidates are the next lines of a feed without a look at them, and the id up to
// which nothing is left out; zero says that there are no more.
func (r reader) candidates(ctx context.Context, f feed, w walk, start bool) ([]line, coop.ID, error) {
	if start {
		lines, last, err := r.near(ctx, f, w)
		if err != nil || last == 0 || len(lines) >= w.page.Limit {
			return lines, last, err
		}
	}
	return r.merged(ctx, f, w)
}

// sheet is a page of lines on which each post stands once.
type sheet struct {
	limit  int
	lines  []line
	places map[coop.ID]int // of each post in lines
}

// take adds lines until the page is full, and says whether it is.
func (s *sheet) take(lines []line) bool {
	for _, l := range lines {
		if len(s.places) == s.limit {
			return true
		}
		at, stands := s.places[l.post]
		if !stands {
			s.places[l.post] = len(s.lines)
			s.lines = append(s.lines, l)
		} else if l.outranks(s.lines[at]) {
			s.lines[at] = line{} // its place is free, not its turn
			s.places[l.post] = len(s.lines)
			s.lines = append(s.lines, l)
		}
	}
	return len(s.places) == s.limit
}

// outranks tells which of two lines of one post is shown: the post itself, else the
// newest boost.
func (l line) outranks(other line) bool {
	if l.by == 0 || other.by == 0 {
		return l.by == 0 && other.by != 0
	}
	return l.id > other.id
}

// ordered are the lines, newest first.
func (s *sheet) ordered() []line {
	lines := slices.DeleteFunc(s.lines, func(l line) bool { return l.id == 0 })
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(b.id, a.id) })
	return lines
}

// entriesOf reads the posts and boosters of lines, by one statement each; what the
// viewer may not see is left out.
func (r reader) entriesOf(ctx context.Context, v coop.Viewer, lines []line) ([]coop.Entry, error) {
	var posts, boosts, who []coop.ID
	for _, l := range lines {
		posts = append(posts, l.post)
		if l.by != 0 {
			boosts, who = append(boosts, l.id), append(who, l.by)
		}
	}
	found, err := r.PostsByID(ctx, v, posts)
	if err != nil {
		return nil, err
	}
	byID := make(map[coop.ID]*coop.Post, len(found))
	for _, p := range found {
		byID[p.ID] = p
	}
	names, err := r.Accounts(ctx, who)
	if err != nil {
		return nil, err
	}
	acts, err := r.reactionsByID(ctx, v, boosts)
	if err != nil {
		return nil, err
	}
	entries := make([]coop.Entry, 0, len(lines))
	for _, l := range lines {
		p := byID[l.post]
		switch {
		case p == nil:
		case l.by == 0:
			entries = append(entries, coop.EntryOf(p))
		case names[l.by] != nil && !names[l.by].Gone() && acts[l.id].ID != 0:
			entries = append(entries, coop.Entry{ID: l.id, Post: p, By: names[l.by], IRI: acts[l.id].IRI, At: acts[l.id].At})
		}
	}
	return entries, nil
}

// reactionsByID finds those of the reactions that the viewer may know of.
func (r reader) reactionsByID(ctx context.Context, v coop.Viewer, ids []coop.ID) (map[coop.ID]Reaction, error) {
	found := make(map[coop.ID]Reaction, len(ids))
	for part := range slices.Chunk(unique(ids), mostIn) {
		var a args
		list, err := all(ctx, r, scanReaction, `
			SELECT `+reactionColumns+`
			FROM reactions x
			WHERE x.id IN `+in(&a, numbers(part))+` AND `+boostVisible(&a, v, "x"), a...)
		if err != nil {
			return nil, fmt.Errorf("boosts: %w", err)
		}
		for _, x := range list {
			found[x.ID] = x
		}
	}
	return found, nil
}
