// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// ArticleStatus is where a knowledge post stands.
type ArticleStatus string

// draft → published → superseded | archived | withdrawn.
const (
	ArticleDraft      ArticleStatus = "draft"
	ArticlePublished  ArticleStatus = "published"
	ArticleSuperseded ArticleStatus = "superseded"
	ArticleArchived   ArticleStatus = "archived"
	ArticleWithdrawn  ArticleStatus = "withdrawn"
)

// Article is what a knowledge post has beyond a post: title, summary, text and
// language are the post's own.
type Article struct {
	License           string        `json:"license,omitempty"` // URL; empty: not stated
	Version           int64         `json:"version"`           // a decimal string on the wire
	History           IRI           `json:"history,omitempty"`
	Status            ArticleStatus `json:"status"`
	TranslationOf     IRI           `json:"translation_of,omitempty"`
	TranslatedVersion int64         `json:"translated_version,omitempty"`
	Translations      []IRI         `json:"translations,omitempty"`
	Topics            []Term        `json:"topics,omitempty"`
	Series            *Term         `json:"series,omitempty"`
	Position          int           `json:"position,omitempty"`
	Citations         []IRI         `json:"citations,omitempty"`
	Contributors      []Contributor `json:"contributors,omitempty"`
	CheckedOn         string        `json:"checked_on,omitempty"` // ISO 8601 date
	CheckedBy         IRI           `json:"checked_by,omitempty"`
	SupersededBy      IRI           `json:"superseded_by,omitempty"`
	Reason            string        `json:"reason,omitempty"` // of the last change
	ConfirmedAt       time.Time     `json:"confirmed_at,omitzero"`
}

// Contributor is a co-author; until confirmed the article only "names" them.
type Contributor struct {
	IRI       IRI  `json:"iri"`
	Confirmed bool `json:"confirmed,omitempty"`
}

// ArticleFacts is what stands around an article, as one viewer may know it.
type ArticleFacts struct {
	UsedBy          int  // co-ops that say that they used it
	Used            bool // the viewer is one of them
	Translations    []ArticleTranslation
	Original        ID // of a translation, where the original is here
	OriginalVersion int64
}

// ArticleTranslation is a translation as it is named beside its original.
type ArticleTranslation struct {
	Post     ID
	IRI      IRI
	Author   ID
	Language string
	Version  int64 // of the original from which it was made; zero: it does not say
}

// StaleBy is how many versions a translation of an article is behind; negative one
// where that cannot be told.
func StaleBy(original, translated int64) int64 {
	if original <= 0 || translated <= 0 {
		return -1
	}
	return max(original-translated, 0)
}
