// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func TestOfferStep(t *testing.T) {
	waits := map[OfferAction]OfferState{
		OfferChange: OfferChanged, OfferAccept: OfferAccepted, OfferDecline: OfferDeclined, OfferWithdraw: OfferWithdrawn, OfferExpire: OfferExpired,
	}
	for _, from := range OfferStates() {
		for _, action := range []OfferAction{OfferChange, OfferAccept, OfferDecline, OfferWithdraw, OfferExpire, OfferRelease, "eat"} {
			want, ok := waits[action]
			switch {
			case from.Pending() && ok:
			case ok && from == want: // done already
			case action == OfferRelease && (from == OfferAccepted || from == OfferReleased):
				want, ok = OfferReleased, true
			default:
				want, ok = from, false
			}
			got, err := from.Step(action)
			if got != want || (err == nil) != ok || err != nil && !errors.Is(err, ErrState) {
				t.Errorf("%s of what is %s: %s, %v; want %s", action, from, got, err, want)
			}
		}
	}
}

func TestSlotTerms(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	slot := SlotTerms{Takes: true, Open: 220, Rate: decimal.NewFromInt(62), Currency: "EUR", Until: now.AddDate(0, 0, 7)}
	for _, tt := range []struct {
		name  string
		terms func(t *SlotTerms)
		offer Offer
		want  OfferFault
	}{
		{"hours within what is open", nil, offerOf(160, 9920), ""},
		{"all that is open", nil, offerOf(220, 13640), ""},
		{"one hour more", nil, offerOf(221, 13702), FaultOver},
		{"no hours", nil, offerOf(0, 0), FaultQuantity},
		{"fewer than none", nil, offerOf(-5, -310), FaultQuantity},
		{"below the rate", nil, offerOf(160, 9919), FaultQuantity},
		{"above the rate", nil, offerOf(160, 9921), FaultQuantity},
		{"no amount at all", nil, offerOf(160, 0), FaultQuantity},
		{"an amount that fills the memory", nil, Offer{Hours: 1, Amount: decimal.New(1, 1_000_000_000)}, FaultQuantity},
		{"any amount where the slot has no rate", func(t *SlotTerms) { t.Rate = decimal.Decimal{} }, offerOf(160, 1), ""},
		{"no amount where the slot has no rate", func(t *SlotTerms) { t.Rate = decimal.Decimal{} }, offerOf(160, 0), ""},
		{"an amount below zero", func(t *SlotTerms) { t.Rate = decimal.Decimal{} }, offerOf(160, -1), FaultQuantity},
		{"at the last moment", func(s *SlotTerms) { s.Until = now.Add(time.Nanosecond) }, offerOf(160, 9920), ""},
		{"a moment late", func(s *SlotTerms) { s.Until = now }, offerOf(160, 9920), FaultLate},
		{"a slot that is covered", func(s *SlotTerms) { s.Open = 0 }, offerOf(1, 62), FaultClosed},
		{"a request that is withdrawn", func(s *SlotTerms) { s.Takes = false }, offerOf(1, 62), FaultClosed},
		{"an offer that is over", nil, Offer{Hours: 1, Amount: decimal.NewFromInt(62), Ends: now}, FaultEnded},
	} {
		terms := slot
		if tt.terms != nil {
			tt.terms(&terms)
		}
		err, got := terms.Check(&tt.offer, now), OfferFault("")
		var fault *OfferError
		if errors.As(err, &fault) {
			got = fault.Fault
		}
		if got != tt.want || err != nil && !errors.Is(err, ErrState) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func offerOf(hours int, amount int64) Offer {
	return Offer{Hours: hours, Amount: decimal.NewFromInt(amount)}
}

// TestOfferFaults: every fault has its words, and no two the same.
func TestOfferFaults(t *testing.T) {
	said := map[string]bool{}
	for _, fault := range OfferFaults() {
		words := (&OfferError{Fault: fault, Open: 7}).Error()
		if words == "" || said[words] {
			t.Errorf("%s is said as %q", fault, words)
		}
		said[words] = true
	}
}

func TestValidateOffer(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		offer Offer
		field string
	}{
		{"hours alone", Offer{Hours: 1}, ""},
		{"hours, rate, day and end", Offer{Hours: 160, Amount: decimal.NewFromInt(1), Currency: "EUR", From: "2030-06-01", Ends: now.Add(1)}, ""},
		{"no hours", Offer{}, "hours"},
		{"too many hours", Offer{Hours: 10_001}, "hours"},
		{"a rate below zero", Offer{Hours: 1, Amount: decimal.NewFromInt(-1)}, "rate"},
		{"a rate in what is no currency", Offer{Hours: 1, Amount: decimal.NewFromInt(1), Currency: "XXY"}, "rate"},
		{"a day that is none", Offer{Hours: 1, From: "tomorrow"}, "starts_on"},
		{"too long a note", Offer{Hours: 1, Note: strings.Repeat("ñ", 2_001)}, "note"},
		{"over already", Offer{Hours: 1, Ends: now}, "ends_at"},
	} {
		var invalid *InvalidError
		field := ""
		if errors.As(ValidateOffer(&tt.offer, now), &invalid) {
			field = invalid.Field
		}
		if field != tt.field {
			t.Errorf("%s: complained about %q, want %q", tt.name, field, tt.field)
		}
	}
	if ValidateReason("") == nil || ValidateReason("no room") != nil || ValidateReason(strings.Repeat("x", 501)) == nil {
		t.Error("reasons are not checked")
	}
}

// TestSlotHours: the meter never shows more than there is, nor less than nothing.
func TestSlotHours(t *testing.T) {
	if s := (SlotHours{Hours: 220, Accepted: 160, Offered: 100}); s.Open() != 60 {
		t.Errorf("%d are open", s.Open())
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 20_000)
		s := SlotHours{n.Draw(t, "hours"), n.Draw(t, "accepted"), n.Draw(t, "offered")}
		accepted, offered := s.Share()
		if s.Open() < 0 || s.Open() > s.Hours || accepted < 0 || offered < 0 || accepted+offered > 100 {
			t.Fatalf("%+v: open %d, %d and %d of 100", s, s.Open(), accepted, offered)
		}
	})
}

// TestOfferRate: an hour costs its share, and nothing where there are no hours.
func TestOfferRate(t *testing.T) {
	offer := offerOf(160, 9920)
	if got := offer.Rate(); !got.Equal(decimal.NewFromInt(62)) {
		t.Errorf("an hour costs %s", got)
	}
	if none := offerOf(0, 100); !none.Rate().IsZero() {
		t.Error("no hours cost something")
	}
}
