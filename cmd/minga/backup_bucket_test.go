// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"minga/storage"
)

// TestBackupsInABucket makes, verifies, keeps, drops and restores backups in a bucket of a
// store on loopback.
func TestBackupsInABucket(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("safe"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	dir := filepath.Join(t.TempDir(), "data")
	set := map[string]string{
		"MINGA_S3_ENDPOINT": server.URL, "MINGA_S3_ACCESS_KEY": "key", "MINGA_S3_SECRET": "secret",
		"MINGA_BACKUP_TO": "s3://safe/house/one", "MINGA_BACKUP_KEEP": "1d",
	}
	if code, _, talk := typedWith(t, dir, set, "account", "create", "telar", "--kind", "coop"); code != exitDone {
		t.Fatal(talk)
	}
	picture := uploaded(t, dir)
	type made struct {
		File    string
		Bytes   int64
		Files   int64
		Missing int64 `json:"missing_files"`
	}
	run := func(want int, args ...string) (row made, talk string) {
		t.Helper()
		code, out, talk := typedWith(t, dir, set, append([]string{"backup", "--json"}, args...)...)
		if code != want || code == exitDone && json.Unmarshal([]byte(out), &row) != nil {
			t.Fatalf("%v ends with %d: %s %s", args, code, out, talk)
		}
		return row, talk
	}
	first, _ := run(exitDone, "create", "--verify")
	if !strings.HasPrefix(first.File, "s3://safe/house/one/minga-a.localhost_8080-") || first.Bytes == 0 || first.Files == 0 || first.Missing != 0 {
		t.Errorf("made %+v", first)
	}
	if again, _ := run(exitDone, "verify", first.File); again.Bytes != first.Bytes {
		t.Errorf("verified %+v", again)
	}
	run(exitNotFound, "verify", "s3://safe/house/one/minga-nothing.tar.gz")
	if left, _ := filepath.Glob(filepath.Join(dir, "minga-*.tar.gz*")); len(left) != 0 {
		t.Errorf("left in the data folder: %v", left)
	}

	// A file that a row names and that is gone is counted, and does not make the backup bad.
	found, err := filepath.Glob(filepath.Join(dir, "media", "own", "*", picture))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := os.Rename(found[0], found[0]+".away"); err != nil {
		t.Fatal(err)
	}
	if row, _ := run(exitDone, "create", "s3://safe/elsewhere", "--verify"); row.Missing != 1 {
		t.Errorf("a file is missing: %+v", row)
	}
	if err := os.Rename(found[0]+".away", found[0]); err != nil {
		t.Fatal(err)
	}
	newest := droppedFromTheBucket(t, dir, set, first.File)

	empty := filepath.Join(t.TempDir(), "data")
	if code, _, talk := typedWith(t, empty, set, "backup", "restore", "s3://safe/house/one/"+newest); code != exitDone {
		t.Fatal(talk)
	}
	if code, out, _ := typedWith(t, empty, set, "account", "list"); code != exitDone || !strings.Contains(out, "telar") {
		t.Errorf("restored: %s", out)
	}
	if _, err := os.Stat(filepath.Join(empty, strings.TrimPrefix(found[0], dir))); err != nil {
		t.Error("restored without the picture:", err)
	}
}

// droppedFromTheBucket drops what need not stay, and nothing else, and lets the schedule make
// another of the same day, whose name it gives: that one stays, and the first goes.
func droppedFromTheBucket(t *testing.T, dir string, set map[string]string, first string) string {
	t.Helper()
	env := map[string]string{"MINGA_DATA_DIR": dir, "MINGA_HOST": "a.localhost:8080", "MINGA_SCHEME": "http", "MINGA_DEV": "1"}
	for key, v := range set {
		env[key] = v
	}
	i := typedInstance(t, dir)
	defer func() { _ = i.close() }()
	config, err := loadConfig(&settingFlags{}, "", lookups{env: func(key string) (string, bool) { v, ok := env[key]; return v, ok }, read: os.ReadFile})
	if err != nil {
		t.Fatal(err)
	}
	i.config = config
	v, err := config.vault(config.Backup.To)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"minga-a.localhost_8080-20200101T000000Z.tar.gz", "minga-other.example-20200101T000000Z.tar.gz", "notes.txt"} {
		if err := v.Put(t.Context(), name, strings.NewReader("old"), 3); err != nil {
			t.Fatal(err)
		}
	}
	if err := i.dropBackups(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, err := v.Names(t.Context())
	want := []string{filepath.Base(first), "minga-other.example-20200101T000000Z.tar.gz", "notes.txt"}
	if err != nil || !slices.Equal(names, want) {
		t.Errorf("left: %v, %v; want %v", names, err, want)
	}
	if err := i.store.Write(t.Context(), func(tx *storage.Tx) error {
		return tx.ChangeBackup(t.Context(), func(b *storage.Backup) { b.At = time.Now().Add(-48 * time.Hour) })
	}); err != nil {
		t.Fatal(err)
	}
	i.now = func() time.Time { return time.Now().Add(time.Minute) } // one name a second
	if did, err := i.backupTurn(t.Context()); !did || err != nil {
		t.Errorf("the schedule: %v, %v", did, err)
	}
	names, err = v.Names(t.Context())
	if err != nil || len(names) != 3 || slices.Contains(names, filepath.Base(first)) {
		t.Fatalf("after the schedule: %v, %v", names, err)
	}
	if err := v.Put(t.Context(), "../x", strings.NewReader("x"), 1); err == nil {
		t.Error("a name leads out of the prefix")
	}
	return names[0]
}

// TestBucketsOfBackupsAreChecked: one that strangers read, or that cannot be reached, is
// refused before anything is sent there.
func TestBucketsOfBackupsAreChecked(t *testing.T) {
	keys := map[string]string{"MINGA_S3_ENDPOINT": "https://s3.example", "MINGA_S3_ACCESS_KEY": "k", "MINGA_S3_SECRET": "s", "MINGA_S3_BUCKET": "files", "MINGA_S3_PUBLIC_URL": "https://files.example"}
	for to, says := range map[string]string{"s3://": "BUCKET", "s3://files/backups": "everybody reads", "ftp://x/y": "folder"} {
		set := map[string]string{"MINGA_BACKUP_TO": to}
		for k, v := range keys {
			set[k] = v
		}
		if code, _, talk := typedWith(t, t.TempDir(), set, "config", "check"); code != exitUsage || !strings.Contains(talk, says) {
			t.Errorf("%s: %d, %s", to, code, talk)
		}
	}
	if code, _, talk := typedWith(t, t.TempDir(), map[string]string{"MINGA_BACKUP_TO": "s3://safe"}, "config", "check"); code != exitUsage || !strings.Contains(talk, "s3_endpoint") {
		t.Errorf("without keys: %d, %s", code, talk)
	}
}
