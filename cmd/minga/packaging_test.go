// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// printout is what a command line prints; it must end well.
func printout(t *testing.T, args ...string) string {
	t.Helper()
	var out, talk bytes.Buffer
	if code := execute(t.Context(), args, strings.NewReader(""), &out, &talk, fakeLookups(nil, nil)); code != exitDone {
		t.Fatalf("minga %v ended with %d: %s", args, code, &talk)
	}
	return out.String()
}

// TestCompletionOffers asks bash itself what it would offer.
func TestCompletionOffers(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	script := printout(t, "completion", "bash")
	for _, tt := range []struct {
		typed string
		want  string // among the offers
		not   string
	}{
		{"minga ", "serve", "create"},
		{"minga acc", "account", "serve"},
		{"minga account ", "create", "serve"},
		{"minga account create --ki", "--kind", "--role"},
		{"minga --json account cr", "create", "serve"},
		{"minga account create x --database", "--database-url", "--kind"},
		{"minga completion f", "fish", "bash"},
		{"minga nothing ", "serve", "create"},
	} {
		words := strings.Split(strings.TrimPrefix(tt.typed, "minga"), " ")
		ask := script + fmt.Sprintf("\nCOMP_WORDS=(minga %s); COMP_CWORD=%d; _minga; printf '%%s\\n' \"${COMPREPLY[@]}\"\n", quoted(words[1:]), len(words)-1)
		out, err := exec.Command(bash, "--norc", "-c", ask).Output()
		offers := strings.Fields(string(out))
		if err != nil || !slices.Contains(offers, tt.want) || slices.Contains(offers, tt.not) {
			t.Errorf("%q is offered %v, %v", tt.typed, offers, err)
		}
	}
}

// quoted writes words for a shell.
func quoted(words []string) string {
	for n, word := range words {
		words[n] = "'" + word + "'"
	}
	return strings.Join(words, " ")
}

// TestCompletionReads: the other shells read what is printed for them.
func TestCompletionReads(t *testing.T) {
	for _, shell := range []string{"zsh", "fish"} {
		script := printout(t, "completion", shell)
		for _, want := range []string{"' account'", "create", "--kind", "' peer block'"} {
			if !strings.Contains(script, want) {
				t.Errorf("%s does not know %s", shell, want)
			}
		}
		path, err := exec.LookPath(shell)
		if err != nil {
			continue
		}
		cmd := exec.Command(path, "-n")
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}

// TestManual: the page names every command and every setting, and the formatter finds no
// fault in it.
func TestManual(t *testing.T) {
	page := printout(t, "man")
	plain := strings.ReplaceAll(page, `\-`, "-")
	for _, want := range append([]string{"account create", "peer block", "completion", "man", "EXIT STATUS", "/etc/minga/minga.toml"}, flagNames()...) {
		if !strings.Contains(plain, want) {
			t.Errorf("the page does not name %s", want)
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Log("there is no groff: the page was not formatted")
		return
	}
	cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", "-Kutf8")
	cmd.Stdin = strings.NewReader(page)
	var faults bytes.Buffer
	cmd.Stderr = &faults
	if out, err := cmd.Output(); err != nil || faults.Len() > 0 || len(out) < 10_000 {
		t.Errorf("%d bytes, %v: %s", len(out), err, &faults)
	}
}

// flagNames are the settings as flags.
func flagNames() []string {
	var names []string
	for _, key := range settingKeys() {
		names = append(names, "--"+strings.ReplaceAll(key, "_", "-"))
	}
	return names
}

// TestBillOfMaterials: every library in the program is in the list of parts, with its
// licence; and no licence is kept for what is gone.
func TestBillOfMaterials(t *testing.T) {
	if testing.Short() {
		t.Skip("the program takes its time to build: not with -short")
	}
	out, err := exec.Command(program(t), "version", "--sbom").Output()
	if err != nil {
		t.Fatal(err)
	}
	var list bill
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	if list.Version != "SPDX-2.3" || list.Packages[0].Name != "minga" || len(list.Relationships) != len(list.Packages) {
		t.Errorf("%s of %s with %d relations of %d packages", list.Version, list.Packages[0].Name, len(list.Relationships), len(list.Packages))
	}
	info, err := buildinfo.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	known, listed := licences(), map[string]bool{}
	id := regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`)
	for _, p := range list.Packages {
		listed[p.Name] = true
		if !id.MatchString(p.ID) || p.Declared == noAssertion {
			t.Errorf("%s: licence %s, id %s; its licence belongs into licences.txt", p.Name, p.Declared, p.ID)
		}
	}
	for _, dep := range info.Deps {
		if !listed[dep.Path] {
			t.Errorf("%s is in the program and not in the list", dep.Path)
		}
	}
	for module := range known {
		if !listed[module] {
			t.Errorf("%s is in licences.txt and not in the program", module)
		}
	}
}

// packaged reads a file of the packages.
func packaged(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "packaging", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPackagedConfiguration: what the packages bring as an example is understood, and so
// is every line of it that somebody takes the sign away from.
func TestPackagedConfiguration(t *testing.T) {
	const path = "/etc/minga/minga.toml"
	text := packaged(t, "minga.toml")
	c, err := loadConfig(&settingFlags{}, "", fakeLookups(nil, map[string]string{path: text}))
	if err != nil || c.DataDir != "/var/lib/minga" {
		t.Errorf("as it comes: %v, data in %s", err, c.DataDir)
	}
	whole := regexp.MustCompile(`(?m)^#([a-z_]+ = )`).ReplaceAllString(text, "$1")
	c, err = loadConfig(&settingFlags{}, "", fakeLookups(nil, map[string]string{path: whole}))
	if err != nil {
		t.Fatalf("with every line: %v", err)
	}
	for _, key := range []string{"host", "listen", "data_dir", "database_url", "smtp_url", "mail_from", "federation_name", "backup_to"} {
		if _, ok := c.values[key]; !ok {
			t.Errorf("it does not name %s, one of the keys that suffice", key)
		}
	}
}

// TestUnitIsTight: what the service may do is little, as systemd's own judge sees it, and
// every secret of the settings may come as a credential.
func TestUnitIsTight(t *testing.T) {
	unit := packaged(t, "systemd/minga.service")
	for _, key := range secretSettings {
		if !strings.Contains(unit, "\nLoadCredential=minga."+key+"\n") {
			t.Errorf("%s cannot come as a credential", key)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze")
	}
	out, err := exec.Command(analyze, "security", "--offline=yes", "--threshold=15", "--no-pager", "../../packaging/systemd/minga.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	t.Log(lastLine(string(out)))
}

// lastLine is the last that is not empty.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
