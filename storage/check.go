// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// maxFindings bounds what Check says of one kind.
const maxFindings = 100

// orphans are the questions of Check that both engines understand: each counts
// rows that should not be.
var orphans = [...]struct{ what, sql string }{
	{"deliveries wait for a host that is never due", `
		SELECT COUNT(*) FROM destinations d
		WHERE d.due_at IS NULL AND EXISTS (SELECT 1 FROM deliveries e WHERE e.host = d.host)`},
	{"actors have activities waiting and none of them ready", `
		SELECT COUNT(*) FROM (
			SELECT i.actor FROM incoming i
			WHERE i.state = 'waiting'
			GROUP BY i.actor
			HAVING SUM(CASE WHEN i.ready THEN 1 ELSE 0 END) = 0) s`},
	{"waiting activities have lost their bytes", `
		SELECT COUNT(*) FROM incoming WHERE state = 'waiting' AND body IS NULL`},
}

// Check looks for damage: the file itself, foreign keys, rows that point
// nowhere. It returns one sentence per finding; none means that all is well.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	check := s.checkSQLite
	if s.e.engine == Postgres {
		check = s.checkPostgres
	}
	found, err := check(ctx)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	for _, o := range append(orphans[:], recordOrphans[:]...) {
		var n int64
		if err := s.q.QueryRow(ctx, o.sql).Scan(&n); err != nil {
			return nil, fmt.Errorf("check that no %s: %w", o.what, err)
		}
		if n > 0 {
			found = append(found, fmt.Sprintf("%d %s", n, o.what))
		}
	}
	derived, err := s.checkDerived(ctx)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	return append(found, derived...), nil
}

// checkSQLite asks the engine about its file and its foreign keys.
func (s *Store) checkSQLite(ctx context.Context) ([]string, error) {
	found, err := s.integrity(ctx)
	if err != nil {
		return nil, err
	}
	if len(found) == 1 && found[0] == "ok" {
		found = nil
	}
	broken, err := s.lines(ctx, `
		SELECT 'row ' || COALESCE(CAST(rowid AS TEXT), '?') || ' of ' || "table" || ' points to a missing row of ' || parent
		FROM pragma_foreign_key_check
		LIMIT $1`, maxFindings)
	return append(found, broken...), err
}

// integrity asks the engine on a connection that has read nothing yet. One that has
// searched before may hold a part of the search that is merged into another by now, and
// would take that for damage.
func (s *Store) integrity(ctx context.Context) (found []string, err error) {
	db, ok := s.db.(*sqliteDB)
	if !ok {
		return nil, nil
	}
	own, err := sql.Open("sqlite", db.dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("open for a check: %w", err)
	}
	defer func() { err = errors.Join(err, own.Close()) }()
	rows, err := own.QueryContext(ctx, `PRAGMA integrity_check(100)`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		found = append(found, line)
	}
	return found, rows.Err()
}

// checkPostgres asks for indexes and constraints that do not hold; the engine
// itself never lets a foreign key point nowhere.
func (s *Store) checkPostgres(ctx context.Context) ([]string, error) {
	return s.lines(ctx, `
		SELECT 'index ' || indexrelid::regclass::text || ' is not valid' FROM pg_index WHERE NOT indisvalid
		UNION ALL
		SELECT 'constraint ' || conname || ' of ' || conrelid::regclass::text || ' was not checked' FROM pg_constraint WHERE NOT convalidated
		LIMIT $1`, maxFindings)
}

// lines collects a question with one column of text.
func (r reader) lines(ctx context.Context, sql string, args ...any) ([]string, error) {
	rows, err := r.q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
