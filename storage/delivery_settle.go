// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrHostBusy is told of a host that somebody else writes about at this moment.
var ErrHostBusy = errors.New("somebody else is at that host")

// SettleDestination writes the results of a claim and ends the lease. With an
// old fence nothing is written and the error is [ErrLeaseLost]. A success ends
// rest and bad record; failures on 7 distinct days without one make the host
// unavailable. Outcomes of deliveries that are no longer there, because a newer
// one replaced them, are passed over.
func (tx *Tx) SettleDestination(ctx context.Context, s Settlement) error {
	late, err := tx.SettleDestinations(ctx, []Settlement{s})
	if err == nil {
		err = late[0]
	}
	return err
}

// SettleDestinations is [Tx.SettleDestination] for the claims of many hosts, in the
// statements of one. What it says of each comes in the order given: nil, [ErrLeaseLost],
// or, where there are several, [ErrHostBusy] of a host whose row another transaction holds
// or that is not known. Nothing of that one is written, and it is to be settled in a
// transaction of its own: waiting for it here, with all the others held, could be waiting
// for one who waits for these.
func (tx *Tx) SettleDestinations(ctx context.Context, all []Settlement) (late []error, err error) {
	if _, err := tx.clock(ctx); err != nil {
		return nil, err
	}
	text, hosts := heldRecords, make([]string, len(all))
	for i, s := range all {
		hosts[i] = s.Host
	}
	if len(all) > 1 {
		text = freeRecords
	}
	known, err := tx.lockDestinations(ctx, text, hosts...)
	if err != nil {
		return nil, fmt.Errorf("settle %d hosts: %w", len(all), err)
	}
	late = make([]error, len(all))
	var done settled
	for i, s := range all {
		late[i] = done.accept(tx, s, known[s.Host], len(all) > 1)
	}
	if err := done.write(ctx, tx); err != nil {
		return nil, fmt.Errorf("settle %s: %w", hosts[0], err)
	}
	return late, nil
}

// settled is what claims came to, as the rows of the statements that write it.
type settled struct {
	records   []*record
	delivered [][]any // id, host, fence
	missing   []int64 // of these, those of hosts with an inbox that answered 404
	final     [][]any // id, host, fence, error
	later     [][]any // id, host, fence, error, when
}

// accept takes what came of one claim, if its lease holds.
func (a *settled) accept(tx *Tx, s Settlement, r *record, several bool) error {
	switch {
	case r == nil && several:
		return fmt.Errorf("settle %s: %w", s.Host, ErrHostBusy)
	case r == nil || r.Fence != s.Fence:
		return fmt.Errorf("settle %s: %w", s.Host, ErrLeaseLost)
	}
	for _, o := range s.Outcomes {
		a.outcome(tx, s, r, o)
	}
	if s.Failed {
		r.failed(tx.ms, s.Until.UnixMilli()+tx.skew, s.Error)
	}
	r.Fence, r.LeasedUntil = r.Fence+1, 0
	a.records = append(a.records, r)
	return nil
}

// outcome takes one result, and counts the run of own failures.
func (a *settled) outcome(tx *Tx, s Settlement, r *record, o Outcome) {
	row := []any{o.ID, s.Host, s.Fence}
	switch o.Result {
	case Delivered:
		a.delivered = append(a.delivered, row)
		if r.Missing {
			a.missing = append(a.missing, o.ID)
		}
		r.revive()
		r.LastSuccessAt = &tx.ms
	case Final:
		a.final = append(a.final, append(row, cut(o.Error, maxError)))
		r.answered()
	case Again:
		a.later = append(a.later, append(row, cut(o.Error, maxError), o.At.UnixMilli()+tx.skew))
		r.Streak++
	}
}

// write writes all of it.
func (a *settled) write(ctx context.Context, tx *Tx) error {
	if len(a.records) == 0 {
		return nil
	}
	for _, step := range []func(context.Context, *Tx) error{a.addReceipts, a.foundAgain, a.remove, a.giveUp, a.tryLater} {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	return tx.saveDestinations(ctx, a.records...)
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
