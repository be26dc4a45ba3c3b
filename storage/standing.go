// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// PostStanding says what an account has done with each of the posts, by one statement;
// posts with which it did nothing are not in the answer.
func (r reader) PostStanding(ctx context.Context, account coop.ID, posts []coop.ID) (map[coop.ID]coop.Standing, error) {
	out, err := r.standings(ctx, account, posts, func(a *args, part []coop.ID) string {
		ids := in(a, numbers(part))
		return `
			SELECT x.post_id, x.kind
			FROM reactions x
			WHERE x.actor_id = $1 AND x.post_id IN ` + ids + `
			UNION ALL
			SELECT b.post_id, 'bookmark'
			FROM bookmarks b
			WHERE b.account_id = $1 AND b.post_id IN ` + ids + `
			UNION ALL
			SELECT n.post_id, 'pin'
			FROM pins n
			WHERE n.account_id = $1 AND n.post_id IN ` + ids + `
			UNION ALL
			SELECT p.id, 'mute'
			FROM posts p
			JOIN thread_mutes m ON m.thread = p.thread AND m.account_id = $1
			WHERE p.id IN ` + ids
	})
	if err != nil {
		return nil, fmt.Errorf("standings of %s: %w", account, err)
	}
	return out, nil
}

// StandingsOf says what each of the accounts has done with a post; who did nothing is not in
// the answer.
func (r reader) StandingsOf(ctx context.Context, accounts []coop.ID, post coop.ID) (map[coop.ID]coop.Standing, error) {
	out, err := r.standings(ctx, post, accounts, func(a *args, part []coop.ID) string {
		ids := in(a, numbers(part))
		return `
			SELECT x.actor_id, x.kind
			FROM reactions x
			WHERE x.post_id = $1 AND x.actor_id IN ` + ids + `
			UNION ALL
			SELECT b.account_id, 'bookmark'
			FROM bookmarks b
			WHERE b.post_id = $1 AND b.account_id IN ` + ids + `
			UNION ALL
			SELECT n.account_id, 'pin'
			FROM pins n
			WHERE n.post_id = $1 AND n.account_id IN ` + ids + `
			UNION ALL
			SELECT m.account_id, 'mute'
			FROM posts p
			JOIN thread_mutes m ON m.thread = p.thread
			WHERE p.id = $1 AND m.account_id IN ` + ids
	})
	if err != nil {
		return nil, fmt.Errorf("standings with post %s: %w", post, err)
	}
	return out, nil
}

// standings asks in parts what one ($1), an account or a post, has with many of the other;
// ask gives the text about a part.
func (r reader) standings(ctx context.Context, one coop.ID, many []coop.ID, ask func(a *args, part []coop.ID) string) (map[coop.ID]coop.Standing, error) {
	out := make(map[coop.ID]coop.Standing, len(many))
	for part := range slices.Chunk(unique(many), mostIn) {
		a := args{int64(one)}
		text := ask(&a, part)
		rows, err := all(ctx, r, scanDone, text, a...)
		if err != nil {
			return nil, err
		}
		for _, d := range rows {
			out[d.with] = d.added(out[d.with])
		}
	}
	return out, nil
}

// done is one thing that somebody did with a post; with is either.
type done struct {
	with coop.ID
	what string
}

// scanDone reads a [done].
func scanDone(row pgx.CollectableRow) (d done, err error) {
	var id int64
	err = row.Scan(&id, &d.what)
	d.with = coop.ID(id)
	return d, err
}

// added is a standing with one thing more.
func (d done) added(s coop.Standing) coop.Standing {
	switch d.what {
	case string(Like):
		s.Liked = true
	case string(Boost):
		s.Boosted = true
	case "bookmark":
		s.Bookmarked = true
	case "pin":
		s.Pinned = true
	case "mute":
		s.Muted = true
	}
	return s
}

// AccountCounts says what everybody may count of each account, by one statement.
func (r reader) AccountCounts(ctx context.Context, accounts []coop.ID) (map[coop.ID]coop.AccountCounts, error) {
	out := make(map[coop.ID]coop.AccountCounts, len(accounts))
	for part := range slices.Chunk(unique(accounts), mostIn) {
		var a args
		_, err := all(ctx, r, func(row pgx.CollectableRow) (struct{}, error) {
			var id, last int64
			var c coop.AccountCounts
			err := row.Scan(&id, &c.Posts, &c.Followers, &c.Following, &last)
			c.LastPost = atMs(last)
			out[coop.ID(id)] = c
			return struct{}{}, err
		}, `
			SELECT account_id, posts, followers, following, last_post_at
			FROM account_counts
			WHERE account_id IN `+in(&a, numbers(part)), a...)
		if err != nil {
			return nil, fmt.Errorf("counts of accounts: %w", err)
		}
	}
	return out, nil
}

// PostAuthors says who wrote those of the posts that the viewer may see, by one
// statement.
func (r reader) PostAuthors(ctx context.Context, v coop.Viewer, posts []coop.ID) (map[coop.ID]coop.ID, error) {
	out := make(map[coop.ID]coop.ID, len(posts))
	for part := range slices.Chunk(unique(posts), mostIn) {
		var a args
		_, err := all(ctx, r, func(row pgx.CollectableRow) (struct{}, error) {
			var id, author int64
			err := row.Scan(&id, &author)
			out[coop.ID(id)] = coop.ID(author)
			return struct{}{}, err
		}, `
			SELECT p.id, p.author_id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			WHERE p.id IN `+in(&a, numbers(part))+` AND `+r.visible(&a, v), a...)
		if err != nil {
			return nil, fmt.Errorf("authors of posts: %w", err)
		}
	}
	return out, nil
}

// Entry finds a line of a timeline that the viewer may see: a post, or the boost of
// one, by its own id. [coop.ErrNotFound] and [coop.ErrGone] as [reader.Post].
func (r reader) Entry(ctx context.Context, v coop.Viewer, id coop.ID) (coop.Entry, error) {
	post, err := r.Post(ctx, v, id)
	if err == nil {
		return coop.EntryOf(post), nil
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return coop.Entry{}, err
	}
	a := args{int64(id)}
	x, err := first(ctx, r, scanReaction, `
		SELECT `+reactionColumns+`
		FROM reactions x
		WHERE x.id = $1 AND x.kind = 'boost' AND `+boostVisible(&a, v, "x"), a...)
	if err != nil {
		return coop.Entry{}, fmt.Errorf("entry %s: %w", id, err)
	}
	if post, err = r.Post(ctx, v, x.Post); err != nil {
		return coop.Entry{}, err
	}
	by, err := r.Account(ctx, x.Actor)
	if err == nil && by.Gone() {
		err = coop.ErrNotFound
	}
	if err != nil {
		return coop.Entry{}, fmt.Errorf("entry %s: %w", id, err)
	}
	return coop.Entry{ID: x.ID, Post: post, By: by, IRI: x.IRI, At: x.At}, nil
}
