// SPDX-License-Identifier: AGPL-3.0-or-later

package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The tokens of a text. A name of a local account may stand alone; a hashtag may
// hold the dots that some languages have inside words (Catalan col·lectiu,
// Japanese middle dots), and the joiner that others need.
const (
	patternURL     = `https?://[^\s<>"\x60]+`
	patternMention = `@[A-Za-z0-9_][A-Za-z0-9_.-]*(?:@[\p{L}\p{N}.-]+\.[\p{L}\p{N}-]+(?::[0-9]+)?|@localhost(?::[0-9]+)?)?`
	patternHashtag = `#[\p{L}\p{M}\p{N}_·・\x{200c}]+`
)

// token finds addresses, handles and hashtags; what stands before them is checked
// apart, since Go's expressions cannot look behind.
var token = regexp.MustCompile(patternURL + `|` + patternMention + `|` + patternHashtag)

// each gives the pieces of a text: plain, and the word that follows it.
func each(source string, give func(plain, word string)) {
	start := 0
	for _, at := range token.FindAllStringIndex(source, -1) {
		end := at[0] + len(trim(source[at[0]:at[1]]))
		before, _ := utf8.DecodeLastRuneInString(source[:at[0]])
		if at[0] > 0 && joins(before, source[at[0]]) || end-at[0] < 2 {
			continue
		}
		give(source[start:at[0]], source[at[0]:end])
		start = end
	}
	give(source[start:], "")
}

// joins tells whether a character before a token makes it part of a word: an
// address of mail is no mention, the fragment of a URL no hashtag. Letters of
// scripts that are written without spaces join nothing.
func joins(before rune, first byte) bool {
	word := unicode.IsLetter(before) && !spaceless(before) || unicode.IsDigit(before) || before == '_'
	if first == 'h' {
		return word
	}
	return word || strings.ContainsRune("/&@#.=-+", before)
}

// spaceless tells letters of scripts that do not part words by spaces.
func spaceless(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// trim leaves the punctuation of the sentence out of a token, and a bracket that
// was opened before it.
func trim(s string) string {
	for s != "" {
		last, n := utf8.DecodeLastRuneInString(s)
		opened := last == ')' && strings.Count(s, "(") >= strings.Count(s, ")") || last == '）' && strings.Count(s, "（") >= strings.Count(s, "）")
		if !strings.ContainsRune(".,;:!?'»”’…)]}-·・\u200c。、，．！？；：」』】》〉）", last) || opened {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}
