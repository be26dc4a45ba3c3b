// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"time"
)

// ErrNewerSchema is returned when a newer minga has changed the database: an
// older program must not touch it.
var ErrNewerSchema = errors.New("the database was made by a newer minga; start that version")

// Migration is one step of the schema.
type Migration struct {
	Version int64
	Name    string        // file name without its folder
	Took    time.Duration // how long it took
}

// Migrate brings the schema up to this program's version, telling progress (may
// be nil) after each step. It is safe to kill and to start on several nodes at
// once: a step is done wholly or not at all, by one of them.
func (s *Store) Migrate(ctx context.Context, progress func(Migration)) error { return errNotBuilt }

// MigrationDue says whether Migrate has something to do.
func (s *Store) MigrationDue(ctx context.Context) (bool, error) { return false, errNotBuilt }
