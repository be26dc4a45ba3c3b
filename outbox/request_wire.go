// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"fmt"
	"strconv"

	"minga/coop"
	"minga/federation/vocabulary"
)

// requestTerms are the terms of a request on its note [wire example 10]: the note is a
// FEP-0837 proposal itself, and so is each slot of its payload.
func requestTerms(p *coop.Post) vocabulary.Members {
	q := p.Request
	m := vocabulary.Members{{Name: "purpose", Value: "request"}, {Name: "unitBased", Value: false}}
	primary := vocabulary.Members{{Name: "type", Value: "Intent"}, {Name: "id", Value: string(p.IRI) + "#primary"}, {Name: "action", Value: "deliverService"}}
	primary = primary.Add("resourceConformsTo", q.Need.URI).Add("resourceQuantity", vocabulary.Quantity("one", "1"))
	m = m.Add("publishes", primary)
	if b := q.Budget; b != nil && coop.CurrencyIRI(b.Currency) != "" {
		back := transfer(string(p.IRI), b.Currency, b.Max.String())
		m = m.Add("reciprocal", append(back, vocabulary.Member{Name: "minimumQuantity", Value: vocabulary.Quantity("one", b.Min.String())}))
	}
	return m.Add("request", requestPayload(p))
}

// requestPayload is the request itself.
func requestPayload(p *coop.Post) vocabulary.Members {
	q := p.Request
	m := vocabulary.Members{{Name: "type", Value: "Request"}, {Name: "id", Value: string(p.IRI) + "#request"}}
	m = m.Localized("title", languages(p.Language, q.Title, q.TitleMap)...)
	m = m.Localized("description", languages(p.Language, q.Description, q.DescriptionMap)...)
	m = m.Add("status", string(q.Status)).Add("respondBy", q.RespondBy).Add("closed", q.Closed)
	if b := q.Budget; b != nil {
		m = m.Add("budget", vocabulary.Members{
			{Name: "type", Value: "MonetaryAmount"},
			{Name: "currency", Value: b.Currency},
			{Name: "minValue", Value: number(b.Min)},
			{Name: "maxValue", Value: number(b.Max)},
		})
	}
	var rules []string
	for _, rule := range q.Transparency {
		rules = append(rules, string(rule))
	}
	m = m.Add("transparency", rules)
	var slots []vocabulary.Members
	for _, s := range q.Slots {
		slots = append(slots, slotProposal(p, s))
	}
	return m.Add("slots", slots)
}

// slotProposal is a slot as a proposal: hours of work for money an hour (FEP-0837).
// availableQuantity are the hours that are open still.
func slotProposal(p *coop.Post, s coop.Slot) vocabulary.Members {
	iri := string(below(p.IRI, "slots/"+s.Key))
	primary := vocabulary.Members{{Name: "type", Value: "Intent"}, {Name: "id", Value: iri + "#primary"}, {Name: "action", Value: "work"}}
	primary = primary.Add("resourceConformsTo", s.Skill.URI).Add("resourceQuantity", vocabulary.Quantity("hour", "1"))
	primary = primary.Add("availableQuantity", vocabulary.Quantity("hour", strconv.Itoa(s.OpenHours())))
	m := vocabulary.Members{
		{Name: "type", Value: "Proposal"},
		{Name: "id", Value: iri},
		{Name: "attributedTo", Value: string(p.Author.IRI)},
		{Name: "name", Value: s.Name},
		{Name: "purpose", Value: "request"},
		{Name: "unitBased", Value: true},
		{Name: "status", Value: string(s.State())},
		{Name: "required", Value: s.Required},
		{Name: "publishes", Value: primary},
	}
	if s.Rate != nil && coop.CurrencyIRI(s.Rate.Currency) != "" {
		m = m.Add("reciprocal", transfer(iri, s.Rate.Currency, s.Rate.Value.String()))
	}
	return m.Add("to", []string{string(coop.Public)})
}

// SlotDocument is a slot of a request of ours by itself, as who wants to offer asks for
// it; [coop.ErrNotFound] for one that is not there.
func (o *Outbox) SlotDocument(p *coop.Post, key string) ([]byte, error) {
	if p.Request == nil || p.Author == nil || !p.Local || p.Request.Slot(key) == nil {
		return nil, fmt.Errorf("slot %.40s of %s: %w", key, p.IRI, coop.ErrNotFound)
	}
	body, err := vocabulary.Encode(slotProposal(p, *p.Request.Slot(key)), vocabulary.Post)
	if err != nil {
		return nil, fmt.Errorf("slot %s of %s: %w", key, p.IRI, err)
	}
	return body, nil
}

// transfer is an amount of money that is given for what a proposal asks.
func transfer(iri, currency, amount string) vocabulary.Members {
	return vocabulary.Members{
		{Name: "type", Value: "Intent"},
		{Name: "id", Value: iri + "#reciprocal"},
		{Name: "action", Value: "transfer"},
		{Name: "resourceConformsTo", Value: coop.CurrencyIRI(currency)},
		{Name: "resourceQuantity", Value: vocabulary.Quantity("one", amount)},
	}
}
