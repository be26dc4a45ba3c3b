// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"strings"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/federation/sanitize"
)

// actorDocument is an actor as its own document describes it, and its keys.
type actorDocument struct {
	account *coop.Account
	keys    []coop.RemoteKey
	name    string // preferredUsername as written, for WebFinger
}

// maxAliases is how many of an actor's other names are kept.
const maxAliases = 32

// readActor turns an actor's document into an account, shown for now under the
// host of its id. The error is a *coop.InvalidError: no inbox, no id, an inbox
// elsewhere. The document must come from its own origin.
func (in *Inbox) readActor(doc *document.Object) (*actorDocument, error) {
	view := doc.Actor()
	host, err := origin.Host(view.ID)
	if err != nil || !origin.Same(view.ID, view.Inbox) {
		return nil, &coop.InvalidError{Field: "inbox", Problem: "an actor has an id and an inbox of one origin"}
	}
	now := in.now()
	a := &coop.Account{
		IRI: coop.IRI(view.ID), ActorType: actorType(view), Kind: actorKind(view),
		Name: actorName(view), Host: host, FetchedAt: now,
		CreatedAt: view.Published, UpdatedAt: view.Updated,
	}
	if a.CreatedAt.IsZero() || a.CreatedAt.After(now) {
		a.CreatedAt = now
	}
	in.readProfile(a, view)
	readAddresses(a, view)
	a.Coop = readFacts(doc, view)
	keys := remoteKeys(view, now)
	for _, k := range keys {
		a.HasEd25519 = a.HasEd25519 || multikey(k)
	}
	return &actorDocument{account: a, keys: keys, name: view.PreferredUsername}, nil
}

// actorType is one of the five of AS2; what else has an inbox is a Service.
func actorType(view *document.ActorView) string {
	switch view.Type {
	case "Person", "Organization", "Group", "Application", "Service":
		return view.Type
	}
	return "Service"
}

// actorKind sorts by type: an Organization with members is a federation, a Group with
// members a team.
func actorKind(view *document.ActorView) coop.AccountKind {
	switch actorType(view) {
	case "Person":
		return coop.Person
	case "Organization":
		if view.Members != "" {
			return coop.Federation
		}
		return coop.Coop
	case "Group":
		if view.Members != "" {
			return coop.Team
		}
		return coop.Board
	case "Application":
		return coop.Instance
	}
	return coop.Service
}

// actorName is the name of the handle; an actor without a usable one is named by
// the end of its id.
func actorName(view *document.ActorView) string {
	name := coop.CleanLine(view.PreferredUsername, 100)
	if name == "" || strings.ContainsAny(name, "@/ ") {
		name = view.ID[strings.LastIndexByte(strings.TrimRight(view.ID, "/"), '/')+1:]
	}
	return coop.CleanLine(strings.Trim(name, "@/ "), 100)
}

// readProfile reads what people see; all of it is plain text or cleaned HTML. An
// actor that its own server suspended shows nothing but its name.
func (in *Inbox) readProfile(a *coop.Account, view *document.ActorView) {
	if view.Suspended {
		a.DisplayName, a.Locked = a.Name, true
		return
	}
	a.DisplayName = coop.CleanLine(view.Name, document.MaxName)
	if a.DisplayName == "" {
		a.DisplayName = a.Name
	}
	a.Bio = sanitize.HTML(view.Summary.Value)
	a.Language = coop.CleanLanguage(view.Summary.Language)
	a.URL = webAddress(view.URL)
	a.Icon, a.Image = picture(view.Icon), picture(view.Image)
	for _, f := range view.Fields {
		a.Fields = append(a.Fields, coop.Field{Name: coop.CleanLine(f.Name, 255), Value: sanitize.HTML(f.Value)})
	}
	a.Emojis = readEmojis(view.Emoji)
	a.Locked, a.Memorial = view.ManuallyApproves, view.Memorial
	a.Discoverable = view.Discoverable != nil && *view.Discoverable
	a.Indexable = view.Indexable != nil && *view.Indexable
	a.AlsoKnownAs = iris(view.AlsoKnownAs, maxAliases)
	a.MovedTo = coop.IRI(view.MovedTo)
	a.MemberOf = iris(view.MemberOf, maxAliases)
	for _, d := range view.AttributionDomains[:min(len(view.AttributionDomains), 20)] {
		if host, err := origin.NormalizeHost(d); err == nil {
			a.Domains = append(a.Domains, host)
		}
	}
	for _, c := range view.Implements {
		if _, err := origin.Parse(c.Href); err == nil {
			a.Implements = append(a.Implements, coop.IRI(c.Href))
		}
	}
}

// readAddresses reads the actor's collections. Those of another origin are left
// out: what stands in them would not be the actor's word.
func readAddresses(a *coop.Account, view *document.ActorView) {
	own := func(address string) coop.IRI {
		if !origin.Same(address, view.ID) {
			return ""
		}
		return coop.IRI(address)
	}
	a.Inbox, a.SharedInbox, a.Outbox = own(view.Inbox), own(view.SharedInbox), own(view.Outbox)
	a.Followers, a.Following, a.Featured = own(view.Followers), own(view.Following), own(view.Featured)
	a.FeaturedTags = own(view.FeaturedTags)
	a.Jobs, a.Knowledge = own(view.Jobs), own(view.Knowledge)
	a.Requests, a.Members = own(view.Requests), own(view.Members)
	a.Services, a.Capacity = own(view.Services), own(view.Capacity)
	for _, b := range view.Boards[:min(len(view.Boards), 20)] {
		if own(b) != "" {
			a.Boards = append(a.Boards, coop.IRI(b))
		}
	}
}

// readFacts reads what a co-op says of itself; nil where it says nothing.
func readFacts(doc *document.Object, view *document.ActorView) *coop.CoopFacts {
	f := &coop.CoopFacts{
		Type: coop.IRI(view.CoopType), MembershipBase: coop.IRI(view.MembershipBase),
		Activity: iris(refIDs(doc.Refs("activity")), 20), Evidence: iris(view.Evidence, 20),
		Members: count(doc, "memberCount"), Workers: count(doc, "workerCount"),
	}
	if date := doc.String("foundingDate"); date != "" {
		if _, ok := coop.ParseDate(date); ok {
			f.Founded = date
		}
	}
	f.Place = readPlace(doc.Object("location"))
	readTerms(f, doc)
	nothing := f.DayRate == nil && f.LeadTime == "" && len(f.Contracts) == 0 && f.Type == "" && f.MembershipBase == "" && f.Founded == "" && f.Place == nil &&
		f.Members < 0 && f.Workers < 0 && len(f.Activity)+len(f.Evidence) == 0
	if nothing {
		return nil
	}
	return f
}

// readTerms reads what work costs and how it begins. A rate without a sound amount and a
// currency is none.
func readTerms(f *coop.CoopFacts, doc *document.Object) {
	if rate := doc.Object("dayRate"); rate != nil {
		r := &coop.DayRate{Currency: line(rate, "currency"), Min: number(rate, "minValue"), Max: number(rate, "maxValue")}
		if !rate.Has("minValue") {
			r.Min = number(rate, "value")
		}
		if with, ok := rate.Bool("gross"); ok {
			r.VAT = &with
		}
		if coop.ValidateDayRate(r) == nil {
			f.DayRate = r
		}
	}
	if s := line(doc, "leadTime"); s != "" {
		if _, err := coop.ParseDuration(s); err == nil {
			f.LeadTime = s
		}
	}
	for _, kind := range doc.Strings("contractTypes") {
		if kind = coop.CleanLine(kind, 60); kind != "" && len(f.Contracts) < 10 {
			f.Contracts = append(f.Contracts, kind)
		}
	}
}

// count is a number of people, negative one where it is unknown or absurd.
func count(doc *document.Object, member string) int {
	if n, ok := doc.Int(member); ok && n >= 0 && n < 10_000_000 {
		return int(n)
	}
	return -1
}

// picture is the first picture that a page may show.
func picture(media []document.Attachment) coop.Picture {
	for _, m := range media {
		if u := webAddress(m.URL); u != "" {
			return coop.Picture{URL: u, MediaType: coop.CleanLine(m.MediaType, 100), Alt: coop.CleanText(m.Name, 1500)}
		}
	}
	return coop.Picture{}
}

// webAddress is the address if it is one of the web, else empty.
func webAddress(s string) string {
	u, err := origin.Parse(s)
	if err != nil {
		return ""
	}
	return u.String()
}

// iris are the usable addresses of a list, each once, at most limit.
func iris(list []string, limit int) []coop.IRI {
	var out []coop.IRI
	seen := map[string]bool{}
	for _, s := range list {
		if _, err := origin.Parse(s); err != nil || seen[s] || len(out) == limit {
			continue
		}
		seen[s] = true
		out = append(out, coop.IRI(s))
	}
	return out
}

// refIDs are the ids of references.
func refIDs(refs []document.Ref) []string {
	var ids []string
	for _, r := range refs {
		if r.ID != "" {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
