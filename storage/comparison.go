// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// PageTags are the ETags of first pages that were read to the end without a fault, by their
// addresses: what answers with the same has nothing new.
type PageTags map[coop.IRI]string

// mostMarks and longestMark bound what is kept of another server's words.
const (
	mostMarks   = 8
	longestMark = 200
)

// comparisonColumns are those that [scanComparison] reads, of the table named c.
const comparisonColumns = `c.account_id, c.next_at, c.started_at, c.finished_at, c.looked, c.added, c.changed, c.removed, c.missed, c.error`

// scanComparison reads a row of [comparisonColumns].
func scanComparison(row pgx.CollectableRow) (c coop.Comparison, err error) {
	var id, next, started, finished int64
	err = row.Scan(&id, &next, &started, &finished, &c.Looked, &c.Added, &c.Changed, &c.Removed, &c.Missed, &c.Error)
	c.Account, c.NextAt, c.StartedAt, c.FinishedAt = coop.ID(id), atMs(next), atMs(started), atMs(finished)
	return c, err
}

// followedByUs are the accounts elsewhere that federations and boards of this instance
// follow.
const followedByUs = `
		FROM accounts l
		JOIN follows f ON f.follower_id = l.id AND f.state = 'accepted'
		JOIN accounts a ON a.id = f.target_id AND NOT a.local AND a.suspended_at = 0 AND a.deleted_at = 0
		LEFT JOIN comparisons c ON c.account_id = a.id
		WHERE l.local AND l.kind IN ('federation', 'board')`

// ComparisonsDue lists the accounts whose comparison is due at a time, at most limit: the
// time at which it was, zero for those that were never planned.
func (r reader) ComparisonsDue(ctx context.Context, now time.Time, limit int) (map[coop.ID]time.Time, error) {
	due := map[coop.ID]time.Time{}
	_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
		var id, at int64
		err = row.Scan(&id, &at)
		due[coop.ID(id)] = atMs(at)
		return none, err
	}, `
		SELECT DISTINCT a.id, COALESCE(c.next_at, 0) AS at`+followedByUs+` AND COALESCE(c.next_at, 0) <= $1
		ORDER BY at, a.id
		LIMIT $2`, msOf(now), limit)
	if err != nil {
		return nil, fmt.Errorf("comparisons that are due: %w", err)
	}
	return due, nil
}

// FollowedAt lists the accounts of a server that federations and boards here follow, and
// with an empty host those of all servers, at most limit.
func (r reader) FollowedAt(ctx context.Context, host string, limit int) ([]*coop.Account, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT DISTINCT a.id`+followedByUs+` AND ($1 = '' OR a.server = $1)
		ORDER BY a.id
		LIMIT $2`, peerHost(host), limit)
	if err != nil {
		return nil, fmt.Errorf("accounts of %s that are followed: %w", host, err)
	}
	return r.accountsInOrder(ctx, ids)
}

// PlanComparison says when an account is compared next.
func (tx *Tx) PlanComparison(ctx context.Context, account coop.ID, at time.Time) error {
	_, err := tx.insert(ctx, "comparisons", []column{{"account_id", int64(account)}, {"next_at", msOf(at)}},
		"ON CONFLICT (account_id) DO UPDATE SET next_at = excluded.next_at")
	if err != nil {
		return fmt.Errorf("plan comparison with account %s: %w", account, err)
	}
	return nil
}

// NoteComparison writes down how far a comparison has come; when the next one is stays as
// it was. PageTags that are not nil take the place of those before.
func (tx *Tx) NoteComparison(ctx context.Context, c coop.Comparison, marks PageTags) error {
	row := []column{
		{"account_id", int64(c.Account)},
		{"started_at", msOf(c.StartedAt)},
		{"finished_at", msOf(c.FinishedAt)},
		{"looked", c.Looked},
		{"added", c.Added},
		{"changed", c.Changed},
		{"removed", c.Removed},
		{"missed", c.Missed},
		{"error", coop.Truncate(c.Error, 500)},
	}
	tail := `ON CONFLICT (account_id) DO UPDATE SET
		started_at = excluded.started_at, finished_at = excluded.finished_at, looked = excluded.looked, added = excluded.added,
		changed = excluded.changed, removed = excluded.removed, missed = excluded.missed, error = excluded.error`
	if marks != nil {
		text, err := json.Marshal(marks.bounded())
		if err != nil {
			return fmt.Errorf("marks of account %s: %w", c.Account, err)
		}
		row, tail = append(row, column{"marks", string(text)}), tail+", marks = excluded.marks"
	}
	if _, err := tx.insert(ctx, "comparisons", row, tail); err != nil {
		return fmt.Errorf("comparison with account %s: %w", c.Account, err)
	}
	return nil
}

// bounded leaves out what is too long to be kept.
func (m PageTags) bounded() PageTags {
	kept := PageTags{}
	for at, tag := range m {
		if len(kept) < mostMarks && len(at) <= MaxIRI && len(tag) <= longestMark {
			kept[at] = tag
		}
	}
	return kept
}

// Comparison finds the last comparison with an account and its marks, or gives
// [coop.ErrNotFound].
func (r reader) Comparison(ctx context.Context, account coop.ID) (coop.Comparison, PageTags, error) {
	var text string
	c, err := first(ctx, r, func(row pgx.CollectableRow) (c coop.Comparison, err error) {
		var id, next, started, finished int64
		err = row.Scan(&id, &next, &started, &finished, &c.Looked, &c.Added, &c.Changed, &c.Removed, &c.Missed, &c.Error, &text)
		c.Account, c.NextAt, c.StartedAt, c.FinishedAt = coop.ID(id), atMs(next), atMs(started), atMs(finished)
		return c, err
	}, `
		SELECT `+comparisonColumns+`, c.marks
		FROM comparisons c
		WHERE c.account_id = $1`, int64(account))
	if err != nil {
		return c, nil, fmt.Errorf("comparison with account %s: %w", account, err)
	}
	marks := PageTags{}
	if json.Unmarshal([]byte(text), &marks) != nil {
		marks = PageTags{} // none, or what an older program wrote: everything is read
	}
	return c, marks, nil
}

// Comparisons finds the last comparisons with accounts; those without one are missing.
func (r reader) Comparisons(ctx context.Context, accounts []coop.ID) (map[coop.ID]coop.Comparison, error) {
	var a args
	list, err := all(ctx, r, scanComparison, `
		SELECT `+comparisonColumns+`
		FROM comparisons c
		WHERE c.started_at > 0 AND c.account_id IN `+in(&a, numbers(accounts)), a...)
	if err != nil {
		return nil, fmt.Errorf("comparisons: %w", err)
	}
	found := make(map[coop.ID]coop.Comparison, len(list))
	for _, c := range list {
		found[c.Account] = c
	}
	return found, nil
}
