// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
)

var requestNow = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// clinics is a request that is right.
func clinics(change ...func(*coop.Request)) *coop.Request {
	r := &coop.Request{
		Title: "Booking site for a network of 14 rural clinics", Description: "<p>" + strings.Repeat("What is needed. ", 5) + "</p>",
		Status: coop.RequestOpen, RespondBy: requestNow.AddDate(0, 0, 14),
		Budget:       &coop.Budget{Currency: "EUR", Min: decimal.NewFromInt(38000), Max: decimal.NewFromInt(46000)},
		Transparency: []coop.TransparencyRule{coop.NoMargin},
		Slots: []coop.Slot{
			{Key: "backend", Name: "Backend", Skill: coop.Term{Name: "Go"}, Hours: 220, Required: true},
			{Key: "ops", Name: "Operations", Hours: 40},
		},
	}
	for _, c := range change {
		c(r)
	}
	return r
}

func TestRequestValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*coop.Request)
		field  string // empty: the request is valid
	}{
		{"as it is", func(*coop.Request) {}, ""},
		{"no budget is no promise", func(r *coop.Request) { r.Budget = nil }, ""},
		{"without a title", func(r *coop.Request) { r.Title = "" }, "title"},
		{"with next to no text", func(r *coop.Request) { r.Description = "<p>Help</p>" }, "description"},
		{"answers were due yesterday", func(r *coop.Request) { r.RespondBy = requestNow.AddDate(0, 0, -1) }, "respond_by"},
		{"ninety days ahead", func(r *coop.Request) { r.RespondBy = requestNow.AddDate(0, 0, 90) }, ""},
		{"ninety-one days ahead", func(r *coop.Request) { r.RespondBy = requestNow.AddDate(0, 0, 91) }, "respond_by"},
		{"a budget from more to less", func(r *coop.Request) { r.Budget.Min = decimal.NewFromInt(50000) }, "budget.max"},
		{"a budget below nothing", func(r *coop.Request) { r.Budget.Min = decimal.NewFromInt(-1) }, "budget.min"},
		{"a currency that is none", func(r *coop.Request) { r.Budget.Currency = "BEER" }, "budget.currency"},
		{"a rule that we do not keep", func(r *coop.Request) { r.Transparency = []coop.TransparencyRule{"trust-us"} }, "transparency[0]"},
		{"no roles", func(r *coop.Request) { r.Slots = nil }, "slots"},
		{"21 roles", func(r *coop.Request) {
			for len(r.Slots) < 21 {
				r.Slots = append(r.Slots, coop.Slot{Key: "k" + strings.Repeat("x", len(r.Slots)), Name: "x", Hours: 1})
			}
		}, "slots"},
		{"no hours", func(r *coop.Request) { r.Slots[1].Hours = 0 }, "slots[1].hours"},
		{"10,001 hours", func(r *coop.Request) { r.Slots[1].Hours = 10_001 }, "slots[1].hours"},
		{"two roles of one key", func(r *coop.Request) { r.Slots[1].Key = "backend" }, "slots[1].key"},
		{"a key that is no part of an address", func(r *coop.Request) { r.Slots[1].Key = "../x" }, "slots[1].key"},
		{"a rate below nothing", func(r *coop.Request) {
			r.Slots[0].Rate = &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(-62)}
		}, "slots[0].rate.value"},
		{"a state that is none", func(r *coop.Request) { r.Status = "lovely" }, "state"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var list coop.Invalid
			field := ""
			if errors.As(clinics(tt.change).Validate(requestNow), &list) {
				field = list[0].Field
			}
			if field != tt.field {
				t.Errorf("complained about %q, want %q", field, tt.field)
			}
		})
	}
}

func TestRequestDraftMayMissThings(t *testing.T) {
	r := &coop.Request{Title: "Web shop"}
	r.Complete(requestNow)
	if err := r.ValidateDraft(requestNow); err != nil {
		t.Errorf("a title alone: %v", err)
	}
	r.Budget = &coop.Budget{Currency: "EUR", Min: decimal.NewFromInt(2), Max: decimal.NewFromInt(1)}
	if err := r.ValidateDraft(requestNow); err == nil {
		t.Error("a broken budget passed")
	}
}

func TestRequestCompleteMakesKeys(t *testing.T) {
	r := clinics(func(r *coop.Request) {
		r.Slots = []coop.Slot{{Name: "Diseño UX/UI"}, {Name: "Diseño UX/UI"}, {Name: "日本"}, {Skill: coop.Term{Name: "Go"}}}
		r.Transparency = []coop.TransparencyRule{coop.SplitPublished, coop.ContractVisible, coop.SplitPublished}
	})
	r.Complete(requestNow)
	var keys []string
	for _, s := range r.Slots {
		keys = append(keys, s.Key)
	}
	if diff := cmp.Diff([]string{"diseno-ux-ui", "diseno-ux-ui-2", "role-3", "go"}, keys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]coop.TransparencyRule{coop.ContractVisible, coop.SplitPublished}, r.Transparency); diff != "" {
		t.Error(diff)
	}
}

func TestRequestAdmit(t *testing.T) {
	r := clinics(func(r *coop.Request) {
		r.Budget.Currency, r.Transparency = "BEER", []coop.TransparencyRule{"trust-us", coop.NoMargin}
		r.Slots = append(r.Slots, coop.Slot{Key: "ops", Name: "again", Hours: 1}, coop.Slot{Key: "x", Name: "no hours left"}, coop.Slot{Key: "y", Name: "y", Hours: -1})
		r.RespondBy = requestNow.AddDate(9, 0, 0)
	})
	notes, err := r.Admit(requestNow)
	if err != nil || len(notes) != 5 {
		t.Fatalf("notes %v, error %v", notes, err)
	}
	if r.Budget != nil || len(r.Transparency) != 1 || len(r.Slots) != 3 || r.RespondBy.After(requestNow.AddDate(0, 0, 91)) {
		t.Errorf("admitted %+v", r)
	}
	for name, broken := range map[string]func(*coop.Request){
		"without roles": func(r *coop.Request) { r.Slots = nil }, "a draft": func(r *coop.Request) { r.Status = coop.RequestDraft },
		"without a title": func(r *coop.Request) { r.Title = "" }, "without a date": func(r *coop.Request) { r.RespondBy = time.Time{} },
	} {
		if _, err := clinics(broken).Admit(requestNow); err == nil {
			t.Errorf("%s it is a request", name)
		}
	}
}

func TestRequestStates(t *testing.T) {
	for _, tt := range []struct {
		from   coop.RequestState
		action coop.RequestAction
		to     coop.RequestState // empty: refused
	}{
		{coop.RequestReview, coop.RequestTake, coop.RequestDraft},
		{coop.RequestReview, coop.RequestPublish, ""},
		{coop.RequestDraft, coop.RequestPublish, coop.RequestOpen},
		{coop.RequestOpen, coop.RequestForm, coop.RequestForming},
		{coop.RequestForming, coop.RequestCover, coop.RequestCovered},
		{coop.RequestCovered, coop.RequestUncover, coop.RequestForming},
		{coop.RequestOpen, coop.RequestPropose, ""},
		{coop.RequestForming, coop.RequestPropose, ""},
		{coop.RequestCovered, coop.RequestPropose, coop.RequestProposed},
		{coop.RequestProposed, coop.RequestWin, coop.RequestWon},
		{coop.RequestProposed, coop.RequestLose, coop.RequestLost},
		{coop.RequestCovered, coop.RequestWin, ""},
		{coop.RequestWon, coop.RequestStart, coop.RequestRunning},
		{coop.RequestRunning, coop.RequestFinish, coop.RequestDone},
		{coop.RequestWon, coop.RequestWithdraw, coop.RequestWithdrawn},
		{coop.RequestRunning, coop.RequestWithdraw, ""},
		{coop.RequestForming, coop.RequestExpire, coop.RequestExpired},
		{coop.RequestCovered, coop.RequestExpire, ""},
		{coop.RequestWithdrawn, coop.RequestWithdraw, coop.RequestWithdrawn},
		{coop.RequestLost, coop.RequestWin, ""},
		{coop.RequestOpen, "dance", ""},
	} {
		r := clinics(func(r *coop.Request) { r.Status = tt.from })
		err := r.Do(tt.action, requestNow)
		switch {
		case tt.to == "" && !errors.Is(err, coop.ErrState):
			t.Errorf("%s a request that is %s: %v", tt.action, tt.from, err)
		case tt.to != "" && (err != nil || r.Status != tt.to):
			t.Errorf("%s a request that is %s: %s, %v", tt.action, tt.from, r.Status, err)
		case tt.to != "" && tt.to.Ended() && slices.ContainsFunc(r.Slots, func(s coop.Slot) bool { return !s.Closed }) && tt.from != tt.to:
			t.Errorf("%s: a slot is open", tt.to)
		}
	}
}

func TestRequestMayBecome(t *testing.T) {
	for _, tt := range []struct {
		from, to coop.RequestState
		may      bool
	}{
		{coop.RequestOpen, coop.RequestOpen, true},
		{coop.RequestOpen, coop.RequestWon, true}, // the Updates between were missed
		{coop.RequestForming, coop.RequestOpen, false},
		{coop.RequestCovered, coop.RequestForming, true},
		{coop.RequestCovered, coop.RequestExpired, true},
		{coop.RequestProposed, coop.RequestForming, false},
		{coop.RequestLost, coop.RequestWon, false},
		{coop.RequestWithdrawn, coop.RequestOpen, false},
		{coop.RequestExpired, coop.RequestOpen, false},
		{coop.RequestOpen, coop.RequestDraft, false},
		{coop.RequestOpen, "lovely", false},
	} {
		if got := tt.from.MayBecome(tt.to); got != tt.may {
			t.Errorf("%s becomes %s: %v", tt.from, tt.to, got)
		}
	}
}

func TestRequestSettle(t *testing.T) {
	r := clinics()
	for _, step := range []struct {
		backend, ops int
		want         coop.RequestState
		slot         coop.SlotState // of backend
	}{
		{0, 0, coop.RequestOpen, coop.SlotOpen},
		{0, 10, coop.RequestForming, coop.SlotOpen},
		{219, 40, coop.RequestForming, coop.SlotPartly}, // ops is not required and does not help
		{220, 0, coop.RequestCovered, coop.SlotCovered},
		{220, 40, coop.RequestCovered, coop.SlotCovered},
		{60, 0, coop.RequestForming, coop.SlotPartly}, // released
		{0, 0, coop.RequestForming, coop.SlotOpen},
	} {
		before := r.Status
		r.Slots[0].Accepted, r.Slots[1].Accepted = step.backend, step.ops
		if changed := r.Settle(requestNow); r.Status != step.want || changed != (before != step.want) || r.Slots[0].State() != step.slot {
			t.Errorf("%d and %d hours: %s, %s", step.backend, step.ops, r.Status, r.Slots[0].State())
		}
	}
	none := clinics(func(r *coop.Request) { r.Slots[0].Required = false; r.Slots[0].Accepted = 220 })
	if none.Settle(requestNow); none.Status != coop.RequestForming {
		t.Errorf("where no role is required all are: %s", none.Status)
	}
}

func TestRequestTakesOffer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		slot   string
		hours  int
		change func(*coop.Request)
		kind   error // nil: taken
	}{
		{"all that is open", "backend", 220, nil, nil},
		{"one more than is open", "backend", 221, nil, coop.ErrState},
		{"what is left", "backend", 60, func(r *coop.Request) { r.Slots[0].Accepted = 160 }, nil},
		{"more than is left", "backend", 61, func(r *coop.Request) { r.Slots[0].Accepted = 160 }, coop.ErrState},
		{"nothing", "backend", 0, nil, coop.ErrState},
		{"a role that is not there", "magic", 1, nil, coop.ErrNotFound},
		{"a role that is closed", "ops", 1, func(r *coop.Request) { r.Slots[1].Closed = true }, coop.ErrState},
		{"after the date", "ops", 1, func(r *coop.Request) { r.RespondBy = requestNow }, coop.ErrState},
		{"a request that was withdrawn", "ops", 1, func(r *coop.Request) { r.Status = coop.RequestWithdrawn }, coop.ErrState},
		{"a request that is covered", "ops", 1, func(r *coop.Request) { r.Status = coop.RequestCovered }, coop.ErrState},
	} {
		r := clinics()
		if tt.change != nil {
			tt.change(r)
		}
		if err := r.TakesOffer(tt.slot, tt.hours, requestNow); !errors.Is(err, tt.kind) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestRequestMayEdit(t *testing.T) {
	before := clinics(func(r *coop.Request) { r.Slots[0].Accepted = 100 })
	for _, tt := range []struct {
		name    string
		offered bool
		change  func(*coop.Request)
		field   string
	}{
		{"a rule more after an offer", true, func(r *coop.Request) { r.Transparency = append(r.Transparency, coop.SplitPublished) }, ""},
		{"a rule less before an offer", false, func(r *coop.Request) { r.Transparency = nil }, ""},
		{"a rule less after an offer", true, func(r *coop.Request) { r.Transparency = nil }, "transparency"},
		{"fewer hours than accepted", false, func(r *coop.Request) { r.Slots[0].Hours = 99 }, "slots[0].hours"},
		{"as many hours as accepted", false, func(r *coop.Request) { r.Slots[0].Hours = 100 }, ""},
		{"without a role that somebody has", false, func(r *coop.Request) { r.Slots = r.Slots[1:] }, "slots"},
		{"without one that nobody has", false, func(r *coop.Request) { r.Slots = r.Slots[:1] }, ""},
	} {
		next := before.Clone()
		tt.change(next)
		var list coop.Invalid
		field := ""
		if errors.As(before.MayEdit(next, tt.offered), &list) {
			field = list[0].Field
		}
		if field != tt.field {
			t.Errorf("%s: complained about %q, want %q", tt.name, field, tt.field)
		}
	}
}
