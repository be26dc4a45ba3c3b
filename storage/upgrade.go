// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// Upgrade is what this program would do to a database before it uses it.
type Upgrade struct {
	Engine Engine
	Schema int64    // number of the last step that the database has
	Wanted int64    // number of the last step that this program knows
	Due    []string // names of the steps between, in their order
	Bytes  int64    // how much the database takes on the disk
	// Most is how long it takes at most, as a guess: some steps write whole tables anew.
	Most time.Duration
}

// Speed of a guess: bytes that a slow disk writes anew in a second, and what a step costs
// that writes nothing.
const (
	guessedBytes = 10 << 20
	guessedStep  = 200 * time.Millisecond
)

// Upgrade says what [Store.Migrate] would do. A schema of a newer program gives
// [ErrNewerSchema].
func (s *Store) Upgrade(ctx context.Context) (Upgrade, error) {
	u := Upgrade{Engine: s.e.engine}
	if _, err := s.MigrationDue(ctx); err != nil {
		return u, err
	}
	var err error
	if u.Schema, err = s.version(ctx); err != nil {
		return u, fmt.Errorf("version of the schema: %w", err)
	}
	if u.Wanted, err = s.newestStep(); err != nil {
		return u, err
	}
	if u.Due, err = s.stepsAfter(u.Schema); err != nil {
		return u, err
	}
	if u.Bytes, err = s.Size(ctx); err != nil {
		return u, err
	}
	if len(u.Due) > 0 {
		u.Most = time.Duration(len(u.Due))*guessedStep + time.Duration(u.Bytes/guessedBytes)*time.Second
	}
	return u, nil
}

// stepsAfter are the names of the steps above a number.
func (s *Store) stepsAfter(number int64) ([]string, error) {
	names, err := fs.Glob(Migrations(s.e.engine), "*.sql")
	if err != nil {
		return nil, err
	}
	var due []string
	for _, name := range names {
		text, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
		if n > number {
			due = append(due, path.Base(name))
		}
	}
	return due, nil
}

// Size is how many bytes the database takes on the disk.
func (r reader) Size(ctx context.Context) (int64, error) {
	ask := `SELECT c.page_count * s.page_size FROM pragma_page_count() c, pragma_page_size() s`
	if r.e.engine == Postgres {
		ask = `SELECT pg_database_size(current_database())`
	}
	n, err := r.number(ctx, ask)
	if err != nil {
		return 0, fmt.Errorf("size of the database: %w", err)
	}
	return n, nil
}
