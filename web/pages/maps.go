// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strconv"

	"minga/coop"
	"minga/coop/place"
)

//go:generate go run ../../scripts/pack land assets/land.svg

// The map is a picture of the land (assets/land.svg) under an SVG that the server draws:
// each point is a link with a name, near ones are gathered in one that leads to its line
// in the table beside the map. There is nothing to load, to drag or to zoom; regions are
// pages.

// mapPoint is something that stands somewhere.
type mapPoint struct {
	At        coop.Point
	Name, URL string
	Where     string // its town, in words; may be empty
}

// mapView is a map and the table beside it.
type mapView struct {
	Name    string // what it shows, for who does not see it
	Box     string // the part of the map that is seen
	Land    string // address of the picture
	Width   int    // of the picture
	Height  int
	Spots   []mapSpot
	Regions []mapRegion
	Text    string // size of the numbers
	T       func(key string, pairs ...any) string
}

// mapSpot is a point of the map: one thing, or several near each other.
type mapSpot struct {
	URL         string
	X, Y        string
	Down        string // where the number stands
	Reach, Size string // radius to hit, and to see
	Label       string
	Count       int
	Rows        []mapRow
	things      []mapPoint
	x, y        float64
}

// mapRow is what there is in one place, in the table.
type mapRow struct {
	ID, Where string
	Things    []mapPoint
}

// mapRegion is a part of the world to look at.
type mapRegion struct {
	Name, URL string
	Chosen    bool
}

// regions are the parts of the world, by the corners of a box: west, south, east, north.
var regions = []struct {
	key                      string
	west, south, east, north float64
}{
	{"world", -180, -60, 180, 85},
	{"europe", -12, 35, 32, 66},
	{"iberia", -10, 35.5, 5, 44.5},
	{"italy", 6, 36, 19, 47.5},
	{"britain", -11, 49.5, 3, 60},
	{"south_america", -82, -56, -34, 13},
	{"plata", -74, -42, -47, -20},
	{"middle_america", -118, 7, -59, 33},
	{"north_america", -130, 24, -62, 60},
	{"africa", -19, -36, 52, 38},
	{"asia", 32, -11, 150, 60},
	{"oceania", 110, -50, 180, 0},
}

// Sizes of what is drawn, as parts of the width that is seen: on the smallest screen the
// reach of a spot is 24 px wide, as fingers need it (WCAG 2.5.8).
const (
	spotsApart = 1.0 / 12.5
	spotReach  = 1.0 / 25
	spotSize   = 1.0 / 60
	spotMany   = 1.0 / 36
	narrowest  = 60 // units of the map
	ratio      = float64(place.Height) / place.Width
)

// worldMap draws points. region is one of ours, or anything else: then all points are
// seen. links gives the address of the page of a region, and of all where it is empty.
func (f *Face) worldMap(t *tongue, name string, points []mapPoint, region string, links func(region string) string) mapView {
	v := mapView{Name: name, Land: f.assets.address("land.svg"), Width: place.Width, Height: place.Height, T: t.T}
	seen, all := boxOf(region), boxAround(points)
	if seen.width == 0 {
		region, seen = "", all
	}
	v.Box = seen.String()
	v.Text = units(seen.width * spotMany)
	v.Spots = seen.spots(points, t)
	for _, r := range regions {
		if slices.ContainsFunc(points, func(p mapPoint) bool {
			return r.west <= p.At.Longitude && p.At.Longitude <= r.east && r.south <= p.At.Latitude && p.At.Latitude <= r.north
		}) {
			v.Regions = append(v.Regions, mapRegion{t.T("map_" + r.key), links(r.key), r.key == region})
		}
	}
	return v
}

// mapLinks are the addresses of a page with its questions kept.
func mapLinks(path string, asked url.Values) func(region string) string {
	return func(region string) string { return withQuery(path, with(asked, "map", region)) + "#map" }
}

// box is a part of the map, in its units.
type box struct{ x, y, width float64 }

// boxOf is the box of a region of ours; without width for anything else.
func boxOf(region string) box {
	for _, r := range regions {
		if r.key == region {
			var corners []coop.Point
			for _, lat := range []float64{r.south, (r.south + r.north) / 2, r.north} {
				corners = append(corners, coop.Point{Latitude: lat, Longitude: r.west}, coop.Point{Latitude: lat, Longitude: r.east})
			}
			return around(corners, 0)
		}
	}
	return box{}
}

// boxAround holds all points with some air; the world where there is none.
func boxAround(points []mapPoint) box {
	if len(points) == 0 {
		return box{width: place.Width}
	}
	list := make([]coop.Point, len(points))
	for i, p := range points {
		list[i] = p.At
	}
	return around(list, 0.15)
}

// around is the smallest box that holds some points, with air as a part of its size, and
// is not narrower than the land is fine.
func around(points []coop.Point, air float64) box {
	west, north, east, south := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		x, y := place.Project(p)
		west, east, north, south = min(west, x), max(east, x), min(north, y), max(south, y)
	}
	width := min(place.Width, max(narrowest, (east-west)*(1+2*air), (south-north)*(1+2*air)/ratio))
	b := box{(west+east)/2 - width/2, (north+south)/2 - width*ratio/2, width}
	b.x = max(0, min(b.x, place.Width-width))
	b.y = max(0, min(b.y, place.Height-width*ratio))
	return b
}

// holds tells whether a point is seen.
func (b box) holds(p coop.Point) bool {
	x, y := place.Project(p)
	return x >= b.x && x <= b.x+b.width && y >= b.y && y <= b.y+b.width*ratio
}

// String is the box as SVG has it.
func (b box) String() string {
	return units(b.x) + " " + units(b.y) + " " + units(b.width) + " " + units(b.width*ratio)
}

// units is a length of the map.
func units(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// spots gathers the points that are seen: each joins the nearest spot that is not far, or
// begins one. Those of most things come first in the table.
func (b box) spots(points []mapPoint, t *tongue) []mapSpot {
	var spots []mapSpot
	for _, p := range points {
		if !b.holds(p.At) {
			continue
		}
		x, y := place.Project(p.At)
		nearest, best := -1, b.width*spotsApart
		for i, s := range spots {
			if d := math.Hypot(s.x-x, s.y-y); d < best {
				nearest, best = i, d
			}
		}
		if nearest < 0 {
			spots, nearest = append(spots, mapSpot{x: x, y: y}), len(spots)
		}
		spots[nearest].things = append(spots[nearest].things, p)
	}
	slices.SortStableFunc(spots, func(x, y mapSpot) int { return cmp.Compare(len(y.things), len(x.things)) })
	for i := range spots {
		spots[i].draw(b, i, t)
	}
	return spots
}

// draw says how a spot looks and where it leads.
func (s *mapSpot) draw(b box, n int, t *tongue) {
	s.Count, s.Rows = len(s.things), rowsOf("map-"+strconv.Itoa(n+1), s.things)
	s.X, s.Y, s.Down = units(s.x), units(s.y), units(s.y+b.width*spotMany*0.36)
	s.Reach, s.Size = units(b.width*spotReach), units(b.width*spotSize)
	s.URL, s.Label = s.things[0].URL, s.things[0].Name
	if s.Count > 1 {
		s.Size, s.URL = units(b.width*spotMany), "#"+s.Rows[0].ID
		s.Label = t.N("map_things", s.Count)
	}
	for i, row := range s.Rows[:min(len(s.Rows), 3)] {
		if row.Where == "" {
			continue
		}
		s.Label += map[bool]string{true: ": ", false: "; "}[i == 0] + row.Where
	}
}

// rowsOf puts things in rows by their places, in the order in which they come.
func rowsOf(id string, things []mapPoint) []mapRow {
	var rows []mapRow
	for _, thing := range things {
		n := slices.IndexFunc(rows, func(r mapRow) bool { return r.Where == thing.Where })
		if n < 0 {
			n, rows = len(rows), append(rows, mapRow{ID: id + "-" + strconv.Itoa(len(rows)+1), Where: thing.Where})
		}
		rows[n].Things = append(rows[n].Things, thing)
	}
	return rows
}
