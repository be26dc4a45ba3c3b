// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// maxExpired is how many jobs end in one call.
const maxExpired = 200

// Expire ends the jobs of this instance whose time is past, telling everybody, and
// marks remote ones; it says how many. Call it every minute.
func (o *Outbox) Expire(ctx context.Context) (int, error) {
	due, err := o.store.DueJobs(ctx, o.now(), maxExpired)
	if err != nil {
		return 0, fmt.Errorf("jobs that are due: %w", err)
	}
	done, failed := 0, error(nil)
	for _, p := range due {
		// One that cannot be ended must not keep the others open.
		if err := o.expire(ctx, p); err != nil {
			failed = errors.Join(failed, fmt.Errorf("expire %s: %w", p.IRI, err))
			continue
		}
		done++
	}
	return done, failed
}

// expire looks once more inside the transaction: somebody may have filled it.
func (o *Outbox) expire(ctx context.Context, p *coop.Post) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if !p.Local {
			return tx.ExpireRemoteJob(ctx, p.ID, o.now())
		}
		now, err := o.ownPost(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if !now.Job.Expired(o.now()) || now.Job.Ended() {
			return nil
		}
		return o.stepJob(ctx, tx, now, coop.JobExpire)
	})
}
