// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// maxStatements bounds the prepared statements of a connection: our texts are
// constants, a few hundred; beyond that a text is prepared and forgotten.
const maxStatements = 1000

// statements keeps prepared statements by their text.
type statements struct {
	prepare func(ctx context.Context, sql string) (*sql.Stmt, error)
	mu      sync.Mutex
	known   map[string]*sql.Stmt
}

func newStatements(prepare func(context.Context, string) (*sql.Stmt, error)) *statements {
	return &statements{prepare: prepare, known: map[string]*sql.Stmt{}}
}

// get prepares a text once. kept is false when the caller must close it.
func (s *statements) get(ctx context.Context, text string) (stmt *sql.Stmt, kept bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt = s.known[text]; stmt != nil {
		return stmt, true, nil
	}
	//nolint:sqlclosecheck // kept for the life of the connection, or closed by the caller
	stmt, err = s.prepare(context.WithoutCancel(ctx), toSQLite(text))
	if err == nil && len(s.known) < maxStatements {
		s.known[text] = stmt
		kept = true
	}
	return stmt, kept, err
}

// litePool reads through the pool. A cancelled ctx interrupts the query.
type litePool struct {
	db    *sql.DB
	stmts *statements
}

// Query implements querier.
func (p *litePool) Query(ctx context.Context, text string, args ...any) (pgx.Rows, error) {
	stmt, kept, err := p.stmts.get(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	return newLiteRows(rows, err, func() { closeUnless(kept, stmt) })
}

// QueryRow implements querier.
func (p *litePool) QueryRow(ctx context.Context, text string, args ...any) pgx.Row {
	rows, err := p.Query(ctx, text, args...)
	return liteRow{rows, err}
}

// Exec implements querier; the pool can only read, so this is for questions
// without an answer.
func (p *litePool) Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error) {
	stmt, kept, err := p.stmts.get(ctx, text)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer closeUnless(kept, stmt)
	return tagOf(stmt.ExecContext(ctx, args...))
}

func closeUnless(kept bool, stmt *sql.Stmt) {
	if !kept {
		_ = stmt.Close()
	}
}

// liteConn is the writing connection, used by one goroutine at a time. The ctx of
// a caller is asked before each statement and never during one: an interrupted
// statement would roll back the transaction of the whole group.
type liteConn struct {
	conn   *sql.Conn
	known  map[string]*sql.Stmt // those not in use at the moment
	broken error                // SQLite may have rolled back by itself
}

func newLiteConn(conn *sql.Conn) *liteConn {
	return &liteConn{conn: conn, known: map[string]*sql.Stmt{}}
}

// take gives a prepared statement that no open rows use.
func (c *liteConn) take(ctx context.Context, text string) (*sql.Stmt, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.broken != nil {
		return nil, fmt.Errorf("the transaction is lost: %w", c.broken)
	}
	if stmt := c.known[text]; stmt != nil {
		delete(c.known, text)
		return stmt, nil
	}
	return c.conn.PrepareContext(context.WithoutCancel(ctx), toSQLite(text))
}

// give takes a statement back for the next time.
func (c *liteConn) give(text string, stmt *sql.Stmt) {
	if c.known[text] != nil || len(c.known) >= maxStatements {
		_ = stmt.Close()
		return
	}
	c.known[text] = stmt
}

// Query implements querier.
func (c *liteConn) Query(ctx context.Context, text string, args ...any) (pgx.Rows, error) {
	stmt, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(context.WithoutCancel(ctx), args...)
	c.note(err)
	lr, err := newLiteRows(rows, err, func() { c.give(text, stmt) })
	if lr != nil {
		lr.(*liteRows).failed = c.note
	}
	return lr, err
}

// QueryRow implements querier.
func (c *liteConn) QueryRow(ctx context.Context, text string, args ...any) pgx.Row {
	rows, err := c.Query(ctx, text, args...)
	return liteRow{rows, err}
}

// Exec implements querier.
func (c *liteConn) Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error) {
	stmt, err := c.take(ctx, text)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer c.give(text, stmt)
	tag, err := tagOf(stmt.ExecContext(context.WithoutCancel(ctx), args...))
	c.note(err)
	return tag, err
}

// soon implements transaction: at once, since nothing lies between.
func (c *liteConn) soon(ctx context.Context, then outcome, text string, args ...any) error {
	return then.of(c.Exec(ctx, text, args...))
}

// note remembers an error after which the transaction may be gone: what follows
// must not run outside of it.
func (c *liteConn) note(err error) {
	if err != nil && c.broken == nil && breaksTransaction(err) {
		c.broken = err
	}
}

// forget closes the statements.
func (c *liteConn) forget() {
	for text, stmt := range c.known {
		_ = stmt.Close()
		delete(c.known, text)
	}
}

// tagOf is the outcome of a statement in pgx's words.
func tagOf(res sql.Result, err error) (pgconn.CommandTag, error) {
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	n, err := res.RowsAffected()
	return pgconn.NewCommandTag(fmt.Sprintf("UPDATE %d", n)), err
}
