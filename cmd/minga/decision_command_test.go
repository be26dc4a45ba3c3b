// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDecisionsOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	step := func(name, line string, code int, says string) string {
		t.Helper()
		got, out, talk := typed(t, dir, strings.Fields(line)...)
		if got != code || !strings.Contains(out+talk, says) {
			t.Errorf("%s: ends with %d and says %q, want %d and %q", name, got, out+talk, code, says)
		}
		return out
	}
	step("a person", "account create eva --email eva@a.example", exitDone, "")
	step("another", "account create ana --email ana@a.example", exitDone, "")
	step("a stranger to the co-op", "account create zoe --email zoe@a.example", exitDone, "")
	step("a federation without members", "decision open Open? --text Why", exitUsage, "nobody who could vote")
	step("a co-op", "account create telar --kind coop --steward eva", exitDone, "")
	step("a role", "account role ana observer --in telar", exitDone, "")
	step("too long", "decision open Open? --text Why --by telar --unit person --days 91", exitUsage, "ninety")
	step("co-ops in a co-op", "decision open Open? --text Why --by telar", exitUsage, "only a federation")
	out := step("one of people", "decision open Painting? --text Why --by telar --language en --unit person --method majority --quorum 1 --json", exitDone, `"stage":"open"`)
	var row decisionRow
	if err := json.Unmarshal([]byte(out), &row); err != nil || row.Electors != 2 || row.URI == "" {
		t.Fatalf("%v: %s", err, out)
	}
	id := row.ID.String()
	step("from outside", "decision vote "+id+" zoe yes", exitUsage, "not among those who decide")
	step("no such option", "decision vote "+id+" ana perhaps", exitUsage, "no such option")
	step("a ballot", "decision vote "+id+" ana yes", exitDone, "open")
	step("the last one counts", "decision vote "+row.URI+" ana no", exitDone, "open")
	out = step("how it stands", "decision show "+id+" --json", exitDone, `"result":"no-quorum"`)
	var shown shownDecision
	if err := json.Unmarshal([]byte(out), &shown); err != nil || shown.Counts["no"] != 1 || shown.Counts["yes"] != 0 || len(shown.Ballots) != 0 || shown.Recount.Needed != 2 {
		t.Errorf("%v: %s", err, out)
	}
	step("amended", "decision amend "+id+" --text Better", exitDone, "open")
	if out := step("nobody's ballot stands", "decision show "+id, exitDone, "0 of 2 voted"); !strings.Contains(out, "Painting?") {
		t.Error(out)
	}
	step("published before its end", "decision publish "+id, exitRefused, "not possible")
	step("listed", "decision list --running", exitDone, "Painting?")
	step("withdrawn", "decision withdraw "+id, exitDone, "withdrawn")
	step("nothing", "decision show 1", exitNotFound, "decision 1")
	if out := step("who did it", "audit list --in telar", exitDone, "decisions.withdraw"); !strings.Contains(out, "decisions.create") || !strings.Contains(out, "decisions.amend") {
		t.Errorf("log: %s", out)
	}
}
