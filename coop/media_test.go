// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"strings"
	"testing"

	"minga/coop"
)

func TestParseFocus(t *testing.T) {
	for text, want := range map[string]coop.Focus{
		"": {}, " ": {}, "0,0": {}, "0.5,-0.25": {X: 0.5, Y: -0.25}, " 1 , -1 ": {X: 1, Y: -1}, "2,-9e9": {X: 1, Y: -1}, "0.123456,+Inf": {X: 0.1235, Y: 1},
	} {
		if got, err := coop.ParseFocus(text); err != nil || got != want {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "1", "1,", "1;2", "NaN,0", "1,2,3", "0,\x00"} {
		if got, err := coop.ParseFocus(text); err == nil {
			t.Errorf("%q reads as %v", text, got)
		}
	}
}

func TestCleanAlt(t *testing.T) {
	if got, err := coop.CleanAlt("  Una\nfoto \x00"); err != nil || got != "Una\nfoto" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := coop.CleanAlt(strings.Repeat("ñ", coop.MaxAltLength)); err != nil {
		t.Error(err)
	}
	if _, err := coop.CleanAlt(strings.Repeat("ñ", coop.MaxAltLength+1)); err == nil {
		t.Error("one letter too many is taken")
	}
}
