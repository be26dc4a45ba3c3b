// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"html"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

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
	for _, paragraph := range paragraphs(source) {
		var b strings.Builder
		each(paragraph, func(plain, word string) {
			b.WriteString(strings.ReplaceAll(html.EscapeString(plain), "\n", "<br />"))
			if word != "" {
				b.WriteString(t.link(&w, word))
			}
		})
		w.HTML += "<p>" + b.String() + "</p>"
	}
	return w
}

// paragraphs parts a text at its blank lines, also those that hold spaces.
func paragraphs(source string) []string {
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n")
	var parts []string
	var open []string
	for line := range strings.SplitSeq(source+"\n\n", "\n") {
		if line = strings.TrimRight(line, " \t"); line != "" {
			open = append(open, line)
			continue
		}
		if len(open) > 0 {
			parts = append(parts, strings.Join(open, "\n"))
			open = nil
		}
	}
	return parts
}

// link is the HTML of a token.
func (t Typed) link(w *Written, word string) string {
	switch word[0] {
	case '@':
		return t.mention(w, word)
	case '#':
		return t.hashtag(w, word)
	}
	return Link(word)
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
	tag := norm.NFC.String(word[1:])
	if t.Tag == nil || strings.IndexFunc(tag, unicode.IsLetter) < 0 || len(w.Hashtags) >= MaxHashtags {
		return html.EscapeString(word)
	}
	if !slices.ContainsFunc(w.Hashtags, func(s string) bool { return strings.EqualFold(s, tag) }) {
		w.Hashtags = append(w.Hashtags, tag)
	}
	return Hashtag(t.Tag(tag), tag)
}
