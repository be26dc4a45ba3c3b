// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
)

// SettleImportRow notes what became of a row, in the transaction that did it: an empty
// problem is done. Found is whom or which post it meant. It tells false where the row
// does not wait any more: another worker had its turn, or the import was stopped; then
// the transaction should do nothing.
func (tx *Tx) SettleImportRow(ctx context.Context, r ImportRow, found coop.ID, problem string) (bool, error) {
	state := "done"
	if problem != "" {
		state = "failed"
	}
	n, err := tx.exec(ctx, `
		UPDATE import_rows
		SET state = $1, problem = $2, found_id = $3
		WHERE import_id = $4 AND number = $5 AND state = 'waiting'`, state, problem, int64(found), int64(r.Import), r.Number)
	if err != nil || n == 0 {
		return false, wrapImport("settle a row", r.Import, err)
	}
	_, err = tx.exec(ctx, `
		UPDATE imports
		SET done = done + $1, failed = failed + $2
		WHERE id = $3`, oneIf(problem == ""), oneIf(problem != ""), int64(r.Import))
	return true, wrapImport("settle a row", r.Import, err)
}

// oneIf is one or none.
func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// wrapImport says what was done to which import.
func wrapImport(doing string, id coop.ID, err error) error {
	if err != nil {
		return fmt.Errorf("%s of import %s: %w", doing, id, err)
	}
	return nil
}

// PostponeImportRow lets a row come again, for the next time.
func (tx *Tx) PostponeImportRow(ctx context.Context, r ImportRow, at time.Time) error {
	_, err := tx.exec(ctx, `
		UPDATE import_rows
		SET due_at = $1, tries = tries + 1
		WHERE import_id = $2 AND number = $3 AND state = 'waiting'`, msOf(at), int64(r.Import), r.Number)
	return wrapImport("postpone a row", r.Import, err)
}

// FinishImport ends an import that is done.
func (tx *Tx) FinishImport(ctx context.Context, id coop.ID) error {
	_, err := tx.exec(ctx, `
		UPDATE imports
		SET state = 'done', finished_at = $1
		WHERE id = $2 AND state = 'working'`, msOf(tx.e.now()), int64(id))
	return wrapImport("finish", id, err)
}

// StopImport ends an import of an account's own before its time; what was done stays. One that is not worked
// on is no error, a missing one gives [coop.ErrNotFound].
func (tx *Tx) StopImport(ctx context.Context, account, id coop.ID) error {
	if _, err := tx.Import(ctx, account, id); err != nil {
		return err
	}
	n, err := tx.exec(ctx, `
		UPDATE imports
		SET state = 'stopped', finished_at = $1
		WHERE id = $2 AND state = 'working'`, msOf(tx.e.now()), int64(id))
	if err != nil || n == 0 {
		return wrapImport("stop", id, err)
	}
	if _, err := tx.exec(ctx, `DELETE FROM import_rows WHERE import_id = $1 AND state <> 'failed'`, int64(id)); err != nil {
		return wrapImport("stop", id, err)
	}
	return tx.DeleteTask(ctx, TaskImport, id.String())
}

// ForgetImported removes up to limit rows of an import that are done, and says how many:
// what failed stays to be looked at.
func (tx *Tx) ForgetImported(ctx context.Context, id coop.ID, limit int) (int, error) {
	n, err := tx.exec(ctx, `
		DELETE FROM import_rows
		WHERE import_id = $1 AND number IN (
			SELECT number FROM import_rows WHERE import_id = $1 AND state = 'done' ORDER BY due_at, number LIMIT $2)`, int64(id), limit)
	return int(n), wrapImport("forget rows", id, err)
}

// spared is the condition that something is not named by a row of import $2, whatever
// became of the row: by its id, or as it is written there.
func spared(id string) string {
	return `NOT EXISTS (SELECT 1 FROM import_rows r WHERE r.import_id = $2 AND r.found_id = ` + id + `)`
}

// UnnamedFollows lists up to limit accounts that an account follows, or asked to, and
// that an import did not name; ids above after, in their order.
func (r reader) UnnamedFollows(ctx context.Context, account, id, after coop.ID, limit int) ([]*coop.Account, error) {
	return r.unnamed(ctx, "follows", "follower_id", account, id, after, limit)
}

// UnnamedBlocks is [reader.UnnamedFollows] of whom it blocks.
func (r reader) UnnamedBlocks(ctx context.Context, account, id, after coop.ID, limit int) ([]*coop.Account, error) {
	return r.unnamed(ctx, "blocks", "blocker_id", account, id, after, limit)
}

// UnnamedMutes is [reader.UnnamedFollows] of whom it mutes.
func (r reader) UnnamedMutes(ctx context.Context, account, id, after coop.ID, limit int) ([]*coop.Account, error) {
	return r.unnamed(ctx, "mutes", "account_id", account, id, after, limit)
}

// unnamed lists accounts by a table about one and another.
func (r reader) unnamed(ctx context.Context, table, who string, account, id, after coop.ID, limit int) ([]*coop.Account, error) {
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM `+table+` t
		JOIN accounts a ON a.id = t.target_id
		WHERE t.`+who+` = $1 AND a.id > $3 AND `+spared("a.id")+`
		ORDER BY a.id
		LIMIT $4`, int64(account), int64(id), int64(after), limit)
	if err != nil {
		return nil, fmt.Errorf("%s that import %s does not name: %w", table, id, err)
	}
	return list, nil
}

// UnnamedBookmarks lists up to limit posts that an account keeps and that an import did
// not name.
func (r reader) UnnamedBookmarks(ctx context.Context, account, id coop.ID, limit int) ([]coop.ID, error) {
	list, err := all(ctx, r, scanID, `
		SELECT b.post_id
		FROM bookmarks b
		WHERE b.account_id = $1 AND `+spared("b.post_id")+`
		ORDER BY b.post_id
		LIMIT $3`, int64(account), int64(id), limit)
	return list, wrapImport("bookmarks beside those", id, err)
}

// ImportRows lists all rows that are kept of an import, in the order of the file.
func (r reader) ImportRows(ctx context.Context, id coop.ID) ([]ImportRow, error) {
	list, err := all(ctx, r, scanImportRow, `
		SELECT `+importRowColumns+`
		FROM import_rows
		WHERE import_id = $1
		ORDER BY number`, int64(id))
	return list, wrapImport("rows", id, err)
}
