// SPDX-License-Identifier: AGPL-3.0-or-later

// Package signaturetest has RSA keys for tests. Making one takes the time of some
// hundred signatures, and longer than most tests do otherwise.
package signaturetest

import (
	"crypto/rsa"
	"sync"

	"minga/federation/signature"
)

// pool holds the keys that were made so far, for all tests of one program.
var pool struct {
	sync.Mutex
	keys []*rsa.PrivateKey
}

// Keys gives one key after the other, never the same twice: two calls of Keys give
// the same keys in the same order, so that a test that wants its keys to differ
// calls it once. The function may be called from several goroutines.
func Keys() func() (*rsa.PrivateKey, error) {
	next := 0
	return func() (*rsa.PrivateKey, error) {
		pool.Lock()
		defer pool.Unlock()
		if next == len(pool.keys) {
			key, err := signature.GenerateRSA()
			if err != nil {
				return nil, err
			}
			pool.keys = append(pool.keys, key)
		}
		next++
		return pool.keys[next-1], nil
	}
}
