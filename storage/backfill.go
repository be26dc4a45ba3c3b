// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// NoteBackfill writes down how far the fetching of what an account published before has
// come. A new beginning after an end begins anew.
func (tx *Tx) NoteBackfill(ctx context.Context, b coop.Backfill) error {
	now := msOf(tx.e.now())
	finished := int64(0)
	if b.Finished() {
		finished = now
	}
	_, err := tx.insert(ctx, "backfills", []column{
		{"account_id", int64(b.Account)},
		{"started_at", now},
		{"updated_at", now},
		{"finished_at", finished},
		{"done", b.Done},
		{"kept", b.Kept},
	}, `ON CONFLICT (account_id) DO UPDATE SET
		started_at = CASE WHEN backfills.finished_at > 0 AND excluded.finished_at = 0 THEN excluded.started_at ELSE backfills.started_at END,
		updated_at = excluded.updated_at, finished_at = excluded.finished_at, done = excluded.done, kept = excluded.kept`)
	if err != nil {
		return fmt.Errorf("backfill of account %s: %w", b.Account, err)
	}
	return nil
}

// Backfills finds how far the backfills of accounts came; those that never began are
// left out.
func (r reader) Backfills(ctx context.Context, accounts []coop.ID) (map[coop.ID]coop.Backfill, error) {
	var a args
	list, err := all(ctx, r, func(row pgx.CollectableRow) (b coop.Backfill, err error) {
		var id, started, updated, finished int64
		err = row.Scan(&id, &started, &updated, &finished, &b.Done, &b.Kept)
		b.Account, b.StartedAt, b.UpdatedAt, b.FinishedAt = coop.ID(id), atMs(started), atMs(updated), atMs(finished)
		return b, err
	}, `
		SELECT account_id, started_at, updated_at, finished_at, done, kept
		FROM backfills
		WHERE account_id IN `+in(&a, numbers(accounts)), a...)
	if err != nil {
		return nil, fmt.Errorf("backfills: %w", err)
	}
	found := make(map[coop.ID]coop.Backfill, len(list))
	for _, b := range list {
		found[b.Account] = b
	}
	return found, nil
}
