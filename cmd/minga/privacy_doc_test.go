// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"minga/storage/storagetest"
)

// privacyColumns are the columns that a table of PRIVACY.md names, as table.column, by the
// head of that table. A column that stands there twice is a fault.
func privacyColumns(t *testing.T, head string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repositoryRoot(t), "PRIVACY.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	inside := false
	for line := range strings.SplitSeq(string(text), "\n") {
		switch {
		case line == head:
			inside = true
		case !strings.HasPrefix(line, "|"):
			inside = false
		case inside && !strings.HasPrefix(line, "|---"):
			cells := strings.Split(strings.Trim(line, "| "), " | ")
			if len(cells) != strings.Count(head, " | ")+1 || slices.Contains(cells, "") {
				t.Errorf("PRIVACY.md: a cell is missing: %s", line)
			}
			for _, column := range regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(cells[1], -1) {
				found = append(found, strings.Trim(cells[0], "`")+"."+column[1])
			}
		}
	}
	return found
}

// TestPrivacyDocNamesEveryColumn: each column of the schema stands in PRIVACY.md, either
// with what it says about people and for how long, or among those that say nothing; and
// nothing stands there that is not in the schema.
func TestPrivacyDocNamesEveryColumn(t *testing.T) {
	named := privacyColumns(t, "| table | columns | what, and why | how long | who sees it |")
	rest := privacyColumns(t, "| table | columns |")
	if len(named) < 300 || len(rest) < 100 {
		t.Fatalf("PRIVACY.md names %d and %d columns", len(named), len(rest))
	}
	both := append(slices.Clone(named), rest...)
	slices.Sort(both)
	for i, column := range both[1:] {
		if column == both[i] {
			t.Errorf("PRIVACY.md names %s twice", column)
		}
	}
	for engine, schema := range map[string]func(*testing.T) []string{"sqlite": schemaOfSQLite, "postgres": schemaOfPostgres} {
		t.Run(engine, func(t *testing.T) {
			there := schema(t)
			for _, column := range there {
				if !slices.Contains(both, column) {
					t.Errorf("PRIVACY.md does not say what %s says about people, nor that it says nothing", column)
				}
			}
			for _, column := range both {
				if !slices.Contains(there, column) {
					t.Errorf("PRIVACY.md names %s, which is not in the schema", column)
				}
			}
		})
	}
}

// machinery are tables of the databases themselves, of the migrations and the search,
// which PRIVACY.md names in a sentence. id_clock is what SQLite has for a sequence.
var machinery = regexp.MustCompile(`^(goose_|sqlite_|pg_|id_clock\.|test_clock\.|(post|job)_search|[a-z_]+_fts)`)

// columnsOf asks a database for its columns.
func columnsOf(t *testing.T, driver, source, question string) []string {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var columns []string
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		if !machinery.MatchString(column) {
			columns = append(columns, column)
		}
	}
	if err := rows.Err(); err != nil || len(columns) < 400 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	return columns
}

func schemaOfSQLite(t *testing.T) []string {
	return columnsOf(t, "sqlite", strings.TrimPrefix(storagetest.SQLiteURL(t), "sqlite://"), `
		SELECT m.name || '.' || c.name
		FROM sqlite_master m
		JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table'`)
}

// schemaOfPostgres leaves out columns that the search alone has.
func schemaOfPostgres(t *testing.T) []string {
	return columnsOf(t, "pgx", storagetest.PostgresURLAt(t, storagetest.NewClock()), `
		SELECT table_name || '.' || column_name
		FROM information_schema.columns
		WHERE table_schema = current_schema() AND data_type <> 'tsvector' AND data_type <> 'ARRAY'`)
}
