// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Destination is a host as an admin sees it.
type Destination struct {
	Host           string
	State          string // "ready", "resting", "unavailable"
	Waiting        int
	DueAt          time.Time // next claim; zero if nothing waits
	LeasedUntil    time.Time // zero if nobody sends
	Failures       int
	FirstFailureAt time.Time
	LastSuccessAt  time.Time
	Error          string
	Signature      SignatureMemory
}

// destinationRow is a destination as it lies in its table.
type destinationRow struct {
	Host           string
	DueAt          int64
	LeasedUntil    int64
	RestUntil      int64
	Failures       int
	FirstFailureAt int64
	LastSuccessAt  int64
	Unavailable    bool
	Error          string
	Signature      string
	SignatureAt    int64
	Waiting        int
}

// destination is the row in words.
func (d destinationRow) destination(now int64) Destination {
	out := Destination{
		Host: d.Host, State: "ready", Waiting: d.Waiting, DueAt: moment(d.DueAt), LeasedUntil: moment(d.LeasedUntil),
		Failures: d.Failures, FirstFailureAt: moment(d.FirstFailureAt), LastSuccessAt: moment(d.LastSuccessAt), Error: d.Error,
	}
	if d.Signature != "" && d.SignatureAt > now-memoryLife.Milliseconds() {
		out.Signature = SignatureMemory{d.Signature, moment(d.SignatureAt)}
	}
	switch {
	case d.Unavailable:
		out.State = "unavailable"
	case d.RestUntil > now:
		out.State = "resting"
	}
	return out
}

// Destinations lists hosts with something waiting or a bad record, the worst
// first, at most limit.
func (r reader) Destinations(ctx context.Context, limit int) ([]Destination, error) {
	return r.destinations(ctx, `
		SELECT t.host, COALESCE(t.due_at, 0) AS due_at, t.leased_until, t.rest_until, t.failures,
			COALESCE(t.first_failure_at, 0) AS first_failure_at, COALESCE(t.last_success_at, 0) AS last_success_at,
			t.unavailable, t.error, t.signature, COALESCE(t.signature_at, 0) AS signature_at,
			(SELECT COUNT(*) FROM deliveries d WHERE d.host = t.host) AS waiting
		FROM destinations t
		WHERE t.failures > 0 OR t.due_at IS NOT NULL
		ORDER BY t.unavailable DESC, t.failures DESC, t.host
		LIMIT $1`, limit)
}

// Destination looks at one host, or gives [coop.ErrNotFound].
func (r reader) Destination(ctx context.Context, host string) (*Destination, error) {
	found, err := r.destinations(ctx, `
		SELECT t.host, COALESCE(t.due_at, 0) AS due_at, t.leased_until, t.rest_until, t.failures,
			COALESCE(t.first_failure_at, 0) AS first_failure_at, COALESCE(t.last_success_at, 0) AS last_success_at,
			t.unavailable, t.error, t.signature, COALESCE(t.signature_at, 0) AS signature_at,
			(SELECT COUNT(*) FROM deliveries d WHERE d.host = t.host) AS waiting
		FROM destinations t
		WHERE t.host = $1`, host)
	if err == nil && len(found) == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("destination %s: %w", cut(host, 300), err)
	}
	return &found[0], nil
}

// DestinationsOf looks at some hosts, 200 at most; those to which nothing was ever
// sent are missing.
func (r reader) DestinationsOf(ctx context.Context, hosts []string) (map[string]*Destination, error) {
	all := map[string]*Destination{}
	if len(hosts) == 0 {
		return all, nil
	}
	var a args
	where := in(&a, hosts[:min(len(hosts), 200)])
	found, err := r.destinations(ctx, `
		SELECT t.host, COALESCE(t.due_at, 0) AS due_at, t.leased_until, t.rest_until, t.failures,
			COALESCE(t.first_failure_at, 0) AS first_failure_at, COALESCE(t.last_success_at, 0) AS last_success_at,
			t.unavailable, t.error, t.signature, COALESCE(t.signature_at, 0) AS signature_at,
			(SELECT COUNT(*) FROM deliveries d WHERE d.host = t.host) AS waiting
		FROM destinations t
		WHERE t.host IN `+where, a...)
	for i := range found {
		all[found[i].Host] = &found[i]
	}
	return all, err
}

// destinations reads the answer of any of these questions.
func (r reader) destinations(ctx context.Context, sql string, values ...any) ([]Destination, error) {
	rows, err := r.q.Query(ctx, sql, values...)
	if err != nil {
		return nil, fmt.Errorf("destinations: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[destinationRow])
	if err != nil {
		return nil, fmt.Errorf("destinations: %w", err)
	}
	now, err := r.nowMillis(ctx)
	out := make([]Destination, len(found))
	for i, d := range found {
		out[i] = d.destination(now)
	}
	return out, err
}
