// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/storage"
)

// TestUpgradeCheckTellsOfSettings: of what the last program took for granted and this one
// does not, and of what it had and this one has not; not of what somebody set.
func TestUpgradeCheckTellsOfSettings(t *testing.T) {
	dir := t.TempDir()
	url := "sqlite://" + filepath.Join(dir, "minga.db")
	olderDatabase(t, url)
	was := thisProgram()
	was.Version = "0.0.9"
	was.Defaults["job_days"], was.Defaults["search_max"], was.Defaults["colour"] = "30", "7", "green"
	text, err := json.Marshal(was)
	if err != nil {
		t.Fatal(err)
	}
	store, err := storage.Open(t.Context(), storage.Options{URL: url, Now: time.Now})
	if err == nil {
		err = store.Write(t.Context(), func(tx *storage.Tx) error { return tx.SetSetting(t.Context(), programSetting, string(text)) })
	}
	if err = errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	code, out, talk := typed(t, dir, "upgrade", "check", "--json", "--search-max", "9")
	var r upgradeReport
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitDone {
		t.Fatalf("%d, %v: %s%s", code, err, out, talk)
	}
	want := []settingChange{
		{"colour", "gone", "version 0.0.9 had it, this one has not"},
		{"job_days", "default", `nobody set it: it was "30" in version 0.0.9 and is "45" now; set it to keep what it was`},
	}
	if diff := cmp.Diff(want, r.Settings); diff != "" {
		t.Error(diff)
	}
	if r.Backup != filepath.Join(dir, "backups") || r.BackupNeeds != 3*r.Bytes || r.BackupRoom != "" {
		t.Errorf("%+v", r)
	}
	if found := backupsBefore(t, r.Backup); len(found) > 0 {
		t.Errorf("it made %v", found)
	}
	if _, out, _ := typed(t, dir, "upgrade", "check"); !strings.Contains(out, "setting job_days: nobody") || !strings.Contains(out, "a backup is made in") {
		t.Error(out)
	}
}

// TestStrangeKeys: everything that is set and is no setting is named at once, with the
// nearest; what belongs there is not.
func TestStrangeKeys(t *testing.T) {
	from := fakeLookups(nil, map[string]string{"c.toml": "databse_url = \"x\"\nhost = \"a.example\"\nregistrations = \"open\"\n"})
	from.names = func() []string {
		return []string{"HOME", "MINGA_CONFIG", "MINGA_HOST", "MINGA_TLS_CERT_FILE", "MINGA_SMTP_URL_FILE", "MINGA_LISTN", "MINGA_TEST_POSTGRES"}
	}
	found, err := (&terminal{from: from, configAsked: "c.toml"}).strangeKeys()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, one := range found {
		keys = append(keys, one.Key)
	}
	if !slices.Equal(keys, []string{"databse_url", "registrations", "listn"}) || !strings.HasSuffix(found[1].Text, " registration") {
		t.Errorf("%+v", found)
	}
}

// TestWhoServesIsNoted, once.
func TestWhoServesIsNoted(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		h := f.house("ana")
		for range 2 {
			f.must(h.noteProgram(f.ctx))
			got, err := lastProgram(f.ctx, h.store)
			f.must(err)
			if diff := cmp.Diff(thisProgram(), got); diff != "" || len(got.Defaults) < 40 {
				f.t.Error(diff, len(got.Defaults))
			}
		}
		changed, err := changedDefaults(f.ctx, h.store, h.config)
		if err != nil || len(changed) > 0 {
			f.t.Errorf("%v, %v", changed, err)
		}
	})
}
