// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// SaysMe tells whether the page, HTML, links to one of the addresses with rel="me" (HTML,
// link type "me"): whoever wrote the page says that both are the same one's. Only
// absolute addresses count, compared as URLs are.
func (p Page) SaysMe(addresses ...string) bool {
	tokens := html.NewTokenizer(bytes.NewReader(p.Body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			if href := meLink(tokens); href != "" && slices.ContainsFunc(addresses, func(s string) bool { return sameURL(s, href) }) {
				return true
			}
		}
	}
}

// meLink is where the element at hand leads to with rel="me"; empty if it does not.
func meLink(tokens *html.Tokenizer) string {
	name, more := tokens.TagName()
	if tag := string(name); tag != "a" && tag != "link" {
		return ""
	}
	var href string
	me := false
	for more {
		var key, value []byte
		key, value, more = tokens.TagAttr()
		switch string(key) {
		case "href":
			href = strings.TrimSpace(string(value))
		case "rel":
			me = slices.ContainsFunc(strings.Fields(string(value)), func(s string) bool { return strings.EqualFold(s, "me") })
		}
	}
	if !me {
		return ""
	}
	return href
}
