// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"html"
	"regexp"
)

// onlyLink is a field that is one link and nothing else.
var onlyLink = regexp.MustCompile(`^\s*(?:<p>)?\s*<a\s(?:[^<>]*\s)?href="(https?://[^"<>\s]+)"[^<>]*>(?:[^<>]|</?span[^<>]*>)*</a>\s*(?:</p>)?\s*$`)

// FieldLink is the address that a field of a profile, clean HTML, links to if it is
// one link and nothing else; else it is empty. Only such a link says that its page
// is the same one's.
func FieldLink(value string) IRI {
	found := onlyLink.FindStringSubmatch(value)
	if found == nil {
		return ""
	}
	if link := IRI(html.UnescapeString(found[1])); ValidIRI(link) {
		return link
	}
	return ""
}
