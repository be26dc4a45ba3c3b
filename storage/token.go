// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// TokenByHash finds a token that is not revoked by the SHA-256 of its text, or
// gives [coop.ErrNotFound]. Tokens of accounts that are gone are not found.
func (r reader) TokenByHash(ctx context.Context, hash []byte) (*coop.Token, error) {
	return nil, errNotBuilt
}

// Tokens lists the tokens of an account, newest first, revoked ones too; account
// zero lists all.
func (r reader) Tokens(ctx context.Context, account coop.ID) ([]coop.Token, error) {
	return nil, errNotBuilt
}

// AddToken stores a token and fills in its ID and CreatedAt.
func (tx *Tx) AddToken(ctx context.Context, t *coop.Token) error { return errNotBuilt }

// RevokeToken ends a token; a missing one gives [coop.ErrNotFound].
func (tx *Tx) RevokeToken(ctx context.Context, id coop.ID, at time.Time) error { return errNotBuilt }

// TouchToken notes when a token was used last, once an hour at most. Callers ask
// [TokenStale] first and spare the transaction.
func (tx *Tx) TouchToken(ctx context.Context, id coop.ID, at time.Time) error { return errNotBuilt }

// TokenStale tells whether [Tx.TouchToken] would write.
func TokenStale(t *coop.Token, now time.Time) bool { return now.Sub(t.LastUsed) >= time.Hour }
