// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// maxPayload is the most bytes of a task's payload.
const maxPayload = 64 << 10

// maxTaskClaims is how often a task may be claimed without a result.
const maxTaskClaims = 20

// Task is other work than delivering and receiving: expiry, mail, backfill,
// clean-up.
type Task struct {
	ID      int64
	Kind    string // a word of the room whose act it is, such as "expire_job"
	Key     string // unique within the kind while it waits
	Payload []byte // JSON, at most 64 KiB; may be nil
	DueAt   time.Time
	// Attempts counts claims since it last went well, this one included.
	Attempts int
	Fence    int64  // must come back
	Error    string // of the last attempt
}

// taskRow is a task as a claim gives it.
type taskRow struct {
	ID       int64
	Kind     string
	Key      string
	Payload  []byte
	DueAt    int64
	Attempts int
	Fence    int64
	Error    string
}

// TaskStats are the figures of one kind of task.
type TaskStats struct {
	Kind      string
	Waiting   int
	OldestDue time.Duration // how long the oldest due one has been due
	Dead      int
}

// AddTask queues a task; a zero DueAt is now. One of the same kind and key that
// waits keeps the earlier of both times and takes the new payload; one that is
// being done is done once more afterwards; one that was set aside waits again. A
// payload over 64 KiB gives [coop.ErrTooLarge].
func (tx *Tx) AddTask(ctx context.Context, t Task) error {
	if len(t.Payload) > maxPayload {
		return fmt.Errorf("add task %s: %w", t.Kind, coop.ErrTooLarge)
	}
	due, err := tx.at(ctx, t.DueAt)
	if err == nil {
		_, err = tx.q.Exec(ctx, `
			INSERT INTO tasks (kind, key, payload, due_at, leased_until, fence, attempts, state, error, created_at)
			VALUES ($1, $2, $3, $4, 0, 0, 0, 'waiting', '', $5)
			ON CONFLICT (kind, key) DO UPDATE SET
				payload = excluded.payload,
				due_at = CASE
					WHEN tasks.leased_until > $5 THEN tasks.due_at
					WHEN tasks.state = 'dead' THEN excluded.due_at
					ELSE LEAST(tasks.due_at, excluded.due_at)
					END,
				again_at = CASE
					WHEN tasks.leased_until > $5 THEN LEAST(COALESCE(tasks.again_at, excluded.due_at), excluded.due_at)
					END,
				attempts = CASE WHEN tasks.state = 'dead' THEN 0 ELSE tasks.attempts END,
				state = 'waiting'`,
			t.Kind, t.Key, t.Payload, due, tx.ms)
	}
	if err != nil {
		return fmt.Errorf("add task %s %s: %w", t.Kind, cut(t.Key, 100), err)
	}
	tx.Wake(TopicTasks)
	return nil
}

// ClaimTasks leases up to limit due tasks of the kinds given (none: of every
// kind), the longest due first. One that was claimed 20 times without a result is
// set aside as poison instead.
func (tx *Tx) ClaimTasks(ctx context.Context, kinds []string, limit int, lease time.Duration) ([]Task, error) {
	now, err := tx.clock(ctx)
	if err != nil || limit <= 0 {
		return nil, err
	}
	if kinds == nil {
		kinds = []string{}
	}
	rows, err := tx.q.Query(ctx, `
		WITH next AS MATERIALIZED (
			SELECT id
			FROM tasks
			WHERE state = 'waiting' AND due_at <= $1
				AND ($4 = '[]' OR kind IN (SELECT r.value FROM jsonb_array_elements_text($4::jsonb) AS r))
			ORDER BY due_at, id
			LIMIT $3
			FOR UPDATE SKIP LOCKED)
		UPDATE tasks SET fence = fence + 1, attempts = attempts + 1, leased_until = $2, due_at = $2
		FROM next
		WHERE tasks.id = next.id
		RETURNING tasks.id, kind, key, payload, due_at, attempts, fence, error`,
		now, now+lease.Milliseconds(), limit, list(kinds))
	if err != nil {
		return nil, fmt.Errorf("claim tasks: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[taskRow])
	if err != nil {
		return nil, fmt.Errorf("claim tasks: %w", err)
	}
	return tx.livingTasks(ctx, found)
}

// livingTasks sets poison aside and hands out the rest.
func (tx *Tx) livingTasks(ctx context.Context, found []taskRow) ([]Task, error) {
	tasks := make([]Task, 0, len(found))
	for _, t := range found {
		if t.Attempts > maxTaskClaims {
			if err := tx.FailTask(ctx, t.ID, t.Fence, "claimed 20 times without a result"); err != nil {
				return nil, err
			}
			continue
		}
		tasks = append(tasks, Task{t.ID, t.Kind, t.Key, t.Payload, moment(t.DueAt - tx.skew), t.Attempts, t.Fence, t.Error})
	}
	return tasks, nil
}

// RenewTask prolongs a lease by the time given from now on, or gives
// [ErrLeaseLost].
func (tx *Tx) RenewTask(ctx context.Context, id, fence int64, lease time.Duration) error {
	now, err := tx.clock(ctx)
	if err != nil {
		return err
	}
	return tx.taskStep(ctx, "renew", id, `
		UPDATE tasks SET leased_until = $3, due_at = $3
		WHERE id = $1 AND fence = $2 AND leased_until > 0`, id, fence, now+lease.Milliseconds())
}

// taskStep runs a change that only the holder of the lease may make.
func (tx *Tx) taskStep(ctx context.Context, what string, id int64, sql string, args ...any) error {
	tag, err := tx.q.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("%s task %d: %w", what, id, err)
	}
	return nil
}

// FinishTask removes a task, or lets it wait again if it was asked for meanwhile;
// [ErrLeaseLost] with an old fence.
func (tx *Tx) FinishTask(ctx context.Context, id, fence int64) error {
	tag, err := tx.q.Exec(ctx, `
		DELETE FROM tasks
		WHERE id = $1 AND fence = $2 AND leased_until > 0 AND again_at IS NULL`, id, fence)
	if err == nil && tag.RowsAffected() > 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("finish task %d: %w", id, err)
	}
	tx.Wake(TopicTasks)
	return tx.taskStep(ctx, "finish", id, `
		UPDATE tasks SET due_at = again_at, again_at = NULL, leased_until = 0, fence = fence + 1, attempts = 0, error = ''
		WHERE id = $1 AND fence = $2 AND leased_until > 0 AND again_at IS NOT NULL`, id, fence)
}

// PostponeTask ends the lease; the task comes again at the time given, or earlier
// if it was asked for meanwhile. A nil payload keeps the old one: a long task
// keeps its place there. Without a cause it went well, and its attempts count anew.
func (tx *Tx) PostponeTask(ctx context.Context, id, fence int64, at time.Time, payload []byte, cause string) error {
	if len(payload) > maxPayload {
		return fmt.Errorf("postpone task %d: %w", id, coop.ErrTooLarge)
	}
	due, err := tx.at(ctx, at)
	if err != nil {
		return err
	}
	return tx.taskStep(ctx, "postpone", id, `
		UPDATE tasks SET
			due_at = LEAST(COALESCE(again_at, $3), $3), again_at = NULL, leased_until = 0, fence = fence + 1,
			payload = COALESCE($4, payload), error = $5, attempts = CASE WHEN $5 = '' THEN 0 ELSE attempts END
		WHERE id = $1 AND fence = $2 AND leased_until > 0`, id, fence, due, payload, cut(cause, maxError))
}

// FailTask sets a task aside with its error.
func (tx *Tx) FailTask(ctx context.Context, id, fence int64, cause string) error {
	return tx.taskStep(ctx, "fail", id, `
		UPDATE tasks SET state = 'dead', error = $3, again_at = NULL, leased_until = 0, fence = fence + 1
		WHERE id = $1 AND fence = $2 AND leased_until > 0`, id, fence, cut(cause, maxError))
}

// DeleteTask cancels a task, also while it is being done; a missing one is no
// error.
func (tx *Tx) DeleteTask(ctx context.Context, kind, key string) error {
	_, err := tx.q.Exec(ctx, `DELETE FROM tasks WHERE kind = $1 AND key = $2`, kind, key)
	return err
}

// RetryTasks makes what was set aside wait again, and says how many.
func (tx *Tx) RetryTasks(ctx context.Context) (int, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return 0, err
	}
	tag, err := tx.q.Exec(ctx, `UPDATE tasks SET state = 'waiting', attempts = 0, due_at = $1 WHERE state = 'dead'`, now)
	tx.Wake(TopicTasks)
	return int(tag.RowsAffected()), err
}

// TaskStats counts the tasks by kind.
func (r reader) TaskStats(ctx context.Context) ([]TaskStats, error) {
	now, err := r.nowMillis(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.q.Query(ctx, `
		SELECT kind, COUNT(CASE WHEN state = 'waiting' THEN 1 END), COUNT(CASE WHEN state = 'dead' THEN 1 END),
			COALESCE(MIN(CASE WHEN state = 'waiting' AND due_at <= $1 THEN due_at END), $1)
		FROM tasks
		GROUP BY kind
		ORDER BY kind`, now)
	if err != nil {
		return nil, fmt.Errorf("task stats: %w", err)
	}
	var all []TaskStats
	var s TaskStats
	var oldest int64
	_, err = pgx.ForEachRow(rows, []any{&s.Kind, &s.Waiting, &s.Dead, &oldest}, func() error {
		s.OldestDue = time.Duration(now-oldest) * time.Millisecond
		all = append(all, s)
		return nil
	})
	return all, err
}
