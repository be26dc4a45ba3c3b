// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"minga/coop"
)

// The bounds of a file that comes in.
const (
	MaxBytes = 8 << 20
	MaxRows  = 20_000
)

// File is what was found in a file.
type File struct {
	Rows []Line // the good ones, each thing once, in the order of the file
	Bad  []BadLine
}

// Line is a good row and where it stood.
type Line struct {
	Number int // in the file, from 1
	Row
}

// BadLine is a row that cannot be understood.
type BadLine struct {
	Number  int // in the file, from 1
	Cells   []string
	Problem Problem
}

// what is kept of a bad line, to be shown to who sent it.
const (
	maxBadCells = 8
	maxBadCell  = 300 // characters
)

// Read reads a file of a kind in UTF-8 or UTF-16, with commas, semicolons or tabs, with
// or without the names of its columns. Home is the host of accounts that are written
// without one. More than [MaxBytes] or [MaxRows] give [coop.ErrTooLarge]; what is no
// text, and what holds no row at all, a *[coop.InvalidError] of field file. Never does
// a bad row keep the others out.
func Read(kind Kind, data []byte, home string) (*File, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("file of %d bytes: %w", len(data), coop.ErrTooLarge)
	}
	text, ok := decode(data)
	if !ok {
		return nil, &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "this is no text file"}
	}
	r := &reading{kind: kind, home: home, seen: map[string]bool{}}
	if err := r.all(text); err != nil {
		return nil, err
	}
	if len(r.file.Rows)+len(r.file.Bad) == 0 {
		return nil, &coop.InvalidError{Field: "file", Code: coop.CodeRequired, Problem: "the file holds no row"}
	}
	return &r.file, nil
}

// reading is a file on its way.
type reading struct {
	kind  Kind
	home  string
	names []string // of the columns; nil: not known yet
	seen  map[string]bool
	count int // of rows, also of those that say the same
	file  File
}

// all reads every record.
func (r *reading) all(text string) error {
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma, lines.FieldsPerRecord = r.kind.separator(text), -1
	for {
		record, err := lines.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			r.count++
			r.bad(broken.StartLine, record, BadQuotes)
		case err != nil:
			return &coop.InvalidError{Field: "file", Code: coop.CodeFormat, Problem: "this file cannot be read"}
		default:
			number, _ := lines.FieldPos(0)
			r.record(number, record)
		}
		if r.count > MaxRows {
			return fmt.Errorf("more than %d rows: %w", MaxRows, coop.ErrTooLarge)
		}
	}
}

// record takes one record in.
func (r *reading) record(number int, record []string) {
	for i, cell := range record {
		record[i] = unguard(strings.TrimSpace(cell))
	}
	if empty(record) || r.names == nil && r.head(record) {
		return
	}
	c := cells{}
	for i, cell := range record[:min(len(record), len(r.names))] {
		if r.names[i] != "" {
			c[r.names[i]] = cell
		}
	}
	r.count++
	row, wrong := r.kind.row(c, r.home)
	switch {
	case wrong != "":
		r.bad(number, record, wrong)
	case !r.seen[row.key()]:
		r.seen[row.key()] = true
		r.file.Rows = append(r.file.Rows, Line{number, row})
	}
}

// head learns the columns from the first record, and tells whether it names them. A
// file without names has the columns of its kind.
func (r *reading) head(record []string) bool {
	names := make([]string, len(record))
	known := false
	for i, cell := range record {
		for _, name := range r.kind.columns() {
			if sameName(cell, name) {
				names[i], known = name, true
			}
		}
	}
	if !known {
		names = r.kind.columns()
	}
	r.names = names
	return known
}

// sameName compares names of columns as people and other programs write them.
func sameName(a, b string) bool {
	plain := func(s string) string { return strings.ToLower(strings.TrimLeft(strings.TrimSpace(s), "#")) }
	return plain(a) == plain(b)
}

// bad notes a line that cannot be understood.
func (r *reading) bad(number int, record []string, wrong Problem) {
	kept := make([]string, 0, len(record))
	for _, cell := range record[:min(len(record), maxBadCells)] {
		kept = append(kept, coop.CleanLine(coop.Truncate(cell, 4*maxBadCell), maxBadCell))
	}
	r.file.Bad = append(r.file.Bad, BadLine{number, kept, wrong})
}

// empty tells whether a record says nothing.
func empty(record []string) bool {
	for _, cell := range record {
		if cell != "" {
			return false
		}
	}
	return true
}

// separator is what parts the cells, by the first line that says something:
// spreadsheets of half the world write semicolons, and tabs where they write UTF-16. The
// address of a post may have a semicolon itself.
func (k Kind) separator(text string) rune {
	if k == Bookmarks {
		return ','
	}
	text = strings.TrimLeft(text, "\r\n \t")
	first := text
	if end := strings.IndexAny(text, "\r\n"); end >= 0 {
		first = text[:end]
	}
	switch {
	case strings.Contains(first, ","):
	case strings.Contains(first, ";"):
		return ';'
	case strings.Contains(first, "\t"):
		return '\t'
	}
	return ','
}
