// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// pgLoader writes rows into PostgreSQL.
type pgLoader struct{ tx pgx.Tx }

// importing runs take in one transaction.
func (db *postgresDB) importing(ctx context.Context, take func(to loader) error) error {
	tx, err := db.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
		return err
	}
	if err := take(&pgLoader{tx}); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// triggers switches those of the tables on or off: ours, not those by which the engine
// holds foreign keys.
func (l *pgLoader) triggers(ctx context.Context, tables []Table, how string) error {
	for _, t := range tables {
		if _, err := l.tx.Exec(ctx, strings.Join([]string{"ALTER TABLE ", quoted(t.Name), " ", how, " TRIGGER USER"}, "")); err != nil {
			return err
		}
	}
	return nil
}

// clear implements loader.
func (l *pgLoader) clear(ctx context.Context, tables []Table) error {
	if err := l.triggers(ctx, tables, "DISABLE"); err != nil {
		return err
	}
	names := []string{"post_search", "job_search"}
	for _, t := range tables {
		names = append(names, t.Name)
	}
	_, err := l.tx.Exec(ctx, strings.Join([]string{"TRUNCATE ", namesOf(names)}, ""))
	return err
}

// load implements loader.
func (l *pgLoader) load(ctx context.Context, t Table, columns []string, rows [][]any) error {
	_, err := l.tx.CopyFrom(ctx, pgx.Identifier{t.Name}, columns, pgx.CopyFromRows(rows))
	return err
}

// settle implements loader.
func (l *pgLoader) settle(ctx context.Context, tables []Table, m Marks) error {
	if _, err := l.tx.Exec(ctx, `SELECT setval('id_counter', 0, FALSE), setval('id_base', $1)`, m.Millis); err != nil {
		return fmt.Errorf("ids: %w", err)
	}
	counted, err := l.tx.Query(ctx, `
		SELECT c.relname::text, a.attname::text
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return err
	}
	type place struct{ Table, Column string }
	places, err := pgx.CollectRows(counted, pgx.RowToStructByPos[place])
	if err != nil {
		return err
	}
	for _, p := range places {
		if err := l.setLast(ctx, p.Table, p.Column, m); err != nil {
			return fmt.Errorf("numbers of %s: %w", p.Table, err)
		}
	}
	return l.triggers(ctx, tables, "ENABLE")
}

// setLast sets how far a table has counted.
func (l *pgLoader) setLast(ctx context.Context, table, column string, m Marks) error {
	var here int64
	err := l.tx.QueryRow(ctx, strings.Join([]string{"SELECT COALESCE(MAX(", quoted(column), "), 0) FROM ", quoted(table)}, "")).Scan(&here)
	if err != nil {
		return err
	}
	last := tallied(m, table, here)
	if last == 0 {
		return nil // as it begins
	}
	_, err = l.tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence(quote_ident($1), $2), $3)`, table, column, last)
	return err
}
