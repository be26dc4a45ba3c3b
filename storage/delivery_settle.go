// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// record is what is known of a host's behaviour.
type record struct {
	Fence          int64
	LeasedUntil    int64
	RestUntil      int64
	Failures       int64
	Streak         int64
	FailedDays     int64
	LastFailedDay  int64
	FirstFailureAt *int64
	LastSuccessAt  *int64
	Unavailable    bool
	Error          string
	Missing        bool // an inbox of it answered 404 last time
}

// dayMillis is the length of a day in UTC.
const dayMillis = 24 * 60 * 60 * 1000

// lockDestination reads a host's record and holds its row, in a statement of its
// own: what follows sees every delivery that was added before.
func (tx *Tx) lockDestination(ctx context.Context, host string) (*record, error) {
	rows, err := tx.q.Query(ctx, `
		SELECT fence, leased_until, rest_until, failures, streak, failed_days, last_failed_day, first_failure_at,
			last_success_at, unavailable, error,
			EXISTS (SELECT 1 FROM gone_inboxes g WHERE g.host = destinations.host AND g.gone_at IS NULL) AS missing
		FROM destinations
		WHERE host = $1
		FOR UPDATE`, host)
	if err != nil {
		return nil, err
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByName[record])
	return r, notFound(err)
}

// saveDestination writes the record, ends the lease if asked to, and sets when the
// host is due: not before its rest is over, at once if something is due, never if
// nothing waits.
func (tx *Tx) saveDestination(ctx context.Context, host string, r *record) error {
	_, err := tx.q.Exec(ctx, `
		UPDATE destinations SET
			fence = $2, leased_until = $3, rest_until = $4, failures = $5, streak = $6, failed_days = $7,
			last_failed_day = $8, first_failure_at = $9, last_success_at = $10, unavailable = $11, error = $12,
			due_at = CASE
				WHEN $3::bigint > $13::bigint THEN $3::bigint
				WHEN $4::bigint > $13::bigint THEN (SELECT MIN($4::bigint) FROM deliveries d WHERE d.host = $1)
				WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.host = $1 AND d.due_at <= $13::bigint) THEN $13::bigint
				ELSE (SELECT MIN(d.due_at) FROM deliveries d WHERE d.host = $1)
				END
		WHERE host = $1`,
		host, r.Fence, r.LeasedUntil, r.RestUntil, r.Failures, r.Streak, r.FailedDays,
		r.LastFailedDay, r.FirstFailureAt, r.LastSuccessAt, r.Unavailable, cut(r.Error, maxError), tx.ms)
	return err
}

// failed counts a failure of the host.
func (r *record) failed(now, until int64, cause string) {
	r.Failures++
	r.Error, r.RestUntil = cause, until
	if r.FirstFailureAt == nil {
		r.FirstFailureAt = &now
	}
	if day := now / dayMillis; day != r.LastFailedDay {
		r.LastFailedDay = day
		r.FailedDays++
	}
	if r.FailedDays >= badDays {
		r.Unavailable = true
		r.RestUntil = max(until, now+unavailableFor.Milliseconds())
	}
}

// revive forgets what was bad.
func (r *record) revive() {
	r.RestUntil, r.Failures, r.Streak, r.FailedDays, r.LastFailedDay = 0, 0, 0, 0, 0
	r.FirstFailureAt, r.Unavailable, r.Error = nil, false, ""
}

// answered ends the rest: whatever the host thinks of that delivery, it is there.
// A refusal is no success, so the days of failure still count.
func (r *record) answered() {
	r.RestUntil, r.Failures, r.FirstFailureAt, r.Error = 0, 0, nil, ""
}

// SettleDestination writes the results of a claim and ends the lease. With an
// old fence nothing is written and the error is [ErrLeaseLost]. A success ends
// rest and bad record; failures on 7 distinct days without one make the host
// unavailable. Outcomes of deliveries that are no longer there, because a newer
// one replaced them, are passed over.
func (tx *Tx) SettleDestination(ctx context.Context, s Settlement) error {
	now, err := tx.clock(ctx)
	if err != nil {
		return err
	}
	r, err := tx.lockDestination(ctx, s.Host)
	if errors.Is(err, coop.ErrNotFound) || err == nil && r.Fence != s.Fence {
		return fmt.Errorf("settle %s: %w", s.Host, ErrLeaseLost)
	}
	if err == nil {
		err = tx.applyOutcomes(ctx, s, r)
	}
	if err == nil {
		if s.Failed {
			r.failed(now, s.Until.UnixMilli()+tx.skew, s.Error)
		}
		r.Fence, r.LeasedUntil = r.Fence+1, 0
		err = tx.saveDestination(ctx, s.Host, r)
	}
	if err != nil {
		return fmt.Errorf("settle %s: %w", s.Host, err)
	}
	return nil
}

// applyOutcomes does to each delivery what its result says, and counts the run of
// own failures.
func (tx *Tx) applyOutcomes(ctx context.Context, s Settlement, r *record) error {
	var delivered []int64
	var final, later [][]any
	for _, o := range s.Outcomes {
		switch o.Result {
		case Delivered:
			delivered = append(delivered, o.ID)
			r.revive()
			r.LastSuccessAt = &tx.ms
		case Final:
			final = append(final, []any{o.ID, cut(o.Error, maxError)})
			r.answered()
		case Again:
			later = append(later, []any{o.ID, cut(o.Error, maxError), o.At.UnixMilli() + tx.skew})
			r.Streak++
		}
	}
	if err := tx.addReceipts(ctx, s, delivered); err != nil {
		return err
	}
	return errors.Join(
		tx.removeDelivered(ctx, s, delivered, r.Missing),
		tx.giveUp(ctx, s, final),
		tx.tryLater(ctx, s, later),
	)
}

// removeDelivered deletes what went well.
func (tx *Tx) removeDelivered(ctx context.Context, s Settlement, ids []int64, missing bool) error {
	if len(ids) == 0 {
		return nil
	}
	if missing {
		_, err := tx.q.Exec(ctx, `
			DELETE FROM gone_inboxes
			WHERE gone_at IS NULL AND inbox IN (
				SELECT d.inbox
				FROM jsonb_array_elements_text($1::jsonb) AS r
				JOIN deliveries d ON d.id = CAST(r.value AS bigint))`, list(ids))
		if err != nil {
			return err
		}
	}
	_, err := tx.q.Exec(ctx, `
		DELETE FROM deliveries
		WHERE id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)
			AND host = $2 AND fence = $3`, list(ids), s.Host, s.Fence)
	return err
}

// giveUp moves what was refused for good to the dead.
func (tx *Tx) giveUp(ctx context.Context, s Settlement, final [][]any) error {
	if len(final) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		INSERT INTO dead_deliveries (document_id, host, inbox, activity, attempts, error, died_at)
		SELECT d.document_id, d.host, d.inbox, d.activity, d.attempts + 1, r.value ->> 1, $4::bigint
		FROM jsonb_array_elements($1::jsonb) AS r
		JOIN deliveries d ON d.id = CAST(r.value ->> 0 AS bigint)
		WHERE d.host = $2 AND d.fence = $3`, list(final), s.Host, s.Fence, tx.ms)
	if err != nil {
		return err
	}
	_, err = tx.q.Exec(ctx, `
		DELETE FROM deliveries
		WHERE id IN (SELECT CAST(r.value ->> 0 AS bigint) FROM jsonb_array_elements($1::jsonb) AS r)
			AND host = $2 AND fence = $3`, list(final), s.Host, s.Fence)
	return err
}

// tryLater postpones each delivery to its own time.
func (tx *Tx) tryLater(ctx context.Context, s Settlement, later [][]any) error {
	if len(later) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		UPDATE deliveries SET attempts = attempts + 1, error = r.value ->> 1, due_at = CAST(r.value ->> 2 AS bigint)
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE deliveries.id = CAST(r.value ->> 0 AS bigint) AND host = $2 AND fence = $3`,
		list(later), s.Host, s.Fence)
	return err
}

// bury moves deliveries to the dead.
func (tx *Tx) bury(ctx context.Context, ids []int64, cause string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		INSERT INTO dead_deliveries (document_id, host, inbox, activity, attempts, error, died_at)
		SELECT document_id, host, inbox, activity, attempts, CASE WHEN error = '' THEN $2 ELSE error END, $3::bigint
		FROM deliveries
		WHERE id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)`,
		list(ids), cause, tx.ms)
	if err == nil {
		_, err = tx.q.Exec(ctx, `
			DELETE FROM deliveries
			WHERE id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)`, list(ids))
	}
	return err
}

// RenewDestination prolongs a lease by the time given from now on, and says until
// when, or gives [ErrLeaseLost].
func (tx *Tx) RenewDestination(ctx context.Context, host string, fence int64, lease time.Duration) (time.Time, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return time.Time{}, err
	}
	until := now + lease.Milliseconds()
	tag, err := tx.q.Exec(ctx, `
		UPDATE destinations SET leased_until = $3, due_at = $3
		WHERE host = $1 AND fence = $2 AND leased_until > 0`, host, fence, until)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrLeaseLost
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("renew %s: %w", host, err)
	}
	return moment(until - tx.skew), nil
}
