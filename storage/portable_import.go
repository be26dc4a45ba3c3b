// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"minga/coop"
)

// importRows and importBytes bound the rows that are written at once.
const (
	importRows  = 1000
	importBytes = 8 << 20
)

// loader writes rows into one engine. Whatever it does is one transaction.
type loader interface {
	// clear removes all rows of all tables and lets no trigger run until settle.
	clear(ctx context.Context, tables []Table) error
	// load writes rows, whose values stand in the order of columns.
	load(ctx context.Context, t Table, columns []string, rows [][]any) error
	// settle sets the marks, lets triggers run again, and looks whether rows point nowhere.
	settle(ctx context.Context, tables []Table, m Marks) error
}

// Importer takes rows over. It is valid inside [Store.ImportAll] and in one goroutine.
type Importer struct {
	tables  []Table
	to      loader
	now     Table
	columns []string
	classes []Class
	rows    [][]any
	size    int
	marks   Marks
}

// ImportAll replaces everything that is kept by the rows that fill hands in, in one
// transaction: all of it or, with any error, nothing. Triggers do not run, because what
// they would write is among the rows. The schema must be the one that the rows come
// from ([Store.MigrateTo]). Afterwards the search has to be made anew
// ([Store.RebuildSearch]). Nobody else may use the database meanwhile.
func (s *Store) ImportAll(ctx context.Context, fill func(in *Importer) error) error {
	tables, err := s.Tables(ctx)
	if err != nil {
		return err
	}
	var refused error // of who hands rows in: nothing that the database said
	take := func(to loader) error {
		if err := to.clear(ctx, tables); err != nil {
			return fmt.Errorf("clear: %w", err)
		}
		in := &Importer{tables: tables, to: to}
		if refused = fill(in); refused != nil {
			return refused
		}
		if err := in.flush(ctx); err != nil {
			return err
		}
		return to.settle(ctx, tables, in.marks)
	}
	switch db := s.db.(type) {
	case *sqliteDB:
		err = errors.Join(db.importing(ctx, take), db.forgetIDs(ctx, s.e))
	case *postgresDB:
		err = db.importing(ctx, take)
	}
	if refused != nil {
		return fmt.Errorf("import: %w", err)
	}
	if err != nil {
		return fmt.Errorf("import: %w", kind(err))
	}
	s.forgetBoard()
	return nil
}

// Begin says of which table the next rows are and in which order their values stand. A
// table or column that is not here, or a column that is missing, is a *coop.InvalidError.
func (in *Importer) Begin(ctx context.Context, table string, columns []string) error {
	if err := in.flush(ctx); err != nil {
		return err
	}
	at := slices.IndexFunc(in.tables, func(t Table) bool { return t.Name == table })
	if at < 0 {
		return unfit("there is no table %s", table)
	}
	in.now, in.columns, in.classes = in.tables[at], columns, in.classes[:0]
	if len(columns) != len(in.now.Columns) {
		return unfit("table %s has %d columns and not %d", table, len(in.now.Columns), len(columns))
	}
	for i, name := range columns {
		class := in.now.class(name)
		if class == "" || slices.Contains(columns[:i], name) {
			return unfit("table %s has no column %s, or it comes twice", table, name)
		}
		in.classes = append(in.classes, class)
	}
	return nil
}

// unfit says that rows do not belong here.
func unfit(format string, args ...any) error {
	return &coop.InvalidError{Field: "table", Code: coop.CodeUnknown, Problem: fmt.Sprintf(format, args...)}
}

// Put takes a row over; its values have the types of their classes, as
// [Snapshot.Export] gives them. It keeps no hold of the slice.
func (in *Importer) Put(ctx context.Context, row []any) error {
	if len(row) != len(in.columns) {
		return unfit("a row of %s has %d values and not %d", in.now.Name, len(row), len(in.columns))
	}
	kept := slices.Clone(row)
	for i, v := range kept {
		if v == nil {
			continue
		}
		fit, ok := portableValue(in.classes[i], v)
		if !ok {
			return unfit("column %s of %s takes no %T", in.columns[i], in.now.Name, v)
		}
		kept[i] = fit
		in.size += sizeOf(fit)
	}
	if err := checkText(kept); err != nil {
		return fmt.Errorf("row of %s: %w", in.now.Name, err)
	}
	if in.rows = append(in.rows, kept); len(in.rows) < importRows && in.size < importBytes {
		return nil
	}
	return in.flush(ctx)
}

// sizeOf is about how many bytes a value has.
func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 8
}

// Marks says up to where ids were given.
func (in *Importer) Marks(m Marks) { in.marks = m }

// flush writes the rows that wait.
func (in *Importer) flush(ctx context.Context) error {
	if len(in.rows) == 0 {
		return ctx.Err()
	}
	if err := in.to.load(ctx, in.now, in.columns, in.rows); err != nil {
		return fmt.Errorf("rows of %s: %w", in.now.Name, kind(err))
	}
	in.rows, in.size = in.rows[:0], 0
	return ctx.Err()
}

// Populated tells whether the database holds what anybody did: an instance has been
// started on it. A schema without rows is not populated.
func (s *Store) Populated(ctx context.Context) (bool, error) {
	version, err := s.version(ctx)
	if err != nil || version == 0 {
		return false, err
	}
	tables, err := s.Tables(ctx)
	if err != nil {
		return false, err
	}
	for _, ask := range [][2]string{
		{"accounts", `SELECT CASE WHEN EXISTS (SELECT 1 FROM accounts) THEN 1 ELSE 0 END`},
		{"settings", `SELECT CASE WHEN EXISTS (SELECT 1 FROM settings) THEN 1 ELSE 0 END`},
		{"secrets", `SELECT CASE WHEN EXISTS (SELECT 1 FROM secrets) THEN 1 ELSE 0 END`},
	} {
		if !slices.ContainsFunc(tables, func(t Table) bool { return t.Name == ask[0] }) {
			continue // whoever made the schema was stopped in the middle
		}
		if n, err := s.number(ctx, ask[1]); err != nil || n > 0 {
			return n > 0, err
		}
	}
	return false, nil
}

// namesOf are the names of columns as they stand in a statement.
func namesOf(columns []string) string {
	list := make([]string, len(columns))
	for i, name := range columns {
		list[i] = quoted(name)
	}
	return strings.Join(list, ", ")
}

// marksOf are the places of n values in a statement of SQLite.
func marksOf(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = "?" + strconv.Itoa(i+1)
	}
	return strings.Join(list, ", ")
}

// tallied is the higher of how far a table counted there and what its rows need here.
func tallied(m Marks, table string, rows int64) int64 { return max(m.Sequences[table], rows) }

// forgetBoard lets the board be read again.
func (s *Store) forgetBoard() {
	s.board.mu.Lock()
	defer s.board.mu.Unlock()
	s.board.loaded = false
}
