// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// watching begins to time a statement; what it returns ends that. Nil where nobody
// wants to know.
func (e *env) watching(sql string) func() {
	if e.observe == nil {
		return nil
	}
	return e.since(verbOf(sql))
}

// since times something under a name of [Options.Observe].
func (e *env) since(name string) func() {
	if e.observe == nil {
		return func() {}
	}
	began := e.now()
	return func() { e.observe(name, max(0, e.now().Sub(began))) }
}

// verbOf is what a statement does, one of few words: what it is about is no label of a
// figure, because searches put their texts together.
func verbOf(sql string) string {
	sql = strings.TrimLeft(sql, " \t\n")
	for _, verb := range [...]string{"SELECT", "INSERT", "UPDATE", "DELETE"} {
		if strings.HasPrefix(sql, verb) {
			return strings.ToLower(verb)
		}
	}
	return "other"
}

// timedRows are timed until they are closed: an engine may look for the next row when it
// is asked for it.
type timedRows struct {
	pgx.Rows
	end func()
}

// Close ends the time as well, once.
func (r *timedRows) Close() {
	r.Rows.Close()
	if r.end != nil {
		r.end()
		r.end = nil
	}
}

// timedRow is timed until it is read.
type timedRow struct {
	pgx.Row
	end func()
}

// Scan reads the row.
func (r timedRow) Scan(into ...any) error {
	defer r.end()
	return r.Row.Scan(into...)
}

// query is Query of q, timed.
func (e *env) query(ctx context.Context, q querier, sql string, args []any) (pgx.Rows, error) {
	end := e.watching(sql)
	rows, err := q.Query(ctx, sql, args...)
	if end == nil || err != nil {
		return rows, err
	}
	return &timedRows{rows, end}, nil
}

// queryRow is QueryRow of q, timed.
func (e *env) queryRow(ctx context.Context, q querier, sql string, args []any) pgx.Row {
	end := e.watching(sql)
	row := q.QueryRow(ctx, sql, args...)
	if end == nil {
		return row
	}
	return timedRow{row, end}
}

// exec is Exec of q, timed.
func (e *env) exec(ctx context.Context, q querier, sql string, args []any) (pgconn.CommandTag, error) {
	if end := e.watching(sql); end != nil {
		defer end()
	}
	return q.Exec(ctx, sql, args...)
}

// Connections are those to the database at this moment.
type Connections struct {
	InUse, Idle int
	Most        int // that there may be
}

// Connections counts the connections of this node: the pool of PostgreSQL, the readers of
// SQLite.
func (s *Store) Connections() Connections {
	switch db := s.db.(type) {
	case *postgresDB:
		stat := db.pool.Stat()
		return Connections{int(stat.AcquiredConns()), int(stat.IdleConns()), int(stat.MaxConns())}
	case *sqliteDB:
		stats := db.readers.Stats()
		return Connections{stats.InUse, stats.Idle, stats.MaxOpenConnections}
	}
	return Connections{}
}
