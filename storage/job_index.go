// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// IndexJobs looks up anew what the places and skills of jobs are, after the gazetteer or
// the list of skills has changed: of up to limit jobs whose id is higher than after. It
// says which was the last, zero at the end, and of how many something is found otherwise
// now.
func (tx *Tx) IndexJobs(ctx context.Context, after coop.ID, limit int) (last coop.ID, changed int, err error) {
	ids, err := all(ctx, tx.reader, scanID, `
		SELECT post_id
		FROM jobs
		WHERE post_id > $1
		ORDER BY post_id
		LIMIT $2`, int64(after), limit)
	if err != nil || len(ids) == 0 {
		return 0, 0, err
	}
	if err := tx.holdPosts(ctx, ids); err != nil {
		return 0, 0, err
	}
	posts, err := tx.PostsByID(ctx, coop.System(), ids)
	if err != nil {
		return 0, 0, err
	}
	before, err := tx.facetsKept(ctx, ids)
	if err != nil {
		return 0, 0, err
	}
	for _, p := range posts {
		different, err := tx.indexJob(ctx, p, before[p.ID])
		if err != nil {
			return 0, 0, fmt.Errorf("index job %s: %w", p.ID, err)
		}
		if different {
			changed++
		}
	}
	return ids[len(ids)-1], changed, nil
}

// facetsKept are the facets of jobs as they lie in the database.
func (r reader) facetsKept(ctx context.Context, jobs []coop.ID) (map[coop.ID]map[facet]bool, error) {
	kept := map[coop.ID]map[facet]bool{}
	var a args
	_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
		var id int64
		var f facet
		if err = row.Scan(&id, &f.name, &f.value); err != nil {
			return none, err
		}
		if kept[coop.ID(id)] == nil {
			kept[coop.ID(id)] = map[facet]bool{}
		}
		kept[coop.ID(id)][f] = true
		return none, nil
	}, `SELECT post_id, facet, value FROM job_facets WHERE post_id IN `+in(&a, numbers(jobs)), a...)
	if err != nil {
		return nil, fmt.Errorf("facets of jobs: %w", err)
	}
	return kept, nil
}

// indexJob writes facets and points of a job where they are not as they were.
func (tx *Tx) indexJob(ctx context.Context, p *coop.Post, before map[facet]bool) (bool, error) {
	facets, err := tx.allFacets(ctx, p)
	if err != nil {
		return false, err
	}
	now := map[facet]bool{}
	for _, f := range facets {
		now[f] = true
	}
	different := !maps.Equal(before, now)
	if different {
		if _, err := tx.exec(ctx, `DELETE FROM job_facets WHERE post_id = $1`, int64(p.ID)); err != nil {
			return false, err
		}
		if err := tx.putFacets(ctx, p); err != nil {
			return false, err
		}
	}
	where, err := tx.JobPoints(ctx, []coop.ID{p.ID})
	if err != nil {
		return false, err
	}
	if _, err := tx.exec(ctx, `DELETE FROM job_points WHERE post_id = $1`, int64(p.ID)); err != nil {
		return false, err
	}
	if err := tx.putPoints(ctx, p); err != nil {
		return false, err
	}
	there, err := tx.JobPoints(ctx, []coop.ID{p.ID})
	if err != nil || !different && slices.Equal(where[p.ID], there[p.ID]) {
		return false, err
	}
	// The board in memory reads a job again when its row changes.
	_, err = tx.exec(ctx, `UPDATE jobs SET author_id = author_id WHERE post_id = $1`, int64(p.ID))
	return true, err
}
