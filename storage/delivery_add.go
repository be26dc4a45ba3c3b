// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// addChunk bounds the rows of one statement.
const addChunk = 1000

// mailing is deliveries that differ in their inbox alone.
type mailing struct {
	Delivery
	inboxes []coop.IRI
}

// AddDeliveries queues deliveries and returns how many were added. Twice the
// same (document, inbox) is one. Unavailable hosts are skipped, but for Delete,
// Undo, Move and Update of an actor. A waiting Update of the same object to the
// same inbox is replaced by a newer one; a Delete cancels waiting Create and
// Update to its inbox if that Create never left, and goes out itself in any
// case. Inboxes known to be gone, and what is no http(s) address or over
// [MaxIRI], are skipped. In a rehearsal nothing is queued: what is said there is never
// sent, not when it is promoted either.
func (tx *Tx) AddDeliveries(ctx context.Context, deliveries []Delivery) (int, error) {
	if on, err := tx.Rehearsing(ctx); err != nil || on {
		return 0, err
	}
	added := 0
	for _, m := range mailings(deliveries) {
		for chunk := range slices.Chunk(m.inboxes, addChunk) {
			n, err := tx.addMailing(ctx, m.Delivery, chunk)
			if err != nil {
				return added, fmt.Errorf("add deliveries of document %d: %w", m.DocumentID, err)
			}
			added += n
		}
	}
	if added > 0 {
		tx.Wake(TopicDeliveries)
	}
	return added, nil
}

// mailings gathers deliveries of the same thing, in the order given.
func mailings(deliveries []Delivery) []*mailing {
	var all []*mailing
	known := map[Delivery]*mailing{}
	for _, d := range deliveries {
		inbox := d.Inbox
		if inbox.Host() == "" || len(inbox) > MaxIRI || len(inbox.Host()) > 300 || !goodText(inbox.String()) {
			continue
		}
		d.ID, d.Inbox, d.Attempts, d.DueAt = 0, "", 0, d.DueAt.Truncate(time.Millisecond)
		m := known[d]
		if m == nil {
			m = &mailing{Delivery: d}
			known[d] = m
			all = append(all, m)
		}
		m.inboxes = append(m.inboxes, inbox)
	}
	return all
}

// lane is the number that deliveries of one object to one inbox share; 0 for
// those without an order. That two lanes fall together is rare and harmless: they
// wait for each other.
func lane(inbox, object coop.IRI) int64 {
	if object == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(inbox + "\n" + object))
	return max(1, int64(binary.BigEndian.Uint64(sum[:8])>>1))
}

// addMailing queues one chunk. The rows of the destinations are locked first, in
// their order, so that a host that is put to rest at this moment and this
// transaction see each other.
func (tx *Tx) addMailing(ctx context.Context, d Delivery, inboxes []coop.IRI) (int, error) {
	due, err := tx.at(ctx, d.DueAt)
	if err != nil {
		return 0, err
	}
	if err := tx.expect(ctx, inboxes, due); err != nil {
		return 0, err
	}
	rows := make([][3]any, len(inboxes))
	for i, inbox := range inboxes {
		rows[i] = [3]any{inbox, inbox.Host(), lane(inbox, d.Object)}
	}
	to := list(rows)
	if err := tx.supersede(ctx, d, to); err != nil {
		return 0, err
	}
	return tx.insertDeliveries(ctx, d, to, due)
}

// expect makes sure that the destinations of inboxes are there and due.
func (tx *Tx) expect(ctx context.Context, inboxes []coop.IRI, due int64) error {
	hosts := make([]string, len(inboxes))
	for i, inbox := range inboxes {
		hosts[i] = inbox.Host()
	}
	slices.Sort(hosts)
	_, err := tx.q.Exec(ctx, `
		INSERT INTO destinations (
			host, due_at, leased_until, fence, rest_until,
			failures, streak, failed_days, last_failed_day, unavailable, error, signature)
		SELECT h.value, $2::bigint, 0, 0, 0, 0, 0, 0, 0, FALSE, '', ''
		FROM jsonb_array_elements_text($1::jsonb) AS h
		WHERE TRUE
		ON CONFLICT (host) DO UPDATE SET due_at = LEAST(
			COALESCE(destinations.due_at, GREATEST(excluded.due_at, destinations.rest_until)),
			GREATEST(excluded.due_at, destinations.rest_until))`,
		list(slices.Compact(hosts)), due)
	return err
}

// supersede takes out what a newer activity about the same object makes pointless.
func (tx *Tx) supersede(ctx context.Context, d Delivery, to string) error {
	var rows pgx.Rows
	var err error
	switch {
	case d.Object == "":
		return nil
	case d.Activity == "Update":
		rows, err = tx.q.Query(ctx, `
			DELETE FROM deliveries
			WHERE id IN (
				SELECT d.id
				FROM jsonb_array_elements($1::jsonb) AS r
				JOIN deliveries d ON d.lane = CAST(r.value ->> 2 AS bigint) AND d.lane <> 0
				WHERE d.inbox = r.value ->> 0 AND d.object = $2 AND d.activity = 'Update' AND d.document_id <> $3)
			RETURNING document_id`, to, d.Object, d.DocumentID)
	case d.Activity == "Delete":
		rows, err = tx.q.Query(ctx, `
			DELETE FROM deliveries
			WHERE id IN (
				SELECT d.id
				FROM jsonb_array_elements($1::jsonb) AS r
				JOIN deliveries d ON d.lane = CAST(r.value ->> 2 AS bigint) AND d.lane <> 0
				JOIN deliveries c ON c.lane = d.lane AND c.lane <> 0 AND c.inbox = d.inbox AND c.object = d.object
				WHERE d.inbox = r.value ->> 0 AND d.object = $2 AND d.activity IN ('Create', 'Update')
					AND c.activity = 'Create' AND c.attempts = 0 AND c.fence = 0)
			RETURNING document_id`, to, d.Object)
	default:
		return nil
	}
	return tx.takeBack(ctx, rows, err)
}

// takeBack lowers the count of queued inboxes for each document number in rows.
func (tx *Tx) takeBack(ctx context.Context, rows pgx.Rows, err error) error {
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return err
	}
	count := map[int64]int{}
	for _, id := range ids {
		count[id]++
	}
	var pairs [][2]int64
	for id, n := range count {
		pairs = append(pairs, [2]int64{id, int64(n)})
	}
	slices.SortFunc(pairs, func(a, b [2]int64) int { return int(a[0] - b[0]) })
	_, err = tx.q.Exec(ctx, `
		UPDATE documents SET queued = documents.queued - CAST(r.value ->> 1 AS bigint)
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE documents.id = CAST(r.value ->> 0 AS bigint)`, list(pairs))
	return err
}

// insertDeliveries writes the rows of a chunk and says how many were new.
func (tx *Tx) insertDeliveries(ctx context.Context, d Delivery, to string, due int64) (int, error) {
	life := deliveryLife
	if d.lasting() {
		life = lastingLife
	}
	tag, err := tx.q.Exec(ctx, `
		INSERT INTO deliveries (
			host, inbox, lane, document_id, activity, object, signer_id, urgent, lasting,
			due_at, expires_at, created_at, attempts, fence, error)
		SELECT t.host, r.value ->> 0, CAST(r.value ->> 2 AS bigint), $2::bigint, $3, $4, $5::bigint, $6, $7,
			$8::bigint, $9::bigint, $10::bigint, 0, 0, ''
		FROM jsonb_array_elements($1::jsonb) AS r
		JOIN destinations t ON t.host = r.value ->> 1
		WHERE ($7 OR NOT t.unavailable)
			AND NOT EXISTS (SELECT 1 FROM gone_inboxes g WHERE g.inbox = r.value ->> 0 AND g.gone_at IS NOT NULL)
		ON CONFLICT (document_id, inbox) DO NOTHING`,
		to, d.DocumentID, d.Activity, d.Object, d.Signer, d.Urgent, d.lasting(),
		due, max(due, tx.ms)+life.Milliseconds(), tx.ms)
	if err != nil || tag.RowsAffected() == 0 {
		return 0, err
	}
	_, err = tx.q.Exec(ctx, `UPDATE documents SET queued = queued + $1 WHERE id = $2`, tag.RowsAffected(), d.DocumentID)
	return int(tag.RowsAffected()), err
}
