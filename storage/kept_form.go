// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// keptFormAD binds a form to its row.
func keptFormAD(hash []byte) string { return "kept form:" + hex.EncodeToString(hash) }

// KeepForm keeps what somebody typed until a time, sealed, by the SHA-256 of what their
// browser keeps; at most 64 KiB.
func (tx *Tx) KeepForm(ctx context.Context, hash, text []byte, until time.Time) error {
	sealed, err := tx.Seal(ctx, keptFormAD(hash), text)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "kept_forms", []column{{"hash", hash}, {"sealed", sealed}, {"ends_at", msOf(until)}}, "")
	return err
}

// KeptForm is what [Tx.KeepForm] kept, or [coop.ErrNotFound]: also of what has ended.
func (r reader) KeptForm(ctx context.Context, hash []byte) ([]byte, error) {
	sealed, err := first(ctx, r, pgx.RowTo[[]byte], `
		SELECT sealed
		FROM kept_forms
		WHERE hash = $1 AND ends_at > $2`, hash, msOf(r.e.now()))
	if err != nil {
		return nil, fmt.Errorf("kept form: %w", err)
	}
	return r.Unseal(keptFormAD(hash), sealed)
}
