// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"minga/coop"
	"minga/storage"
)

// turnFor is how long it is not asked whether another process changed the key.
const turnFor = time.Second

// present is the key as it was read last.
type present struct {
	mu   sync.Mutex
	key  *key
	turn string    // of the keys ([storage.Tx.TurnKeys]), before the key was read
	read time.Time // when the turn was
}

// keyNow is the key, read again after it was changed, here or elsewhere. While the store
// does not answer it is the one of before.
func (s *Sender) keyNow(ctx context.Context) *key {
	p, now := &s.key, s.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if since := now.Sub(p.read); p.key != nil && since >= 0 && since < turnFor {
		return p.key
	}
	if err := s.readKey(ctx, now); err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelWarn, "key for web push not read again", slog.Any("err", err))
	}
	return p.key
}

// readKey reads the turn, and the key where that is another.
func (s *Sender) readKey(ctx context.Context, now time.Time) error {
	turn, err := s.store.KeyTurn(ctx)
	if err != nil {
		return err
	}
	p := &s.key
	if p.key != nil && turn == p.turn {
		p.read = now
		return nil
	}
	k, err := loadKey(ctx, s.store)
	if err == nil {
		p.key, p.turn, p.read = k, turn, now
	}
	return err
}

// Renewed is what a new key does besides, in its transaction. An error of it undoes all.
type Renewed func(ctx context.Context, tx *storage.Tx, ended int) error

// RotateKey makes another key and ends all subscriptions, which are bound to the one of
// before: push services would refuse what the new one signs. Apps see at their next start
// that their subscription is gone, and subscribe with the new key. It says how many ended.
// [coop.ErrConflict] of also means that it was done already, and changes nothing.
func (s *Sender) RotateKey(ctx context.Context, also Renewed) (ended int, err error) {
	fresh, err := newKey()
	if err != nil {
		return 0, err
	}
	err = s.store.Write(ctx, func(tx *storage.Tx) error {
		if ended, err = tx.DropAllPush(ctx); err != nil {
			return err
		}
		if err := tx.PutSecret(ctx, secretName, fresh); err != nil {
			return err
		}
		if err := tx.TurnKeys(ctx); err != nil {
			return err
		}
		return also(ctx, tx, ended)
	})
	s.key.mu.Lock()
	defer s.key.mu.Unlock()
	s.key.read = time.Time{}
	if errors.Is(err, coop.ErrConflict) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("another key for web push: %w", err)
	}
	return ended, nil
}
