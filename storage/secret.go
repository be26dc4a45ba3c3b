// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
)

// secretAD binds a secret to its row.
func secretAD(name string) string { return "secrets:" + name }

// PutSecret keeps plain (at most 64 KiB) under name (at most 200 letters), sealed.
func (tx *Tx) PutSecret(ctx context.Context, name string, plain []byte) error {
	sealed, err := tx.Seal(ctx, secretAD(name), plain)
	if err != nil {
		return err
	}
	return tx.putSealed(ctx, name, sealed)
}

// putSealed keeps what is sealed already.
func (tx *Tx) putSealed(ctx context.Context, name string, sealed []byte) error {
	_, err := tx.q.Exec(ctx, `
		INSERT INTO secrets (name, sealed, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`,
		name, sealed, tx.e.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("put secret %s: %w", name, err)
	}
	return nil
}

// AddSecret keeps plain as [Tx.PutSecret] does, but what is there already stays.
func (tx *Tx) AddSecret(ctx context.Context, name string, plain []byte) error {
	sealed, err := tx.Seal(ctx, secretAD(name), plain)
	if err != nil {
		return err
	}
	_, err = tx.q.Exec(ctx, `
		INSERT INTO secrets (name, sealed, updated_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO NOTHING`, name, sealed, tx.e.now().UnixMilli())
	if err != nil {
		return fmt.Errorf("add secret %s: %w", name, err)
	}
	return nil
}

// Secret reads what PutSecret kept, or [coop.ErrNotFound]; [ErrSecretKey] if no
// key opens it.
func (r reader) Secret(ctx context.Context, name string) ([]byte, error) {
	var sealed []byte
	err := r.q.QueryRow(ctx, `SELECT sealed FROM secrets WHERE name = $1`, name).Scan(&sealed)
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, notFound(err))
	}
	return r.Unseal(secretAD(name), sealed)
}

// DeleteSecret forgets a secret; a missing one is no error.
func (tx *Tx) DeleteSecret(ctx context.Context, name string) error {
	_, err := tx.q.Exec(ctx, `DELETE FROM secrets WHERE name = $1`, name)
	return err
}
