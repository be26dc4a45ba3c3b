// SPDX-License-Identifier: AGPL-3.0-or-later

package carry

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode makes UTF-8 of a file: by its mark at the beginning (Unicode §23.8), without
// one it is UTF-8. Not ok: it is no text, or not in these encodings.
func decode(data []byte) (text string, ok bool) {
	switch {
	case strings.HasPrefix(string(data[:min(3, len(data))]), "\xef\xbb\xbf"):
		text = string(data[3:])
	case strings.HasPrefix(string(data[:min(2, len(data))]), "\xff\xfe"):
		return wide(data[2:], binary.LittleEndian)
	case strings.HasPrefix(string(data[:min(2, len(data))]), "\xfe\xff"):
		return wide(data[2:], binary.BigEndian)
	default:
		text = string(data)
	}
	return text, plain(text)
}

// wide reads UTF-16 (RFC 2781); half a pair makes it no text.
func wide(data []byte, order binary.ByteOrder) (string, bool) {
	if len(data)%2 != 0 {
		return "", false
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	text := string(utf16.Decode(units))
	return text, plain(text) && !strings.ContainsRune(text, utf8.RuneError)
}

// plain tells whether it is text: valid, and without NUL.
func plain(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
