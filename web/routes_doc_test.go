// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// parameter is a part of a path that stands for something.
var parameter = regexp.MustCompile(`\{[^}]+\}|:[a-z_]+|[A-Z_]{2,}`)

// plainRoute is a route with its parameters alike.
func plainRoute(method, path string) string {
	return strings.ToUpper(method) + " " + parameter.ReplaceAllString(path, "*")
}

// notThere are the routes that docs/client-api.md says are missing.
func notThere(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/client-api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Not there\n")
	if !found {
		t.Fatal("docs/client-api.md does not say what is not there")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var list []string
	for _, m := range regexp.MustCompile("`(GET|POST|PUT|PATCH|DELETE) (/[^`]+)`").FindAllStringSubmatch(section, -1) {
		list = append(list, plainRoute(m[1], m[2]))
	}
	return list
}

// TestTheDocsSayWhatIsNotThere compares them with the routes, and both with the
// published description of the API where it is at hand.
func TestTheDocsSayWhatIsNotThere(t *testing.T) {
	h := newHouse(t, nil)
	have := map[string]bool{}
	for _, route := range h.server.routes {
		have[plainRoute(route.Method, route.Path)] = true
	}
	missing := notThere(t)
	if len(missing) == 0 {
		t.Fatal("no route was read out of the docs")
	}
	for _, route := range missing {
		if have[route] {
			t.Errorf("%s is there, and docs/client-api.md says it is not", route)
		}
	}
	text, err := os.ReadFile("../../shared/mastodon-api/schema.json")
	if err != nil {
		t.Skipf("the description of the API is missing: %v", err)
	}
	var api struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(text, &api); err != nil || len(api.Paths) < 100 {
		t.Fatalf("%d paths: %v", len(api.Paths), err)
	}
	described := map[string]bool{}
	for path, methods := range api.Paths {
		for method := range methods {
			route := plainRoute(method, path)
			described[route] = true
			if !have[route] && !strings.HasPrefix(path, "/api/v1/admin/") && !strings.HasPrefix(path, "/api/v2/admin/") && !slices.Contains(missing, route) {
				t.Errorf("%s %s is not there, and docs/client-api.md does not say so", strings.ToUpper(method), path)
			}
		}
	}
	for _, route := range missing {
		if !described[route] {
			t.Errorf("docs/client-api.md names %s, which nobody describes", route)
		}
	}
}

// TestAdministratorsHaveNoRoutes: who is none is told so, who is one finds nothing.
func TestAdministratorsHaveNoRoutes(t *testing.T) {
	h := newHouse(t, nil)
	ana, root := h.person("ana"), h.person("root")
	root.Rank = coop.RankOwner
	h.change(func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), root) })
	scopes := "read write admin:read admin:write"
	member, owner := h.token(ana, scopes), h.token(root, scopes)
	for _, route := range []string{"GET /api/v1/admin/accounts", "POST /api/v1/admin/accounts/1/approve", "DELETE /api/v1/admin/domain_blocks/1", "GET /api/v2/admin/accounts", "PUT /api/v1/admin/ip_blocks/1"} {
		method, path, _ := strings.Cut(route, " ")
		for token, want := range map[string]int{"": 401, member: 403, owner: 404} {
			if answer := h.ask(method, path, token, ""); answer.Code != want || judge(answer) != "" {
				t.Errorf("%s answers %d, want %d: %s", route, answer.Code, want, answer.Body)
			}
		}
	}
}
