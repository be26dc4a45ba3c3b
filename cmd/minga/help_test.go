// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"minga/storage/storagetest"
)

// helped is a command as --help shows it.
type helped struct {
	path  string   // its words, each after a space; empty: minga alone
	usage string   // its line of usage, without "minga"
	flags []string // with their dashes, those of minga itself not among them
}

var (
	helpedCommand = regexp.MustCompile(`(?m)^  ([a-z0-9][a-z0-9 -]*?)(?: \([a-z, ]+\))?(?:  .*)?$`)
	helpedFlag    = regexp.MustCompile(`(?m)^ +(?:-[a-z], )?(--[][a-z0-9-]+)`)
	helpedUsage   = regexp.MustCompile(`^Usage: minga ?(.*)\n`)
)

// helpOf is what a command says of itself, and the commands that it names.
func helpOf(t *testing.T, path string) (one helped, commands []string) {
	t.Helper()
	text := printout(t, append(strings.Fields(path), "--help")...)
	head, rest, _ := strings.Cut(text, "\nCommands:\n")
	usage := helpedUsage.FindStringSubmatch(text)
	if usage == nil {
		t.Fatalf("minga%s --help has no line of usage: %.200s", path, text)
	}
	one = helped{path: path, usage: usage[1]}
	for _, m := range helpedFlag.FindAllStringSubmatch(head, -1) {
		one.flags = append(one.flags, m[1])
	}
	for _, m := range helpedCommand.FindAllStringSubmatch(rest, -1) {
		commands = append(commands, " "+m[1])
	}
	return one, commands
}

// helpOfAll is the program itself, and each command that does something.
func helpOfAll(t *testing.T) (self helped, leaves []helped) {
	t.Helper()
	self, paths := helpOf(t, "")
	for len(paths) > 0 {
		one, below := helpOf(t, paths[0])
		paths = append(paths[1:], below...)
		if len(below) > 0 {
			continue
		}
		one.flags = slices.DeleteFunc(one.flags, func(flag string) bool { return slices.Contains(self.flags, flag) })
		leaves = append(leaves, one)
	}
	if len(leaves) < 100 || len(self.flags) < 40 {
		t.Fatalf("--help names %d commands and %d flags", len(leaves), len(self.flags))
	}
	return self, leaves
}

// TestManualAndCompletions: each command and each flag of --help stands in the manual, in
// its own place, and is offered by each shell; and neither has what is no more, nor do the
// sentences of the docs.
func TestManualAndCompletions(t *testing.T) {
	storagetest.WithoutRace(t)
	self, leaves := helpOfAll(t)
	t.Run("manual", func(t *testing.T) { manualHasAll(t, self, leaves) })
	t.Run("docs", func(t *testing.T) { docsNameWhatIs(t, self, leaves) })
	for shell, entry := range map[string]string{
		"bash": `(?m)^ +'([^']*)'\) printf '%s ' (.*) ;;$`, "zsh": `(?m)^ +'([^']*)'\) reply=\((.*)\) ;;$`, "fish": `(?m)^ +case '([^']*)'\n +printf '%s\\n' (.*)$`,
	} {
		t.Run(shell, func(t *testing.T) {
			offers := map[string][]string{}
			for _, m := range regexp.MustCompile(entry).FindAllStringSubmatch(printout(t, "completion", shell), -1) {
				offers[m[1]] = strings.Fields(m[2])
			}
			completionHasAll(t, offers, self, leaves)
		})
	}
}

// manualHasAll reads the page as it is printed.
func manualHasAll(t *testing.T, self helped, leaves []helped) {
	entries, settings := manualEntries(printout(t, "man"))
	for _, flag := range self.flags {
		if flag != "--help" && !slices.Contains(settings, flag) {
			t.Errorf("the page does not have %s", flag)
		}
	}
	for _, leaf := range leaves {
		has, ok := entries[leaf.usage]
		if !ok {
			t.Errorf("the page does not have %q", leaf.usage)
			continue
		}
		delete(entries, leaf.usage)
		slices.Sort(leaf.flags)
		slices.Sort(has)
		if !slices.Equal(has, leaf.flags) {
			t.Errorf("minga%s has the flags %v, and on the page %v", leaf.path, leaf.flags, has)
		}
	}
	for usage := range entries {
		t.Errorf("the page has %q, which is no command", usage)
	}
}

// manualEntries takes the page apart: the commands, as they are used, with their flags; and
// the flags of minga itself.
func manualEntries(page string) (commands map[string][]string, settings []string) {
	commands = map[string][]string{}
	section, command, below := "", "", false
	for line := range strings.Lines(strings.ReplaceAll(page, `\-`, "-")) {
		name, bold := strings.CutPrefix(strings.TrimSpace(line), ".B ")
		flag, _, _ := strings.Cut(name, "=")
		switch {
		case strings.HasPrefix(line, ".SH "):
			section = strings.TrimSpace(line[4:])
		case strings.HasPrefix(line, ".RS"), strings.HasPrefix(line, ".RE"):
			below = line[2] == 'S'
		case !bold:
		case section == "COMMANDS" && !below:
			command = name
			commands[command] = nil
		case section == "COMMANDS" && strings.HasPrefix(flag, "--"):
			commands[command] = append(commands[command], flag)
		case section == "SETTINGS", section == "OPTIONS":
			settings = append(settings, flag)
		}
	}
	return commands, settings
}

// completionHasAll holds the offers of a shell against the commands.
func completionHasAll(t *testing.T, offers map[string][]string, self helped, leaves []helped) {
	known := map[string]bool{"": true}
	for _, flag := range self.flags {
		if !slices.Contains(offers[""], flag) {
			t.Errorf("%s is not offered", flag)
		}
	}
	for _, leaf := range leaves {
		at := ""
		for _, word := range strings.Fields(leaf.path) {
			if !slices.Contains(offers[at], word) {
				t.Errorf("after minga%s %s is not offered", at, word)
			}
			at += " " + word
			known[at] = true
		}
		for _, flag := range leaf.flags {
			if !slices.Contains(offers[at], flag) {
				t.Errorf("after minga%s %s is not offered", at, flag)
			}
		}
		for _, word := range offers[at] {
			if strings.HasPrefix(word, "-") && !slices.Contains(leaf.flags, word) && !slices.Contains(self.flags, word) {
				t.Errorf("after minga%s %s is offered, which it does not know", at, word)
			}
		}
	}
	for at := range offers {
		if !known[at] {
			t.Errorf("offers are made after minga%s, which does nothing", at)
		}
	}
}
