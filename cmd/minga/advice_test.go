// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
)

// TestFailuresSayWhatToDo: what an admin meets at a start says what it means and what to
// do, and ends with the code by which systemd and scripts tell it apart.
func TestFailuresSayWhatToDo(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	dir := t.TempDir()
	for name, text := range map[string]string{"file": "", "damaged.db": strings.Repeat("no database ", 1000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, command string
		settings      map[string]string
		code          int
		says          string
	}{
		{"a port that is taken", "serve", map[string]string{"MINGA_LISTEN": taken.Addr().String()}, exitFailed, "Another program listens there"},
		{"an address of another machine", "serve", map[string]string{"MINGA_LISTEN": "192.0.2.1:18080"}, exitFailed, "no such address"},
		{"no port", "serve", map[string]string{"MINGA_LISTEN": "localhost:99999"}, exitUsage, "up to 65535"},
		{"a file where the data folder should be", "account list", map[string]string{"MINGA_DATA_DIR": filepath.Join(dir, "file")}, exitFailed, "data_dir names it"},
		{"a database that is none", "account list", map[string]string{"MINGA_DATABASE_URL": "sqlite://" + filepath.Join(dir, "damaged.db")}, exitFailed, "restore the\nlast good backup"},
		{"a database in no folder", "account list", map[string]string{"MINGA_DATABASE_URL": "sqlite://" + filepath.Join(dir, "none", "minga.db")}, exitFailed, "only the file in it is made"},
		{"a database server that is away", "account list", map[string]string{"MINGA_DATABASE_URL": "postgres://minga@127.0.0.1:1/minga?sslmode=disable"}, exitTryAgain, "Nothing answers at the address"},
		{"a variable that is no setting", "config check", map[string]string{"MINGA_FEDRATION_MODE": "closed"}, exitDone, "nearest is federation_mode"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, talk := typedWith(t, filepath.Join(dir, "data"), tt.settings, strings.Fields(tt.command)...)
			if code != tt.code || !strings.Contains(out+talk, tt.says) {
				t.Errorf("ends with %d and says %q, want %d and %q", code, out+talk, tt.code, tt.says)
			}
		})
	}
}

// TestAMissingDatabaseSaysHowToMakeOne asks a real server for a database that it has not.
func TestAMissingDatabaseSaysHowToMakeOne(t *testing.T) {
	server := os.Getenv("MINGA_TEST_POSTGRES")
	if server == "" {
		t.Skip("MINGA_TEST_POSTGRES names no server")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/minga_has_none_of_this_name"
	code, _, talk := typedWith(t, t.TempDir(), map[string]string{"MINGA_DATABASE_URL": u.String()}, "account", "list")
	if code != exitFailed || !strings.Contains(talk, "createdb") {
		t.Errorf("ends with %d and says %q", code, talk)
	}
}

// TestAMissingSecretIsNotReplaced: a new key would open nothing, and hide that the right
// one is missing.
func TestAMissingSecretIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	if code, _, talk := typed(t, dir, "account", "create", "telar", "--kind", "coop"); code != exitDone {
		t.Fatal(talk)
	}
	key := filepath.Join(dir, secretFile)
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := typed(t, dir, "config", "check"); code != exitFailed || !strings.Contains(out, "secret.key is missing") {
		t.Errorf("config check ends with %d: %s", code, out)
	}
	code, _, talk := typed(t, dir, "account", "list")
	if _, err := os.Stat(key); code != exitUsage || !strings.Contains(talk, "is missing") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ends with %d: %s; %v", code, talk, err)
	}
}

// TestConfigCheckMakesNothing: a look at the configuration leaves no files behind, which
// may be another user's than the service's.
func TestConfigCheckMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, command := range []string{"config check", "config show", "config explain job_days"} {
		if code, out, talk := typed(t, dir, strings.Fields(command)...); code != exitDone {
			t.Errorf("%s ends with %d: %s%s", command, code, out, talk)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s made the data folder", command)
		}
	}
}

// TestConfigShowSaysWhatCounts: defaults, what hangs on others, and what a page chose.
func TestConfigShowSaysWhatCounts(t *testing.T) {
	dir := t.TempDir()
	if code, _, talk := typed(t, dir, "account", "create", "telar", "--kind", "coop"); code != exitDone {
		t.Fatal(talk)
	}
	config, err := loadConfig(&settingFlags{}, "", fakeLookups(map[string]string{"MINGA_DATA_DIR": dir, "MINGA_HOST": "a.localhost:8080", "MINGA_SCHEME": "http", "MINGA_DEV": "1"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	i, err := newInstance(t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	err = shownSettings{i}.Choose(t.Context(), "job_days", "60", coop.AuditEntry{Who: "ana", Act: "setting.change"})
	if err := errors.Join(err, i.close()); err != nil {
		t.Fatal(err)
	}
	_, out, _ := typed(t, dir, "config", "show")
	for key, want := range map[string]string{
		"account_domain": "a.localhost:8080 default", "listen": "localhost:8080 default", "search_max": "20 default",
		"job_days": "60 page /admin/settings", "scheme": "http environment MINGA_SCHEME",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), key+" "+want) {
			t.Errorf("%s is not shown as %q:\n%s", key, want, out)
		}
	}
}
