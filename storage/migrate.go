// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// ErrNewerSchema is returned when a newer minga has changed the database: an
// older program must not touch it.
var ErrNewerSchema = errors.New("the database was made by a newer minga; start that version")

//go:embed migrations
var migrations embed.FS

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string        // file name without its folder
	Took    time.Duration // how long it took
}

// Migrate brings the schema up to this program's version, telling progress (may
// be nil) after each step. It is safe to kill and to start on several nodes at
// once: a step is done wholly or not at all, by one of them.
func (s *Store) Migrate(ctx context.Context, progress func(Migration)) error {
	return s.MigrateAfter(ctx, nil, progress)
}

// MigrateAfter is [Store.Migrate] that does something before the first step (may be nil),
// on one node if several start at once on PostgreSQL; its error ends it, and nothing is
// changed.
func (s *Store) MigrateAfter(ctx context.Context, before func(context.Context) error, progress func(Migration)) error {
	due, err := s.MigrationDue(ctx)
	if err != nil {
		return err
	}
	if !due {
		return s.freeOrigins(ctx) // a program that was killed between the two
	}
	release, err := s.db.migrationLock(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer release()
	if due, err = s.MigrationDue(ctx); err != nil { // another node may have gone ahead
		return err
	}
	if due && before != nil {
		if err := before(ctx); err != nil {
			return err
		}
	}
	if err := s.migrate(ctx, progress); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return s.freeOrigins(ctx)
}

// steps are the migrations of the store's engine.
func (s *Store) steps(db *sql.DB) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if s.e.engine == Postgres {
		dialect = goose.DialectPostgres
	}
	return goose.NewProvider(dialect, db, Migrations(s.e.engine), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}

// migrate runs the steps that are missing, one by one.
func (s *Store) migrate(ctx context.Context, progress func(Migration)) (err error) {
	db, err := s.db.handle()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	steps, err := s.steps(db)
	if err != nil {
		return err
	}
	before, err := s.version(ctx)
	if err != nil {
		return err
	}
	for {
		done, err := steps.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			if before, err = s.overtaken(ctx, before, err); err != nil {
				return err
			}
			continue
		}
		if progress != nil {
			progress(Migration{done.Source.Version, path.Base(done.Source.Path), done.Duration})
		}
	}
}

// overtaken says whether a step failed because another process has just done it
// (SQLite has no lock that spans steps): then the schema has moved on meanwhile.
func (s *Store) overtaken(ctx context.Context, before int64, cause error) (int64, error) {
	now, err := s.version(ctx)
	if err != nil || now <= before {
		return before, cause
	}
	return now, nil
}

// Migrations is the folder of an engine's migrations: the same files make the same
// schema.
func Migrations(e Engine) fs.FS {
	sub, err := fs.Sub(migrations, "migrations/"+string(e))
	if err != nil {
		return migrations // cannot be: the name is constant
	}
	return sub
}

// MigrationDue says whether Migrate has something to do. A schema of a newer
// program gives [ErrNewerSchema].
func (s *Store) MigrationDue(ctx context.Context) (bool, error) {
	ours, err := s.newestStep()
	if err != nil {
		return false, err
	}
	theirs, err := s.version(ctx)
	if err != nil {
		return false, fmt.Errorf("version of the schema: %w", err)
	}
	if theirs > ours {
		return false, fmt.Errorf("schema %d, this program knows %d: %w", theirs, ours, ErrNewerSchema)
	}
	return theirs < ours, nil
}

// newestStep is the highest number among the files.
func (s *Store) newestStep() (int64, error) {
	names, err := fs.Glob(Migrations(s.e.engine), "*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.New("this program was built without its migrations")
	}
	number, _, _ := strings.Cut(names[len(names)-1], "_") // Glob sorts
	return strconv.ParseInt(number, 10, 64)
}

// version is the number of the last step done, 0 for an empty database.
func (s *Store) version(ctx context.Context) (int64, error) {
	exists := `SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'`
	if s.e.engine == Postgres {
		exists = `SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass('goose_db_version')`
	}
	var n int64
	if err := s.q.QueryRow(ctx, exists).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	err := s.q.QueryRow(ctx, `
		SELECT COALESCE(MAX(version_id), 0)
		FROM goose_db_version
		WHERE is_applied`).Scan(&n)
	return n, err
}
