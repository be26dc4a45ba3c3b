// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"time"

	"minga/storage"
)

// everyMinute ends jobs, decisions and polls whose time is past, tells counts, and sweeps what
// nobody needs.
func (i *instance) everyMinute(ctx context.Context) error {
	for n := 0; ; n++ {
		if _, err := i.outbox.Expire(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "expiry failed", "err", err)
		}
		if n%60 == 0 { // a day is near enough
			if _, err := i.outbox.ForgetApplications(ctx); err != nil && ctx.Err() == nil {
				i.log.ErrorContext(ctx, "applications not deleted", "err", err)
			}
		}
		if _, err := i.outbox.TellApplicants(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "applicants not told", "err", err)
		}
		if _, err := i.outbox.AskStillOpen(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "authors of jobs not asked", "err", err)
		}
		if _, err := i.outbox.TellNear(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "near ends not told", "err", err)
		}
		if _, err := i.outbox.ExpireRequests(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "requests not expired", "err", err)
		}
		if _, err := i.outbox.EndDepartures(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "accounts that go not deleted", "err", err)
		}
		if _, err := i.outbox.EndDecisions(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "decisions not ended", "err", err)
		}
		if _, err := i.outbox.TellPolls(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "polls failed", "err", err)
		}
		if err := i.readChosen(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "settings not read", "err", err)
		}
		if _, err := i.outbox.ExpireOffers(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "offers not ended", "err", err)
		}
		if _, err := i.inbox.PlanComparisons(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "comparisons not planned", "err", err)
		}
		if err := i.sweep(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "sweep failed", "err", err)
		}
		if !pause(ctx, time.Minute) {
			return nil
		}
	}
}

// sweepRows is how many rows of a kind one sweep removes at most, so that it
// never keeps the writer long.
const sweepRows = 500

// mostSweeps is how often it sweeps in a row: what comes in a minute, even from peers
// that send all that they may, is less than what goes.
const mostSweeps = 200

// sweep removes what is past its time, part by part, so that others write between.
func (i *instance) sweep(ctx context.Context) error {
	for range mostSweeps {
		swept, err := i.sweepOnce(ctx)
		if err != nil || swept < sweepRows || !pause(ctx, 50*time.Millisecond) {
			return err
		}
	}
	return nil
}

// sweepOnce removes at most sweepRows of each kind and says how many rows they were.
func (i *instance) sweepOnce(ctx context.Context) (swept int, err error) {
	err = i.store.Write(ctx, func(tx *storage.Tx) error {
		queues, err := tx.SweepQueues(ctx, sweepRows)
		if err != nil {
			return err
		}
		if _, err := tx.EndPeerPolicies(ctx, sweepRows); err != nil {
			return err
		}
		records, err := tx.SweepRecords(ctx, sweepRows)
		swept = queues + records
		return err
	})
	return swept, err
}
