// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// oldSchema is one that later versions have changed often.
const oldSchema = 40

// olderDatabase leaves a database at an old schema, with something in it.
func olderDatabase(t *testing.T, url string) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	err = store.MigrateTo(t.Context(), oldSchema)
	if err == nil {
		err = store.Write(t.Context(), func(tx *storage.Tx) error {
			var errs []error
			for n := range 50 {
				errs = append(errs, tx.SetSetting(t.Context(), fmt.Sprintf("kept.%02d", n), strings.Repeat("x", 2000)))
			}
			return errors.Join(errs...)
		})
	}
	if err = errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
}

// upgradedWell: the database has the schema of today and is whole, what was in it is
// there, and nothing is left of the work.
func upgradedWell(t *testing.T, url string) *storage.Store {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if due, err := store.MigrationDue(t.Context()); due || err != nil {
		t.Errorf("steps are due: %v, %v", due, err)
	}
	if found, err := store.Check(t.Context()); len(found) > 0 || err != nil {
		t.Errorf("check: %v, %v", found, err)
	}
	all, err := store.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for key, value := range all {
		if strings.HasPrefix(key, "kept.") && len(value) == 2000 {
			kept++
		}
	}
	if kept != 50 || all[beforeSetting] != "" {
		t.Errorf("%d of 50 rows are there, and %q", kept, all[beforeSetting])
	}
	return store
}

// backupsBefore are those made before upgrades.
func backupsBefore(t *testing.T, folder string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, beforeName+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// eachURL runs test on an empty database of each kind, with a folder for data.
func eachURL(t *testing.T, test func(t *testing.T, dir, url string)) {
	t.Helper()
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			dir := t.TempDir()
			url := "sqlite://" + filepath.Join(dir, "minga.db")
			if engine == storage.Postgres {
				url = storagetest.PostgresURL(t)
			}
			test(t, dir, url)
		})
	}
}

// TestABackupIsMadeBeforeAnUpgrade: of a database that holds something, verified, and it
// restores; the audit log knows of it. Of a new one, or unasked for, there is none.
func TestABackupIsMadeBeforeAnUpgrade(t *testing.T) {
	eachURL(t, func(t *testing.T, dir, url string) {
		set := map[string]string{"MINGA_DATABASE_URL": url}
		olderDatabase(t, url)
		code, _, talk := typedWith(t, dir, set, "db", "migrate")
		made := backupsBefore(t, filepath.Join(dir, "backups"))
		if code != exitDone || len(made) != 1 || !strings.Contains(made[0], fmt.Sprintf("schema-%04d-minga-a.localhost_8080-", oldSchema)) {
			t.Fatalf("%d, %v: %s", code, made, talk)
		}
		if info, err := os.Stat(made[0]); err != nil || info.Mode() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		store := upgradedWell(t, url)
		log, err := store.Audit(t.Context(), storage.AuditQuery{}, coop.Page{Limit: 5})
		if err != nil || len(log) != 1 || log[0].Why != filepath.Base(made[0]) {
			t.Errorf("%+v, %v", log, err)
		}
		if code, _, talk := typedWith(t, dir, set, "db", "migrate"); code != exitDone || len(backupsBefore(t, filepath.Join(dir, "backups"))) != 1 {
			t.Errorf("nothing was due: %d %s", code, talk)
		}
		other := t.TempDir()
		if code, _, talk := typedWith(t, filepath.Join(other, "data"), nil, "backup", "restore", made[0]); code != exitDone {
			t.Fatal(talk)
		}
		upgradedWell(t, "sqlite://"+filepath.Join(other, "data", "minga.db"))
	})
}

// leaveNote writes down, as a program does that is killed before it is through, that a backup
// was made of a schema before the steps to another.
func leaveNote(t *testing.T, url string, note beforeNote) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now, SecretKeys: storagetest.Keys()})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(note)
	if err == nil {
		err = store.Write(t.Context(), func(tx *storage.Tx) error { return tx.SetSetting(t.Context(), beforeSetting, string(text)) })
	}
	if err = errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestWhoeverWasKilledBehindTheLastStep left only a note, which the next start takes away: it
// stands in the audit log, once, and is not taken for the backup of a later upgrade.
func TestWhoeverWasKilledBehindTheLastStep(t *testing.T) {
	eachURL(t, func(t *testing.T, dir, url string) {
		set := map[string]string{"MINGA_DATABASE_URL": url}
		olderDatabase(t, url)
		if code, _, talk := typedWith(t, dir, set, "db", "migrate", "--no-backup"); code != exitDone {
			t.Fatalf("%d: %s", code, talk)
		}
		file := filepath.Join(t.TempDir(), "before.tar.gz")
		leaveNote(t, url, beforeNote{Schema: oldSchema, Wanted: oldSchema + 1, File: file})
		for range 2 {
			if code, _, talk := typedWith(t, dir, set, "db", "migrate"); code != exitDone {
				t.Fatalf("%d: %s", code, talk)
			}
		}
		log, err := upgradedWell(t, url).Audit(t.Context(), storage.AuditQuery{}, coop.Page{Limit: 5})
		if err != nil || len(log) != 1 || log[0].Why != filepath.Base(file) {
			t.Errorf("%+v, %v", log, err)
		}
	})
}

// TestWhichBackupIsThatOfAnUpgrade: one that was made before the first of its steps. One of
// an upgrade that is over is not, however its note was left.
func TestWhichBackupIsThatOfAnUpgrade(t *testing.T) {
	for _, tt := range []struct {
		name   string
		wanted int64
		made   int
	}{{"stopped in the middle", oldSchema + 1, 0}, {"over", oldSchema, 1}, {"over, in a note without its end", 0, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			url, file := "sqlite://"+filepath.Join(dir, "minga.db"), filepath.Join(t.TempDir(), "before.tar.gz")
			olderDatabase(t, url)
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			leaveNote(t, url, beforeNote{Schema: oldSchema - 1, Wanted: tt.wanted, File: file})
			code, _, talk := typed(t, dir, "db", "migrate")
			if made := backupsBefore(t, filepath.Join(dir, "backups")); code != exitDone || len(made) != tt.made {
				t.Errorf("%d, %v: %s", code, made, talk)
			}
			upgradedWell(t, url)
		})
	}
}

// TestNoBackupBeforeAnUpgrade where there is nothing to lose, or nobody wants one.
func TestNoBackupBeforeAnUpgrade(t *testing.T) {
	for _, tt := range []struct {
		name string
		full bool
		args []string
	}{{"a new database", false, []string{"db", "migrate"}}, {"unasked for", true, []string{"db", "migrate", "--no-backup"}}} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if url := "sqlite://" + filepath.Join(dir, "minga.db"); tt.full {
				olderDatabase(t, url)
			}
			if code, _, talk := typed(t, dir, tt.args...); code != exitDone || len(backupsBefore(t, filepath.Join(dir, "backups"))) > 0 {
				t.Errorf("%d %s", code, talk)
			}
		})
	}
}

// TestWithoutABackupNothingIsChanged: where it cannot be made, the database stays as it
// was, and the way out is named.
func TestWithoutABackupNothingIsChanged(t *testing.T) {
	dir := t.TempDir()
	url := "sqlite://" + filepath.Join(dir, "minga.db")
	olderDatabase(t, url)
	if err := os.WriteFile(filepath.Join(dir, "backups"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, talk := typed(t, dir, "db", "migrate")
	if code != exitFailed || !strings.Contains(talk, "--no-backup") {
		t.Errorf("%d %s", code, talk)
	}
	store, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if version, err := store.Schema(t.Context()); err != nil || version != oldSchema {
		t.Errorf("schema %d, %v", version, err)
	}
}

// TestRoomForABackup is asked for in words.
func TestRoomForABackup(t *testing.T) {
	dir := t.TempDir()
	if err := roomFor(1<<20, dir, dir); err != nil {
		t.Error(err)
	}
	if err := roomFor(1<<60, dir, dir); !errors.Is(err, coop.ErrFull) || !strings.Contains(err.Error(), "make room") || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
}

// TestOldBackupsBeforeUpgradesGo: the newest two of this host stay, and every other file.
func TestOldBackupsBeforeUpgradesGo(t *testing.T) {
	dir := t.TempDir()
	i := &instance{config: &Config{Host: "a.example", DataDir: t.TempDir()}, now: time.Now}
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	other := &Config{Host: "b.example"}
	want := []string{"notes.txt", beforeName + "schema-x", other.beforeFile(1, at, false), i.config.beforeFile(1, at.Add(3*time.Hour), true), i.config.beforeFile(40, at.Add(2*time.Hour), false)}
	for _, name := range append(want, i.config.beforeFile(50, at.Add(time.Hour), false), i.config.beforeFile(2, at, false)) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := i.dropBefore(dir); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	for n := range left {
		left[n] = filepath.Base(left[n])
	}
	slices.Sort(want)
	if err != nil || !slices.Equal(left, want) {
		t.Errorf("left: %v\nwant: %v", left, want)
	}
}
