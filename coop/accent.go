// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "fmt"

// Ground is what an accent stands on in one scheme: the backgrounds of pages, and what is
// written on the accent itself.
type Ground struct {
	Backs []Colour
	On    Colour
}

// LightGround and DarkGround are the backgrounds of the pages: paper, surface, sunken.
func LightGround() Ground { return ground("#FFFFFF", "#FBF7F0", "#FFFFFF", "#F3ECE0") }

// DarkGround is that of the dark scheme.
func DarkGround() Ground { return ground("#1B1613", "#1B1613", "#251E1A", "#141010") }

func ground(on string, backs ...string) Ground {
	g := Ground{On: mustColour(on)}
	for _, text := range backs {
		g.Backs = append(g.Backs, mustColour(text))
	}
	return g
}

// mustColour reads a colour that stands in this program.
func mustColour(text string) Colour {
	c, err := ParseColour(text)
	if err != nil {
		panic(err)
	}
	return c
}

// Least contrasts of an accent as the colour of links and buttons (WCAG 2.2, 1.4.3), and
// of the stronger shade that it takes under the pointer.
const (
	accentLeast  = 4.5
	accentStrong = 7
)

// fits tells whether a colour can be read on all backgrounds and be written on.
func (g Ground) fits(c Colour, least float64) bool {
	for _, back := range g.Backs {
		if c.Contrast(back) < least {
			return false
		}
	}
	return c.Contrast(g.On) >= least
}

// Accent is the one colour of a federation, with the shades that are made of it.
type Accent struct {
	Light, LightStrong, Dark, DarkStrong Colour
}

// AccentError says that a colour cannot be read on the pages, and which is the nearest of
// its hue that can.
type AccentError struct{ Nearest Colour }

// Error says so.
func (e *AccentError) Error() string {
	return fmt.Sprintf("this colour is too light to be read; the nearest that can be is %s", e.Nearest)
}

// Unwrap makes it an [InvalidError].
func (e *AccentError) Unwrap() error { return &InvalidError{Field: "accent", Problem: e.Error()} }

// NewAccent makes the shades of a colour. What misses the contrast is an [AccentError],
// what is no colour an [InvalidError].
func NewAccent(text string) (Accent, error) {
	chosen, err := ParseColour(text)
	if err != nil {
		return Accent{}, err
	}
	light, dark := LightGround(), DarkGround()
	if !light.fits(chosen, accentLeast) {
		return Accent{}, &AccentError{chosen.near(light, accentLeast, -1)}
	}
	a := Accent{Light: chosen}
	l, _, _ := chosen.oklab()
	a.LightStrong = chosen.withLight(l-0.09).near(light, accentStrong, -1)
	a.Dark = chosen.withLight(max(l, 0.72)).near(dark, 6, 1)
	l, _, _ = a.Dark.oklab()
	a.DarkStrong = chosen.withLight(min(l+0.1, 0.97)).near(dark, accentStrong, 1)
	return a, nil
}

// near is the colour itself if it fits, else the nearest of its hue in a direction of
// light: 1 lighter, -1 darker.
func (c Colour) near(g Ground, least, direction float64) Colour {
	light, _, _ := c.oklab()
	for out := c; ; {
		// What is written down has whole numbers, and these must fit.
		if rounded := mustColour(out.String()); g.fits(rounded, least) || light < 0 || light > 1 {
			return rounded
		}
		light += direction * 0.004
		out = c.withLight(min(max(light, 0), 1))
	}
}
