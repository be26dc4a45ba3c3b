// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// interopTrace is what a database holds: the rows of each table, sorted.
type interopTrace map[string][]string

// bookkeeping are the tables that a request may touch though it has no effect: what
// was answered 202, whose signatures were seen, who is alive.
var bookkeeping = []string{"incoming", "replays", "peers", "destinations", "id_clock", "id_slots", "remote_keys", "tasks", "sqlite_sequence"}

// trace reads every table but those named, past the store, so that nothing hides.
func (w *interopWorld) trace(without ...string) interopTrace {
	w.t.Helper()
	path := strings.TrimPrefix(w.config.DatabaseURL, "sqlite://")
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=query_only(1)&_pragma=busy_timeout(10000)")
	w.must(err)
	defer db.Close()
	found := interopTrace{}
	for _, table := range w.texts(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		if !slices.Contains(without, table) {
			rows := w.texts(db, `SELECT * FROM "`+table+`"`)
			slices.Sort(rows)
			found[table] = rows
		}
	}
	if len(found) < 20 {
		w.t.Fatalf("only %d tables were read: %v", len(found), found)
	}
	return found
}

// texts gives each row of an answer as one text.
func (w *interopWorld) texts(db *sql.DB, query string) (all []string) {
	w.t.Helper()
	rows, err := db.QueryContext(w.ctx, query)
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	fetched := slices.Index(columns, "fetched_at") // looking again is no change
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for n := range values {
		targets[n] = &values[n]
	}
	for rows.Next() {
		w.must(rows.Scan(targets...))
		if fetched >= 0 {
			values[fetched] = nil
		}
		line := fmt.Sprint(values...)
		if len(columns) > 1 {
			line = strings.TrimSuffix(strings.Repeat("%v | ", len(values)), " | ")
			line = fmt.Sprintf(line, values...)
		}
		all = append(all, line)
	}
	w.must(rows.Err())
	return all
}

// untouched demands that tables are as they were.
func (w *interopWorld) untouched(before interopTrace, why string) {
	w.t.Helper()
	after := w.trace()
	for table, was := range before {
		if diff := cmp.Diff(was, after[table]); diff != "" {
			w.t.Errorf("%s: the table %s changed:\n%s", why, table, diff)
		}
	}
}
