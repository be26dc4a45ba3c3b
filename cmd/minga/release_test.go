// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/federation/signature/signaturetest"
	"minga/storage"
	"minga/storage/storagetest"
)

// newRelease names a release of which what it leaves behind is to be kept, for all later
// versions to be tried on; see docs/upgrading.md.
var newRelease = flag.String("release", "", "keep what this version leaves behind under this name, in testdata/releases")

// release is what a version left behind, in testdata/releases/NAME: a database of each
// kind (sqlite.db.gz, postgres.sql.gz), and what it answered (answers.json.gz).
type release struct {
	Program string            `json:"program"`
	Schema  int64             `json:"schema"`
	Now     time.Time         `json:"now"` // by its clock
	Reader  string            `json:"reader"`
	Token   string            `json:"token"`
	Secret  string            `json:"secret_key"`
	Set     map[string]string `json:"settings"`

	dir string
}

// releases are those that are kept.
func releases(t *testing.T) []*release {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "releases", "*", "about.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no release is kept: %v", err)
	}
	var list []*release
	for _, path := range paths {
		r := &release{dir: filepath.Dir(path)}
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, r)
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// open lets the program of today go on with what a release left behind.
func (r *release) open(f *fediverse) (*house, *phone) {
	f.t.Helper()
	dir := f.t.TempDir()
	h := &house{f: f, name: filepath.Base(r.dir) + " on " + string(f.engine), clock: storagetest.NewClock()}
	h.clock.Set(r.Now)
	h.set = maps.Clone(r.Set)
	h.set["MINGA_DATA_DIR"], h.set["MINGA_DATABASE_URL"] = dir, r.database(f, h.clock, dir)
	f.must(os.WriteFile(filepath.Join(dir, secretFile), []byte(r.Secret), 0o600))
	h.open(h.set)
	return h, &phone{h: h, self: h.local(r.Reader), token: r.Token}
}

// database unpacks the one of the engine.
func (r *release) database(f *fediverse, clock *storagetest.Clock, dir string) string {
	f.t.Helper()
	if f.engine == storage.Postgres {
		return storagetest.PostgresURLOf(f.t, clock, string(unpacked(f.t, filepath.Join(r.dir, "postgres.sql.gz"))))
	}
	path := filepath.Join(dir, "minga.db")
	f.must(os.WriteFile(path, unpacked(f.t, filepath.Join(r.dir, "sqlite.db.gz")), 0o600))
	return "sqlite://" + path
}

// TestUpgradeFromEveryRelease: what a release left behind, in either kind of database, is
// brought to the schema of today, is whole, and answers what it answered then (R19).
// Answers may have gained members; what they had is there and the same.
func TestUpgradeFromEveryRelease(t *testing.T) {
	storagetest.WithoutRace(t)
	if *newRelease != "" {
		makeRelease(t, *newRelease)
	}
	for _, r := range releases(t) {
		t.Run(filepath.Base(r.dir), func(t *testing.T) {
			var want map[string]string
			if err := json.Unmarshal(unpacked(t, filepath.Join(r.dir, "answers.json.gz")), &want); err != nil {
				t.Fatal(err)
			}
			eachEngine(t, func(f *fediverse) {
				h, reader := r.open(f)
				if found, err := h.store.Check(f.ctx); err != nil || len(found) > 0 {
					f.t.Errorf("check: %v, %v", found, err)
				}
				f.must(h.store.VerifyAudit(f.ctx))
				stillAnswers(f.t, want, h.snapshot(reader))
			})
		})
	}
}

// stillAnswers complains of each answer that lost something, and of a release of little.
func stillAnswers(t *testing.T, want, got map[string]string) {
	t.Helper()
	answered := 0
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if strings.HasPrefix(want[path], "200") {
			answered++
		}
		if lost := lostOf(want[path], got[path]); lost != "" {
			t.Errorf("%s: %s", path, lost)
		}
	}
	if answered < 100 {
		t.Errorf("only %d answers of %d were compared", answered, len(want))
	}
}

// lostOf says what of an answer is gone or another.
func lostOf(want, got string) string {
	wantHead, wantBody, _ := strings.Cut(want, "\n")
	gotHead, gotBody, _ := strings.Cut(got, "\n")
	var then, now any
	if strings.Contains(wantBody, "User-agent: *\n") {
		return lostLine(wantBody, gotBody)
	}
	if json.Unmarshal([]byte(wantBody), &then) != nil || json.Unmarshal([]byte(gotBody), &now) != nil {
		return cmp.Diff(want, got)
	}
	if wantHead != gotHead {
		return cmp.Diff(wantHead, gotHead)
	}
	return lostValue("", then, now)
}

// lostLine says which rule for crawlers is gone; new pages have new ones.
func lostLine(then, now string) string {
	lines := strings.Split(now, "\n")
	for line := range strings.SplitSeq(then, "\n") {
		if !slices.Contains(lines, line) {
			return "gone: " + line
		}
	}
	return ""
}

// lostValue says at which place a value lost something: objects may gain members, lists
// stay as long as they were.
func lostValue(at string, then, now any) string {
	switch then := then.(type) {
	case map[string]any:
		now, _ := now.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(then)) {
			if name == "version" {
				continue // of the program
			}
			one, has := now[name]
			if !has {
				return at + "." + name + " is gone"
			}
			if lost := lostValue(at+"."+name, then[name], one); lost != "" {
				return lost
			}
		}
		return ""
	case []any:
		now, _ := now.([]any)
		if len(now) != len(then) {
			return fmt.Sprintf("%s has %d things and had %d", at, len(now), len(then))
		}
		for i := range then {
			if lost := lostValue(fmt.Sprintf("%s[%d]", at, i), then[i], now[i]); lost != "" {
				return lost
			}
		}
		return ""
	}
	if then != now {
		return fmt.Sprintf("%s is %v and was %v", at, now, then)
	}
	return ""
}

// TestLostOf: what is gone, another or shorter is found; what is more is not.
func TestLostOf(t *testing.T) {
	for _, tt := range []struct {
		name, then, now string
		lost            bool
	}{
		{"the same", "200\n{\"a\":[1]}", "200\n{\"a\":[1]}", false},
		{"a member more", "200\n{\"a\":1}", "200\n{\"b\":2,\"a\":1}", false},
		{"another version", "200\n{\"version\":\"1\"}", "200\n{\"version\":\"2\"}", false},
		{"a member less", "200\n{\"a\":1,\"b\":2}", "200\n{\"a\":1}", true},
		{"a shorter list", "200\n[{\"a\":1},2]", "200\n[{\"a\":1}]", true},
		{"a longer list", "200\n[]", "200\n[1]", true},
		{"another value, deep down", "200\n[{\"a\":{\"b\":1}}]", "200\n[{\"a\":{\"b\":2}}]", true},
		{"another kind", "200\n{\"a\":{\"b\":1}}", "200\n{\"a\":null}", true},
		{"another status", "200\n{}", "404\n{}", true},
		{"another text", "200\nhello", "200\nhallo", true},
		{"no answer", "200\n[]", "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if lost := lostOf(tt.then, tt.now); (lost != "") != tt.lost {
				t.Errorf("lost: %q", lost)
			}
		})
	}
}

// makeRelease keeps what this version leaves behind.
func makeRelease(t *testing.T, name string) {
	t.Helper()
	dir := filepath.Join("testdata", "releases", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var r *release
	t.Run("made", func(t *testing.T) { // its servers are gone at its end
		f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
		h, reader := f.world()
		f.livedIn(h, reader)
		schema, err := h.store.Schema(f.ctx)
		f.must(err)
		secret, err := os.ReadFile(filepath.Join(h.set["MINGA_DATA_DIR"], secretFile))
		f.must(err)
		r = &release{Program: version, Schema: schema, Now: h.now(), Reader: pathOfIRI(reader.self.IRI), Token: reader.token, Secret: string(secret), Set: h.set, dir: dir}
		r.keep(f, h)
	})
	t.Run("asked", func(t *testing.T) {
		f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
		h, reader := r.open(f)
		text, err := json.Marshal(h.snapshot(reader))
		f.must(err)
		pack9(t, filepath.Join(dir, "answers.json.gz"), text)
	})
}
