// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// TaskExport is the kind of the task that makes an archive; its key is the account's id.
const TaskExport = "account.export"

const exportColumns = "x.account_id, x.person_id, x.state, x.problem, x.name, x.written, x.bytes, x.posts, x.files, x.asked_at, x.ready_at, x.ends_at"

// scanExport reads a row of [exportColumns].
func scanExport(row pgx.CollectableRow) (*coop.Export, error) {
	e := &coop.Export{}
	var account, person, asked, ready, ends int64
	var state string
	if err := row.Scan(&account, &person, &state, &e.Problem, &e.Name, &e.Written, &e.Bytes, &e.Posts, &e.Files, &asked, &ready, &ends); err != nil {
		return nil, err
	}
	e.AccountID, e.PersonID, e.State = coop.ID(account), coop.ID(person), coop.ExportState(state)
	e.AskedAt, e.ReadyAt, e.EndsAt = atMs(asked), atMs(ready), atMs(ends)
	return e, nil
}

// AccountExport is the archive of an account, or [coop.ErrNotFound]: also where it had its time.
func (r reader) AccountExport(ctx context.Context, account coop.ID) (*coop.Export, error) {
	e, err := first(ctx, r, scanExport, `
		SELECT `+exportColumns+`
		FROM exports x
		WHERE x.account_id = $1 AND x.ends_at > $2`, int64(account), msOf(r.e.now()))
	if err != nil {
		return nil, fmt.Errorf("export of account %s: %w", account, err)
	}
	return e, nil
}

// AskExport lets an archive of an account be made, and forgets the one before: whoever
// calls it removes the file it returns, if any, once the transaction is durable. One that is being made,
// or that was asked for just now, gives [coop.ErrConflict].
func (tx *Tx) AskExport(ctx context.Context, account, person coop.ID) (before string, err error) {
	now := tx.e.now()
	known, err := tx.AccountExport(ctx, account)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return "", err
	}
	if known != nil && !known.Again(now) {
		return "", fmt.Errorf("export of account %s: %w", account, coop.ErrConflict)
	}
	names, err := tx.lines(ctx, `DELETE FROM exports WHERE account_id = $1 RETURNING name`, int64(account))
	if err == nil {
		_, err = tx.insert(ctx, "exports", []column{
			{"account_id", int64(account)},
			{"person_id", int64(person)},
			{"state", string(coop.ExportWorking)},
			{"problem", ""},
			{"name", ""},
			{"written", 0},
			{"bytes", 0},
			{"posts", 0},
			{"files", 0},
			{"asked_at", msOf(now)},
			{"ready_at", 0},
			{"ends_at", msOf(now.Add(coop.ExportLife))},
		}, "")
	}
	if err == nil {
		err = tx.AddTask(ctx, Task{Kind: TaskExport, Key: account.String()})
	}
	if err != nil {
		return "", fmt.Errorf("ask for an export of account %s: %w", account, err)
	}
	for _, name := range names {
		before = name
	}
	return before, nil
}

// WrittenExport notes how much of an archive there is, in bytes. One that nobody wants any
// more gives [coop.ErrNotFound].
func (tx *Tx) WrittenExport(ctx context.Context, account coop.ID, bytes int64) error {
	return tx.exportStep(ctx, account, `UPDATE exports SET written = $1 WHERE account_id = $2 AND state = 'working' AND ends_at > $3`, bytes, int64(account), msOf(tx.e.now()))
}

// ReadyExport keeps the name of the file of an archive with its numbers; it lies ready from now on.
// Without [coop.Export].Name the archive has failed, for the reason in Problem. One that nobody wants any
// more gives [coop.ErrNotFound].
func (tx *Tx) ReadyExport(ctx context.Context, e *coop.Export) error {
	now := tx.e.now()
	e.State, e.EndsAt = coop.ExportFailed, now.Add(coop.ExportLife)
	if e.Name != "" {
		e.State, e.ReadyAt = coop.ExportReady, now
	}
	return tx.exportStep(ctx, e.AccountID, `
		UPDATE exports
		SET state = $1, problem = $2, name = $3, written = $4, bytes = $4, posts = $5, files = $6, ready_at = $7, ends_at = $8
		WHERE account_id = $9 AND state = 'working' AND ends_at > $10`,
		string(e.State), cut(e.Problem, maxError), e.Name, e.Bytes, e.Posts, e.Files, msOf(e.ReadyAt), msOf(e.EndsAt), int64(e.AccountID), msOf(now))
}

// exportStep changes an archive that is being made.
func (tx *Tx) exportStep(ctx context.Context, account coop.ID, sql string, values ...any) error {
	n, err := tx.exec(ctx, sql, values...)
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("export of account %s: %w", account, err)
	}
	return nil
}

// SweepExports forgets up to limit archives that had their time and returns the names of
// their files, empty ones too: who calls it removes them then.
func (tx *Tx) SweepExports(ctx context.Context, limit int) ([]string, error) {
	names, err := tx.lines(ctx, `
		DELETE FROM exports
		WHERE account_id IN (SELECT account_id FROM exports WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)
		RETURNING name`, msOf(tx.e.now()), limit)
	if err != nil {
		return nil, fmt.Errorf("sweep exports: %w", err)
	}
	return names, nil
}
