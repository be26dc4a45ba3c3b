// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"strings"
	"testing"

	"minga/coop"

	"github.com/shopspring/decimal"
)

// exampleOffer is the offer of the wire examples.
func exampleOffer(o *Outbox) *coop.Offer {
	return &coop.Offer{
		IRI: sur + "/coops/telar/offers/5", Request: norte + "/requests/88", Slot: "backend", By: telar(o), Hours: 160, Amount: decimal.NewFromInt(9920),
		Note: "Two members, from 1 December.", Ends: day("2026-11-26T10:00:00Z"),
	}
}

func TestWireOffer(t *testing.T) {
	offer := exampleOffer(bareOutbox(t, "fed-sur.example"))
	body, err := offerActivity(offer, norte+"/federation", day("2026-11-12T10:00:00Z")).Encode()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "11-offer-for-slot.json", body)
}

func TestWireAcceptOffer(t *testing.T) {
	offer := exampleOffer(bareOutbox(t, "fed-sur.example"))
	agreement := &coop.Agreement{IRI: norte + "/agreements/301", Owner: &coop.Account{IRI: norte + "/federation"}}
	accept := acceptActivity(norte+"/federation/accepts/9001", agreement, offer, agreementMembers(agreement, offer), day("2026-11-14T10:00:00Z"))
	body, err := accept.Encode()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "12-accept-offer.json", body)
}

// TestOfferMembers: a changed offer names the one that it replaces, a day is an instant,
// and without an amount there is no other side.
func TestOfferMembers(t *testing.T) {
	offer := exampleOffer(bareOutbox(t, "fed-sur.example"))
	offer.Replaces, offer.From, offer.Amount = sur+"/coops/telar/offers/4", "2026-12-01", decimal.Decimal{}
	body, err := offerActivity(offer, norte+"/federation", day("2026-11-12T10:00:00Z")).Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"replaces":"https://fed-sur.example/coops/telar/offers/4"`, `"hasBeginning":"2026-12-01T00:00:00Z"`} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	if strings.Contains(string(body), `"stipulatesReciprocal":{`) {
		t.Errorf("there is another side in %s", body)
	}
}
