// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strings"
	"time"
)

// SuggestionState is what became of a suggested change to an article.
type SuggestionState string

// open → accepted | rejected | conflict | withdrawn. A conflict is a rejection because
// the article has another version by now.
const (
	SuggestionOpen      SuggestionState = "open"
	SuggestionAccepted  SuggestionState = "accepted"
	SuggestionRejected  SuggestionState = "rejected"
	SuggestionConflict  SuggestionState = "conflict"
	SuggestionWithdrawn SuggestionState = "withdrawn"
)

// SuggestionStates are all of them.
func SuggestionStates() []SuggestionState {
	return []SuggestionState{SuggestionOpen, SuggestionAccepted, SuggestionRejected, SuggestionConflict, SuggestionWithdrawn}
}

// ReasonConflict is the word by which a Reject says that the base is out of date.
const ReasonConflict = "conflict"

// SuggestedText is what of an article a suggestion is about.
type SuggestedText struct {
	Title   string `json:"title"`
	Summary string `json:"summary"`
	Source  string `json:"source"` // Markdown
}

// Suggestion is a change to an article that somebody else than its author proposes: the
// whole text; what differs is computed.
type Suggestion struct {
	ID            ID
	IRI           IRI // of the Offer
	PostID        ID  // the article, ours or the copy of another server's
	ByID          ID
	By            *Account // filled by reads
	State         SuggestionState
	BaseVersion   int64         // of the article from which it was made
	ResultVersion int64         // of the article that it became; zero: none
	Base          SuggestedText // that version; empty where we do not have it
	Text          SuggestedText
	Reason        string // why, by who suggests
	Answer        string // why not, by the author
	CreatedAt     time.Time
	DecidedAt     time.Time // zero: open
}

// longestReason is how many characters say why, on either side.
const longestReason = 500

// ValidateSuggestion complains about a suggestion of ours as an [Invalid]: fields title,
// summary, markdown, reason. One that changes nothing is complained of too.
func ValidateSuggestion(s *Suggestion) error {
	c := &complaints{}
	c.text("title", s.Text.Title, 3, 150)
	if markup.MatchString(s.Text.Title) {
		c.add("title", CodeHTML, "a title is plain text")
	}
	c.text("summary", s.Text.Summary, 1, 500)
	switch {
	case strings.TrimSpace(s.Text.Source) == "":
		c.add("markdown", CodeRequired, "this is needed")
	case len(s.Text.Source) > maxArticleBytes:
		c.add("markdown", CodeTooLong, "at most 256 kB")
	case s.Text == s.Base:
		c.add("markdown", CodeSame, "nothing is changed")
	}
	c.text("reason", s.Reason, 1, longestReason)
	return c.list.Or()
}

// CodeSame says that something changes nothing.
const CodeSame = "same"

// Revision is a text of a suggestion as a version of the article, to be compared.
func (t SuggestedText) Revision(version int64, language string) Revision {
	return Revision{Version: version, Title: t.Title, Summary: t.Summary, Source: t.Source, Language: language}
}

// TextOf is what of a version a suggestion may change.
func TextOf(r Revision) SuggestedText { return SuggestedText{r.Title, r.Summary, r.Source} }
