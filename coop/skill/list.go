// SPDX-License-Identifier: AGPL-3.0-or-later

package skill

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"minga/coop"
)

// list is skills.tsv: key, ESCO's id or nothing, keys of what is broader, and the names
// in the languages of the columns; | stands between several.
//
//go:embed skills.tsv
var list string

// Addresses of skills.
const (
	esco = "http://data.europa.eu/esco/skill/"
	own  = "https://w3id.org/minga/skills#" // of those that ESCO does not have
)

// Columns of the list.
const (
	columns     = 8
	firstNames  = 3
	broaderKeys = 2
)

// listLanguages are those of the columns of names.
var listLanguages = [...]string{"es", "en", "ca", "it", "pt"}

// Version names the list: another program may bring another.
func Version() string {
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, list) // a hash takes everything
	return hex.EncodeToString(sum.Sum(nil))
}

// List are all skills of the list.
func List() ([]coop.SkillEntry, error) {
	rows, addresses, err := rows()
	if err != nil {
		return nil, err
	}
	entries := make([]coop.SkillEntry, 0, len(rows))
	for _, f := range rows {
		e := coop.SkillEntry{URI: addresses[f[0]], Labels: labels(f[firstNames:])}
		for key := range strings.SplitSeq(f[broaderKeys], "|") {
			if key == "" {
				continue
			}
			if addresses[key] == "" {
				return nil, fmt.Errorf("skills: %s is under %s, which is not there", f[0], key)
			}
			e.Broader = append(e.Broader, addresses[key])
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// rows reads the lines, and the address of each key.
func rows() (rows [][]string, addresses map[string]string, err error) {
	addresses = map[string]string{}
	for line := range strings.Lines(list) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != columns || f[0] == "" || addresses[f[0]] != "" {
			return nil, nil, fmt.Errorf("skills: a line of %d columns, not %d, or one that is there twice: %q", len(f), columns, line)
		}
		addresses[f[0]] = own + f[0]
		if f[1] != "" {
			addresses[f[0]] = esco + f[1]
		}
		rows = append(rows, f)
	}
	return rows, addresses, nil
}

// labels are the names of a line: of each language the first is the main one.
func labels(cells []string) []coop.Label {
	var labels []coop.Label
	for i, cell := range cells {
		for n, name := range strings.Split(cell, "|") {
			labels = append(labels, coop.Label{Language: listLanguages[i], Text: name, Preferred: n == 0})
		}
	}
	return labels
}
