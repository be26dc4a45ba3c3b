// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// MapPart is a part of the list that search engines read (sitemaps.org).
type MapPart struct {
	Number  int // from 1
	Changed time.Time
}

// MapRow is an object of this instance that search engines may list.
type MapRow struct {
	IRI     coop.IRI
	Changed time.Time
}

// mappable is the condition that search engines may list a post of a kind: public, ours,
// current, and of an author who wants to be found (FEP-5feb).
func (r reader) mappable(a *args, kind coop.PostKind) string {
	where := r.visible(a, coop.Anonymous()) + " AND " + r.listed(a) + " AND p.local AND a.indexable AND p.kind = " + a.add(string(kind))
	if kind == coop.KindJob {
		return where + " AND j.status = 'open' AND j.valid_through > " + a.add(msOf(r.e.now()))
	}
	return where + " AND t.status = 'published'"
}

// mapChanged is when a post changed last.
const mapChanged = "CASE WHEN p.updated_at > p.published_at THEN p.updated_at ELSE p.published_at END"

// MapParts are the parts of at most per objects of a kind, job or article, the newest
// first, with the last change in each.
func (r reader) MapParts(ctx context.Context, kind coop.PostKind, per int) ([]MapPart, error) {
	var a args
	where, size := r.mappable(&a, kind), a.add(per)
	parts, err := all(ctx, r, func(row pgx.CollectableRow) (p MapPart, err error) {
		var changed int64
		err = row.Scan(&p.Number, &changed)
		p.Changed = atMs(changed)
		return p, err
	}, `
		SELECT x.part + 1, MAX(x.changed)
		FROM (
			SELECT (ROW_NUMBER() OVER (ORDER BY p.id DESC) - 1) / `+size+` AS part, `+mapChanged+` AS changed
			FROM `+postTables+`
			WHERE `+where+`
		) x
		GROUP BY x.part
		ORDER BY x.part`, a...)
	if err != nil {
		return nil, fmt.Errorf("parts of the site map: %w", err)
	}
	return parts, nil
}

// MapRows are the objects of one part.
func (r reader) MapRows(ctx context.Context, kind coop.PostKind, number, per int) ([]MapRow, error) {
	var a args
	where := r.mappable(&a, kind)
	rows, err := all(ctx, r, func(row pgx.CollectableRow) (m MapRow, err error) {
		var changed int64
		var iri string
		err = row.Scan(&iri, &changed)
		m.IRI, m.Changed = coop.IRI(iri), atMs(changed)
		return m, err
	}, `
		SELECT p.iri, `+mapChanged+`
		FROM `+postTables+`
		WHERE `+where+`
		ORDER BY p.id DESC
		LIMIT `+a.add(per)+` OFFSET `+a.add((number-1)*per), a...)
	if err != nil {
		return nil, fmt.Errorf("part %d of the site map: %w", number, err)
	}
	return rows, nil
}
