// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"minga/coop"
)

// sortByID puts activities in the order of arrival.
func sortByID(all []Incoming) {
	slices.SortFunc(all, func(a, b Incoming) int { return cmp.Compare(a.ID, b.ID) })
}

// held is a leased activity under its actor's lock.
type held struct {
	id         int64
	actor      coop.IRI
	object     coop.IRI
	tries      int64
	receivedAt int64
	aside      bool
}

// lockLine takes the lock of an activity's actor. SQLite has one writer: there is
// nobody to keep out.
func (tx *Tx) lockLine(ctx context.Context, id int64) error {
	if tx.e.engine == SQLite {
		_, err := tx.clock(ctx)
		return err
	}
	ours := tx.e.now().UnixMilli()
	var now int64
	var locked string // nothing, in a form that can be read
	err := tx.q.QueryRow(ctx, `
		SELECT minga_now(), CAST(pg_advisory_xact_lock(hashtextextended(actor, 7310)) AS text)
		FROM incoming
		WHERE id = $1`, id).Scan(&now, &locked)
	if err == nil && tx.ms == 0 {
		tx.setClock(now, ours)
	}
	return leaseLost(err)
}

// hold takes the actor's lock and then checks the lease.
func (tx *Tx) hold(ctx context.Context, id, fence int64) (*held, error) {
	if err := tx.lockLine(ctx, id); err != nil {
		return nil, err
	}
	h := &held{id: id}
	err := tx.q.QueryRow(ctx, `
		SELECT actor, object, tries, received_at, aside
		FROM incoming
		WHERE id = $1 AND fence = $2 AND state = 'waiting' AND leased_until > 0
		FOR UPDATE`, id, fence).Scan(&h.actor, &h.object, &h.tries, &h.receivedAt, &h.aside)
	return h, leaseLost(err)
}

// leaseLost says what it means that no row has the lease.
func leaseLost(err error) error {
	if errors.Is(notFound(err), coop.ErrNotFound) {
		return ErrLeaseLost
	}
	return err
}

// FinishIncoming marks an activity as done, in the transaction of its effect: at
// least once in, exactly once in effect. With an old fence it is [ErrLeaseLost],
// and the effect must be rolled back with it. The key is kept for 30 days, the
// bytes are not.
func (tx *Tx) FinishIncoming(ctx context.Context, id, fence int64) error {
	return tx.end(ctx, id, fence, "done", "")
}

// FailIncoming sets an activity aside for good, with its error. Its bytes are
// kept for 30 days, for [Tx.RetryIncoming].
func (tx *Tx) FailIncoming(ctx context.Context, id, fence int64, cause string) error {
	return tx.end(ctx, id, fence, "dead", cause)
}

// end takes an activity out of the queue.
func (tx *Tx) end(ctx context.Context, id, fence int64, state, cause string) error {
	err := tx.lockLine(ctx, id)
	if err == nil {
		err = tx.endHeld(ctx, id, fence, state, cause)
	}
	if err != nil {
		return fmt.Errorf("end incoming %d: %w", id, err)
	}
	return nil
}

// endHeld writes the end, if the lease stands, and makes ready what waited for it.
// The caller has the actor's lock.
func (tx *Tx) endHeld(ctx context.Context, id, fence int64, state, cause string) error {
	h := &held{id: id}
	err := tx.q.QueryRow(ctx, `
		UPDATE incoming SET
			state = $3, error = $4, finished_at = $5, ready = FALSE, leased_until = 0, fence = fence + 1,
			body = CASE WHEN $3 = 'done' THEN NULL ELSE body END
		WHERE id = $1 AND fence = $2 AND state = 'waiting' AND leased_until > 0
		RETURNING actor, object, aside`, id, fence, state, cut(cause, maxError), tx.ms).Scan(&h.actor, &h.object, &h.aside)
	if err != nil {
		return leaseLost(err)
	}
	return tx.advance(ctx, h)
}

// advance makes ready the next of the actor's line and, when one that stood aside
// is over, the next that it held back.
func (tx *Tx) advance(ctx context.Context, h *held) error {
	if h.aside && h.object != "" {
		err := tx.soon(ctx, `
			UPDATE incoming SET ready = TRUE
			WHERE id = (
				SELECT MIN(i.id) FROM incoming i
				WHERE i.actor = $1 AND i.state = 'waiting' AND i.aside AND i.object = $2)`, h.actor, h.object)
		if err != nil {
			return err
		}
	}
	wake := func(next int64) {
		if next > 0 || h.aside {
			tx.Wake(TopicIncoming)
		}
	}
	return tx.run.soon(ctx, outcome{counted: wake}, `
		UPDATE incoming SET ready = TRUE
		WHERE NOT ready AND id = (
			SELECT i.id FROM incoming i
			WHERE i.actor = $1 AND i.state = 'waiting' AND NOT i.aside
			ORDER BY i.id
			LIMIT 1)`, h.actor)
}

// PostponeIncoming lets an activity step aside until at. Until then it holds
// back only activities of its actor about the same object. After 5 attempts, or
// when at is more than a day after it came, it is set aside with its error instead.
func (tx *Tx) PostponeIncoming(ctx context.Context, id, fence int64, at time.Time, cause string) error {
	h, err := tx.hold(ctx, id, fence)
	var due int64
	if err == nil {
		due, err = tx.at(ctx, at)
	}
	switch {
	case err != nil:
	case h.tries+1 >= maxTries || due > h.receivedAt+maxAside.Milliseconds():
		err = tx.endHeld(ctx, id, fence, "dead", cause)
	default:
		err = tx.stepAside(ctx, h, due, cause)
	}
	if err != nil {
		return fmt.Errorf("postpone incoming %d: %w", id, err)
	}
	return nil
}

// stepAside lets the rest of the actor's line pass, but for what concerns the same
// object.
func (tx *Tx) stepAside(ctx context.Context, h *held, due int64, cause string) error {
	_, err := tx.q.Exec(ctx, `
		UPDATE incoming SET
			due_at = $2, error = $3, aside = TRUE, tries = tries + 1, attempts = 0, leased_until = 0, fence = fence + 1
		WHERE id = $1`, h.id, due, cut(cause, maxError))
	if err == nil && h.object != "" && !h.aside {
		_, err = tx.q.Exec(ctx, `
			UPDATE incoming SET aside = TRUE
			WHERE actor = $1 AND state = 'waiting' AND NOT aside AND object = $2 AND id > $3`, h.actor, h.object, h.id)
	}
	if err != nil {
		return err
	}
	return tx.advance(ctx, &held{actor: h.actor})
}

// RetryIncoming makes what was set aside wait again, of one host or (empty) of
// all, at most 10,000 at a time, and says how many. It comes without an order:
// its turn has passed.
func (tx *Tx) RetryIncoming(ctx context.Context, host string) (int, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return 0, err
	}
	tag, err := tx.q.Exec(ctx, `
		UPDATE incoming SET
			state = 'waiting', ready = TRUE, aside = TRUE, tries = 0, attempts = 0, finished_at = NULL,
			received_at = $1, due_at = $1
		WHERE id IN (
			SELECT id FROM incoming
			WHERE state = 'dead' AND ($2 = '' OR host = $2)
			ORDER BY host, id
			LIMIT 10000)`, now, host)
	if err != nil {
		return 0, fmt.Errorf("retry incoming: %w", err)
	}
	tx.Wake(TopicIncoming)
	return int(tag.RowsAffected()), nil
}
