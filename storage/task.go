// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"
)

// Task is other work than delivering and receiving: expiry, mail, backfill,
// clean-up.
type Task struct {
	ID       int64
	Kind     string // a word of the room whose act it is, such as "expire_job"
	Key      string // unique within the kind while it waits
	Payload  []byte // JSON, at most 64 KiB; may be nil
	DueAt    time.Time
	Attempts int    // claims, this one included
	Fence    int64  // must come back
	Error    string // of the last attempt
}

// TaskStats are the figures of one kind of task.
type TaskStats struct {
	Kind      string
	Waiting   int
	OldestDue time.Duration
	Dead      int
}

// AddTask queues a task. One of the same kind and key that waits keeps the
// earlier of both times and takes the new payload; one that is being done is
// done once more afterwards; one that was set aside waits again.
func (tx *Tx) AddTask(ctx context.Context, t Task) error { return errNotBuilt }

// ClaimTasks leases up to limit due tasks of the kinds given (none: of every
// kind), the longest due first.
func (tx *Tx) ClaimTasks(ctx context.Context, kinds []string, limit int, lease time.Duration) ([]Task, error) {
	return nil, errNotBuilt
}

// RenewTask prolongs a lease, or gives [ErrLeaseLost].
func (tx *Tx) RenewTask(ctx context.Context, id, fence int64, lease time.Duration) error {
	return errNotBuilt
}

// FinishTask removes a task, or gives [ErrLeaseLost].
func (tx *Tx) FinishTask(ctx context.Context, id, fence int64) error { return errNotBuilt }

// PostponeTask ends the lease; the task comes again at the time given. A nil
// payload keeps the old one: a long task keeps its place there.
func (tx *Tx) PostponeTask(ctx context.Context, id, fence int64, at time.Time, payload []byte, cause string) error {
	return errNotBuilt
}

// FailTask sets a task aside with its error.
func (tx *Tx) FailTask(ctx context.Context, id, fence int64, cause string) error { return errNotBuilt }

// DeleteTask cancels a task that waits; a missing one is no error.
func (tx *Tx) DeleteTask(ctx context.Context, kind, key string) error { return errNotBuilt }

// TaskStats counts the tasks by kind.
func (r reader) TaskStats(ctx context.Context) ([]TaskStats, error) { return nil, errNotBuilt }
