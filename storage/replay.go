// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// maxReplays bounds the memory of signatures.
const maxReplays = 1_000_000

// shortKey is a key of bounded length: itself, or its hash.
func shortKey(key string) string {
	if len(key) <= 250 && goodText(key) && key != "" {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Replay remembers key until the given time and says whether it is fresh. Call it
// in the transaction that makes the 202 durable. [Tx.SweepQueues]
// forgets keys that have ended, and beyond a million those that end soonest.
func (tx *Tx) Replay(ctx context.Context, key string, until time.Time) (bool, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return false, err
	}
	tag, err := tx.q.Exec(ctx, `
		INSERT INTO replays (key, until_at) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET until_at = excluded.until_at
		WHERE replays.until_at <= $3`, shortKey(key), until.UnixMilli()+tx.skew, now)
	if err != nil {
		return false, fmt.Errorf("remember replay: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

// Replayed says whether Replay would find the key known.
func (r reader) Replayed(ctx context.Context, key string) (bool, error) {
	now, err := r.nowMillis(ctx)
	if err != nil {
		return false, err
	}
	var known bool
	err = r.q.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM replays WHERE key = $1 AND until_at > $2)`, shortKey(key), now).Scan(&known)
	return known, err
}

// trimReplays keeps at most keep keys, those that end last, and says how many it
// forgot.
func (tx *Tx) trimReplays(ctx context.Context, keep int) (int, error) {
	tag, err := tx.q.Exec(ctx, `
		DELETE FROM replays
		WHERE key IN (SELECT key FROM replays ORDER BY until_at DESC, key LIMIT 100000 OFFSET $1)`, keep)
	if err != nil {
		return 0, fmt.Errorf("trim replays: %w", err)
	}
	return int(tag.RowsAffected()), nil
}
