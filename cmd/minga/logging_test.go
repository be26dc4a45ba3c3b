// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// logged is what a log of a configuration writes into a file; journal makes JOURNAL_STREAM
// of the file's device and inode.
func logged(t *testing.T, format string, journal func(device, inode uint64) string) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	c := &Config{LogFormat: format, LogLevel: slog.LevelDebug, Journal: journal(uint64(stat.Dev), uint64(stat.Ino))} //nolint:unconvert // other systems have other types
	log := c.newLogger(file)
	log.Error("it broke", "host", "a.example\nb")
	log.Warn("it may break")
	log.Info("it works")
	log.With("type", "Create").WithGroup("more").Debug("it is looked at", "time", "noon")
	c.level.Set(slog.LevelError)
	log.Info("not said")
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLogIntoTheJournal leaves the time to the journal and says how urgent a line is.
func TestLogIntoTheJournal(t *testing.T) {
	ours := func(device, inode uint64) string { return fmt.Sprintf("%d:%d", device, inode) }
	want := `<3>{"level":"ERROR","msg":"it broke","host":"a.example\nb"}
<4>{"level":"WARN","msg":"it may break"}
<6>{"level":"INFO","msg":"it works"}
<7>{"level":"DEBUG","msg":"it is looked at","type":"Create","more":{"time":"noon"}}
`
	if got := logged(t, "", ours); got != want {
		t.Errorf("the journal gets\n%s", got)
	}
	if got := logged(t, "text", ours); !strings.HasPrefix(got, "<3>level=ERROR msg=\"it broke\"") {
		t.Errorf("as text\n%s", got)
	}
}

// TestLogBesideTheJournal is a log that was led elsewhere by somebody who inherited the
// variable: it keeps its times.
func TestLogBesideTheJournal(t *testing.T) {
	timed := regexp.MustCompile(`^\{"time":"\d{4}-`)
	for name, stream := range map[string]func(device, inode uint64) string{
		"not under systemd": func(uint64, uint64) string { return "" },
		"another file":      func(d, i uint64) string { return fmt.Sprintf("%d:%d", d, i+1) },
		"another device":    func(d, i uint64) string { return fmt.Sprintf("%d:%d", d+1, i) },
		"no stream":         func(uint64, uint64) string { return "yes" },
	} {
		if got := logged(t, "json", stream); !timed.MatchString(got) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
