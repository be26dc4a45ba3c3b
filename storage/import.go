// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
	"minga/coop/carry"
)

// TaskImport is the kind of the task that does an import; its key is the id of the
// import.
const TaskImport = "outbox.import"

// importPace is how long one server is left in peace between two rows that ask it,
// whoever brought them.
const importPace = time.Second

// importColumns are those that [scanImport] reads.
const importColumns = "id, account_id, person_id, kind, overwrite, name, state, total, done, failed, created_at, finished_at"

// scanImport reads a row of [importColumns].
func scanImport(row pgx.CollectableRow) (*coop.Import, error) {
	i := &coop.Import{}
	var id, account, person, created, finished int64
	var state string
	err := row.Scan(&id, &account, &person, &i.Kind, &i.Overwrite, &i.Name, &state, &i.Total, &i.Done, &i.Failed, &created, &finished)
	i.ID, i.AccountID, i.PersonID, i.State = coop.ID(id), coop.ID(account), coop.ID(person), coop.ImportState(state)
	i.CreatedAt, i.FinishedAt = atMs(created), atMs(finished)
	return i, err
}

// Import finds an import of an account, or gives [coop.ErrNotFound]: also for one of
// somebody else's. Account 0 is whoever's.
func (r reader) Import(ctx context.Context, account, id coop.ID) (*coop.Import, error) {
	i, err := first(ctx, r, scanImport, `
		SELECT `+importColumns+`
		FROM imports
		WHERE id = $1 AND (account_id = $2 OR $2 = 0)`, int64(id), int64(account))
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", id, err)
	}
	return i, nil
}

// Imports lists the imports of an account, newest first.
func (r reader) Imports(ctx context.Context, account coop.ID, page coop.Page) ([]*coop.Import, error) {
	a := args{int64(account)}
	p := a.page("id", page)
	list, err := all(ctx, r, scanImport, `
		SELECT `+importColumns+`
		FROM imports
		WHERE account_id = $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("imports of %s: %w", account, err)
	}
	return newestFirst(p, list), nil
}

// ImportHost says which server a row of an import asks, empty for none.
type ImportHost func(r carry.Row) string

// AddImport keeps a file that was read, and queues the work on it. Rows that ask the
// same server wait for each other, behind those of other imports. It fills in ID, the
// counts, State and CreatedAt. While another of the same kind is worked on for the
// account it gives a [coop.InvalidError] of field kind.
func (tx *Tx) AddImport(ctx context.Context, i *coop.Import, file *carry.File, host ImportHost) (err error) {
	if err := tx.alone(ctx, "imports"); err != nil {
		return err
	}
	if err := tx.mayImport(ctx, i); err != nil {
		return err
	}
	now := tx.e.now()
	if i.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	i.State, i.Total, i.Done, i.Failed = coop.ImportWorking, len(file.Rows)+len(file.Bad), 0, len(file.Bad)
	i.CreatedAt, i.FinishedAt, i.Name = now, time.Time{}, coop.CleanLine(i.Name, 200)
	if _, err := tx.insert(ctx, "imports", []column{
		{"id", int64(i.ID)},
		{"account_id", int64(i.AccountID)},
		{"person_id", int64(i.PersonID)},
		{"kind", i.Kind},
		{"overwrite", i.Overwrite},
		{"name", i.Name},
		{"state", string(i.State)},
		{"total", i.Total},
		{"done", 0},
		{"failed", i.Failed},
		{"created_at", msOf(now)},
		{"finished_at", 0},
	}, ""); err != nil {
		return fmt.Errorf("import of %s: %w", i.AccountID, err)
	}
	if err := tx.addImportRows(ctx, i, file, host); err != nil {
		return err
	}
	return tx.AddTask(ctx, Task{Kind: TaskImport, Key: i.ID.String(), DueAt: now})
}

// mayImport refuses a second import of a kind beside one that is worked on.
func (tx *Tx) mayImport(ctx context.Context, i *coop.Import) error {
	n, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM imports
		WHERE account_id = $1 AND kind = $2 AND state = 'working'`, int64(i.AccountID), i.Kind)
	if err == nil && n > 0 {
		err = &coop.InvalidError{Field: "kind", Code: coop.CodeNotAllowed, Problem: "a file of this kind is being worked on: wait for its end, or stop it"}
	}
	return err
}

// addImportRows writes the rows, each with the moment when its server may be asked.
func (tx *Tx) addImportRows(ctx context.Context, i *coop.Import, file *carry.File, host ImportHost) error {
	next := map[string]time.Time{}
	for _, line := range file.Rows {
		h := coop.Truncate(host(line.Row), 300)
		due, err := tx.importTurn(ctx, next, h, i.CreatedAt)
		if err != nil {
			return err
		}
		if err := tx.addImportRow(ctx, i.ID, line.Number, "waiting", h, line.Row, "", due); err != nil {
			return err
		}
	}
	for _, bad := range file.Bad {
		if err := tx.addImportRow(ctx, i.ID, bad.Number, "failed", "", bad.Cells, string(bad.Problem), time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// importTurn is when the next row that asks a server may do so.
func (tx *Tx) importTurn(ctx context.Context, next map[string]time.Time, host string, now time.Time) (time.Time, error) {
	if host == "" {
		return now, nil
	}
	if _, known := next[host]; !known {
		last, err := tx.number(ctx, `
			SELECT COALESCE(MAX(due_at), 0)
			FROM import_rows
			WHERE host = $1 AND state = 'waiting'`, cleanText(host))
		if err != nil {
			return now, fmt.Errorf("what waits for %s: %w", host, err)
		}
		next[host] = now
		if after := atMs(last).Add(importPace); last != 0 && after.After(now) {
			next[host] = after
		}
	}
	due := next[host]
	next[host] = due.Add(importPace)
	return due, nil
}

// addImportRow writes one row; data is a [carry.Row], or the cells of a bad one.
func (tx *Tx) addImportRow(ctx context.Context, id coop.ID, number int, state, host string, data any, problem string, due time.Time) error {
	text, err := jsonText(data)
	if err == nil {
		_, err = tx.insert(ctx, "import_rows", []column{
			{"import_id", int64(id)},
			{"number", number},
			{"state", state},
			{"host", host},
			{"data", text},
			{"problem", problem},
			{"tries", 0},
			{"due_at", msOf(due)},
			{"found_id", 0},
		}, "ON CONFLICT DO NOTHING")
	}
	if err != nil {
		return fmt.Errorf("row %d of import %s: %w", number, id, err)
	}
	return nil
}

// ImportRow is a row of an import.
type ImportRow struct {
	Import coop.ID
	Number int
	Row    carry.Row // the zero value for one that could not be read
	Cells  []string  // as sent, of one that could not be read
	// Problem is why it could not be done, one of carry's or coop's words.
	Problem string
	Tries   int
	Found   coop.ID // whom or which post it meant; zero: not known
}

// importRowColumns are those that [scanImportRow] reads.
const importRowColumns = "import_id, number, data, problem, tries, found_id"

// scanImportRow reads a row of [importRowColumns].
func scanImportRow(row pgx.CollectableRow) (r ImportRow, err error) {
	var id, found int64
	var data string
	if err := row.Scan(&id, &r.Number, &data, &r.Problem, &r.Tries, &found); err != nil {
		return r, err
	}
	r.Import, r.Found = coop.ID(id), coop.ID(found)
	if json.Unmarshal([]byte(data), &r.Row) != nil {
		err = json.Unmarshal([]byte(data), &r.Cells)
	}
	return r, err
}

// DueImportRows lists up to limit rows of an import that may be done now.
func (r reader) DueImportRows(ctx context.Context, id coop.ID, limit int) ([]ImportRow, error) {
	list, err := all(ctx, r, scanImportRow, `
		SELECT `+importRowColumns+`
		FROM import_rows
		WHERE import_id = $1 AND state = 'waiting' AND due_at <= $2
		ORDER BY due_at, number
		LIMIT $3`, int64(id), msOf(r.e.now()), limit)
	if err != nil {
		return nil, fmt.Errorf("rows of import %s: %w", id, err)
	}
	return list, nil
}

// NextImportRow is when the next row of an import may be done; the zero time: none
// waits.
func (r reader) NextImportRow(ctx context.Context, id coop.ID) (time.Time, error) {
	n, err := r.number(ctx, `
		SELECT COALESCE(MIN(due_at), 0)
		FROM import_rows
		WHERE import_id = $1 AND state = 'waiting'`, int64(id))
	return atMs(n), err
}

// FailedImportRows lists up to limit rows that could not be done, after one, in the
// order of the file.
func (r reader) FailedImportRows(ctx context.Context, id coop.ID, after, limit int) ([]ImportRow, error) {
	list, err := all(ctx, r, scanImportRow, `
		SELECT `+importRowColumns+`
		FROM import_rows
		WHERE import_id = $1 AND state = 'failed' AND number > $2
		ORDER BY number
		LIMIT $3`, int64(id), after, limit)
	if err != nil {
		return nil, fmt.Errorf("rows of import %s: %w", id, err)
	}
	return list, nil
}
