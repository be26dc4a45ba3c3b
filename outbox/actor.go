// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"minga/coop"
	"minga/federation/signature"
	"minga/federation/vocabulary"
)

// ActorDocument is the actor document of a local account. The same
// account gives the same bytes.
func (o *Outbox) ActorDocument(ctx context.Context, a *coop.Account) ([]byte, error) {
	m, err := o.actorMembers(ctx, o.store, a)
	if err != nil {
		return nil, err
	}
	body, err := vocabulary.Encode(m, vocabulary.Actor)
	if err != nil {
		return nil, fmt.Errorf("write actor %s: %w", a.IRI, err)
	}
	return body, nil
}

// actorMembers is the actor as an object, with its keys.
func (o *Outbox) actorMembers(ctx context.Context, r keyReader, a *coop.Account) (vocabulary.Members, error) {
	pair, err := o.keysOf(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	pem, err := signature.EncodePublicPEM(pair.rsa.Signer.Public())
	if err != nil {
		return nil, fmt.Errorf("actor %s: %w", a.IRI, err)
	}
	key := vocabulary.Key{PEM: pem}
	if public, ok := pair.ed.Signer.Public().(ed25519.PublicKey); ok {
		key.Multikeys = []vocabulary.Multikey{{ID: pair.ed.ID, Multibase: signature.EncodeMultikey(public)}}
	}
	key.Multikeys = append(key.Multikeys, pair.listed...)
	doc := o.actor(a)
	doc.Key = key
	doc.Webfinger = a.Handle(o.o.Local.AccountDomain).String()
	doc.Generator = vocabulary.Generator(string(o.o.Local.actor(coop.Instance, "")), "minga", "")
	return doc.Members(), nil
}

// actor is an account in the words of the wire, without keys and what names the
// program.
func (o *Outbox) actor(a *coop.Account) vocabulary.ActorDocument {
	at := o.o.Local.media()
	doc := vocabulary.ActorDocument{
		ID: string(a.IRI), Type: a.ActorType, PreferredUsername: a.Name, Name: shownName(a), Summary: a.Bio, URL: a.URL,
		Inbox: string(a.Inbox), Outbox: string(a.Outbox), Followers: string(a.Followers), Following: string(a.Following),
		SharedInbox: string(a.SharedInbox), Featured: string(a.Featured), FeaturedTags: string(a.FeaturedTags),
		ManuallyApproves: a.Locked, Discoverable: a.Discoverable, Indexable: a.Indexable, Published: a.CreatedAt,
		Icon:        vocabulary.Picture(at.Shown(a.Icon.URL), a.Icon.MediaType, a.Icon.Alt),
		Image:       vocabulary.Picture(at.Shown(a.Image.URL), a.Image.MediaType, a.Image.Alt),
		AlsoKnownAs: texts(a.AlsoKnownAs), MovedTo: string(a.MovedTo), AttributionDomains: a.Domains, Extra: o.mingaTerms(a),
	}
	if a.Kind == coop.Instance {
		doc.Name, doc.Summary = a.Name, ""
	} else if a.Bio == "" {
		doc.Extra = append(doc.Extra, vocabulary.Member{Name: "summary", Value: ""}) // always said
	}
	if a.Kind == coop.Board {
		doc.AttributedTo = string(o.o.Local.actor(coop.Federation, ""))
	}
	if a.UpdatedAt.After(a.CreatedAt) {
		doc.Updated = a.UpdatedAt
	}
	for _, f := range a.Fields {
		doc.Fields = append(doc.Fields, vocabulary.PropertyValue(f.Name, f.Value))
	}
	return doc
}

// mingaTerms are the members of co-ops and federations.
func (o *Outbox) mingaTerms(a *coop.Account) vocabulary.Members {
	m := vocabulary.Members{}
	if f := a.Coop; f != nil {
		m = m.Add("coopType", string(f.Type)).Add("membershipBase", string(f.MembershipBase)).Add("activity", texts(f.Activity))
		m = m.Add("foundingDate", f.Founded)
		m = positive(positive(m, "memberCount", f.Members), "workerCount", f.Workers)
	}
	m = m.Add("memberOf", texts(a.MemberOf))
	m = m.Add("evidence", texts(o.evidence(a)))
	if f := a.Coop; f != nil {
		m = m.Add("dayRate", dayRate(f.DayRate)).Add("leadTime", f.LeadTime).Add("contractTypes", f.Contracts)
	}
	if a.Local && a.Kind == coop.Coop {
		m = m.Add("services", string(below(a.IRI, string(CollectionServices)))).Add("capacity", string(below(a.IRI, string(CollectionCapacity))))
	}
	m = m.Add("members", string(a.Members)).Add("jobs", string(a.Jobs)).Add("knowledge", string(a.Knowledge))
	m = m.Add("requests", string(requestsOf(a))).Add("decisions", decisionsOf(a)).Add("boards", texts(a.Boards))
	if f := a.Coop; f != nil && f.Place != nil {
		m = m.Add("location", place(named(*f.Place)))
	}
	return m
}

// requestsOf is the collection of requests of a federation, which has its members' too.
func requestsOf(a *coop.Account) coop.IRI {
	if a.Kind == coop.Federation && a.Local {
		return below(a.IRI, string(CollectionRequests))
	}
	return a.Requests
}

// dayRate is what a day of work costs; gross says whether VAT is in it.
func dayRate(r *coop.DayRate) vocabulary.Members {
	if r == nil {
		return nil
	}
	most := r.Max
	if most.IsZero() {
		most = r.Min
	}
	m := vocabulary.Members{
		{Name: "type", Value: "MonetaryAmount"},
		{Name: "currency", Value: r.Currency},
		{Name: "minValue", Value: number(r.Min)},
		{Name: "maxValue", Value: number(most)},
	}
	return stated(m, "gross", r.VAT)
}

// decisionsOf is the collection of a federation's decisions; co-ops have few, and none.
func decisionsOf(a *coop.Account) string {
	if a.Kind != coop.Federation || !a.Local {
		return ""
	}
	return string(below(a.IRI, string(CollectionDecisions)))
}

// named gives a place without a name its town and country.
func named(p coop.Place) coop.Place {
	if p.Name == "" {
		p.Name = strings.Trim(p.Locality+", "+p.Country, ", ")
	}
	return p
}

// evidence is where it can be read that the domains of a co-op are its own, and what else
// it says shows that it is one.
func (o *Outbox) evidence(a *coop.Account) []coop.IRI {
	var list []coop.IRI
	for _, domain := range a.EvidenceDomains() {
		list = append(list, coop.IRI(o.o.Local.Scheme+"://"+domain+coop.EvidencePath))
	}
	if a.Coop == nil {
		return list
	}
	for _, iri := range a.Coop.Evidence {
		if !slices.Contains(list, iri) {
			list = append(list, iri)
		}
	}
	return list
}
