// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"minga/coop"
)

// ConfirmJob notes that a job of another server was seen at its origin at that
// time, unchanged: no revision, and nobody is told. Of a local post, or one that
// is no job, nothing is noted; a missing one gives [coop.ErrNotFound].
func (tx *Tx) ConfirmJob(ctx context.Context, post coop.ID, at time.Time) error {
	if err := tx.HoldPost(ctx, post); err != nil {
		return err
	}
	p, err := tx.Post(ctx, coop.System(), post)
	if err != nil || p.Local || p.Job == nil {
		return err
	}
	p.Job.ConfirmedAt = at.UTC()
	payload, err := json.Marshal(p.Job)
	if err != nil {
		return fmt.Errorf("confirm job %s: %w", p.IRI, err)
	}
	if _, err := tx.q.Exec(ctx, `UPDATE jobs SET payload = $1 WHERE post_id = $2`, string(payload), int64(post)); err != nil {
		return fmt.Errorf("confirm job %s: %w", p.IRI, err)
	}
	return nil
}
