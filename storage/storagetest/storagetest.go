// SPDX-License-Identifier: AGPL-3.0-or-later

// Package storagetest opens fresh databases for tests, of either kind.
package storagetest

import (
	"testing"

	"minga/storage"
)

// Open gives a fresh, migrated SQLite database in t.TempDir(), closed at the end
// of the test. Its clock is the machine's.
func Open(t testing.TB) *storage.Store { t.Helper(); t.Skip("not built yet"); return nil }

// Each runs test as "sqlite" on a fresh SQLite and, when MINGA_TEST_POSTGRES is
// set, as "postgres" on a fresh database of that server.
func Each(t *testing.T, test func(t *testing.T, s *storage.Store)) {
	t.Helper()
	t.Skip("not built yet")
}
