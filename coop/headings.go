// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Heading is a heading of a text.
type Heading struct {
	Level int // 1 to 6
	Title string
}

// Bounds of what is made of a text's headings.
const (
	mostHeadings   = 200
	longestHeading = 200
)

// Headings are the headings of HTML in their order, 200 at most; those without a text
// are left out.
func Headings(source string) []Heading {
	var found []Heading
	var open *Heading
	var text strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	for len(found) < mostHeadings {
		switch z.Next() {
		case html.ErrorToken:
			return found
		case html.TextToken:
			if open != nil {
				text.Write(z.Text())
			}
		case html.StartTagToken:
			if name, _ := z.TagName(); headingLevel(name) > 0 {
				open = &Heading{Level: headingLevel(name)}
				text.Reset()
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if open == nil || headingLevel(name) != open.Level {
				continue
			}
			if open.Title = CleanLine(html.UnescapeString(text.String()), longestHeading); open.Title != "" {
				found = append(found, *open)
			}
			open = nil
		}
	}
	return found
}

// headingLevel is the level of a heading's element; zero for any other.
func headingLevel(tag []byte) int {
	switch atom.Lookup(tag) {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return int(tag[1] - '0')
	}
	return 0
}
