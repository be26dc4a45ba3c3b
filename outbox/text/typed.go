// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"minga/coop"
)

// MaxHashtags is how many hashtags of a text count.
const MaxHashtags = 30

// Person is somebody whom a text may name.
type Person struct {
	IRI    coop.IRI
	URL    string // page for people
	Handle coop.Handle
}

// Typed says what becomes of plain text.
type Typed struct {
	// Find knows a handle, Host empty for one without a host; false leaves it text.
	Find func(coop.Handle) (Person, bool)
	// Tag is the address of a hashtag, given without its number sign.
	Tag func(string) string
}

// Written is what came of it.
type Written struct {
	HTML     string
	Hashtags []string // without #, as written, each once
	Mentions []Person // each once
}

// token finds addresses, handles and hashtags; what stands before them is checked
// apart, since Go's expressions cannot look behind.
var token = regexp.MustCompile(`https?://[^\s<>"\x60]+|@[A-Za-z0-9_][A-Za-z0-9_.-]*(?:@[\p{L}\p{N}.-]+\.[\p{L}\p{N}-]+(?::[0-9]+)?|@localhost(?::[0-9]+)?)?|#[\p{L}\p{N}_]+`)

// Handles are the accounts that a text may name, each once, so that they can be
// looked up before the text is published.
func Handles(source string) []coop.Handle {
	var found []coop.Handle
	each(source, func(_, word string) {
		if word == "" || word[0] != '@' {
			return
		}
		if h, ok := handle(word); ok && !slices.Contains(found, h) {
			found = append(found, h)
		}
	})
	return found
}

// handle reads @name or @name@host.
func handle(word string) (coop.Handle, bool) {
	name, host, _ := strings.Cut(strings.TrimRight(word[1:], ".-"), "@")
	return coop.Handle{Name: name, Host: strings.ToLower(host)}, name != ""
}

// Write turns text into HTML: blank lines part paragraphs, line ends stay, and
// addresses, known handles and hashtags become links.
func (t Typed) Write(source string) Written {
	var w Written
	source = strings.ReplaceAll(source, "\r\n", "\n")
	for _, paragraph := range strings.Split(source, "\n\n") {
		if paragraph = strings.Trim(paragraph, "\n"); paragraph == "" {
			continue
		}
		var b strings.Builder
		each(paragraph, func(plain, word string) {
			b.WriteString(strings.ReplaceAll(html.EscapeString(plain), "\n", "<br>"))
			if word != "" {
				b.WriteString(t.link(&w, word))
			}
		})
		w.HTML += "<p>" + b.String() + "</p>"
	}
	return w
}

// each gives the pieces of a text: plain, and the word that follows it.
func each(source string, give func(plain, word string)) {
	start := 0
	for _, at := range token.FindAllStringIndex(source, -1) {
		end := at[0] + len(trim(source[at[0]:at[1]]))
		if before, _ := utf8.DecodeLastRuneInString(source[:at[0]]); at[0] > 0 && joins(before) || at[0] < start {
			continue
		}
		give(source[start:at[0]], source[at[0]:end])
		start = end
	}
	give(source[start:], "")
}

// joins tells whether a character before a token makes it part of a word: an
// address of mail is no mention, the fragment of a URL no hashtag.
func joins(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_/&@#.", r)
}

// trim leaves the punctuation of the sentence out of a token, and a bracket that
// was opened before it.
func trim(s string) string {
	for s != "" {
		last, n := utf8.DecodeLastRuneInString(s)
		opened := last == ')' && strings.Count(s, "(") >= strings.Count(s, ")")
		if !strings.ContainsRune(".,;:!?'»”’…)]}-", last) || opened {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}

// link is the HTML of a token.
func (t Typed) link(w *Written, word string) string {
	switch word[0] {
	case '@':
		return t.mention(w, word)
	case '#':
		return t.hashtag(w, word)
	}
	return `<a href="` + html.EscapeString(word) + `" rel="nofollow noopener ugc">` + html.EscapeString(Bare(word)) + `</a>`
}

func (t Typed) mention(w *Written, word string) string {
	h, ok := handle(word)
	if !ok || t.Find == nil {
		return html.EscapeString(word)
	}
	p, ok := t.Find(h)
	if !ok {
		return html.EscapeString(word)
	}
	if !slices.ContainsFunc(w.Mentions, func(q Person) bool { return q.IRI == p.IRI }) {
		w.Mentions = append(w.Mentions, p)
	}
	return Mention(p)
}

func (t Typed) hashtag(w *Written, word string) string {
	tag := word[1:]
	if t.Tag == nil || strings.IndexFunc(tag, unicode.IsLetter) < 0 || len(w.Hashtags) >= MaxHashtags {
		return html.EscapeString(word)
	}
	if !slices.ContainsFunc(w.Hashtags, func(s string) bool { return strings.EqualFold(s, tag) }) {
		w.Hashtags = append(w.Hashtags, tag)
	}
	return Hashtag(t.Tag(tag), tag)
}

// Mention is a mention as HTML.
func Mention(p Person) string {
	return `<span class="h-card" translate="no"><a href="` + html.EscapeString(p.URL) + `" class="u-url mention">@<span>` +
		html.EscapeString(p.Handle.Name) + `</span></a></span>`
}

// Hashtag is a hashtag as HTML; tag comes without its number sign.
func Hashtag(href, tag string) string {
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
