// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

// FEP is a proposal that we speak, and in which direction. FEDERATION.md says the
// same; a test compares the two.
type FEP struct {
	Number string // four hexadecimal digits
	Title  string
	In     bool // understood from others
	Out    bool // spoken to others
}

// FEPs are the Fediverse Enhancement Proposals of this release, by number.
func FEPs() []FEP {
	return []FEP{
		{"0151", "NodeInfo in Fediverse Software (2025 edition)", false, true},
		{"044f", "Consent-respecting quote posts", true, true},
		{"0837", "Federated Marketplace", true, true},
		{"1b12", "Group federation", true, true},
		{"2277", "ActivityPub core types", true, false},
		{"2677", "Identifying the Application Actor", false, true},
		{"2931", "Representing context with a Collection", true, true},
		{"2c59", "Discovery of a Webfinger address from an ActivityPub actor", false, true},
		{"3b86", "Activity Intents", true, true},
		{"521a", "Representing actor's public keys", true, true},
		{"5feb", "Search indexing consent for actors", true, true},
		{"67ff", "FEDERATION.md", false, true},
		{"7458", "Using the replies collection", true, true},
		{"7628", "Move actor", true, true},
		{"7888", "Demystifying the context property", true, true},
		{"844e", "Capability discovery", true, true},
		{"8a8e", "A common approach to using the Event object type", true, false},
		{"8b32", "Object Integrity Proofs", true, true},
		{"8fcf", "Followers collection synchronization across servers", true, true},
		{"9967", "Polls", true, true},
		{"b2b8", "Long-form Text", true, true},
		{"c0e0", "Emoji reactions", true, false},
		{"d556", "Server-Level Actor Discovery Using WebFinger", false, true},
		{"e232", "Object Links", true, false},
		{"f1d5", "NodeInfo in Fediverse Software", false, true},
		{"f228", "Backfilling conversations", true, true},
		{"fe34", "Origin-based security model", true, true},
	}
}

// Spoken is a type and in which direction it is spoken.
type Spoken struct {
	Name    string
	In, Out bool
}

// ActivityTypes are the activities that have an effect here, or are sent.
func ActivityTypes() []Spoken {
	return []Spoken{
		{"Accept", true, true},
		{"Add", true, true},
		{"Announce", true, true},
		{"Block", true, true},
		{"Create", true, true},
		{"Delete", true, true},
		{"Dislike", true, false},
		{"EmojiReact", true, false},
		{"Flag", true, true},
		{"Follow", true, true},
		{"Invite", true, true},
		{"Join", true, true},
		{"Leave", true, true},
		{"Like", true, true},
		{"Move", true, true},
		{"Offer", true, true},
		{"QuoteRequest", true, false},
		{"Reject", true, true},
		{"Remove", true, true},
		{"Undo", true, true},
		{"Update", true, true},
	}
}

// ObjectTypes are the types of things that are understood, or sent.
func ObjectTypes() []Spoken {
	return []Spoken{
		{"Application", true, true},
		{"Group", true, true},
		{"Organization", true, true},
		{"Person", true, true},
		{"Service", true, true}, // actors
		{"Article", true, true},
		{"Audio", true, true},
		{"Document", true, true},
		{"Event", true, false},
		{"Image", true, true},
		{"Note", true, true},
		{"Page", true, false},
		{"Place", true, true},
		{"Question", true, true},
		{"Tombstone", true, true},
		{"Video", true, true}, // objects of ActivityStreams
		{"Collection", true, true},
		{"CollectionPage", true, true},
		{"OrderedCollection", true, true},
		{"OrderedCollectionPage", true, true},
		{"Emoji", true, true},
		{"Hashtag", true, true},
		{"Link", true, true},
		{"Mention", true, true},
		{"Multikey", true, true},
		{"PropertyValue", true, true},
		{"DataIntegrityProof", true, true},
		{"QuoteAuthorization", true, true},
		{"Agreement", true, true},
		{"Commitment", true, true},
		{"Intent", true, true},
		{"Plan", true, true},
		{"Process", true, true},
		{"Proposal", true, true}, // FEP-0837, FEP-3264
		{"AdministrativeArea", true, true},
		{"ContactPoint", true, true},
		{"Country", true, true},
		{"CreativeWorkSeries", true, true},
		{"DefinedTerm", true, true},
		{"JobPosting", true, true},
		{"MonetaryAmount", true, true},
		{"Occupation", true, true},
		{"PostalAddress", true, true},
		{"QuantitativeValue", true, true}, // schema.org
		{"Alliance", true, true},
		{"Ballot", true, true},
		{"Decision", true, true},
		{"Edit", true, true},
		{"LedgerEntry", true, true},
		{"Membership", true, true},
		{"OrderWindow", true, true},
		{"Pool", true, true},
		{"Referral", true, true},
		{"Request", true, true},
		{"TerritorialService", true, true},
		{"TimeOffer", true, true}, // minga
	}
}
