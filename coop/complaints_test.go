// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"fmt"
	"testing"

	"minga/coop"
)

func TestComplaints(t *testing.T) {
	one := &coop.InvalidError{Field: "title", Code: coop.CodeRequired, Problem: "is needed"}
	two := &coop.InvalidError{Field: "text", Code: coop.CodeTooLong, Problem: "is too long"}
	for _, tt := range []struct {
		name string
		err  error
		want int // how many; 0: it says something else
	}{
		{"no error complains of nothing", nil, 0},
		{"another error does not either", fmt.Errorf("read: %w", coop.ErrNotFound), 0},
		{"one complaint is a list of one", fmt.Errorf("publish: %w", one), 1},
		{"a list stays whole", fmt.Errorf("publish: %w", coop.Invalid{one, two}), 2},
		{"a list is found among joined errors", errors.Join(coop.ErrState, coop.Invalid{one, two}), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := coop.Complaints(tt.err)
			if len(got) != tt.want || (got == nil) != (tt.want == 0) {
				t.Errorf("%v complains of %v, want %d", tt.err, got, tt.want)
			}
		})
	}
}

func TestWhatSaysNothingKnowsNoNumber(t *testing.T) {
	silent := coop.Account{}
	if f := silent.Facts(); f.Members != -1 || f.Workers != -1 {
		t.Errorf("an account that says nothing has %d members and %d workers, want unknown ones", f.Members, f.Workers)
	}
	says := coop.Account{Coop: &coop.CoopFacts{Members: 7}}
	f := says.Facts()
	f.Members = 9
	if says.Coop.Members != 7 {
		t.Errorf("a change of the copy changed the account: %d members, want 7", says.Coop.Members)
	}
}

func TestFieldOfAnOfferError(t *testing.T) {
	for fault, want := range map[coop.OfferFault]string{
		coop.FaultOver: "hours", coop.FaultQuantity: "hours", coop.FaultSlot: "slot", coop.FaultClosed: "slot", coop.FaultLate: "slot",
	} {
		if got := (&coop.OfferError{Fault: fault}).Field(); got != want {
			t.Errorf("%s is about %s, want %s", fault, got, want)
		}
	}
}
