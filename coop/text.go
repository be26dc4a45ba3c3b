// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// CleanLine makes one line of plain text out of anything: valid UTF-8 in NFC
// without control or direction characters, runs of white space as one space,
// no white space at the ends, at most most characters. most below one gives "".
func CleanLine(s string, most int) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	var out strings.Builder
	for i, word := range strings.FieldsFunc(s, breaksLine) {
		if word = strings.Map(dropInvisible, word); word == "" {
			continue
		}
		if i > 0 && out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(word)
	}
	line := strings.TrimSpace(Truncate(norm.NFC.String(out.String()), most))
	if !strings.ContainsFunc(line, visible) {
		return ""
	}
	return line
}

// visible tells characters that leave something to see: a name of others is none, and a
// link of it could not be found on a page.
func visible(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800: // fillers, and the empty cell of Braille
		return false
	}
	return !unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zs, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// CleanText makes plain text of several lines: as [CleanLine], but line ends
// stay, as \n and at most two in a row, and so do the spaces inside a line.
func CleanText(s string, most int) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	s = norm.NFC.String(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return dropInvisible(r)
	}, s))
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(Truncate(strings.TrimSpace(s), most))
}

// breaksLine tells what separates words: white space and control characters.
func breaksLine(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

// dropInvisible removes what can neither be seen nor belongs to a script:
// controls, direction overrides (a name must not turn the text after it around)
// and byte order marks. Joiners stay: Persian and emoji need them.
func dropInvisible(r rune) rune {
	switch {
	case unicode.IsControl(r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return -1
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
		return -1
	case r == 0xFEFF, r == 0x200B, r == 0x2060, r == utf8.RuneError:
		return -1
	}
	return r
}

// Truncate keeps the first most characters (code points) of s, never half of
// one. most below one gives "".
func Truncate(s string, most int) string {
	if most < 1 {
		return ""
	}
	if len(s) <= most {
		return s
	}
	for i := range s {
		if most == 0 {
			return s[:i]
		}
		most--
	}
	return s
}

// Shorten is [Truncate] for people: what is too long is cut at a word where
// there is one in the second half, and ends in an ellipsis that counts too.
func Shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	cut := Truncate(s, most-1)
	if i := strings.LastIndexFunc(cut, unicode.IsSpace); i > len(cut)/2 {
		cut = cut[:i]
	}
	if cut == "" {
		return Truncate(s, most)
	}
	return strings.TrimRightFunc(cut, unicode.IsSpace) + "…"
}

// VisibleText is what a reader sees of HTML: the text with entities resolved,
// blocks and line breaks as \n, without tags, comments, scripts and styles. It
// reads broken HTML as browsers do and never fails.
func VisibleText(source string) string {
	var out strings.Builder
	hidden := 0
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(out.String())
		case html.TextToken:
			if hidden == 0 {
				out.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			hidden += unseen(name)
			breakAt(&out, name)
		case html.EndTagToken:
			name, _ := z.TagName()
			hidden = max(0, hidden-unseen(name))
			breakAt(&out, name)
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			breakAt(&out, name)
		}
	}
}

// unseen is one for elements whose text is not shown.
func unseen(tag []byte) int {
	switch atom.Lookup(tag) {
	case atom.Script, atom.Style, atom.Template, atom.Title, atom.Textarea, atom.Iframe, atom.Noscript:
		return 1
	}
	return 0
}

// breakAt ends a line where an element begins or ends one.
func breakAt(out *strings.Builder, tag []byte) {
	switch atom.Lookup(tag) {
	case atom.P, atom.Br, atom.Div, atom.Ul, atom.Ol, atom.Li, atom.Blockquote, atom.Pre, atom.Tr, atom.Td, atom.Th,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Table:
		if out.Len() > 0 && !strings.HasSuffix(out.String(), "\n") {
			out.WriteByte('\n')
		}
	}
}

// VisibleLength is how many characters of HTML a reader sees: [VisibleText]
// with each run of white space as one character.
func VisibleLength(source string) int {
	n, space := 0, false
	for _, r := range VisibleText(source) {
		blank := unicode.IsSpace(r)
		if !blank || !space {
			n++
		}
		space = blank
	}
	return n
}
