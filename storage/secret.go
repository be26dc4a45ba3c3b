// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"minga/coop"
)

// ErrSecretKey is returned when no key that was handed in opens a secret, or
// when there is no key to seal with.
var ErrSecretKey = errors.New("no secret key opens this")

// What is sealed: one byte of version, four that name the key, a nonce, and the
// XChaCha20-Poly1305 of the secret.
const (
	sealVersion = 1
	keyNameSize = 4
	sealHead    = 1 + keyNameSize + chacha20poly1305.NonceSizeX
)

// SealOverhead is how many bytes more than the secret its sealed form has.
const SealOverhead = sealHead + chacha20poly1305.Overhead

// maxSecret is the most bytes of one secret.
const maxSecret = 64 << 10

// box seals and opens secrets. It is nil-safe: without keys it opens nothing.
type box struct {
	keys []boxKey
}

// boxKey is one key with its name, a part of its hash.
type boxKey struct {
	name []byte
	aead cipher.AEAD
}

// newBox takes the keys as they were handed in, the first of which seals.
func newBox(keys [][]byte) (*box, error) {
	b := &box{}
	for i, key := range keys {
		aead, err := chacha20poly1305.NewX(key)
		if err != nil {
			return nil, fmt.Errorf("secret key %d has %d bytes, want %d", i+1, len(key), chacha20poly1305.KeySize)
		}
		sum := sha256.Sum256(append([]byte("minga secret key "), key...))
		b.keys = append(b.keys, boxKey{sum[:keyNameSize], aead})
	}
	return b, nil
}

// Seal encrypts plain with the first secret key, bound to ad, which names the
// row and column that it will lie in ("account:17:rsa"): sealed bytes copied to
// another row do not open there. Without a key it is [ErrSecretKey].
func (r reader) Seal(ad string, plain []byte) ([]byte, error) {
	if len(r.e.box.keys) == 0 {
		return nil, fmt.Errorf("seal %s: %w", ad, ErrSecretKey)
	}
	if len(plain) > maxSecret {
		return nil, fmt.Errorf("seal %s: %w", ad, coop.ErrTooLarge)
	}
	key := r.e.box.keys[0]
	out := make([]byte, sealHead, sealHead+len(plain)+key.aead.Overhead())
	out[0] = sealVersion
	copy(out[1:], key.name)
	nonce := out[1+keyNameSize:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal %s: %w", ad, err)
	}
	return key.aead.Seal(out, nonce, plain, []byte(ad)), nil
}

// Unseal opens what [Seal] made with the same ad and any key handed in. It
// returns [ErrSecretKey] if none opens it.
func (r reader) Unseal(ad string, sealed []byte) ([]byte, error) {
	if len(sealed) < sealHead || sealed[0] != sealVersion {
		return nil, fmt.Errorf("unseal %s: %w", ad, ErrSecretKey)
	}
	nonce := sealed[1+keyNameSize : sealHead]
	for _, key := range r.e.box.keys {
		if !bytes.HasPrefix(sealed[1:], key.name) {
			continue
		}
		if plain, err := key.aead.Open(nil, nonce, sealed[sealHead:], []byte(ad)); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("unseal %s: %w", ad, ErrSecretKey)
}

// SealedByOldKey says whether sealed was made with another key than the first, so
// that a rotation knows what is left to do.
func (r reader) SealedByOldKey(sealed []byte) bool {
	return len(r.e.box.keys) > 0 && (len(sealed) < sealHead || !bytes.HasPrefix(sealed[1:], r.e.box.keys[0].name))
}

// keyMark is the secret by which a start knows whether its keys are the right ones.
const keyMark = "minga/mark"

// SecretKeyFits checks the keys against the database: the first start leaves a
// sealed mark, and a later start with other keys gets [ErrSecretKey]. With a new
// first key beside the old one the mark is sealed anew.
func (s *Store) SecretKeyFits(ctx context.Context) error {
	return s.Write(ctx, func(tx *Tx) error {
		var sealed []byte
		err := tx.q.QueryRow(ctx, `SELECT sealed FROM secrets WHERE name = $1`, keyMark).Scan(&sealed)
		if err = notFound(err); err != nil && !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		if err == nil {
			if _, err := tx.Unseal(secretAD(keyMark), sealed); err != nil || !tx.SealedByOldKey(sealed) {
				return err
			}
		}
		return tx.PutSecret(ctx, keyMark, []byte("minga"))
	})
}

// secretAD binds a secret to its row.
func secretAD(name string) string { return "secrets:" + name }

// PutSecret keeps plain (at most 64 KiB) under name (at most 200 letters), sealed.
func (tx *Tx) PutSecret(ctx context.Context, name string, plain []byte) error {
	sealed, err := tx.Seal(secretAD(name), plain)
	if err != nil {
		return err
	}
	_, err = tx.q.Exec(ctx, `
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
	sealed, err := tx.Seal(secretAD(name), plain)
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

// ResealSecrets seals anew, with the first key, up to limit secrets that an older
// key sealed, and says how many. Keys in other tables are their records' matter.
func (tx *Tx) ResealSecrets(ctx context.Context, limit int) (int, error) {
	names, err := tx.lines(ctx, `SELECT name FROM secrets ORDER BY updated_at, name LIMIT $1`, limit)
	if err != nil {
		return 0, fmt.Errorf("reseal: %w", err)
	}
	n := 0
	for _, name := range names {
		done, err := tx.reseal(ctx, name)
		if err != nil {
			return n, err
		}
		n += done
	}
	return n, nil
}

// reseal does one secret.
func (tx *Tx) reseal(ctx context.Context, name string) (int, error) {
	var sealed []byte
	if err := tx.q.QueryRow(ctx, `SELECT sealed FROM secrets WHERE name = $1`, name).Scan(&sealed); err != nil {
		return 0, err
	}
	if !tx.SealedByOldKey(sealed) {
		return 0, nil
	}
	plain, err := tx.Unseal(secretAD(name), sealed)
	if err != nil {
		return 0, err
	}
	return 1, tx.PutSecret(ctx, name, plain)
}
