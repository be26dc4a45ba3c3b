// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// keyLife is how long the same key gives the first post.
const keyLife = time.Hour

// RepeatedError says that a key was used within the hour, and what came of it: a post
// or a scheduled one.
type RepeatedError struct {
	Post      coop.ID
	Scheduled coop.ID
}

// Error names what was published.
func (e *RepeatedError) Error() string {
	return fmt.Sprintf("published before as %s%s", e.Post, e.Scheduled)
}

// Unwrap makes it a conflict where nobody asks for more.
func (e *RepeatedError) Unwrap() error { return coop.ErrConflict }

// PublishKey is the key under which a token publishes something once.
func PublishKey(token coop.ID, key string) string {
	sum := sha256.Sum256([]byte(token.String() + " " + key))
	return hex.EncodeToString(sum[:])
}

// ClaimKey takes a key of [PublishKey] in the transaction that publishes, or gives a
// *[RepeatedError]. Who comes at the same time waits for the first to end. The
// transaction that gets the error must write nothing and end well all the same: on
// SQLite it may share its commit with the first, which can still fail.
// [Tx.SettleKey] says afterwards what was published.
func (tx *Tx) ClaimKey(ctx context.Context, key string) error {
	if err := tx.alone(ctx, "published "+key); err != nil {
		return err
	}
	now := tx.e.now()
	found, err := all(ctx, tx.reader, scanPublished, `
		SELECT post_id, scheduled_id, at
		FROM published_keys
		WHERE key = $1`, key)
	if err != nil {
		return fmt.Errorf("claim key: %w", err)
	}
	if len(found) > 0 && found[0].at.After(now.Add(-keyLife)) {
		return &found[0].RepeatedError
	}
	_, err = tx.exec(ctx, `
		INSERT INTO published_keys (key, at)
		VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET at = excluded.at, post_id = 0, scheduled_id = 0`, key, msOf(now))
	if err != nil {
		return fmt.Errorf("claim key: %w", err)
	}
	return nil
}

// SettleKey notes what was published with a key.
func (tx *Tx) SettleKey(ctx context.Context, key string, post, scheduled coop.ID) error {
	_, err := tx.exec(ctx, `UPDATE published_keys SET post_id = $2, scheduled_id = $3 WHERE key = $1`, key, int64(post), int64(scheduled))
	if err != nil {
		return fmt.Errorf("settle key: %w", err)
	}
	return nil
}

// published is what came of a key.
type published struct {
	RepeatedError
	at time.Time
}

func scanPublished(row pgx.CollectableRow) (p published, err error) {
	var post, scheduled, at int64
	err = row.Scan(&post, &scheduled, &at)
	p.Post, p.Scheduled, p.at = coop.ID(post), coop.ID(scheduled), atMs(at)
	return p, err
}

// Published finds what was published with a key within the hour: nil for nothing.
func (r reader) Published(ctx context.Context, key string) (*RepeatedError, error) {
	found, err := all(ctx, r, scanPublished, `
		SELECT post_id, scheduled_id, at
		FROM published_keys
		WHERE key = $1 AND at > $2`, key, msOf(r.e.now().Add(-keyLife)))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0].RepeatedError, nil
}
