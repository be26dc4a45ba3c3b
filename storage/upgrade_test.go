// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"testing"
)

// TestUpgradeTellsWhatIsDue: of an empty database all steps, after a halt the rest, at
// the end none; and a newer schema is refused.
func TestUpgradeTellsWhatIsDue(t *testing.T) {
	onBoth(t, func(t *testing.T, s *Store) {
		all, err := s.Upgrade(t.Context())
		if err != nil || all.Schema != 0 || len(all.Due) < 40 || all.Due[0] != "0001_queue.sql" || all.Most <= 0 {
			t.Fatalf("empty: %+v, %v", all, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		_ = s.Migrate(ctx, func(m Migration) {
			if m.Version == 3 {
				stop()
			}
		})
		rest, err := s.Upgrade(t.Context())
		if err != nil || rest.Schema != 3 || len(rest.Due) != len(all.Due)-3 || rest.Wanted != all.Wanted {
			t.Fatalf("after the third step: %+v, %v", rest, err)
		}
		if err := s.Migrate(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		none, err := s.Upgrade(t.Context())
		if err != nil || len(none.Due) != 0 || none.Schema != none.Wanted || none.Most != 0 || none.Bytes < 100_000 {
			t.Fatalf("at the end: %+v, %v", none, err)
		}
		exec(t, s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
		if _, err := s.Upgrade(t.Context()); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("a newer schema: %v", err)
		}
	})
}
