// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"minga/web/auth"

	"minga/storage/storagetest"
)

// Every way in which a request to the API can fail, at every route: clients sign out,
// hang or break when an error comes in a shape of its own.

// api are the steps of the walk at which programs ask.
func (w *walk) api() (steps []step) {
	for _, s := range w.steps() {
		if strings.HasPrefix(s.Path, "/api/") {
			steps = append(steps, s)
		}
	}
	return steps
}

// failure wants an answer of a kind that clients read.
func failure(t *testing.T, what string, s step, w *httptest.ResponseRecorder, codes ...int) {
	t.Helper()
	fits := false
	for _, code := range codes {
		fits = fits || w.Code == code
	}
	if !fits {
		t.Errorf("%s: %s %s answers %d, want %v: %.300s", what, s.Method, s.Path, w.Code, codes, w.Body)
		return
	}
	if fault := judge(w); fault != "" {
		t.Errorf("%s: the answer %d of %s %s %s: %.300s", what, w.Code, s.Method, s.Path, fault, w.Body)
	}
	header := w.Header()
	if header.Get("Vary") != "Authorization" || w.Code >= 400 && !strings.Contains(header.Get("Cache-Control"), "no-store") || header.Get("Link") != "" && w.Code >= 400 {
		t.Errorf("%s: the answer %d of %s %s may be kept or paged: %v", what, w.Code, s.Method, s.Path, header)
	}
	if w.Code == http.StatusUnauthorized && !strings.HasPrefix(header.Get("WWW-Authenticate"), "Bearer") {
		t.Errorf("%s: %s %s does not say what it wants", what, s.Method, s.Path)
	}
}

func TestRule13AndRule14ErrorsAreAlike(t *testing.T) {
	storagetest.WithoutRace(t)
	w := newWalk(t)
	for _, s := range w.api() {
		path, owner := w.path(s.Route, s.row, true), w.owner(s.row)
		if s.Access != auth.Open {
			failure(t, "a token of nobody", s, w.ask(s.Method, path, "nonsense", "{}"), 401)
		}
		if s.Access == auth.Token {
			failure(t, "no token", s, w.ask(s.Method, path, "", "{}"), 401)
		}
		if s.Scope != "" && s.Access != auth.App {
			failure(t, "no scope", s, w.ask(s.Method, path, w.narrow, "{}"), 403)
		}
		if strings.Contains(s.Path, ":id") && s.kind != own && s.kind != refused {
			for _, id := range []string{never, "abc", "0", "-1", "99999999999999999999999", "%00", "1e3"} {
				w.lost(t, s, owner, id)
			}
		}
		if s.Body == 0 {
			continue
		}
		for _, broken := range []struct{ kind, body string }{
			{"application/json", `{`},
			{"application/json", `[1]`},
			{"application/json", `"text"`},
			{"application/json", "\xff\xfe"},
			{"text/plain", `what`},
			{"application/x-www-form-urlencoded", `%zz=1`},
			{"application/x-www-form-urlencoded", "a" + strings.Repeat("[a]", 50) + "=1"},
			{"multipart/form-data", `x`},
			{"multipart/form-data; boundary=b", "--b\r\nnothing"},
		} {
			failure(t, "a broken body "+broken.body, s, w.ask(s.Method, path, owner, broken.body, "Content-Type", broken.kind), 200, 400, 403, 404, 409, 422)
		}
		long := httptest.NewRequest(s.Method, "https://coop.example"+path, strings.NewReader("{}"))
		long.ContentLength = s.Body + 1
		long.Header.Set("Authorization", "Bearer "+owner)
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, long)
		failure(t, "too long", s, answer, 413)
	}
}

// lost asks for something by an id that names nothing.
func (w *walk) lost(t *testing.T, s step, token, id string) {
	t.Helper()
	if !strings.Contains(s.at, "/") {
		path := strings.ReplaceAll(s.Path, ":id", id)
		failure(t, "the id "+id, s, w.ask(s.Method, path, token, w.fill(s.body)), 404)
	}
}

func TestRule13WhatIsNotThere(t *testing.T) {
	w := newWalk(t)
	takes := map[string]map[string]bool{}
	for _, s := range w.api() {
		path := filled(s.Path)
		if takes[path] == nil {
			takes[path] = map[string]bool{}
		}
		takes[path][s.Method] = true
	}
	refused := 0
	for path, methods := range takes {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "TRACE"} {
			if methods[method] {
				continue
			}
			s := step{Route: auth.Route{Method: method, Path: path}}
			answer := w.ask(method, path, w.one, "")
			if answer.Code == http.StatusMethodNotAllowed {
				refused++
			}
			failure(t, "the method", s, answer, 404, 405)
			failure(t, "below it", s, w.ask(method, path+"/x/y/z/nothing", "", ""), 404)
		}
	}
	if refused < 100 {
		t.Errorf("only %d methods were refused", refused)
	}
}

// TestRule14RefusalsOfLimits uses every limit up and asks every route.
func TestRule14RefusalsOfLimits(t *testing.T) {
	w := newWalk(t)
	steps := w.api()
	w.server.o.RateLimit = true
	stopped := time.Now() // else a slow machine gives back what was used up
	w.server.limiter.now = func() time.Time { return stopped }
	for range rates[auth.LimitAPI].n {
		w.ask("GET", "/api/v1/custom_emojis", "", "")
		w.ask("GET", "/api/v1/lists", w.one, "")
		w.ask("GET", "/api/v1/minga/drafts", w.mill, "")
	}
	for range rates[auth.LimitApps].n {
		w.ask("POST", "/api/v1/apps", "", "{}")
	}
	for range rates[auth.LimitSignUp].n {
		w.ask("POST", "/api/v1/accounts", "", "{}")
	}
	for _, s := range steps {
		if s.Limit == auth.LimitNone {
			continue // a health check
		}
		token := w.owner(s.row)
		if s.Access == auth.Open {
			token = ""
		}
		answer := w.ask(s.Method, w.path(s.Route, s.row, true), token, w.fill(s.body))
		failure(t, "too many", s, answer, 429)
		header := answer.Header()
		if header.Get("X-RateLimit-Remaining") != "0" || header.Get("Retry-After") == "" || !toTheMilli.MatchString(header.Get("X-RateLimit-Reset")) {
			t.Errorf("%s %s does not say when to come again: %v", s.Method, s.Path, header)
		}
	}
}

// TestRule14FaultsOfOurs plants a panic in every handler.
func TestRule14FaultsOfOurs(t *testing.T) {
	w := newWalk(t)
	steps := w.api()
	var broken []auth.Route
	for _, s := range steps {
		if s.Method == http.MethodHead {
			continue
		}
		route := s.Route
		route.Handle = func(c *gin.Context) error {
			c.Header("Content-Type", "text/html")
			c.Header("Link", "<x>")
			panic("secret of the house")
		}
		twice := false
		for _, b := range broken {
			twice = twice || b.Method == route.Method && b.Path == route.Path
		}
		if !twice {
			broken = append(broken, route)
		}
	}
	engine := gin.New()
	engine.ContextWithFallback = true
	engine.Use(w.server.observe, w.server.name, w.server.headers, w.server.cors, w.server.private, w.server.contain, w.server.checkHost, w.server.preflight)
	for _, route := range broken {
		engine.Handle(route.Method, route.Path, w.server.door(route), w.server.respond.Handle(route.Form, route.Handle))
	}
	w.server.engine = engine
	for _, s := range steps {
		if s.Method == http.MethodHead {
			continue
		}
		answer := w.ask(s.Method, w.path(s.Route, s.row, true), w.owner(s.row), "{}")
		failure(t, "a panic", s, answer, 500)
		if strings.Contains(answer.Body.String(), "secret") {
			t.Errorf("%s %s tells what went wrong inside: %s", s.Method, s.Path, answer.Body)
		}
	}
}

// TestRule14WhatTakesTooLong: a question that is not answered in time is our fault, and
// says when to come again.
func TestRule14WhatTakesTooLong(t *testing.T) {
	w := newWalk(t)
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	for _, s := range w.api() {
		r := httptest.NewRequest(s.Method, "https://coop.example"+w.path(s.Route, s.row, true), strings.NewReader(w.fill(s.body))).WithContext(late)
		r.Header.Set("Authorization", "Bearer "+w.owner(s.row))
		r.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		if s.Access == auth.Token {
			failure(t, "late", s, answer, 503)
		}
		if answer.Code == http.StatusServiceUnavailable && answer.Header().Get("Retry-After") == "" {
			t.Errorf("%s %s does not say when to come again", s.Method, s.Path)
		}
	}
}

// TestRule14EveryWrongFieldIsNamed: an answer 422 says which fields are wrong, each with
// a code and a sentence.
func TestRule14EveryWrongFieldIsNamed(t *testing.T) {
	w := newWalk(t)
	met := 0
	for _, s := range w.api() {
		if s.reads() {
			continue
		}
		answer := w.ask(s.Method, w.path(s.Route, s.row, true), w.owner(s.row), `{"status":7e9,"title":[],"job":"x","name":{},"note":[1],"account":{},"organization":[],"step":{}}`)
		if answer.Code != http.StatusUnprocessableEntity {
			continue
		}
		var body struct {
			Error   string
			Details map[string][]struct{ Error, Description string }
		}
		if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil {
			t.Errorf("%s %s: %v", s.Method, s.Path, err)
		}
		if strings.HasPrefix(s.Path, "/api/v1/minga/") {
			met++
			if len(body.Details) == 0 {
				t.Errorf("%s %s names no field: %s", s.Method, s.Path, answer.Body)
			}
		}
		for field, wrong := range body.Details {
			if field == "" || len(wrong) == 0 || wrong[0].Error == "" || wrong[0].Description == "" {
				t.Errorf("%s %s says of %q %s", s.Method, s.Path, field, fmt.Sprint(wrong))
			}
		}
	}
	if met < 8 {
		t.Errorf("only %d of minga's own routes complained", met)
	}
}

// TestCachesKeepNothingOfAToken: of every answer, good or bad.
func TestCachesKeepNothingOfAToken(t *testing.T) {
	w := newWalk(t)
	for _, s := range w.api() {
		if !s.reads() {
			continue
		}
		for _, token := range []string{w.owner(s.row), w.two, ""} {
			header := w.ask(s.Method, w.path(s.Route, s.row, true), token, "").Header()
			if header.Get("Vary") != "Authorization" || token != "" && header.Get("Cache-Control") != "private, no-store" || header.Get("Set-Cookie") != "" {
				t.Errorf("%s %s with token %q: %v", s.Method, s.Path, token, header)
			}
		}
	}
}
