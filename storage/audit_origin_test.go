// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// cameFrom notes an act from an address.
func (w *world) cameFrom(address string) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: "ana", Act: "peer.block", Target: "x.example", From: address})
	})
}

// origins lists where the entries came from, newest first, after a sweep.
func (w *world) origins() (list []string) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.SweepRecords(ctx, 100); return err })
	entries, err := w.s.Audit(w.Context(), storage.AuditQuery{}, coop.Page{Limit: 40})
	for _, e := range must(w, entries, err) {
		list = append(list, e.From)
	}
	if err := w.s.VerifyAudit(w.Context()); err != nil {
		w.Errorf("the chain: %v", err)
	}
	return list
}

// TestAddressesAreForgotten: seven days in the clear, then a mark that nobody turns back,
// after ninety days nothing, and the chain holds all the time.
func TestAddressesAreForgotten(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.cameFrom("192.0.2.7")
		w.cameFrom("2001:db8::7")
		w.cameFrom("192.0.2.7")
		w.cameFrom("")
		w.clock.Advance(7*24*time.Hour - time.Minute)
		if got := strings.Join(w.origins(), " "); got != " 192.0.2.7 2001:db8::7 192.0.2.7" {
			t.Errorf("in the first week: %q", got)
		}
		w.clock.Advance(2 * time.Minute)
		marks := w.origins()
		if marks[0] != "" || marks[1] != marks[3] || marks[1] == marks[2] || !strings.HasPrefix(marks[1], "~") || strings.Contains(marks[1], "192") {
			t.Errorf("after it: %q", marks)
		}
		w.cameFrom("192.0.2.7")
		w.clock.Advance(8 * 24 * time.Hour)
		if later := w.origins(); later[0] == marks[1] || later[0][:1] != "~" {
			t.Errorf("on another day the same address is %q, before %q", later[0], marks[1])
		}
		w.clock.Advance(3 * 24 * time.Hour)
		w.origins()
		if _, err := w.s.Secret(w.Context(), "origins:2030-05-01"); err == nil {
			t.Error("the key of the day is still there")
		}
		w.clock.Advance(90 * 24 * time.Hour)
		if got := strings.Join(w.origins(), ""); got != "" {
			t.Errorf("after ninety days: %q", got)
		}
	})
}

// TestAnAddressThatWasChangedShows changes one behind the program.
func TestAnAddressThatWasChangedShows(t *testing.T) {
	url := storagetest.SQLiteURL(t)
	s, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	(&world{T: t, s: s}).cameFrom("192.0.2.7")
	behind(t, url, `UPDATE audit_origins SET address = '192.0.2.8'`)
	if err := s.VerifyAudit(t.Context()); err == nil || !strings.Contains(err.Error(), "address of entry 1") {
		t.Errorf("verify says %v", err)
	}
	if _, err := open(t, url).ExecContext(t.Context(), `UPDATE audit SET who = 'eve'`); err == nil || !strings.Contains(err.Error(), "append-only") {
		t.Errorf("an entry is changed: %v", err)
	}
}

// open opens the file of a database past the program.
func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// behind changes a database past the program.
func behind(t *testing.T, url, statement string) {
	t.Helper()
	if _, err := open(t, url).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
