// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import "time"

// PublicKey is an entry of publicKey.
type PublicKey struct {
	ID    string
	Owner string
	PEM   string // empty if the key is only named
}

// Multikey is an entry of assertionMethod (FEP-521a).
type Multikey struct {
	ID         string
	Controller string
	Multibase  string // empty if the key is only named
}

// Field is a line of a profile: Name is plain text, Value is HTML of strangers.
type Field struct{ Name, Value string }

// Capability is an entry of generator.implements (FEP-844e).
type Capability struct{ Href, Name string }

// ActorView is what minga uses of an actor's document (federation.md 3). Every
// address is empty or usable; every list is bounded; texts are of strangers.
type ActorView struct {
	ID, Type                                      string
	PreferredUsername                             string
	Name                                          string // at most MaxName characters
	Summary                                       Text   // HTML, at most MaxBio bytes each
	URL                                           string
	Inbox, Outbox, SharedInbox                    string
	Followers, Following, Liked                   string
	Featured, FeaturedTags                        string
	Owner                                         string // attributedTo: a board's federation
	Webfinger                                     string // FEP-2c59, without acct:
	Published, Updated                            time.Time
	ManuallyApproves                              bool
	Discoverable, Indexable                       *bool // nil: not said
	Memorial, Suspended                           bool
	Icon, Image                                   []Attachment
	Keys                                          []PublicKey
	AssertionMethods                              []Multikey
	AlsoKnownAs                                   []string
	MovedTo                                       string
	AttributionDomains                            []string
	Fields                                        []Field
	Emoji                                         []Emoji
	Hashtags                                      []Hashtag
	Implements                                    []Capability
	MemberOf                                      []string
	Boards                                        []string
	Members, Jobs, Knowledge, Requests, Decisions string
	Services, Capacity                            string
	CoopType, MembershipBase                      string
	Evidence                                      []string
}

// Actor sees the object as an actor. It reads whatever is there: a document
// without inbox gives a view without inbox.
func (o *Object) Actor() *ActorView { return &ActorView{} }
