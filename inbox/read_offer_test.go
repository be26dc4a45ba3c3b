// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// exampleAgreement is what the wire examples of an offer and its Accept say.
func exampleAgreement() agreed {
	return agreed{
		owner: "https://fed-sur.example/coops/telar", slot: "https://red-norte.example/requests/88/slots/backend",
		by: "https://fed-sur.example/coops/telar", hours: 160, amount: decimal.NewFromInt(9920), paid: true, sound: true,
	}
}

func same(t *testing.T, name string, want, got agreed) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(agreed{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestReadOffer(t *testing.T) {
	doc := example(t, "11-offer-for-slot.json")
	a := readAgreement(doc.Object("object"))
	same(t, "11-offer-for-slot.json", exampleAgreement(), a)
	o := a.offer(doc, "https://fed-sur.example/coops/telar/offers/5")
	if o.Note != "Two members, from 1 December." || o.Hours != 160 || !o.Ends.Equal(time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)) || o.Replaces != "" {
		t.Errorf("read as %+v", o)
	}
	want := exampleAgreement()
	want.id, want.owner = "https://red-norte.example/agreements/301", "https://red-norte.example/federation"
	same(t, "12-accept-offer.json", want, readAgreement(example(t, "12-accept-offer.json").Object("result")))
}

// TestReadAgreement: what is not one commitment a side, in hours and by one, is seen as
// unsound, and nothing that it says is made up.
func TestReadAgreement(t *testing.T) {
	slot := "https://here.example/requests/1/slots/ops"
	quantity := func(unit, n any) doc { return doc{"hasUnit": unit, "hasNumericalValue": n} }
	work := func(change ...func(doc)) doc {
		d := doc{"satisfies": slot + "#primary", "provider": "https://a.example/u", "resourceQuantity": quantity("hour", "40")}
		for _, f := range change {
			f(d)
		}
		return d
	}
	pay := func(change ...func(doc)) doc {
		d := doc{"satisfies": slot + "#reciprocal", "receiver": "https://a.example/u", "resourceQuantity": quantity("one", "2480.50")}
		for _, f := range change {
			f(d)
		}
		return d
	}
	for _, tt := range []struct {
		name  string
		doc   doc
		hours int
		sound bool
	}{
		{"both sides", doc{"stipulates": work(), "stipulatesReciprocal": pay()}, 40, true},
		{"in arrays", doc{"stipulates": []doc{work()}, "stipulatesReciprocal": []doc{pay()}}, 40, true},
		{"work alone", doc{"stipulates": work()}, 40, true},
		{"numbers for strings", doc{"stipulates": work(with("resourceQuantity", quantity("hour", 40)))}, 40, true},
		{"the unit by its address", doc{"stipulates": work(with("resourceQuantity", quantity("om2:hour", "40")))}, 40, true},
		{"nothing", doc{}, 0, false},
		{"no object", doc{"stipulates": "https://a.example/c"}, 0, false},
		{"two slots at once", doc{"stipulates": []doc{work(), work()}}, 0, false},
		{"two payments", doc{"stipulates": work(), "stipulatesReciprocal": []doc{pay(), pay()}}, 0, false},
		{"days", doc{"stipulates": work(with("resourceQuantity", quantity("day", "40")))}, 40, false},
		{"half an hour", doc{"stipulates": work(with("resourceQuantity", quantity("hour", "0.5")))}, -1, true},
		{"fewer than none", doc{"stipulates": work(with("resourceQuantity", quantity("hour", "-3")))}, -1, true},
		{"an exponent", doc{"stipulates": work(with("resourceQuantity", quantity("hour", "1e300")))}, -1, true},
		{"no quantity", doc{"stipulates": work(with("resourceQuantity", nil))}, 0, false},
		{"paid for another slot", doc{"stipulates": work(), "stipulatesReciprocal": pay(with("satisfies", slot+"2#reciprocal"))}, 40, false},
		{"paid to another", doc{"stipulates": work(), "stipulatesReciprocal": pay(with("receiver", "https://a.example/other"))}, 40, false},
		{"paid in hours", doc{"stipulates": work(), "stipulatesReciprocal": pay(with("resourceQuantity", quantity("hour", "1")))}, 40, false},
	} {
		got := readAgreement(parse(t, tt.doc))
		if got.hours != tt.hours || got.sound != tt.sound {
			t.Errorf("%s: %d hours, sound %t; want %d, %t", tt.name, got.hours, got.sound, tt.hours, tt.sound)
		}
	}
	got := readAgreement(parse(t, doc{"stipulates": work(with("hasBeginning", "2026-12-01T00:00:00Z")), "stipulatesReciprocal": pay()}))
	if got.from != "2026-12-01" || !got.amount.Equal(decimal.RequireFromString("2480.50")) || string(got.slot) != slot {
		t.Errorf("read as %+v", got)
	}
}
