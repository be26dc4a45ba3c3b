// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"minga/coop"
	"minga/coop/place"
)

// topology is a TopoJSON file: lines that areas share, each point as the difference to
// the one before, in whole numbers that transform turns into degrees.
type topology struct {
	Transform struct {
		Scale, Translate [2]float64
	} `json:"transform"`
	Arcs    [][][2]float64 `json:"arcs"`
	Objects map[string]struct {
		Geometries []geometry `json:"geometries"`
	} `json:"objects"`
}

// geometry is an area: rings of arcs; one that is negative goes the other way.
type geometry struct {
	Type string          `json:"type"`
	Arcs json.RawMessage `json:"arcs"`
}

// fineness is how many units of the file one unit of the map has.
const fineness = 10

// packLand draws the land and the borders of countries.
func packLand() ([]byte, error) {
	const name = "countries-110m.json"
	files, err := fetch(atlas, name)
	if err != nil {
		return nil, err
	}
	var t topology
	if err := json.Unmarshal(files[name], &t); err != nil {
		return nil, err
	}
	land, err := t.rings("land")
	if err != nil {
		return nil, err
	}
	countries, err := t.rings("countries")
	if err != nil {
		return nil, err
	}
	// The colours are seen on light and on dark paper alike.
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><path fill="#95836f" fill-opacity=".4" fill-rule="evenodd" d="%s"/>`+
		`<path fill="none" stroke="#95836f" stroke-width="2" d="%s"/></svg>`+"\n",
		place.Width*fineness, place.Height*fineness, t.areas(land), t.borders(countries)), nil
}

// rings are those of all areas of an object.
func (t *topology) rings(object string) ([][]int, error) {
	var rings [][]int
	for _, g := range t.Objects[object].Geometries {
		var polygons [][][]int
		switch g.Type {
		case "Polygon":
			polygons = make([][][]int, 1)
			if err := json.Unmarshal(g.Arcs, &polygons[0]); err != nil {
				return nil, err
			}
		case "MultiPolygon":
			if err := json.Unmarshal(g.Arcs, &polygons); err != nil {
				return nil, err
			}
		}
		for _, p := range polygons {
			rings = append(rings, p...)
		}
	}
	if len(rings) == 0 {
		return nil, fmt.Errorf("no %s in the atlas", object)
	}
	return rings, nil
}

// line is an arc as points of the file; one that goes the other way is ^n.
func (t *topology) line(arc int) [][2]int {
	back := arc < 0
	if back {
		arc = ^arc
	}
	points := make([][2]int, len(t.Arcs[arc]))
	var at [2]float64
	for i, step := range t.Arcs[arc] {
		at[0], at[1] = at[0]+step[0], at[1]+step[1]
		x, y := place.Project(coop.Point{
			Longitude: at[0]*t.Transform.Scale[0] + t.Transform.Translate[0],
			Latitude:  at[1]*t.Transform.Scale[1] + t.Transform.Translate[1],
		})
		points[i] = [2]int{int(math.Round(x * fineness)), int(math.Round(y * fineness))}
	}
	if back {
		for i, j := 0, len(points)-1; i < j; i, j = i+1, j-1 {
			points[i], points[j] = points[j], points[i]
		}
	}
	return points
}

// areas draws closed rings; what lies below the map is left out.
func (t *topology) areas(rings [][]int) string {
	var d strings.Builder
	for _, ring := range rings {
		var points [][2]int
		above := false
		for _, arc := range ring {
			for _, p := range t.line(arc) {
				above = above || p[1] < place.Height*fineness
				points = append(points, p)
			}
		}
		// A ring that leaps begins where it does, so that no part of it is cut in two.
		if n := cutAt(points); n < len(points) {
			points = append(points[n:len(points):len(points)], points[:n]...)
		}
		for above && len(points) > 0 {
			n := cutAt(points)
			if before := d.Len(); n > 2 {
				if draw(&d, points[:n]); d.Len() > before {
					d.WriteByte('z')
				}
			}
			points = points[n:]
		}
	}
	return d.String()
}

// cutAt is how many points stand before the line leaps over the edge of the map.
func cutAt(points [][2]int) int {
	for i := 1; i < len(points); i++ {
		if leap := points[i][0] - points[i-1][0]; max(leap, -leap) > place.Width*fineness/2 {
			return i
		}
	}
	return len(points)
}

// borders draws the arcs that two countries share, each once.
func (t *topology) borders(rings [][]int) string {
	uses := map[int]int{}
	for _, ring := range rings {
		for _, arc := range ring {
			uses[max(arc, ^arc)]++
		}
	}
	var d strings.Builder
	for arc := range t.Arcs {
		if uses[arc] > 1 {
			draw(&d, t.line(arc))
		}
	}
	return d.String()
}

// draw writes points as one path, relative to each other; what is smaller than a unit is
// left out.
func draw(d *strings.Builder, points [][2]int) {
	var steps strings.Builder
	sign := "l"
	for i := 1; i < len(points); i++ {
		dx, dy := points[i][0]-points[i-1][0], points[i][1]-points[i-1][1]
		if dx == 0 && dy == 0 {
			continue
		}
		for _, n := range [2]int{dx, dy} {
			if n >= 0 || sign == "l" {
				steps.WriteString(sign)
			}
			steps.WriteString(strconv.Itoa(n))
			sign = " "
		}
	}
	if steps.Len() > 0 {
		d.WriteString("M" + strconv.Itoa(points[0][0]) + "," + strconv.Itoa(points[0][1]) + steps.String())
	}
}
