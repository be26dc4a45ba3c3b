// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"slices"
	"strings"
	"testing"
)

// docsNameWhatIs: a command that a sentence names exists, alone or as a group of others, and
// has the flags that stand with it. Blocks of commands are run by TestDocCommands.
func docsNameWhatIs(t *testing.T, self helped, leaves []helped) {
	t.Helper()
	seen := 0
	for page, sections := range readDocs(t) {
		for _, s := range sections {
			for _, span := range s.spans {
				words, ours := docCommand(span)
				if !ours || len(words) == 0 {
					continue
				}
				if seen++; !docKnows(append(leaves, self), words) {
					t.Errorf("%s, %q: there is no `%s`", page, s.title, span)
				}
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d commands stand in sentences", seen)
	}
}

// docKnows tells whether a command of these begins as the words do, or they as it, and
// all their flags are those of such commands or of minga itself, which is the last.
func docKnows(commands []helped, words []string) bool {
	var path, flags []string
	for _, word := range words {
		if flag, _, _ := strings.Cut(word, "="); strings.HasPrefix(flag, "--") {
			flags = append(flags, flag)
		} else if len(flags) == 0 && word != "…" {
			path = append(path, word)
		}
	}
	known, found := slices.Clone(commands[len(commands)-1].flags), len(path) == 0
	for _, one := range commands[:len(commands)-1] {
		its := strings.Fields(one.path)
		if n := min(len(its), len(path)); slices.Equal(its[:n], path[:n]) {
			known, found = append(known, one.flags...), true
		}
	}
	return found && !slices.ContainsFunc(flags, func(flag string) bool {
		return !slices.Contains(known, flag) && !slices.Contains(known, strings.Replace(flag, "--", "--[no-]", 1))
	})
}
