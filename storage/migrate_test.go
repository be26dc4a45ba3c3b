// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"errors"
	"testing"
)

func TestMigrate(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		if due, err := s.MigrationDue(ctx); err != nil || !due {
			t.Fatalf("an empty database: due %v, %v", due, err)
		}
		var steps []Migration
		if err := s.Migrate(ctx, func(m Migration) { steps = append(steps, m) }); err != nil {
			t.Fatal(err)
		}
		if len(steps) == 0 || steps[0].Version != 1 || steps[0].Name != "0001_queue.sql" {
			t.Errorf("steps: %+v", steps)
		}
		if due, err := s.MigrationDue(ctx); err != nil || due {
			t.Errorf("after migrating: due %v, %v", due, err)
		}
		if err := s.Migrate(ctx, func(m Migration) { t.Errorf("%s again", m.Name) }); err != nil {
			t.Error(err)
		}
		if found, err := s.Check(ctx); err != nil || len(found) != 0 {
			t.Errorf("check of a new database: %v, %v", found, err)
		}
		if err := s.Ping(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestMigrateOnSeveralNodesAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		errs := make(chan error, 4)
		for range cap(errs) {
			go func() { errs <- s.Migrate(t.Context(), nil) }()
		}
		for range cap(errs) {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestMigrateGoesOnAfterAHalt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		// A step that cannot be done now stops the migration, and leaves nothing behind.
		exec(t, s, `CREATE TABLE tasks (id BIGINT)`)
		if err := s.Migrate(ctx, nil); err == nil {
			t.Fatal("migrated over a table that was there")
		}
		if due, err := s.MigrationDue(ctx); err != nil || !due {
			t.Fatalf("after the halt: due %v, %v", due, err)
		}
		exec(t, s, `DROP TABLE tasks`)
		if err := s.Migrate(ctx, nil); err != nil {
			t.Fatalf("the next try: %v", err)
		}
	})
}

func TestOlderProgramRefusesNewerSchema(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		if err := s.Migrate(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		exec(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
		if _, err := s.MigrationDue(t.Context()); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("due: %v", err)
		}
		if err := s.Migrate(t.Context(), nil); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("migrate: %v", err)
		}
	})
}

// exec runs one statement.
func exec(t *testing.T, s *Store, sql string, args ...any) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.q.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
