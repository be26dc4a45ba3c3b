// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
)

// Restored is what [Tx.Restored] held back.
type Restored struct {
	Deliveries int64 `json:"deliveries"` // to other servers
	Tasks      int64 `json:"tasks"`      // mails, messages to apps, calls of web hooks
	Scheduled  int64 `json:"scheduled"`  // posts whose time has come meanwhile
}

// toldTasks are the kinds of tasks by which somebody is told something.
var toldTasks = []string{"outbox.mail", "outbox.push", "outbox.webhook"}

// Restored makes a database that came from a backup fit to go on: nobody holds a lease,
// and what waited to be sent counts as done, since it was sent after the backup was made
// or is old by now. Posts whose time to be published has come meanwhile wait for their
// author. With resume all of that is sent after all.
func (tx *Tx) Restored(ctx context.Context, resume bool) (r Restored, err error) {
	if _, err := tx.EndLeases(ctx); err != nil || resume {
		return r, err
	}
	if r, err = tx.dropWaiting(ctx); err != nil {
		return r, err
	}
	r.Scheduled, err = tx.exec(ctx, `
		DELETE FROM tasks
		WHERE kind = $1 AND due_at <= $2`, TaskScheduled, msOf(tx.e.now()))
	if err != nil {
		return r, fmt.Errorf("posts of before: %w", err)
	}
	_, err = tx.exec(ctx, `
		UPDATE scheduled_posts
		SET error = 'its time passed while the server was being restored'
		WHERE due_at <= $1 AND error = ''`, msOf(tx.e.now()))
	return r, err
}

// dropWaiting drops what waits to go out: deliveries, mails, messages to apps, calls of web
// hooks.
func (tx *Tx) dropWaiting(ctx context.Context) (r Restored, err error) {
	if r.Deliveries, err = tx.exec(ctx, `DELETE FROM deliveries`); err != nil {
		return r, fmt.Errorf("deliveries of before: %w", err)
	}
	if _, err := tx.exec(ctx, `UPDATE destinations SET due_at = NULL`); err != nil {
		return r, fmt.Errorf("deliveries of before: %w", err)
	}
	a := args{}
	if r.Tasks, err = tx.exec(ctx, `DELETE FROM tasks WHERE kind IN `+in(&a, toldTasks), a...); err != nil {
		return r, fmt.Errorf("tasks of before: %w", err)
	}
	return r, nil
}
