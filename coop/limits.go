// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "fmt"

// Bounds of what people here write. The schema has them
// as well.
const (
	MaxPostLength    = 5000 // characters of a post
	MaxSummaryLength = 500  // characters of a content warning
	MaxAltLength     = 1500 // characters of an alternative text
	MaxHashtags      = 30
	MaxBioLength     = 5000
	MaxDisplayName   = 100
	MaxFields        = 8
	MaxFieldLength   = 255 // characters of a field's name, and of its value
)

// ValidatePost complains about a note of ours that is longer than it may be, as
// an [Invalid]: fields text, summary, language, media[i].description, tags.
// Jobs and articles have rules of their own.
func ValidatePost(p *Post) error {
	c := &complaints{}
	least := 1
	if len(p.Attachments) > 0 {
		least = 0
	}
	c.text("text", p.Source, least, MaxPostLength)
	c.text("summary", p.Summary, 0, MaxSummaryLength)
	if p.Language != "" && !ValidLanguage(p.Language) {
		c.add("language", CodeUnknown, "%.40q is no BCP 47 language", p.Language)
	}
	if !in(Visibilities(), p.Visibility) {
		c.add("visibility", CodeUnknown, "%.40q is no audience", string(p.Visibility))
	}
	for i, file := range p.Attachments {
		c.text(fmt.Sprintf("media[%d].description", i), file.Alt, 0, MaxAltLength)
	}
	c.count("tags", len(p.Hashtags), 0, MaxHashtags)
	return c.list.Or()
}

// postingVisibilities are those that may be an account's usual one.
func postingVisibilities() []Visibility {
	return []Visibility{VisiblePublic, VisibleUnlisted, VisibleFollowers, VisibleDirect}
}

// ValidateProfile complains about a profile of ours, as an [Invalid]: fields
// display_name, bio, language, fields[i].name, fields[i].value, privacy,
// posting.language, email.
func ValidateProfile(a *Account) error {
	c := &complaints{}
	c.text("display_name", a.DisplayName, 0, MaxDisplayName)
	c.text("bio", a.BioSource, 0, MaxBioLength)
	if a.Language != "" && !ValidLanguage(a.Language) {
		c.add("language", CodeUnknown, "%.40q is no BCP 47 language", a.Language)
	}
	c.count("fields", len(a.Fields), 0, MaxFields)
	for i, field := range a.Fields {
		c.text(fmt.Sprintf("fields[%d].name", i), field.Name, 1, MaxFieldLength)
		long := runes(field.Source)
		if long == 0 {
			long = VisibleLength(Truncate(field.Value, 10*MaxFieldLength))
		}
		c.length(fmt.Sprintf("fields[%d].value", i), long, 0, MaxFieldLength)
	}
	if v := a.Posting.Visibility; v != "" && !in(postingVisibilities(), v) {
		c.add("privacy", CodeUnknown, "%.40q is not one of %v", string(v), postingVisibilities())
	}
	if l := a.Posting.Language; l != "" && !ValidLanguage(l) {
		c.add("posting.language", CodeUnknown, "%.40q is no BCP 47 language", l)
	}
	if a.Email != "" && !ValidMail(a.Email) {
		c.add("email", CodeFormat, "%.80q is no mail address", a.Email)
	}
	checkFacts(c, a.Coop)
	return c.list.Or()
}
