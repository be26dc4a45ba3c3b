// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCarryOnTheCommandLine: aliases, moves, and files in and out, with their exit
// codes.
func TestCarryOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(file, []byte("bea\nno one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, text := range map[string]string{"a.md": "---\nlang: en\n---\n# How we bake\n\nFlour and water.\n", "b.md": "# No\n", "c.md": "# No summary\n\n- only a list\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name string
		line string
		code int
		says string // on stdout or stderr
	}{
		{"a person", "account create ana --email ana@a.example", exitDone, ""},
		{"another", "account create bea --email bea@a.example", exitDone, ""},
		{"nobody's alias", "account alias ana --add nobody@a.localhost:8080", exitNotFound, ""},
		{"its own alias", "account alias ana --add ana@a.localhost:8080", exitRefused, "same account"},
		{"an alias", "account alias bea --add ana@a.localhost:8080", exitDone, "/people/ana"},
		{"to nowhere", "account move ana", exitUsage, "--to"},
		{"to who does not name it", "account move bea --to ana@a.localhost:8080 --yes", exitRefused, "does not name"},
		{"without a yes", "account move ana --to bea@a.localhost:8080", exitRefused, "nothing was changed"},
		{"a move", "account move ana --to bea@a.localhost:8080 --yes", exitDone, "/people/bea"},
		{"another within 30 days", "account move ana --to bea@a.localhost:8080 --yes", exitRefused, "30 days"},
		{"back", "account move ana --undo", exitDone, "is here"},
		{"a redirect", "account move ana --to bea@a.localhost:8080 --redirect", exitDone, "/people/bea"},
		{"back again", "account move ana --undo --json", exitDone, `"moved_to":""`},
		{"no alias more", "account alias bea --remove ana@a.localhost:8080 --json", exitDone, "[]"},
		{"the federation", "account move minga --to bea@a.localhost:8080 --redirect", exitRefused, ""},
		{"a file out", "export --account ana --csv following", exitDone, "Account address,Show boosts"},
		{"no such kind", "export --account ana --csv money", exitUsage, "must be one of"},
		{"only read", "import --account ana --csv following --dry-run " + file, exitPartly, "read: 2 rows, 0 done, 1 failed"},
		{"bad rows replace nothing", "import --account ana --csv following --overwrite " + file, exitUsage, "mend them first"},
		{"a file in", "import --account ana --csv following " + file, exitPartly, "working: 2 rows, 0 done, 1 failed, 1 wait"},
		{"a second of its kind", "import --account ana --csv following " + file, exitUsage, "being worked on"},
		{"neither rows nor articles", "import --account ana " + file, exitUsage, "--articles"},
		{"a folder, only read", "import --account ana --articles --dry-run " + folder, exitPartly, "draft      a.md  How we bake"},
		{"a folder", "import --account ana --articles --publish --language es " + folder, exitPartly, "published  a.md  How we bake"},
		{"once more", "import --account ana --articles " + folder, exitPartly, "known      a.md"},
		{"a file for a folder", "import --account ana --articles " + file, exitUsage, "no folder"},
		{"for nobody", "import --account nobody --csv following " + file, exitNotFound, ""},
		{"no file", "import --account ana --csv following " + file + ".not", exitUsage, ""},
	} {
		code, out, talk := typed(t, dir, strings.Fields(tt.line)...)
		if code != tt.code || !strings.Contains(out+talk, tt.says) {
			t.Errorf("%s: ends with %d and says %q, want %d and %q", tt.name, code, out+talk, tt.code, tt.says)
		}
	}
}
