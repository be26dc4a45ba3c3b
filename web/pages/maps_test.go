// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// drawMap draws points as a page shows them.
func drawMap(t *testing.T, points []mapPoint, region string) (mapView, string) {
	t.Helper()
	f, err := New(Options{Language: "en", Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	v := f.worldMap(f.words.of("en"), "Jobs <here>", points, region, func(r string) string { return "/jobs?map=" + r })
	var out bytes.Buffer
	if err := f.templates.draw(&out, "jobs", "map", v); err != nil {
		t.Fatal(err)
	}
	return v, out.String()
}

// TestMapGathersWhatIsNear: near points are one spot that leads to its line in the table,
// and the table has each thing that the map has.
func TestMapGathersWhatIsNear(t *testing.T) {
	at := func(lat, lng float64) coop.Point { return coop.Point{Latitude: lat, Longitude: lng} }
	points := []mapPoint{
		{at(41.39, 2.16), "Weaver", "/jobs/1", "Barcelona, Spain"},
		{at(41.98, 2.82), "Baker <b>", "/jobs/2", "Girona, Spain"},
		{at(-34.6, -58.4), "Cook", "/jobs/3", "Buenos Aires, Argentina"},
		{at(41.39, 2.16), "Dyer", "/jobs/4", "Barcelona, Spain"},
	}
	spots := func(v mapView) (list []string) {
		for _, s := range v.Spots {
			list = append(list, s.URL+" "+s.Label)
		}
		return list
	}
	v, html := drawMap(t, points, "")
	if diff := cmp.Diff([]string{"#map-1-1 3 here: Barcelona, Spain; Girona, Spain", "/jobs/3 Cook: Buenos Aires, Argentina"}, spots(v)); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{`href="/jobs/1"`, `href="/jobs/2"`, `href="/jobs/3"`, `href="/jobs/4"`, "Baker &lt;b&gt;", `id="map-1-1"`, `id="map-1-2"`, `aria-label="Jobs &lt;here&gt;"`, "/assets/land-"} {
		if !strings.Contains(html, want) {
			t.Errorf("the map lacks %s", want)
		}
	}
	if strings.Contains(html, "style=") || strings.Contains(html, "NaN") {
		t.Error("the map has a style, or what is no number")
	}
	v, _ = drawMap(t, points, "iberia")
	if diff := cmp.Diff([]string{"#map-1-1 3 here: Barcelona, Spain; Girona, Spain"}, spots(v)); diff != "" {
		t.Errorf("of the peninsula: %s", diff)
	}
	var names []string
	for _, r := range v.Regions {
		names = append(names, r.Name)
	}
	if diff := cmp.Diff([]string{"The world", "Europe", "Iberian Peninsula", "South America", "Southern Cone"}, names); diff != "" {
		t.Error(diff)
	}
	if v, _ = drawMap(t, nil, "no such region"); len(v.Spots) != 0 || v.Box != "0 0 1000 440" {
		t.Errorf("an empty map is %q", v.Box)
	}
	if v, html = drawMap(t, points[:1], "oceania"); len(v.Spots) != 0 || !strings.Contains(html, "empty") {
		t.Error("of a part without points nothing is said")
	}
	for _, p := range []coop.Point{at(90, 180), at(-90, -180), at(0, 0)} {
		if v, _ = drawMap(t, []mapPoint{{At: p, Name: "Edge", URL: "/x"}}, ""); strings.Contains(v.Box, "-") {
			t.Errorf("at %v the map is %s", p, v.Box)
		}
	}
}

// TestLandIsDrawnWhole reads the picture of the land as a browser does: a step without
// numbers would end the drawing there, and one over half the map would be a line across
// it. The edge of the map may be followed up and down, not crossed.
func TestLandIsDrawnWhole(t *testing.T) {
	picture, err := assetFiles.ReadFile("assets/land.svg")
	if err != nil {
		t.Fatal(err)
	}
	paths := regexp.MustCompile(` d="([^"]*)"`).FindAllStringSubmatch(string(picture), -1)
	if len(paths) != 2 {
		t.Fatalf("%d paths", len(paths))
	}
	form := regexp.MustCompile(`^M\d+,\d+l-?\d+(?:[ -]\d+|-\d+)*z?$`)
	number := regexp.MustCompile(`-?\d+`)
	for _, path := range paths {
		lines := strings.Split(path[1], "M")[1:]
		for _, line := range lines {
			if !form.MatchString("M" + strings.ReplaceAll(line, " -", "-")) {
				t.Fatalf("no browser draws M%.80s", line)
			}
			_, steps, _ := strings.Cut(line, "l")
			for i, step := range number.FindAllString(steps, -1) {
				if n, err := strconv.Atoi(step); err != nil || i%2 == 0 && max(n, -n) > 2500 {
					t.Errorf("a step of %s in M%.80s", step, line)
				}
			}
		}
		if len(lines) < 100 {
			t.Errorf("only %d lines", len(lines))
		}
	}
}
