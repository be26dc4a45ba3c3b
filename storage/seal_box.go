// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"crypto/cipher"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// box holds the secret keys, the newest first, and those that were there before: what was
// read a moment ago still opens.
type box struct {
	// reread reads again which keys there are; nil: they stay as they were handed in.
	reread func() ([][]byte, error)

	mu   sync.RWMutex
	keys []boxKey
}

// boxKey is one key with its hash, a part of which is its name.
type boxKey struct {
	sum  [sha256.Size]byte
	aead cipher.AEAD
}

// name stands before all that the key sealed.
func (k boxKey) name() KeyName { return KeyName(k.sum[:keyNameSize]) }

// newBox takes the keys as they were handed in.
func newBox(keys [][]byte, reread func() ([][]byte, error)) (*box, error) {
	b := &box{reread: reread}
	return b, b.take(keys)
}

// take puts keys before those that are known.
func (b *box) take(keys [][]byte) error {
	var list []boxKey
	for i, key := range keys {
		aead, err := chacha20poly1305.NewX(key)
		if err != nil {
			return fmt.Errorf("secret key %d has %d bytes, want %d", i+1, len(key), chacha20poly1305.KeySize)
		}
		list = append(list, boxKey{sha256.Sum256(append([]byte("minga secret key "), key...)), aead})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, known := range b.keys {
		if !slices.ContainsFunc(list, func(k boxKey) bool { return k.sum == known.sum }) {
			list = append(list, known)
		}
	}
	b.keys = list
	return nil
}

// refresh reads again which keys there are.
func (b *box) refresh() error {
	if b.reread == nil {
		return nil
	}
	keys, err := b.reread()
	if err != nil {
		return fmt.Errorf("read the secret keys again: %w", err)
	}
	return b.take(keys)
}

// first is the newest key, or [ErrSecretKey].
func (b *box) first() (boxKey, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if len(b.keys) == 0 {
		return boxKey{}, ErrSecretKey
	}
	return b.keys[0], nil
}

// named are the keys of a name. One that is not known may be new: then the keys are read
// again.
func (b *box) named(name KeyName) []boxKey {
	found := b.known(name)
	if len(found) == 0 && b.refresh() == nil {
		found = b.known(name)
	}
	return found
}

// known are those of a name among the keys at hand.
func (b *box) known(name KeyName) (found []boxKey) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, key := range b.keys {
		if key.name() == name {
			found = append(found, key)
		}
	}
	return found
}

// byMark is the key that the mark is sealed with, or [ErrSecretKey].
func (b *box) byMark(mark []byte) (boxKey, error) {
	if len(mark) < sealHead || mark[0] != sealVersion {
		return boxKey{}, ErrSecretKey
	}
	for _, key := range b.named(KeyName(mark[1:sealName])) {
		if _, err := key.aead.Open(nil, mark[sealName:sealHead], mark[sealHead:], []byte(secretAD(keyMark))); err == nil {
			return key, nil
		}
	}
	return boxKey{}, ErrSecretKey
}
