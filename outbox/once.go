// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/storage"
)

// around is what happens in the transaction that publishes a post, besides. The zero
// value does nothing.
type around struct {
	key   string                                          // see [storage.Tx.ClaimKey]; empty: none
	first func(ctx context.Context, tx *storage.Tx) error // nil: nothing
}

// writeOnce runs act in one transaction, with what happens besides, and notes under
// its key what act published.
func (o *Outbox) writeOnce(ctx context.Context, act func(tx *storage.Tx) (post, scheduled coop.ID, err error)) error {
	var again *storage.RepeatedError
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		again = nil
		err := o.around.begin(ctx, tx)
		if errors.As(err, &again) {
			return nil // it must end well: only then is what the first published durable, and not merely seen
		}
		if err != nil {
			return err
		}
		post, scheduled, err := act(tx)
		if err != nil {
			return err
		}
		return o.around.end(ctx, tx, post, scheduled)
	})
	if err == nil && again != nil {
		return again
	}
	return err
}

// begin is what must hold before anything is written.
func (a around) begin(ctx context.Context, tx *storage.Tx) error {
	if a.first != nil {
		if err := a.first(ctx, tx); err != nil {
			return err
		}
	}
	if a.key == "" {
		return nil
	}
	return tx.ClaimKey(ctx, a.key)
}

// end notes what was published.
func (a around) end(ctx context.Context, tx *storage.Tx, post, scheduled coop.ID) error {
	if a.key == "" {
		return nil
	}
	return tx.SettleKey(ctx, a.key, post, scheduled)
}

// Once is this outbox for a request that may come twice: what it publishes is
// published once for each key of [storage.PublishKey] within an hour, also when both
// come at the same time. The second is told by a *[storage.RepeatedError] what became
// of the first. An empty key is no key.
func (o *Outbox) Once(key string) *Outbox {
	c := *o
	c.around.key = key
	return &c
}
