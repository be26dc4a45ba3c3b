// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"strings"
	"testing"

	"minga/coop"
)

// complainsOf is the field of the first complaint; empty for none.
func complainsOf(err error) string {
	var invalid *coop.InvalidError
	if errors.As(err, &invalid) {
		return invalid.Field
	}
	return ""
}

func TestValidateList(t *testing.T) {
	for _, tt := range []struct {
		name  string
		list  coop.List
		field string
	}{
		{"as the form sends it", coop.List{Title: "Panaderías", Replies: coop.RepliesList}, ""},
		{"no title", coop.List{Replies: coop.RepliesList}, "title"},
		{"a long title", coop.List{Title: strings.Repeat("x", 256), Replies: coop.RepliesNone}, "title"},
		{"another policy", coop.List{Title: "x", Replies: "all"}, "replies_policy"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := complainsOf(coop.ValidateList(&tt.list)); got != tt.field {
				t.Errorf("complained about %q, want %q", got, tt.field)
			}
		})
	}
}

func TestValidateFollowOptions(t *testing.T) {
	for _, tt := range []struct {
		name      string
		languages []string
		field     string
	}{
		{"all languages", nil, ""},
		{"two", []string{"es", "pt-BR"}, ""},
		{"no language", []string{"es", "<b>"}, "languages"},
		{"too many", strings.Split(strings.Repeat("es ", 21), " "), "languages"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := complainsOf(coop.ValidateFollowOptions(coop.FollowOptions{Languages: tt.languages})); got != tt.field {
				t.Errorf("complained about %q, want %q", got, tt.field)
			}
		})
	}
}

func TestHidesFollows(t *testing.T) {
	for _, tt := range []struct {
		name           string
		a              coop.Account
		strangers, own bool
	}{
		{"a co-op", coop.Account{Local: true, Kind: coop.Coop}, false, false},
		{"a person who is not to be found", coop.Account{Local: true, Kind: coop.Person}, true, false},
		{"a person who may be found", coop.Account{Local: true, Kind: coop.Person, Discoverable: true}, false, false},
		{"who hides them", coop.Account{Local: true, Kind: coop.Person, Discoverable: true, HideCollections: true}, true, true},
		{"somebody elsewhere", coop.Account{Kind: coop.Person}, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.a.HidesFollows(false) != tt.strangers || tt.a.HidesFollows(true) != tt.own {
				t.Errorf("hidden from strangers %v, from people here %v", tt.a.HidesFollows(false), tt.a.HidesFollows(true))
			}
		})
	}
}
