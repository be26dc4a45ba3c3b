// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"

	"minga/coop"
)

// Retried says how much waits again or is due now.
type Retried struct{ Deliveries, Activities, Tasks int }

// RetryQueues makes what waits for some hosts due now, and lets activities that were
// set aside wait again: those of one server, or, where only is empty, all of them, with
// the tasks. A host that we never sent to counts as one for which nothing waits.
func (tx *Tx) RetryQueues(ctx context.Context, hosts []string, only string) (done Retried, err error) {
	for _, host := range hosts {
		n, err := tx.RetryHost(ctx, host)
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return done, err
		}
		done.Deliveries += n
	}
	if done.Activities, err = tx.RetryIncoming(ctx, only); err != nil || only != "" {
		return done, err
	}
	if done.Tasks, err = tx.RetryTasks(ctx); err != nil {
		return done, err
	}
	_, err = tx.EndLeases(ctx) // of nodes that were killed; one that lives only does it again
	return done, err
}
