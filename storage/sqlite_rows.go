// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// liteRows is *sql.Rows in pgx's shape. An empty blob is read as nil: the driver
// tells it from NULL only when it is written.
type liteRows struct {
	rows   *sql.Rows
	fields []pgconn.FieldDescription // once asked for
	err    error
	done   func()
	failed func(error)
	count  int
}

// newLiteRows wraps an answer; done runs once, when it is closed.
func newLiteRows(rows *sql.Rows, err error, done func()) (pgx.Rows, error) {
	if err != nil {
		done()
		return nil, err
	}
	return &liteRows{rows: rows, done: done}, nil
}

// Close implements pgx.Rows.
func (r *liteRows) Close() {
	if r.done == nil {
		return
	}
	err := r.rows.Err()
	if e := r.rows.Close(); err == nil {
		err = e
	}
	if r.err == nil {
		r.err = err
	}
	if r.failed != nil {
		r.failed(err)
	}
	r.done()
	r.done = nil
}

// Err implements pgx.Rows.
func (r *liteRows) Err() error { return r.err }

// CommandTag implements pgx.Rows.
func (r *liteRows) CommandTag() pgconn.CommandTag {
	return pgconn.NewCommandTag(fmt.Sprintf("SELECT %d", r.count))
}

// FieldDescriptions implements pgx.Rows: the names alone, and none of rows that
// were closed before they were first asked for.
func (r *liteRows) FieldDescriptions() []pgconn.FieldDescription {
	if r.fields != nil {
		return r.fields
	}
	names, err := r.rows.Columns()
	if err != nil {
		return nil
	}
	r.fields = make([]pgconn.FieldDescription, len(names))
	for i, name := range names {
		r.fields[i].Name = name
	}
	return r.fields
}

// Next implements pgx.Rows.
func (r *liteRows) Next() bool {
	if r.done == nil {
		return false
	}
	if r.rows.Next() {
		r.count++
		return true
	}
	r.Close()
	return false
}

// Scan implements pgx.Rows. As there, an error closes the rows.
func (r *liteRows) Scan(dest ...any) error {
	if len(dest) == 1 {
		if whole, ok := dest[0].(pgx.RowScanner); ok {
			return whole.ScanRow(r)
		}
	}
	for i, d := range dest {
		if d == nil {
			dest[i] = new(any)
		}
	}
	err := r.rows.Scan(dest...)
	if err != nil {
		r.err = err
		r.Close()
	}
	return err
}

// Values implements pgx.Rows.
func (r *liteRows) Values() ([]any, error) {
	values, targets := make([]any, len(r.FieldDescriptions())), make([]any, len(r.FieldDescriptions()))
	for i := range values {
		targets[i] = &values[i]
	}
	return values, r.Scan(targets...)
}

// RawValues implements pgx.Rows: only the number of columns is true of it.
func (r *liteRows) RawValues() [][]byte { return make([][]byte, len(r.FieldDescriptions())) }

// Conn implements pgx.Rows.
func (r *liteRows) Conn() *pgx.Conn { return nil }

// TypeMap implements pgx.Rows.
func (r *liteRows) TypeMap() *pgtype.Map { return nil }

// liteRow is the first row of an answer.
type liteRow struct {
	rows pgx.Rows
	err  error
}

// Scan implements pgx.Row.
func (r liteRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
