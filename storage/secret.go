// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
)

// ErrSecretKey is returned when no key that was handed in opens a secret, or
// when there is no key to seal with.
var ErrSecretKey = errors.New("no secret key opens this")

// box seals and opens secrets.
type box struct{}

// Seal encrypts plain with the first secret key, bound to ad, which names the
// row and column that it will lie in ("account:17:rsa"): sealed bytes copied to
// another row do not open there.
func (r reader) Seal(ad string, plain []byte) ([]byte, error) { return nil, errNotBuilt }

// Unseal opens what [Seal] made with the same ad and any key handed in. It
// returns [ErrSecretKey] if none opens it.
func (r reader) Unseal(ad string, sealed []byte) ([]byte, error) { return nil, errNotBuilt }

// Resealed says whether sealed was made with another key than the first, so that
// a rotation knows what is left to do.
func (r reader) SealedByOldKey(sealed []byte) bool { return false }

// SecretKeyFits checks the keys against the database: the first start leaves a
// sealed mark, and a later start with other keys gets [ErrSecretKey].
func (s *Store) SecretKeyFits(ctx context.Context) error { return errNotBuilt }

// PutSecret keeps plain under name, sealed.
func (tx *Tx) PutSecret(ctx context.Context, name string, plain []byte) error { return errNotBuilt }

// Secret reads what PutSecret kept, or [coop.ErrNotFound].
func (r reader) Secret(ctx context.Context, name string) ([]byte, error) { return nil, errNotBuilt }

// DeleteSecret forgets a secret; a missing one is no error.
func (tx *Tx) DeleteSecret(ctx context.Context, name string) error { return errNotBuilt }
