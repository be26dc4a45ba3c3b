// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mostProfileLinks is how many links of one profile are looked at.
const mostProfileLinks = 20

// SaysByLink tells whether an account is on software that cannot say memberOf, so that a
// link in its profile is its half of a membership.
func (a *Account) SaysByLink() bool {
	return !a.Local && a.Jobs == "" && len(a.MemberOf) == 0
}

// ProfileLinks are the addresses that the fields and the text of a profile lead to,
// mentions and hashtags too, each once, as [PlainAddress] writes them.
func (a *Account) ProfileLinks() []string {
	var links []string
	texts := make([]string, 0, len(a.Fields)+1)
	for _, f := range a.Fields {
		texts = append(texts, f.Value)
	}
	for _, text := range append(texts, a.Bio) {
		z := html.NewTokenizer(strings.NewReader(text))
		for kind := z.Next(); kind != html.ErrorToken && len(links) < mostProfileLinks; kind = z.Next() {
			t := z.Token()
			if t.DataAtom != atom.A || kind != html.StartTagToken {
				continue
			}
			for _, attr := range t.Attr {
				if link := PlainAddress(attr.Val); attr.Key == "href" && link != "" && !slices.Contains(links, link) {
					links = append(links, link)
				}
			}
		}
	}
	return links
}

// PlainAddress is a web address as it is compared: host in lower case, neither query nor
// fragment, no slash at the end; empty for what is none.
func PlainAddress(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(address) > 2048 {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/")
}

// LinksTo tells whether a profile leads to an organization: to its actor, its page, or the
// main page of its server.
func (a *Account) LinksTo(organization *Account) bool {
	links := a.ProfileLinks()
	root := ""
	if u, err := url.Parse(string(organization.IRI)); err == nil {
		root = u.Scheme + "://" + u.Host
	}
	return slices.ContainsFunc([]string{string(organization.IRI), organization.URL, root}, func(address string) bool {
		plain := PlainAddress(address)
		return plain != "" && slices.Contains(links, plain)
	})
}
