// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"time"

	"minga/storage"
)

// note keeps a result, and whether the host fails as a whole.
func (b *batch) note(r result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.results = append(b.results, r)
	switch r.verdict.result {
	case storage.Delivered:
		b.streak, b.success = 0, true
	case storage.Again:
		b.streak++
	}
	if r.verdict.host && b.failed == nil {
		b.failed = &r.verdict
	}
	if b.streak >= streakOfHost && b.failed == nil {
		b.failed = &verdict{reason: "ten failures in a row, the last: " + r.verdict.reason}
	}
}

// report tells log and counters about an attempt. The log has the number of the delivery and
// not the id of the activity: that may be of a post for few.
func (b *batch) report(ctx context.Context, d *storage.ClaimedDelivery, v verdict, took time.Duration) {
	word := map[storage.Result]string{storage.Delivered: "delivered", storage.Final: "final", storage.Again: "again", storage.Unsent: "unsent"}[v.result]
	if b.o.o.Counter != nil {
		b.o.o.Counter.Attempted(b.claim.Host, d.Activity, word, took)
	}
	b.o.log.DebugContext(ctx, "attempted", "host", b.claim.Host, "delivery", d.ID, "type", d.Activity,
		"attempt", d.Attempts+1, "outcome", word, "took", took, "err", v.reason)
}

// settlement is what the queue is told. A success in the batch outweighs a failure
// that came with it: then the host only rests if it asked for that.
func (b *batch) settlement(now time.Time) storage.Settlement {
	s := storage.Settlement{Host: b.claim.Host, Fence: b.claim.Fence}
	for _, r := range b.results {
		s.Outcomes = append(s.Outcomes, outcomeOf(r.delivery, r.verdict, now))
	}
	if b.failed != nil {
		s.Failed, s.Until, s.Error = true, rest(b.claim, *b.failed, now), b.failed.reason
	}
	return s
}

// learn keeps, in the transaction of the settlement, what the batch found out.
func (b *batch) learn(ctx context.Context, tx *storage.Tx) error {
	now := b.o.now()
	if b.learnt != "" && string(b.learnt) != b.claim.Signature.Form {
		if err := tx.LearnSignature(ctx, b.claim.Host, string(b.learnt)); err != nil {
			return err
		}
	}
	for _, r := range b.results {
		if err := b.inboxOf(ctx, tx, r, now); err != nil {
			return fmt.Errorf("inbox %s: %w", r.delivery.Inbox, err)
		}
	}
	return nil
}

// last is what the host took last.
func (b *batch) last() (said storage.Exchanged) {
	for _, r := range b.results {
		if r.verdict.result == storage.Delivered {
			said = storage.Exchanged{Type: r.delivery.Activity, ID: r.delivery.IRI}
		}
	}
	return said
}

// inboxOf marks an inbox that is gone; what went to a shared one goes to the personal
// ones instead.
func (b *batch) inboxOf(ctx context.Context, tx *storage.Tx, r result, now time.Time) error {
	gone := r.verdict.gone
	if r.verdict.missing {
		since, err := tx.MissingInbox(ctx, r.delivery.Inbox)
		if err != nil {
			return err
		}
		gone = now.Sub(since) >= missingFor
	}
	if !gone {
		return nil
	}
	if err := tx.GoneInbox(ctx, r.delivery.Inbox); err != nil {
		return err
	}
	return b.fallBack(ctx, tx, r.delivery)
}

// fallBack queues a delivery to a gone shared inbox for the followers behind it.
func (b *batch) fallBack(ctx context.Context, tx *storage.Tx, d *storage.ClaimedDelivery) error {
	list, err := tx.FollowerInboxes(ctx, d.Signer)
	if err != nil {
		return err
	}
	var again []storage.Delivery
	for _, in := range list {
		if in.SharedInbox == d.Inbox && in.Inbox != d.Inbox {
			one := d.Delivery
			one.ID, one.Inbox, one.Attempts, one.DueAt = 0, in.Inbox, 0, time.Time{}
			again = append(again, one)
		}
	}
	if len(again) == 0 {
		return nil
	}
	_, err = tx.AddDeliveries(ctx, again)
	return err
}
