// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"

	"minga/coop"
	"minga/storage"
)

// around is what happens in the transaction that publishes a post, besides. The zero
// value does nothing.
type around struct {
	key   string                                          // see [storage.Tx.ClaimKey]; empty: none
	first func(ctx context.Context, tx *storage.Tx) error // nil: nothing
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
