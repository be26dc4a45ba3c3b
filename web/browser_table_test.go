// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"

	"minga/web/auth"
	"minga/web/respond"
)

// objects are the addresses of things, whose pages have routes of their own beside them.
var objects = regexp.MustCompile(`^/(actor|federation|(boards|coops|people|services|searches|teams)/:name)(/|$)`)

// TestBrowserTable wants every page in the table of the browser's tests, and nothing
// there that is no page of ours: what is not in it is never looked at.
func TestBrowserTable(t *testing.T) {
	raw, err := os.ReadFile("../scripts/browser/routes.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Route, Name, At, Who, Walk string
		Status                     int
		Machines                   bool
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	looked := map[string]bool{"no route": true}
	for _, row := range rows {
		looked[row.Route] = true
		ways := 0
		for _, has := range []bool{row.At != "" && row.Name != "", row.Walk != "", row.Machines} {
			if has {
				ways++
			}
		}
		if ways != 1 || !slices.Contains([]string{"", "member", "staff"}, row.Who) {
			t.Errorf("%s %q has an address and a name, or a walk, or is for machines", row.Route, row.Name)
		}
		if row.Walk != "" {
			if _, err := os.Stat("../scripts/browser/" + row.Walk); err != nil {
				t.Errorf("%s: %v", row.Route, err)
			}
		}
	}
	mounted := map[string]bool{"no route": true}
	for _, route := range newHouse(t, nil).server.routes {
		if route.Method != "GET" || route.Form != respond.HTML || objects.MatchString(route.Path) {
			continue
		}
		mounted[route.Path] = true
		if route.Access != auth.Open && !looked[route.Path] { // what looks at no cookie is for machines
			t.Errorf(`nobody looks at %s: add {"route": "%s", "name": "…", "at": "%s"} to scripts/browser/routes.json, with "who": "member" behind sign-in, or "machines": true for what is no page`, route.Path, route.Path, route.Path)
		}
	}
	for path := range looked {
		if !mounted[path] {
			t.Errorf("%s is in the table of the browser's tests and is no page", path)
		}
	}
}
