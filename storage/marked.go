// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// Marked is a list of posts that is ordered by what somebody did with them: First and
// Last are the ids of that at both ends of the page, zero where it is empty. A page
// may have fewer posts than it has places, where some may not be seen any more.
type Marked struct {
	Posts       []*coop.Post
	First, Last coop.ID
}

// Liked lists what an account liked, what it liked last first.
func (r reader) Liked(ctx context.Context, account coop.ID, page coop.Page) (Marked, error) {
	m, err := r.marked(ctx, account, page, `
		SELECT x.id, x.post_id, 0
		FROM reactions x
		WHERE x.actor_id = $1 AND x.kind = 'like' AND `, "x.id")
	if err != nil {
		return m, fmt.Errorf("what %s liked: %w", account, err)
	}
	return m, nil
}

// Bookmarked lists what an account keeps for itself, what it kept last first.
func (r reader) Bookmarked(ctx context.Context, account coop.ID, page coop.Page) (Marked, error) {
	m, err := r.marked(ctx, account, page, `
		SELECT b.id, b.post_id, 0
		FROM bookmarks b
		WHERE b.account_id = $1 AND `, "b.id")
	if err != nil {
		return m, fmt.Errorf("bookmarks of %s: %w", account, err)
	}
	return m, nil
}

// marked is a page of such a list, of which sql says all but the page.
func (r reader) marked(ctx context.Context, account coop.ID, page coop.Page, sql, column string) (m Marked, err error) {
	a := args{int64(account)}
	p := a.page(column, page)
	lines, err := all(ctx, r, scanLine, sql+p.where+" "+p.order, a...)
	if err != nil || len(lines) == 0 {
		return m, err
	}
	lines = newestFirst(p, lines)
	ids := make([]coop.ID, len(lines))
	for i, l := range lines {
		ids[i] = l.post
	}
	m.First, m.Last = lines[0].id, lines[len(lines)-1].id
	m.Posts, err = r.PostsByID(ctx, Seeing(ctx, account), ids)
	return m, err
}

// Reactors are who reacted to a post, the last first, with the ids of their reactions.
type Reactors struct {
	Accounts    []*coop.Account
	First, Last coop.ID
}

// ReactorsOf lists who liked or boosted a post that the viewer may see, without those
// who are gone, of a blocked server, or between whom and the viewer a block stands.
// A post that it may not see is [coop.ErrNotFound].
func (r reader) ReactorsOf(ctx context.Context, v coop.Viewer, post coop.ID, kind ReactionKind, page coop.Page) (list Reactors, err error) {
	if _, err := r.Post(ctx, v, post); err != nil {
		return list, err
	}
	a := args{int64(post), string(kind)}
	where := r.standsHere(&a, v, "w") + " AND " + boostVisible(&a, v, "x")
	p := a.page("x.id", page)
	lines, err := all(ctx, r, scanLine, `
		SELECT x.id, x.post_id, x.actor_id
		FROM reactions x
		JOIN accounts w ON w.id = x.actor_id
		WHERE x.post_id = $1 AND x.kind = $2 AND `+where+` AND `+p.where+`
		`+p.order, a...)
	if err != nil || len(lines) == 0 {
		return list, err
	}
	lines = newestFirst(p, lines)
	who := make([]coop.ID, len(lines))
	for i, l := range lines {
		who[i] = l.by
	}
	found, err := r.Accounts(ctx, who)
	list.Accounts, list.First, list.Last = inOrder(who, found), lines[0].id, lines[len(lines)-1].id
	return list, err
}
