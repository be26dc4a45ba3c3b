// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// appendUnescaped appends the text between the quotes of a checked string.
func appendUnescaped(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 >= len(text) {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		n := 2
		switch text[1] {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			dst, n = appendUnicode(dst, text)
		default:
			dst = append(dst, text[1])
		}
		text = text[min(n, len(text)):]
	}
}

// appendUnicode appends what \uXXXX at the start of text means and how long it is.
func appendUnicode(dst, text []byte) ([]byte, int) {
	u, _ := hex4(text, 2)
	if low, ok := lowSurrogate(text, 6); ok && utf16.IsSurrogate(rune(u)) {
		return utf8.AppendRune(dst, utf16.DecodeRune(rune(u), rune(low))), 12
	}
	return utf8.AppendRune(dst, rune(u)), 6
}

// decode is the text of a checked string, quotes included in raw.
func decode(raw []byte) string {
	if len(raw) < 2 {
		return ""
	}
	text := raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text)
	}
	return string(appendUnescaped(make([]byte, 0, len(text)), text))
}
