// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"bytes"
	"strings"
)

// usable tells whether text may serve as an id: http or https, a host, no
// user-info, no control character, at most limit bytes. Whether the host exists
// or may be asked is the business of the one who fetches.
func usable(text []byte, limit int) bool {
	if len(text) > limit {
		return false
	}
	rest, ok := cutScheme(text)
	if !ok {
		return false
	}
	for _, ch := range rest {
		if ch < 0x20 || ch == 0x7f {
			return false
		}
	}
	return usableAuthority(rest)
}

// cutScheme takes http:// or https:// off, in any case (RFC 3986 §3.1).
func cutScheme(text []byte) (rest []byte, ok bool) {
	for _, scheme := range [...]string{"https://", "http://"} {
		if n := len(scheme); len(text) > n && strings.EqualFold(string(text[:n]), scheme) {
			return text[n:], true
		}
	}
	return nil, false
}

// usableAuthority looks at host and port, up to the path. A backslash is a slash
// to browsers and none to us: no id of an honest server has one there.
func usableAuthority(rest []byte) bool {
	if i := bytes.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return len(rest) > 0 && rest[0] != ':' && !bytes.ContainsAny(rest, "@\\ \"<>")
}

// cleanID is s if it may serve as an id, Public in its one spelling, else empty.
func cleanID(s string) string {
	if isPublic(s) {
		return Public
	}
	if len(s) > MaxID || !usable([]byte(s), MaxID) {
		return ""
	}
	return s
}
