// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"minga/coop"
)

// TestContrastOfColours compares with the figures of the design.
func TestContrastOfColours(t *testing.T) {
	for _, tt := range []struct{ front, back, want string }{
		{"#000000", "#FFFFFF", "21.00"},
		{"#2A211B", "#FBF7F0", "14.77"},
		{"#9C3A1E", "#F3ECE0", "5.89"},
		{"#F0906F", "#251E1A", "6.98"},
		{"#fff", "#9C3A1E", "6.91"},
	} {
		front, err := coop.ParseColour(tt.front)
		if err != nil {
			t.Fatal(err)
		}
		back, err := coop.ParseColour(tt.back)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%.2f", front.Contrast(back)); got != tt.want {
			t.Errorf("%s on %s: %s, want %s", tt.front, tt.back, got, tt.want)
		}
	}
	for _, text := range []string{"", "#", "red", "#12345", "#1234567", "#GG0000", "rgb(1,2,3)", "#-12345", "#+12345"} {
		if c, err := coop.ParseColour(text); err == nil {
			t.Errorf("%q is taken for %s", text, c)
		}
	}
}

// TestAccent makes shades that can be read of whatever is taken, and names one that is
// taken for whatever is not.
func TestAccent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := fmt.Sprintf("#%06X", rapid.IntRange(0, 1<<24-1).Draw(t, "colour"))
		a, err := coop.NewAccent(text)
		var missed *coop.AccentError
		if errors.As(err, &missed) {
			if a, err = coop.NewAccent(missed.Nearest.String()); err != nil {
				t.Fatalf("%s: the nearest %s is not taken: %v", text, missed.Nearest, err)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, shade := range []struct {
			c coop.Colour
			g coop.Ground
		}{{a.Light, coop.LightGround()}, {a.LightStrong, coop.LightGround()}, {a.Dark, coop.DarkGround()}, {a.DarkStrong, coop.DarkGround()}} {
			for _, back := range append(shade.g.Backs, shade.g.On) {
				if got := shade.c.Contrast(back); got < 4.5 {
					t.Fatalf("%s: %s on %s %.2f", text, shade.c, back, got)
				}
			}
		}
	})
	if _, err := coop.NewAccent("#FFCC00"); !errors.As(err, new(*coop.AccentError)) || !errors.As(err, new(*coop.InvalidError)) {
		t.Errorf("yellow: %v", err)
	}
	if a, err := coop.NewAccent("#9C3A1E"); err != nil || a.Light.String() != "#9C3A1E" {
		t.Errorf("clay: %v %v", a, err)
	}
}
