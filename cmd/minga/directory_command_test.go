// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDirectoryOnTheCommandLine: lists are read in, replaced and forgotten, terms are
// featured and merged, what is wrong changes nothing, and the log says what was done.
func TestDirectoryOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	list := file("coops.csv", "name,website,country,services\nTelar,https://telar.example,AR,Branding & Identity; Hosting\nNube,https://nube.example,ES,Branding and Identity\nTelar again,http://www.telar.example/,AR,\n,https://nobody.example,AR,\n")
	less, page := file("coops.json", `[{"name":"Nube","url":"https://nube.example","services":["Branding and Identity","Branding & Identity!"]}]`), file("page.html", "<html></html>")
	for _, tt := range []struct {
		name string
		line []string
		code int
		says string
	}{
		{"without a licence", []string{"directory", "import", list, "--source", "A list"}, exitUsage, "--licence"},
		{"without a source", []string{"directory", "import", list, "--licence", "CC0"}, exitUsage, "--source"},
		{"a file that is not there", []string{"directory", "import", "/nowhere.csv", "--source", "A", "--licence", "CC0"}, exitUsage, "nowhere"},
		{"what is no list", []string{"directory", "import", page, "--source", "A", "--licence", "CC0"}, exitUsage, "neither a CSV"},
		{"nothing was kept of those", []string{"directory", "list", "--json"}, exitDone, "[]"},
		{"a table", []string{"directory", "import", list, "--source", "A list", "--licence", "CC0 1.0", "--json"}, exitDone, `"entries":2,"skipped":2`},
		{"what there is", []string{"directory", "list"}, exitDone, "CC0 1.0"},
		{"twins", []string{"directory", "term", "twins"}, exitDone, "Branding & Identity"},
		{"a term that is not there", []string{"directory", "term", "merge", "999", "1"}, exitNotFound, ""},
		{"into itself", []string{"directory", "term", "merge", "1", "1"}, exitRefused, ""},
		{"featured", []string{"directory", "term", "feature", "1", "--name", "Branding and identity", "--labels", "es=Marca"}, exitDone, "featured"},
		{"merged", []string{"directory", "term", "merge", "3", "1"}, exitDone, "merged"},
		{"no twins are left", []string{"directory", "term", "twins", "--json"}, exitDone, "[]"},
		{"undone", []string{"directory", "term", "unmerge", "3"}, exitDone, "own"},
		{"twice", []string{"directory", "term", "unmerge", "3"}, exitRefused, ""},
		{"found by a word", []string{"directory", "term", "list", "--text", "marca", "--json"}, exitDone, `"name":"Branding and identity"`},
		{"read in again", []string{"directory", "import", less, "--source", "A list", "--licence", "CC0 1.0", "--json"}, exitDone, `"entries":1}`},
		{"forgotten", []string{"directory", "remove", "A list"}, exitDone, ""},
		{"twice forgotten", []string{"directory", "remove", "A list"}, exitNotFound, ""},
	} {
		code, out, talk := typed(t, dir, tt.line...)
		if code != tt.code || !strings.Contains(out+talk, tt.says) {
			t.Errorf("%s: ends with %d and says %q, want %d and %q", tt.name, code, out+talk, tt.code, tt.says)
		}
	}
	_, out, _ := typed(t, dir, "audit", "list", "--json")
	var rows []auditRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	acts := map[string]int{}
	for _, r := range rows {
		acts[r.Act]++
	}
	if acts["directory.import"] != 2 || acts["directory.remove"] != 1 || acts["terms.feature"] != 1 || acts["terms.merge"] != 1 || acts["terms.unmerge"] != 1 {
		t.Errorf("the log has %v", acts)
	}
}
