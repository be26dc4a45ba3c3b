// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Answer is a job that answers a question.
type Answer struct {
	IRI   coop.IRI
	Shown bool // not another copy of it
}

// JobsThatAnswer tells which of some jobs answer a question now, for everybody. One
// behind whose other copy it is hidden answers where that one does.
func (r reader) JobsThatAnswer(ctx context.Context, asked coop.JobQuery, domain string, jobs []coop.ID) (map[coop.ID]Answer, error) {
	found := map[coop.ID]Answer{}
	if asked.Nothing || len(jobs) == 0 {
		return found, nil
	}
	asked, err := r.lookUpAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	var a args
	where := r.matchingJobs(&a, coop.Anonymous(), asked, domain)
	ids := in(&a, numbers(jobs))
	list, err := all(ctx, r, func(row pgx.CollectableRow) (h SearchHit, err error) {
		var post int64
		var iri string
		err = row.Scan(&post, &iri, &h.Quiet)
		h.Post, h.PostIRI = coop.ID(post), coop.IRI(iri)
		return h, err
	}, `
		SELECT c.post_id, o.iri, c.duplicate_of <> 0
		FROM jobs c
		JOIN posts o ON o.id = c.post_id
		JOIN jobs j ON j.post_id = CASE WHEN c.duplicate_of = 0 THEN c.post_id ELSE c.duplicate_of END
		JOIN posts p ON p.id = j.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE c.post_id IN `+ids+` AND c.status = 'open' AND `+where, a...)
	if err != nil {
		return nil, fmt.Errorf("jobs that answer: %w", err)
	}
	for _, h := range list {
		found[h.Post] = Answer{h.PostIRI, !h.Quiet}
	}
	return found, nil
}

// lookUpAll finds what the words of a question mean here and now.
func (r reader) lookUpAll(ctx context.Context, q coop.JobQuery) (coop.JobQuery, error) {
	q, err := r.lookUp(ctx, q)
	if err == nil {
		q, err = r.lookUpWindows(ctx, q)
	}
	return q, err
}

// NewAnswers lists jobs that answer a question now and that it has not found, oldest
// first.
func (r reader) NewAnswers(ctx context.Context, q coop.SearchQuery, domain string, limit int) ([]coop.ID, error) {
	asked := q.Asked()
	if asked.Nothing {
		return nil, nil
	}
	asked, err := r.lookUpAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	var a args
	where := r.matchingJobs(&a, coop.Anonymous(), asked, domain)
	return all(ctx, r, scanID, `
		SELECT p.id
		FROM jobs j
		JOIN posts p ON p.id = j.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE `+where+` AND NOT EXISTS (
				SELECT 1 FROM search_hits h WHERE h.post_id = p.id AND h.query_id = `+a.add(int64(q.ID))+`)
		ORDER BY p.id
		LIMIT `+a.add(limit), a...)
}
