// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"strconv"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
)

// slotAddress is the proposal that a slot of a request is.
func slotAddress(request coop.IRI, key string) string { return string(below(request, "slots/"+key)) }

// offerActivity is an offer on its way to who requested [wire example 11]: an Agreement
// that does not hold yet.
func offerActivity(f *coop.Offer, to coop.IRI, at time.Time) vocabulary.Activity {
	a := vocabulary.Activity{
		ID: string(f.IRI), Type: "Offer", Actor: string(f.By.IRI), To: []string{string(to)}, Published: at, EndTime: f.Ends,
		Content: text.Typed{}.Write(f.Note).HTML,
		Object: append(vocabulary.Members{
			{Name: "type", Value: "Agreement"},
			{Name: "attributedTo", Value: string(f.By.IRI)},
		}, commitments(f, "")...),
	}
	if f.Replaces != "" {
		a.Extra = vocabulary.Members{{Name: "replaces", Value: string(f.Replaces)}}
	}
	return a
}

// commitments are the two sides of an Agreement; id is its own, empty in an offer.
func commitments(f *coop.Offer, id coop.IRI) vocabulary.Members {
	slot := slotAddress(f.Request, f.Slot)
	work := commitment(id, "#primary").
		Add("satisfies", slot+"#primary").
		Add("action", "work").
		Add("provider", string(f.By.IRI)).
		Add("hasBeginning", beginning(f.From)).
		Add("resourceQuantity", quantityOf("hour", strconv.Itoa(f.Hours)))
	both := vocabulary.Members{{Name: "stipulates", Value: work}}
	if f.Amount.IsZero() {
		return both
	}
	return both.Add("stipulatesReciprocal", commitment(id, "#reciprocal").
		Add("satisfies", slot+"#reciprocal").
		Add("receiver", string(f.By.IRI)).
		Add("resourceQuantity", quantityOf("one", f.Amount.String())))
}

// commitment begins one side of an Agreement, which has an id where the Agreement has one.
func commitment(id coop.IRI, side string) vocabulary.Members {
	m := vocabulary.Members{{Name: "type", Value: "Commitment"}}
	if id == "" {
		return m
	}
	return m.Add("id", string(id)+side)
}

// quantityOf is a quantity (FEP-0837): its number is a string.
func quantityOf(unit, n string) vocabulary.Members {
	return vocabulary.Members{{Name: "hasUnit", Value: unit}, {Name: "hasNumericalValue", Value: n}}
}

// beginning is a day as an instant; the zero time, which is left out, where there is none.
func beginning(day string) time.Time {
	at, _ := time.Parse(time.DateOnly, day)
	return at
}

// agreementMembers is the Agreement that an accepted offer becomes, by its owner.
func agreementMembers(a *coop.Agreement, f *coop.Offer) vocabulary.Members {
	return append(vocabulary.Members{
		{Name: "type", Value: "Agreement"},
		{Name: "id", Value: string(a.IRI)},
		{Name: "attributedTo", Value: string(a.Owner.IRI)},
	}, commitments(f, a.IRI)...)
}

// acceptActivity is the answer to an offer [wire example 12]; agreement is the Agreement.
func acceptActivity(id string, a *coop.Agreement, f *coop.Offer, agreement any, at time.Time) vocabulary.Activity {
	return vocabulary.Activity{
		ID: id, Type: "Accept", Actor: string(a.Owner.IRI), Object: string(f.IRI), To: []string{string(f.By.IRI)}, Published: at, Result: agreement,
	}
}

// refusalActivity is a Reject with its reason, in words.
func refusalActivity(id string, by, of, to coop.IRI, reason string, at time.Time) vocabulary.Activity {
	return vocabulary.Activity{
		ID: id, Type: "Reject", Actor: string(by), Object: string(of), To: []string{string(to)}, Published: at, Content: text.Typed{}.Write(reason).HTML,
	}
}
