// SPDX-License-Identifier: AGPL-3.0-or-later

package document

// Class sorts documents by what can be done with them.
type Class int

// The classes.
const (
	Thing      Class = iota // an object: a note, a place, a payload
	Actor                   // has an inbox
	Activity                // somebody did something
	Collection              // Collection, OrderedCollection
	Page                    // a page of a collection
	LinkClass               // Link, Mention
)

// String names the class.
func (c Class) String() string {
	return [...]string{"thing", "actor", "activity", "collection", "page", "link"}[c]
}

// classOf knows the types of ActivityStreams, those that other software sends as
// plain words, and ours.
func classOf(name string) (c Class, known bool) {
	switch name {
	case "Person", "Service", "Group", "Organization", "Application":
		return Actor, true
	case "Accept", "Add", "Announce", "Arrive", "Block", "Create", "Delete", "Dislike", "Flag", "Follow",
		"Ignore", "Invite", "Join", "Leave", "Like", "Listen", "Move", "Offer", "Read", "Reject", "Remove",
		"TentativeAccept", "TentativeReject", "Travel", "Undo", "Update", "View", "Activity",
		"IntransitiveActivity", "EmojiReact", "QuoteRequest":
		return Activity, true
	case "Collection", "OrderedCollection":
		return Collection, true
	case "CollectionPage", "OrderedCollectionPage":
		return Page, true
	case "Link", "Mention":
		return LinkClass, true
	}
	return Thing, knownThing(name)
}

// knownThing knows the types of things.
func knownThing(name string) bool {
	switch name {
	case "Article", "Audio", "Document", "Event", "Image", "Note", "Object", "Page", "Place", "Profile",
		"Question", "Relationship", "Tombstone", "Video", // ActivityStreams
		"Hashtag", "Emoji", "PropertyValue", "Key", "CryptographicKey", "Multikey", "DataIntegrityProof",
		"ChatMessage", "QuoteAuthorization", // spoken by others
		"Proposal", "Intent", "Agreement", "Commitment", "Plan", "Process", // Valueflows
		"JobPosting", "MonetaryAmount", "QuantitativeValue", "PostalAddress", "DefinedTerm", "Occupation",
		"ContactPoint", "Country", "CreativeWorkSeries", "AdministrativeArea", // schema.org
		"Request", "Pool", "TimeOffer", "OrderWindow", "Decision", "Ballot", "Membership", "TerritorialService",
		"Referral", "LedgerEntry", "Alliance", "Edit": // minga
		return true
	}
	return false
}

// maxType is how long the name of a type may be written.
const maxType = 256

// Types are all types as short names, in order, at most 16.
func (o *Object) Types() []string {
	var all []string
	o.eachType(func(name string) bool {
		all = append(all, name)
		return len(all) < 16
	})
	return all
}

func (o *Object) eachType(each func(name string) bool) {
	raw := o.Raw("type")
	if raw == nil {
		raw = o.Raw("@type")
	}
	entries(raw, func(raw []byte) bool {
		return raw[0] != '"' || len(raw) > maxType || each(short(decode(raw)))
	})
}

// Type is the short name: of several types the first that minga knows, else the
// first. Full IRIs and the known prefixes are taken off.
func (o *Object) Type() (name string) {
	o.eachType(func(s string) bool {
		_, known := classOf(s)
		if known || name == "" {
			name = s
		}
		return !known
	})
	return name
}

// Class tells the class by the type, or by the shape where the type is unknown
// (FEP-2277).
func (o *Object) Class() Class {
	if c, known := classOf(o.Type()); known {
		return c
	}
	switch {
	case o.Has("inbox"):
		return Actor
	case o.Has("actor") && o.Has("object"):
		return Activity
	case o.Has("partOf") && (o.Has("items") || o.Has("orderedItems")):
		return Page
	case o.Has("items") || o.Has("orderedItems"):
		return Collection
	case o.Has("href"):
		return LinkClass
	}
	return Thing
}

// isCollectionType tells whether a raw type names a collection or a page.
func isCollectionType(raw []byte) (yes bool) {
	entries(raw, func(raw []byte) bool {
		if raw[0] == '"' && len(raw) <= maxType {
			c, _ := classOf(short(decode(raw)))
			yes = yes || c == Collection || c == Page
		}
		return !yes
	})
	return yes
}
