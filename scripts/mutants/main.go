// SPDX-License-Identifier: AGPL-3.0-or-later

// Command mutants proves the gates: it takes each check out of a copy of the tree, one at
// a time, and demands that the test which shows that check fails then. A check whose test
// does not miss it is not tested, whatever the tests say.
//
//	go run ./scripts/mutants            all of them
//	go run ./scripts/mutants visibility those whose gate, check or test has the word
//	go run ./scripts/mutants -table     the table of docs/security.md, nothing is run
//
// It exits 1 if a check was not missed, or could not be taken out any more.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

// mutant is a check, the text that it is in the program, and the text without it.
type mutant struct {
	gate  string // inbox, fetch, web or visibility
	check string // what it demands
	file  string // from the root of the tree
	old   string // stands there exactly once
	new   string
	test  string // folder.Test: fails without the check
}

// mutants are those of every gate.
func mutants() []mutant {
	var all []mutant
	for _, list := range [][]mutant{signatureMutants, inboxMutants, ownerMutants, coopMutants, fetchMutants, webMutants, visibilityMutants} {
		all = append(all, list...)
	}
	return all
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// run takes out what the words choose.
func run(ctx context.Context, out io.Writer, words []string) error {
	if len(words) == 1 && words[0] == "-table" {
		_, err := io.WriteString(out, table(mutants()))
		return err
	}
	tree, err := os.MkdirTemp("", "minga-mutants-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tree) }()
	if err := copyTree(ctx, tree); err != nil {
		return fmt.Errorf("copy the tree: %w", err)
	}
	left := 0
	for _, m := range chosen(mutants(), words) {
		verdict, ok := m.try(ctx, tree)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !ok {
			left++
		}
		fmt.Fprintf(out, "%-8s %-10s %s (%s)\n", verdict, m.gate, m.check, m.test)
	}
	if left > 0 {
		return fmt.Errorf("%d checks were not missed", left)
	}
	return nil
}

// chosen are the mutants that have every word.
func chosen(all []mutant, words []string) []mutant {
	var list []mutant
	for _, m := range all {
		text, has := m.gate+" "+m.check+" "+m.test+" "+m.file, true
		for _, word := range words {
			has = has && strings.Contains(text, word)
		}
		if has {
			list = append(list, m)
		}
	}
	return list
}

// copyTree copies what git knows or would know.
func copyTree(ctx context.Context, to string) error {
	names, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // a link, or gone from the work tree
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil { //nolint:gosec // a name that git gave, below a folder of our own
			return err
		}
	}
	return nil
}

// try takes the check out, runs its test, and puts the check back.
func (m mutant) try(ctx context.Context, tree string) (verdict string, ok bool) {
	name := filepath.Join(tree, m.file)
	text, err := os.ReadFile(name)
	if err != nil || strings.Count(string(text), m.old) != 1 {
		return "STALE", false
	}
	defer os.WriteFile(name, text, 0o600)                                                                     //nolint:errcheck // the copy is thrown away
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600); err != nil { //nolint:gosec // a file of the copy
		return "ERROR", false
	}
	folder, test, _ := strings.Cut(m.test, ".")
	// -trimpath: what is below the change is built once, wherever the copy lies.
	cmd := exec.CommandContext(ctx, "go", "test", "-trimpath", "-count=1", "-vet=off", "-timeout=5m", "-run", "^"+test+"$", "./"+folder) //nolint:gosec // words of the tables above
	cmd.Dir = tree
	said, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return "SURVIVED", false
	case strings.Contains(string(said), "--- FAIL: "+test), strings.Contains(string(said), "panic: test timed out"):
		return "missed", true
	}
	return "BROKEN: " + firstLine(string(said)), false
}

// firstLine is the first line that is no heading.
func firstLine(said string) string {
	for line := range strings.SplitSeq(said, "\n") {
		if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			return line
		}
	}
	return ""
}

// table is the table of docs/security.md.
func table(all []mutant) string {
	var b strings.Builder
	b.WriteString("| gate | check | the test that misses it |\n|---|---|---|\n")
	for _, m := range all {
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", m.gate, m.check, m.test)
	}
	return b.String()
}
