// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"minga/coop"
)

// admitted keeps those of the candidates that the reader of a feed may see and wants
// to, in no order.
func (r reader) admitted(ctx context.Context, f feed, candidates []line) ([]line, error) {
	var kept []line
	for part := range slices.Chunk(candidates, mostIn) {
		var posts, boosts []coop.ID
		for _, l := range part {
			if l.by == 0 {
				posts = append(posts, l.id)
			} else {
				boosts = append(boosts, l.id)
			}
		}
		a := args{int64(f.me)}
		lines, err := all(ctx, r, scanLine, r.admittedPosts(&a, f, posts)+`
			UNION ALL
			`+r.admittedBoosts(&a, f, boosts), a...)
		if err != nil {
			return nil, fmt.Errorf("lines that are wanted: %w", err)
		}
		kept = append(kept, lines...)
	}
	return kept, nil
}

// admittedPosts are those of the posts that a feed shows as themselves.
func (r reader) admittedPosts(a *args, f feed, ids []coop.ID) string {
	return `
		SELECT p.id, p.id, 0
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		` + f.joinFollow("p.author_id") + `
		WHERE p.id IN ` + in(a, numbers(ids)) + ` AND ` + r.admitsPost(a, f)
}

// joinFollow joins the follow f of an account by who reads.
func (f feed) joinFollow(account string) string {
	return `LEFT JOIN follows f ON f.follower_id = ` + f.my() + ` AND f.target_id = ` + account + ` AND f.state = 'accepted'`
}

// admitsPost is the condition that a feed shows the post p by a as itself. Of whom the
// reader does not follow there are those with a hashtag that it follows.
func (r reader) admitsPost(a *args, f feed) string {
	followed := "f.id IS NOT NULL AND " + inLanguages + " AND " + f.answers(a)
	if f.isHome() {
		followed = "(" + followed + " OR f.id IS NULL AND " + r.listed(a) + ")"
	}
	return `NOT p.draft AND p.visibility <> 'direct' AND ` + r.visibleTo(a, f.my()) + `
			AND (p.author_id = ` + f.my() + ` OR ` + followed + ` AND ` + r.wantedBy(a, f.my(), "a") + f.inclusive("a") + `)`
}

// admittedBoosts are those of the boosts that a feed shows.
func (r reader) admittedBoosts(a *args, f feed, ids []coop.ID) string {
	return `
		SELECT x.id, x.post_id, x.actor_id
		FROM reactions x
		JOIN accounts w ON w.id = x.actor_id
		JOIN posts p ON p.id = x.post_id
		JOIN accounts a ON a.id = p.author_id
		` + f.joinFollow("x.actor_id") + `
		WHERE x.id IN ` + in(a, numbers(ids)) + ` AND ` + r.admitsBoost(a, f)
}

// admitsBoost is the condition that a feed shows the boost x, by w, of the post p by a.
func (r reader) admitsBoost(a *args, f feed) string {
	return `x.kind = 'boost' AND NOT p.draft AND ` + boostable + ` AND ` + r.visibleTo(a, f.my()) + `
			AND ` + r.standsFor(a, f.my(), "w") + `
			AND (x.actor_id = ` + f.my() + ` OR f.id IS NOT NULL AND f.boosts AND ` + inLanguages + ` AND ` + r.wantedBy(a, f.my(), "w") + f.inclusive("w") + `)
			AND (p.author_id = ` + f.my() + ` OR ` + r.wantedBy(a, f.my(), "a") + `)`
}

// inLanguages is the condition that the post p is in a language that the follow f
// wants: in any where it names none or the post says none. es takes in es-AR.
const inLanguages = `(p.language = '' OR f.languages IN ('', '[]') OR EXISTS (
		SELECT 1 FROM jsonb_array_elements_text(NULLIF(f.languages, '')::jsonb) AS l
		WHERE p.language = l.value OR p.language LIKE l.value || '-%'))`

// answers is the condition that the post p answers nobody, its own author, the
// reader, or somebody whose answers the feed takes in. What answers a post that is
// not here answers somebody whom nobody knows.
func (f feed) answers(a *args) string {
	also := `parent.author_id IN (p.author_id, ` + f.my() + `)`
	switch f.replies {
	case coop.RepliesNone:
	case coop.RepliesList:
		also += ` OR parent.author_id IN (SELECT m.account_id FROM list_accounts m WHERE m.list_id = ` + f.listID(a) + `)`
	default:
		also += ` OR EXISTS (
			SELECT 1 FROM follows g
			WHERE g.follower_id = ` + f.my() + ` AND g.target_id = parent.author_id AND g.state = 'accepted')`
	}
	return `(p.in_reply_to = '' OR EXISTS (
			SELECT 1 FROM posts parent
			WHERE parent.id = p.in_reply_to_id AND p.in_reply_to_id <> 0 AND (` + also + `)))`
}

// inclusive is the condition that an account stands in no exclusive list of the
// reader, which takes it out of the home timeline alone.
func (f feed) inclusive(account string) string {
	if !f.isHome() {
		return ""
	}
	return ` AND NOT EXISTS (
			SELECT 1 FROM list_accounts m
			JOIN lists alone ON alone.id = m.list_id
			WHERE m.account_id = ` + account + `.id AND alone.account_id = ` + f.my() + ` AND alone.exclusive)`
}
