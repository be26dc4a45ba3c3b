// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"minga/federation/signature/signaturetest"
	"minga/storage"
	"minga/storage/storagetest"
)

// at opens the same instance in another data folder and on another database.
func (h *house) at(dir, url string) *house {
	set := maps.Clone(h.set)
	set["MINGA_DATA_DIR"], set["MINGA_DATABASE_URL"] = dir, url
	other := &house{f: h.f, name: h.name + " (restored)", set: set, clock: h.clock}
	other.open(set)
	return other
}

// load writes and counts on until it is stopped; what it is told was kept stands in acknowledged.
type load struct {
	loops        sync.WaitGroup
	ended        atomic.Bool
	acknowledged atomic.Int64
}

// loaded begins to write, in four goroutines.
func loaded(h *house) *load {
	l := &load{}
	for n := range 4 {
		l.loops.Go(func() {
			for i := n; !l.ended.Load(); i += 4 {
				err := h.store.Write(h.f.ctx, func(tx *storage.Tx) error {
					return tx.SetSetting(h.f.ctx, fmt.Sprintf("load.%06d", i), strings.Repeat("x", 2000))
				})
				if err != nil {
					h.f.t.Error(err)
					return
				}
				l.acknowledged.Add(1)
			}
		})
	}
	return l
}

// end stops it.
func (l *load) end() {
	l.ended.Store(true)
	l.loops.Wait()
}

// TestABackupUnderLoadIsRestored: a backup that is taken while others write gives, on an
// empty machine and in either kind of database, an instance that answers the same, with
// all that was acknowledged before the backup began (R20).
func TestABackupUnderLoadIsRestored(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h, reader := f.world()
	before := h.snapshot(reader)
	l := loaded(h)
	eventually(t, 30*time.Second, "the load", func() bool { return l.acknowledged.Load() > 20 })
	acknowledged := l.acknowledged.Load()
	path := filepath.Join(t.TempDir(), "all.tar.gz")
	row, err := h.makeBackup(f.ctx, making{file: path, keys: true, verify: true, who: byCommand})
	l.end()
	if err != nil || !row.Verified || row.Rows < acknowledged {
		t.Fatalf("%+v, %v", row, err)
	}
	for _, engine := range []storage.Engine{storage.SQLite, storage.Postgres} {
		t.Run("into "+string(engine), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			url := "sqlite://" + filepath.Join(dir, "minga.db")
			if engine == storage.Postgres {
				url = storagetest.PostgresURLAt(t, h.clock)
			}
			set := maps.Clone(h.set)
			set["MINGA_DATA_DIR"] = dir
			code, _, talk := typedWith(t, dir, set, "backup", "restore", path, "--to", url)
			if code != exitDone {
				t.Fatal(code, talk)
			}
			restored := h.at(dir, url)
			sameSnapshot(t, "restored into "+string(engine), before, restored.snapshot(reader))
			kept, err := restored.store.Settings(f.ctx)
			f.must(err)
			maps.DeleteFunc(kept, func(key, _ string) bool { return !strings.HasPrefix(key, "load.") })
			if int64(len(kept)) < acknowledged-4 || int64(len(kept)) > l.acknowledged.Load() {
				t.Errorf("%d writes of the load are there, %d were acknowledged before", len(kept), acknowledged)
			}
			sameFiles(t, h.set["MINGA_DATA_DIR"], dir)
		})
	}
}

// sameFiles complains of a file of people or the key that is not there any more, or is
// another.
func sameFiles(t *testing.T, from, to string) {
	t.Helper()
	compared := 0
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(from, path)
		if err != nil || d.IsDir() || !strings.HasPrefix(name, "media/own/") && !strings.HasPrefix(name, "media/sealed/") && name != secretFile {
			return err
		}
		one, err1 := os.ReadFile(path)
		two, err2 := os.ReadFile(filepath.Join(to, name))
		if err1 != nil || err2 != nil || string(one) != string(two) {
			t.Errorf("%s is another, or gone: %v, %v", name, err1, err2)
		}
		compared++
		return nil
	})
	if err != nil || compared == 0 {
		t.Errorf("%d files were compared: %v", compared, err)
	}
}

// TestBackupsOnTheCommandLine makes, verifies and restores, and is refused.
func TestBackupsOnTheCommandLine(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	identity, plain, sealed, bare := filepath.Join(out, "key.txt"), filepath.Join(out, "plain.tar.gz"), filepath.Join(out, "sealed.age"), filepath.Join(out, "bare.tar.gz")
	broken := filepath.Join(out, "broken.tar.gz")
	if err := os.WriteFile(identity, []byte(key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := typed(t, dir, "account", "create", "telar", "--kind", "coop"); code != exitDone {
		t.Fatal(talk)
	}
	before, err := os.ReadFile(filepath.Join(dir, secretFile))
	if err != nil {
		t.Fatal(err)
	}
	empty := func() string { return filepath.Join(out, "new", fmt.Sprint(time.Now().UnixNano())) }
	for _, tt := range []struct {
		name string
		dir  string
		set  map[string]string
		args []string
		code int
		says string
	}{
		{"nowhere to go", dir, nil, []string{"create"}, exitUsage, "set backup_to"},
		{"no recipient", dir, nil, []string{"create", plain, "--recipient", "eva@telar.example"}, exitUsage, "age1"},
		{"plain", dir, nil, []string{"create", plain}, exitDone, "not encrypted"},
		{"over another", dir, nil, []string{"create", plain}, exitRefused, "there already"},
		{"sealed and tried", dir, nil, []string{"create", sealed, "--verify", "--recipient", key.Recipient().String()}, exitDone, ""},
		{"without the key", dir, nil, []string{"create", bare, "--without-keys"}, exitDone, ""},
		{"good", dir, nil, []string{"verify", plain}, exitDone, ""},
		{"sealed", dir, nil, []string{"verify", sealed}, exitFailed, "encrypted"},
		{"unsealed", dir, nil, []string{"verify", sealed, "--identity", identity}, exitDone, ""},
		{"no key", dir, nil, []string{"verify", sealed, "--identity", plain}, exitUsage, "no private key"},
		{"broken", dir, nil, []string{"verify", broken}, exitFailed, "damaged"},
		{"not there", dir, nil, []string{"verify", out + "/none"}, exitUsage, "none"},
		{"into a folder that is not empty", dir, nil, []string{"restore", plain}, exitRefused, "not empty"},
		{"of another host", empty(), map[string]string{"MINGA_HOST": "b.localhost:8080"}, []string{"restore", plain}, exitUsage, "MINGA_HOST=a.localhost:8080"},
		{"broken into an empty folder", empty(), nil, []string{"restore", broken}, exitFailed, "damaged"},
		{"sealed into an empty folder", empty(), nil, []string{"restore", sealed}, exitFailed, "encrypted"},
		{"another key is set", empty(), map[string]string{"MINGA_SECRET_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, []string{"restore", plain}, exitUsage, "not the key"},
		{"into an empty folder", empty(), nil, []string{"restore", sealed, "--identity", identity}, exitDone, ""},
		{"without its key", empty(), nil, []string{"restore", bare}, exitDone, ""},
		{"broken over what is there", dir, nil, []string{"restore", broken, "--yes"}, exitFailed, "damaged"},
		{"over what is there", dir, nil, []string{"restore", plain, "--yes"}, exitDone, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if text, err := os.ReadFile(plain); err == nil {
				if err := os.WriteFile(broken, text[:len(text)-len(text)/4], 0o600); err != nil {
					t.Fatal(err)
				}
			}
			set := map[string]string{"MINGA_LISTEN": "127.0.0.1:1"}
			maps.Copy(set, tt.set)
			code, said, talk := typedWith(t, tt.dir, set, append([]string{"backup"}, tt.args...)...)
			if code != tt.code || !strings.Contains(said+talk, tt.says) {
				t.Errorf("ends with %d and says %s%s, want %d and %q", code, said, talk, tt.code, tt.says)
			}
			if _, err := os.Stat(filepath.Join(tt.dir, "minga.db")); tt.code != exitDone && tt.dir != dir && err == nil {
				t.Error("a database was left")
			}
		})
	}
	after, err := os.ReadFile(filepath.Join(dir, secretFile))
	if err != nil || string(after) != string(before) {
		t.Errorf("the key is another: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".verify-*")); len(left) > 0 {
		t.Errorf("what was to be thrown away is there: %v", left)
	}
	code, list, talk := typed(t, dir, "account", "list", "--json")
	if code != exitDone || !strings.Contains(list, "telar") {
		t.Errorf("after all that: %d %s %s", code, list, talk)
	}
	var status map[string]any
	code, said, _ := typed(t, dir, "backup", "status", "--json")
	if err := json.Unmarshal([]byte(said), &status); err != nil || code != exitDone || status["last_good"] == "" {
		t.Errorf("%d %s", code, said)
	}
}

// TestARestoreSendsNothing: what waited to be sent when the backup was made is not sent
// again, unless that is asked for.
func TestARestoreSendsNothing(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	a, b := f.house("ana"), f.house("berta")
	telar := a.coop("telar")
	f.befriend(a, b)
	b.follow(b.federation, b.knows(telar))
	f.drain()
	b.away.Store(true)
	a.publish(telar, "Baker")
	path := filepath.Join(t.TempDir(), "b.tar.gz")
	_, err := a.makeBackup(f.ctx, making{file: path, keys: true, who: byCommand})
	f.must(err)
	for _, tt := range []struct {
		name  string
		more  []string
		sends bool
	}{{"as it is", nil, false}, {"resumed", []string{"--resume-deliveries"}, true}} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			url := "sqlite://" + filepath.Join(dir, "minga.db")
			set := maps.Clone(a.set)
			set["MINGA_DATA_DIR"] = dir
			args := append([]string{"--json", "backup", "restore", path, "--to", url}, tt.more...)
			code, said, talk := typedWith(t, dir, set, args...)
			var row restoredRow
			if err := json.Unmarshal([]byte(said), &row); err != nil || code != exitDone {
				t.Fatal(code, talk, err)
			}
			restored := a.at(dir, url)
			stats, err := restored.store.QueueStats(f.ctx)
			f.must(err)
			if (stats.Waiting > 0) != tt.sends || (row.Held.Deliveries == 0) != tt.sends {
				t.Errorf("%d deliveries wait, %d were held back", stats.Waiting, row.Held.Deliveries)
			}
		})
	}
}

// TestBackupsByThemselves: one each day by one of two nodes, verified once a week, those
// removed that need not stay, and what fails is known.
func TestBackupsByThemselves(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "backups")
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	eachEngine(t, func(f *fediverse) {
		h := f.house("ana", "MINGA_BACKUP_TO", filepath.Join(dir, string(f.engine)), "MINGA_BACKUP_KEEP", "2d 1w 1m", "MINGA_BACKUP_RECIPIENTS", key.Recipient().String())
		twin := h.twin()
		made := func(nodes ...*house) (n int) {
			for _, node := range nodes {
				did, err := node.backupTurn(f.ctx)
				f.must(err)
				if did {
					n++
				}
			}
			return n
		}
		if n := made(h, twin, h, twin); n != 1 {
			f.t.Errorf("%d backups at first", n)
		}
		first, err := h.store.LastBackup(f.ctx)
		f.must(err)
		if !first.Encrypted || !first.At.Equal(first.Verified) || first.Bytes == 0 {
			f.t.Errorf("%+v", first)
		}
		for day := 1; day <= 8; day++ {
			h.clock.Advance(24 * time.Hour)
			if n := made(twin, h); n != 1 {
				f.t.Errorf("%d backups on day %d", n, day)
			}
			b, err := h.store.LastBackup(f.ctx)
			f.must(err)
			if verified := b.Verified.Equal(b.At); verified != (day == 7) {
				f.t.Errorf("day %d: verified %v", day, verified)
			}
		}
		left, err := os.ReadDir(h.config.Backup.To)
		if err != nil || len(left) != 2 {
			f.t.Errorf("%d stay: %v, %v", len(left), left, err)
		}
		h.failing(made)
	})
}

// failing takes the folder away, and gives it back.
func (h *house) failing(made func(...*house) int) {
	h.f.t.Helper()
	h.f.must(os.RemoveAll(h.config.Backup.To))
	h.f.must(os.WriteFile(h.config.Backup.To, nil, 0o600))
	h.clock.Advance(24 * time.Hour)
	for range 2 {
		if _, err := h.backupTurn(h.f.ctx); err == nil {
			h.f.t.Error("a file is a folder")
		}
		h.clock.Advance(2 * retryAfter)
	}
	b, err := h.store.LastBackup(h.f.ctx)
	if err != nil || b.Failures != 2 || b.Problem == "" {
		h.f.t.Errorf("%+v, %v", b, err)
	}
	h.f.must(os.Remove(h.config.Backup.To))
	if n := made(h); n != 1 {
		h.f.t.Error("no backup after the folder is back")
	}
	if b, err = h.store.LastBackup(h.f.ctx); err != nil || b.Failures != 0 || b.Problem != "" {
		h.f.t.Errorf("%+v, %v", b, err)
	}
}
