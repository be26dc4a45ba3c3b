// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// URLLength is how many characters an address counts, however long it is.
const URLLength = 23

// Length is how many characters a text counts, as clients of Mastodon's API count:
// an address as 23, a handle without its host, what is drawn as one sign as one.
func Length(source string) int {
	n := 0
	each(source, func(plain, word string) {
		n += signs(plain)
		switch {
		case word == "":
		case word[0] == '@':
			name, _, _ := strings.Cut(word[1:], "@")
			n += 1 + utf8.RuneCountInString(name)
		case word[0] == '#':
			n += signs(word)
		default:
			n += URLLength
		}
	})
	return n
}

// signs counts what a reader sees as one character: marks, joiners, skin tones and
// the second letter of a flag belong to what stands before them.
func signs(s string) int {
	n, joined, flag := 0, false, false
	var last rune
	for _, r := range s {
		half := r >= 0x1F1E6 && r <= 0x1F1FF
		part := unicode.Is(unicode.M, r) || r == 0x200D || r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F || r == '\n' && last == '\r'
		switch {
		case part && n > 0 || joined || half && flag:
		default:
			n++
		}
		flag = half && !flag
		joined = r == 0x200D
		last = r
	}
	return n
}
