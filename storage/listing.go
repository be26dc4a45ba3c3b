// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ListQuery names one of minga's own collections.
type ListQuery struct {
	// Owner is the co-op, person, federation or board whose collection it is. Of a
	// federation or board: its own posts and what it brought or boosted, and of a
	// federation what its verified members of this instance published.
	Owner coop.ID
	Kind  coop.PostKind // coop.KindJob: jobs; coop.KindArticle: knowledge; coop.KindRequest: requests
	Since time.Time     // changed at or after; zero: all
}

// Listing lists a collection as the viewer may see it: newest-updated first, only
// public posts, no draft, no job that is not open or paused or whose time is over,
// each job once, no article that is not published, no request that has ended. Cursor is what next said before,
// empty for the first page; an unreadable one is the first page. Limit is cut to 40.
// Next is empty at the end; total counts the whole collection.
func (r reader) Listing(ctx context.Context, v coop.Viewer, q ListQuery, cursor string, limit int) (posts []*coop.Post, next string, total int, err error) {
	owner, err := r.Account(ctx, q.Owner)
	if err != nil {
		return nil, "", 0, err
	}
	if limit <= 0 || limit > 40 {
		limit = 40
	}
	if total, err = r.countListing(ctx, v, q, owner); err != nil {
		return nil, "", 0, err
	}
	places, err := r.places(ctx, v, q, owner, cursor, limit+1)
	if err != nil {
		return nil, "", 0, err
	}
	if len(places) > limit {
		places = places[:limit]
		next = places[limit-1].String()
	}
	ids := make([]coop.ID, len(places))
	for i, p := range places {
		ids[i] = p.id
	}
	posts, err = r.PostsByID(ctx, v, ids)
	return posts, next, total, err
}

// ListingBefore is the cursor of the page that ends where the page of this cursor
// begins; empty: that is the first page, or the cursor cannot be read.
func (r reader) ListingBefore(ctx context.Context, v coop.Viewer, q ListQuery, after string, limit int) (string, error) {
	c := readCursor(after)
	if c.id == 0 {
		return "", nil
	}
	owner, err := r.Account(ctx, q.Owner)
	if err != nil {
		return "", err
	}
	var a args
	where := r.inListing(&a, v, q, owner)
	list, err := all(ctx, r, scanPlace, `
		SELECT p.id, p.changed_at
		FROM `+postTables+`
		WHERE `+where+` AND (p.changed_at, p.id) >= (`+a.add(c.first)+`, `+a.add(int64(c.id))+`)
		ORDER BY p.changed_at, p.id
		LIMIT `+a.add(limit+1), a...)
	if err != nil {
		return "", fmt.Errorf("collection of %s: %w", owner.IRI, err)
	}
	if len(list) <= limit {
		return "", nil
	}
	return list[limit].String(), nil
}

// scanPlace reads where a post stands in a collection.
func scanPlace(row pgx.CollectableRow) (c cursor, err error) {
	var id int64
	err = row.Scan(&id, &c.first)
	c.id = coop.ID(id)
	return c, err
}

// countListing counts a collection.
func (r reader) countListing(ctx context.Context, v coop.Viewer, q ListQuery, owner *coop.Account) (int, error) {
	var a args
	n, err := r.number(ctx, "SELECT COUNT(*) FROM "+postTables+" WHERE "+r.inListing(&a, v, q, owner), a...)
	if err != nil {
		return 0, fmt.Errorf("collection of %s: %w", owner.IRI, err)
	}
	return int(n), nil
}

// places finds which posts stand on a page.
func (r reader) places(ctx context.Context, v coop.Viewer, q ListQuery, owner *coop.Account, after string, limit int) ([]cursor, error) {
	var a args
	where := r.inListing(&a, v, q, owner)
	if c := readCursor(after); c.id != 0 {
		where += " AND (p.changed_at, p.id) < (" + a.add(c.first) + ", " + a.add(int64(c.id)) + ")"
	}
	list, err := all(ctx, r, scanPlace, `
		SELECT p.id, p.changed_at
		FROM `+postTables+`
		WHERE `+where+`
		ORDER BY p.changed_at DESC, p.id DESC
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("collection of %s: %w", owner.IRI, err)
	}
	return list, nil
}

// inListing is the condition that a post stands in a collection.
func (r reader) inListing(a *args, v coop.Viewer, q ListQuery, owner *coop.Account) string {
	where := r.visible(a, v) + " AND " + r.listed(a) + " AND p.kind = " + a.add(string(q.Kind)) + " AND " + ofOwner(a, owner)
	switch q.Kind {
	case coop.KindJob:
		where += " AND j.duplicate_of = 0 AND j.status IN ('open', 'paused') AND j.valid_through > " + a.add(msOf(r.e.now()))
	case coop.KindArticle:
		where += " AND t.status = 'published'"
	case coop.KindRequest:
		where += " AND q.status NOT IN ('done', 'lost', 'withdrawn', 'expired') AND (q.status NOT IN ('open', 'forming') OR q.respond_by > " + a.add(msOf(r.e.now())) + ")"
	}
	if !q.Since.IsZero() {
		where += " AND p.changed_at >= " + a.add(msOf(q.Since))
	}
	return where
}

// ofOwner is the condition that a post is of the owner of a collection.
func ofOwner(a *args, owner *coop.Account) string {
	id := a.add(int64(owner.ID))
	of := "p.author_id = " + id
	if owner.Kind != coop.Federation && owner.Kind != coop.Board {
		return of
	}
	of += " OR " + broughtBy(id)
	if owner.Kind == coop.Federation {
		of += ` OR p.local AND EXISTS (
			SELECT 1 FROM memberships m
			WHERE m.member_id = p.author_id AND m.organization_id = ` + id + `
				AND m.state = 'member' AND m.member_says AND m.organization_says)`
	}
	return "(" + of + ")"
}
