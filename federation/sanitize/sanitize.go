// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import (
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// MaxHTML is how many bytes clean HTML of another server has at most.
const MaxHTML = 512 << 10

// HTML cleans what another server sent: every link gets
// rel="nofollow noopener ugc" (and keeps tag and me), a link whose text looks like
// another address shows its target. What is over [MaxHTML] then is plain text, cut there:
// a text of nothing but "&" grows to five times its size, and a page shows forty posts.
func HTML(s string) string {
	out := clean(s, policy(), true)
	if len(out) <= MaxHTML {
		return out
	}
	return escapedCut(Text(out), MaxHTML)
}

// escapedCut escapes a text, as much of it as fits into most bytes.
func escapedCut(s string, most int) string {
	var b strings.Builder
	for _, r := range s {
		piece := html.EscapeString(string(r))
		if b.Len()+len(piece) > most {
			break
		}
		b.WriteString(piece)
	}
	return b.String()
}

// Own cleans what minga's own Markdown and text writers made: as HTML, but links
// keep the rel that they have.
func Own(s string) string { return clean(s, policy(), false) }

// Brief leaves what the fields of a job may have: paragraphs, lists, links, strong
// and em, whoever wrote them.
func Brief(s string) string { return clean(s, brief(), false) }

// ordered is a list with numbers.
var ordered = regexp.MustCompile(`(?i)<(/?)ol\b[^>]*>`)

// Bare leaves what search engines read of a job's text: paragraphs and lists without
// numbers. The words of everything else stay.
func Bare(s string) string {
	return strings.TrimSpace(clean(ordered.ReplaceAllString(Brief(s), "<${1}ul>"), bare(), false))
}

// Clean is HTML that a template may show as it is. Views name this type, so that
// nobody else has to name html/template's own.
type Clean = template.HTML

// Page is clean HTML for a template of ours. It cleans once more, so that nothing
// in a template depends on who stored what.
func Page(s string) template.HTML {
	return template.HTML(clean(s, policy(), false)) //nolint:gosec // the one place: it has just been cleaned
}

// clean never panics: what a parser chokes on is shown as text.
func clean(s string, p *bluemonday.Policy, outside bool) (out string) {
	defer func() {
		if recover() != nil {
			out = html.EscapeString(s)
		}
	}()
	if s == "" {
		return ""
	}
	s = strings.Map(printable, strings.ToValidUTF8(s, "\uFFFD"))
	// Dropping a tag may bring two pieces of text together, so the pair of passes is
	// repeated until nothing moves; twice is nearly always enough.
	for range 4 {
		next := rewrite(p.Sanitize(s), outside)
		if next == s {
			return s
		}
		s = next
	}
	if rewrite(p.Sanitize(s), outside) != s {
		return html.EscapeString(Text(s))
	}
	return s
}

// printable drops NUL and the other control characters that no text needs.
func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}
