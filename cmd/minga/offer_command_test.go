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

// TestOffersOnTheCommandLine: a co-op offers, the federation accepts, and either ends what
// was agreed; what cannot be has the exit code of its kind, and every act is in the log.
func TestOffersOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	do := func(want int, args ...string) string {
		t.Helper()
		code, out, talk := typed(t, dir, args...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d: %s%s", args, code, want, out, talk)
		}
		return out
	}
	id := func(out string) string {
		var row struct{ ID string }
		if err := json.Unmarshal([]byte(out), &row); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		return row.ID
	}
	do(0, "account", "create", "telar", "--kind", "coop")
	need := filepath.Join(dir, "need.json")
	body := `{"title":"Booking site","language":"en","need":"A booking site for fourteen rural clinics, with an app for them.","respond_by":"` +
		time.Now().AddDate(0, 0, 14).UTC().Format(time.RFC3339) + `","slots":[{"key":"backend","name":"Backend","hours":40,"required":true}]}`
	if err := os.WriteFile(need, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	request := id(do(0, "request", "new", need, "--by", "minga", "--publish", "--json"))
	do(3, "offer", "show", "1")
	do(3, "offer", "new", request, "--as", "nobody", "--slot", "backend", "--hours", "4")
	offer := id(do(0, "offer", "new", request, "--as", "telar", "--slot", "backend", "--hours", "40", "--note", "All of it", "--json"))
	if out := do(0, "offer", "list", "--state", "sent"); !strings.Contains(out, "telar") || !strings.Contains(out, "Booking site") {
		t.Errorf("listed as %q", out)
	}
	if out := do(0, "offer", "accept", offer, "--json"); !strings.Contains(out, `"state": "accepted"`) && !strings.Contains(out, `"state":"accepted"`) {
		t.Errorf("accepted: %s", out)
	}
	do(0, "offer", "release", offer, "The client waits")
	if out := do(0, "offer", "show", offer, "--json"); !strings.Contains(out, "DataIntegrityProof") || !strings.Contains(out, "The client waits") {
		t.Errorf("shown as %s", out)
	}
	log := do(0, "audit", "list")
	for _, act := range []string{"offers.create", "offers.accept", "offers.release"} {
		if !strings.Contains(log, act) {
			t.Errorf("no %s in the log: %s", act, log)
		}
	}
}
