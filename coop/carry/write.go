// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Writer writes a file row by row.
type Writer struct {
	kind Kind
	out  *csv.Writer
}

// NewWriter begins a file of a kind.
func NewWriter(w io.Writer, kind Kind) (*Writer, error) {
	out := &Writer{kind, csv.NewWriter(w)}
	if kind.headed() {
		return out, out.line(kind.columns()...)
	}
	return out, nil
}

// Write writes one row.
func (w *Writer) Write(r Row) error { return w.line(w.kind.cells(r)...) }

// Close writes what is held back; it does not close what is beneath.
func (w *Writer) Close() error {
	w.out.Flush()
	if err := w.out.Error(); err != nil {
		return fmt.Errorf("write a file of %s: %w", w.kind, err)
	}
	return nil
}

// line writes guarded cells.
func (w *Writer) line(texts ...string) error {
	safe := make([]string, len(texts))
	for i, text := range texts {
		safe[i] = guard(text)
	}
	if err := w.out.Write(safe); err != nil {
		return fmt.Errorf("write a file of %s: %w", w.kind, err)
	}
	return nil
}

// NewProblemWriter begins a file of rows that were not taken in: the columns of the
// kind, always named, then Line and Problem. Mended, it can be taken in as it is.
func NewProblemWriter(w io.Writer, kind Kind) (*Writer, error) {
	out := &Writer{kind, csv.NewWriter(w)}
	return out, out.line(append(kind.columns(), "Line", "Problem")...)
}

// Good writes a row that could not be done, with a sentence of what was wrong.
func (w *Writer) Good(number int, r Row, problem string) error {
	return w.line(append(w.kind.cells(r), strconv.Itoa(number), problem)...)
}

// Bad writes a row that was not understood as it was sent, as far as there are columns
// for it.
func (w *Writer) Bad(number int, cells []string, problem string) error {
	line := make([]string, len(w.kind.columns()))
	copy(line, cells)
	return w.line(append(line, strconv.Itoa(number), problem)...)
}

// dangerous are the beginnings that make a spreadsheet run a cell; some take the wide
// forms of East Asian keyboards for the same.
const dangerous = "=+-@\t\r\n＝＋－＠"

// Inert is a cell of a table that no spreadsheet runs: what others wrote must not be taken
// for a formula where somebody opens it.
func Inert(cell string) string { return guard(cell) }

// guard puts a ' before a cell that a spreadsheet would run, and before one that looks
// as if that had been done: so [unguard] gives back what was there.
func guard(cell string) string {
	if strings.IndexAny(strings.TrimLeft(cell, "'"), dangerous) == 0 {
		return "'" + cell
	}
	return cell
}

// unguard takes back what [guard] did.
func unguard(cell string) string {
	if rest := strings.TrimLeft(cell, "'"); rest != cell && strings.IndexAny(rest, dangerous) == 0 {
		return cell[1:]
	}
	return cell
}
