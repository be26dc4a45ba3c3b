// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"strings"
	"testing"

	"minga/coop"
)

// oldEntry appends an entry as it was written when the chain held the address itself.
func oldEntry(t *testing.T, s *Store, number int64, from string) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *Tx) error {
		ctx := t.Context()
		head, err := first(ctx, tx.reader, scanHead, `UPDATE audit_head SET entries = entries + 1, plain = TRUE RETURNING entries, hash`)
		if err != nil {
			return err
		}
		e := coop.AuditEntry{ID: coop.ID(number), At: atMs(1000 * number), Who: "ana", Act: "peer.block", Target: "x.example"}
		hash := auditHash(number, &e, from, head.hash)
		_, err = tx.insert(ctx, "audit", []column{
			{"number", number},
			{"id", number},
			{"at", 1000 * number},
			{"who", e.Who},
			{"on_behalf", 0},
			{"act", e.Act},
			{"target", e.Target},
			{"why", ""},
			{"origin", from},
			{"previous", head.hash},
			{"hash", hash},
		}, "")
		if err == nil {
			_, err = tx.exec(ctx, `UPDATE audit_head SET hash = $1`, hash)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestAddressesLeaveAnOldChain: a log of before is chained anew without its addresses, once.
func TestAddressesLeaveAnOldChain(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite://" + t.TempDir() + "/minga.db" },
		"postgres": emptyPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			s := openFor(t, url(t))
			if err := s.Migrate(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			oldEntry(t, s, 1, "192.0.2.7")
			oldEntry(t, s, 2, "")
			oldEntry(t, s, 3, "192.0.2.7")
			if err := s.Migrate(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if err := s.VerifyAudit(t.Context()); err != nil {
				t.Error(err)
			}
			list, err := s.Audit(t.Context(), AuditQuery{}, coop.Page{Limit: 10})
			if err != nil || len(list) != 4 || list[1].From != "192.0.2.7" || list[0].Act != "audit.addresses" || !strings.Contains(list[0].Why, "of 2 entries") {
				t.Errorf("afterwards: %+v %v", list, err)
			}
			if n, err := s.number(t.Context(), `SELECT COUNT(*) FROM audit WHERE origin LIKE '192%'`); err != nil || n != 0 {
				t.Errorf("%d addresses are in the chain, %v", n, err)
			}
			err = s.Write(t.Context(), func(tx *Tx) error {
				_, err := tx.exec(context.Background(), `UPDATE audit SET who = 'eve'`)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("entries may be changed: %v", err)
			}
		})
	}
}

// TestAnOldChainThatIsBrokenStays: it is evidence, not something to mend.
func TestAnOldChainThatIsBrokenStays(t *testing.T) {
	s := openFor(t, "sqlite://"+t.TempDir()+"/minga.db")
	if err := s.Migrate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	oldEntry(t, s, 1, "192.0.2.7")
	if err := s.Write(t.Context(), func(tx *Tx) error { _, err := tx.exec(t.Context(), `UPDATE audit SET who = 'eve'`); return err }); err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.VerifyAudit(t.Context()); err == nil || !strings.Contains(err.Error(), "entry 1") {
		t.Errorf("verify says %v", err)
	}
}
