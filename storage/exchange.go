// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Statements that nobody waits for, in prose. Each exchange with PostgreSQL costs both
// sides more than most statements do. So what has no answer that decides anything (the
// beginning of a transaction, a lock, a row beside a row, the end) waits for the next
// that has one, and all go out together. PostgreSQL runs them one after the other, in
// the order in which they were said, and none behind one that fails: that error is then
// the answer of the one that was waited for, and of all that come later.

// transaction is a querier for one transaction.
type transaction interface {
	querier
	// soon runs a statement before the next that is waited for, or before the end.
	soon(ctx context.Context, then outcome, sql string, args ...any) error
}

// outcome is what comes of a statement that nobody waits for; both may be empty.
type outcome struct {
	counted func(rows int64) // hears how many rows it concerned
	none    error            // says that it must not be none: nothing is kept then
}

// said is a statement that waits to go out.
type said struct {
	sql  string
	args []any
	then outcome
}

// exchange is one transaction of PostgreSQL on one connection.
type exchange struct {
	conn    *pgx.Conn
	waiting []said
	began   bool  // something of it was sent
	failed  error // of a statement that nobody waited for: nobody may pass it over
}

// newExchange makes a transaction, which begins with its first statement.
func newExchange(conn *pgx.Conn) *exchange {
	return &exchange{conn: conn, waiting: []said{{sql: "begin"}}}
}

// soon implements transaction.
func (x *exchange) soon(_ context.Context, then outcome, sql string, args ...any) error {
	x.waiting = append(x.waiting, said{sql, args, then})
	return x.failed
}

// Query implements querier.
func (x *exchange) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if x.alone() {
		return x.conn.Query(ctx, sql, args...)
	}
	answers, err := x.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := answers.Query()
	if err != nil {
		_ = answers.Close() // says the same
		return nil, err
	}
	return &lastRows{Rows: rows, answers: answers}, nil
}

// QueryRow implements querier.
func (x *exchange) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if x.alone() {
		return x.conn.QueryRow(ctx, sql, args...)
	}
	answers, err := x.send(ctx, sql, args)
	if err != nil {
		return failedRow{err}
	}
	return lastRow{answers.QueryRow(), answers}
}

// Exec implements querier.
func (x *exchange) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if x.alone() {
		return x.conn.Exec(ctx, sql, args...)
	}
	answers, err := x.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := answers.Exec()
	if closed := answers.Close(); err == nil {
		err = closed
	}
	return tag, err
}

// alone tells that a statement has nothing to go out with.
func (x *exchange) alone() bool { return len(x.waiting) == 0 && x.failed == nil }

// send sends what waits and one statement more, and reads the answers of what waited.
// The answer of the last is the caller's, who closes the answers.
func (x *exchange) send(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	if x.failed != nil {
		return nil, x.failed
	}
	var all pgx.Batch
	for _, s := range x.waiting {
		all.Queue(s.sql, s.args...)
	}
	all.Queue(sql, args...)
	waited := x.waiting
	x.waiting, x.began = nil, true
	answers := x.conn.SendBatch(ctx, &all)
	for _, s := range waited {
		if err := s.then.of(answers.Exec()); err != nil {
			_ = answers.Close() // says the same, or nothing
			x.failed = fmt.Errorf("%s, sent along: %w", strings.ToLower(strings.Fields(s.sql)[0]), err)
			return nil, x.failed
		}
	}
	return answers, nil
}

// of is what became of a statement.
func (o outcome) of(tag pgconn.CommandTag, err error) error {
	if err != nil {
		return err
	}
	if o.none != nil && tag.RowsAffected() == 0 {
		return o.none
	}
	if o.counted != nil {
		o.counted(tag.RowsAffected())
	}
	return nil
}

// commit ends the transaction with all that waits. One without a statement never began.
func (x *exchange) commit(ctx context.Context) error {
	if !x.began && len(x.waiting) == 1 {
		return nil
	}
	if slices.ContainsFunc(x.waiting, func(s said) bool { return s.then.none != nil }) {
		// The end must not go out with what may forbid it.
		if _, err := x.Exec(ctx, "SELECT 1"); err != nil {
			return err
		}
	}
	tag, err := x.Exec(ctx, "commit")
	if err == nil && tag.String() == "ROLLBACK" {
		err = pgx.ErrTxCommitRollback // a statement had failed, and its error was passed over
	}
	return err
}

// rollback takes back what was not committed. A connection for which that fails is of no
// use, and the pool does not take it back.
func (x *exchange) rollback(ctx context.Context) {
	if x.conn.PgConn().TxStatus() != 'I' {
		_, _ = x.conn.Exec(ctx, "rollback")
	}
}

// lastRows are the rows of the last statement that was sent; with them the exchange ends.
type lastRows struct {
	pgx.Rows
	answers pgx.BatchResults
	err     error
}

// Next reads the next row. Behind the last one all is closed, as pgx does.
func (r *lastRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

// Close ends the exchange.
func (r *lastRows) Close() {
	r.Rows.Close()
	if err := r.answers.Close(); r.err == nil {
		r.err = err
	}
}

// Err is what ended the rows too early.
func (r *lastRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// lastRow is the row of the last statement that was sent.
type lastRow struct {
	pgx.Row
	answers pgx.BatchResults
}

// Scan reads the row and ends the exchange.
func (r lastRow) Scan(into ...any) error {
	err := r.Row.Scan(into...)
	if closed := r.answers.Close(); err == nil {
		err = closed
	}
	return err
}
