// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature"
	"minga/federation/vocabulary"
	"minga/storage"
)

const (
	// maxKeys is how many accounts' parsed keys are kept in memory.
	maxKeys = 1000
	// turnFor is how long it is not asked whether another process changed keys.
	turnFor = time.Second
)

// keyPair is the parsed private keys of a local account.
type keyPair struct {
	rsa, ed signature.PrivateKey
	// listed are earlier Multikeys, whose proofs still hold.
	listed []vocabulary.Multikey
	// old is the RSA key before the last rotation, which signs its announcement.
	old          signature.PrivateKey
	announcement coop.IRI
	turn         string // of the keys ([storage.Tx.TurnKeys]) when they were read
}

// keyring keeps parsed keys: reading and checking an RSA key costs more than
// signing with an Ed25519 one. It is bounded; the oldest goes first.
type keyring struct {
	mu    sync.Mutex
	most  int
	pairs map[coop.ID]*keyPair
	order []coop.ID
	turn  string    // as it was read last
	read  time.Time // when
}

func newKeyring(most int) *keyring { return &keyring{most: most, pairs: map[coop.ID]*keyPair{}} }

// get gives the keys of an account as they were read in this turn; nil: they were not.
func (k *keyring) get(id coop.ID, turn string) *keyPair {
	k.mu.Lock()
	defer k.mu.Unlock()
	pair := k.pairs[id]
	if pair == nil || pair.turn != turn {
		return nil
	}
	return pair
}

// lately is the turn as it was read a moment ago.
func (k *keyring) lately(now time.Time) (turn string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	since := now.Sub(k.read)
	return k.turn, since >= 0 && since < turnFor
}

// heard keeps the turn that was read.
func (k *keyring) heard(turn string, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.turn, k.read = turn, now
}

func (k *keyring) put(id coop.ID, pair *keyPair) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.pairs[id]; !known {
		k.order = append(k.order, id)
	}
	k.pairs[id] = pair
	for len(k.order) > k.most {
		delete(k.pairs, k.order[0])
		k.order = k.order[1:]
	}
}

// look says that keys were changed here: the turn is read again.
func (k *keyring) look() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.read = time.Time{}
}

// keyReader is what holds private keys: the store, or a transaction.
type keyReader interface {
	Account(ctx context.Context, id coop.ID) (*coop.Account, error)
	Keys(ctx context.Context, id coop.ID) (*coop.KeyPair, error)
	Secret(ctx context.Context, name string) ([]byte, error)
	KeyTurn(ctx context.Context) (string, error)
}

// turnOf is the present turn of keys. In a transaction it is always read: what that
// changes itself must not be known to others before it is there. It is read before the
// keys, so that what is kept under it is never older.
func (o *Outbox) turnOf(ctx context.Context, r keyReader) (string, error) {
	if r != keyReader(o.store) {
		return r.KeyTurn(ctx)
	}
	now := o.now()
	if turn, ok := o.keys.lately(now); ok {
		return turn, nil
	}
	turn, err := r.KeyTurn(ctx)
	if err == nil {
		o.keys.heard(turn, now)
	}
	return turn, err
}

// keysOf finds the keys of a local account.
func (o *Outbox) keysOf(ctx context.Context, r keyReader, id coop.ID) (*keyPair, error) {
	turn, err := o.turnOf(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", id, err)
	}
	if pair := o.keys.get(id, turn); pair != nil {
		return pair, nil
	}
	account, err := r.Account(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", id, err)
	}
	raw, err := r.Keys(ctx, id)
	if isNotFound(err) && !account.DeletedAt.IsZero() {
		raw, err = lastKeys(ctx, r, id)
	}
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", account.IRI, err)
	}
	pair, err := parsePair(account.IRI, raw)
	if err != nil {
		return nil, err
	}
	if err := pair.recall(ctx, r, account); err != nil {
		return nil, err
	}
	pair.turn = turn
	o.keys.put(id, pair)
	return pair, nil
}

func parsePair(iri coop.IRI, raw *coop.KeyPair) (*keyPair, error) {
	rsa, err := signature.ParsePrivate(raw.RSA)
	if err != nil {
		return nil, fmt.Errorf("RSA key of %s: %w", iri, err)
	}
	ed, err := signature.ParsePrivate(raw.Ed25519)
	if err != nil {
		return nil, fmt.Errorf("Ed25519 key of %s: %w", iri, err)
	}
	return &keyPair{
		rsa: signature.PrivateKey{ID: string(iri) + "#main-key", Signer: rsa},
		ed:  signature.PrivateKey{ID: string(iri) + "#ed25519-key", Signer: ed},
	}, nil
}

// forNow keeps apart a key that there is not and a store that does not answer: with the
// first nothing is ever sent, with the second it is sent later.
func forNow(err error) error {
	if storage.Away(err) {
		return &federation.Error{Kind: federation.KindBusy, Err: err}
	}
	return err
}

// InstanceKey is the RSA key of the instance actor, which signs every fetch.
func (o *Outbox) InstanceKey(ctx context.Context) (signature.PrivateKey, error) {
	account, err := o.store.InstanceAccount(ctx)
	if err != nil {
		return signature.PrivateKey{}, forNow(fmt.Errorf("key of the instance: %w", err))
	}
	pair, err := o.keysOf(ctx, o.store, account.ID)
	if err != nil {
		return signature.PrivateKey{}, forNow(err)
	}
	return pair.rsa, nil
}
