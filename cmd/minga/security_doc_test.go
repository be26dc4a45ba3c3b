// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shownTest is a test as docs/security.md names it: `inbox.TestGateRefuses/unsigned`.
var shownTest = regexp.MustCompile("^`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)(?:/([^`]+))?`$")

// rulesOf are the sections of docs/security.md that a table must stand under.
var rulesOf = []string{"2", "3", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "4.10", "4.11", "4.12", "4.13", "7"}

// ruleRow is a rule with what stands beside it as its tests.
type ruleRow struct{ section, rule, tests string }

// ruleRows reads the tables with the head `| rule | tests |`.
func ruleRows(t *testing.T, root string) []ruleRow {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []ruleRow
	section, inside := "", false
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			section, inside = strings.Fields(name)[0], false
		}
		cells := strings.Split(strings.Trim(line, "|"), " | ")
		switch {
		case strings.HasPrefix(line, "| rule | tests |"):
			inside = true
		case !strings.HasPrefix(line, "|"):
			inside = false
		case inside && !strings.HasPrefix(line, "|---") && len(cells) != 2:
			t.Errorf("docs/security.md: %d cells: %s", len(cells), line)
		case inside && !strings.HasPrefix(line, "|---"):
			rows = append(rows, ruleRow{section, strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1])})
		}
	}
	return rows
}

// testsOf maps the tests of each folder to the texts that stand in its test files.
func testsOf(files []*sourceFile) (tests map[string]bool, texts map[string]map[string]bool) {
	tests, texts = map[string]bool{}, map[string]map[string]bool{}
	for _, f := range files {
		if !strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		if texts[f.dir()] == nil {
			texts[f.dir()] = map[string]bool{}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				tests[f.dir()+"."+n.Name.Name] = n.Recv == nil
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil {
					texts[f.dir()][text] = true
				}
			}
			return true
		})
	}
	return tests, texts
}

// TestSecurityDocNamesTests: every rule of docs/security.md names tests, and every test
// that it names is there, down to the row.
func TestSecurityDocNamesTests(t *testing.T) {
	tests, texts := testsOf(goFiles(t))
	rows := ruleRows(t, repositoryRoot(t))
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.section+r.rule] {
			t.Errorf("%s: %s stands there twice", r.section, r.rule)
		}
		seen[r.section+r.rule] = true
		for _, span := range regexp.MustCompile("`[^`]*`|[^`, ]+").FindAllString(r.tests, -1) {
			name := shownTest.FindStringSubmatch(span)
			switch {
			case name == nil:
				t.Errorf("%s: %s: %s is no test", r.section, r.rule, span)
			case !tests[name[1]+"."+name[2]]:
				t.Errorf("%s: %s: there is no test %s", r.section, r.rule, span)
			case name[3] != "" && !texts[name[1]][name[3]]:
				t.Errorf("%s: %s: %s has no row %q", r.section, r.rule, name[2], name[3])
			}
		}
		if r.tests == "" {
			t.Errorf("%s: nothing shows %s", r.section, r.rule)
		}
	}
	for _, section := range rulesOf {
		if !slices.ContainsFunc(rows, func(r ruleRow) bool { return r.section == section }) {
			t.Errorf("section %s has no rules", section)
		}
	}
}
