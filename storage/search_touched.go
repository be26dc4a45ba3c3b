// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// TouchedJob is a job that came, changed or went since questions were compared with it.
type TouchedJob struct {
	Post  coop.ID
	Quiet bool // it came by a backfill or an import
	turn  int64
}

// TouchedJobs lists jobs that are to be compared with all questions.
func (r reader) TouchedJobs(ctx context.Context, limit int) ([]TouchedJob, error) {
	list, err := all(ctx, r, func(row pgx.CollectableRow) (t TouchedJob, err error) {
		var post int64
		err = row.Scan(&post, &t.Quiet, &t.turn)
		t.Post = coop.ID(post)
		return t, err
	}, `
		SELECT post_id, quiet, turn
		FROM search_touched
		ORDER BY post_id
		LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("jobs that changed: %w", err)
	}
	return list, nil
}

// FinishTouched forgets that jobs were touched, but for those that were touched again.
func (tx *Tx) FinishTouched(ctx context.Context, list []TouchedJob) error {
	for _, t := range list {
		if _, err := tx.exec(ctx, `DELETE FROM search_touched WHERE post_id = $1 AND turn = $2`, int64(t.Post), t.turn); err != nil {
			return fmt.Errorf("job %s was looked at: %w", t.Post, err)
		}
	}
	return nil
}

// touchFound lets the jobs that questions found be compared again at once: of an author
// that is suspended or deleted, or of a server that is blocked. where is a condition on
// the post p and its author a, with the value $1.
func (tx *Tx) touchFound(ctx context.Context, where string, value any) error {
	n, err := tx.exec(ctx, `
		INSERT INTO search_touched (post_id)
		SELECT DISTINCT h.post_id
		FROM search_hits h
		JOIN posts p ON p.id = h.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE h.state <> '' AND h.state <> 'ended' AND `+where+`
		ON CONFLICT (post_id) DO UPDATE SET turn = search_touched.turn + 1, quiet = FALSE`, value)
	if err != nil {
		return fmt.Errorf("jobs that searches found: %w", err)
	}
	if n > 0 {
		tx.Wake(TopicSearches)
	}
	return nil
}

// quietlyTouched notes that a job came by a way by which nobody is told of it.
func (tx *Tx) quietlyTouched(ctx context.Context, p *coop.Post, by Arrival) error {
	if p.Job == nil {
		return nil
	}
	tx.Wake(TopicSearches)
	if !by.Quiet {
		return nil
	}
	return tx.soon(ctx, `UPDATE search_touched SET quiet = TRUE WHERE post_id = $1`, int64(p.ID))
}

// TopicSearches wakes who compares jobs with questions.
const TopicSearches = "searches"
