// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestLongWorkSaysHowFarItIs: one line that is written over on a terminal and gone before
// the next one, a line each ten seconds elsewhere, objects for programs, or nothing.
func TestLongWorkSaysHowFarItIs(t *testing.T) {
	for _, tt := range []struct {
		how, want string
		quiet     bool
	}{
		{how: "bar", want: "\rrows: 100\rrows: 200\rrows: 4200, 200 a second\r                        \rdone\n"},
		{how: "lines", want: "rows: 4200, 200 a second\ndone\n"},
		{how: "json", want: `{"done":4200,"per_second":200,"what":"rows"}` + "\ndone\n"},
		{how: "none", want: "done\n"},
		{how: "bar", quiet: true, want: ""},
	} {
		t.Run(tt.how, func(t *testing.T) {
			var said bytes.Buffer
			now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
			x := &terminal{err: &said, progress: tt.how, quiet: tt.quiet, now: func() time.Time { return now }}
			tell := x.counting()
			for _, step := range []struct {
				after time.Duration
				n     int64
			}{{300 * time.Millisecond, 100}, {100 * time.Millisecond, 150}, {400 * time.Millisecond, 200}, {20500 * time.Millisecond, 4200}} {
				now = now.Add(step.after)
				tell("rows", step.n)
			}
			x.talk("done")
			if got := said.String(); got != tt.want {
				t.Errorf("says %q, want %q", got, tt.want)
			}
		})
	}
}

// TestQuietSaysOnlyWhatIsWrong: what is beside the data is left out, failures are not.
func TestQuietSaysOnlyWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	again := []string{"account", "create", "telar", "--kind", "coop", "--log-level", "info", "--quiet"}
	if code, _, talk := typed(t, dir, again...); code != exitDone || talk != "" {
		t.Errorf("ends with %d and says %q", code, talk)
	}
	if code, _, talk := typed(t, dir, again...); code != exitRefused || !strings.Contains(talk, "taken") {
		t.Errorf("ends with %d and says %q", code, talk)
	}
}
