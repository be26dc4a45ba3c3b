// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// found are the states of what `minga doctor HOST` looked at.
func found(t *testing.T, dir, who string, want int) map[string]string {
	t.Helper()
	code, out, talk := typed(t, dir, "doctor", who, "--json")
	var rows []map[string]string
	if err := json.Unmarshal([]byte(out), &rows); err != nil && want != exitUsage || code != want {
		t.Fatalf("doctor %s ends with %d, want %d: %v %s %s", who, code, want, err, out, talk)
	}
	states := map[string]string{}
	for _, row := range rows {
		states[row["check"]] = row["state"]
	}
	return states
}

func TestDoctorLooksAtAnotherServer(t *testing.T) {
	dir, other := t.TempDir(), startInteropMinga(t, nil)
	got := found(t, dir, "sur@"+other.config.Host, exitDone)
	for check, want := range map[string]string{"decision": "ok", "received": "warn", "nodeinfo": "ok", "clock": "ok", "handle": "ok", "actor": "ok", "key": "ok", "inbox": "ok"} {
		if got[check] != want {
			t.Errorf("%s: %q, want %q", check, got[check], want)
		}
	}
	if code, out, _ := typed(t, dir, "doctor", "sur@"+other.config.Host); code != exitDone || !strings.Contains(out, "it runs minga") {
		t.Errorf("in words: %s", out)
	}

	// A server with an old clock and an actor that names neither key nor inbox.
	var broken *httptest.Server
	broken = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Thu, 01 Jan 2015 00:00:00 GMT")
		switch r.URL.Path {
		case "/.well-known/nodeinfo":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"links":[]}`))
		case "/.well-known/webfinger":
			w.Header().Set("Content-Type", "application/jrd+json")
			_, _ = w.Write([]byte(`{"subject":"` + r.URL.Query().Get("resource") + `","links":[{"rel":"self","type":"application/activity+json","href":"` + broken.URL + `/a"}]}`))
		case "/a":
			w.Header().Set("Content-Type", "application/activity+json")
			_, _ = w.Write([]byte(`{"@context":"https://www.w3.org/ns/activitystreams","type":"Person","id":"` + broken.URL + `/a","inbox":"https://elsewhere.example/inbox"}`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer broken.Close()
	host := strings.TrimPrefix(broken.URL, "http://")
	got = found(t, dir, "a@"+host, exitFailed)
	for check, want := range map[string]string{"nodeinfo": "warn", "clock": "warn", "handle": "ok", "actor": "ok", "key": "fail", "inbox": "fail"} {
		if got[check] != want {
			t.Errorf("a broken one, %s: %q, want %q", check, got[check], want)
		}
	}
	broken.Close()
	if got = found(t, dir, host, exitFailed); got["nodeinfo"] != "fail" || got["handle"] != "" {
		t.Errorf("one that is gone: %v", got)
	}
	if code, _, _ := typed(t, dir, "peer", "block", host); code != exitDone {
		t.Fatal("no block")
	}
	if got = found(t, dir, host, exitFailed); got["decision"] != "fail" || got["nodeinfo"] != "" {
		t.Errorf("a blocked one: %v", got)
	}
	found(t, dir, "a.localhost:8080", exitUsage)
}
