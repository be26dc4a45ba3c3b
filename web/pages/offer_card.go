// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// offerCard is an offer in a list.
type offerCard struct {
	URL, Title, Slot string
	Who              person // the other side
	Vouched          string // of which federations it is a verified member; empty: none that we know of
	State            stateBadge
	Hours, Cost      string
	From, Until      string
	Note             []string
	Sent             moment
	Over             bool // more than is open now
	Waits            bool
	ID               string
}

// offerBadge tells a state by sign and word.
func (t *tongue) offerBadge(state coop.OfferState) stateBadge {
	class, sign := "expired", "○"
	switch state {
	case coop.OfferSent, coop.OfferChanged:
		class, sign = "open", "●"
	case coop.OfferAccepted:
		class, sign = "filled", "✓"
	}
	return stateBadge{class, sign, t.T("offer_state_" + string(state))}
}

// offerCard is an offer in words, as one side sees the other.
func (f *Face) offerCard(t *tongue, o *coop.Offer, other *coop.Account) offerCard {
	card := offerCard{
		URL: offerPath(o.ID), Title: o.Title, Slot: o.SlotName, Who: f.person(other), State: t.offerBadge(o.State), Hours: t.N("offer_hours", o.Hours),
		Cost: t.offerCost(o), Note: linesOf(o.Note), Sent: momentOf(t, o.UpdatedAt), Waits: o.Waits(f.Now()), ID: o.ID.String(),
	}
	if o.From != "" {
		card.From = t.Date(o.From)
	}
	if !o.Ends.IsZero() {
		card.Until = t.Here(o.Ends)
	}
	return card
}

// offerCost says what an offer costs, in all and by the hour.
func (t *tongue) offerCost(o *coop.Offer) string {
	if o.Amount.IsZero() {
		return ""
	}
	return t.T("offer_cost", "Amount", t.money(o.Currency, o.Amount), "Rate", t.money(o.Currency, o.Rate()))
}

// money is an amount with its currency.
func (t *tongue) money(currency string, d decimal.Decimal) string {
	return strings.TrimSpace(currency + " " + t.Decimal(d))
}
