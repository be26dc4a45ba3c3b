// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// putLinks writes which pages a public post links to.
func (tx *Tx) putLinks(ctx context.Context, p *coop.Post) error {
	if p.Visibility != coop.VisiblePublic {
		return nil
	}
	for _, link := range coop.WebLinks(p.Content) {
		if err := tx.insertSoon(ctx, "post_links", []column{{"post_id", int64(p.ID)}, {"url", link}}, "ON CONFLICT DO NOTHING"); err != nil {
			return fmt.Errorf("links: %w", err)
		}
	}
	return nil
}

// LinkTimeline lists public posts that link to a page, newest first, as
// [reader.PublicTimeline]; what answers somebody is among them.
func (r reader) LinkTimeline(ctx context.Context, v coop.Viewer, address string, page coop.Page) ([]*coop.Post, error) {
	link := coop.PlainLink(address)
	if link == "" {
		return nil, nil
	}
	a := args{link}
	where := r.inPublic(&a, v, PublicQuery{})
	p := a.page("l.post_id", page)
	posts, err := r.postsOf(ctx, v, p, `
		SELECT l.post_id
		FROM post_links l
		JOIN posts p ON p.id = l.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE l.url = $1 AND `+where+` AND `+p.where+`
		`+p.order, a)
	if err != nil {
		return nil, fmt.Errorf("posts that link to %s: %w", link, err)
	}
	return posts, nil
}

// TrendingLinks lists the pages that most accounts linked to in a week; offset are left
// out at the top. What only one account linked to is not among them.
func (r reader) TrendingLinks(ctx context.Context, v coop.Viewer, limit, offset int) ([]coop.LinkUse, error) {
	var a args
	list, err := all(ctx, r, func(row pgx.CollectableRow) (l coop.LinkUse, err error) {
		err = row.Scan(&l.URL, &l.Uses, &l.Accounts)
		return l, err
	}, r.mostUsed(&a, v, "post_links", "x.url", 2)+" LIMIT "+a.add(limit)+" OFFSET "+a.add(offset), a...)
	if err != nil {
		return nil, fmt.Errorf("trends: %w", err)
	}
	return list, r.linkHistory(ctx, list)
}

// linkHistory adds how much pages were linked to on each of the last seven days.
func (r reader) linkHistory(ctx context.Context, list []coop.LinkUse) error {
	urls := make([]string, len(list))
	for i := range list {
		urls[i], list[i].History = list[i].URL, r.emptyWeek()
	}
	if len(urls) == 0 {
		return nil
	}
	a := args{int64(r.since())}
	days, err := all(ctx, r, scanTagDay, `
		SELECT u.url, u.id / `+a.add(idsOfDay)+`, COUNT(*), COUNT(DISTINCT u.author_id)
		FROM (
			SELECT l.url, p.id, p.author_id
			FROM post_links l
			JOIN posts p ON p.id = l.post_id
			JOIN accounts a ON a.id = p.author_id
			WHERE l.url IN `+in(&a, urls)+` AND l.post_id >= $1 AND `+r.inPublic(&a, coop.Anonymous(), PublicQuery{})+`
			ORDER BY l.post_id DESC
			LIMIT `+a.add(mostCounted)+`) u
		GROUP BY 1, 2`, a...)
	if err != nil {
		return fmt.Errorf("use of links: %w", err)
	}
	for _, d := range days {
		i := slices.Index(urls, d.tag)
		for j, use := range list[i].History {
			if use.Day.Equal(d.use.Day) {
				list[i].History[j] = d.use
			}
		}
	}
	return nil
}
