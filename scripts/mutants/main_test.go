// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the root of the tree.
const root = "../.."

// TestChecksAreThere: each check still stands where it can be taken out, once, and the
// test that is to miss it is one of its folder.
func TestChecksAreThere(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range mutants() {
		text, err := os.ReadFile(filepath.Join(root, m.file))
		if n := strings.Count(string(text), m.old); err != nil || n != 1 {
			t.Errorf("%s: it stands %d times in %s, %v: %s", m.check, n, m.file, err, m.old)
		}
		if seen[m.gate+m.check] || m.old == m.new {
			t.Errorf("%s: %s stands there twice, or takes nothing out", m.gate, m.check)
		}
		seen[m.gate+m.check] = true
		folder, test, _ := strings.Cut(m.test, ".")
		if !hasTest(t, folder, test) {
			t.Errorf("%s: there is no %s", m.check, m.test)
		}
	}
}

// tests are the texts of the tests of each folder.
var tests = map[string]string{}

// hasTest tells whether a folder has the test.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	if tests[folder] == "" {
		files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests[folder] += string(text)
		}
	}
	return strings.Contains(tests[folder], "func "+name+"(")
}

// TestTableIsTold: docs/security.md has the table as it is.
func TestTableIsTold(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), table(mutants())) {
		t.Error("docs/security.md has another table than `go run ./scripts/mutants -table`")
	}
}
