// SPDX-License-Identifier: AGPL-3.0-or-later

package document

// What one document may hold. Beyond these it is refused whole (400). No honest
// document that we know comes near: at most 7 levels, 900 values, 171 recipients
// and 31 tags.
const (
	MaxBody             = 1 << 20   // bytes of a body, pushed or fetched
	MaxDepth            = 32        // levels of objects and arrays
	MaxTokens           = 10_000    // keys, scalars, openings of objects and arrays
	MaxCollectionTokens = 100_000   // the same in a fetched collection or page
	MaxMembers          = 1_000     // members of one object
	MaxEntries          = 256       // entries of object, tag, attachment
	MaxRecipients       = 1_000     // entries of to, cc, bto, bcc and audience of one object together
	MaxItems            = 1_000     // entries of items, orderedItems
	MaxString           = 512 << 10 // bytes of one string, as written
	MaxID               = 2_048     // bytes of an id
)

// What one document may mean. Beyond these the rest is ignored, not refused.
const (
	MaxMentions = 100
	MaxHashtags = 100
	MaxEmoji    = 100
	MaxLinks    = 100 // FEP-e232 links in tag, and entries of url
	MaxMedia    = 16
	MaxOptions  = 50 // of a poll
	MaxFields   = 50 // of a profile
	MaxAliases  = 256
	MaxKeys     = 16     // publicKey, assertionMethod
	MaxName     = 500    // characters of a name
	MaxBio      = 20_000 // bytes of an actor's summary
	MaxField    = 2_048  // bytes of the value of a field
	MaxAltText  = 10_000 // characters of the text that stands for a picture
	MaxLanguage = 100    // languages of one text
)

// Limits are the bounds of one [Check].
type Limits struct {
	Body             int // bytes
	Depth            int // levels; at most 64
	Tokens           int
	CollectionTokens int // instead of Tokens where the document is a collection or a page
	Members          int
	Entries          int
	Recipients       int
	Items            int
	String           int // bytes, as written
	ID               int // bytes
}

// Pushed are the limits of what others send to an inbox.
func Pushed() Limits {
	return Limits{
		Body: MaxBody, Depth: MaxDepth, Tokens: MaxTokens, CollectionTokens: MaxTokens,
		Members: MaxMembers, Entries: MaxEntries, Recipients: MaxRecipients, Items: MaxItems,
		String: MaxString, ID: MaxID,
	}
}

// Fetched are the limits of what we asked for: as [Pushed], but a collection or
// page may hold ten times as much, since PeerTube and Lemmy embed whole objects.
func Fetched() Limits {
	l := Pushed()
	l.CollectionTokens = MaxCollectionTokens
	return l
}
