// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"minga/coop"
)

// How a secret key is changed while servers run
//
// All that lies sealed names the key that sealed it. One row, the mark, is sealed too, and
// the key that it names is the one that seals from then on, on every node: each seal reads
// the mark, and in a transaction keeps it from changing until its end. So once the mark is
// sealed with a new key and that is committed, nothing is sealed with the old one any more,
// and what was can be sealed anew in peace. Who meets a key that it does not know reads
// again which there are ([Options.Reread]).

// ErrSecretKey is returned when no key that was handed in opens a secret, or
// when there is no key to seal with.
var ErrSecretKey = errors.New("no secret key opens this")

// What is sealed: one byte of version, four that name the key, a nonce, and the
// XChaCha20-Poly1305 of the secret.
const (
	sealVersion = 1
	keyNameSize = 4
	sealName    = 1 + keyNameSize
	sealHead    = sealName + chacha20poly1305.NonceSizeX
)

// SealOverhead is how many bytes more than the secret its sealed form has.
const SealOverhead = sealHead + chacha20poly1305.Overhead

// maxSecret is the most bytes of one secret.
const maxSecret = 64 << 10

// Seal encrypts plain with the secret key in force, bound to ad, which names the
// row and column that it will lie in ("account:17:rsa"): sealed bytes copied to
// another row do not open there. Without that key it is [ErrSecretKey].
func (r reader) Seal(ctx context.Context, ad string, plain []byte) ([]byte, error) {
	key, err := r.sealingKey(ctx)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", ad, err)
	}
	return key.seal(ad, plain)
}

// sealingKey is the key that the mark names; before there is a mark, the first one.
func (r reader) sealingKey(ctx context.Context) (boxKey, error) {
	mark, err := r.readMark(ctx)
	if errors.Is(err, coop.ErrNotFound) {
		return r.e.box.first()
	}
	if err != nil {
		return boxKey{}, err
	}
	return r.e.box.byMark(mark)
}

// readMark reads the mark as it lies there, or gives [coop.ErrNotFound]. In a transaction
// it stays so until the end.
func (r reader) readMark(ctx context.Context) (mark []byte, err error) {
	err = r.q.QueryRow(ctx, `SELECT sealed FROM secrets WHERE name = $1 FOR SHARE`, keyMark).Scan(&mark)
	return mark, notFound(err)
}

// seal encrypts with this key.
func (k boxKey) seal(ad string, plain []byte) ([]byte, error) {
	if len(plain) > maxSecret {
		return nil, fmt.Errorf("seal %s: %w", ad, coop.ErrTooLarge)
	}
	out := make([]byte, sealHead, sealHead+len(plain)+k.aead.Overhead())
	out[0] = sealVersion
	copy(out[1:], k.name())
	nonce := out[sealName:]
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("seal %s: %w", ad, err)
	}
	return k.aead.Seal(out, nonce, plain, []byte(ad)), nil
}

// Unseal opens what [Seal] made with the same ad and any key handed in. It
// returns [ErrSecretKey] if none opens it.
func (r reader) Unseal(ad string, sealed []byte) ([]byte, error) {
	if len(sealed) < sealHead || sealed[0] != sealVersion {
		return nil, fmt.Errorf("unseal %s: %w", ad, ErrSecretKey)
	}
	for _, key := range r.e.box.named(KeyName(sealed[1:sealName])) {
		if plain, err := key.aead.Open(nil, sealed[sealName:sealHead], sealed[sealHead:], []byte(ad)); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("unseal %s: %w", ad, ErrSecretKey)
}

// KeyName names a secret key: what stands before all that it sealed. It tells nothing of
// the key.
type KeyName string

// Sealed tells whether bytes were sealed with the key of this name.
func (n KeyName) Sealed(b []byte) bool {
	return len(b) >= sealHead && string(b[1:sealName]) == string(n)
}

// KeyInForce names the key that seals now, or gives [ErrSecretKey].
func (r reader) KeyInForce(ctx context.Context) (KeyName, error) {
	key, err := r.sealingKey(ctx)
	return key.name(), err
}

// keyMark is the secret that names the key in force, and by which a start knows whether
// its keys are the right ones.
const keyMark = "minga/mark"

// SecretKeyFits checks the keys against the database: the first start leaves a
// sealed mark, and a later start with other keys gets [ErrSecretKey]. With a new
// first key beside the old one that is in force from then on ([Store.UseNewestKey]).
func (s *Store) SecretKeyFits(ctx context.Context) error {
	mark, err := s.readMark(ctx)
	if errors.Is(err, coop.ErrNotFound) {
		err = s.anyOpens(ctx)
	} else if err == nil {
		_, err = s.Unseal(secretAD(keyMark), mark)
	}
	if err != nil {
		return err
	}
	if key, err := s.e.box.first(); err != nil || key.name().Sealed(mark) {
		return err
	}
	return s.UseNewestKey(ctx)
}

// anyOpens tries one secret of a database without a mark: one that an older program made
// is not marked with a key that is not its own.
func (s *Store) anyOpens(ctx context.Context) error {
	var name string
	var sealed []byte
	err := s.q.QueryRow(ctx, `SELECT name, sealed FROM secrets ORDER BY name LIMIT 1`).Scan(&name, &sealed)
	if err = notFound(err); errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = s.Unseal(secretAD(name), sealed)
	}
	return err
}

// UseNewestKey reads again which secret keys there are, and lets the first seal from now
// on, on every node; all others that know it not refuse to seal. [Store.Reseal] does the
// rest. The mark has to open with one of the keys, else it is [ErrSecretKey].
func (s *Store) UseNewestKey(ctx context.Context) error {
	if err := s.e.box.refresh(); err != nil {
		return err
	}
	key, err := s.e.box.first()
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *Tx) error {
		// Whoever seals holds the mark: here it waits for them.
		var mark []byte
		err := tx.q.QueryRow(ctx, `SELECT sealed FROM secrets WHERE name = $1 FOR UPDATE`, keyMark).Scan(&mark)
		if err = notFound(err); err != nil && !errors.Is(err, coop.ErrNotFound) {
			return err
		}
		if err == nil {
			if _, err := tx.Unseal(secretAD(keyMark), mark); err != nil || key.name().Sealed(mark) {
				return err
			}
		}
		sealed, err := key.seal(secretAD(keyMark), []byte("minga"))
		if err != nil {
			return err
		}
		return tx.putSealed(ctx, keyMark, sealed)
	})
}
