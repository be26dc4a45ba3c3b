// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

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
