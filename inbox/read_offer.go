// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/federation/document"
)

// agreed is what an Agreement says (FEP-0837): of an Offer what is proposed, of its Accept
// what holds.
type agreed struct {
	id     coop.IRI
	owner  coop.IRI        // attributedTo
	slot   coop.IRI        // the proposal whose primary intent is satisfied
	by     coop.IRI        // who works; empty: it does not say
	hours  int             // none: zero, or below where it is no number of hours
	amount decimal.Decimal // of the other side; zero: none
	from   string          // the day of the beginning, or empty
	paid   bool            // there is another side
	sound  bool            // one commitment a side, in hours and by one, of the same slot
}

// The fragments by which the two intents of a proposal are named.
const (
	primary    = "#primary"
	reciprocal = "#reciprocal"
)

// readAgreement reads an Agreement of one commitment a side; whatever it may be, what it
// gives is only what stood there.
func readAgreement(doc *document.Object) agreed {
	a := agreed{id: coop.IRI(doc.ID()), owner: coop.IRI(doc.Owner())}
	work, pay := doc.Objects("stipulates", 2), doc.Objects("stipulatesReciprocal", 2)
	if len(work) != 1 || len(pay) > 1 {
		if len(work) > 0 {
			a.slot = slotOf(work[0], primary)
		}
		return a
	}
	a.slot, a.by = slotOf(work[0], primary), coop.IRI(work[0].Ref("provider").ID)
	quantity := work[0].Object("resourceQuantity")
	a.hours, a.sound = whole(quantity, "hasNumericalValue"), unit(quantity, "hour")
	if at, ok := work[0].Time("hasBeginning"); ok {
		a.from = at.Format(time.DateOnly)
	}
	if len(pay) == 1 {
		a.readPay(pay[0])
	}
	return a
}

// readPay reads the other side of an Agreement.
func (a *agreed) readPay(pay *document.Object) {
	quantity := pay.Object("resourceQuantity")
	a.paid, a.amount = true, number(quantity, "hasNumericalValue")
	a.sound = a.sound && unit(quantity, "one") && quantity.Has("hasNumericalValue")
	if of := slotOf(pay, reciprocal); of != "" && of != a.slot {
		a.sound = false
	}
	if to := coop.IRI(pay.Ref("receiver").ID); to != "" && to != a.by {
		a.sound = false
	}
}

// slotOf is the proposal of which a commitment satisfies an intent.
func slotOf(commitment *document.Object, intent string) coop.IRI {
	return coop.IRI(strings.TrimSuffix(commitment.Ref("satisfies").ID, intent))
}

// unit tells whether a quantity is in a unit, by its name or by the end of its address.
func unit(quantity *document.Object, name string) bool {
	got := quantity.String("hasUnit")
	if i := strings.LastIndexAny(got, "/#:"); i >= 0 {
		got = got[i+1:]
	}
	return got == name
}

// offer is an Agreement as the offer that it makes, with what of it does not depend on
// the slot.
func (a agreed) offer(doc *document.Object, id coop.IRI) *coop.Offer {
	o := &coop.Offer{
		IRI: id, State: coop.OfferSent, Hours: a.hours, Amount: a.amount, From: a.from,
		Note: plain(doc.Text("content").Value, maxNote), Replaces: coop.IRI(doc.Ref("replaces").ID),
	}
	o.Ends, _ = doc.Time("endTime")
	return o
}
