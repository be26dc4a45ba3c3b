// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Snapshot is everything that is kept, as it was at one moment, whatever is written
// meanwhile. It is valid inside [Store.Snapshot] and in one goroutine.
type Snapshot struct {
	reader
	tables  []Table
	version int64
}

// Snapshot runs do with what is kept at this moment. Nothing can be written through it,
// nobody has to wait for it, and it may last: on SQLite the write-ahead log grows until
// it ends, on PostgreSQL what is deleted meanwhile is not cleared away.
func (s *Store) Snapshot(ctx context.Context, do func(x *Snapshot) error) error {
	see := func(q querier) error {
		x := &Snapshot{reader: reader{q: q, e: s.e}}
		var err error
		if x.version, err = x.schemaVersion(ctx); err != nil { // the first question fixes the moment
			return fmt.Errorf("snapshot: %w", err)
		}
		if x.tables, err = x.Tables(ctx); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
		return do(x)
	}
	switch db := s.db.(type) {
	case *sqliteDB:
		return db.snapshot(ctx, see)
	case *postgresDB:
		return db.snapshot(ctx, see)
	}
	return errors.New("snapshot: an unknown engine")
}

// snapshot reads on a connection of its own, in one transaction.
func (db *sqliteDB) snapshot(ctx context.Context, see func(q querier) error) (err error) {
	own, err := sql.Open("sqlite", db.dsn+"&_pragma=query_only(1)")
	if err != nil {
		return fmt.Errorf("open for a snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	conn, err := own.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open for a snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	q := newLiteConn(conn)
	defer q.forget()
	if _, err := q.Exec(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	defer func() { _, _ = q.Exec(context.WithoutCancel(ctx), "ROLLBACK") }()
	return see(q)
}

// snapshot reads in one transaction that sees one state.
func (db *postgresDB) snapshot(ctx context.Context, see func(q querier) error) error {
	tx, err := db.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("begin a snapshot: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for _, patience := range []string{`SET LOCAL statement_timeout = 0`, `SET LOCAL idle_in_transaction_session_timeout = 0`} {
		if _, err := tx.Exec(ctx, patience); err != nil {
			return fmt.Errorf("begin a snapshot: %w", err)
		}
	}
	return see(tx)
}

// List is the tables of the snapshot, each after those that its rows point to.
func (x *Snapshot) List() []Table { return x.tables }

// Version is the number of the newest migration of the schema.
func (x *Snapshot) Version() int64 { return x.version }

// Export gives every row of a table to take, by the order of its key, and says how many
// there were. Values stand in the order of t.Columns and have the types of their
// classes. The slice is taken again for the next row: whoever keeps a row copies it.
func (x *Snapshot) Export(ctx context.Context, t Table, take func(row []any) error) (n int64, err error) {
	rows, err := x.q.Query(ctx, x.exporting(t))
	if err != nil {
		return 0, fmt.Errorf("export %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		if n%1000 == 0 && ctx.Err() != nil {
			return n, ctx.Err()
		}
		raw, err := rows.Values()
		if err == nil {
			raw, err = portable(t, raw)
		}
		if err != nil {
			return n, fmt.Errorf("export %s, row %d: %w", t.Name, n+1, err)
		}
		if err := take(raw); err != nil {
			return n, err
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("export %s: %w", t.Name, err)
	}
	return n, nil
}

// exporting is the question for all rows of a table. The names come from the catalogue
// of the database and from nobody else. Behind the columns stands of each that holds
// bytes whether it is empty: SQLite reads no bytes as nothing.
func (x *Snapshot) exporting(t Table) string {
	names, order := make([]string, 0, len(t.Columns)), make([]string, 0, len(t.primary))
	for _, c := range t.Columns {
		names = append(names, quoted(c.Name))
	}
	for _, c := range t.Columns {
		if c.Class == ClassBytes {
			names = append(names, "CASE WHEN "+quoted(c.Name)+" IS NULL THEN 1 ELSE 0 END")
		}
	}
	for _, name := range t.primary {
		part := quoted(name)
		if x.e.engine == Postgres && t.class(name) == ClassText {
			part += ` COLLATE "C"` // as SQLite compares
		}
		order = append(order, part)
	}
	return strings.Join([]string{"SELECT ", strings.Join(names, ", "), " FROM ", quoted(t.Name), " ORDER BY ", strings.Join(order, ", ")}, "")
}

// class is that of a column; of none it is empty.
func (t Table) class(name string) Class {
	for _, c := range t.Columns {
		if c.Name == name {
			return c.Class
		}
	}
	return ""
}

// quoted is a name as it stands in a statement.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// portable gives the values of a row the types of their classes.
func portable(t Table, raw []any) ([]any, error) {
	extra := len(t.Columns)
	for i, c := range t.Columns {
		if c.Class == ClassBytes {
			empty, _ := portableValue(ClassNumber, raw[extra])
			if extra++; empty != int64(0) {
				raw[i] = nil
				continue
			}
		} else if raw[i] == nil {
			continue
		}
		v, ok := portableValue(c.Class, raw[i])
		if !ok {
			return nil, fmt.Errorf("column %s: a %T is no %s", c.Name, raw[i], c.Class)
		}
		raw[i] = v
	}
	return raw[:len(t.Columns)], nil
}

// portableValue is a value that is there, in the type of its class.
func portableValue(class Class, v any) (any, bool) {
	switch v := v.(type) {
	case nil:
		return []byte{}, class == ClassBytes
	case int64:
		return numberAs(class, v)
	case int32:
		return numberAs(class, int64(v))
	case bool:
		if class == ClassNumber {
			return map[bool]int64{true: 1}[v], true
		}
		return v, class == ClassFlag
	case float64:
		return v, class == ClassReal
	case string:
		if class == ClassBytes {
			return []byte(v), true
		}
		return v, class == ClassText
	case []byte:
		if class == ClassText {
			return string(v), true
		}
		return append([]byte{}, v...), class == ClassBytes // never a nil, which would be written as nothing
	}
	return nil, false
}

// numberAs is a whole number in the type of a class.
func numberAs(class Class, n int64) (any, bool) {
	switch class {
	case ClassNumber:
		return n, true
	case ClassFlag:
		return n != 0, n == 0 || n == 1
	case ClassReal:
		return float64(n), true
	}
	return nil, false
}

// schemaVersion is the number of the newest migration done.
func (r reader) schemaVersion(ctx context.Context) (int64, error) {
	return r.number(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`)
}

// Marks say up to where ids were given, so that none is given twice in the database
// that takes the rows over.
type Marks struct {
	// Millis is the millisecond after the last for which an id of the present was given;
	// 0: none was.
	Millis int64 `json:"millis"`
	// Sequences are the last numbers given in tables that count their rows.
	Sequences map[string]int64 `json:"sequences"`
}

// Marks reads them.
func (x *Snapshot) Marks(ctx context.Context) (m Marks, err error) {
	clock := `SELECT CASE WHEN last = 0 THEN 0 ELSE last / 32768 + 1 END FROM id_clock`
	counted := `SELECT name, seq FROM sqlite_sequence`
	if x.e.engine == Postgres {
		clock = `
			SELECT CASE WHEN b.last_value = 0 THEN 0 ELSE b.last_value + (n.last_value >> 15) + 1 END
			FROM id_base b, id_counter n`
		counted = `
			SELECT c.relname::text, pg_sequence_last_value(pg_get_serial_sequence(quote_ident(c.relname), a.attname)::regclass)
			FROM pg_class c
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' AND NOT a.attisdropped
			WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`
	}
	if m.Millis, err = x.number(ctx, clock); err != nil {
		return m, fmt.Errorf("ids given: %w", err)
	}
	m.Sequences = map[string]int64{}
	err = eachRow(ctx, x.reader, pgx.RowToStructByPos[sequence], func(s sequence) {
		if s.Last != nil {
			m.Sequences[s.Table] = *s.Last
		}
	}, counted)
	if err != nil {
		return m, fmt.Errorf("numbers given: %w", err)
	}
	return m, nil
}

// sequence is how far a table has counted; nil: not yet.
type sequence struct {
	Table string
	Last  *int64
}

// Count is how many rows a table has.
func (x *Snapshot) Count(ctx context.Context, t Table) (int64, error) {
	n, err := x.number(ctx, strings.Join([]string{"SELECT COUNT(*) FROM ", quoted(t.Name)}, ""))
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", t.Name, err)
	}
	return n, nil
}
