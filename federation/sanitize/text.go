// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import (
	"strings"

	"golang.org/x/net/html"
)

// Text is the plain text of HTML: no tags, entities read, one line a paragraph,
// blank lines and spaces at the ends cut. It is not escaped: whoever writes it
// into a page or a feed does that.
func Text(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	skip := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tidy(b.String())
		case html.TextToken:
			if skip == "" {
				b.WriteString(html.UnescapeString(string(z.Raw())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			if hidden(string(name)) {
				skip = string(name)
			}
			if breaks(string(name)) {
				b.WriteByte('\n')
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if string(name) == skip {
				skip = ""
			}
			if breaks(string(name)) {
				b.WriteByte('\n')
			}
		}
	}
}

// Visible is how many characters a reader sees: the text's, without line breaks.
func Visible(s string) int {
	return len([]rune(strings.ReplaceAll(Text(s), "\n", "")))
}

func hidden(name string) bool { return name == "script" || name == "style" || name == "template" }

func breaks(name string) bool {
	switch name {
	case "p", "br", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "hr":
		return true
	}
	return false
}

// tidy joins spaces and drops empty lines.
func tidy(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
