// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
)

// addReceipts notes which server took which posts. Documents of no post, such as follows
// and answers, have none.
func (a *settled) addReceipts(ctx context.Context, tx *Tx) error {
	if len(a.delivered) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		INSERT INTO receipts (post_id, host, activity, at)
		SELECT p.id, d.host, MAX(d.activity), $2::bigint
		FROM jsonb_array_elements($1::jsonb) AS r
		JOIN deliveries d ON d.id = CAST(r.value ->> 0 AS bigint)
		JOIN documents o ON o.id = d.document_id
		JOIN posts p ON p.id = o.post_id
		WHERE d.host = r.value ->> 1 AND d.fence = CAST(r.value ->> 2 AS bigint)
		GROUP BY p.id, d.host
		ON CONFLICT (post_id, host) DO UPDATE SET activity = excluded.activity, at = excluded.at`,
		list(a.delivered), tx.ms)
	if err != nil {
		return fmt.Errorf("receipts: %w", err)
	}
	return nil
}

// foundAgain forgets that an inbox answered 404 which takes something now.
func (a *settled) foundAgain(ctx context.Context, tx *Tx) error {
	if len(a.missing) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		DELETE FROM gone_inboxes
		WHERE gone_at IS NULL AND inbox IN (
			SELECT d.inbox
			FROM jsonb_array_elements_text($1::jsonb) AS r
			JOIN deliveries d ON d.id = CAST(r.value AS bigint))`, list(a.missing))
	return err
}

// remove deletes what went well.
func (a *settled) remove(ctx context.Context, tx *Tx) error {
	return tx.removeClaimed(ctx, a.delivered)
}

// removeClaimed deletes deliveries, each row its number, host and fence, that still have
// that fence.
func (tx *Tx) removeClaimed(ctx context.Context, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		DELETE FROM deliveries
		WHERE id IN (
			SELECT d.id
			FROM jsonb_array_elements($1::jsonb) AS r
			JOIN deliveries d ON d.id = CAST(r.value ->> 0 AS bigint)
			WHERE d.host = r.value ->> 1 AND d.fence = CAST(r.value ->> 2 AS bigint))`, list(rows))
	return err
}

// giveUp moves what was refused for good to the dead.
func (a *settled) giveUp(ctx context.Context, tx *Tx) error {
	if len(a.final) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		INSERT INTO dead_deliveries (document_id, host, inbox, activity, attempts, error, died_at)
		SELECT d.document_id, d.host, d.inbox, d.activity, d.attempts + 1, r.value ->> 3, $2::bigint
		FROM jsonb_array_elements($1::jsonb) AS r
		JOIN deliveries d ON d.id = CAST(r.value ->> 0 AS bigint)
		WHERE d.host = r.value ->> 1 AND d.fence = CAST(r.value ->> 2 AS bigint)`, list(a.final), tx.ms)
	if err != nil {
		return err
	}
	return tx.removeClaimed(ctx, a.final)
}

// tryLater postpones each delivery to its own time.
func (a *settled) tryLater(ctx context.Context, tx *Tx) error {
	if len(a.later) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		UPDATE deliveries SET attempts = attempts + 1, error = r.value ->> 3, due_at = CAST(r.value ->> 4 AS bigint)
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE deliveries.id = CAST(r.value ->> 0 AS bigint) AND host = r.value ->> 1 AND fence = CAST(r.value ->> 2 AS bigint)`,
		list(a.later))
	return err
}

// bury moves deliveries to the dead.
func (tx *Tx) bury(ctx context.Context, ids []int64, cause string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.q.Exec(ctx, `
		INSERT INTO dead_deliveries (document_id, host, inbox, activity, attempts, error, died_at)
		SELECT document_id, host, inbox, activity, attempts, CASE WHEN error = '' THEN $2 ELSE error END, $3::bigint
		FROM deliveries
		WHERE id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)`,
		list(ids), cause, tx.ms)
	if err == nil {
		_, err = tx.q.Exec(ctx, `
			DELETE FROM deliveries
			WHERE id IN (SELECT CAST(r.value AS bigint) FROM jsonb_array_elements_text($1::jsonb) AS r)`, list(ids))
	}
	return err
}
