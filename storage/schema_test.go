// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// onlySQLite are the tables that PostgreSQL has something else for, and the
// shadow tables of the full-text search.
var onlySQLite = []string{"id_clock"}

// columns lists table.column, class of type and nullability.
func columns(t *testing.T, s *Store, sql string) []string {
	t.Helper()
	lines, err := s.lines(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range lines {
		f := strings.Split(line, "|")
		table, _, _ := strings.Cut(f[0], ".")
		if slices.Contains(onlySQLite, table) || strings.HasPrefix(table, "goose_") || strings.HasPrefix(table, "sqlite_") || isSearch(table) {
			continue
		}
		out = append(out, fmt.Sprintf("%s %s %s", f[0], class(t, f[1]), f[2]))
	}
	slices.Sort(out)
	return out
}

// isSearch says whether a table belongs to the search, which each engine has in
// its own way.
func isSearch(table string) bool {
	return strings.HasSuffix(table, "_fts") || strings.Contains(table, "_fts_") || strings.HasSuffix(table, "_search") || strings.Contains(table, "_search_")
}

// class is what a type is good for.
func class(t *testing.T, name string) string {
	switch strings.ToLower(name) {
	case "bigint", "integer", "int":
		return "number"
	case "boolean":
		return "flag"
	case "text":
		return "text"
	case "blob", "bytea":
		return "bytes"
	case "real", "double precision":
		return "real"
	case "tsvector", "text[]", "array":
		return "search"
	}
	t.Errorf("a column of type %q: what is its twin?", name)
	return name
}

func TestSchemasHaveTheSameColumns(t *testing.T) {
	lite := openFor(t, "sqlite://"+t.TempDir()+"/minga.db")
	pg := openFor(t, emptyPostgres(t))
	for _, s := range []*Store{lite, pg} {
		if err := s.Migrate(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	left := columns(t, lite, `
		SELECT m.name || '.' || c.name || '|' || c.type || '|' || CASE WHEN c."notnull" OR c.pk > 0 THEN 'always' ELSE 'perhaps' END
		FROM sqlite_master m
		JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table'`)
	right := columns(t, pg, `
		SELECT table_name || '.' || column_name || '|' || data_type || '|' || CASE WHEN is_nullable = 'NO' THEN 'always' ELSE 'perhaps' END
		FROM information_schema.columns
		WHERE table_schema = current_schema()`)
	right = slices.DeleteFunc(right, func(c string) bool { return strings.Contains(c, " search ") })
	if diff := cmp.Diff(left, right); diff != "" {
		t.Errorf("SQLite (-) and PostgreSQL (+) differ:\n%s", diff)
	}
	if len(left) < 50 {
		t.Errorf("only %d columns were compared", len(left))
	}
}

func TestMigrationsHaveTheSameNumbers(t *testing.T) {
	files := map[string][]string{}
	for _, engine := range []string{"sqlite", "postgres"} {
		names, err := fs.Glob(migrations, "migrations/"+engine+"/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			files[engine] = append(files[engine], path.Base(name))
		}
		numbers := map[string]bool{}
		for _, name := range files[engine] {
			number, _, _ := strings.Cut(name, "_")
			if len(number) != 4 || numbers[number] {
				t.Errorf("%s: want four digits of its own", name)
			}
			numbers[number] = true
		}
	}
	if diff := cmp.Diff(files["sqlite"], files["postgres"]); diff != "" {
		t.Error(diff)
	}
}

// TestTimesAndKeysAreWide finds columns that a driver could bend.
func TestTimesAndKeysAreWide(t *testing.T) {
	pg := openFor(t, emptyPostgres(t))
	if err := pg.Migrate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	bad, err := pg.lines(t.Context(), `
		SELECT table_name || '.' || column_name || ' is ' || data_type
		FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name NOT LIKE 'goose%'
			AND (data_type LIKE 'timestamp%' OR data_type IN ('integer', 'smallint', 'json', 'jsonb', 'numeric', 'date', 'character varying'))`)
	if err != nil || len(bad) > 0 {
		t.Error(bad, err)
	}
}
