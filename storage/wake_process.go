// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// watchPause is how often a SQLite is asked whether somebody else wrote: a command
// line that acts beside the server. It is a look at shared memory.
const watchPause = 500 * time.Millisecond

// doubtPauses is after how many looks the feeds are told that they may have missed
// something while this process wrote too.
const doubtPauses = 4

// watch wakes everyone when another connection wrote. Whether that was another
// process can be told only where this one wrote nothing, so under load this wakes twice
// a second who is awake. Of the changes of another process nothing is known: the feeds
// hear that they missed some, and under load that they may have.
func (db *sqliteDB) watch(ctx context.Context, w *wakeups) (err error) {
	own, err := sql.Open("sqlite", db.dsn+"&_pragma=query_only(1)")
	if err != nil {
		return fmt.Errorf("watch for other writers: %w", err)
	}
	own.SetMaxOpenConns(1) // the number is that of one connection
	defer func() { err = errors.Join(err, own.Close()) }()
	doubt, quiet := false, 0 // somebody wrote of which the feeds were not told; looks since they were
	for last, ours := int64(-1), int64(0); ; quiet++ {
		var version int64
		wrote := w.writes.Load()
		if err := own.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err != nil {
			return fmt.Errorf("watch for other writers: %w", err)
		}
		if last >= 0 && version != last {
			w.all()
			doubt = true
		}
		if doubt && (wrote == ours || quiet >= doubtPauses) {
			w.missed()
			doubt, quiet = false, 0
		}
		last, ours = version, wrote
		if err := pause(ctx, watchPause); err != nil {
			return err
		}
	}
}

// Nudge tells the running server that there may be work in every queue, and what was
// changed, for a command that ends and carries no wake-ups of its own. A server on SQLite sees
// by itself that somebody wrote.
func (s *Store) Nudge(ctx context.Context) error {
	db, ok := s.db.(*postgresDB)
	if !ok {
		return nil
	}
	_, err := db.pool.Exec(ctx, `
		SELECT pg_notify('minga', r.value)
		FROM jsonb_array_elements_text($1::jsonb) AS r`, list(append(s.wake.payloads(), TopicDeliveries, TopicIncoming, TopicTasks)))
	if err != nil {
		return fmt.Errorf("wake the server: %w", err)
	}
	return nil
}
