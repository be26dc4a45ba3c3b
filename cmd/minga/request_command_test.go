// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"

	"minga/federation/signature/signaturetest"
)

// TestRequestsOnTheCommandLine goes through the life of a request by commands.
func TestRequestsOnTheCommandLine(t *testing.T) {
	config := interopConfig(t, 8080, nil)
	i, err := newInstance(t.Context(), config, slog.New(slog.DiscardHandler), time.Now, signaturetest.Keys())
	if err != nil {
		t.Fatal(err)
	}
	defer i.close() //nolint:errcheck // the test is over
	ctx := t.Context()
	federation, err := i.store.FederationAccount(ctx)
	if err != nil {
		t.Fatal(err)
	}
	run := func(want int, args ...string) string {
		t.Helper()
		code, out, talk := typedWith(t, config.DataDir, map[string]string{"MINGA_HOST": config.Host, "MINGA_FEDERATION_HANDLE": "sur"}, append([]string{"request"}, args...)...)
		if code != want {
			t.Errorf("%v ends with %d, want %d: %s", args, code, want, talk)
		}
		return out
	}
	seed := `{"title":"Booking site","language":"en","need":"Fourteen rural clinics need one place where people book a visit.",
		"respond_by":"` + time.Now().Add(72*time.Hour).UTC().Format(time.RFC3339) + `","slots":[{"name":"Backend","hours":220,"required":true}],"client":"` + onlyHere + `"}`
	file := filepath.Join(t.TempDir(), "request.json")
	if err := os.WriteFile(file, []byte(seed), 0o600); err != nil {
		t.Fatal(err)
	}
	run(exitNotFound, "new", "--by", "nobody", file)
	out := run(exitDone, "new", "--by", federation.Name, file, "--json")
	list, err := i.store.RequestsOf(ctx, federation.ID, coop.Page{Limit: 5})
	if err != nil || len(list) != 1 || list[0].Request.Status != coop.RequestDraft {
		t.Fatalf("%s: %d requests, %v", out, len(list), err)
	}
	id := list[0].ID.String()
	if out := run(exitDone, "list"); strings.Contains(out, id) {
		t.Error("a draft is listed")
	}
	if out := run(exitDone, "list", "--by", federation.Name); !strings.Contains(out, id) || strings.Contains(out, onlyHere) {
		t.Errorf("listed: %s", out)
	}
	run(exitDone, "open", id)
	if out := run(exitDone, "show", id, "--json"); !strings.Contains(out, `"state": "open"`) && !strings.Contains(out, `"state":"open"`) || strings.Contains(out, onlyHere) {
		t.Errorf("shown: %s", out)
	}
	run(exitRefused, "proposed", id)
	run(exitDone, "withdraw", id)
	run(exitRefused, "won", id)
}
