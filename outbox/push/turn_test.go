// SPDX-License-Identifier: AGPL-3.0-or-later

package push

import (
	"context"
	"errors"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox/push/pushtest"
	"minga/storage"
	"minga/storage/storagetest"
)

// TestTheKeyIsChanged: a sender of another process signs with the new key within a second,
// subscriptions of before are gone, and what also refuses is not done.
func TestTheKeyIsChanged(t *testing.T) {
	storagetest.EachAt(t, func(t *testing.T, s *storage.Store, clock *storagetest.Clock) {
		h, ctx := newHouse(t, s, clock), t.Context()
		other, before := h.sender(s), h.PublicKey(ctx)
		refused := errors.New("refused")
		if _, err := h.RotateKey(ctx, func(context.Context, *storage.Tx, int) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("refused: %v", err)
		}
		if n, err := h.RotateKey(ctx, func(context.Context, *storage.Tx, int) error { return coop.ErrConflict }); n != 0 || err != nil || h.PublicKey(ctx) != before {
			t.Errorf("done already: %d, %v", n, err)
		}
		a := h.subscribe(pushtest.NewService(t, nil))
		n, err := h.RotateKey(ctx, func(context.Context, *storage.Tx, int) error { return nil })
		if n != 1 || err != nil {
			t.Errorf("%d subscriptions ended, %v", n, err)
		}
		clock.Advance(2 * time.Second)
		after := h.PublicKey(ctx)
		if after == before || other.PublicKey(ctx) != after || h.sender(s).PublicKey(ctx) != after {
			t.Errorf("key %s, elsewhere %s, before %s", after, other.PublicKey(ctx), before)
		}
		if a.there() {
			t.Error("a subscription of the key of before is still there")
		}
	})
}
