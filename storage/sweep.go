// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
)

// sweeps are what is over, each at most $2 rows; $1 is the end of what is kept.
var sweeps = [...]struct {
	what string
	keep bool // $1 is 30 days ago; else the present
	sql  string
}{
	// Those of a deletion are shown on its page, and go with it.
	{"dead deliveries", true, `
		DELETE FROM dead_deliveries
		WHERE id IN (
			SELECT e.id
			FROM dead_deliveries e
			WHERE e.died_at < $1 AND NOT EXISTS (SELECT 1 FROM departures x WHERE x.document_id = e.document_id)
			ORDER BY e.died_at
			LIMIT $2)`},
	{"receipts", true, `
		DELETE FROM receipts
		WHERE (post_id, host) IN (SELECT post_id, host FROM receipts WHERE at < $1 ORDER BY at LIMIT $2)`},
	{"done activities", true, `
		DELETE FROM incoming
		WHERE id IN (SELECT id FROM incoming WHERE finished_at IS NOT NULL AND finished_at < $1 ORDER BY finished_at LIMIT $2)`},
	// Ids rise: beyond five million the oldest go that are done, whatever their age.
	{"most done activities", false, `
		DELETE FROM incoming
		WHERE id IN (
			SELECT i.id
			FROM incoming i
			WHERE i.finished_at IS NOT NULL AND i.id < (SELECT MAX(x.id) FROM incoming x) - 5000000 AND $1::bigint > 0
			ORDER BY i.finished_at
			LIMIT $2)`},
	{"replays", false, `
		DELETE FROM replays
		WHERE key IN (SELECT key FROM replays WHERE until_at < $1 ORDER BY until_at LIMIT $2)`},
	{"links", false, `
		DELETE FROM links
		WHERE id IN (SELECT id FROM links WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)`},
	{"kept forms", false, `
		DELETE FROM kept_forms
		WHERE hash IN (SELECT hash FROM kept_forms WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)`},
	{"files of requests", false, `
		DELETE FROM request_files
		WHERE post_id IN (SELECT post_id FROM request_files WHERE delete_at <= $1 ORDER BY delete_at LIMIT $2)`},
	{"links of jobs", false, `
		DELETE FROM job_links
		WHERE hash IN (SELECT hash FROM job_links WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)`},
	{"sign-ups", false, `
		DELETE FROM sign_ups
		WHERE id IN (SELECT id FROM sign_ups WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)`},
	{"published keys", false, `
		DELETE FROM published_keys
		WHERE key IN (SELECT key FROM published_keys WHERE at + 3600000 < $1 ORDER BY at LIMIT $2)`},
	// The last is kept: the next number is one more.
	{"changes of the board", false, `
		DELETE FROM board_changes
		WHERE n IN (
			SELECT c.n
			FROM board_changes c
			WHERE c.n < (SELECT MAX(x.n) FROM board_changes x) - 20000 AND $1::bigint > 0
			ORDER BY c.n
			LIMIT $2)`},
	{"imports", true, `
		DELETE FROM imports
		WHERE id IN (SELECT id FROM imports WHERE finished_at <> 0 AND finished_at < $1 ORDER BY finished_at LIMIT $2)`},
	{"missing inboxes", true, `
		DELETE FROM gone_inboxes
		WHERE inbox IN (SELECT inbox FROM gone_inboxes WHERE gone_at IS NULL AND missing_since < $1 ORDER BY missing_since LIMIT $2)`},
	{"raw documents", true, `
		DELETE FROM documents
		WHERE id IN (
			SELECT o.id
			FROM documents o
			WHERE o.owner_id IS NULL AND o.post_id IS NULL AND o.updated_at < $1
				AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.document_id = o.id)
			ORDER BY o.updated_at
			LIMIT $2)`},
	// A destination is locked by whoever adds a delivery; the row is looked at again
	// under that lock before it goes, and the foreign key has the last word.
	{"destinations", true, `
		DELETE FROM destinations
		WHERE host IN (
				SELECT t.host
				FROM destinations t
				WHERE t.due_at IS NULL AND t.failures = 0 AND t.streak = 0 AND NOT t.unavailable
					AND (t.signature = '' OR t.signature_at < $1)
					AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.host = t.host)
				LIMIT $2
				FOR UPDATE SKIP LOCKED)
			AND due_at IS NULL`},
}

// SweepQueues removes what is over: dead deliveries and done incoming rows of 30
// days, old replays, links that have ended, raw documents of nobody, destinations with neither
// deliveries nor a record nor a memory of signatures. It does at most limit rows
// of each kind and says how many it removed; call it again until that is 0.
// Deliveries that expire die when their host is claimed next.
func (tx *Tx) SweepQueues(ctx context.Context, limit int) (int, error) {
	now, err := tx.clock(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, s := range sweeps {
		end := now
		if s.keep {
			end -= memoryLife.Milliseconds()
		}
		tag, err := tx.q.Exec(ctx, s.sql, end, limit)
		if err != nil {
			return n, fmt.Errorf("sweep %s: %w", s.what, err)
		}
		n += int(tag.RowsAffected())
	}
	trimmed, err := tx.trimReplays(ctx, maxReplays)
	return n + trimmed, err
}
