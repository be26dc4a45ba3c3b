// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// How keys are changed
//
// A page or the command line writes down what is wanted; whoever does it, the command or a
// server, writes down how far it is, always in the transaction of the step itself. So it
// may be stopped anywhere and by anything, and goes on where it was; two who do it at once
// do nothing twice.

// keysBusy is how long others leave a change of keys to who is at it.
const keysBusy = 2 * time.Minute

// keysEvery is how often a server looks whether one was left in the middle.
const keysEvery = time.Minute

// tendKeys changes keys when a page asks, and goes on with what another left.
func (i *instance) tendKeys(ctx context.Context) error {
	woken := i.store.Listen(ctx, storage.TopicKeys)
	turn := time.NewTicker(keysEvery)
	defer turn.Stop()
	for {
		if err := i.keysTurn(ctx); err != nil && ctx.Err() == nil {
			i.log.ErrorContext(ctx, "keys not changed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-turn.C:
		}
	}
}

// keysTurn does what waits, if nobody is at it.
func (i *instance) keysTurn(ctx context.Context) error {
	k, err := i.store.KeyRotation(ctx)
	if err != nil || k.Asked.IsZero() || i.now().Before(k.Busy) {
		return err
	}
	mine := false
	err = i.store.Write(ctx, func(tx *storage.Tx) error {
		return tx.ChangeKeyRotation(ctx, func(k *storage.KeyRotation) error {
			if mine = !k.Asked.IsZero() && !i.now().Before(k.Busy); mine {
				k.Busy = i.now().Add(keysBusy)
			}
			return nil
		})
	})
	if err != nil || !mine {
		return err
	}
	_, err = i.changeKeys(ctx, nil)
	return err
}

// askKeys writes down what is wanted, and who wants it.
func (i *instance) askKeys(ctx context.Context, want storage.KeyRotation, entry coop.AuditEntry) error {
	return i.store.Write(ctx, func(tx *storage.Tx) error {
		err := tx.ChangeKeyRotation(ctx, func(k *storage.KeyRotation) error {
			k.Ask(want, i.now().UTC())
			k.Busy = i.now().Add(keysBusy)
			return nil
		})
		if err != nil {
			return err
		}
		return tx.AddAudit(ctx, &entry)
	})
}

// changeKeys does what was asked for, from where it is, and tells what is left of it. tell
// hears of each step; it may be nil. What goes wrong with the secret key keeps the rest
// from nothing: who was robbed waits for no backup.
func (i *instance) changeKeys(ctx context.Context, tell func(step string)) (storage.KeyRotation, error) {
	var sealing error
	for _, step := range []struct {
		name string
		do   func(ctx context.Context, k storage.KeyRotation) error
	}{
		{"sign everybody out", i.endEverybody},
		{"key of Web Push", i.changePushKey},
		{"secret key", func(ctx context.Context, k storage.KeyRotation) error { sealing = i.changeSecret(ctx, k); return nil }},
		{"keys of accounts", i.changeActorKeys},
		{"links of searches", i.renewSearches},
		{"tell people", i.tellPeople},
	} {
		k, err := i.store.KeyRotation(ctx)
		if err != nil || k.Asked.IsZero() {
			return k, err
		}
		if tell != nil {
			tell(step.name)
		}
		if err := step.do(ctx, k); err != nil {
			return k, i.keysFailed(ctx, fmt.Errorf("%s: %w", step.name, err))
		}
	}
	if sealing != nil {
		return storage.KeyRotation{}, i.keysFailed(ctx, fmt.Errorf("secret key: %w", sealing))
	}
	return i.finishKeys(ctx)
}

// keysFailed writes down why it does not go on, and leaves it to the next.
func (i *instance) keysFailed(ctx context.Context, failed error) error {
	err := i.keysStep(context.WithoutCancel(ctx), func(k *storage.KeyRotation) error {
		k.Problem = failed.Error()
		return nil
	})
	return errors.Join(failed, err)
}

// keysStep changes how far it is; who does so is at it.
func (i *instance) keysStep(ctx context.Context, change func(k *storage.KeyRotation) error, also ...outbox.Also) error {
	return i.store.Write(ctx, func(tx *storage.Tx) error {
		if err := i.keysStepIn(ctx, tx, change); err != nil {
			return err
		}
		for _, do := range also {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// keysStepIn is keysStep in a transaction of somebody else.
func (i *instance) keysStepIn(ctx context.Context, tx *storage.Tx, change func(k *storage.KeyRotation) error) error {
	return tx.ChangeKeyRotation(ctx, func(k *storage.KeyRotation) error {
		k.Busy = i.now().Add(keysBusy)
		return change(k)
	})
}

// endEverybody signs everybody out, once.
func (i *instance) endEverybody(ctx context.Context, k storage.KeyRotation) error {
	if !k.Compromise || k.Ended {
		return nil
	}
	set := func(k *storage.KeyRotation) error { k.Ended = true; return nil }
	return i.keysStep(ctx, set, func(ctx context.Context, tx *storage.Tx) error { return tx.EndEverybody(ctx) })
}

// changePushKey makes another key for Web Push, once.
func (i *instance) changePushKey(ctx context.Context, k storage.KeyRotation) error {
	if !k.Push || k.Pushed {
		return nil
	}
	_, err := i.push.RotateKey(ctx, func(ctx context.Context, tx *storage.Tx, ended int) error {
		return i.keysStepIn(ctx, tx, func(k *storage.KeyRotation) error {
			if k.Pushed {
				return coop.ErrConflict // another was first
			}
			k.Pushed, k.Ends = true, ended
			return nil
		})
	})
	return err
}

// renewSearches ends the links of saved searches.
func (i *instance) renewSearches(ctx context.Context, k storage.KeyRotation) error {
	if !k.Compromise {
		return nil
	}
	return i.outbox.RenewSearches(ctx)
}

// tellPeople lets everybody know.
func (i *instance) tellPeople(ctx context.Context, k storage.KeyRotation) error {
	if !k.Compromise {
		return nil
	}
	return i.outbox.TellKeys(ctx)
}

// finishKeys says that it is done. What was asked for meanwhile is not: the next turn
// does it.
func (i *instance) finishKeys(ctx context.Context) (done storage.KeyRotation, err error) {
	err = i.store.Write(ctx, func(tx *storage.Tx) error {
		err := tx.ChangeKeyRotation(ctx, func(k *storage.KeyRotation) error {
			if !k.Asked.IsZero() {
				k.Finish(i.now().UTC())
			}
			done = *k
			return nil
		})
		if err != nil {
			return err
		}
		what := fmt.Sprintf("%d accounts, %d sealed, %d lost, %d subscriptions", done.Accounts, done.Rows, done.Lost, done.Ends)
		return tx.AddAudit(ctx, &coop.AuditEntry{At: i.now(), Who: "minga", Act: "keys.done", Why: what})
	})
	return done, err
}
