// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// collectIDs reads a column of numbers.
func collectIDs(rows pgx.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// DeliveriesOfPost says how far the documents of a post came.
func (r reader) DeliveriesOfPost(ctx context.Context, post coop.ID) (DeliverySummary, error) {
	ids, err := collectIDs(r.q.Query(ctx, `SELECT id FROM documents WHERE post_id = $1 ORDER BY id DESC LIMIT 1000`, post))
	if err != nil {
		return DeliverySummary{}, fmt.Errorf("deliveries of post %d: %w", post, err)
	}
	return r.summary(ctx, ids)
}

// DeliveriesOfDocument says how far one document came.
func (r reader) DeliveriesOfDocument(ctx context.Context, document int64) (DeliverySummary, error) {
	return r.summary(ctx, []int64{document})
}

// summary counts the deliveries of documents, and lists those that did not arrive.
func (r reader) summary(ctx context.Context, documents []int64) (DeliverySummary, error) {
	var s DeliverySummary
	ids := list(documents)
	if documents == nil {
		return s, nil
	}
	err := r.q.QueryRow(ctx, `
		SELECT
			(SELECT COALESCE(SUM(o.queued), 0)::bigint FROM documents o
				WHERE o.id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)),
			(SELECT COUNT(*) FROM deliveries d
				WHERE d.document_id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)),
			(SELECT COUNT(*) FROM dead_deliveries d
				WHERE d.document_id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r))`,
		ids).Scan(&s.Queued, &s.Waiting, &s.Dead)
	if err == nil {
		s.Left, err = r.left(ctx, ids)
	}
	if err != nil {
		return s, fmt.Errorf("delivery summary: %w", err)
	}
	return s, nil
}

// stripRow is a line of the strip as the database gives it.
type stripRow struct {
	Activity  string
	Host      string
	Inbox     coop.IRI
	Attempts  int
	Error     string
	HostError string
	Dead      bool
	Resting   int64
	NextAt    int64
	At        int64
}

// left lists what waits and what died.
func (r reader) left(ctx context.Context, ids string) ([]DeliveryState, error) {
	rows, err := r.q.Query(ctx, `
		SELECT d.activity, d.host, d.inbox, d.attempts, d.error, t.error AS host_error, FALSE AS dead,
			t.rest_until AS resting, d.due_at AS next_at, d.created_at AS at
		FROM deliveries d
		JOIN destinations t ON t.host = d.host
		WHERE d.document_id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)
		UNION ALL
		SELECT d.activity, d.host, d.inbox, d.attempts, d.error, '', TRUE, 0, 0, d.died_at
		FROM dead_deliveries d
		WHERE d.document_id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)
		ORDER BY 10, 3
		LIMIT $2`, ids, maxStrip)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[stripRow])
	if err != nil || len(found) == 0 {
		return nil, err
	}
	now, err := r.nowMillis(ctx)
	states := make([]DeliveryState, len(found))
	for i, f := range found {
		states[i] = f.state(now)
	}
	return states, err
}

// state is the row in words.
func (f stripRow) state(now int64) DeliveryState {
	s := DeliveryState{
		Activity: f.Activity, Host: f.Host, Inbox: f.Inbox, State: "waiting", Attempts: f.Attempts,
		NextAt: moment(max(f.NextAt, f.Resting)), Error: f.Error, At: moment(f.At),
	}
	if f.Resting > now {
		s.State = "resting"
	}
	if f.Dead {
		s.State = "dead"
	}
	if s.Error == "" {
		s.Error = f.HostError
	}
	return s
}

// QueueStats are the figures of the outgoing queue.
type QueueStats struct {
	Waiting      int           // deliveries
	Due          int           // of them due now, at hosts that do not rest
	OldestDue    time.Duration // how long the oldest of these has been due
	Dead         int           // given up in the last 30 days
	Destinations int           // hosts with something waiting
	Resting      int           // of them at rest
	Unavailable  int           // hosts given up but for a probe a day
}

// QueueStats counts the outgoing queue.
func (r reader) QueueStats(ctx context.Context) (QueueStats, error) {
	var s QueueStats
	now, err := r.nowMillis(ctx)
	if err != nil {
		return s, err
	}
	var oldest int64
	err = r.q.QueryRow(ctx, `
		SELECT COUNT(*), COUNT(CASE WHEN due THEN 1 END), COALESCE(MIN(CASE WHEN due THEN due_at END), $1)
		FROM (
			SELECT d.due_at, d.due_at <= $1 AND t.rest_until <= $1 AS due
			FROM deliveries d
			JOIN destinations t ON t.host = d.host) q`, now).Scan(&s.Waiting, &s.Due, &oldest)
	if err == nil {
		err = r.q.QueryRow(ctx, `
			SELECT COUNT(t.due_at), COUNT(CASE WHEN t.rest_until > $1 AND t.due_at IS NOT NULL THEN 1 END),
				COUNT(CASE WHEN t.unavailable THEN 1 END), (SELECT COUNT(*) FROM dead_deliveries)
			FROM destinations t`, now).Scan(&s.Destinations, &s.Resting, &s.Unavailable, &s.Dead)
	}
	if err != nil {
		return s, fmt.Errorf("queue stats: %w", err)
	}
	s.OldestDue = time.Duration(now-oldest) * time.Millisecond
	return s, nil
}
