// SPDX-License-Identifier: AGPL-3.0-or-later

package place

import (
	"math"

	"minga/coop"
)

// Width and Height are the size of the map in its own units: the whole Earth without
// the Antarctic.
const (
	Width  = 1000
	Height = 440
)

// Coefficients of the Equal Earth projection: B. Šavrič, T. Patterson and B. Jenny, The
// Equal Earth map projection, 2018.
const (
	a1 = 1.340264
	a2 = -0.081106
	a3 = 0.000893
	a4 = 0.003796
)

// Where the map ends: the projection at the north pole, and its half width at the
// equator.
const (
	top       = 1.3173627591574
	halfWidth = 2.706629983696
)

// Project puts a point on the map: areas are as large as they are on the Earth.
func Project(p coop.Point) (x, y float64) {
	half := math.Sqrt(3) / 2
	theta := math.Asin(half * math.Sin(p.Latitude*math.Pi/180))
	t2 := theta * theta
	t6 := t2 * t2 * t2
	px := p.Longitude * math.Pi / 180 * math.Cos(theta) / (half * (a1 + 3*a2*t2 + t6*(7*a3+9*a4*t2)))
	py := theta * (a1 + a2*t2 + t6*(a3+a4*t2))
	const scale = Width / (2 * halfWidth)
	return Width/2 + px*scale, (top - py) * scale
}
