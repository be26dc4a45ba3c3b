// SPDX-License-Identifier: AGPL-3.0-or-later

package main_test

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRepositoryNamesNoPlace keeps the repository free of the machine it was
// written on: no path of it, and no host of a package registry. What to look for
// is asked of the tools themselves, so that this test names nothing either.
func TestRepositoryNamesNoPlace(t *testing.T) {
	root := repositoryRoot(t)
	places := append(registryHosts(t), machinePaths(t, root)...)
	if len(places) == 0 {
		t.Skip("neither go nor npm says where it takes packages from")
	}
	for _, name := range trackedFiles(t, root) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue // removed in the work tree, or a link to nowhere
		}
		for _, place := range places {
			if bytes.Contains(text, []byte(place)) {
				t.Errorf("%s names %s", name, place)
			}
		}
	}
}

// registryHosts asks go and npm which hosts they take packages from.
func registryHosts(t *testing.T) []string {
	t.Helper()
	var hosts []string
	for _, command := range [][]string{{"go", "env", "GOPROXY"}, {"go", "env", "GOSUMDB"}, {"npm", "config", "get", "registry"}} {
		for _, word := range strings.FieldsFunc(output(t, command...), func(r rune) bool { return strings.ContainsRune(",| \n+", r) }) {
			if u, err := url.Parse(word); err == nil && strings.Contains(u.Hostname(), ".") {
				hosts = append(hosts, u.Hostname())
			}
		}
	}
	return hosts
}

// machinePaths are the folders of the checkout, of the caller and of go's caches,
// as far as they are long enough to be nobody else's.
func machinePaths(t *testing.T, root string) []string {
	t.Helper()
	candidates := []string{root, strings.TrimSpace(output(t, "go", "env", "GOMODCACHE")), strings.TrimSpace(output(t, "go", "env", "GOCACHE"))}
	if home, err := os.UserHomeDir(); err == nil {
		candidates = append(candidates, home+"/")
	}
	var paths []string
	for _, path := range candidates {
		if strings.Count(path, "/") >= 2 {
			paths = append(paths, path)
		}
	}
	return paths
}

// trackedFiles lists what git would commit.
func trackedFiles(t *testing.T, root string) []string {
	t.Helper()
	names := output(t, "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if names == "" {
		t.Skip("not a git checkout")
	}
	return strings.Split(strings.TrimRight(names, "\x00"), "\x00")
}

// output is what a command prints, empty when it is not there.
func output(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).Output()
	if err != nil {
		return ""
	}
	return string(out)
}
