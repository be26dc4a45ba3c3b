// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes texts comparable that people write differently: small letters
// without accents, compatibility forms as the plain ones, the Catalan l·l as ll,
// ñ as n and ç as c (who has no such key searches without), ß as ss, ø as o and
// the like. Signs of other scripts that carry meaning, such as Indic vowels,
// stay. Fold of a folded text is that text.
func Fold(s string) string {
	s = norm.NFKD.String(strings.ToValidUTF8(s, ""))
	var out strings.Builder
	out.Grow(len(s))
	for _, r := range s {
		if !accent(r) {
			out.WriteString(plainLetter(unicode.ToLower(r)))
		}
	}
	return norm.NFC.String(joinGeminate(out.String()))
}

// accent tells marks that Latin, Greek and Cyrillic put on letters.
func accent(r rune) bool {
	return r >= 0x0300 && r <= 0x036F || r >= 0x1AB0 && r <= 0x1AFF || r >= 0x1DC0 && r <= 0x1DFF
}

// plainLetter writes letters that have no decomposition as people type them.
func plainLetter(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ς':
		return "σ"
	case '’', 'ʼ', '´', '`', '‘':
		return "'"
	}
	return string(r)
}

// joinGeminate takes the dot out of l·l, so that it is one word, and the word
// that people type without the dot.
func joinGeminate(s string) string {
	for _, dot := range []string{"·", "‧", "•"} {
		for strings.Contains(s, "l"+dot+"l") {
			s = strings.ReplaceAll(s, "l"+dot+"l", "ll")
		}
	}
	return s
}

// Words are the folded words of a text in order: runs of letters, marks and
// digits. So that "C++" and "C#" are not the letter C, a plus or sharp sign
// right after a word counts as "plus" or "sharp": "cplusplus", "csharp".
func Words(s string) []string {
	var words []string
	var word strings.Builder
	for _, r := range Fold(s) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			word.WriteRune(r)
		case r == '+' && word.Len() > 0:
			word.WriteString("plus")
		case r == '#' && word.Len() > 0:
			word.WriteString("sharp")
		default:
			words = endWord(words, &word)
		}
	}
	return endWord(words, &word)
}

// endWord adds a finished word; what is longer than any word is cut.
func endWord(words []string, word *strings.Builder) []string {
	if word.Len() == 0 {
		return words
	}
	w := Truncate(word.String(), 64)
	word.Reset()
	return append(words, w)
}

// FoldTag is a hashtag, with or without its #, as it is compared: in any case and with
// any accents, 100 characters at most. Empty is what has no word in it.
func FoldTag(tag string) string {
	return Truncate(strings.Join(Words(strings.TrimPrefix(tag, "#")), "_"), 100)
}
