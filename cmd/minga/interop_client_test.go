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
	needsClients(t)
	w := newClientWorld(t, storage.SQLite)
	live(t, script, w.json(t, nil), 10)
}

// needsClients skips a test where the libraries are not there.
func needsClients(t *testing.T) {
	t.Helper()
	if os.Getenv("MINGA_TEST_NODE") == "" || os.Getenv("MINGA_TEST_CLIENTS") == "" {
		t.Skip("the client libraries are not installed: scripts/test interop does it")
	}
}

// live runs a script of at least so many parts in a world.
func live(t *testing.T, script, world string, least int) {
	cmd := exec.CommandContext(t.Context(), os.Getenv("MINGA_TEST_NODE"), script)
	cmd.Dir = os.Getenv("MINGA_TEST_CLIENTS")
	cmd.Env = append(os.Environ(), "MINGA_TEST_WORLD="+world)
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
	if parts < least {
		t.Errorf("only %d parts of the day were lived", parts)
	}
}

// json is what a script must know of the world, and what of two speakers if it is
// about them.
func (w *clientWorld) json(t *testing.T, speak any) string {
	t.Helper()
	_, port, _ := strings.Cut(w.away.host, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{
		"base": w.base(), "host": w.home.host, "name": "ana", "login": anaMail, "password": anaPassword,
		"other": map[string]any{"host": w.away.host, "port": number, "handle": "bea@" + w.away.host, "token": w.beaToken},
		"speak": speak,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
