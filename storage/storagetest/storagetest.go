// SPDX-License-Identifier: AGPL-3.0-or-later

// Package storagetest opens fresh databases for tests, of either kind. It is no
// part of the program: it alone in storage asks the environment (for the URL of a
// PostgreSQL) and the machine for the time.
package storagetest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"minga/storage"
)

// PostgresEnv names the variable with the URL of a role that may create databases.
const PostgresEnv = "MINGA_TEST_POSTGRES"

// Keys are the secret keys of test databases.
func Keys() [][]byte { return [][]byte{bytes.Repeat([]byte{7}, 32)} }

// Open gives a fresh, migrated SQLite in t.TempDir(), closed at the end of the
// test. Its clock is the machine's.
func Open(t testing.TB) *storage.Store { return OpenAt(t, time.Now) }

// OpenAt is Open with a clock.
func OpenAt(t testing.TB, now func() time.Time) *storage.Store {
	t.Helper()
	return open(t, storage.Options{URL: SQLiteURL(t), Now: now, SecretKeys: Keys()})
}

// SQLiteURL makes a migrated database file in t.TempDir() and gives its URL, for
// programs that open it themselves.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "minga.db")
	if err := os.WriteFile(path, template(t), 0o600); err != nil {
		t.Fatalf("fresh database: %v", err)
	}
	return "sqlite://" + path
}

// OpenPostgres gives a fresh, migrated database of the server in
// MINGA_TEST_POSTGRES, dropped at the end of the test, or skips the test.
func OpenPostgres(t testing.TB, now func() time.Time) *storage.Store {
	t.Helper()
	return open(t, storage.Options{URL: MigratedURL(t), Now: now, SecretKeys: Keys()})
}

// Each runs test as "sqlite" on a fresh SQLite and, when MINGA_TEST_POSTGRES is
// set, as "postgres" on a fresh database of that server.
func Each(t *testing.T, test func(t *testing.T, s *storage.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Open(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, OpenPostgres(t, time.Now)) })
}

// EachAt is Each with a clock that only the test moves, also for the database. change may
// set more of how the store is opened.
func EachAt(t *testing.T, test func(t *testing.T, s *storage.Store, clock *Clock), change ...func(*storage.Options)) {
	t.Helper()
	at := func(t *testing.T, url string, clock *Clock) *storage.Store {
		o := storage.Options{URL: url, Now: clock.Now, SecretKeys: Keys()}
		for _, one := range change {
			one(&o)
		}
		return open(t, o)
	}
	t.Run("sqlite", func(t *testing.T) {
		clock := NewClock()
		test(t, at(t, SQLiteURL(t), clock), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		clock, raw := NewClock(), MigratedURL(t)
		s := at(t, raw, clock)
		clock.rule(t, raw)
		test(t, s, clock)
	})
}

// open opens and migrates, and closes at the end of the test.
func open(t testing.TB, o storage.Options) *storage.Store {
	t.Helper()
	s, err := storage.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if err := s.Migrate(context.Background(), nil); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s
}

// once holds what every test of this program copies: the bytes of a migrated SQLite,
// and the name of a migrated database. Migrating for each test would cost more than
// most tests do.
var once = struct {
	sync.Mutex
	file     []byte
	database string
}{}

// template makes the migrated file at its first use.
func template(t testing.TB) []byte {
	t.Helper()
	once.Lock()
	defer once.Unlock()
	if once.file != nil {
		return once.file
	}
	path := filepath.Join(t.TempDir(), "template.db")
	ctx := context.Background()
	s, err := storage.Open(ctx, storage.Options{URL: "sqlite://" + path, Now: time.Now})
	if err == nil {
		err = s.Migrate(ctx, nil)
	}
	if err == nil {
		err = s.Close() // the last connection folds the WAL into the file
	}
	if err == nil {
		once.file, err = os.ReadFile(path)
	}
	if err != nil {
		t.Fatalf("template: %v", err)
	}
	return once.file
}
