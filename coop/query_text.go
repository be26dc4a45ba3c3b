// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"slices"
	"strings"
)

// Bounds of what people may ask for.
const (
	maxQueryLength = 200
	maxQueryTerms  = 32
)

// TextQuery is what the search box says, as a tree: one of the alternatives must
// match. Commas are or, spaces and, "…" a phrase, a leading - not, a trailing *
// a prefix. No alternatives at all match everything.
type TextQuery struct {
	Alternatives []Alternative
}

// Alternative is what must hold at once.
type Alternative struct {
	Terms []QueryTerm
}

// QueryTerm is a word or a phrase.
type QueryTerm struct {
	Words  []string // folded as [Words] does, at least one, in this order
	Not    bool     // must not be there
	Prefix bool     // the last word may go on
}

// ParseTextQuery reads the grammar of q. Quotes that are not closed are closed at
// the end. Its error, an [InvalidError] of field q, says that the query is too
// long or that an alternative only says what must not be there; the query that
// comes with it has the alternatives that are sound, perhaps none.
func ParseTextQuery(s string) (TextQuery, error) {
	if runes(s) > maxQueryLength {
		return TextQuery{}, &InvalidError{Field: "q", Code: CodeTooLong, Problem: "at most 200 characters"}
	}
	var q TextQuery
	var err error
	for _, part := range splitOutsideQuotes(s, func(r rune) bool { return r == ',' }) {
		var a Alternative
		for _, word := range splitOutsideQuotes(part, breaksLine) {
			a.Terms = appendTerm(a.Terms, word)
		}
		if len(a.Terms) == 0 {
			continue
		}
		if !slices.ContainsFunc(a.Terms, func(t QueryTerm) bool { return !t.Not }) {
			err = &InvalidError{Field: "q", Code: "only_negations", Problem: "say what to look for, not only what to leave out"}
			continue
		}
		q.Alternatives = append(q.Alternatives, a)
	}
	return q.cut(), err
}

// cut drops the terms above the limit.
func (q TextQuery) cut() TextQuery {
	left := maxQueryTerms
	for i := range q.Alternatives {
		a := &q.Alternatives[i]
		a.Terms = a.Terms[:min(len(a.Terms), left)]
		left -= len(a.Terms)
	}
	q.Alternatives = slices.DeleteFunc(q.Alternatives, func(a Alternative) bool {
		return !slices.ContainsFunc(a.Terms, func(t QueryTerm) bool { return !t.Not })
	})
	return q
}

// splitOutsideQuotes splits a text where at says so, but not inside "…".
func splitOutsideQuotes(s string, at func(rune) bool) []string {
	quoted := false
	return strings.FieldsFunc(strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`).Replace(s), func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && at(r)
	})
}

// appendTerm reads one term; punctuation alone is none.
func appendTerm(terms []QueryTerm, s string) []QueryTerm {
	rest, not := strings.CutPrefix(s, "-")
	term := QueryTerm{Words: Words(rest), Not: not, Prefix: strings.HasSuffix(rest, "*")}
	if len(term.Words) == 0 {
		return terms
	}
	return append(terms, term)
}

// Empty tells whether nothing was asked: everything matches.
func (q TextQuery) Empty() bool { return len(q.Alternatives) == 0 }

// String writes the query in the same grammar, folded: two queries that ask the
// same in other letters are written alike, and parsing it gives the same tree.
func (q TextQuery) String() string {
	alternatives := make([]string, 0, len(q.Alternatives))
	for _, a := range q.Alternatives {
		terms := make([]string, 0, len(a.Terms))
		for _, t := range a.Terms {
			terms = append(terms, t.String())
		}
		alternatives = append(alternatives, strings.Join(terms, " "))
	}
	return strings.Join(alternatives, ", ")
}

// String writes one term.
func (t QueryTerm) String() string {
	s := strings.Join(t.Words, " ")
	if len(t.Words) > 1 {
		s = `"` + s + `"`
	}
	if t.Prefix {
		s += "*"
	}
	if t.Not {
		s = "-" + s
	}
	return s
}

// Match tells whether a text, in any letters, has what was asked for.
func (q TextQuery) Match(text string) bool {
	words := Words(text)
	return q.Empty() || slices.ContainsFunc(q.Alternatives, func(a Alternative) bool { return a.match(words) })
}

// match looks for every term.
func (a Alternative) match(words []string) bool {
	for _, t := range a.Terms {
		if t.in(words) == t.Not {
			return false
		}
	}
	return true
}

// in looks for the words of a term in a row.
func (t QueryTerm) in(words []string) bool {
	for i := 0; i+len(t.Words) <= len(words); i++ {
		if t.at(words[i : i+len(t.Words)]) {
			return true
		}
	}
	return false
}

// at compares as many words as the term has.
func (t QueryTerm) at(words []string) bool {
	last := len(words) - 1
	for i, word := range words {
		same := word == t.Words[i]
		if i == last && t.Prefix {
			same = strings.HasPrefix(word, t.Words[i])
		}
		if !same {
			return false
		}
	}
	return true
}

// Score says how well a text matches, from 0 to 1: of the best alternative that
// matches, the mean over what it asks for, 1 for what the title has and ½ for
// what only the text has. It is 0 where nothing matches or nothing was asked.
// The same on every database, so that a job ranks alike everywhere.
func (q TextQuery) Score(title, text string) float64 {
	inTitle := Words(title)
	inAll := append(slices.Clone(inTitle), Words(text)...)
	best := 0.0
	for _, a := range q.Alternatives {
		if a.match(inAll) {
			best = max(best, a.score(inTitle))
		}
	}
	return best
}

// score grades an alternative that matches.
func (a Alternative) score(title []string) float64 {
	sum, asked := 0.0, 0.0
	for _, t := range a.Terms {
		if t.Not {
			continue
		}
		asked++
		if t.in(title) {
			sum++
		} else {
			sum += 0.5
		}
	}
	return sum / asked
}
