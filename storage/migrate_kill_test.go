// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestMigrationsAreResumed: stopped twenty times, after a step or in the middle of one,
// the next start goes on where the ledger says, and the schema is the one that a database
// has that was never stopped.
func TestMigrationsAreResumed(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		steps, stops := 0, 0
		for ; stops < 20; stops++ {
			ctx, stop := context.WithCancel(t.Context())
			if stops%2 == 0 {
				steps += stoppedAfterAStep(t, s, ctx, stop)
			} else {
				steps += stoppedInAStep(t, s, ctx, stop)
			}
			stop()
		}
		var rest int
		if err := s.Migrate(t.Context(), func(Migration) { rest++ }); err != nil {
			t.Fatal(err)
		}
		if due, err := s.MigrationDue(t.Context()); err != nil || due {
			t.Errorf("at the end: due %v, %v", due, err)
		}
		if found, err := s.Check(t.Context()); err != nil || len(found) != 0 {
			t.Errorf("check: %v, %v", found, err)
		}
		t.Logf("%d stops, %d steps between them and %d after the last", stops, steps, rest)
		stopped := shapeOf(t, s)
		t.Run("compared", func(t *testing.T) {
			whole := openFor(t, s.otherEmpty(t))
			if err := whole.Migrate(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(shapeOf(t, whole), stopped); diff != "" {
				t.Errorf("never stopped (-) and stopped (+) differ:\n%s", diff)
			}
		})
	})
}

// stoppedAfterAStep lets one step be done and stops.
func stoppedAfterAStep(t *testing.T, s *Store, ctx context.Context, stop func()) (steps int) {
	t.Helper()
	err := s.Migrate(ctx, func(Migration) { steps++; stop() })
	stoppedWell(t, err)
	return steps
}

// stoppedInAStep stops at any moment of the first few steps.
func stoppedInAStep(t *testing.T, s *Store, ctx context.Context, stop func()) (steps int) {
	t.Helper()
	timer := time.AfterFunc(time.Duration(rand.IntN(4000))*time.Microsecond, stop)
	defer timer.Stop()
	stoppedWell(t, s.Migrate(ctx, func(Migration) { steps++ }))
	return steps
}

// stoppedWell: whoever stops gets that as the reason, and the database opens.
func stoppedWell(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, context.Canceled) && !isStopped(err) {
		t.Errorf("stopped: %v", err)
	}
}

// isStopped says whether an engine reports that it was told to stop.
func isStopped(err error) bool {
	return violation(err) == "" && (breaksTransaction(err) || isAway(err) || postgresCode(err) == "57014")
}

// otherEmpty is another empty database of the same engine.
func (s *Store) otherEmpty(t *testing.T) string {
	t.Helper()
	if s.e.engine == Postgres {
		return emptyPostgres(t)
	}
	return "sqlite://" + t.TempDir() + "/other.db"
}

// shapeOf are all tables, columns, indexes and triggers of a database.
func shapeOf(t *testing.T, s *Store) []string {
	t.Helper()
	ask := `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master ORDER BY type, name`
	if s.e.engine == Postgres {
		ask = `
			SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '')
			FROM information_schema.columns
			WHERE table_schema = current_schema()
			UNION ALL
			SELECT 'index ' || replace(indexdef, current_schema() || '.', '')
			FROM pg_indexes
			WHERE schemaname = current_schema()
			UNION ALL
			SELECT 'trigger ' || event_object_table || ' ' || trigger_name || ' ' || event_manipulation
			FROM information_schema.triggers
			WHERE trigger_schema = current_schema()
			ORDER BY 1`
	}
	lines, err := s.lines(t.Context(), ask)
	if err != nil || len(lines) < 100 {
		t.Fatalf("%d things in the schema, %v", len(lines), err)
	}
	return lines
}

// postgresCode is the code of PostgreSQL's error, empty for others'.
func postgresCode(err error) string {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}
