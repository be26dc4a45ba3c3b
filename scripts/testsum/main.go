// SPDX-License-Identifier: AGPL-3.0-or-later

// Command testsum reads `go test -json` and tells it short: what failing tests
// said, one line a package, why tests were skipped, and how many ran.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// event is one line of `go test -json` (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// sum is what is kept of a run.
type sum struct {
	out                     io.Writer
	said                    map[string][]string // of tests that are not done, by package and test
	passed, failed, skipped int
	onPostgres              int            // tests that passed on PostgreSQL
	packages                int            // with tests
	reasons                 map[string]int // why tests were skipped
}

// longest is how many lines of one failing test are shown.
const longest = 200

func main() {
	counts := flag.String("counts", "", "file for: passed failed skipped on-postgres")
	log := flag.String("log", "", "file for the events as they come")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *counts, *log); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
}

// run reads events until the end; it is an error if not a single test ran.
func run(in io.Reader, out io.Writer, counts, log string) error {
	if log != "" {
		file, err := os.Create(filepath.Clean(log))
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // a copy for people; what counts is told anyway
		in = io.TeeReader(in, file)
	}
	s := &sum{out: out, said: map[string][]string{}, reasons: map[string]int{}}
	if err := s.read(in); err != nil {
		return err
	}
	s.tell()
	if counts != "" {
		line := fmt.Sprintf("%d %d %d %d\n", s.passed, s.failed, s.skipped, s.onPostgres)
		if err := os.WriteFile(counts, []byte(line), 0o600); err != nil {
			return err
		}
	}
	if s.passed+s.failed == 0 {
		return fmt.Errorf("no test ran")
	}
	return nil
}

// read takes the events one by one. A line that is none is shown as it is.
func (s *sum) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(s.out, lines.Text())
			continue
		}
		s.take(e)
	}
	return lines.Err()
}

// take notes one event.
func (s *sum) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "output":
		s.hear(key, e)
	case "pass", "fail", "skip":
		s.done(key, e)
	}
}

// hear keeps what a test says, and shows the closing line of a package.
func (s *sum) hear(key string, e event) {
	if e.Test == "" && isClosing(e.Output) {
		fmt.Fprint(s.out, e.Output)
		return
	}
	if len(s.said[key]) >= longest {
		s.said[key] = s.said[key][1:]
	}
	s.said[key] = append(s.said[key], e.Output)
}

// isClosing recognises the last line that go test prints about a package.
func isClosing(line string) bool {
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "FAIL\t")
}

// done counts a test that ended and forgets what it said, unless it failed.
func (s *sum) done(key string, e event) {
	said := s.said[key]
	delete(s.said, key)
	if e.Test == "" {
		s.packageDone(e, said)
		return
	}
	switch e.Action {
	case "pass":
		s.passed++
		if slices.Contains(strings.Split(e.Test, "/"), "postgres") {
			s.onPostgres++
		}
	case "fail":
		s.failed++
		s.show(key, said)
	case "skip":
		s.skipped++
		s.reasons[reason(said)]++
	}
}

// packageDone shows what a failing package said outside its tests, and what the
// tests said that it took with it: a panic or the time limit ends all of them.
func (s *sum) packageDone(e event, said []string) {
	if e.Action != "skip" {
		s.packages++
	}
	if e.Action != "fail" {
		return
	}
	s.show(e.Package, said)
	for key, lines := range s.said {
		if strings.HasPrefix(key, e.Package+" ") {
			s.failed++
			s.show(key+" (never ended)", lines)
			delete(s.said, key)
		}
	}
}

// show prints what a failing test said.
func (s *sum) show(name string, lines []string) {
	fmt.Fprintf(s.out, "=== %s\n%s", name, strings.Join(lines, ""))
}

// reason finds what a test gave as the reason of its skip: the line with its file.
func reason(said []string) string {
	for _, line := range slices.Backward(said) {
		if _, text, found := strings.Cut(line, ".go:"); found {
			_, text, _ = strings.Cut(text, ": ")
			return strings.TrimSpace(text)
		}
	}
	return "without a reason"
}

// tell prints the reasons of skips and the totals.
func (s *sum) tell() {
	var lines []string
	for why, n := range s.reasons {
		lines = append(lines, fmt.Sprintf("skipped %d: %s\n", n, why))
	}
	slices.Sort(lines)
	fmt.Fprint(s.out, strings.Join(lines, ""))
	fmt.Fprintf(s.out, "%d tests in %d packages, %d of them on PostgreSQL: %d passed, %d failed, %d skipped\n",
		s.passed+s.failed+s.skipped, s.packages, s.onPostgres, s.passed, s.failed, s.skipped)
}
