// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"slices"
	"strings"
)

// Link is a link with what it says of its end.
type Link struct {
	Href, MediaType, Name, Language string
	Rel                             []string
	Width, Height                   int64
}

// Quotes tells whether the link marks what a post quotes, as Misskey and others
// write it by FEP-e232.
func (l Link) Quotes() bool {
	return slices.ContainsFunc(l.Rel, func(rel string) bool {
		return rel == "https://misskey-hub.net/ns#_misskey_quote" || rel == "_misskey_quote" || rel == "https://w3id.org/fep/044f#quote"
	})
}

// link reads a Link object, or the url of another one.
func (o *Object) link() Link {
	l := Link{
		Href: idOf(first(o.Raw("href"))), MediaType: cut(o.String("mediaType"), 200),
		Name: cut(o.String("name"), MaxName), Language: o.String("hreflang"),
		Width: o.count("width"), Height: o.count("height"),
	}
	if raw := o.Raw("rel"); raw != nil {
		l.Rel = o.Strings("rel")
	}
	if l.Href == "" {
		l.Href = idOf(first(o.Raw("url")))
	}
	return l
}

// Links are the entries of a member such as url, up to [MaxLinks].
func (o *Object) Links(member string) []Link {
	var all []Link
	var scratch Object
	entries(o.Raw(member), func(raw []byte) bool {
		l := Link{}
		if raw[0] == '{' {
			scratch.load(raw, o)
			l = scratch.link()
		} else {
			l.Href = idOf(raw)
		}
		if l.Href != "" {
			all = append(all, l)
		}
		return len(all) < MaxLinks
	})
	return all
}

// Link is the best url for a person: HTML before unknown before the rest.
func (o *Object) Link() string {
	best, rank := "", 0
	for _, l := range o.Links("url") {
		if r := linkRank(l.MediaType); r > rank {
			best, rank = l.Href, r
		}
	}
	return best
}

func linkRank(mediaType string) int {
	switch {
	case strings.HasPrefix(mediaType, "text/html"):
		return 3
	case mediaType == "":
		return 2
	}
	return 1
}

// Attachment is one medium of a post.
type Attachment struct {
	Type      string // Image, Video, Audio, Document, Link, …
	URL       string
	MediaType string
	Name      string // the text that stands for it
	Language  string // of Name
	Blurhash  string
	Width     int64 // pixels
	Height    int64
	Duration  string    // ISO 8601
	Focus     [2]string // decimal texts from -1 to 1; empty if not said
	Icon      string    // URL of a small picture
	Digest    string    // digestMultibase
	Sensitive bool
}

// Attachments reads attachment, up to [MaxMedia]; PropertyValue entries are no media.
func (o *Object) Attachments() []Attachment { return o.Media("attachment") }

// Media reads icon, image or another member as media, up to [MaxMedia].
func (o *Object) Media(member string) []Attachment {
	var all []Attachment
	var scratch Object
	entries(o.Raw(member), func(raw []byte) bool {
		a := Attachment{}
		if raw[0] == '{' {
			scratch.load(raw, o)
			a = scratch.attachment()
		} else {
			a.URL = idOf(raw)
		}
		if a.URL != "" && a.Type != "PropertyValue" {
			all = append(all, a)
		}
		return len(all) < MaxMedia
	})
	return all
}

// attachment reads one medium. Its place is url (a string, a Link or several of
// different kinds) or href.
func (o *Object) attachment() Attachment {
	a := Attachment{
		Type: o.Type(), MediaType: cut(o.String("mediaType"), 200),
		Blurhash: cut(o.String("blurhash"), 200), Width: o.count("width"), Height: o.count("height"),
		Duration: cut(o.String("duration"), 100), Digest: cut(o.String("digestMultibase"), 200),
	}
	a.place(o)
	a.Sensitive, _ = o.Bool("sensitive")
	alt := o.Text("name")
	if alt.Value == "" {
		alt = o.Text("summary")
	}
	a.Name, a.Language = cut(alt.Value, MaxAltText), alt.Language
	if a.Focus[0], a.Focus[1] = "", ""; o.Has("focalPoint") {
		a.focus(o.Raw("focalPoint"))
	}
	if o.Has("icon") {
		a.Icon = o.address("icon")
		if l := o.Object("icon"); l != nil {
			a.Icon = l.link().Href
		}
	}
	return a
}

// place finds where the medium is.
func (a *Attachment) place(o *Object) {
	links := o.Links("url")
	if len(links) == 0 {
		links = o.Links("href")
	}
	for _, l := range links {
		if a.URL == "" || (a.MediaType != "" && l.MediaType == a.MediaType) {
			a.URL = l.Href
			a.Width, a.Height = max(a.Width, l.Width), max(a.Height, l.Height)
			if a.MediaType == "" {
				a.MediaType = l.MediaType
			}
		}
	}
}

// focus reads Mastodon's pair of numbers.
func (a *Attachment) focus(raw []byte) {
	i := 0
	entries(raw, func(raw []byte) bool {
		if len(raw) > maxNumber || numberLength(raw) != len(raw) {
			a.Focus = [2]string{}
			return false
		}
		a.Focus[i] = string(raw)
		i++
		return i < 2
	})
	if i < 2 {
		a.Focus = [2]string{}
	}
}
