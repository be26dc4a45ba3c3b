// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minga/federation/signature/signaturetest"
	"minga/storage"
	"minga/storage/storagetest"
)

// on opens the same instance on another database.
func (h *house) on(url string) *house {
	set := maps.Clone(h.set)
	set["MINGA_DATABASE_URL"] = url
	other := &house{f: h.f, name: h.name + " (copied)", set: set, clock: h.clock}
	other.open(set)
	return other
}

// copies runs `minga db copy` and reads what it reports.
func copies(t *testing.T, from, to string) (int, copyReport, string) {
	t.Helper()
	code, out, talk := typed(t, t.TempDir(), "--json", "db", "copy", "--from", from, "--to", to)
	var r copyReport
	if err := json.Unmarshal([]byte(out), &r); err != nil && code == exitDone {
		t.Fatalf("%v: %s", err, out)
	}
	return code, r, talk
}

// TestCopiedThereAndBackAnswersTheSame: from SQLite to PostgreSQL and back again, the
// copies give the same snapshot as the instance that they are of (R21).
func TestCopiedThereAndBackAnswersTheSame(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h, reader := f.world()
	before := h.snapshot(reader)
	from, at := h.set["MINGA_DATABASE_URL"], "SQLite"
	for n, engine := range []storage.Engine{storage.Postgres, storage.SQLite} {
		to := "sqlite://" + filepath.Join(t.TempDir(), "copy.db")
		if engine == storage.Postgres {
			if os.Getenv(storagetest.PostgresEnv) == "" {
				t.Log("without PostgreSQL the copy goes from SQLite to SQLite")
				continue
			}
			to = storagetest.PostgresURLAt(t, h.clock)
		}
		code, r, talk := copies(t, from, to)
		if code != exitDone || !r.Equal || len(r.Tables) < 80 {
			t.Fatalf("copy %d: %d, %d tables, differ %v, changed %v, problems %v\n%s", n, code, len(r.Tables), r.Differ, r.Changed, r.Problems, talk)
		}
		at += " → " + string(engine)
		copied := h.on(to)
		sameSnapshot(t, at, before, copied.snapshot(reader))
		from = to
	}
}

// TestCopyRefuses what would be no copy.
func TestCopyRefuses(t *testing.T) {
	dir := t.TempDir()
	full := "sqlite://" + filepath.Join(dir, "minga.db")
	if code, _, talk := typed(t, dir, "account", "create", "telar", "--kind", "coop"); code != exitDone {
		t.Fatal(talk)
	}
	other := filepath.Join(t.TempDir(), "other.db")
	for _, tt := range []struct {
		name, from, to string
		code           int
		says           string
	}{
		{"into itself", full, full, exitUsage, "the same database"},
		{"from nothing", "sqlite://" + other, full, exitUsage, "there is no database"},
		{"good", full, "sqlite://" + other, exitDone, ""},
		{"into one that holds an instance", full, "sqlite://" + other, exitRefused, "holds an instance already"},
		{"into what is no database", full, "mysql://x", exitFailed, "want sqlite"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, talk := copies(t, tt.from, tt.to)
			if code != tt.code || !strings.Contains(talk, tt.says) {
				t.Errorf("ends with %d and says %q, want %d and %q", code, talk, tt.code, tt.says)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "mysql:")); err == nil {
		t.Error("a file was made")
	}
}
