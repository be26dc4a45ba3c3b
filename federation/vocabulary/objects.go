// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"strings"
	"time"
)

// Note is a Note, Question or Article of ours, or another object with an author
// and a text (Image, Video, Event).
type Note struct {
	ID           string
	Type         string // empty: Note
	AttributedTo string
	URL          string
	To, Cc       []string
	Audience     string
	InReplyTo    string
	Context      string
	Replies      string
	Published    time.Time
	Updated      time.Time
	EndTime      time.Time
	Sensitive    bool
	Name         string // an Article's title, a ballot's option; never on other Notes
	Summary      string // an Article's summary, a warning
	Content      string
	Contents     Map // contentMap; the first is the main language and equals Content
	Source       string
	SourceType   string // media type of Source; empty: text/markdown
	Attachment   []Members
	Tag          []Members
	Extra        Members // payload and other terms, in their order
}

// Members is the note as an object; Encode(n.Members(), Post) writes it. Content
// defaults to the first of Contents. A note without text, such as a ballot, has
// nothing to warn of and carries no sensitive.
func (n Note) Members() Members {
	if n.Type == "" {
		n.Type = "Note"
	}
	if n.Content == "" && len(n.Contents) > 0 {
		n.Content = n.Contents[0].Value
	}
	m := Members{}.Add("id", n.ID).Add("type", n.Type).Add("attributedTo", n.AttributedTo).Add("url", n.URL)
	m = m.Add("to", n.To).Add("cc", n.Cc).Add("audience", n.Audience)
	m = m.Add("inReplyTo", n.InReplyTo).Add("context", n.Context).Add("replies", n.Replies)
	m = m.Add("published", n.Published).Add("updated", n.Updated).Add("endTime", n.EndTime)
	if n.Content != "" || n.Sensitive {
		m = append(m, Member{"sensitive", n.Sensitive})
	}
	m = m.Add("name", n.Name).Add("summary", n.Summary)
	m = m.Add("content", n.Content).Add("contentMap", n.Contents).Add("source", n.source())
	m = m.Add("attachment", n.Attachment).Add("tag", n.Tag)
	return append(m, n.Extra...)
}

// source is what the author typed (ActivityPub §3.3).
func (n Note) source() Members {
	if n.Source == "" {
		return nil
	}
	if n.SourceType == "" {
		n.SourceType = "text/markdown"
	}
	return Members{{"content", n.Source}, {"mediaType", n.SourceType}}
}

// PropertyValue is a line of a profile, or an identifier; on profiles value is HTML.
func PropertyValue(name, value string) Members {
	return Members{{"type", "PropertyValue"}, {"name", name}, {"value", value}}
}

// Picture is an Image with its media type; mediaType and alt may be empty.
func Picture(url, mediaType, alt string) Members {
	if url == "" {
		return nil
	}
	return Members{{"type", "Image"}}.Add("mediaType", mediaType).Add("url", url).Add("name", alt)
}

// Place is a place with an optional address; coordinates are decimal texts, and
// only stand there together.
func Place(name, latitude, longitude string, address Members) Members {
	m := Members{{"type", "Place"}}.Add("name", name)
	if latitude != "" && longitude != "" {
		m = append(m, Member{"latitude", Decimal(latitude)}, Member{"longitude", Decimal(longitude)})
	}
	return m.Add("address", address)
}

// Address is a schema.org PostalAddress; parts may be empty. Country is ISO
// 3166-1 alpha-2, region ISO 3166-2 or its name.
func Address(street, locality, region, postalCode, country string) Members {
	m := Members{{"type", "PostalAddress"}}.Add("streetAddress", street).Add("addressLocality", locality)
	return m.Add("addressRegion", region).Add("postalCode", postalCode).Add("addressCountry", country)
}

// Hashtag is an entry of tag; name comes without the number sign.
func Hashtag(name, href string) Members {
	return Members{{"type", "Hashtag"}, {"name", "#" + strings.TrimPrefix(name, "#")}, {"href", href}}
}

// Mention is an entry of tag; handle is name@host.
func Mention(handle, actor string) Members {
	return Members{{"type", "Mention"}, {"name", "@" + strings.TrimPrefix(handle, "@")}, {"href", actor}}
}

// ObjectLink is an entry of tag that refers to an object (FEP-e232).
func ObjectLink(href, name string, rel ...string) Members {
	m := Members{{"type", "Link"}, {"mediaType", `application/ld+json; profile="` + ActivityStreams + `"`}, {"href", href}}
	return m.Add("name", name).Add("rel", rel)
}

// Quantity is an amount of FEP-0837: the number is a string, the unit one or hour.
func Quantity(unit, number string) Members {
	return Members{{"hasUnit", unit}, {"hasNumericalValue", number}}
}
