// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Of one post so many links count, of so many bytes each.
const (
	maxWebLinks = 5
	maxWebLink  = 1000
)

// WebLinks are the pages that sanitised HTML links to, in order and each once, as
// [PlainLink] writes them: hashtags, mentions and what is no web address are none.
func WebLinks(content string) []string {
	var links []string
	z := html.NewTokenizer(strings.NewReader(content))
	for len(links) < maxWebLinks {
		switch z.Next() {
		case html.ErrorToken:
			return links
		case html.StartTagToken:
			if link := anchorLink(z.Token()); link != "" && !slices.Contains(links, link) {
				links = append(links, link)
			}
		}
	}
	return links
}

// anchorLink is where an element leads, if that counts.
func anchorLink(t html.Token) string {
	if t.DataAtom != atom.A {
		return ""
	}
	href := ""
	for _, attr := range t.Attr {
		switch attr.Key {
		case "href":
			href = attr.Val
		case "rel":
			if slices.Contains(strings.Fields(attr.Val), "tag") {
				return ""
			}
		case "class":
			words := strings.Fields(attr.Val)
			if slices.Contains(words, "mention") || slices.Contains(words, "hashtag") {
				return ""
			}
		}
	}
	return PlainLink(href)
}

// PlainLink is a web address as it is compared: without a fragment and the slash of an
// empty path, the host in small letters; empty for what is none.
func PlainLink(address string) string {
	if len(address) > maxWebLink || !validWeb(address, "https", "http") {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.Host, u.Fragment, u.RawFragment = strings.ToLower(u.Host), "", ""
	if u.Path == "/" && u.RawQuery == "" {
		u.Path = ""
	}
	if plain := u.String(); len(plain) <= maxWebLink {
		return plain
	}
	return ""
}
