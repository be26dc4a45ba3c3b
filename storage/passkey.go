// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// passkeyColumns are those that [scanPasskey] reads, of the table named p.
const passkeyColumns = "p.id, p.account_id, p.credential, p.handle, p.record, p.name, p.signs, p.copied_at, p.created_at, p.used_at"

// scanPasskey reads a row of [passkeyColumns].
func scanPasskey(row pgx.CollectableRow) (p coop.Passkey, err error) {
	var id, account, signs, copied, created, used int64
	err = row.Scan(&id, &account, &p.Credential, &p.Handle, &p.Record, &p.Name, &signs, &copied, &created, &used)
	p.ID, p.AccountID, p.Signs = coop.ID(id), coop.ID(account), uint32(signs) //nolint:gosec // it was one
	p.CopiedAt, p.CreatedAt, p.UsedAt = atMs(copied), atMs(created), atMs(used)
	return p, err
}

// Passkeys lists the passkeys of a person, oldest first.
func (r reader) Passkeys(ctx context.Context, account coop.ID) ([]coop.Passkey, error) {
	list, err := all(ctx, r, scanPasskey, `
		SELECT `+passkeyColumns+`
		FROM passkeys p
		WHERE p.account_id = $1
		ORDER BY p.id
		LIMIT $2`, int64(account), coop.MostPasskeys)
	if err != nil {
		return nil, fmt.Errorf("passkeys of %s: %w", account, err)
	}
	return list, nil
}

// PasskeyByCredential finds a passkey by its own id, or gives [coop.ErrNotFound]: also
// of people who are gone.
func (r reader) PasskeyByCredential(ctx context.Context, credential []byte) (*coop.Passkey, error) {
	p, err := first(ctx, r, scanPasskey, `
		SELECT `+passkeyColumns+`
		FROM passkeys p
		JOIN accounts a ON a.id = p.account_id
		WHERE p.credential = $1 AND a.suspended_at = a.closed_at AND a.deleted_at = 0`, credential)
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return &p, nil
}

// AddPasskey stores a passkey and fills in its ID and CreatedAt. One that somebody has
// already, or one too many, gives [coop.ErrConflict].
func (tx *Tx) AddPasskey(ctx context.Context, p *coop.Passkey) (err error) {
	if err := tx.alone(ctx, "passkeys of "+p.AccountID.String()); err != nil {
		return err
	}
	known, err := tx.number(ctx, `SELECT COUNT(*) FROM passkeys WHERE account_id = $1`, int64(p.AccountID))
	if err == nil && known >= coop.MostPasskeys {
		err = coop.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("passkeys of %s: %w", p.AccountID, err)
	}
	now := tx.e.now()
	if p.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	p.CreatedAt = atMs(msOf(now))
	n, err := tx.insert(ctx, "passkeys", []column{
		{"id", int64(p.ID)},
		{"account_id", int64(p.AccountID)},
		{"credential", p.Credential},
		{"handle", p.Handle},
		{"record", p.Record},
		{"name", coop.Truncate(p.Name, 100)},
		{"signs", int64(p.Signs)},
		{"copied_at", 0},
		{"created_at", msOf(now)},
		{"used_at", 0},
	}, "ON CONFLICT (credential) DO NOTHING")
	if err == nil && n == 0 {
		err = fmt.Errorf("passkey of %s: %w", p.AccountID, coop.ErrConflict)
	}
	return err
}

// UsePasskey notes a signature by a passkey, with the key's own count of them, and
// tells whether the count is good: a key that counts must count on (WebAuthn §6.1.1).
// If it does not, there are two of it; the key is marked and nobody is let in by it.
func (tx *Tx) UsePasskey(ctx context.Context, p *coop.Passkey, signs uint32, record string) (good bool, err error) {
	now := msOf(tx.e.now())
	n, err := tx.exec(ctx, `
		UPDATE passkeys
		SET signs = $1, record = $2, used_at = $3
		WHERE id = $4 AND copied_at = 0 AND (signs < $1 OR (signs = 0 AND $1 = 0))`, int64(signs), record, now, int64(p.ID))
	if err == nil && n == 0 {
		_, err = tx.exec(ctx, `UPDATE passkeys SET copied_at = $1 WHERE id = $2 AND copied_at = 0`, now, int64(p.ID))
	}
	if err != nil {
		return false, fmt.Errorf("use passkey %s: %w", p.ID, err)
	}
	return n > 0, nil
}

// RemovePasskey takes a passkey of a person away; of somebody else's it says
// [coop.ErrNotFound].
func (tx *Tx) RemovePasskey(ctx context.Context, account, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM passkeys WHERE id = $1 AND account_id = $2`, int64(id), int64(account))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("remove passkey %s: %w", id, err)
	}
	return nil
}
