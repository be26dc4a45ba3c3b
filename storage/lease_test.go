// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"

	"minga/storage"
)

// TestEndLeases: what workers that are no more held comes at once, in its order, and
// whoever held it and lives all the same is too late.
func TestEndLeases(t *testing.T) {
	queueTest(t, func(k *kit) {
		k.receive(arriving("ana", "a1", ""))
		k.receive(arriving("ana", "a2", ""))
		k.ask("mail", "1", "", 0)
		k.add(k.delivery("Create", "o", "one.test"))
		activity, claim := k.take(10)[0], k.one()
		tasks, _ := k.tasks(1)

		k.write(func(ctx context.Context, tx *storage.Tx) error {
			n, err := tx.EndLeases(ctx)
			k.same("ended", n, 3)
			return err
		})
		k.lost("activity", func(ctx context.Context, tx *storage.Tx) error {
			return tx.FinishIncoming(ctx, activity.ID, activity.Fence)
		})
		k.lost("task", func(ctx context.Context, tx *storage.Tx) error {
			return tx.FinishTask(ctx, tasks[0].ID, tasks[0].Fence)
		})
		k.lost("delivery", func(ctx context.Context, tx *storage.Tx) error {
			return tx.SettleDestination(ctx, storage.Settlement{Host: claim.Host, Fence: claim.Fence})
		})

		again := k.take(10)
		k.same("of one actor only the first", []any{len(again), again[0].ID}, []any{1, activity.ID})
		k.finish(again[0])
		second, _ := k.tasks(1)
		k.done(second[0])
		k.settle(k.one(), storage.Delivered)
	})
}
