// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// DueJobs lists jobs of this instance and others whose ValidThrough is past at now
// and that are still open or paused here, the longest due first, 1,000 at most.
func (r reader) DueJobs(ctx context.Context, now time.Time, limit int) ([]*coop.Post, error) {
	due, err := all(ctx, r, scanID, `
		SELECT post_id
		FROM jobs
		WHERE status IN ('open', 'paused') AND valid_through <= $1
		ORDER BY valid_through, post_id
		LIMIT $2`, msOf(now), min(limit, mostListed))
	if err != nil {
		return nil, fmt.Errorf("due jobs: %w", err)
	}
	return r.PostsByID(ctx, coop.System(), due)
}

// NextDueJob says when the next open or paused job ends; zero: none does.
func (r reader) NextDueJob(ctx context.Context) (time.Time, error) {
	ms, err := r.number(ctx, `
		SELECT COALESCE(MIN(valid_through), 0)
		FROM jobs
		WHERE status IN ('open', 'paused')`)
	return atMs(ms), err
}

// ExpireRemoteJob marks a job of another server as expired here, whether its
// Update comes or not; a job that is neither open nor paused stays as it is. Its
// Closed stays zero: the word of its origin may still come. A job of this instance
// gives [coop.ErrForbidden]: it is expired by publishing that.
func (tx *Tx) ExpireRemoteJob(ctx context.Context, post coop.ID, _ time.Time) error {
	if err := tx.HoldPost(ctx, post); err != nil {
		return err
	}
	p, err := tx.Post(ctx, coop.System(), post)
	if err != nil {
		return err
	}
	if p.Local || p.Job == nil {
		return fmt.Errorf("expire job %s: %w", post, coop.ErrForbidden)
	}
	if p.Job.Status != coop.JobOpen && p.Job.Status != coop.JobPaused {
		return nil
	}
	p.Job.Status = coop.JobExpired
	return tx.changeJob(ctx, p)
}

// JobsOf lists all jobs of an account of this instance, drafts and those that have ended
// too, newest first. Who asks has been judged: drafts are the co-op's own.
func (r reader) JobsOf(ctx context.Context, account coop.ID, page coop.Page) ([]*coop.Post, error) {
	a := args{int64(account)}
	p := a.page("j.post_id", page)
	ids, err := all(ctx, r, scanID, `
		SELECT j.post_id
		FROM jobs j
		WHERE j.author_id = $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("jobs of %s: %w", account, err)
	}
	return r.PostsByID(ctx, coop.System(), newestFirst(p, ids))
}

// FreezeJob takes a job out of all lists after a report, as a mark of this
// instance alone; frozen false lifts it. Its page says "under review".
func (tx *Tx) FreezeJob(ctx context.Context, post coop.ID, frozen bool) error {
	n, err := tx.exec(ctx, `UPDATE posts SET frozen = $1 WHERE id = $2 AND kind = 'job'`, frozen, int64(post))
	if err == nil && n == 0 {
		err = fmt.Errorf("job %s: %w", post, coop.ErrNotFound)
	}
	return err
}

// JobFrozen tells whether a job is under review.
func (r reader) JobFrozen(ctx context.Context, post coop.ID) (bool, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM posts WHERE id = $1 AND frozen`, int64(post))
	return n > 0, err
}

// NextJobReference gives the next own reference of a co-op in a year, such as
// "2026-014": one more than the highest it ever used.
func (tx *Tx) NextJobReference(ctx context.Context, author coop.ID, year int) (string, error) {
	n, err := first(ctx, tx.reader, scanNumber, `
		INSERT INTO job_references (author_id, year, last)
		VALUES ($1, $2, 1)
		ON CONFLICT (author_id, year) DO UPDATE SET last = job_references.last + 1
		RETURNING last`, int64(author), year)
	if err != nil {
		return "", fmt.Errorf("reference of a job: %w", err)
	}
	return fmt.Sprintf("%d-%03d", year, n), nil
}

// PossibleDuplicates lists pairs of jobs that may be the same (same co-op, title
// and place within 45 days), the newer first: never merged alone, for moderators to
// look at.
func (r reader) PossibleDuplicates(ctx context.Context, limit int) ([][2]coop.ID, error) {
	pairs, err := all(ctx, r, scanAlike, `
		SELECT x.post_id, y.post_id, x.payload, y.payload, a.iri
		FROM jobs x
		JOIN jobs y ON y.likeness_key = x.likeness_key AND y.post_id < x.post_id
		JOIN accounts a ON a.id = x.author_id
		WHERE x.likeness_key <> '' AND x.status IN ('open', 'paused') AND y.status IN ('open', 'paused')
			AND x.duplicate_of <> y.post_id AND y.duplicate_of <> x.post_id
			AND (x.duplicate_of = 0 OR x.duplicate_of <> y.duplicate_of)
			AND a.suspended_at = 0 AND a.deleted_at = 0
		ORDER BY x.post_id DESC, y.post_id DESC
		LIMIT $1`, min(limit, mostListed))
	if err != nil {
		return nil, fmt.Errorf("possible duplicates: %w", err)
	}
	var alike [][2]coop.ID
	for _, p := range pairs {
		if p.alike {
			alike = append(alike, p.ids)
		}
	}
	return alike, nil
}

// alikePair is two jobs that read alike.
type alikePair struct {
	ids   [2]coop.ID
	alike bool // and whose dates are near each other
}

// scanAlike reads a row of PossibleDuplicates.
func scanAlike(row pgx.CollectableRow) (p alikePair, err error) {
	var x, y int64
	var one, other, author string
	if err = row.Scan(&x, &y, &one, &other, &author); err != nil {
		return p, err
	}
	var a, b coop.Job
	err = errors.Join(json.Unmarshal([]byte(one), &a), json.Unmarshal([]byte(other), &b))
	return alikePair{[2]coop.ID{coop.ID(x), coop.ID(y)}, a.Alike(&b, coop.IRI(author))}, err
}
