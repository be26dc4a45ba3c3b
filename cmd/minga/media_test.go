// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSizesOfSettings(t *testing.T) {
	for text, want := range map[string]int64{
		"": 7, "65536": 65536, "64k": 65536, "16 MiB": 16 << 20, "2GiB": 2 << 30, "1 TB": 1e12, "500M": 500 << 20,
		"-1": -1, "many": -1, "1.5 GiB": -1, "99999999999 TiB": -1, "10": -1,
	} {
		r := &configReader{values: map[string]value{"x": {text, "test"}}}
		got := r.bytes("x", 7, 100)
		if text == "" && (got != want || r.err != nil) || want > 7 && (got != want || r.err != nil) || want < 0 && r.err == nil {
			t.Errorf("%q reads as %d, %v; want %d", text, got, r.err, want)
		}
	}
}

func TestMediaSettings(t *testing.T) {
	read := func(pairs ...string) (*Config, error) {
		set := map[string]string{}
		for n := 0; n+1 < len(pairs); n += 2 {
			set["MINGA_"+pairs[n]] = pairs[n+1]
		}
		return loadConfig(&settingFlags{}, "", lookups{
			env:  func(key string) (string, bool) { v, ok := set[key]; return v, ok },
			read: func(string) ([]byte, error) { return nil, os.ErrNotExist },
		})
	}
	c, err := read("DATA_DIR", "/d")
	if err != nil || c.Media.Dir != filepath.Join("/d", "media") || c.Media.InS3 || c.Media.Limits.Played != 0 || c.Media.Limits.File != 16<<20 || c.Media.Limits.Cache != 1<<30 {
		t.Errorf("without settings: %+v, %v", c.Media, err)
	}
	if c, err = read("MEDIA_AV", "on", "REMOTE_MEDIA_CACHE", "0"); err != nil || c.Media.Limits.Played != 40<<20 || c.Media.Limits.Cache != 0 {
		t.Errorf("with audio and video: %+v, %v", c.Media, err)
	}
	for _, bad := range [][]string{{"MEDIA_STORE", "disk"}, {"MEDIA_STORE", "s3"}, {"MEDIA_STORE", "s3", "S3_ENDPOINT", "https://s3.example", "S3_BUCKET", "b"}, {"MEDIA_MAX_BYTES", "1 GiB"}, {"MEDIA_LOCAL_MAX", "much"}} {
		if _, err := read(bad...); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

func TestMediaOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	if code, out, talk := typed(t, dir, "media", "usage", "--json"); code != exitDone || strings.TrimSpace(out) != "[]" {
		t.Errorf("of nothing: %d %q %q", code, out, talk)
	}
	orphan := filepath.Join(dir, "media", "own", "01", "0123456789abcdef0123456789abcdef.jpg")
	if err := os.MkdirAll(filepath.Dir(orphan), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(orphan, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-48 * time.Hour)
	if err := os.Chtimes(orphan, old, old); err != nil {
		t.Fatal(err)
	}
	prune := func(args ...string) map[string]int {
		t.Helper()
		code, out, talk := typed(t, dir, append([]string{"media", "prune", "--json"}, args...)...)
		var got map[string]int
		if err := json.Unmarshal([]byte(out), &got); code != exitDone || err != nil {
			t.Fatalf("prune %v: %d %q %q", args, code, out, talk)
		}
		return got
	}
	if got := prune("--dry-run"); got["orphans"] != 1 || got["bytes"] != 10 {
		t.Errorf("a rehearsal says %v", got)
	}
	if _, err := os.Stat(orphan); err != nil {
		t.Errorf("a rehearsal removed it: %v", err)
	}
	if got := prune("--older-than", "7d"); got["orphans"] != 1 {
		t.Errorf("it says %v", got)
	}
	if _, err := os.Stat(orphan); err == nil {
		t.Error("the orphan is still there")
	}
	if code, _, _ := typed(t, dir, "media", "prune", "--older-than", "soon"); code != exitUsage {
		t.Errorf("an age that is none: %d", code)
	}
}
