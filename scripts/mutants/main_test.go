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

// TestChecksHaveTests: each check is one of a file of the tree, takes something out, and
// the test that is to miss it is one of its folder. Whether it still stands where it can
// be taken out the tool says itself (STALE).
func TestChecksHaveTests(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range mutants() {
		if _, err := os.Stat(filepath.Join(root, m.file)); err != nil {
			t.Errorf("%s: %v", m.check, err)
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
