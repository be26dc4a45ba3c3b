// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// text writes what a reader sees, with what would mean something in Markdown escaped.
func (r *rich) text(s string) {
	if r.pre {
		r.line = append(r.line, s...)
		return
	}
	if !r.breaks {
		r.words(s)
		return
	}
	for i, part := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		switch {
		case i > 0 && len(bytes.TrimSpace(r.line)) > 0 && strings.TrimSpace(part) == "":
			r.block()
		case i > 0 && len(r.line) > 0:
			r.lineBreak()
		}
		r.words(part)
	}
}

// words writes a text with white space as one blank.
func (r *rich) words(s string) {
	if strings.TrimSpace(s) == "" {
		if s != "" {
			r.blank()
		}
		return
	}
	if first, _ := utf8.DecodeRuneInString(s); unicode.IsSpace(first) {
		r.blank()
	}
	r.say("")
	for i, word := range strings.Fields(s) {
		if i > 0 {
			r.line = append(r.line, ' ')
		}
		if r.exact {
			r.line = append(r.line, strings.ReplaceAll(word, "`", "'")...)
		} else {
			r.line = append(r.line, escapeRich(word)...)
		}
	}
	if last, _ := utf8.DecodeLastRuneInString(s); unicode.IsSpace(last) {
		r.blank()
	}
}

// escapeRich escapes what Markdown would read as its own; addresses stay as they are.
func escapeRich(word string) string {
	if strings.Contains(word, "://") && !strings.ContainsAny(word, "<>[]`") {
		return word
	}
	return richSigns.Replace(word)
}

var richSigns = strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "\\<", "`", "\\`", "~", "\\~", "&", "\\&")

// blank parts words, at most once, and never begins a line.
func (r *rich) blank() {
	if n := len(r.line); n > 0 && r.line[n-1] != ' ' && r.line[n-1] != '\n' {
		r.line = append(r.line, ' ')
	}
}

// say writes Markdown, and before it the stress that waited for something to be said.
func (r *rich) say(s string) {
	for ; r.unsaid > 0; r.unsaid-- {
		r.line = append(r.line, r.marks[len(r.marks)-r.unsaid]...)
	}
	r.line = append(r.line, s...)
}

// mark begins stress; the same within itself says nothing more.
func (r *rich) mark(mark string) {
	if !slices.Contains(r.marks, mark) {
		r.marks, r.unsaid = append(r.marks, mark), r.unsaid+1
	}
}

// unmark ends stress, and what was begun within it.
func (r *rich) unmark(mark string) {
	at := slices.Index(r.marks, mark)
	if at < 0 {
		return
	}
	for len(r.marks) > at {
		r.unmarkLast()
	}
}

// unmarkLast ends the innermost stress: before a blank, which would keep it from being read.
func (r *rich) unmarkLast() {
	mark := r.marks[len(r.marks)-1]
	r.marks = r.marks[:len(r.marks)-1]
	if r.unsaid > 0 {
		r.unsaid--
		return
	}
	text := bytes.TrimRight(r.line, " \n\\")
	rest := string(r.line[len(text):])
	r.line = append(append(text, mark...), rest...)
}

// verbatim begins or ends code within a line.
func (r *rich) verbatim(on bool) {
	if !r.pre && r.exact != on {
		r.exact = on
		r.say("`")
	}
}

// lineBreak goes on in the next line of the same paragraph.
func (r *rich) lineBreak() {
	switch {
	case r.pre:
		r.line = append(r.line, '\n')
	case r.table.in:
		r.blank()
	case len(r.line) > 0 && len(r.marks) == 0 && len(r.links) == 0:
		r.line = append(bytes.TrimRight(r.line, " "), "\\\n"...)
	default:
		r.blank()
	}
}

// endLink ends the link that is open. A picture that leads to itself, only larger, is the
// picture alone.
func (r *rich) endLink() {
	if len(r.links) == 0 {
		return
	}
	link := r.links[len(r.links)-1]
	r.links = nil
	if link.at > len(r.line) {
		return
	}
	text := strings.TrimSpace(string(r.line[link.at:]))
	if link.address == "" || text == "" || strings.Contains(text, "![") {
		return
	}
	r.line = append(r.line[:link.at], "["+text+"]("+link.address+")"...)
}

// code writes what stood in a pre as it is.
func (r *rich) code() {
	if !r.pre {
		return
	}
	r.pre = false
	text := strings.Trim(string(r.line), "\n")
	r.line = nil
	if strings.TrimSpace(text) == "" {
		return
	}
	fence := "```"
	for strings.Contains(text, fence) && len(fence) < 100 {
		fence += "`"
	}
	r.write(fence + "\n" + text + "\n" + fence)
}

// block ends the block that is being written.
func (r *rich) block() {
	if r.pre {
		r.code()
		return
	}
	r.verbatim(false)
	for len(r.marks) > 0 {
		r.unmarkLast()
	}
	r.endLink()
	if r.table.in {
		r.blank()
		return
	}
	text := strings.TrimRight(strings.TrimSpace(string(r.line)), "\\\n ")
	r.line = nil
	if strings.Contains(r.marker, "#") {
		text = strings.ReplaceAll(text, "\\\n", " ") // a heading is one line
	}
	if text != "" {
		r.write(escapeStart(text))
	}
}

// escapeStart escapes what would make a heading, a list or a rule of a paragraph.
func escapeStart(text string) string {
	if strings.ContainsAny(text[:1], "#>+-=|") {
		return "\\" + text
	}
	if digits := len(text) - len(strings.TrimLeft(text, "0123456789")); digits > 0 && digits < len(text) && strings.ContainsAny(text[digits:digits+1], ".)") {
		return text[:digits] + "\\" + text[digits:]
	}
	return text
}

// write puts a block out: with the sign of its list, below it, or as a quotation.
func (r *rich) write(text string) {
	quote := strings.Repeat("> ", min(r.quotes, maxRichDepth))
	indent := strings.Repeat("    ", min(max(len(r.lists)-1, 0), maxRichDepth))
	first, isItem := indent+r.marker, r.marker != "" && r.marker[0] != '#'
	if len(r.lists) > 0 && r.marker == "" { // a second paragraph of a point
		first, indent = indent+"    ", indent+"    "
	} else if len(r.lists) > 0 {
		indent += "    "
	}
	if r.out.Len() > 0 && !(isItem && r.item) {
		r.out.WriteString(quote[:min(len(quote), r.quoted)] + "\n")
	}
	for i, line := range strings.Split(text, "\n") {
		if i == 0 {
			r.out.WriteString(quote + first + line + "\n")
		} else {
			r.out.WriteString(quote + indent + line + "\n")
		}
	}
	r.marker, r.item, r.quoted = "", isItem, len(quote)
}

// richTable is a table that is being written: its rows, the first its head.
type richTable struct {
	in    bool
	cells []string
	rows  [][]string
}

// maxRichCells is how many cells a row keeps.
const maxRichCells = 20

// cell begins or ends a table, a row or a cell of it. A table within one is text.
func (r *rich) cell(tag atom.Atom, open bool) {
	t := &r.table
	if tag == atom.Table && open && !t.in {
		r.block()
		t.in = true
	}
	if !t.in {
		return
	}
	for len(r.marks) > 0 {
		r.unmarkLast()
	}
	r.endLink()
	if text := strings.TrimSpace(string(r.line)); (tag == atom.Td || tag == atom.Th) && !open || text != "" {
		if len(t.cells) < maxRichCells {
			t.cells = append(t.cells, strings.ReplaceAll(strings.ReplaceAll(text, "|", "\\|"), "\n", " "))
		}
		r.line = nil
	}
	if (tag == atom.Tr || tag == atom.Table) && len(t.cells) > 0 {
		t.rows, t.cells = append(t.rows, t.cells), nil
	}
	if tag == atom.Table && !open {
		r.endTable()
	}
}

// endTable writes the rows.
func (r *rich) endTable() {
	rows := r.table.rows
	r.table = richTable{}
	if len(rows) == 0 {
		return
	}
	lines := []string{}
	for i, row := range rows {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
		if i == 0 {
			lines = append(lines, strings.Repeat("| --- ", len(row))+"|")
		}
	}
	r.write(strings.Join(lines, "\n"))
}
