// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
)

// EndLeases takes back everything that workers hold, in all three queues, makes it
// due now, and says how much it was. It is for the start after a crash: who held it
// is no more, and need not be waited for. A worker that lives all the same is told
// [ErrLeaseLost] when it comes with its result, so nothing has its effect twice.
func (tx *Tx) EndLeases(ctx context.Context) (int, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return 0, err
	}
	var n int64
	for _, table := range []string{
		`UPDATE destinations SET fence = fence + 1, leased_until = 0, due_at = $1 WHERE leased_until > 0`,
		`UPDATE incoming SET fence = fence + 1, leased_until = 0, due_at = $1 WHERE leased_until > 0`,
		`UPDATE tasks SET fence = fence + 1, leased_until = 0, due_at = $1 WHERE leased_until > 0`,
	} {
		tag, err := tx.q.Exec(ctx, table, now)
		if err != nil {
			return 0, fmt.Errorf("end leases: %w", err)
		}
		n += tag.RowsAffected()
	}
	for _, topic := range []string{TopicDeliveries, TopicIncoming, TopicTasks} {
		tx.Wake(topic)
	}
	return int(n), nil
}
