// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// How far a long work is, is said on stderr, whatever is printed as data: on a terminal one
// line that is written over, elsewhere a line each ten seconds, for programs an object a
// line (`--progress=json`), or nothing (`--quiet`).

// How often it is said: to people who watch, and into files.
const (
	progressWatched = 200 * time.Millisecond
	progressLines   = 10 * time.Second
)

// progressing is a work of which it is said how far it is.
type progressing struct {
	w     io.Writer
	now   func() time.Time
	how   string // bar, lines, json or none
	what  string
	begun time.Time // this part of it
	said  time.Time
	wide  int // letters of the line that is written over
}

// counting tells how far a long work is: what is counted, and how many there are so far. The
// line that was written over goes when the next one is talked.
func (t *terminal) counting() func(what string, n int64) {
	p := &progressing{w: t.err, now: t.now, how: t.progressHow()}
	p.said = p.now()
	t.cleanUp = p.clear
	return p.tell
}

// progressHow is the way that was asked for, or that fits where it goes.
func (t *terminal) progressHow() string {
	file, isFile := t.err.(*os.File)
	switch {
	case t.quiet:
		return "none"
	case t.progress != "auto" && t.progress != "":
		return t.progress
	case isFile && term.IsTerminal(int(file.Fd())):
		return "bar"
	}
	return "lines"
}

// tell says it, if the last time is long enough ago.
func (p *progressing) tell(what string, n int64) {
	now := p.now()
	if p.what != what {
		p.what, p.begun = what, now
	}
	pause := progressLines
	if p.how == "bar" {
		pause = progressWatched
	}
	if p.how == "none" || now.Sub(p.said) < pause {
		return
	}
	p.said = now
	p.write(n, now.Sub(p.begun).Seconds())
}

// write writes one line; a rate is said of what has been under way for a second.
func (p *progressing) write(n int64, seconds float64) {
	rate := 0.0
	if seconds >= 1 {
		rate = float64(n) / seconds
	}
	if p.how == "json" {
		_ = json.NewEncoder(p.w).Encode(map[string]any{"what": p.what, "done": n, "per_second": rate})
		return
	}
	line := fmt.Sprintf("%s: %d", p.what, n)
	if rate >= 1 {
		line += fmt.Sprintf(", %.0f a second", rate)
	}
	if p.how == "lines" {
		fmt.Fprintln(p.w, line)
		return
	}
	fmt.Fprintf(p.w, "\r%-*s", p.wide, line)
	p.wide = len(line)
}

// clear takes the line away that is written over.
func (p *progressing) clear() {
	if p.wide > 0 {
		fmt.Fprintf(p.w, "\r%*s\r", p.wide, "")
		p.wide = 0
	}
}
