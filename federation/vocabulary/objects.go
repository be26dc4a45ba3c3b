// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import "time"

// Note is a Note, Question or Article of ours, or a wish of a kind that Mastodon
// writes (Image, Video, …).
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

// Members is the note as an object; Encode(n.Members(), Post) writes it.
func (n Note) Members() Members { return nil }

// Tombstone is what stands where something was (ActivityPub §6.4).
type Tombstone struct {
	ID, FormerType string
	Deleted        time.Time
}

// Members is the tombstone as an object.
func (t Tombstone) Members() Members { return nil }

// Key is an actor's two public keys.
type Key struct {
	PEM       string   // RSA, of #main-key
	Multibase []string // Ed25519 Multikeys, the current one first: #ed25519-key, then as named in MultikeyIDs
	IDs       []string // ids of the Multikeys; where missing <actor>#ed25519-key
}

// ActorDocument is an actor of ours (federation.md 3).
type ActorDocument struct {
	ID, Type           string // one of the five actor types of AS2
	AttributedTo       string // a board's federation
	PreferredUsername  string
	Name, Summary, URL string
	Inbox, Outbox      string
	Followers          string // empty on the instance actor
	Following          string
	SharedInbox        string
	Featured           string
	FeaturedTags       string
	Webfinger          string // name@domain
	ManuallyApproves   bool
	Discoverable       bool
	Indexable          bool
	Published, Updated time.Time
	Icon, Image        Members // see [Picture]
	AlsoKnownAs        []string
	MovedTo            string
	AttributionDomains []string
	Extra              Members   // minga's members: coopType, memberOf, members, jobs, location, …
	Fields             []Members // see [PropertyValue]
	Tag                []Members
	Key                Key
	Generator          Members // see [Generator]
}

// Members is the actor as an object; Encode(a.Members(), Actor) writes it.
func (a ActorDocument) Members() Members { return nil }

// Collection is an OrderedCollection, or with PartOf a page of one.
type Collection struct {
	ID           string
	AttributedTo string
	Unordered    bool
	TotalItems   int64 // below 0: not said
	First, Last  string
	PartOf       string // makes it a page
	Next, Prev   string
	Items        []any // strings, Members or json.RawMessage; nil: only counted or paged
}

// Members is the collection as an object.
func (c Collection) Members() Members { return nil }

// PropertyValue is a line of a profile; value is HTML.
func PropertyValue(name, value string) Members { return nil }

// Picture is an Image with its media type; either may be empty.
func Picture(url, mediaType, alt string) Members { return nil }

// Place is a place with an optional address; coordinates are decimal texts or empty.
func Place(name, latitude, longitude string, address Members) Members { return nil }

// Address is a schema.org PostalAddress; parts may be empty.
func Address(street, locality, region, postalCode, country string) Members { return nil }

// Hashtag, Mention and ObjectLink are entries of tag. name comes without the
// number sign; a mention's with its at sign.
func Hashtag(name, href string) Members { return nil }

// Mention is an entry of tag.
func Mention(handle, actor string) Members { return nil }

// ObjectLink is an entry of tag that refers to an object (FEP-e232).
func ObjectLink(href, name string, rel ...string) Members { return nil }

// Generator is the application that made an actor, with what it can do (FEP-844e).
func Generator(id, name, url string) Members { return nil }
