// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"bytes"
	"time"
)

// Bounds of what a co-op sends with what it asks a federation.
const (
	MaxPetitionNote  = 5_000
	MaxPetitionFile  = 5 << 20 // bytes of one PDF
	mostPetitionURLs = 5
)

// PetitionLife is how long what came with a petition is kept once it was decided.
const PetitionLife = 90 * 24 * time.Hour

// Petition is what a co-op sends with what it asks a federation. It is seen by those who
// coordinate the federation, and by the co-op; the links in it cross to a federation
// elsewhere with the Join, its file and its mail address never do.
type Petition struct {
	Statutes string        `json:"statutes,omitempty"` // link
	Evidence []string      `json:"evidence,omitempty"` // links to what else shows that it is a co-op
	Contact  string        `json:"contact,omitempty"`  // mail address of whom to ask
	File     *PetitionFile `json:"file,omitempty"`     // the statutes, instead of a link

	CreatedAt time.Time `json:"-"`
	EndsAt    time.Time `json:"-"` // when it is deleted; zero: it was not decided yet
}

// PetitionFile is a PDF.
type PetitionFile struct {
	Title string `json:"title"` // what it was called
	Body  []byte `json:"body"`
}

// Empty tells whether nothing was sent.
func (p *Petition) Empty() bool {
	return p == nil || p.Statutes == "" && len(p.Evidence) == 0 && p.Contact == "" && p.File == nil
}

// Validate complains about what was sent, as [Invalid] with the fields note, statutes,
// evidence, contact and file.
func (p *Petition) Validate(note string) error {
	c := &complaints{}
	c.text("note", note, 0, MaxPetitionNote)
	if p == nil {
		return c.list.Or()
	}
	if p.Statutes != "" && !ValidLink(p.Statutes) {
		c.add("statutes", CodeFormat, "this is no web address")
	}
	c.count("evidence", len(p.Evidence), 0, mostPetitionURLs)
	for _, link := range p.Evidence {
		if !ValidLink(link) {
			c.add("evidence", CodeFormat, "this is no web address")
		}
	}
	if p.Contact != "" && !ValidMail(p.Contact) {
		c.add("contact", CodeFormat, "this is no mail address")
	}
	if f := p.File; f != nil {
		switch {
		case len(f.Body) > MaxPetitionFile:
			c.add("file", CodeTooLong, "is larger than 5 MiB")
		case !bytes.HasPrefix(f.Body, []byte("%PDF-")):
			c.add("file", CodeFormat, "is no PDF")
		}
	}
	return c.list.Or()
}
