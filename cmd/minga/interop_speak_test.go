// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"minga/storage"
)

// TestInteropTwoSpeakForOne lets two people with different roles act as one co-op from
// two clients. The audit log names them; no answer to others, no page, and nothing that
// the second instance has does.
func TestInteropTwoSpeakForOne(t *testing.T) {
	needsClients(t)
	w := newClientWorld(t, storage.SQLite)
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(anaPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]string{"zacarias": "publisher", "ximena": "hirer"} {
		w.home.do(nil, "account", "create", name, "--email", name+"@mill.example", "--confirmed", "--password-file", secret)
		w.home.do(nil, "account", "role", name, role, "--in", "molino")
	}
	var coop, one, two accountRow
	w.home.do(&coop, "account", "show", "molino")
	w.home.do(&one, "account", "show", "zacarias")
	w.home.do(&two, "account", "show", "ximena")
	live(t, "speak.js", w.json(t, map[string]any{
		"coop": map[string]string{"id": coop.ID.String(), "handle": coop.Handle}, "publisher": "zacarias", "hirer": "ximena",
	}), 8)

	var log []auditRow
	w.home.do(&log, "audit", "list", "--in", "molino", "--limit", "200")
	acts := map[string]string{}
	for _, row := range log {
		acts[row.Who] += row.Act + " "
		if row.Who != "command line" && row.From == "" {
			t.Errorf("without an address: %+v", row)
		}
	}
	for _, who := range []string{"zacarias", "ximena"} {
		if !strings.Contains(acts[who], "statuses.create") || !strings.Contains(acts[who], "app.allow") {
			t.Errorf("%s did %q", who, acts[who])
		}
	}
	w.namesNobody(t, coop, one, two)
}

// namesNobody looks for people in what others are told about a co-op.
func (w *clientWorld) namesNobody(t *testing.T, coop accountRow, people ...accountRow) {
	t.Helper()
	signs := []string{"zacarias", "ximena"}
	for _, p := range people {
		signs = append(signs, p.ID.String())
	}
	look := func(what, text string) {
		t.Helper()
		for _, sign := range signs {
			if strings.Contains(text, sign) {
				t.Errorf("%s tells of %s: %s", what, sign, text)
			}
		}
	}
	for _, path := range []string{"/api/v1/timelines/home", "/api/v1/notifications", "/api/v1/conversations"} {
		var answer json.RawMessage
		w.bea(t, http.MethodGet, path, nil, &answer)
		look("the second instance at "+path, string(answer))
	}
	for _, path := range []string{"/@molino", "/coops/molino", "/coops/molino/outbox?page=1", "/api/v1/accounts/" + coop.ID.String(), "/api/v1/accounts/" + coop.ID.String() + "/statuses", "/api/v1/timelines/public", "/about"} {
		for _, accept := range []string{"text/html", "application/activity+json", "application/json"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.base()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept", accept)
			look(path+" as "+accept, newBrowser(t, w.base()).ask(r).text)
		}
	}
	for _, end := range []string{"", "-wal"} {
		bytes, err := os.ReadFile(strings.TrimPrefix(w.away.dbURL, "sqlite://") + end)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, sign := range signs {
			if strings.Contains(string(bytes), sign) {
				t.Errorf("the database of the second instance knows %s", sign)
			}
		}
	}
}
