// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Trends are counted over the newest of a week, and no further back than this many
// rows: who asks is anybody, and often.
const (
	trendDays   = 7
	mostCounted = 10_000
)

// idsOfDay is how many ids a day has: 16 bits for each millisecond.
const idsOfDay = 24 * 60 * 60 * 1000 << 16

// concernsUs is the condition that somebody of this instance wrote the post p, or
// follows who did.
const concernsUs = `(p.local OR EXISTS (
	SELECT 1 FROM follows f
	JOIN accounts here ON here.id = f.follower_id
	WHERE f.target_id = p.author_id AND f.state = 'accepted' AND here.local))`

// inTrends is the condition that the post p by a may be counted: what anybody may see
// in public, and, of other servers, what is followed here.
func (r reader) inTrends(a *args, v coop.Viewer) string {
	return r.inPublic(a, v, PublicQuery{}) + " AND " + concernsUs
}

// since is the first id of the days that trends are counted over, today among them.
func (r reader) since() coop.ID {
	today := r.e.now().UTC().Truncate(24 * time.Hour)
	return coop.NewID(today.AddDate(0, 0, 1-trendDays), 0)
}

// TrendingTags lists the hashtags that most accounts used in a week; offset are left
// out at the top.
func (r reader) TrendingTags(ctx context.Context, v coop.Viewer, limit, offset int) ([]coop.Trend, error) {
	var a args
	list, err := all(ctx, r, func(row pgx.CollectableRow) (t coop.Trend, err error) {
		err = row.Scan(&t.Tag, &t.Uses, &t.Accounts)
		return t, err
	}, r.mostUsed(&a, v, "post_hashtags", "x.tag", 1)+" LIMIT "+a.add(limit)+" OFFSET "+a.add(offset), a...)
	if err != nil {
		return nil, fmt.Errorf("trends: %w", err)
	}
	return list, nil
}

// mostUsed asks what of a table x that names posts was used by most accounts in a week, at
// least so many: the column, how often it was used, and by how many.
func (r reader) mostUsed(a *args, v coop.Viewer, table, column string, accounts int) string {
	return `
		SELECT u.used, COUNT(*), COUNT(DISTINCT u.author_id)
		FROM (
			SELECT ` + column + ` AS used, p.author_id
			FROM ` + table + ` x
			JOIN posts p ON p.id = x.post_id
			JOIN accounts a ON a.id = p.author_id
			WHERE x.post_id >= ` + a.add(int64(r.since())) + ` AND ` + r.inTrends(a, v) + `
			ORDER BY x.post_id DESC
			LIMIT ` + a.add(mostCounted) + `) u
		GROUP BY u.used
		HAVING COUNT(DISTINCT u.author_id) >= ` + a.add(accounts) + `
		ORDER BY 3 DESC, 2 DESC, 1`
}

// TrendingPosts lists the posts that were boosted most in a week; offset are left out
// at the top. What is sensitive is not among them.
func (r reader) TrendingPosts(ctx context.Context, v coop.Viewer, limit, offset int) ([]*coop.Post, error) {
	a := args{int64(r.since())}
	ids, err := all(ctx, r, scanID, `
		SELECT p.id
		FROM (
			SELECT x.post_id, x.actor_id
			FROM reactions x
			WHERE x.id >= $1 AND x.kind = 'boost' AND x.audience <> 'followers'
			ORDER BY x.id DESC
			LIMIT `+a.add(mostCounted)+`) u
		JOIN posts p ON p.id = u.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE NOT p.sensitive AND `+r.inTrends(&a, v)+`
		GROUP BY p.id
		ORDER BY COUNT(*) DESC, p.id DESC
		LIMIT `+a.add(limit)+` OFFSET `+a.add(offset), a...)
	if err != nil {
		return nil, fmt.Errorf("trends: %w", err)
	}
	return r.PostsByID(ctx, v, ids)
}

// tagDay is a [coop.TagUse] of one hashtag.
type tagDay struct {
	tag string
	use coop.TagUse
}

// scanTagDay reads a [tagDay].
func scanTagDay(row pgx.CollectableRow) (d tagDay, err error) {
	var day int64
	err = row.Scan(&d.tag, &day, &d.use.Uses, &d.use.Accounts)
	d.use.Day = time.Unix(day*24*60*60, 0).UTC()
	return d, err
}

// TagHistory says how much each of the hashtags was used in public on each of the last
// seven days, today first; a hashtag of which nothing is known has seven days too.
func (r reader) TagHistory(ctx context.Context, tags []string) (map[string][]coop.TagUse, error) {
	tags = foldTags(tags)
	if len(tags) > mostIn {
		tags = tags[:mostIn]
	}
	a := args{int64(r.since())}
	days, err := all(ctx, r, scanTagDay, `
		SELECT u.tag, u.id / `+a.add(idsOfDay)+`, COUNT(*), COUNT(DISTINCT u.author_id)
		FROM (
			SELECT h.tag, p.id, p.author_id
			FROM post_hashtags h
			JOIN posts p ON p.id = h.post_id
			JOIN accounts a ON a.id = p.author_id
			WHERE h.tag IN `+in(&a, tags)+` AND h.post_id >= $1 AND `+r.inPublic(&a, coop.Anonymous(), PublicQuery{})+`
			ORDER BY h.post_id DESC
			LIMIT `+a.add(mostCounted)+`) u
		GROUP BY 1, 2`, a...)
	if err != nil {
		return nil, fmt.Errorf("use of hashtags: %w", err)
	}
	history := make(map[string][]coop.TagUse, len(tags))
	for _, tag := range tags {
		history[tag] = r.emptyWeek()
	}
	for _, d := range days {
		for i, use := range history[d.tag] {
			if use.Day.Equal(d.use.Day) {
				history[d.tag][i] = d.use
			}
		}
	}
	return history, nil
}

// emptyWeek are the last seven days, today first.
func (r reader) emptyWeek() []coop.TagUse {
	week := make([]coop.TagUse, trendDays)
	for i := range week {
		week[i].Day = r.e.now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -i)
	}
	return week
}

// FoldTag is a hashtag as it is kept and compared: without #, accents and capitals.
// Empty says that it can be none.
func FoldTag(tag string) string { return foldTag(tag) }
