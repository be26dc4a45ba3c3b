// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
)

// ErrLeaseLost is returned for a late result: the lease ran out and the work was
// given to somebody else, or is done.
var ErrLeaseLost = errors.New("the lease is lost")

// Claim is a destination leased to one worker, with what it may send now.
type Claim struct {
	Host        string
	Fence       int64 // must come back with the results
	LeasedUntil time.Time
	// Probe: the host failed last time. One delivery is here; the others follow
	// only if it gets an answer.
	Probe       bool
	Failures    int // failures of the host in a row
	Streak      int // own failures of deliveries in a row, without a success between
	Unavailable bool
	Signature   SignatureMemory
	Deliveries  []ClaimedDelivery // at most one for each (inbox, object); any order, also at once
}

// ClaimedDelivery is a delivery with its bytes, which it may share with others:
// they must not be changed.
type ClaimedDelivery struct {
	Delivery
	IRI       coop.IRI // of the document
	Body      []byte
	CreatedAt time.Time // when it was queued
}

// SignatureMemory is what we learnt about the signatures that a host takes. It is forgotten 30 days after LearntAt.
type SignatureMemory struct {
	Form     string // empty: nothing known; else a word of the outbox, such as "rfc9421"
	LearntAt time.Time
}

// Settlement is the end of a claim.
type Settlement struct {
	Host     string
	Fence    int64
	Outcomes []Outcome // in the order of the attempts
	// Failed: the host itself failed (no HTTP answer, 429, 503, or ten own
	// failures in a row). It rests until Until, then gets a probe.
	Failed bool
	Until  time.Time
	Error  string // of the host, cut at 500 bytes
}

// ReviveDestination ends rest, bad record and unavailability: the host wrote to
// us, or an admin asked for it. It is cheap when there is nothing to end.
func (tx *Tx) ReviveDestination(ctx context.Context, host string) error {
	var bad bool
	err := tx.q.QueryRow(ctx, `
		SELECT failures > 0 OR streak > 0 OR failed_days > 0 OR unavailable OR rest_until > 0
		FROM destinations
		WHERE host = $1`, host).Scan(&bad)
	if err = notFound(err); errors.Is(err, coop.ErrNotFound) || err == nil && !bad {
		return nil
	}
	if err == nil {
		_, err = tx.revive(ctx, host)
	}
	if err != nil {
		return fmt.Errorf("revive %s: %w", host, err)
	}
	return nil
}

// revive locks the row, forgets what was bad and makes the host due.
func (tx *Tx) revive(ctx context.Context, host string) (*record, error) {
	if _, err := tx.clock(ctx); err != nil {
		return nil, err
	}
	r, err := tx.lockDestination(ctx, host)
	if err != nil {
		return nil, err
	}
	r.revive()
	tx.Wake(TopicDeliveries)
	return r, tx.saveDestinations(ctx, r)
}

// RetryHost revives a host, makes all that waits for it due, and says how many
// deliveries that are. A host that we never sent to gives [coop.ErrNotFound].
func (tx *Tx) RetryHost(ctx context.Context, host string) (int, error) {
	if _, err := tx.clock(ctx); err != nil {
		return 0, err
	}
	r, err := tx.lockDestination(ctx, host)
	if err != nil {
		return 0, fmt.Errorf("retry %s: %w", host, err)
	}
	_, err = tx.q.Exec(ctx, `UPDATE deliveries SET due_at = $2 WHERE host = $1 AND due_at > $2`, host, tx.ms)
	var n int
	if err == nil {
		err = tx.q.QueryRow(ctx, `SELECT COUNT(*) FROM deliveries WHERE host = $1`, host).Scan(&n)
	}
	if err == nil {
		r.revive()
		tx.Wake(TopicDeliveries)
		err = tx.saveDestinations(ctx, r)
	}
	if err != nil {
		return 0, fmt.Errorf("retry %s: %w", host, err)
	}
	return n, nil
}

// LearnSignature remembers which signatures a host takes; form is a word of at
// most 100 bytes.
func (tx *Tx) LearnSignature(ctx context.Context, host, form string) error {
	now, err := tx.clock(ctx)
	if err == nil {
		_, err = tx.q.Exec(ctx, `
			INSERT INTO destinations (
				host, leased_until, fence, rest_until, failures, streak, failed_days, last_failed_day,
				unavailable, error, signature, signature_at)
			VALUES ($1, 0, 0, 0, 0, 0, 0, 0, FALSE, '', $2, $3)
			ON CONFLICT (host) DO UPDATE SET signature = excluded.signature, signature_at = excluded.signature_at`,
			host, form, now)
	}
	if err != nil {
		return fmt.Errorf("learn signature of %s: %w", cut(host, 300), err)
	}
	return nil
}

// memory is what is remembered of a host's signatures at a time.
func (tx *Tx) memory(form string, at, now int64) SignatureMemory {
	if form == "" || at+memoryLife.Milliseconds() <= now {
		return SignatureMemory{}
	}
	return SignatureMemory{form, moment(at - tx.skew)}
}

// Signature is what is remembered of a host; nothing is no error.
func (r reader) Signature(ctx context.Context, host string) (SignatureMemory, error) {
	now, err := r.nowMillis(ctx)
	if err != nil {
		return SignatureMemory{}, err
	}
	var m SignatureMemory
	var at int64
	err = r.q.QueryRow(ctx, `
		SELECT signature, signature_at
		FROM destinations
		WHERE host = $1 AND signature <> '' AND signature_at > $2`, host, now-memoryLife.Milliseconds()).Scan(&m.Form, &at)
	if err = notFound(err); errors.Is(err, coop.ErrNotFound) {
		return SignatureMemory{}, nil
	}
	m.LearntAt = moment(at)
	return m, err
}

// DropDeliveries removes what waits for a host, because it was blocked, and
// returns how many deliveries that were.
func (tx *Tx) DropDeliveries(ctx context.Context, host string) (int, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return 0, err
	}
	r, err := tx.lockDestination(ctx, host)
	if errors.Is(err, coop.ErrNotFound) {
		return 0, nil
	}
	var n int64
	if err == nil {
		n, err = tx.buryHost(ctx, host, now)
	}
	if err == nil {
		r.Fence, r.LeasedUntil = r.Fence+1, 0 // who is sending now gets no second chance
		err = tx.saveDestinations(ctx, r)
	}
	if err != nil {
		return 0, fmt.Errorf("drop deliveries to %s: %w", host, err)
	}
	return int(n), nil
}

// buryHost moves all that waits for a host to the dead.
func (tx *Tx) buryHost(ctx context.Context, host string, now int64) (int64, error) {
	_, err := tx.q.Exec(ctx, `
		INSERT INTO dead_deliveries (document_id, host, inbox, activity, attempts, error, died_at)
		SELECT document_id, host, inbox, activity, attempts, 'blocked', $2::bigint
		FROM deliveries
		WHERE host = $1`, host, now)
	if err != nil {
		return 0, err
	}
	tag, err := tx.q.Exec(ctx, `DELETE FROM deliveries WHERE host = $1`, host)
	return tag.RowsAffected(), err
}

// DropAllDeliveries removes everything that waits: a restored backup must not
// send old rows again by itself.
func (tx *Tx) DropAllDeliveries(ctx context.Context) (int, error) {
	tag, err := tx.q.Exec(ctx, `DELETE FROM deliveries`)
	if err == nil {
		_, err = tx.q.Exec(ctx, `UPDATE destinations SET due_at = NULL, leased_until = 0, fence = fence + 1`)
	}
	if err != nil {
		return 0, fmt.Errorf("drop all deliveries: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
