// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// readFile reads the TOML file; an unknown key is an error that names the
// nearest known one. An empty path means that there is none.
func readFile(path string, from lookups) (map[string]value, error) {
	if path == "" {
		return nil, nil
	}
	text, err := from.read(path)
	if err != nil {
		return nil, usage("configuration %s: %v", path, err)
	}
	var table map[string]any
	if err := toml.Unmarshal(text, &table); err != nil {
		return nil, usage("configuration %s: %v", path, err)
	}
	known := settingKeys()
	found := map[string]value{}
	for key, v := range table {
		if !slices.Contains(known, key) {
			return nil, usage("configuration %s: unknown key %q; did you mean %q?", path, key, nearest(key, known))
		}
		found[key] = value{tomlText(v), provenance("file " + path)}
	}
	return found, nil
}

// tomlText writes a TOML value as the text that a flag would have had.
func tomlText(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []any:
		parts := make([]string, 0, len(v))
		for _, one := range v {
			parts = append(parts, fmt.Sprint(one))
		}
		return strings.Join(parts, ",")
	default:
		return fmt.Sprint(v)
	}
}

// configFile is the first file of the search path that exists,
// or the one asked for, which must exist.
func configFile(asked string, from lookups) (string, error) {
	if asked == "" {
		asked, _ = from.env("MINGA_CONFIG")
	}
	if asked != "" {
		return asked, nil
	}
	candidates := []string{"minga.toml"}
	if dir, ok := from.env("XDG_CONFIG_HOME"); ok && dir != "" {
		candidates = append(candidates, filepath.Join(dir, "minga", "minga.toml"))
	} else if home, ok := from.env("HOME"); ok && home != "" {
		candidates = append(candidates, filepath.Join(home, ".config", "minga", "minga.toml"))
	}
	for _, path := range append(candidates, "/etc/minga/minga.toml") {
		_, err := from.read(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return "", usage("configuration %s: %v", path, err)
		}
	}
	return "", nil
}

// nearest is the known key with the fewest letters to change.
func nearest(key string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		if d := distance(key, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is Levenshtein's, over bytes: keys are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := diagonal
			if a[i-1] != b[j-1] {
				change++
			}
			diagonal = row[j]
			row[j] = min(change, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
