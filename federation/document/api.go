// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"iter"
	"time"
)

// Check walks the tokens of body once and refuses at the first excess, with a
// *[ShapeError]. It builds nothing: its memory does not grow with the body.
func Check(body []byte, limits Limits) error { return nil }

// Object is one JSON object of a document, read lazily from the original bytes.
// A nil *Object is an absent one: all its accessors answer with nothing, so
// calls can be chained without looking. An Object is not safe for use by several
// goroutines at once.
type Object struct{ raw []byte }

// Read indexes body, which must be one JSON object. It keeps body and never
// changes it; the caller must not either. Errors are *[ShapeError].
func Read(body []byte) (*Object, error) { return &Object{raw: body}, nil }

// Bytes are the original bytes of this object, without what surrounds it.
func (o *Object) Bytes() []byte { return nil }

// ID is the id if it may serve as one (http or https, host, no user-info, at
// most [MaxID] bytes), else empty: the document is anonymous.
func (o *Object) ID() string { return "" }

// Type is the short name: of several types the first that minga knows, else the
// first. Full IRIs and the known prefixes are taken off.
func (o *Object) Type() string { return "" }

// Types are all types as short names, in order.
func (o *Object) Types() []string { return nil }

// Class sorts documents by what can be done with them.
type Class int

// The classes.
const (
	Thing      Class = iota // an object: a note, a place, a payload
	Actor                   // has an inbox
	Activity                // somebody did something
	Collection              // Collection, OrderedCollection
	Page                    // a page of a collection
	LinkClass               // Link, Mention, Hashtag
)

// Class tells the class by the type, or by the shape where the type is unknown
// (FEP-2277).
func (o *Object) Class() Class { return 0 }

// Has tells whether the member is there and not null.
func (o *Object) Has(member string) bool { return false }

// Raw is the member's value as it was written, nil if absent or null.
func (o *Object) Raw(member string) []byte { return nil }

// Member is one member as it was written.
type Member struct {
	Name string
	Raw  []byte
}

// Members are all members in document order, null ones too.
func (o *Object) Members() []Member { return nil }

// Object is the member's value, or of an array the first entry, if that is an
// object; else nil. Known old prefixes of the name do not matter.
func (o *Object) Object(member string) *Object { return nil }

// Objects are the objects among the member's entries, at most limit.
func (o *Object) Objects(member string, limit int) []*Object { return nil }

// Ref names another document, and may have brought a copy of it. The copy is a
// claim of whoever sent it.
type Ref struct {
	ID       string // empty if the copy has no usable id
	Embedded []byte // the original bytes of the copy; nil if only named
}

// Object reads the copy; nil if there is none.
func (r Ref) Object() *Object { return nil }

// IsZero tells whether there was nothing.
func (r Ref) IsZero() bool { return r.ID == "" && r.Embedded == nil }

// Ref is the first entry of the member as a reference: a string, an object (its
// id, of a Link its href), or the first of an array.
func (o *Object) Ref(member string) Ref { return Ref{} }

// Refs are all entries of the member as references, at most [MaxRecipients].
func (o *Object) Refs(member string) []Ref { return nil }

// String is the member's text: a string, the first string of an array, the
// value of a JSON-LD value object, or a number as written.
func (o *Object) String(member string) string { return "" }

// Strings are all strings of the member, at most [MaxEntries].
func (o *Object) Strings(member string) []string { return nil }

// Bool is the member as a boolean; "true" and "false" as strings count.
func (o *Object) Bool(member string) (value, ok bool) { return false, false }

// Number is the member as a decimal text, from a number or a string. It is never
// made a binary fraction.
func (o *Object) Number(member string) (decimal string, ok bool) { return "", false }

// Int is the member as a whole number.
func (o *Object) Int(member string) (n int64, ok bool) { return 0, false }

// Time is the member as an instant in UTC: RFC 3339 with or without fraction or
// offset, or a date. Not ok: absent, unreadable, or absurd (before 1900, after
// 2199); the caller then takes the time of arrival.
func (o *Object) Time(member string) (t time.Time, ok bool) { return time.Time{}, false }

// Localized is a text in one language.
type Localized struct {
	Language string // BCP 47 as written, empty if unknown
	Value    string
}

// Text is a text in one or several languages.
type Text struct {
	Value    string      // the main one
	Language string      // of Value; empty if nobody said
	All      []Localized // the map in document order; empty if there is none
}

// In is the text in the language, else the main one.
func (t Text) In(language string) string { return "" }

// Text reads the member and its map (content and contentMap).
func (o *Object) Text(member string) Text { return Text{} }

// Public is the collection of everybody (ActivityPub §5.6).
const Public = "https://www.w3.org/ns/activitystreams#Public"

// Visibility is how far a document was meant to go.
type Visibility int

// The visibilities that the wire shows. Followers-only, members-only and direct
// are all Limited: telling them apart needs the author's collections.
const (
	Limited  Visibility = iota // Public is nowhere
	Unlisted                   // Public in cc or audience
	Everyone                   // Public in to
)

// Audience is to whom a document is addressed, Public in its one spelling.
type Audience struct {
	To, Cc, Bto, Bcc, Audience []string
}

// All is everybody addressed, each once, Public included.
func (a Audience) All() []string { return nil }

// Visibility tells where Public stands.
func (a Audience) Visibility() Visibility { return 0 }

// Audience reads to, cc, bto, bcc, audience; on an activity that has none of
// them it is its object's.
func (o *Object) Audience() Audience { return Audience{} }

// Mention is somebody named in a post.
type Mention struct{ Href, Name string }

// Hashtag is a hashtag; Name without the number sign.
type Hashtag struct{ Name, Href string }

// Emoji is a picture for a word; Name without the colons.
type Emoji struct {
	ID, Name, URL, MediaType string
	Updated                  time.Time
}

// Link is a link with what it says of its end.
type Link struct {
	Href, MediaType, Name, Language string
	Rel                             []string
	Width, Height                   int64
}

// Tags is what tag holds.
type Tags struct {
	Mentions []Mention
	Hashtags []Hashtag
	Emoji    []Emoji
	Links    []Link // to objects (FEP-e232)
}

// Tags reads tag up to the limits of each kind.
func (o *Object) Tags() Tags { return Tags{} }

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
	Digest    string    // digestMultibase or digestSRI
	Sensitive bool
}

// Attachments reads attachment, up to [MaxMedia]; PropertyValue entries are no media.
func (o *Object) Attachments() []Attachment { return nil }

// Media reads icon, image or another member as media, up to [MaxMedia].
func (o *Object) Media(member string) []Attachment { return nil }

// Links are the entries of a member such as url, up to [MaxLinks].
func (o *Object) Links(member string) []Link { return nil }

// Link is the best url for a person: HTML before unknown before the rest.
func (o *Object) Link() string { return "" }

// Owner is the actor whose document this is: the first of attributedTo, of an
// activity its actor, of an actor itself. Empty if nobody is named.
func (o *Object) Owner() string { return "" }

// Claims are the others in attributedTo, which nobody has confirmed.
func (o *Object) Claims() []string { return nil }

// Source is the text that the author typed.
type Source struct{ Content, MediaType string }

// Source reads source (ActivityPub §3.3).
func (o *Object) Source() Source { return Source{} }

// Option is one answer of a poll.
type Option struct {
	Name  string
	Votes int64
	Value string // minga's option: the fixed word behind the name
}

// Options reads oneOf or anyOf, up to [MaxOptions]; several tells anyOf.
func (o *Object) Options() (options []Option, several bool) { return nil, false }

// CollectionView is an object seen as a collection or page.
type CollectionView struct{ *Object }

// Collection sees the object as a collection or page.
func (o *Object) Collection() CollectionView { return CollectionView{o} }

// Items are the entries of orderedItems or items, one by one, at most [MaxItems].
func (c CollectionView) Items() iter.Seq[Ref] { return func(func(Ref) bool) {} }

// First, Next, Prev, Last and PartOf are the neighbours; First may be embedded.
func (c CollectionView) First() Ref  { return Ref{} }
func (c CollectionView) Next() Ref   { return Ref{} }
func (c CollectionView) Prev() Ref   { return Ref{} }
func (c CollectionView) Last() Ref   { return Ref{} }
func (c CollectionView) PartOf() Ref { return Ref{} }

// TotalItems is the number that the owner says.
func (c CollectionView) TotalItems() (n int64, ok bool) { return 0, false }

// PayloadName is the member that tells what a Note or Question is about: job,
// request, pool, timeOffer, sale, decision, ballot or service; else empty.
func (o *Object) PayloadName() string { return "" }

// Payload is the payload of that name as an object, nil if it is absent or an
// IRI. Its members are found with and without prefix (minga:status, sdo:title).
func (o *Object) Payload(name string) *Object { return nil }
