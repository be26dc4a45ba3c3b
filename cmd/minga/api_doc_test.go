// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minga/storage"
	"minga/web/auth"
	"minga/web/mastodon"
)

// ownAPI is what minga's own routes begin with.
const ownAPI = "/api/v1/minga"

// toldRoute is a route as docs/api.md shows it: an example of a request, with or without
// a token.
type toldRoute struct {
	method, path string
	token        bool
}

// apiDoc reads the examples of docs/api.md: the requests in its http blocks, and those
// in the first column of its tables, where ID stands for an id.
func apiDoc(t *testing.T) (told []toldRoute) {
	t.Helper()
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^(GET|POST|PUT|PATCH|DELETE) (` + ownAPI + `/\S+)$`)
	for _, block := range regexp.MustCompile("(?s)```http\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for _, request := range line.FindAllStringSubmatch(block[1], -1) {
			path, _, _ := strings.Cut(request[2], "?")
			told = append(told, toldRoute{request[1], path, strings.Contains(block[1], "\nAuthorization: ")})
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(GET|POST|PUT|PATCH|DELETE) (/[^` ?]+)").FindAllStringSubmatch(string(text), -1) {
		told = append(told, toldRoute{row[1], ownAPI + row[2], true})
	}
	return told
}

// leads tells whether an example leads to a route, and how many of its parts are written
// out: of two routes the one with more is meant.
func leads(route auth.Route, told toldRoute) (int, bool) {
	have, want := strings.Split(told.path, "/"), strings.Split(route.Path, "/")
	if route.Method != told.method || len(have) != len(want) {
		return 0, false
	}
	same := 0
	for i := range want {
		switch {
		case want[i] == have[i]:
			same++
		case !strings.HasPrefix(want[i], ":"):
			return 0, false
		}
	}
	return same, true
}

// TestAPIDocRoutes compares the examples of docs/api.md with minga's own routes: each
// route has one, each leads somewhere, and those of routes that want a token show it.
func TestAPIDocRoutes(t *testing.T) {
	routes := slices.DeleteFunc(mastodon.New(mastodon.Options{Store: new(storage.Store)}).Routes(), func(r auth.Route) bool { return !strings.HasPrefix(r.Path, ownAPI+"/") })
	shown := map[string]bool{}
	for _, told := range apiDoc(t) {
		best, found := -1, auth.Route{}
		for _, route := range routes {
			if same, ok := leads(route, told); ok && same > best {
				best, found = same, route
			}
		}
		if best < 0 {
			t.Errorf("docs/api.md shows %s %s, which is no route", told.method, told.path)
			continue
		}
		shown[found.Method+" "+found.Path] = true
		if found.Access == auth.Token && !told.token {
			t.Errorf("docs/api.md shows %s %s without a token", told.method, told.path)
		}
	}
	for _, route := range routes {
		name := route.Method + " " + route.Path
		twin := strings.NewReplacer("PUT ", "PATCH ", "PATCH ", "PUT ").Replace(name)
		if !shown[name] && !shown[twin] {
			t.Errorf("docs/api.md has no example of %s", name)
		}
	}
	if len(shown) < 40 {
		t.Errorf("only %d routes are shown", len(shown))
	}
}
