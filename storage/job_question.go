// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// JobsToAsk lists the open jobs of this instance that end between now and until and whose
// authors were not asked yet about that end; limit at most. A job whose whole life is not
// longer than that is left out: its end is fresh in mind.
func (r reader) JobsToAsk(ctx context.Context, now, until time.Time, limit int) ([]*coop.Post, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT j.post_id
		FROM jobs j
		JOIN posts p ON p.id = j.post_id
		LEFT JOIN job_questions q ON q.post_id = j.post_id
		WHERE j.status = 'open' AND p.local AND j.valid_through > $1 AND j.valid_through <= $2
			AND j.valid_through - j.posted_at > $3 AND COALESCE(q.asked_for, 0) <> j.valid_through
		ORDER BY j.valid_through, j.post_id
		LIMIT $4`, msOf(now), msOf(until), until.Sub(now).Milliseconds()+24*time.Hour.Milliseconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("jobs to ask about: %w", err)
	}
	return r.PostsByID(ctx, coop.System(), ids)
}

// NoteAsked notes that the author of a job was asked about its end.
func (tx *Tx) NoteAsked(ctx context.Context, post coop.ID, end time.Time) error {
	_, err := tx.exec(ctx, `
		INSERT INTO job_questions (post_id, asked_for, asked_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (post_id) DO UPDATE SET asked_for = excluded.asked_for, asked_at = excluded.asked_at`,
		int64(post), msOf(end), msOf(tx.e.now()))
	if err != nil {
		return fmt.Errorf("ask about job %s: %w", post, err)
	}
	return nil
}

// JobLink is a secret link by which a person says what becomes of a job.
type JobLink struct {
	Post, Person coop.ID
	EndsAt       time.Time
}

// AddJobLink keeps a link by the SHA-256 of what stands in its address.
func (tx *Tx) AddJobLink(ctx context.Context, hash []byte, l JobLink) error {
	_, err := tx.insert(ctx, "job_links", []column{
		{"hash", hash}, {"post_id", int64(l.Post)}, {"person_id", int64(l.Person)}, {"ends_at", msOf(l.EndsAt)},
	}, "")
	return err
}

// JobLinkByHash finds a link that has not ended, or gives [coop.ErrNotFound].
func (r reader) JobLinkByHash(ctx context.Context, hash []byte) (JobLink, error) {
	l, err := first(ctx, r, func(row pgx.CollectableRow) (JobLink, error) {
		var post, person, ends int64
		err := row.Scan(&post, &person, &ends)
		return JobLink{coop.ID(post), coop.ID(person), atMs(ends)}, err
	}, `
		SELECT post_id, person_id, ends_at
		FROM job_links
		WHERE hash = $1 AND ends_at > $2`, hash, msOf(r.e.now()))
	if err != nil {
		return l, fmt.Errorf("link of a job: %w", err)
	}
	return l, nil
}
