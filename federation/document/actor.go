// SPDX-License-Identifier: AGPL-3.0-or-later

package document

import (
	"strings"
	"time"
)

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

// ActorView is what minga uses of an actor's document. Every
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
func (o *Object) Actor() *ActorView {
	a := &ActorView{ID: o.ID(), Type: o.Type(), Owner: o.address("attributedTo")}
	a.profile(o)
	a.addresses(o)
	a.flags(o)
	a.keys(o)
	a.minga(o)
	return a
}

// profile reads what people see.
func (a *ActorView) profile(o *Object) {
	a.PreferredUsername = cut(o.String("preferredUsername"), MaxName)
	a.Name = cut(o.Text("name").Value, MaxName)
	a.Summary = o.Text("summary")
	a.Summary.Value = cutBytes(a.Summary.Value, MaxBio)
	for i := range a.Summary.All {
		a.Summary.All[i].Value = cutBytes(a.Summary.All[i].Value, MaxBio)
	}
	a.URL = o.Link()
	a.Icon, a.Image = o.Media("icon"), o.Media("image")
	tags := o.Tags()
	a.Emoji, a.Hashtags = tags.Emoji, tags.Hashtags
	entries(o.Raw("attachment"), func(raw []byte) bool {
		if c := o.child(raw); c.Type() == "PropertyValue" {
			a.Fields = append(a.Fields, Field{cut(c.Text("name").Value, MaxName), cutBytes(c.String("value"), MaxField)})
		}
		return len(a.Fields) < MaxFields
	})
}

// addresses reads where things of the actor are.
func (a *ActorView) addresses(o *Object) {
	a.Inbox, a.Outbox = o.address("inbox"), o.address("outbox")
	a.SharedInbox = o.Object("endpoints").address("sharedInbox")
	a.Followers, a.Following, a.Liked = o.address("followers"), o.address("following"), o.address("liked")
	a.Featured, a.FeaturedTags = o.address("featured"), o.address("featuredTags")
	a.MovedTo = o.address("movedTo")
	a.AlsoKnownAs = o.ids("alsoKnownAs", MaxAliases)
	a.Webfinger = strings.TrimPrefix(cut(o.String("webfinger"), MaxName), "acct:")
	a.AttributionDomains = o.Strings("attributionDomains")
}

// flags reads switches and dates.
func (a *ActorView) flags(o *Object) {
	a.ManuallyApproves, _ = o.Bool("manuallyApprovesFollowers")
	a.Memorial, _ = o.Bool("memorial")
	a.Suspended, _ = o.Bool("suspended")
	a.Discoverable, a.Indexable = o.maybe("discoverable"), o.maybe("indexable")
	a.Published, _ = o.Time("published")
	a.Updated, _ = o.Time("updated")
}

// maybe is a boolean that may be unsaid.
func (o *Object) maybe(member string) *bool {
	if b, ok := o.Bool(member); ok {
		return &b
	}
	return nil
}

// keys reads both kinds of keys; each kind may be one or several, embedded or named.
func (a *ActorView) keys(o *Object) {
	o.eachRef("publicKey", MaxKeys, func(r Ref) {
		c := r.Object()
		a.Keys = append(a.Keys, PublicKey{ID: r.ID, Owner: c.address("owner"), PEM: c.String("publicKeyPem")})
	})
	o.eachRef("assertionMethod", MaxKeys, func(r Ref) {
		c := r.Object()
		a.AssertionMethods = append(a.AssertionMethods, Multikey{
			ID: r.ID, Controller: c.address("controller"), Multibase: c.String("publicKeyMultibase"),
		})
	})
	o.Object("generator").each("implements", MaxEntries, func(c *Object) {
		a.Implements = append(a.Implements, Capability{Href: c.ref(c.raw, &Object{}).ID, Name: cut(c.String("name"), MaxName)})
	})
}

// minga reads what federations and co-ops add.
func (a *ActorView) minga(o *Object) {
	a.MemberOf, a.Boards = o.ids("memberOf", MaxEntries), o.ids("boards", MaxEntries)
	a.Members, a.Jobs, a.Knowledge = o.address("members"), o.address("jobs"), o.address("knowledge")
	a.Requests, a.Decisions = o.address("requests"), o.address("decisions")
	a.Services, a.Capacity = o.address("services"), o.address("capacity")
	a.CoopType, a.MembershipBase = o.address("coopType"), o.address("membershipBase")
	a.Evidence = o.ids("evidence", MaxEntries)
}
