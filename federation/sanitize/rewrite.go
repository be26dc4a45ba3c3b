// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// rewrite is the second pass, over HTML that holds allowed elements only: it
// balances tags, bounds their depth, filters classes, sets rel and unmasks links.
func rewrite(s string, outside bool) string {
	w := &writer{outside: outside}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			w.closeTo(0)
			return w.out.String()
		case html.TextToken:
			w.text(string(z.Raw()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(z.Token())
		case html.EndTagToken:
			w.close(z.Token().Data)
		}
	}
}

// writer keeps the elements that are open, so that no tag of a post can close or
// swallow what the page puts around it.
type writer struct {
	out     strings.Builder
	stack   []string
	outside bool

	href  string // of the link that is open
	start int    // where its content begins in out
	shown strings.Builder
}

// void elements have no end tag.
func void(name string) bool { return name == "br" || name == "hr" }

// text writes text anew, since a character reference may stand for a control
// character that would be dropped the next time.
func (w *writer) text(raw string) {
	text := strings.Map(printable, html.UnescapeString(raw))
	w.out.WriteString(html.EscapeString(text))
	if w.href != "" {
		w.shown.WriteString(text)
	}
}

func (w *writer) open(t html.Token) {
	if void(t.Data) {
		w.out.WriteString("<" + t.Data + " />") // as Mastodon writes it
		return
	}
	if t.Data == "a" && slices.Contains(w.stack, "a") || len(w.stack) >= MaxDepth {
		return
	}
	w.stack = append(w.stack, t.Data)
	w.out.WriteString("<" + t.Data)
	for _, a := range w.attributes(t) {
		w.out.WriteString(" " + a.Key + `="` + html.EscapeString(a.Val) + `"`)
	}
	w.out.WriteString(">")
	if t.Data == "a" {
		w.href, w.start = target(attribute(t, "href")), w.out.Len()
		w.shown.Reset()
	}
}

// close ends the innermost element of that name, and what is open inside it.
func (w *writer) close(name string) {
	for i := len(w.stack) - 1; i >= 0; i-- {
		if w.stack[i] == name {
			w.closeTo(i)
			return
		}
	}
}

func (w *writer) closeTo(depth int) {
	for len(w.stack) > depth {
		name := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if name == "a" {
			w.unmask()
		}
		w.out.WriteString("</" + name + ">")
	}
}

// unmask shows the target of a link whose text claims another host.
func (w *writer) unmask() {
	if w.href != "" && misleads(w.shown.String(), w.href) {
		head := w.out.String()[:w.start]
		w.out.Reset()
		w.out.WriteString(head + html.EscapeString(w.href))
	}
	w.href = ""
}

// attributes are what is left of a tag's: known classes, and rel for links.
func (w *writer) attributes(t html.Token) []html.Attribute {
	var kept []html.Attribute
	for _, key := range []string{"href", "class", "translate", "rel", "start", "reversed", "value"} {
		value := attribute(t, key)
		switch key {
		case "href":
			value = target(value)
		case "class":
			value = keep(value, class)
		case "rel":
			value = w.rel(t, value)
		}
		if value != "" || key == "reversed" && has(t, key) {
			kept = append(kept, html.Attribute{Key: key, Val: value})
		}
	}
	return kept
}

// rel tells search engines and pages not to trust a stranger's link.
func (w *writer) rel(t html.Token, value string) string {
	if t.Data != "a" || target(attribute(t, "href")) == "" {
		return ""
	}
	value = keep(value, func(s string) bool { return slices.Contains(rels, s) })
	if !w.outside {
		return value
	}
	own := keep(value, func(s string) bool { return s == "tag" || s == "me" })
	return strings.TrimSpace(own + " nofollow noopener ugc")
}

var rels = []string{"tag", "me", "license", "nofollow", "noopener", "noreferrer", "ugc"}

// class keeps microformats and what clients style by.
func class(s string) bool {
	for _, prefix := range []string{"h-", "p-", "u-", "dt-", "e-"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return slices.Contains([]string{"mention", "hashtag", "ellipsis", "invisible", "quote-inline"}, s)
}

// keep is the words of s that pass, one space between them.
func keep(s string, pass func(string) bool) string {
	return strings.Join(slices.DeleteFunc(strings.Fields(s), func(w string) bool { return !pass(w) }), " ")
}

func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return strings.Map(printable, a.Val)
		}
	}
	return ""
}

func has(t html.Token, key string) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == key })
}
