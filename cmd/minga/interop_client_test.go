// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"minga/storage"
)

// The day of a member, lived with clients that we did not write: the scripts in
// scripts/interop/clients print a line for each part of it.

func TestInteropMasto(t *testing.T)     { liveDay(t, "masto.js") }
func TestInteropMegalodon(t *testing.T) { liveDay(t, "megalodon.js") }

// liveDay runs a script between two instances; each of its parts is a test.
func liveDay(t *testing.T, script string) {
	node, folder := os.Getenv("MINGA_TEST_NODE"), os.Getenv("MINGA_TEST_CLIENTS")
	if node == "" || folder == "" {
		t.Skip("the client libraries are not installed: scripts/test interop does it")
	}
	w := newClientWorld(t, storage.SQLite)
	cmd := exec.CommandContext(t.Context(), node, script)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "MINGA_TEST_WORLD="+w.json(t))
	out, err := cmd.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	parts := 0
	for _, line := range lines {
		name, good := strings.CutPrefix(line, "ok ")
		fault, bad := strings.CutPrefix(line, "not ok ")
		switch {
		case good:
			parts++
			t.Run(name, func(*testing.T) {})
		case bad:
			name, why, _ := strings.Cut(fault, ": ")
			t.Run(name, func(t *testing.T) { t.Error(strings.ReplaceAll(why, `\n`, "\n")) })
		default:
			t.Log(line)
		}
	}
	if err != nil {
		t.Errorf("%s: %v", script, err)
	}
	if parts < 10 {
		t.Errorf("only %d parts of the day were lived", parts)
	}
}

// json is what a script must know of the world.
func (w *clientWorld) json(t *testing.T) string {
	t.Helper()
	_, port, _ := strings.Cut(w.away.host, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{
		"base": w.base(), "host": w.home.host, "name": "ana", "login": anaMail, "password": anaPassword,
		"other": map[string]any{"host": w.away.host, "port": number, "handle": "bea@" + w.away.host, "token": w.beaToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
