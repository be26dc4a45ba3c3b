// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// StatementKind says what an instance lets everybody read about.
type StatementKind string

// The kinds.
const (
	StatementAbout   StatementKind = "about"   // what this place is
	StatementPrivacy StatementKind = "privacy" // what is kept about people
	StatementTerms   StatementKind = "terms"   // on what terms it may be used
)

// StatementKinds are all of them.
func StatementKinds() []StatementKind {
	return []StatementKind{StatementAbout, StatementPrivacy, StatementTerms}
}

// MaxStatement is the most characters of a statement in one language.
const MaxStatement = 20_000

// maxStatements is the most characters of all languages together.
const maxStatements = 80_000

// Statement is what an instance says in full: Markdown in several languages.
type Statement struct {
	Kind      StatementKind
	Texts     Texts
	ChangedAt time.Time
}

// Validate complains about a statement as an [Invalid] of field text.
func (s *Statement) Validate() error {
	c := &complaints{}
	checkTexts(c, "text", s.Texts, 1, MaxStatement)
	total := 0
	for _, text := range s.Texts {
		total += runes(text)
	}
	if total > maxStatements {
		c.add("text", CodeTooLong, "at most %d characters in all languages together", maxStatements)
	}
	return c.list.Or()
}
