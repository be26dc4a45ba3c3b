// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
)

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

// homesWithBoosts tells which of the accounts have at home one of the boosts x that which
// names.
func (r reader) homesWithBoosts(ctx context.Context, accounts []coop.ID, which func(a *args) string) ([]coop.ID, error) {
	f := feed{reader: "me.id"}
	return r.among(ctx, accounts, func(a *args, part []coop.ID) string {
		return `
			SELECT DISTINCT me.id
			FROM reactions x
			JOIN accounts w ON w.id = x.actor_id
			JOIN posts p ON p.id = x.post_id
			JOIN accounts a ON a.id = p.author_id
			JOIN accounts me ON me.id IN ` + in(a, numbers(part)) + `
			` + f.joinFollow("x.actor_id") + `
			WHERE ` + which(a) + ` AND ` + boostVisibleTo("me.id", "x") + ` AND ` + r.admitsBoost(a, f)
	})
}

// homesWithBoost is [reader.HomesWith] of a boost.
func (r reader) homesWithBoost(ctx context.Context, accounts []coop.ID, boost coop.ID) ([]coop.ID, error) {
	found, err := r.homesWithBoosts(ctx, accounts, func(a *args) string { return "x.id = " + a.add(int64(boost)) })
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
	more, err := r.homesWithBoosts(ctx, outside(unique(accounts), found), func(a *args) string {
		return "x.post_id = " + a.add(int64(post)) + " AND (f.id IS NOT NULL OR x.actor_id = me.id)"
	})
	if err != nil {
		return nil, fmt.Errorf("homes with a boost of %s: %w", post, err)
	}
	return append(found, more...), nil
}
