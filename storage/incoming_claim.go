// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// How often an activity is tried.
const (
	maxTries  = 5              // that ended by stepping aside
	maxAside  = 24 * time.Hour // after it came
	maxClaims = 10             // that may end without any result: then it is poison
)

// ClaimIncoming leases up to limit activities, the oldest first: of one actor
// only the first, and besides it those that stepped aside and are due again. One
// that was claimed ten times without a result is set aside as poison instead:
// whoever takes it does not live to tell.
func (tx *Tx) ClaimIncoming(ctx context.Context, limit int, lease time.Duration) ([]Incoming, error) {
	now, err := tx.clock(ctx)
	if err != nil || limit <= 0 {
		return nil, err
	}
	rows, err := tx.q.Query(ctx, `
		WITH next AS MATERIALIZED (
			SELECT id
			FROM incoming
			WHERE state = 'waiting' AND ready AND due_at <= $1
			ORDER BY due_at, id
			LIMIT $3
			FOR UPDATE SKIP LOCKED)
		UPDATE incoming SET fence = fence + 1, attempts = attempts + 1, leased_until = $2, due_at = $2
		FROM next
		WHERE incoming.id = next.id
		RETURNING incoming.id, dedupe_key, actor, host, activity, type, object, COALESCE(recipient_id, 0) AS recipient_id,
			signer, proof, body, received_at, attempts, fence, error`,
		now, now+lease.Milliseconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("claim incoming: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[incomingRow])
	if err != nil {
		return nil, fmt.Errorf("claim incoming: %w", err)
	}
	return tx.withoutPoison(ctx, found)
}

// withoutPoison sets poison aside and hands out the rest, in order.
func (tx *Tx) withoutPoison(ctx context.Context, found []incomingRow) ([]Incoming, error) {
	claimed := make([]Incoming, 0, len(found))
	for _, row := range found {
		in := row.incoming(tx.skew)
		if row.Attempts <= maxClaims {
			claimed = append(claimed, in)
			continue
		}
		if err := tx.FailIncoming(ctx, in.ID, in.Fence, "claimed 10 times without a result"); err != nil {
			return nil, err
		}
	}
	sortByID(claimed)
	return claimed, nil
}

// RenewIncoming prolongs a lease by the time given from now on, or gives
// [ErrLeaseLost].
func (tx *Tx) RenewIncoming(ctx context.Context, id, fence int64, lease time.Duration) error {
	now, err := tx.clock(ctx)
	if err != nil {
		return err
	}
	tag, err := tx.q.Exec(ctx, `
		UPDATE incoming SET leased_until = $3, due_at = $3
		WHERE id = $1 AND fence = $2 AND state = 'waiting' AND leased_until > 0`, id, fence, now+lease.Milliseconds())
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("renew incoming %d: %w", id, err)
	}
	return nil
}
