// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"minga/coop"
	"minga/federation/sanitize"
)

// section is a part of an article under one of its headings.
type section struct {
	ID    string // minga-… : what people wrote cannot take a name of ours
	Title string
	Sub   bool // a heading below another
	HTML  sanitize.Clean
}

// Bounds of what is made of an article's headings.
const (
	mostSections = 200
	longestTitle = 200
)

// split parts an article at its headings, so that the page has them at its own
// levels, with names to link to: what stands before the first, and the sections. A
// heading inside a quotation or a list stays in the text, as bold as a paragraph.
func split(content string) (intro string, sections []section) {
	s := splitter{z: html.NewTokenizer(strings.NewReader(content)), names: map[string]bool{}}
	for s.step() {
	}
	s.end()
	return s.intro, s.sections
}

// splitter walks through the HTML of an article.
type splitter struct {
	z        *html.Tokenizer
	depth    int
	top      int // level of the first heading: the highest of the page
	text     strings.Builder
	intro    string
	sections []section
	open     *section
	names    map[string]bool
}

// step reads one token; false at the end.
func (s *splitter) step() bool {
	switch s.z.Next() {
	case html.ErrorToken:
		return false
	case html.StartTagToken:
		raw := string(s.z.Raw())
		name, _ := s.z.TagName()
		level := headingLevel(name)
		switch {
		case level > 0 && s.depth == 0 && len(s.sections) < mostSections:
			s.heading(level)
		case level > 0:
			s.text.WriteString("<p><strong>")
			s.depth++
		default:
			s.depth += nests(name)
			s.text.WriteString(raw)
		}
	case html.EndTagToken:
		raw := string(s.z.Raw())
		name, _ := s.z.TagName()
		if headingLevel(name) > 0 {
			s.text.WriteString("</strong></p>")
			s.depth = max(0, s.depth-1)
			break
		}
		s.depth = max(0, s.depth-nests(name))
		s.text.WriteString(raw)
	default:
		s.text.Write(s.z.Raw())
	}
	return true
}

// heading begins a section with the text of the heading.
func (s *splitter) heading(level int) {
	var title strings.Builder
	for {
		kind := s.z.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind == html.TextToken {
			title.Write(s.z.Text())
		}
		if name, _ := s.z.TagName(); kind == html.EndTagToken && headingLevel(name) > 0 {
			break
		}
	}
	s.end()
	if s.top == 0 || level < s.top {
		s.top = level
	}
	name := coop.CleanLine(title.String(), longestTitle)
	s.open = &section{ID: s.name(name), Title: name, Sub: level > s.top}
}

// end closes what is open.
func (s *splitter) end() {
	text := s.text.String()
	s.text.Reset()
	if s.open == nil {
		s.intro += text
		return
	}
	s.open.HTML = sanitize.Page(text)
	if s.open.Title != "" {
		s.sections = append(s.sections, *s.open)
	}
	s.open = nil
}

// name makes the name of a section, each once.
func (s *splitter) name(title string) string {
	base := "minga-" + coop.Truncate(strings.Join(coop.Words(title), "-"), 60)
	name := base
	for n := 2; s.names[name]; n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	s.names[name] = true
	return name
}

// headingLevel is 1 to 6, 0 for other elements.
func headingLevel(name []byte) int {
	if len(name) == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' {
		return int(name[1] - '0')
	}
	return 0
}

// nests is one for elements that hold others and must be closed.
func nests(name []byte) int {
	switch atom.Lookup(name) {
	case atom.Br, atom.Hr, 0:
		return 0
	}
	return 1
}
