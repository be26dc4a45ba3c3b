// SPDX-License-Identifier: AGPL-3.0-or-later

package sanitize

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// target is where a link may lead: a page by http or https without a name of a user before
// its host, which people take for the host; or one mail address and nothing else. Empty:
// nowhere.
func target(href string) string {
	u, err := url.Parse(href)
	switch {
	case err != nil:
		return ""
	case strings.EqualFold(u.Scheme, "mailto"):
		// What follows the address would fill in a letter that others wrote.
		address, _, _ := strings.Cut(href, "?")
		if strings.Count(address, "@") != 1 || strings.ContainsAny(address, ",;%& ") {
			return ""
		}
		return address
	case u.Host == "" || u.User != nil:
		return ""
	}
	return href
}

// misleads tells whether a link's text is an address of another host than its target.
func misleads(shown, href string) bool {
	host, ok := address(plainest(shown))
	if !ok {
		return false
	}
	u, err := url.Parse(href)
	if err != nil || u.Host == "" {
		return true
	}
	return !strings.EqualFold(strings.TrimPrefix(host, "www."), strings.TrimPrefix(u.Host, "www."))
}

// Plain tells whether a name is read as it is written: nothing in it stays unseen or looks
// like something else.
func Plain(name string) bool { return plainest(name) == name }

// plainest writes a text as people read it: wide letters as narrow ones, whatever looks
// like a dot, a slash or a colon as one, and nothing that cannot be seen.
func plainest(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch r {
		case 0x3002, 0x06D4, 0xA4F8: // full stops
			return '.'
		case 0x2044, 0x2215, 0x29F8: // slashes
			return '/'
		case 0x2236, 0xA789: // colons
			return ':'
		}
		if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, norm.NFKC.String(s)))
}

// address is the host that a text seems to lead to; node.js and 3.5 are none.
func address(s string) (string, bool) {
	lower := strings.ToLower(s)
	rest, schemed := strings.CutPrefix(lower, "https://")
	if !schemed {
		rest, schemed = strings.CutPrefix(lower, "http://")
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if schemed { // words may follow, and a name may go before the host
		rest, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
		rest = rest[strings.LastIndexByte(rest, '@')+1:]
	}
	if rest == "" || strings.ContainsAny(rest, " \t\n@…") {
		return "", false
	}
	name, _, _ := strings.Cut(rest, ":")
	suffix, known := publicsuffix.PublicSuffix(name)
	reserved := suffix == "example" || suffix == "test" || suffix == "localhost"
	return rest, schemed || strings.Contains(name, ".") && name != suffix && (known || reserved)
}
