// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// watching begins to time a statement; what it returns ends that. Nil where nobody
// wants to know.
func (e *env) watching(ctx context.Context, sql string) func() {
	if e.observe == nil && !trace.SpanFromContext(ctx).IsRecording() {
		return nil
	}
	_, end := e.since(ctx, verbOf(sql))
	return end
}

// since times something under a name of [Options.Observe], and in a span where one is
// recorded in ctx: what is done with the new ctx belongs to that.
func (e *env) since(ctx context.Context, name string) (context.Context, func()) {
	ctx, span := e.span(ctx, name)
	if e.observe == nil {
		return ctx, func() { span.End() }
	}
	began := e.now()
	return ctx, func() {
		e.observe(name, max(0, e.now().Sub(began)))
		span.End()
	}
}

// span is within the one that ctx carries; it does nothing where nobody records. It says
// what is done in a word, never the statement, which is told by its place in the span
// above, nor what stands in it.
func (e *env) span(ctx context.Context, name string) (context.Context, trace.Span) {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, noop.Span{}
	}
	system := map[Engine]string{SQLite: "sqlite", Postgres: "postgresql"}[e.engine]
	return above.TracerProvider().Tracer("minga").Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", system), attribute.String("db.operation.name", name)))
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
	end := e.watching(ctx, sql)
	rows, err := q.Query(ctx, sql, args...)
	if end == nil || err != nil {
		return rows, err
	}
	return &timedRows{rows, end}, nil
}

// queryRow is QueryRow of q, timed.
func (e *env) queryRow(ctx context.Context, q querier, sql string, args []any) pgx.Row {
	end := e.watching(ctx, sql)
	row := q.QueryRow(ctx, sql, args...)
	if end == nil {
		return row
	}
	return timedRow{row, end}
}

// exec is Exec of q, timed.
func (e *env) exec(ctx context.Context, q querier, sql string, args []any) (pgconn.CommandTag, error) {
	if end := e.watching(ctx, sql); end != nil {
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
