// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// SetPassword keeps the hash of a person's password, in argon2id's own text
// form; an empty one takes the password away.
func (tx *Tx) SetPassword(ctx context.Context, account coop.ID, hash string) error {
	var err error
	if hash == "" {
		_, err = tx.exec(ctx, `DELETE FROM passwords WHERE account_id = $1`, account)
	} else {
		_, err = tx.exec(ctx, `
			INSERT INTO passwords (account_id, hash)
			VALUES ($1, $2)
			ON CONFLICT (account_id) DO UPDATE SET hash = EXCLUDED.hash`, account, hash)
	}
	if err != nil {
		return fmt.Errorf("password of account %s: %w", account, err)
	}
	return nil
}

// ChangePassword keeps a new hash and ends what the old password let in: all tokens,
// codes, links and sessions but the one named, where the change was made; zero: all.
func (tx *Tx) ChangePassword(ctx context.Context, account coop.ID, hash string, except coop.ID) error {
	if err := tx.SetPassword(ctx, account, hash); err != nil {
		return err
	}
	return tx.EndOthers(ctx, account, except)
}

// PasswordHash is the hash of a person's password, or [coop.ErrNotFound] when
// none is set.
func (r reader) PasswordHash(ctx context.Context, account coop.ID) (string, error) {
	hash, err := first(ctx, r, pgx.RowTo[string], `
		SELECT hash
		FROM passwords
		WHERE account_id = $1`, account)
	if err != nil {
		return "", fmt.Errorf("password of account %s: %w", account, err)
	}
	return hash, nil
}
