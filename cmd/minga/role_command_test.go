// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRolesOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name string
		line string
		code int
		says string // on stdout or stderr
	}{
		{"a person", "account create eva --email eva@a.example", exitDone, ""},
		{"another", "account create ana --email ana@a.example", exitDone, ""},
		{"a co-op whose steward nobody knows", "account create candil --kind coop --steward zoe", exitNotFound, "zoe"},
		{"a co-op with its first steward", "account create telar --kind coop --steward eva", exitDone, ""},
		{"a person has no steward", "account create zoe --email z@a.example --steward eva", exitUsage, "--steward"},
		{"a role", "account role ana hirer --in telar", exitDone, "ana@a.localhost:8080 in telar@a.localhost:8080: hirer"},
		{"another role", "account role ana publisher --in telar --json", exitDone, `"roles":["publisher","hirer"]`},
		{"a role that there is not in a co-op", "account role ana coordinator --in telar", exitUsage, "steward, publisher"},
		{"a role in a person", "account role ana steward --in eva", exitUsage, "no role"},
		{"a role for a co-op", "account role telar steward --in telar", exitUsage, "no person"},
		{"a role in nothing", "account role ana steward --in nothing", exitNotFound, ""},
		{"a rank is none in a co-op", "account role ana admin --in telar", exitUsage, "no role"},
		{"a role is no rank", "account role ana steward", exitUsage, "--in COOP"},
		{"the last steward", "account role eva steward --in telar --remove", exitRefused, "at least one steward"},
		{"its coordinator", "account role eva coordinator --in minga", exitDone, "coordinator"},
		{"one role less", "account role ana hirer --in telar --remove", exitDone, "publisher"},
		{"the last role", "account role ana publisher --in telar --remove", exitDone, "none"},
		{"a rank", "account role ana moderator", exitDone, ""},
		{"an odd limit", "audit list --limit 0", exitUsage, "--limit"},
		{"the log of a co-op that is not there", "audit list --in nothing", exitNotFound, ""},
		{"the log is whole", "audit check", exitDone, "whole"},
	} {
		code, out, talk := typed(t, dir, strings.Fields(tt.line)...)
		if code != tt.code || !strings.Contains(out+talk, tt.says) {
			t.Errorf("%s: ends with %d and says %q, want %d and %q", tt.name, code, out+talk, tt.code, tt.says)
		}
	}
	_, out, _ := typed(t, dir, "audit", "list", "--in", "telar", "--json")
	var rows []auditRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != 5 || rows[0].Act != "role.take" || rows[4].Act != "role.give" || rows[4].Why != "steward" || rows[4].Who != "command line" {
		t.Errorf("log of telar: %v %s", err, out)
	}
	_, out, _ = typed(t, dir, "audit", "export", "--in", "telar")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var first auditRow
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(lines) != 5 || first != rows[4] {
		t.Errorf("export: %v %s", err, out)
	}
}
