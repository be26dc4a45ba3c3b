// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"container/list"
	"crypto/sha256"
	"sync"
	"time"
)

// memo remembers what strangers can make us remember: for a time and up to a
// number of keys, the oldest out first. It keeps no clock: the
// present is handed in, so tests decide what time it is.
//
// Keys are kept as hashes: an address of 2,048 bytes costs no more than a short one.
type memo[V any] struct {
	mu    sync.Mutex
	ttl   time.Duration
	most  int
	order *list.List // of *memoEntry[V], the oldest first
	byKey map[memoKey]*list.Element
}

// memoKey is the SHA-256 of a key.
type memoKey [sha256.Size]byte

// hashed is the form in which a key is kept.
func hashed(key string) memoKey { return sha256.Sum256([]byte(key)) }

type memoEntry[V any] struct {
	key   memoKey
	value V
	until time.Time
}

// newMemo makes a memory of at most most keys for ttl each.
func newMemo[V any](ttl time.Duration, most int) *memo[V] {
	return &memo[V]{ttl: ttl, most: most, order: list.New(), byKey: map[memoKey]*list.Element{}}
}

// get is what was put under key less than ttl ago.
func (m *memo[V]) get(key string, now time.Time) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var none V
	e, ok := m.byKey[hashed(key)]
	if !ok {
		return none, false
	}
	entry := e.Value.(*memoEntry[V])
	if !now.Before(entry.until) {
		m.drop(e)
		return none, false
	}
	return entry.value, true
}

// put remembers value; what was there begins anew.
func (m *memo[V]) put(key string, value V, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.byKey[hashed(key)]; ok {
		m.drop(e)
	}
	for m.order.Len() >= m.most {
		m.drop(m.order.Front())
	}
	m.byKey[hashed(key)] = m.order.PushBack(&memoEntry[V]{hashed(key), value, now.Add(m.ttl)})
}

// getOrPut gives what is there, else remembers what make gives.
func (m *memo[V]) getOrPut(key string, now time.Time, make func() V) V {
	if v, ok := m.get(key, now); ok {
		return v
	}
	v := make()
	m.put(key, v, now)
	return v
}

// once says whether key was not there, and remembers it.
func (m *memo[V]) once(key string, now time.Time) bool {
	m.mu.Lock()
	e, ok := m.byKey[hashed(key)]
	known := ok && now.Before(e.Value.(*memoEntry[V]).until)
	m.mu.Unlock()
	if known {
		return false
	}
	var none V
	m.put(key, none, now)
	return true
}

// forget drops key.
func (m *memo[V]) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.byKey[hashed(key)]; ok {
		m.drop(e)
	}
}

func (m *memo[V]) drop(e *list.Element) {
	m.order.Remove(e)
	delete(m.byKey, e.Value.(*memoEntry[V]).key)
}
