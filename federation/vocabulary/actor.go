// SPDX-License-Identifier: AGPL-3.0-or-later

package vocabulary

import (
	"encoding/json"
	"time"
)

// Decimal is a decimal text as a JSON number, such as money: never a binary
// fraction on the way.
func Decimal(text string) json.Number { return json.Number(text) }

// Multikey is an Ed25519 key in assertionMethod (FEP-521a).
type Multikey struct {
	ID        string // empty: <actor>#ed25519-key
	Multibase string
}

// Key is an actor's public keys.
type Key struct {
	PEM       string     // RSA, under <actor>#main-key
	Multikeys []Multikey // the current one first; old ones stay so that old proofs hold
}

// ActorDocument is an actor of ours.
type ActorDocument struct {
	ID, Type           string // one of the five actor types of ActivityStreams
	AttributedTo       string // a board's federation
	PreferredUsername  string
	Name, Summary, URL string
	Inbox, Outbox      string
	Followers          string // empty on the instance actor
	Following          string
	SharedInbox        string
	Featured           string
	FeaturedTags       string
	Webfinger          string // name@domain (FEP-2c59)
	ManuallyApproves   bool
	Discoverable       bool
	Indexable          bool
	Published, Updated time.Time
	Icon, Image        Members // see [Picture]
	AlsoKnownAs        []string
	MovedTo            string
	AttributionDomains []string
	Generator          Members   // see [Generator]
	Extra              Members   // minga's members: coopType, memberOf, members, jobs, location, …
	Fields             []Members // see [PropertyValue]
	Tag                []Members
	Key                Key
}

// Members is the actor as an object; Encode(a.Members(), Actor) writes it. The
// three switches are always said: readers take silence in different ways.
func (a ActorDocument) Members() Members {
	m := Members{{"id", a.ID}, {"type", a.Type}}.Add("attributedTo", a.AttributedTo)
	m = append(m, Member{"preferredUsername", a.PreferredUsername}, Member{"name", a.Name})
	m = m.Add("summary", a.Summary).Add("url", a.URL).Add("webfinger", a.Webfinger)
	m = m.Add("inbox", a.Inbox).Add("outbox", a.Outbox).Add("followers", a.Followers).Add("following", a.Following)
	if a.SharedInbox != "" {
		m = append(m, Member{"endpoints", Members{{"sharedInbox", a.SharedInbox}}})
	}
	m = m.Add("featured", a.Featured).Add("featuredTags", a.FeaturedTags)
	m = append(m, Member{"manuallyApprovesFollowers", a.ManuallyApproves},
		Member{"discoverable", a.Discoverable}, Member{"indexable", a.Indexable})
	m = m.Add("published", a.Published).Add("updated", a.Updated).Add("icon", a.Icon).Add("image", a.Image)
	m = m.Add("alsoKnownAs", a.AlsoKnownAs).Add("movedTo", a.MovedTo).Add("attributionDomains", a.AttributionDomains)
	m = m.Add("generator", a.Generator)
	m = append(m, a.Extra...)
	m = m.Add("attachment", a.Fields).Add("tag", a.Tag)
	return m.Add("publicKey", a.publicKey()).Add("assertionMethod", a.multikeys())
}

// publicKey is the RSA key as everybody reads it.
func (a ActorDocument) publicKey() Members {
	if a.Key.PEM == "" {
		return nil
	}
	return Members{{"id", a.ID + "#main-key"}, {"owner", a.ID}, {"publicKeyPem", a.Key.PEM}}
}

func (a ActorDocument) multikeys() []Members {
	var all []Members
	for _, k := range a.Key.Multikeys {
		if k.ID == "" {
			k.ID = a.ID + "#ed25519-key"
		}
		all = append(all, Members{
			{"id", k.ID}, {"type", "Multikey"}, {"controller", a.ID}, {"publicKeyMultibase", k.Multibase},
		})
	}
	return all
}

// Generator is the application that made an actor, with what it can do
// (FEP-844e): RFC 9421. id may be empty.
func Generator(id, name, url string) Members {
	m := Members{}.Add("id", id)
	m = append(m, Member{"type", "Application"}, Member{"name", name}).Add("url", url)
	return append(m, Member{"implements", []Members{{
		{"href", "https://datatracker.ietf.org/doc/html/rfc9421"}, {"name", "RFC-9421: HTTP Message Signatures"},
	}}})
}
