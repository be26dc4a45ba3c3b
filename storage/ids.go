// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
)

// Of the 65,536 counters of a millisecond the lower half is for ids of the
// present, the upper half for ids of the past, so that neither can meet the other.
const halfCounter = 1 << 15

// presentSlack is how far behind the clock a time still counts as the present.
const presentSlack = time.Second

// minMillis is the lowest millisecond that an id may stand for: zero is no id, and
// a published before 1970 is absurd.
const minMillis = 1

// NextID gives a new id that stands for at. The present (or a time ahead of it,
// which counts as the present) gives rising ids, even when the clock steps back;
// a time in the past, such as the published of a remote post, gives an id in its
// own place of every timeline. No id is given twice.
func (tx *Tx) NextID(ctx context.Context, at time.Time) (coop.ID, error) {
	now := tx.e.now()
	if at.Before(now.Add(-presentSlack)) {
		return tx.pastID(ctx, max(at.UnixMilli(), minMillis))
	}
	id, err := tx.db.presentID(ctx, tx.q, now.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("next id: %w", err)
	}
	return id, nil
}

// pastID counts the ids of each past millisecond; a full one runs over into the
// next.
func (tx *Tx) pastID(ctx context.Context, ms int64) (coop.ID, error) {
	for range 10_000 {
		used, err := tx.db.pastSlot(ctx, tx.q, ms)
		if err != nil {
			return 0, fmt.Errorf("next id of the past: %w", err)
		}
		if used <= halfCounter {
			return coop.NewID(time.UnixMilli(ms), halfCounter+used-1), nil
		}
		ms += used / halfCounter
	}
	return 0, fmt.Errorf("ids of %d: %w", ms, coop.ErrConflict)
}

// takeSlot counts one id more of a millisecond of the past, and says how many that makes.
const takeSlot = `
	INSERT INTO id_slots (ms, used) VALUES ($1, 1)
	ON CONFLICT (ms) DO UPDATE SET used = id_slots.used + 1
	RETURNING used`

// pastSlot implements backend.
func (db *sqliteDB) pastSlot(ctx context.Context, q querier, ms int64) (used int64, err error) {
	err = q.QueryRow(ctx, takeSlot, ms).Scan(&used)
	return used, err
}

// pastSlot implements backend. Not in the transaction that asks: most servers say when a
// post was published in whole seconds, and all that is of one second would wait for the
// end of each other's. An id that is then not used is one that nobody has. What is
// counted here is durable before what uses it, since PostgreSQL writes its log in order,
// so that nobody has to wait for the disk (synchronous_commit is off on this connection).
func (db *postgresDB) pastSlot(ctx context.Context, _ querier, ms int64) (used int64, err error) {
	err = db.numbers.QueryRow(ctx, takeSlot, ms).Scan(&used)
	return used, err
}

// idClock gives rising ids to the one writer of SQLite. last has 15 bits of
// counter, saved what of it is in the database.
type idClock struct {
	loaded      bool
	last, saved int64
}

// presentID implements backend. It is called by the holder of the turn only.
func (db *sqliteDB) presentID(ctx context.Context, q querier, ms int64) (coop.ID, error) {
	c := &db.ids
	if !c.loaded {
		if err := q.QueryRow(ctx, `SELECT last FROM id_clock`).Scan(&c.saved); err != nil {
			return 0, err
		}
		c.last, c.loaded = max(c.last, c.saved), true
	}
	c.last = max(c.last+1, ms*halfCounter)
	return coop.NewID(time.UnixMilli(c.last/halfCounter), c.last%halfCounter), nil
}

// save keeps the last id given, once for each commit.
func (c *idClock) save(q querier) error {
	if !c.loaded || c.last == c.saved {
		return nil
	}
	_, err := q.Exec(context.Background(), `UPDATE id_clock SET last = $1`, c.last)
	if err == nil {
		c.saved = c.last
	}
	return err
}

// presentID implements backend.
func (db *postgresDB) presentID(ctx context.Context, q querier, ms int64) (coop.ID, error) {
	var id int64
	err := q.QueryRow(ctx, `SELECT minga_next_id($1)`, ms).Scan(&id)
	return coop.ID(id), err
}
