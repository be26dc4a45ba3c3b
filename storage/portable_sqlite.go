// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// liteLoader writes rows into SQLite, on a connection of its own that does not look at
// foreign keys before the end.
type liteLoader struct {
	conn     *sql.Conn
	triggers []string // how they are made again
	known    string
	insert   *sql.Stmt
}

// importing runs take in one transaction.
func (db *sqliteDB) importing(ctx context.Context, take func(to loader) error) (err error) {
	own, err := db.handle()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	conn, err := own.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `PRAGMA foreign_keys = OFF`); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	l := &liteLoader{conn: conn}
	defer func() {
		if l.insert != nil {
			_ = l.insert.Close()
		}
	}()
	if err := take(l); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return err
	}
	if _, err := conn.ExecContext(ctx, `COMMIT`); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// forgetIDs lets the next id be read from the table again.
func (db *sqliteDB) forgetIDs(ctx context.Context, e *env) error {
	return db.write(context.WithoutCancel(ctx), e, func(transaction) error {
		db.ids = idClock{}
		return nil
	})
}

// strings collects the first column of a question.
func (l *liteLoader) strings(ctx context.Context, text string) (list []string, err error) {
	rows, err := l.conn.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// clear implements loader.
func (l *liteLoader) clear(ctx context.Context, tables []Table) (err error) {
	if l.triggers, err = l.strings(ctx, `SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid`); err != nil {
		return err
	}
	names, err := l.strings(ctx, `SELECT name FROM sqlite_master WHERE type = 'trigger'`)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := l.conn.ExecContext(ctx, strings.Join([]string{"DROP TRIGGER ", quoted(name)}, "")); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if _, err := l.conn.ExecContext(ctx, strings.Join([]string{"DELETE FROM ", quoted(t.Name)}, "")); err != nil {
			return err
		}
	}
	for _, words := range []string{`INSERT INTO post_search (post_search) VALUES ('delete-all')`, `INSERT INTO job_search (job_search) VALUES ('delete-all')`} {
		if _, err := l.conn.ExecContext(ctx, words); err != nil {
			return err
		}
	}
	return nil
}

// load implements loader.
func (l *liteLoader) load(ctx context.Context, t Table, columns []string, rows [][]any) (err error) {
	text := strings.Join([]string{"INSERT INTO ", quoted(t.Name), " (", namesOf(columns), ") VALUES (", marksOf(len(columns)), ")"}, "")
	if text != l.known {
		if l.insert != nil {
			_ = l.insert.Close()
		}
		if l.insert, err = l.conn.PrepareContext(ctx, text); err != nil {
			l.known = ""
			return err
		}
		l.known = text
	}
	for _, row := range rows {
		if _, err := l.insert.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}

// settle implements loader.
func (l *liteLoader) settle(ctx context.Context, _ []Table, m Marks) error {
	if _, err := l.conn.ExecContext(ctx, `UPDATE id_clock SET last = ?1`, m.Millis*halfCounter); err != nil {
		return err
	}
	for table, last := range m.Sequences {
		// Of a table that does not count here there is no row, and nothing to set.
		if err := l.setLast(ctx, table, last); err != nil {
			return err
		}
	}
	for _, text := range l.triggers {
		if _, err := l.conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("make a trigger again: %w", err)
		}
	}
	broken, err := l.strings(ctx, `SELECT "table" || ' points to a missing row of ' || parent FROM pragma_foreign_key_check LIMIT 10`)
	if err == nil && len(broken) > 0 {
		err = unfit("%s", strings.Join(broken, "; "))
	}
	return err
}

// setLast sets how far a table has counted.
func (l *liteLoader) setLast(ctx context.Context, table string, last int64) error {
	made, err := l.strings(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'`)
	if err != nil {
		return err
	}
	for _, name := range made {
		if name != table {
			continue
		}
		var here int64
		err := l.conn.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = ?1`, table).Scan(&here)
		if err != nil {
			return err
		}
		if _, err := l.conn.ExecContext(ctx, `DELETE FROM sqlite_sequence WHERE name = ?1`, table); err != nil {
			return err
		}
		_, err = l.conn.ExecContext(ctx, `INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)`, table, tallied(Marks{Sequences: map[string]int64{table: last}}, table, here))
		return err
	}
	return nil
}
