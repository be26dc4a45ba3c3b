// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"strings"
	"testing"

	"minga/federation/signature/signaturetest"
	"minga/storage"
)

// answered runs one command line with what is typed into it.
func answered(t *testing.T, dir, in string, want int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	from := systemLookups()
	env := map[string]string{"MINGA_DATA_DIR": dir, "MINGA_HOST": "a.localhost:8080", "MINGA_SCHEME": "http", "MINGA_DEV": "1"}
	from.env = func(key string) (string, bool) { v, ok := env[key]; return v, ok }
	if code := execute(t.Context(), args, strings.NewReader(in), &stdout, &stderr, from); code != want {
		t.Errorf("%v ends with %d, want %d: %s", args, code, want, stderr.String())
	}
	return stdout.String()
}

// TestInit goes through the first run in a terminal: its address on the web, flags,
// questions, and no second time.
func TestInit(t *testing.T) {
	dir := t.TempDir()
	if link := answered(t, dir, "", exitDone, "init", "--link"); !strings.HasPrefix(link, "http://a.localhost:8080/setup/") {
		t.Errorf("the address on the web: %q", link)
	}
	answers := "ca\nPatio\npatio\nana\nAna\nana@mail.example\nthree loose words\n"
	answered(t, dir, strings.Replace(answers, "three loose words", "short", 1), exitUsage, "init")
	answered(t, dir, strings.Replace(answers, "ca\n", "klingon\n", 1), exitUsage, "init")
	answered(t, dir, strings.Replace(answers, "\nana\n", "\nNot Good\n", 1), exitUsage, "init")
	answered(t, dir, "ca\n", exitUsage, "init")
	if said := answered(t, dir, answers, exitDone, "init"); !strings.Contains(said, "Patio is yours: sign in as ana") {
		t.Errorf("said %q", said)
	}
	answered(t, dir, answers, exitRefused, "init")
	answered(t, dir, "", exitRefused, "init", "--link")
	if list := answered(t, dir, "", exitDone, "account", "list"); !strings.Contains(list, "patio@") || !strings.Contains(list, "ana@") {
		t.Errorf("the accounts: %s", list)
	}
	said := answered(t, dir, "", exitDone, "doctor")
	for _, line := range []string{"ok    database", "ok    queue", "warn  mail", "warn  address"} {
		if !strings.Contains(said, line) {
			t.Errorf("the doctor does not say %q: %s", line, said)
		}
	}
	if log := answered(t, dir, "", exitDone, "audit", "list"); !strings.Contains(log, "command line  -  instance.setup") {
		t.Errorf("the log: %s", log)
	}
}

// TestTheChosenLanguageHolds: what the first run asked is the language of the pages after
// a restart too, unless the configuration names one.
func TestTheChosenLanguageHolds(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	a := f.house("ana")
	f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.SetSetting(f.ctx, "default_language", "ca") }))
	if got := a.twin().config.Language; got != "ca" {
		t.Errorf("the next start speaks %s, want ca", got)
	}
	a.set["MINGA_DEFAULT_LANGUAGE"] = "it"
	if got := a.twin().config.Language; got != "it" {
		t.Errorf("configured, it speaks %s, want it", got)
	}
}
