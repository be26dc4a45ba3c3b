// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"minga/storage"
)

// TestServersNoticeEachOther: of two on one database both say so, first in passing, and as a
// warning once it is no handover; who is left has the database for itself again.
func TestServersNoticeEachOther(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "minga.db"), time.Now()
	open := func(out *bytes.Buffer) *servers {
		s, err := openServers(path, func() time.Time { return now }, slog.New(slog.NewTextHandler(out, nil)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var said [2]bytes.Buffer
	old, young := open(&said[0]), open(&said[1])
	look := func(list ...*servers) {
		t.Helper()
		for _, s := range list {
			if err := s.look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	says := func(n int, want ...string) {
		t.Helper()
		text := said[n].String()
		said[n].Reset()
		if strings.Count(text, "\n") != len(want) {
			t.Errorf("server %d says %q", n, text)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("server %d says %q, not %q", n, text, w)
			}
		}
	}
	look(old, old)
	says(0)
	look(young, old, young, old)
	says(0, "should end in a moment")
	says(1, "should end in a moment")
	now = now.Add(handoverLimit + time.Second)
	look(old, young, old, young)
	says(0, "level=WARN")
	says(1, "level=WARN")
	if err := old.close(); err != nil {
		t.Fatal(err)
	}
	look(young, young)
	says(1, "for itself again")
	next := open(&said[0])
	look(next, young)
	says(1, "should end in a moment")
	if err := young.close(); err != nil {
		t.Fatal(err)
	}
	look(next, next)
	says(0, "should end in a moment") // a handover that was none too long says no more
	if err := next.close(); err != nil {
		t.Fatal(err)
	}
}

// TestTwoProcessesOnOneFolder: the check-up says who the two are once it is no handover, and
// that all is well when one of them was killed.
func TestTwoProcessesOnOneFolder(t *testing.T) {
	if testing.Short() {
		t.Skip("processes take their time: not with -short")
	}
	p := newProcess(t, "ana", storage.SQLite, "MINGA_LOG_LEVEL=info")
	p.start()
	path := strings.TrimPrefix(p.dbURL, "sqlite://")
	q := p.second()
	alone := func() doctorRow {
		t.Helper()
		var rows []doctorRow
		text, _ := p.run("doctor", "--quick", "--json")
		if err := json.Unmarshal([]byte(text), &rows); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		for _, r := range rows {
			if r.Check == "alone" {
				return r
			}
		}
		return doctorRow{}
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	eventually(t, 10*time.Second, "the first has its lock", func() bool { is, err := held(root, "minga.db"+servingLock); return err == nil && is })
	q.start()
	eventually(t, 10*time.Second, "the second is noticed", func() bool { is, err := held(root, "minga.db"+servingToo); return err == nil && is })
	if r := alone(); r.State != "ok" {
		t.Errorf("at a handover: %+v", r)
	}
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path+servingToo, long, long); err != nil {
		t.Fatal(err)
	}
	if r := alone(); r.State != "warn" || strings.Count(r.Fact, "@") != 2 || !strings.Contains(r.Do, "End one") {
		t.Errorf("after an hour: %+v", r)
	}
	if !strings.Contains(q.stderr.String(), "another server serves the same database") {
		t.Errorf("the log of the second: %s", q.stderr)
	}
	_ = q.cmd.Process.Signal(syscall.SIGKILL)
	eventually(t, 10*time.Second, "the lock of who is killed is free", func() bool { is, err := held(root, "minga.db"+servingToo); return err == nil && !is })
	if r := alone(); r.State != "ok" {
		t.Errorf("after one is gone: %+v", r)
	}
}
