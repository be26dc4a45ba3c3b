// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"minga/coop"
)

// One line for many readers
//
// A timeline asks which posts one account reads. A stream asks the other way round: which
// of those who listen read this post. Both are the same condition: who reads is $1 in the
// one and a column of accounts, named me, in the other. So a stream shows nobody what
// the timeline would not.

// PostFacts says what a post is to streams, whoever reads; nil of one that is not there, a
// draft or frozen.
func (r reader) PostFacts(ctx context.Context, id coop.ID) (*coop.WasPost, error) {
	facts, err := r.wasPost(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("facts of post %s: %w", id, err)
	}
	return facts, nil
}

// SharedEntry finds a line by its id for many readers at once: its counts are those that
// anybody may know. Who of them may see it must have been asked before. [coop.ErrNotFound]
// and [coop.ErrGone] as [reader.Post].
func (r reader) SharedEntry(ctx context.Context, id coop.ID) (coop.Entry, error) {
	e, err := r.Entry(ctx, coop.System(), id)
	if err != nil {
		return e, err
	}
	e.Post.Replies, e.Post.Likes, e.Post.Boosts = 0, 0, 0
	return e, r.fillCounts(ctx, coop.Anonymous(), []*coop.Post{e.Post})
}

// among asks a question about many accounts in parts; ask gives the text about a part.
func (r reader) among(ctx context.Context, ids []coop.ID, ask func(a *args, part []coop.ID) string) ([]coop.ID, error) {
	var found []coop.ID
	for part := range slices.Chunk(unique(ids), mostIn) {
		var a args
		text := ask(&a, part)
		some, err := all(ctx, r, scanID, text, a...)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// readersOf tells for which of the accounts, named me, a condition on a post p of its
// author a holds.
func (r reader) readersOf(ctx context.Context, accounts []coop.ID, post coop.ID, condition func(a *args) string) ([]coop.ID, error) {
	return r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT me.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			WHERE p.id = ` + a.add(int64(post)) + ` AND ` + condition(a)
	})
}

// PublicFor tells for which of the accounts a post stands in the public timelines, as far
// as that is a matter of who reads ([reader.PublicTimeline]).
func (r reader) PublicFor(ctx context.Context, accounts []coop.ID, post coop.ID) ([]coop.ID, error) {
	found, err := r.readersOf(ctx, accounts, post, func(a *args) string {
		return r.visibleTo(a, "me.id") + ` AND NOT p.draft AND ` + r.listed(a) + ` AND ` + r.wantedBy(a, "me.id", "a")
	})
	if err != nil {
		return nil, fmt.Errorf("public timelines with post %s: %w", post, err)
	}
	return found, nil
}

// SeenBy tells which of the accounts may see a post.
func (r reader) SeenBy(ctx context.Context, accounts []coop.ID, post coop.ID) ([]coop.ID, error) {
	found, err := r.readersOf(ctx, accounts, post, func(a *args) string { return r.visibleTo(a, "me.id") })
	if err != nil {
		return nil, fmt.Errorf("who sees post %s: %w", post, err)
	}
	return found, nil
}

// outside are those of a list that do not stand in another.
func outside(list, other []coop.ID) []coop.ID {
	return slices.DeleteFunc(list, func(id coop.ID) bool { return slices.Contains(other, id) })
}

// FiltersOf are the filters of many accounts ([reader.Filters]); who has none is left out.
func (r reader) FiltersOf(ctx context.Context, owners []coop.ID) (map[coop.ID][]*coop.Filter, error) {
	out := map[coop.ID][]*coop.Filter{}
	for part := range slices.Chunk(unique(owners), mostIn) {
		var a args
		where := "f.account_id IN " + in(&a, numbers(part))
		list, err := r.filters(ctx, where, a...)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			out[f.Owner] = append(out[f.Owner], f)
		}
	}
	return out, nil
}
