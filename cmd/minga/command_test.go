// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature/signaturetest"
)

// typed runs one command line on an instance of its own.
func typed(t *testing.T, dir string, args ...string) (code int, out, talk string) {
	t.Helper()
	return typedWith(t, dir, nil, args...)
}

// typedWith does it with other settings.
func typedWith(t *testing.T, dir string, settings map[string]string, args ...string) (code int, out, talk string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	from := systemLookups()
	env := map[string]string{"MINGA_DATA_DIR": dir, "MINGA_HOST": "a.localhost:8080", "MINGA_SCHEME": "http", "MINGA_DEV": "1"}
	maps.Copy(env, settings)
	from.newRSA = signaturetest.Keys()
	from.env = func(key string) (string, bool) { v, ok := env[key]; return v, ok }
	from.names = func() []string { return slices.Collect(maps.Keys(env)) }
	code = execute(t.Context(), args, strings.NewReader(""), &stdout, &stderr, from)
	return code, stdout.String(), stderr.String()
}

func TestAccountsOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	person := []string{"account", "create", "eva", "--email", "eva@a.example", "--password"}
	for _, tt := range []struct {
		name string
		args []string
		code int
		talk string
	}{
		{"a co-op", []string{"account", "create", "telar", "--kind", "coop"}, exitDone, ""},
		{"a name that is taken", []string{"account", "create", "telar", "--kind", "coop"}, exitRefused, "the name telar is taken"},
		{"a person without an address", []string{"account", "create", "zoe"}, exitUsage, "--email"},
		{"a short password", append(person, "short"), exitUsage, "at least 8 characters"},
		{"a common password is only warned about", append(person, "password1"), exitDone, "first that anybody tries"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, talk := typed(t, dir, tt.args...)
			if code != tt.code || !strings.Contains(talk, tt.talk) {
				t.Errorf("ends with %d and says %q, want %d and %q", code, talk, tt.code, tt.talk)
			}
		})
	}
	code, out, _ := typed(t, dir, "account", "list", "--json")
	var rows []accountRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || code != exitDone || len(rows) < 2 {
		t.Errorf("the list is no JSON array: %v: %s", err, out)
	}
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
	}{
		{nil, exitDone},
		{usage("x"), exitUsage},
		{fmt.Errorf("account x: %w", coop.ErrNotFound), exitNotFound},
		{coop.ErrForbidden, exitRefused},
		{fmt.Errorf("ask: %w", &federation.Error{Kind: federation.KindConnect}), exitTryAgain},
		{fmt.Errorf("ask: %w", &federation.Error{Kind: federation.KindStatus, Status: 400}), exitFailed},
	} {
		if got := exitCode(tt.err); got != tt.code {
			t.Errorf("%v ends with %d, want %d", tt.err, got, tt.code)
		}
	}
}

func TestNamesThatStandInIDsNeverChange(t *testing.T) {
	dir := t.TempDir()
	if code, _, talk := typed(t, dir, "account", "list"); code != exitDone {
		t.Fatalf("the first start ends with %d: %s", code, talk)
	}
	for name, settings := range map[string]map[string]string{
		"never change":                     {"MINGA_HOST": "b.localhost:8080"},
		"the account domain never changes": {"MINGA_ACCOUNT_DOMAIN": "other.localhost"},
	} {
		if code, _, talk := typedWith(t, dir, settings, "account", "list"); code != exitUsage || !strings.Contains(talk, name) {
			t.Errorf("%v ends with %d and says %q", settings, code, talk)
		}
	}
	if code, _, talk := typed(t, dir, "account", "list"); code != exitDone {
		t.Errorf("the same names again end with %d: %s", code, talk)
	}
}
