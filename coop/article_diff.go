// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PresentVersion is an article as its last version.
func PresentVersion(p *Post) Revision {
	at := p.Updated
	if at.IsZero() {
		at = p.Published
	}
	return Revision{
		PostID: p.ID, Version: p.Article.Version, At: at, Title: p.Title, Summary: p.Summary, Content: p.Content, Source: p.Source,
		Reason: p.Article.Reason, Language: p.Language,
	}
}

// Comparable are the texts of two versions by which they are compared: what was typed,
// or what can be read where that is not known of both.
func Comparable(from, to Revision) (before, after string) {
	if from.Source == "" || to.Source == "" {
		return VisibleText(from.Content), VisibleText(to.Content)
	}
	return from.Source, to.Source
}

// mostWords bounds a comparison of two lines word by word.
const mostWords = 2_000

// DiffWords compares two lines word by word: pieces that stayed, went and came, in their
// order; white space and punctuation are pieces too. Lines of too many words are one that went and one
// that came.
func DiffWords(from, to string) []DiffLine {
	a, b := pieces(from), pieces(to)
	if len(a) > mostWords || len(b) > mostWords {
		return []DiffLine{{DiffRemove, from}, {DiffAdd, to}}
	}
	var out []DiffLine
	for _, piece := range diffMiddle(a, b) {
		if n := len(out); n > 0 && out[n-1].Op == piece.Op {
			out[n-1].Text += piece.Text
			continue
		}
		out = append(out, piece)
	}
	return out
}

// pieces parts a line into words, white space, and what else stands between words.
func pieces(line string) []string {
	var out []string
	for line != "" {
		first, _ := utf8.DecodeRuneInString(line)
		kind := kindOf(first)
		end := strings.IndexFunc(line, func(r rune) bool { return kindOf(r) != kind })
		if end < 0 {
			end = len(line)
		}
		out = append(out, line[:end])
		line = line[end:]
	}
	return slices.Clip(out)
}

// kindOf is 0 for what words are made of, 1 for white space, 2 for the rest.
func kindOf(r rune) int {
	switch {
	case unicode.IsSpace(r):
		return 1
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
		return 0
	}
	return 2
}
