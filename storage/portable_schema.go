// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// MigrateTo brings an empty database to the schema of a version, which may be older than
// this program's: rows that come from there fit into it, and [Store.Migrate] does the
// rest. A version that this program does not know is [ErrNewerSchema] or an error that
// says so; a database that is beyond it stays as it is, with an error.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	if err := s.knows(version); err != nil {
		return err
	}
	release, err := s.db.migrationLock(ctx)
	if err != nil {
		return fmt.Errorf("migrate to %d: %w", version, err)
	}
	defer release()
	if err := s.upTo(ctx, version); err != nil {
		return fmt.Errorf("migrate to %d: %w", version, err)
	}
	now, err := s.version(ctx)
	if err == nil && now != version {
		err = fmt.Errorf("the schema is %d already", now)
	}
	return err
}

// knows tells whether there is a migration of that number.
func (s *Store) knows(version int64) error {
	newest, err := s.newestStep()
	if err != nil {
		return err
	}
	if version > newest {
		return fmt.Errorf("schema %d, this program knows %d: %w", version, newest, ErrNewerSchema)
	}
	names, err := fs.Glob(Migrations(s.e.engine), "*.sql")
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && n == version {
			return nil
		}
	}
	return errors.Join(err, fmt.Errorf("no schema has the number %d", version))
}

// upTo runs the steps that are missing up to one.
func (s *Store) upTo(ctx context.Context, version int64) (err error) {
	db, err := s.db.handle()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	steps, err := s.steps(db)
	if err != nil {
		return err
	}
	_, err = steps.UpTo(ctx, version)
	return err
}

// Schema is the number of the newest migration that was done; 0: none.
func (s *Store) Schema(ctx context.Context) (int64, error) { return s.version(ctx) }
