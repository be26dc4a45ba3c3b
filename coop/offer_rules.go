// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// OfferFault is why an offer cannot be taken: a constant word, for which each face and
// the answer to another server have a sentence.
type OfferFault string

// What may be wrong with an offer.
const (
	FaultSlot     OfferFault = "slot"     // there is no such slot, or not for this one
	FaultClosed   OfferFault = "closed"   // the request takes no offers, or the slot is covered
	FaultLate     OfferFault = "late"     // after respondBy
	FaultOver     OfferFault = "over"     // more hours than are open
	FaultQuantity OfferFault = "quantity" // the units or amounts do not match the slot's
	FaultStranger OfferFault = "stranger" // not by a co-op
	FaultBlocked  OfferFault = "blocked"
	FaultOwn      OfferFault = "own"     // by who requested
	FaultTwice    OfferFault = "twice"   // another of theirs for the slot waits
	FaultMany     OfferFault = "many"    // too many wait
	FaultReplace  OfferFault = "replace" // what it replaces waits no more, or is another's
	FaultEnded    OfferFault = "ended"   // it is over already
	FaultAgreed   OfferFault = "agreed"  // of an agreement: it is not what was offered
)

// OfferFaults are all of them.
func OfferFaults() []OfferFault {
	return []OfferFault{
		FaultSlot, FaultClosed, FaultLate, FaultOver, FaultQuantity, FaultStranger, FaultBlocked, FaultOwn,
		FaultTwice, FaultMany, FaultReplace, FaultEnded, FaultAgreed,
	}
}

// OfferError says why an offer cannot be taken ([ErrState]).
type OfferError struct {
	Fault OfferFault
	Open  int // hours that are open in the slot, where that is the reason
}

// Field is the field of an offer that it is about: the hours, or the slot.
func (e *OfferError) Field() string {
	if e.Fault == FaultOver || e.Fault == FaultQuantity {
		return "hours"
	}
	return "slot"
}

// Error is the reason in plain words.
func (e *OfferError) Error() string {
	if e.Fault == FaultOver {
		return fmt.Sprintf("the offer is over the %d hours that are open", e.Open)
	}
	return map[OfferFault]string{
		FaultSlot:     "there is no such slot",
		FaultClosed:   "the slot takes no offers any more",
		FaultLate:     "the day until which offers are taken is over",
		FaultQuantity: "the quantities do not match those of the slot",
		FaultStranger: "only co-ops and federations offer",
		FaultBlocked:  "an offer of this sender is not taken",
		FaultOwn:      "who requests does not offer",
		FaultTwice:    "another offer of the same co-op for this slot waits for an answer",
		FaultMany:     "too many offers wait for an answer",
		FaultReplace:  "the offer that this one replaces does not wait for an answer",
		FaultEnded:    "the offer is over already",
		FaultAgreed:   "the agreement is not what was offered",
	}[e.Fault]
}

// Unwrap makes it an [ErrState].
func (e *OfferError) Unwrap() error { return ErrState }

// SlotTerms is what of a slot an offer is held against.
type SlotTerms struct {
	Takes    bool            // the request and the slot take offers now
	Open     int             // hours
	Rate     decimal.Decimal // an hour; zero: who offers says it
	Currency string          // of the rate, or of the budget
	Until    time.Time       // respondBy; zero: no end
}

// SlotTerms are what an offer for a slot of a request is held against, and the slot; false
// where the post is no request or has no such slot.
func (p *Post) SlotTerms(key string) (SlotTerms, Slot, bool) {
	if p.Request == nil || p.Request.Slot(key) == nil {
		return SlotTerms{}, Slot{}, false
	}
	r, slot := p.Request, *p.Request.Slot(key)
	t := SlotTerms{Takes: r.Status.Seeking() && !slot.Closed, Open: slot.OpenHours(), Until: r.RespondBy}
	t.Currency = r.currency()
	if slot.Rate != nil {
		t.Rate, t.Currency = slot.Rate.Value, slot.Rate.Currency
	}
	return t, slot, true
}

// currency is in what a request pays: that of its budget, else of the first role that
// names a rate; empty: it does not say.
func (r *Request) currency() string {
	if r.Budget != nil {
		return r.Budget.Currency
	}
	for _, s := range r.Slots {
		if s.Rate != nil {
			return s.Rate.Currency
		}
	}
	return ""
}

// TakesAnswers tells whether offers for a request may still be accepted: also while what is
// required is covered, for the rest.
func (r *Request) TakesAnswers() bool { return r.Status.Seeking() || r.Status == RequestCovered }

// Check holds an offer against its slot (FEP-0837, the rules of the owner): an
// [*OfferError], or nil. The hours must be within what is open, the amount that many
// times the rate.
func (t SlotTerms) Check(o *Offer, now time.Time) error {
	switch {
	case !t.Until.IsZero() && !now.Before(t.Until):
		return &OfferError{Fault: FaultLate}
	case !t.Takes || t.Open <= 0:
		return &OfferError{Fault: FaultClosed}
	case !o.Ends.IsZero() && !o.Ends.After(now):
		return &OfferError{Fault: FaultEnded}
	case o.Hours < 1 || !t.pays(o):
		return &OfferError{Fault: FaultQuantity}
	case o.Hours > t.Open:
		return &OfferError{Fault: FaultOver, Open: t.Open}
	}
	return nil
}

// pays tells whether the amount of an offer is what its hours cost at the rate of the
// slot; where the slot has none, any amount that is no nonsense is good.
func (t SlotTerms) pays(o *Offer) bool {
	if !soundDecimal(o.Amount) || o.Amount.IsNegative() || o.Amount.GreaterThan(maxMoney()) {
		return false
	}
	return t.Rate.IsZero() || o.Amount.Equal(t.Price(o.Hours))
}

// Price is what hours cost at the rate of the slot.
func (t SlotTerms) Price(hours int) decimal.Decimal {
	return t.Rate.Mul(decimal.NewFromInt(int64(hours)))
}

const (
	longestOfferNote = 2_000
	mostOfferHours   = 10_000
)

// ValidateOffer complains about what somebody typed: fields hours, rate, starts_on, note
// and ends_at, as an [Invalid]. now is the present.
func ValidateOffer(o *Offer, now time.Time) error {
	c := &complaints{now: now}
	c.number("hours", o.Hours, 1, mostOfferHours)
	c.amount("rate", o.Amount)
	if o.Amount.IsPositive() {
		c.currency("rate", o.Currency)
	}
	c.date("starts_on", o.From)
	c.text("note", o.Note, 0, longestOfferNote)
	if !o.Ends.IsZero() && !o.Ends.After(now) {
		c.add("ends_at", CodePast, "this has gone by")
	}
	return c.list.Or()
}

// ValidateReason complains about why an offer is declined or released: the field reason,
// which who offered reads.
func ValidateReason(reason string) error {
	c := &complaints{}
	c.text("reason", reason, 1, longestReason)
	return c.list.Or()
}
