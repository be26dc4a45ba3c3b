// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"html"
	"net/url"
	"strings"
	"unicode/utf8"

	"minga/federation/sanitize"
)

// shownURL is how many characters of an address are shown after its scheme.
const shownURL = 30

// Link is an address as HTML, the whole of it in the text, of which readers that
// know the classes show the middle; what is no address stays text, and so
// does one whose host is written in another way than it is read: %80, or a letter that
// cannot be seen.
func Link(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || !strings.Contains(address, u.Host) || !sanitize.Plain(u.Host) {
		return html.EscapeString(address)
	}
	scheme := address[:strings.Index(address, "://")+3]
	if rest := address[len(scheme):]; len(rest) > 4 && strings.EqualFold(rest[:4], "www.") {
		scheme += rest[:4]
	}
	shown, hidden := cut(address[len(scheme):], shownURL)
	out := `<a href="` + html.EscapeString(u.String()) + `" translate="no" rel="nofollow noopener ugc"><span class="invisible">` + html.EscapeString(scheme) + `</span>`
	if hidden == "" {
		return out + `<span>` + html.EscapeString(shown) + `</span></a>`
	}
	return out + `<span class="ellipsis">` + html.EscapeString(shown) + `</span><span class="invisible">` + html.EscapeString(hidden) + `</span></a>`
}

// cut parts a text after n characters.
func cut(s string, n int) (head, tail string) {
	if utf8.RuneCountInString(s) <= n {
		return s, ""
	}
	at := 0
	for range n {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return s[:at], s[at:]
}

// Mention is a mention as HTML.
func Mention(p Person) string {
	return `<span class="h-card" translate="no"><a href="` + html.EscapeString(p.URL) + `" class="u-url mention">@<span>` +
		html.EscapeString(p.Handle.Name) + `</span></a></span>`
}

// Hashtag is a hashtag as HTML; tag comes without its number sign.
func Hashtag(href, tag string) string {
	if u, err := url.Parse(href); err == nil {
		href = u.String() // letters beyond ASCII percent-encoded, as every parser writes them
	}
	return `<a href="` + html.EscapeString(href) + `" class="mention hashtag" rel="tag">#<span>` + html.EscapeString(tag) + `</span></a>`
}

// Bare is an address as people write it: without its scheme.
func Bare(address string) string {
	return strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
}

// Paragraph is one line of plain text as a paragraph; strong for a title.
func Paragraph(line string, strong bool) string {
	line = html.EscapeString(line)
	if strong {
		line = "<strong>" + line + "</strong>"
	}
	return "<p>" + line + "</p>"
}
