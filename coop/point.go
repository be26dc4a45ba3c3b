// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "math"

// Point is a place on the Earth, in degrees (WGS 84).
type Point struct {
	Latitude, Longitude float64
}

// earth is the mean radius of the Earth in km.
const earth = 6371.0088

// cubeUnit is how many units of [Point.Cube] the radius of the Earth has: one is
// about six metres.
const cubeUnit = 1_000_000

// Valid tells whether the degrees are within their bounds.
func (p Point) Valid() bool {
	return math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180 // false for NaN
}

// Km is the distance of two points over the ground.
func (p Point) Km(q Point) float64 {
	lat1, lat2 := radians(p.Latitude), radians(q.Latitude)
	a := square(math.Sin((lat2-lat1)/2)) + math.Cos(lat1)*math.Cos(lat2)*square(math.Sin(radians(q.Longitude-p.Longitude)/2))
	return 2 * earth * math.Asin(math.Sqrt(min(1, a)))
}

// Cube is the point on a sphere in whole numbers. Who compares distances so needs
// no angle functions: the straight line through the Earth grows with the way over
// it, and both databases and this program calculate alike.
func (p Point) Cube() (x, y, z int64) {
	lat, lng := radians(p.Latitude), radians(p.Longitude)
	return unit(math.Cos(lat) * math.Cos(lng)), unit(math.Cos(lat) * math.Sin(lng)), unit(math.Sin(lat))
}

// PointOf is the point that [Point.Cube] wrote.
func PointOf(x, y, z int64) Point {
	lat := math.Atan2(float64(z), math.Hypot(float64(x), float64(y)))
	return Point{degrees(lat), degrees(math.Atan2(float64(y), float64(x)))}
}

// Chord is the length of the straight line, in units of [Point.Cube], between two
// points that are so many km apart over the ground.
func Chord(km float64) int64 {
	return int64(math.Ceil(2 * cubeUnit * math.Sin(min(km/earth, math.Pi)/2)))
}

// Within tells whether a point is at most so many km from this one, as the
// databases tell.
func (p Point) Within(q Point, km int) bool {
	x1, y1, z1 := p.Cube()
	x2, y2, z2 := q.Cube()
	chord := Chord(float64(km))
	return (x1-x2)*(x1-x2)+(y1-y2)*(y1-y2)+(z1-z2)*(z1-z2) <= chord*chord
}

// Point is where a place is, if it says so.
func (p Place) Point() (Point, bool) {
	if p.Latitude == nil || p.Longitude == nil {
		return Point{}, false
	}
	at := Point{*p.Latitude, *p.Longitude}
	return at, at.Valid()
}

func unit(f float64) int64            { return int64(math.Round(f * cubeUnit)) }
func square(f float64) float64        { return f * f }
func radians(degrees float64) float64 { return degrees * math.Pi / 180 }
func degrees(radians float64) float64 { return radians * 180 / math.Pi }

// ChordKm is how many km two points are apart over the ground whose straight line, in
// units of [Point.Cube], has this square.
func ChordKm(square int64) float64 {
	return 2 * earth * math.Asin(min(1, math.Sqrt(float64(max(square, 0)))/(2*cubeUnit)))
}
