// SPDX-License-Identifier: AGPL-3.0-or-later

package place_test

import (
	"math"
	"testing"

	"minga/coop"
	"minga/coop/place"
)

// TestEach reads the whole gazetteer: as many towns as there are, each somewhere, and every
// city of our own list found once.
func TestEach(t *testing.T) {
	towns, labelled, last := 0, map[string]int{}, int64(0)
	rome := coop.TownEntry{}
	if err := place.Each(func(e coop.TownEntry) bool {
		towns++
		if e.ID != last+1 || e.Name == "" || !coop.ValidCountry(e.Country) || !e.Valid() || e.Weight < 1000 {
			t.Fatalf("town %d: %+v", towns, e)
		}
		last = e.ID
		if len(e.Labels) > 0 {
			labelled[e.Country+" "+e.Name+" "+e.Region]++
		}
		if e.Country == "IT" && e.Name == "Rome" {
			rome = e
		}
		return true
	}); err != nil {
		t.Fatal(err)
	}
	if towns < 170_000 || len(labelled) < 300 {
		t.Errorf("%d towns, %d of them in our list", towns, len(labelled))
	}
	for name, n := range labelled {
		if n != 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
	if at := (coop.Point{Latitude: 41.89193, Longitude: 12.51133}); rome.Km(at) > 0.2 || rome.Region != "Lazio" || rome.Labels[0].Text != "Roma" {
		t.Errorf("Rome is %+v", rome)
	}
	if n := place.CityCount(); n != len(labelled) {
		t.Errorf("the list has %d cities, %d are in the gazetteer", n, len(labelled))
	}
}

// TestProject puts corners of the Earth on the map.
func TestProject(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   coop.Point
		x, y float64
	}{
		{"the middle of the equator", coop.Point{}, place.Width / 2, 243.36},
		{"the pole", coop.Point{Latitude: 90}, place.Width / 2, 0},
		{"the end of the west", coop.Point{Longitude: -180}, 0, 243.36},
		{"the end of the east", coop.Point{Longitude: 180}, place.Width, 243.36},
	} {
		x, y := place.Project(tt.at)
		if math.Abs(x-tt.x) > 0.01 || math.Abs(y-tt.y) > 0.01 {
			t.Errorf("%s is at %.3f, %.3f, want %.3f, %.3f", tt.name, x, y, tt.x, tt.y)
		}
	}
}
