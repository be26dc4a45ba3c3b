// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Series is several articles in an order; each says by itself that it is part of it,
// and where it stands.
type Series struct {
	ID        ID
	IRI       IRI // of a series of ours on this host, below its owner
	OwnerID   ID
	Owner     *Account // filled by reads
	Local     bool
	Title     string // plain text
	Summary   string // plain text; empty for those of other servers
	Language  string // BCP 47; empty when unknown
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ValidateSeries complains about a series of ours as an [Invalid]: fields title,
// summary, language.
func ValidateSeries(s *Series) error {
	c := &complaints{}
	c.text("title", s.Title, 3, 150)
	c.text("summary", s.Summary, 0, 500)
	if s.Language != "" && !ValidLanguage(s.Language) {
		c.add("language", CodeUnknown, "%.40q is no BCP 47 language", s.Language)
	}
	return c.list.Or()
}
