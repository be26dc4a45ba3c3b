// SPDX-License-Identifier: AGPL-3.0-or-later

package jobtext

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"minga/coop"
)

// maxText is the longest text that is read, in bytes: more than a post holds.
const maxText = 100_000

// Begins tells whether a text means to be a job: its first line, or the one after a
// word such as "Filled", begins with the word for a job and a colon.
func Begins(text string) bool {
	d := split(text)
	return d.job
}

// States tells whether the first line of a text says what became of a job, and what.
func States(text string) (coop.JobStatus, bool) {
	d := split(text)
	return d.state, d.stated
}

// document is a text, parted into its lines.
type document struct {
	state    coop.JobStatus
	stated   bool
	job      bool // it begins as a job does
	lines    map[Field]lineOf
	twice    []Problem
	rest     []string
	votes    map[string]int
	anything bool
}

// split reads the lines of a text, without looking into their values.
func split(text string) *document {
	d := &document{state: coop.JobOpen, lines: map[Field]lineOf{}, votes: map[string]int{}}
	for i, raw := range strings.Split(clean(text), "\n") {
		d.line(i+1, raw)
	}
	return d
}

// clean is a text as it is read and kept.
func clean(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return coop.CleanText(text, maxText)
}

// line takes one line.
func (d *document) line(number int, raw string) {
	if strings.TrimSpace(raw) == "" {
		d.rest = append(d.rest, "")
		return
	}
	first := !d.anything
	d.anything = true
	if first {
		if state, ok := stateLine(raw); ok {
			d.state, d.stated, d.anything = state, true, false
			return
		}
		if before, after, ok := cutLabel(raw); ok && !d.stated {
			if m, ok := stateOf()[plainKey(before)]; ok { // "Filled: Job: Baker"
				d.state, d.stated, raw = coop.JobStatus(m.key), true, after
			}
		}
	}
	before, after, ok := cutLabel(raw)
	m, known := labelOf()[plainKey(before)]
	if !ok || !known {
		d.rest = append(d.rest, raw)
		return
	}
	field := Field(m.key)
	if field == Title && !first {
		d.rest = append(d.rest, raw) // "Trabajo: …" further down is text
		return
	}
	if !first && !d.job {
		d.rest = append(d.rest, raw)
		return
	}
	d.job = d.job || field == Title
	d.keep(field, number, after, m.languages)
}

// keep keeps the value of a line with a word of ours.
func (d *document) keep(field Field, number int, value string, languages []string) {
	if _, there := d.lines[field]; there {
		d.twice = append(d.twice, Problem{Field: field, Line: number, Code: CodeTwice, Typed: short(value)})
		return
	}
	d.lines[field] = lineOf{number, value}
	for _, lang := range languages {
		d.votes[lang] += 12 / len(languages)
	}
}

// cutLabel parts a line at its colon: "**Pay:** 10" is Pay and 10.
func cutLabel(line string) (before, after string, ok bool) {
	i := strings.IndexAny(line, ":：")
	if i < 0 || i > 80 {
		return "", "", false
	}
	after = strings.TrimLeft(line[i:], ":：")
	return line[:i], trimDecoration(after), true
}

// trimDecoration takes off white space, and the stars that Markdown puts around a word.
func trimDecoration(s string) string {
	return strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(s), "*_ "))
}

// stateLine reads a line that says what became of a job, such as "Filled!".
func stateLine(line string) (coop.JobStatus, bool) {
	m, ok := stateOf()[plainKey(strings.Trim(strings.TrimSpace(line), ":.!¡*_ "))]
	return coop.JobStatus(m.key), ok && len(line) <= 120
}

// short is what of a line is told again.
func short(s string) string { return coop.Shorten(coop.CleanLine(s, 2000), 100) }

// Parse reads a text that [Begins] as a job. now decides which year a day without one
// is in. The reading is whole when it has no problems; what a problem is about is empty.
func Parse(text string, now time.Time) *Reading {
	d := split(text)
	r := &Reading{State: d.state, Stated: d.stated, Engagement: "employment", Lines: map[Field]int{}, Language: d.language()}
	for field, line := range d.lines {
		r.Lines[field] = line.number
	}
	p := &parser{Reading: r, document: d, now: now}
	for _, step := range []struct {
		field Field
		read  func(string)
		need  bool
	}{
		{Title, p.title, true}, {Where, p.where, true}, {Hours, p.hours, true}, {Kind, p.kind, false}, {Pay, p.pay, true}, {ApplyBy, p.until, true}, {ApplyAt, p.apply, false},
	} {
		p.read(step.field, step.read, step.need)
	}
	r.Description, r.Hashtags = describe(d.rest)
	if coop.VisibleLength(strings.ReplaceAll(r.Description, "<", "&lt;")) < 50 {
		p.complain(Text, coop.CodeTooShort, "")
	}
	r.Problems = append(r.Problems, d.twice...)
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return slices.Index(Fields(), a.Field) - slices.Index(Fields(), b.Field) })
	return r
}

// parser reads the values of the lines.
type parser struct {
	*Reading
	*document
	now time.Time
}

// read reads one line, or says that it is missing.
func (p *parser) read(field Field, read func(string), need bool) {
	line, there := p.lines[field]
	switch {
	case there && line.value != "":
		read(line.value)
	case there, need && !(field == Pay && (p.Engagement == "volunteer" || p.Engagement == "board")):
		p.complain(field, coop.CodeRequired, "")
	}
}

// complain notes what is wrong with a line.
func (p *parser) complain(field Field, code, word string) {
	line := p.lines[field]
	p.Problems = append(p.Problems, Problem{Field: field, Line: line.number, Code: code, Typed: short(line.value), Word: short(word)})
}

// language is the one of most words, the first of ours of those that are even.
func (d *document) language() string {
	best := ""
	for _, lang := range Languages() {
		if d.votes[lang] > d.votes[best] {
			best = lang
		}
	}
	return best
}

// title reads the title.
func (p *parser) title(value string) { p.Title = coop.CleanLine(value, 2000) }

// kind reads the engagement.
func (p *parser) kind(value string) {
	m, ok := kindOf()[plainKey(value)]
	if !ok && slices.Contains(coop.Engagements(), strings.ToLower(strings.TrimSpace(value))) {
		m.key, ok = strings.ToLower(strings.TrimSpace(value)), true
	}
	if !ok {
		p.complain(Kind, CodeWord, value)
		return
	}
	p.Engagement = m.key
}

// apply reads an address to apply at: of mail, of a page, or of an account.
func (p *parser) apply(value string) {
	value = strings.TrimSpace(value)
	if mail, ok := strings.CutPrefix(strings.ToLower(value), "mailto:"); ok {
		value = mail
	}
	handle, err := coop.ParseHandle(strings.TrimPrefix(value, "@"))
	switch {
	case strings.HasPrefix(value, "@") && coop.ValidateName(coop.Coop, strings.ToLower(value[1:])) == nil:
		p.ApplyTo = coop.Handle{Name: strings.ToLower(value[1:])}
	case strings.HasPrefix(value, "@") && err == nil:
		p.ApplyTo = handle
	case coop.ValidMail(value):
		p.ApplyMail = value
	case coop.ValidLink(value):
		p.ApplyURL = value
	default:
		p.complain(ApplyAt, coop.CodeFormat, value)
	}
}

// describe is the text beside the lines as Markdown, where each line is a paragraph
// or an entry of a list, and its hashtags. Lines of hashtags alone are no text.
func describe(lines []string) (text string, tags []string) {
	var kept []string
	for _, line := range lines {
		words := strings.Fields(line)
		alone := len(words) > 0
		for _, word := range words {
			tag, ok := hashtag(word)
			if alone = alone && ok; ok && len(tags) < 30 && !slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
				tags = append(tags, tag)
			}
		}
		if !alone {
			kept = append(kept, strings.TrimRight(line, " \t"))
		}
	}
	return paragraphs(kept), tags
}

// hashtag is the word of a hashtag: letters, digits and underscores, one letter at least.
func hashtag(word string) (string, bool) {
	tag, ok := strings.CutPrefix(strings.TrimRight(word, ".,;:!?)"), "#")
	letter := false
	for _, r := range tag {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_' {
			return "", false
		}
		letter = letter || unicode.IsLetter(r)
	}
	return tag, ok && letter && len(tag) <= 200
}

// paragraphs puts lines together so that each stays one.
func paragraphs(lines []string) string {
	var out strings.Builder
	before := ""
	for _, line := range lines {
		switch {
		case out.Len() == 0 && line == "", line == "" && before == "":
			before = line
			continue
		case out.Len() > 0 && line != "" && before != "" && !(listed(before) && listed(line)):
			out.WriteString("\n\n")
		case out.Len() > 0:
			out.WriteString("\n")
		}
		out.WriteString(line)
		before = line
	}
	return strings.TrimSpace(out.String())
}

// listed tells entries of a list.
func listed(line string) bool {
	line = strings.TrimLeft(line, " \t")
	return strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "+ ") || numbered(line)
}

// numbered tells "1. " and "1) ".
func numbered(line string) bool {
	digits := strings.TrimLeft(line, "0123456789")
	return len(digits) < len(line) && len(line)-len(digits) < 4 && (strings.HasPrefix(digits, ". ") || strings.HasPrefix(digits, ") "))
}
