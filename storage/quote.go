// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"minga/coop"
)

// Quotes lists the posts that quote another, newest first, as far as the viewer may
// see them and wants to. Post is what is quoted, which it must be able to see.
func (r reader) Quotes(ctx context.Context, v coop.Viewer, post *coop.Post, page coop.Page) ([]*coop.Post, error) {
	a := args{cleanText(string(post.IRI))}
	where := r.visible(&a, v) + " AND " + r.wanted(&a, v, "a")
	p := a.page("p.id", page)
	posts, err := r.postsOf(ctx, v, p, `
		SELECT p.id
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE p.quote = $1 AND p.quote <> '' AND NOT p.draft AND `+where+` AND `+p.where+`
		`+p.order, a)
	if err != nil {
		return nil, fmt.Errorf("quotes of %s: %w", post.IRI, err)
	}
	return posts, nil
}

// Entries finds lines of timelines by their ids, posts and boosts alike, as far as the
// viewer may see them, in the order asked.
func (r reader) Entries(ctx context.Context, v coop.Viewer, ids []coop.ID) ([]coop.Entry, error) {
	ids = unique(ids)
	acts, err := r.reactionsByID(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	if err := r.hideBoosts(ctx, v, acts); err != nil {
		return nil, err
	}
	lines := make([]line, len(ids))
	for i, id := range ids {
		lines[i] = line{id: id, post: id}
		if x, ok := acts[id]; ok && x.Kind == Boost {
			lines[i] = line{id: id, post: x.Post, by: x.Actor}
		}
	}
	return r.entriesOf(ctx, v, lines)
}

// hideBoosts takes out the reactions that the viewer may not know of.
func (r reader) hideBoosts(ctx context.Context, v coop.Viewer, acts map[coop.ID]Reaction) error {
	var a args
	ids := in(&a, numbers(slices.Collect(maps.Keys(acts))))
	seen, err := all(ctx, r, scanID, `
		SELECT x.id
		FROM reactions x
		WHERE x.id IN `+ids+` AND `+boostVisible(&a, v, "x"), a...)
	if err != nil {
		return fmt.Errorf("boosts: %w", err)
	}
	maps.DeleteFunc(acts, func(id coop.ID, _ Reaction) bool { return !slices.Contains(seen, id) })
	return nil
}
