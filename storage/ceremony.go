// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ceremonyColumns are those that [scanCeremony] reads, of the table named c.
const ceremonyColumns = "c.hash, c.kind, c.browser, COALESCE(c.account_id, 0), c.state, c.ends_at"

// scanCeremony reads a row of [ceremonyColumns].
func scanCeremony(row pgx.CollectableRow) (c coop.Ceremony, err error) {
	var account, ends int64
	err = row.Scan(&c.Hash, &c.Kind, &c.Browser, &account, &c.State, &ends)
	c.AccountID, c.EndsAt = coop.ID(account), atMs(ends)
	return c, err
}

// CeremonyByHash finds the first half of a proof that this browser began, or gives
// [coop.ErrNotFound]: also of one that has ended.
func (r reader) CeremonyByHash(ctx context.Context, kind string, hash, browser []byte) (*coop.Ceremony, error) {
	c, err := first(ctx, r, scanCeremony, `
		SELECT `+ceremonyColumns+`
		FROM ceremonies c
		WHERE c.hash = $1 AND c.kind = $2 AND c.browser = $3 AND c.ends_at > $4`, hash, kind, browser, msOf(r.e.now()))
	if err != nil {
		return nil, fmt.Errorf("ceremony: %w", err)
	}
	return &c, nil
}

// AddCeremony stores the first half of a proof, in place of one of the same hash.
func (tx *Tx) AddCeremony(ctx context.Context, c *coop.Ceremony) error {
	if len(c.Hash) != 32 || len(c.Browser) != 32 {
		return &coop.InvalidError{Field: "hash", Problem: "a ceremony is kept by SHA-256"}
	}
	_, err := tx.insert(ctx, "ceremonies", []column{
		{"hash", c.Hash},
		{"kind", c.Kind},
		{"browser", c.Browser},
		{"account_id", idOrNull(c.AccountID)},
		{"state", c.State},
		{"ends_at", msOf(c.EndsAt)},
	}, "ON CONFLICT (hash) DO UPDATE SET kind = EXCLUDED.kind, browser = EXCLUDED.browser, account_id = EXCLUDED.account_id, state = EXCLUDED.state, ends_at = EXCLUDED.ends_at")
	return err
}

// UseCeremony takes the first half of a proof away, so that of two answers only one
// counts: the other gets [coop.ErrNotFound].
func (tx *Tx) UseCeremony(ctx context.Context, hash []byte) error {
	n, err := tx.exec(ctx, `DELETE FROM ceremonies WHERE hash = $1`, hash)
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("use ceremony: %w", err)
	}
	return nil
}
