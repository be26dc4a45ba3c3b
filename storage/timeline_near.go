// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// who is whom a feed reads, as a table of accounts, whether their boosts are wanted,
// and the newest of each; $1 is the reader, $2 the list. What has not written or
// boosted anything is not in it.
func (f feed) who() string {
	if f.list != 0 {
		return `who (id, boosts, post_id, boost_id) AS (
			SELECT m.account_id, f.boosts, c.post_id, c.boost_id
			FROM list_accounts m
			JOIN follows f ON f.follower_id = $1 AND f.target_id = m.account_id AND f.state = 'accepted'
			JOIN account_newest c ON c.account_id = m.account_id
			WHERE m.list_id = $2)`
	}
	return `who (id, boosts, post_id, boost_id) AS (
			SELECT f.target_id, f.boosts, c.post_id, c.boost_id
			FROM follows f
			JOIN account_newest c ON c.account_id = f.target_id
			WHERE f.follower_id = $1 AND f.state = 'accepted'
			UNION ALL
			SELECT c.account_id, TRUE, c.post_id, c.boost_id
			FROM account_newest c
			WHERE c.account_id = $1)`
}

// args are the values that [feed.who] needs.
func (f feed) args() args {
	a := args{int64(f.me)}
	if f.list != 0 {
		a = append(a, int64(f.list))
	}
	return a
}

// scanLine reads a [line].
func scanLine(row pgx.CollectableRow) (l line, err error) {
	var id, post, by int64
	err = row.Scan(&id, &post, &by)
	return line{coop.ID(id), coop.ID(post), coop.ID(by)}, err
}

// scanText reads a row of one text.
func scanText(row pgx.CollectableRow) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

// nearby is how many of the newest rows of all are looked through.
const nearby = 500

// near finds the lines of a feed among the newest posts and reactions of all, and the
// id down to which that is all; zero says that there is nothing further.
func (r reader) near(ctx context.Context, f feed, w walk) ([]line, coop.ID, error) {
	a := f.args()
	rows, err := all(ctx, r, scanLine, `
		WITH fresh (id, author_id) AS (
			SELECT p.id, p.author_id
			FROM posts p
			WHERE `+w.bounds(&a, "p.id")+`
			ORDER BY p.id `+w.order()+`
			LIMIT `+a.add(nearby)+`),
		acts (id, kind, actor_id, post_id) AS (
			SELECT x.id, x.kind, x.actor_id, x.post_id
			FROM reactions x
			WHERE `+w.bounds(&a, "x.id")+`
			ORDER BY x.id `+w.order()+`
			LIMIT `+a.add(nearby)+`)
		SELECT n.id, n.id, 0
		FROM fresh n
		WHERE `+f.reads("n.author_id", "TRUE")+`
		UNION
		SELECT n.id, n.post_id, n.actor_id
		FROM acts n
		WHERE n.kind = 'boost' AND `+f.reads("n.actor_id", "f.boosts")+`
		`+f.nearTags()+`
		UNION ALL
		SELECT `+w.farthest("id")+`, COUNT(*), -1 FROM fresh
		UNION ALL
		SELECT `+w.farthest("id")+`, COUNT(*), -1 FROM acts`, a...)
	if err != nil {
		return nil, 0, fmt.Errorf("newest lines: %w", err)
	}
	return w.cutNear(rows)
}

// reads is the condition that an account is one that a feed reads, by a follow f of
// which something more is true. However many are followed, only those are looked for
// who wrote something.
func (f feed) reads(account, also string) string {
	if f.list != 0 {
		return `EXISTS (
			SELECT 1 FROM list_accounts m
			JOIN follows f ON f.follower_id = $1 AND f.target_id = m.account_id AND f.state = 'accepted'
			WHERE m.list_id = $2 AND m.account_id = ` + account + ` AND ` + also + `)`
	}
	return `(` + account + ` = $1 OR EXISTS (
			SELECT 1 FROM follows f
			WHERE f.follower_id = $1 AND f.target_id = ` + account + ` AND f.state = 'accepted' AND ` + also + `))`
}

// nearTags is the part of [reader.near] about hashtags; a list has none.
func (f feed) nearTags() string {
	if f.list != 0 {
		return ""
	}
	return `UNION
		SELECT n.id, n.id, 0
		FROM fresh n
		JOIN post_hashtags h ON h.post_id = n.id
		JOIN followed_tags t ON t.account_id = $1 AND t.tag = h.tag`
}

// farthest is the last of a column on the walk, zero for none.
func (w walk) farthest(column string) string {
	if w.up() {
		return "COALESCE(MAX(" + column + "), 0)"
	}
	return "COALESCE(MIN(" + column + "), 0)"
}

// cutNear takes from the rows of [reader.near] what says how far they reach, and
// cuts off what is beyond.
func (w walk) cutNear(rows []line) ([]line, coop.ID, error) {
	lines, end := make([]line, 0, len(rows)), coop.ID(0)
	for _, l := range rows {
		switch {
		case l.by != -1:
			lines = append(lines, l)
		case l.post == nearby && (end == 0 || w.up() == (l.id < end)):
			end = l.id // the nearer of the two ends
		}
	}
	w.sort(lines)
	for i, l := range lines {
		if end != 0 && l.id != end && w.up() == (l.id > end) {
			lines = lines[:i]
			break
		}
	}
	if len(lines) > w.limit {
		return lines[:w.limit], lines[w.limit-1].id, nil
	}
	return lines, end, nil
}
