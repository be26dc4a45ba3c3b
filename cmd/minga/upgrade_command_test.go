// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"minga/storage"
)

// TestUpgradeCheck tells what is due before the first start and that nothing is after it,
// and changes nothing.
func TestUpgradeCheck(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // it changes nothing
		var r upgradeReport
		code, out, talk := typed(t, dir, "upgrade", "check", "--json")
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitDone {
			t.Fatalf("%d, %v: %s%s", code, err, out, talk)
		}
		if r.Engine != storage.SQLite || r.Schema != 0 || len(r.Due) < 40 || r.Free <= 0 || !r.EnoughRoom {
			t.Errorf("before the first start: %+v", r)
		}
	}
	if code, _, talk := typed(t, dir, "db", "migrate"); code != exitDone {
		t.Fatal(talk)
	}
	if code, out, _ := typed(t, dir, "upgrade", "check"); code != exitDone || !strings.Contains(out, "nothing to change") {
		t.Errorf("after it: %d %s", code, out)
	}
}

// TestUpgradeReportSaysWhenRoomIsMissing without a disk that is full.
func TestUpgradeReportSaysWhenRoomIsMissing(t *testing.T) {
	var out strings.Builder
	upgradeReport{Due: []string{"0099_x.sql"}, Free: 10, Needed: 20 << 20}.write(&out)
	if !strings.Contains(out.String(), "make room first") {
		t.Error(out.String())
	}
}

// TestAnOlderProgramRefuses the database of a newer one with every command: one line, and
// the exit code of a refusal.
func TestAnOlderProgramRefuses(t *testing.T) {
	dir := t.TempDir()
	if code, _, talk := typed(t, dir, "db", "migrate"); code != exitDone {
		t.Fatal(talk)
	}
	ofTheFuture(t, dir)
	for _, args := range [][]string{{"upgrade", "check"}, {"db", "check"}, {"db", "migrate"}, {"account", "list"}, {"serve", "--listen", "127.0.0.1:0"}} {
		code, out, talk := typed(t, dir, args...)
		lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(talk, devWarning, "")), "\n")
		if code != exitRefused || out != "" || len(lines) != 1 || !strings.Contains(lines[0], "start that version") {
			t.Errorf("%v: %d, %q, %q", args, code, out, talk)
		}
	}
}

// devWarning is what serve says of an instance for trying.
const devWarning = "development mode: plain http and loopback peers are allowed; do not use it for real data\n"

// ofTheFuture lets a database look as if a newer program had changed it.
func ofTheFuture(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "minga.db"))
	if err == nil {
		_, err = db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
