// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// record is what is known of a host's behaviour.
type record struct {
	Host           string
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

// The records of hosts, whose rows are held until the transaction ends.
const (
	recordsOf = `
		SELECT host, fence, leased_until, rest_until, failures, streak, failed_days, last_failed_day, first_failure_at,
			last_success_at, unavailable, error,
			EXISTS (SELECT 1 FROM gone_inboxes g WHERE g.host = destinations.host AND g.gone_at IS NULL) AS missing
		FROM destinations
		WHERE host IN (SELECT h.value FROM jsonb_array_elements_text($1::jsonb) AS h)
		`
	heldRecords = recordsOf + `FOR UPDATE`
	freeRecords = recordsOf + `FOR UPDATE SKIP LOCKED`
)

// lockDestination reads a host's record and holds its row, in a statement of its
// own: what follows sees every delivery that was added before.
func (tx *Tx) lockDestination(ctx context.Context, host string) (*record, error) {
	found, err := tx.lockDestinations(ctx, heldRecords, host)
	if err == nil && found[host] == nil {
		err = coop.ErrNotFound
	}
	return found[host], err
}

// lockDestinations is lockDestination for many, by one of the texts above.
func (tx *Tx) lockDestinations(ctx context.Context, text string, hosts ...string) (map[string]*record, error) {
	rows, err := tx.q.Query(ctx, text, list(hosts))
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[record])
	records := make(map[string]*record, len(found))
	for _, r := range found {
		records[r.Host] = r
	}
	return records, err
}

// saveDestinations writes records, and sets when each host is due: at the end of its
// lease if it is leased, not before its rest is over, at once if something is due, never
// if nothing waits.
func (tx *Tx) saveDestinations(ctx context.Context, records ...*record) error {
	rows := make([][]any, 0, len(records))
	for _, r := range records {
		unavailable := 0
		if r.Unavailable {
			unavailable = 1
		}
		rows = append(rows, []any{
			r.Host, r.Fence, r.LeasedUntil, r.RestUntil, r.Failures, r.Streak, r.FailedDays, r.LastFailedDay,
			r.FirstFailureAt, r.LastSuccessAt, unavailable, cut(r.Error, maxError),
		})
	}
	_, err := tx.q.Exec(ctx, `
		UPDATE destinations SET
			fence = CAST(r.value ->> 1 AS bigint), leased_until = CAST(r.value ->> 2 AS bigint),
			rest_until = CAST(r.value ->> 3 AS bigint), failures = CAST(r.value ->> 4 AS bigint),
			streak = CAST(r.value ->> 5 AS bigint), failed_days = CAST(r.value ->> 6 AS bigint),
			last_failed_day = CAST(r.value ->> 7 AS bigint), first_failure_at = CAST(r.value ->> 8 AS bigint),
			last_success_at = CAST(r.value ->> 9 AS bigint), unavailable = CAST(r.value ->> 10 AS bigint) = 1,
			error = r.value ->> 11,
			due_at = CASE
				WHEN CAST(r.value ->> 2 AS bigint) > $2::bigint THEN CAST(r.value ->> 2 AS bigint)
				WHEN CAST(r.value ->> 3 AS bigint) > $2::bigint THEN
					CASE WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.host = destinations.host) THEN CAST(r.value ->> 3 AS bigint) END
				WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.host = destinations.host AND d.due_at <= $2::bigint) THEN $2::bigint
				ELSE (SELECT MIN(d.due_at) FROM deliveries d WHERE d.host = destinations.host)
				END
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE destinations.host = r.value ->> 0`, list(rows), tx.ms)
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
