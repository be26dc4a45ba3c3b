// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What is kept can be read as rows that belong to no engine, and be written into either
// of them: backups and copies from one kind of database to the other are made of it.
// Which tables there are, the engine itself is asked: nobody has to keep a list, and a
// table that a migration adds is in the next backup. Two things each engine has in its
// own way and are made anew instead: the search ([Store.RebuildSearch]) and the
// counters from which ids are given ([Marks]).

// Class is what a column holds, whatever its engine calls it.
type Class string

// The classes, with the Go type of their values; a column that may be empty has nil too.
const (
	ClassNumber Class = "number" // int64
	ClassFlag   Class = "flag"   // bool
	ClassText   Class = "text"   // string
	ClassBytes  Class = "bytes"  // []byte
	ClassReal   Class = "real"   // float64
)

// Column is one of a table.
type Column struct {
	Name  string `json:"name"`
	Class Class  `json:"class"`
	Null  bool   `json:"null,omitempty"` // it may be empty
}

// Table is one of those that hold what is kept, with its columns by their names'
// alphabet, so that it reads alike from either engine.
type Table struct {
	Name    string
	Columns []Column
	primary []string // the primary key, in its order
	needs   []string // tables that rows of this one point to
}

// columnRow is a column as the catalogue of an engine tells it.
type columnRow struct {
	table, name, kind string
	never             bool // never empty
	key               int64
}

// Tables lists the tables that hold what is kept, each after those that its rows point
// to. Tables of others in the same database are not among them.
func (r reader) Tables(ctx context.Context) ([]Table, error) {
	rows, err := all(ctx, r, scanColumnRow, r.catalogue())
	if err != nil {
		return nil, fmt.Errorf("tables: %w", err)
	}
	needs, err := all(ctx, r, func(row pgx.CollectableRow) (pair [2]string, err error) {
		err = row.Scan(&pair[0], &pair[1])
		return pair, err
	}, r.references())
	if err != nil {
		return nil, fmt.Errorf("references of tables: %w", err)
	}
	return tablesInOrder(gathered(rows, needs, ourTables(r.e.engine)))
}

// scanColumnRow reads a row of a catalogue.
func scanColumnRow(row pgx.CollectableRow) (c columnRow, err error) {
	err = row.Scan(&c.table, &c.name, &c.kind, &c.never, &c.key)
	return c, err
}

// catalogue asks for every column, table by table and by its name.
func (r reader) catalogue() string {
	if r.e.engine == SQLite {
		return `
			SELECT m.name, c.name, c.type, CASE WHEN c."notnull" OR c.pk > 0 THEN 1 ELSE 0 END, c.pk
			FROM sqlite_master m
			JOIN pragma_table_info(m.name) c
			WHERE m.type = 'table'
			ORDER BY m.name, c.name`
	}
	return `
		SELECT c.relname::text, a.attname::text, format_type(a.atttypid, -1), a.attnotnull,
			COALESCE((
				SELECT k.n
				FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, n)
				WHERE i.indrelid = c.oid AND i.indisprimary AND k.num = a.attnum), 0)
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
		ORDER BY c.relname::text COLLATE "C", a.attname::text COLLATE "C"`
}

// references asks which table points to which.
func (r reader) references() string {
	if r.e.engine == SQLite {
		return `
			SELECT m.name, f."table"
			FROM sqlite_master m
			JOIN pragma_foreign_key_list(m.name) f
			WHERE m.type = 'table'`
	}
	return `
		SELECT c.relname::text, t.relname::text
		FROM pg_constraint f
		JOIN pg_class c ON c.oid = f.conrelid
		JOIN pg_class t ON t.oid = f.confrelid
		WHERE f.contype = 'f' AND c.relnamespace = current_schema()::regnamespace`
}

// madeTable finds the tables in a migration.
var madeTable = regexp.MustCompile(`(?m)^\s*(?:CREATE TABLE|ALTER TABLE \w+ RENAME TO) (\w+)`)

// notCarried are tables that each engine has in its own way.
var notCarried = []string{"id_clock", "post_search", "job_search"}

// ourTables are the names of all tables that the migrations of an engine make and that
// are carried.
func ourTables(e Engine) map[string]bool {
	ours := map[string]bool{}
	files := Migrations(e)
	names, _ := fs.Glob(files, "*.sql") // the pattern is constant
	for _, name := range names {
		text, _ := fs.ReadFile(files, name) // it is part of the program
		for _, found := range madeTable.FindAllStringSubmatch(string(text), -1) {
			ours[found[1]] = !slices.Contains(notCarried, found[1])
		}
	}
	return ours
}

// gathered makes tables of their columns and references.
func gathered(rows []columnRow, needs [][2]string, ours map[string]bool) []Table {
	var tables []Table
	for i, c := range rows {
		if !ours[c.table] {
			continue
		}
		if i == 0 || len(tables) == 0 || tables[len(tables)-1].Name != c.table {
			tables = append(tables, Table{Name: c.table})
		}
		t := &tables[len(tables)-1]
		t.Columns = append(t.Columns, Column{c.name, classOf(c.kind), !c.never})
	}
	for i := range tables {
		t := &tables[i]
		t.primary = primaryOf(rows, t.Name)
		for _, pair := range needs {
			if pair[0] == t.Name && pair[1] != t.Name && ours[pair[1]] {
				t.needs = append(t.needs, pair[1])
			}
		}
	}
	return tables
}

// primaryOf is the primary key of a table, in its order.
func primaryOf(rows []columnRow, table string) []string {
	var keyed []columnRow
	for _, c := range rows {
		if c.table == table && c.key > 0 {
			keyed = append(keyed, c)
		}
	}
	slices.SortFunc(keyed, func(a, b columnRow) int { return cmp.Compare(a.key, b.key) })
	list := make([]string, len(keyed))
	for i, c := range keyed {
		list[i] = c.name
	}
	return list
}

// classOf is what a type of either engine holds.
func classOf(kind string) Class {
	switch strings.ToLower(kind) {
	case "bigint", "integer", "int":
		return ClassNumber
	case "boolean":
		return ClassFlag
	case "blob", "bytea":
		return ClassBytes
	case "real", "double precision":
		return ClassReal
	}
	return ClassText
}

// tablesInOrder puts each table after those that it needs.
func tablesInOrder(tables []Table) ([]Table, error) {
	slices.SortFunc(tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	ordered, done := make([]Table, 0, len(tables)), map[string]bool{}
	for len(ordered) < len(tables) {
		before := len(ordered)
		for _, t := range tables {
			if !done[t.Name] && !slices.ContainsFunc(t.needs, func(n string) bool { return !done[n] }) {
				ordered, done[t.Name] = append(ordered, t), true
			}
		}
		if len(ordered) == before {
			return nil, fmt.Errorf("tables point to each other in a circle, %d of %d in order", before, len(tables))
		}
	}
	return ordered, nil
}
