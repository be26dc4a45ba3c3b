// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"strings"
	"time"
)

// Mention is somebody named in a post.
type Mention struct{ Href, Name string }

// Hashtag is a hashtag; Name without the number sign, at most 100 characters.
type Hashtag struct{ Name, Href string }

// Emoji is a picture for a word; Name without the colons.
type Emoji struct {
	ID, Name, URL, MediaType string
	Updated                  time.Time
}

// Tags is what tag holds.
type Tags struct {
	Mentions []Mention
	Hashtags []Hashtag
	Emoji    []Emoji
	Links    []Link // to objects (FEP-e232)
}

// Tags reads tag up to the limits of each kind.
func (o *Object) Tags() Tags {
	var t Tags
	var scratch Object
	entries(o.Raw("tag"), func(raw []byte) bool {
		switch raw[0] {
		case '"': // Pleroma repeats hashtags as bare words
			t.hashtag(decode(raw), "")
		case '{':
			scratch.load(raw, o)
			t.add(&scratch)
		}
		return true
	})
	return t
}

// add sorts one tag.
func (t *Tags) add(c *Object) {
	switch c.Type() {
	case "Mention":
		if href := idOf(first(c.Raw("href"))); href != "" && len(t.Mentions) < MaxMentions {
			t.Mentions = append(t.Mentions, Mention{Href: href, Name: cut(c.String("name"), MaxName)})
		}
	case "Hashtag":
		t.hashtag(c.String("name"), idOf(first(c.Raw("href"))))
	case "Emoji":
		t.emoji(c)
	case "Link":
		if l := c.link(); isObjectLink(l.MediaType) && len(t.Links) < MaxLinks {
			t.Links = append(t.Links, l)
		}
	}
}

// hashtag adds a hashtag once.
func (t *Tags) hashtag(name, href string) {
	name = strings.TrimPrefix(strings.TrimSpace(name), "#")
	if name == "" || len(t.Hashtags) >= MaxHashtags || len(name) > 4*100 {
		return
	}
	for i, h := range t.Hashtags {
		if strings.EqualFold(h.Name, name) {
			if h.Href == "" {
				t.Hashtags[i].Href = href
			}
			return
		}
	}
	t.Hashtags = append(t.Hashtags, Hashtag{Name: cut(name, 100), Href: href})
}

// emoji adds an emoji that has a picture.
func (t *Tags) emoji(c *Object) {
	icons := c.Media("icon")
	name := strings.Trim(c.String("name"), ":")
	if len(icons) == 0 || name == "" || len(name) > 4*100 || len(t.Emoji) >= MaxEmoji {
		return
	}
	updated, _ := c.Time("updated")
	t.Emoji = append(t.Emoji, Emoji{
		ID: c.ID(), Name: cut(name, 100), URL: icons[0].URL, MediaType: icons[0].MediaType, Updated: updated,
	})
}

// isObjectLink tells whether a media type means an ActivityPub object (FEP-e232).
func isObjectLink(mediaType string) bool {
	t, parameters, _ := strings.Cut(mediaType, ";")
	switch strings.TrimSpace(strings.ToLower(t)) {
	case "application/activity+json":
		return true
	case "application/ld+json":
		return strings.Contains(parameters, "https://www.w3.org/ns/activitystreams")
	}
	return false
}
