// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"maps"
	"slices"
	"strings"
)

// exampleEndings are examples that end otherwise than with 0 where the pages leave the
// house, with the reason.
var exampleEndings = map[string]struct {
	code int
	why  string
}{
	`account suspend spammer --why sells watches`: {exitNotFound, "nobody has this name"},
	`account suspend spammer --undo`:              {exitNotFound, "nobody has this name"},
	`promote`:                                     {exitRefused, "it is no rehearsal"},
	`mail test ana@telar.example`:                 {exitUsage, "there is no mail server"},
	`member refuse telar@minga.example.net --note We have met nobody of you yet.`: {exitRefused, "it is invited"},
	`member resume telar@minga.example.net`:                                       {exitRefused, "it is not suspended"},
	`peer reject ourfriends@minga.example.net --note Who are you?`:                {exitNotFound, "it has not asked"},
	`peer retry patio.example`:                                                    {exitNotFound, "it is not known"},
	`directory term unfeature 7`:                                                  {exitNotFound, "no such term"},
	`request new --by ourfed request.json`:                                        {exitFailed, "there is no such file"},
	`verify team.zip`:                                                             {exitFailed, "there is no such file"},
	`search remove jobs-baker`:                                                    {exitNotFound, "there is no such search"},
}

// examples runs the examples of --help that stand in no page, in the house that the pages
// leave behind, and looks that no command is without.
func (h *docHouse) examples() {
	_, leaves := helpOf(h.t, "")
	for _, leaf := range leaves {
		if leaf = strings.TrimSpace(leaf); len(examples[leaf]) == 0 && !strings.HasPrefix(leaf, "bench ") {
			h.t.Errorf("minga %s has no example", leaf)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(examples)) {
		for _, line := range examples[path] {
			args, ours := docCommand(line)
			if typed := strings.Join(args, " "); !ours || typed != path && !strings.HasPrefix(typed, path+" ") {
				h.t.Errorf("the example %q is not one of minga %s", line, path)
			} else if docSkips[args[0]] != "" {
				continue
			} else if !h.typed[typed] {
				h.example(typed, args)
			}
		}
	}
}

// example runs one. Of one with ID in the place of an id nothing is found, or it is seen to
// be none.
func (h *docHouse) example(typed string, args []string) {
	want := exampleEndings[typed]
	code, out, talk := h.run(h.placed(args)...)
	if slices.Contains(args, "ID") && code == exitUsage {
		want.code = exitUsage
	} else if slices.Contains(args, "ID") {
		want.code, want.why = exitNotFound, "no id"
	}
	if code != want.code {
		h.t.Errorf("minga %s ends with %d, want %d (%s)\n%s%s", typed, code, want.code, want.why, out, talk)
	}
}
