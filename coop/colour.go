// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colour is a colour of sRGB, each part 0 to 1.
type Colour struct{ R, G, B float64 }

// ParseColour reads #RGB or #RRGGBB; anything else is an [InvalidError].
func ParseColour(text string) (Colour, error) {
	hex := strings.TrimPrefix(strings.TrimSpace(text), "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		return Colour{}, &InvalidError{Field: "colour", Problem: "a colour is written as #RRGGBB"}
	}
	return Colour{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
}

// String writes #RRGGBB.
func (c Colour) String() string {
	part := func(v float64) int { return int(math.Round(255 * min(max(v, 0), 1))) }
	return fmt.Sprintf("#%02X%02X%02X", part(c.R), part(c.G), part(c.B))
}

// Contrast is the ratio of two colours, 1 to 21 (WCAG 2.2).
func (c Colour) Contrast(other Colour) float64 {
	x, y := c.luminance(), other.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is the relative luminance of WCAG 2.2.
func (c Colour) luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// linear undoes the curve of sRGB (IEC 61966-2-1).
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// curved is the curve of sRGB.
func curved(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// oklab is the colour as people see it: light, green to red, blue to yellow (Björn
// Ottosson's OKLab, as CSS Color 4 §9.2 takes it).
func (c Colour) oklab() (light, a, b float64) {
	r, g, bl := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*bl)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*bl)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*bl)
	return 0.2104542553*l + 0.7936177850*m - 0.0040720468*s, 1.9779984951*l - 2.4285922050*m + 0.4505937099*s, 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
}

// withLight is the same hue as light as asked, 0 to 1; its strength gives way where
// sRGB has no such colour.
func (c Colour) withLight(light float64) Colour {
	_, a, b := c.oklab()
	for strength := 1.0; strength > 0; strength -= 0.02 {
		if out, ok := fromOklab(light, a*strength, b*strength); ok {
			return out
		}
	}
	out, _ := fromOklab(light, 0, 0)
	return out
}

// fromOklab is the way back; false where sRGB has no such colour.
func fromOklab(light, a, b float64) (Colour, bool) {
	l := cube(light + 0.3963377774*a + 0.2158037573*b)
	m := cube(light - 0.1055613458*a - 0.0638541728*b)
	s := cube(light - 0.0894841775*a - 1.2914855480*b)
	r := curved(4.0767416621*l - 3.3077115913*m + 0.2309699292*s)
	g := curved(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s)
	bl := curved(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s)
	const slack = 0.002
	inside := min(r, g, bl) >= -slack && max(r, g, bl) <= 1+slack
	return Colour{min(max(r, 0), 1), min(max(g, 0), 1), min(max(bl, 0), 1)}, inside
}

// cube undoes the cube root of OKLab.
func cube(v float64) float64 { return v * v * v }
