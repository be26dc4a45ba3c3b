// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/storage/media"
)

// TestDBCheckLooksAtFiles: a file that a row names and that is gone is a problem that no
// repair mends; a file that no row names goes, and words that are lost come back.
func TestDBCheckLooksAtFiles(t *testing.T) {
	dir := t.TempDir()
	if code, _, talk := typed(t, dir, "account", "create", "telar", "--kind", "coop"); code != exitDone {
		t.Fatal(talk)
	}
	name := uploaded(t, dir)
	check := func(args ...string) (int, checkResult) {
		var r checkResult
		code, out, talk := typed(t, dir, append([]string{"--json", "db", "check"}, args...)...)
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v: %s%s", err, out, talk)
		}
		return code, r
	}
	if code, r := check(); code != exitDone || len(r.Problems) != 0 {
		t.Errorf("all is well: %d %v", code, r.Problems)
	}
	orphan := filepath.Join(dir, "media", "own", "00", strings.Repeat("0", 32)+".png")
	old := time.Now().Add(-48 * time.Hour)
	if err := errors.Join(os.MkdirAll(filepath.Dir(orphan), 0o700), os.WriteFile(orphan, []byte("x"), 0o600), os.Chtimes(orphan, old, old)); err != nil {
		t.Fatal(err)
	}
	spoil(t, dir, `UPDATE account_counts SET posts = posts + 3`)
	code, r := check("--repair")
	if code != exitDone || len(r.Repaired) != 2 {
		t.Errorf("repaired: %d %+v", code, r)
	}
	if _, err := os.Stat(orphan); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file without a row: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "media", "own", name[:2], name)); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{nil, {"--repair"}} {
		if code, r := check(args...); code != exitFailed || !slices.Contains(r.Problems, "the file "+name+" is missing") {
			t.Errorf("a file is gone, %v: %d %+v", args, code, r)
		}
	}
}

// typedInstance opens the instance of [typed].
func typedInstance(t *testing.T, dir string) *instance {
	t.Helper()
	env := map[string]string{"MINGA_DATA_DIR": dir, "MINGA_HOST": "a.localhost:8080", "MINGA_SCHEME": "http", "MINGA_DEV": "1"}
	config, err := loadConfig(&settingFlags{}, "", lookups{
		env:  func(key string) (string, bool) { v, ok := env[key]; return v, ok },
		read: func(string) ([]byte, error) { return nil, os.ErrNotExist },
	})
	if err != nil {
		t.Fatal(err)
	}
	i, err := newInstance(t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// uploaded lets the co-op of an instance upload a picture, and gives the name of the file.
func uploaded(t *testing.T, dir string) string {
	t.Helper()
	i := typedInstance(t, dir)
	account, err := i.localAccount(t.Context(), "telar")
	if err != nil {
		t.Fatal(err)
	}
	in, err := i.media.Receive(t.Context(), "a.png", bytes.NewReader(loaf(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	m, err := i.media.Take(t.Context(), media.Upload{Owner: account.ID, Class: coop.MediaPost, File: in})
	if err = errors.Join(err, i.close()); err != nil {
		t.Fatal(err)
	}
	return m.Name
}

// spoil runs a statement beside the program.
func spoil(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "minga.db"))
	if err == nil {
		_, err = db.ExecContext(t.Context(), statement)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
