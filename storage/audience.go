// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

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

// boostedBefore is how young a post must be to stand by itself on the page of a home on
// which its boost would stand.
const boostedBefore = 24 * time.Hour

// HomesWith tells which of the accounts have a line at home ([reader.Home]): a post, or the
// boost of one, which is not shown beside the post itself.
func (r reader) HomesWith(ctx context.Context, accounts []coop.ID, line, post coop.ID) ([]coop.ID, error) {
	if line == post {
		return r.homesWithPost(ctx, accounts, post)
	}
	found, err := r.homesWithBoost(ctx, accounts, line)
	if err != nil || len(found) == 0 || r.e.now().Sub(post.Time()) > boostedBefore {
		return found, err
	}
	own, err := r.homesWithPost(ctx, found, post)
	return outside(found, own), err
}

// homesWithPost is [reader.HomesWith] of a post itself.
func (r reader) homesWithPost(ctx context.Context, accounts []coop.ID, post coop.ID) ([]coop.ID, error) {
	f := feed{reader: "me.id"}
	found, err := r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT me.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			` + f.joinFollow("p.author_id") + `
			WHERE p.id = ` + a.add(int64(post)) + ` AND (p.author_id = me.id OR f.id IS NOT NULL OR ` + followsTag + `) AND ` + r.admitsPost(a, f)
	})
	if err != nil {
		return nil, fmt.Errorf("homes with post %s: %w", post, err)
	}
	return found, nil
}

// followsTag is the condition that the account me follows a hashtag of the post p.
const followsTag = `EXISTS (
				SELECT 1 FROM post_hashtags h
				JOIN followed_tags t ON t.tag = h.tag
				WHERE h.post_id = p.id AND t.account_id = me.id)`

// homesWithBoost is [reader.HomesWith] of a boost.
func (r reader) homesWithBoost(ctx context.Context, accounts []coop.ID, boost coop.ID) ([]coop.ID, error) {
	f := feed{reader: "me.id"}
	found, err := r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT me.id
			FROM reactions x
			JOIN accounts w ON w.id = x.actor_id
			JOIN posts p ON p.id = x.post_id
			JOIN accounts a ON a.id = p.author_id
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			` + f.joinFollow("x.actor_id") + `
			WHERE x.id = ` + a.add(int64(boost)) + ` AND ` + boostVisibleTo("me.id", "x") + ` AND ` + r.admitsBoost(a, f)
	})
	if err != nil {
		return nil, fmt.Errorf("homes with boost %s: %w", boost, err)
	}
	return found, nil
}

// HomesWithAny tells which of the accounts have a post at home by itself or by a boost of
// somebody whom they follow: who must hear of an edit.
func (r reader) HomesWithAny(ctx context.Context, accounts []coop.ID, post coop.ID) ([]coop.ID, error) {
	found, err := r.homesWithPost(ctx, accounts, post)
	if err != nil {
		return nil, err
	}
	f := feed{reader: "me.id"}
	rest := outside(unique(accounts), found)
	more, err := r.among(ctx, rest, func(a *args, part []coop.ID) string {
		return `
			SELECT DISTINCT me.id
			FROM reactions x
			JOIN accounts w ON w.id = x.actor_id
			JOIN posts p ON p.id = x.post_id
			JOIN accounts a ON a.id = p.author_id
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			` + f.joinFollow("x.actor_id") + `
			WHERE x.post_id = ` + a.add(int64(post)) + ` AND (f.id IS NOT NULL OR x.actor_id = me.id)
				AND ` + boostVisibleTo("me.id", "x") + ` AND ` + r.admitsBoost(a, f)
	})
	if err != nil {
		return nil, fmt.Errorf("homes with a boost of %s: %w", post, err)
	}
	return append(found, more...), nil
}

// PublicFor tells for which of the accounts a post stands in the public timelines, as far
// as that is a matter of who reads ([reader.PublicTimeline]).
func (r reader) PublicFor(ctx context.Context, accounts []coop.ID, post coop.ID) ([]coop.ID, error) {
	found, err := r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT me.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			WHERE p.id = ` + a.add(int64(post)) + ` AND ` + r.visibleTo(a, "me.id") + ` AND NOT p.draft AND ` + r.listed(a) + ` AND ` + r.wantedBy(a, "me.id", "a")
	})
	if err != nil {
		return nil, fmt.Errorf("public timelines with post %s: %w", post, err)
	}
	return found, nil
}

// SeenBy tells which of the accounts may see a post.
func (r reader) SeenBy(ctx context.Context, accounts []coop.ID, post coop.ID) ([]coop.ID, error) {
	found, err := r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT me.id
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			WHERE p.id = ` + a.add(int64(post)) + ` AND ` + r.visibleTo(a, "me.id")
	})
	if err != nil {
		return nil, fmt.Errorf("who sees post %s: %w", post, err)
	}
	return found, nil
}

// ListsShowing tells in which of the lists a line stands ([reader.ListTimeline]).
func (r reader) ListsShowing(ctx context.Context, lists []coop.ID, line, post coop.ID) ([]coop.ID, error) {
	own := func(a *args, f feed, part []coop.ID) string { return r.listsWithPost(a, f, part, post) }
	if line == post {
		return r.listsWith(ctx, lists, own)
	}
	found, err := r.listsWith(ctx, lists, func(a *args, f feed, part []coop.ID) string {
		return r.listsWithBoost(a, f, part) + " AND x.id = " + a.add(int64(line))
	})
	if err != nil || len(found) == 0 || r.e.now().Sub(post.Time()) > boostedBefore {
		return found, err
	}
	also, err := r.listsWith(ctx, found, own)
	return outside(found, also), err
}

// outside are those of a list that do not stand in another.
func outside(list, other []coop.ID) []coop.ID {
	return slices.DeleteFunc(list, func(id coop.ID) bool { return slices.Contains(other, id) })
}

// ListsShowingAny tells in which of the lists a post stands by itself or by a boost.
func (r reader) ListsShowingAny(ctx context.Context, lists []coop.ID, post coop.ID) ([]coop.ID, error) {
	found, err := r.ListsShowing(ctx, lists, post, post)
	if err != nil {
		return nil, err
	}
	more, err := r.listsWith(ctx, lists, func(a *args, f feed, part []coop.ID) string {
		return r.listsWithBoost(a, f, part) + " AND x.post_id = " + a.add(int64(post))
	})
	return unique(append(found, more...)), err
}

// listsWith asks a question about lists for each way to treat answers.
func (r reader) listsWith(ctx context.Context, lists []coop.ID, ask func(a *args, f feed, part []coop.ID) string) ([]coop.ID, error) {
	var found []coop.ID
	for _, replies := range []coop.ListReplies{coop.RepliesFollowed, coop.RepliesList, coop.RepliesNone} {
		f := feed{reader: "l.account_id", lists: "l.id", replies: replies}
		some, err := r.among(ctx, lists, func(a *args, part []coop.ID) string { return ask(a, f, part) })
		if err != nil {
			return nil, fmt.Errorf("lists with a line: %w", err)
		}
		found = append(found, some...)
	}
	return found, nil
}

// listsWithPost asks for those of the lists with one way to treat answers that show a post.
func (r reader) listsWithPost(a *args, f feed, part []coop.ID, post coop.ID) string {
	return `
		SELECT l.id
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		JOIN list_accounts e ON e.account_id = p.author_id
		JOIN lists l ON l.id = e.list_id
		` + f.joinFollow("p.author_id") + `
		WHERE p.id = ` + a.add(int64(post)) + ` AND l.id IN ` + in(a, numbers(part)) + ` AND l.replies = ` + a.add(string(f.replies)) + ` AND f.id IS NOT NULL AND ` + r.admitsPost(a, f)
}

// listsWithBoost is [reader.listsWithPost] for any boost x.
func (r reader) listsWithBoost(a *args, f feed, part []coop.ID) string {
	return `
		SELECT l.id
		FROM reactions x
		JOIN accounts w ON w.id = x.actor_id
		JOIN posts p ON p.id = x.post_id
		JOIN accounts a ON a.id = p.author_id
		JOIN list_accounts e ON e.account_id = x.actor_id
		JOIN lists l ON l.id = e.list_id
		` + f.joinFollow("x.actor_id") + `
		WHERE l.id IN ` + in(a, numbers(part)) + ` AND l.replies = ` + a.add(string(f.replies)) + ` AND f.id IS NOT NULL
			AND ` + boostVisibleTo("l.account_id", "x") + ` AND ` + r.admitsBoost(a, f)
}

// StandingsOf says what each of the accounts has done with a post; who did nothing is not in
// the answer.
func (r reader) StandingsOf(ctx context.Context, accounts []coop.ID, post coop.ID) (map[coop.ID]coop.Standing, error) {
	out := map[coop.ID]coop.Standing{}
	for part := range slices.Chunk(unique(accounts), mostIn) {
		a := args{int64(post)}
		ids := in(&a, numbers(part))
		rows, err := all(ctx, r, scanDone, `
			SELECT x.actor_id, x.kind
			FROM reactions x
			WHERE x.post_id = $1 AND x.actor_id IN `+ids+`
			UNION ALL
			SELECT b.account_id, 'bookmark'
			FROM bookmarks b
			WHERE b.post_id = $1 AND b.account_id IN `+ids+`
			UNION ALL
			SELECT n.account_id, 'pin'
			FROM pins n
			WHERE n.post_id = $1 AND n.account_id IN `+ids+`
			UNION ALL
			SELECT m.account_id, 'mute'
			FROM posts p
			JOIN thread_mutes m ON m.thread = p.thread
			WHERE p.id = $1 AND m.account_id IN `+ids, a...)
		if err != nil {
			return nil, fmt.Errorf("standings with post %s: %w", post, err)
		}
		for _, d := range rows {
			out[d.post] = d.added(out[d.post])
		}
	}
	return out, nil
}

// VotesOf are the options that each of the accounts chose in the poll of a post, in their
// order; who did not vote is left out.
func (r reader) VotesOf(ctx context.Context, accounts []coop.ID, post coop.ID) (map[coop.ID][]int, error) {
	votes := map[coop.ID][]int{}
	for part := range slices.Chunk(unique(accounts), mostIn) {
		a := args{int64(post)}
		_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
			var account int64
			var number int
			err = row.Scan(&account, &number)
			votes[coop.ID(account)] = append(votes[coop.ID(account)], number)
			return none, err
		}, `
			SELECT v.account_id, v.number
			FROM poll_votes v
			WHERE v.post_id = $1 AND v.account_id IN `+in(&a, numbers(part))+`
			ORDER BY v.account_id, v.number`, a...)
		if err != nil {
			return nil, fmt.Errorf("votes in post %s: %w", post, err)
		}
	}
	return votes, nil
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
