// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// The walk goes over every route that the router has, as four who have no business
// there: a stranger, an app that acts for nobody, somebody whose token lacks the scope,
// and user two, who comes with the ids of what belongs to user one. Nobody may read or
// change what is not theirs; what is hidden looks like what never was; every refusal
// can be read by clients. A route without a row in walk_rows_test.go fails.

// kind is what a route is about.
type kind int

const (
	own     kind = iota // what belongs to whoever asks; it names nobody else's
	private             // something of user one that nobody else may see
	open                // something that others may see, or act on in their own name
	refused             // something that others may see and not change
	page                // for browsers and servers, not for clients
	flow                // a stream of one's own: nobody hands out here, so it does not open (streaming_test.go)
)

// row says how a route is called with an object that belongs to user one.
type row struct {
	kind kind
	// at is the name of the object that stands for :id, or the whole path with objects
	// in braces.
	at, body string
	// touches: what user two may do here changes what user one sees.
	touches bool
	// coop: the object belongs to user one's co-op, not to the person.
	coop bool
	more []row // the same route with other objects
}

// secretWord stands in everything that is user one's alone.
const secretWord = "geheimnis"

// never is an id that nothing ever had.
const never = "117000000000000001"

// walk is an instance with two users.
type walk struct {
	*gallery
	ana, berta                  *coop.Account
	one, two, mill, app, narrow string // tokens: ana's, berta's, the co-op's, an app's, one without a scope
	objects                     map[string]string
}

// path is where the route is called, with user one's objects or with ids of nothing.
func (w *walk) path(route auth.Route, r row, real bool) string {
	at := r.at
	if r.kind == page && at == "" {
		at = filled(route.Path)
	} else if !strings.HasPrefix(at, "/") {
		at = strings.ReplaceAll(route.Path, ":id", "{"+at+"}")
	}
	for name, id := range w.objects {
		if !real {
			id = never
		}
		at = strings.ReplaceAll(at, "{"+name+"}", id)
	}
	if strings.ContainsAny(at, "{}*") || strings.Contains(at, "/:") {
		w.Errorf("%s %s: the row leads to %s", route.Method, route.Path, at)
	}
	return at
}

// call asks for a route as somebody.
func (w *walk) call(route auth.Route, r row, token string) *httptest.ResponseRecorder {
	return w.ask(route.Method, w.path(route, r, true), token, w.fill(r.body))
}

// fill puts the ids of objects where their names stand.
func (w *walk) fill(text string) string {
	for name, id := range w.objects {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return text
}

// owner is the token of whom a row's object belongs to.
func (w *walk) owner(r row) string {
	if r.coop {
		return w.mill
	}
	return w.one
}

// step is a route with its row.
type step struct {
	auth.Route
	row
}

// steps joins the router's routes and the table: each must have the other.
func (w *walk) steps() []step {
	var steps []step
	seen := map[string]bool{}
	for _, route := range w.server.routes {
		name := route.Method + " " + route.Path
		r, ok := walkRows[name]
		if twin := twins[route.Method]; twin != "" && !ok {
			if r, ok = walkRows[twin+" "+route.Path]; !ok {
				continue // said once
			}
		}
		if !ok {
			w.Errorf("%s has no row in walk_rows_test.go: whose is what it is about?", name)
			continue
		}
		seen[name] = true
		for _, r := range append([]row{r}, r.more...) {
			steps = append(steps, step{route, r})
		}
	}
	for name := range walkRows {
		if !seen[name] {
			w.Errorf("%s has a row and no route", name)
		}
	}
	return steps
}

// twins are methods that do the same as another, whose row they have.
var twins = map[string]string{"HEAD": "GET", "PATCH": "PUT"}

// reads tells whether a route changes nothing.
func (s step) reads() bool { return s.Method == "GET" || s.Method == "HEAD" }

func TestWalk(t *testing.T) {
	storagetest.WithoutRace(t)
	w := newWalk(t)
	steps := w.steps()
	for _, s := range steps {
		w.asOwner(s)
	}
	if t.Failed() {
		t.FailNow() // with wrong rows the rest would mean nothing
	}
	before := w.view(steps)
	for _, s := range steps {
		w.asStranger(s)
		w.asApp(s)
		w.withoutScope(s)
	}
	w.same("strangers", before, w.view(steps))
	for _, s := range steps {
		w.asOther(s)
		if s.reads() || s.kind == page {
			continue
		}
		after := w.view(steps)
		if !s.touches {
			w.same(fmt.Sprintf("user two by %s %s", s.Method, s.Path), before, after)
		}
		before = after
	}
}

// asOwner sees that the row leads where it says: user one gets an answer, and what
// is private has something in it that others can be kept from.
func (w *walk) asOwner(s step) {
	if s.kind == page || !s.reads() || s.Access == auth.App {
		return
	}
	if answer := w.call(s.Route, s.row, w.owner(s.row)); answer.Code != 200 && (s.kind != flow || answer.Code != 503 && answer.Code != 426) {
		w.Errorf("%s %s answers its owner %d: %s", s.Method, w.path(s.Route, s.row, true), answer.Code, answer.Body)
	}
}

// asStranger comes without a token.
func (w *walk) asStranger(s step) {
	answer := w.call(s.Route, s.row, "")
	w.readable(s, "a stranger", answer)
	switch {
	case s.Access == auth.Token || s.Access == auth.App:
		if answer.Code != 401 {
			w.Errorf("%s %s: a stranger gets %d, want 401", s.Method, s.Path, answer.Code)
		}
	case s.kind == private:
		w.hidden(s, "a stranger", "", answer)
	}
}

// asApp comes with a token that acts for nobody.
func (w *walk) asApp(s step) {
	if s.kind == page {
		return
	}
	answer := w.call(s.Route, s.row, w.app)
	w.readable(s, "an app", answer)
	if s.Access == auth.Token && answer.Code != 403 {
		w.Errorf("%s %s: an app that acts for nobody gets %d, want 403", s.Method, s.Path, answer.Code)
	}
	if s.kind == private && s.Access != auth.Token {
		w.hidden(s, "an app", w.app, answer)
	}
}

// withoutScope comes as user one with a token that covers nothing.
func (w *walk) withoutScope(s step) {
	if s.kind == page || s.Scope == "" {
		return
	}
	answer := w.call(s.Route, s.row, w.narrow)
	w.readable(s, "a token without the scope", answer)
	if answer.Code != 403 {
		w.Errorf("%s %s: a token without the scope gets %d, want 403", s.Method, s.Path, answer.Code)
	}
}

// asOther comes as user two.
func (w *walk) asOther(s step) {
	if s.kind == page {
		return
	}
	answer := w.call(s.Route, s.row, w.two)
	w.readable(s, "user two", answer)
	switch {
	case s.kind == private:
		w.hidden(s, "user two", w.two, answer)
	case s.kind == refused && answer.Code != 403:
		w.Errorf("%s %s: user two gets %d, want 403", s.Method, s.Path, answer.Code)
	}
}

// readable wants an answer that clients read, without what is user one's alone, and
// without a fault of ours.
func (w *walk) readable(s step, who string, answer *httptest.ResponseRecorder) {
	if answer.Code >= 500 && answer.Code != 503 {
		w.Errorf("%s %s: %s gets %d: %s", s.Method, s.Path, who, answer.Code, answer.Body)
	}
	if strings.Contains(answer.Body.String(), secretWord) {
		w.Errorf("%s %s: %s reads what is not theirs: %s", s.Method, s.Path, who, answer.Body)
	}
	if !strings.HasPrefix(s.Path, "/api/") {
		return
	}
	if fault := judge(answer); fault != "" {
		w.Errorf("%s %s: the answer %d to %s %s: %s", s.Method, s.Path, answer.Code, who, fault, answer.Body)
	}
	if answer.Header().Get("Vary") != "Authorization" || who != "a stranger" && !strings.Contains(answer.Header().Get("Cache-Control"), "no-store") {
		w.Errorf("%s %s: caches may keep the answer %d to %s: %v", s.Method, s.Path, answer.Code, who, answer.Header())
	}
}

// hidden wants the answer that something gets which never was.
func (w *walk) hidden(s step, who, token string, answer *httptest.ResponseRecorder) {
	none := w.ask(s.Method, w.path(s.Route, s.row, false), token, w.fill(s.body))
	if answer.Code != 404 || none.Code != 404 || answer.Body.String() != none.Body.String() || headersOf(answer) != headersOf(none) {
		w.Errorf("%s %s: %s gets %d %s, of what never was %d %s", s.Method, w.path(s.Route, s.row, true), who, answer.Code, answer.Body, none.Code, none.Body)
	}
}

// view is all that user one reads of what is theirs.
func (w *walk) view(steps []step) map[string]string {
	seen := map[string]string{}
	for _, s := range steps {
		if s.Method == "GET" && (s.kind == own || s.kind == private || s.kind == refused) && s.Access != auth.App {
			seen[w.path(s.Route, s.row, true)] = w.call(s.Route, s.row, w.owner(s.row)).Body.String()
		}
	}
	return seen
}

// same wants that nothing changed for user one.
func (w *walk) same(who string, before, after map[string]string) {
	for path, was := range before {
		if is := after[path]; is != was {
			w.Errorf("%s changed what user one reads at %s:\n%s\n%s", who, path, was, is)
		}
	}
}

// TestTheWalkSees proves that the walk looks at something: user one has much that
// says it is theirs, and a fault is found.
func TestTheWalkSees(t *testing.T) {
	w := newWalk(t)
	secrets := 0
	for _, text := range w.view(w.steps()) {
		if strings.Contains(text, secretWord) {
			secrets++
		}
	}
	if secrets < 15 {
		t.Errorf("only %d answers to user one hold what is theirs alone", secrets)
	}
	for what, fault := range map[string]func(*walk){
		"a secret that is told":       func(w *walk) { w.readable(step{}, "user two", w.ask("GET", "/api/v1/lists", w.one, "")) },
		"something hidden that shows": func(w *walk) { w.find("GET", "/api/v1/lists/:id", w.one) },
		"a change": func(w *walk) {
			steps := w.steps()
			before := w.view(steps)
			w.ask("POST", "/api/v1/lists", w.one, `{"title":"another"}`)
			w.same("user one", before, w.view(steps))
		},
	} {
		blind := *w.house
		blind.T = &testing.T{}
		w2 := *w
		g := *w.gallery
		g.house, w2.gallery = &blind, &g
		if fault(&w2); !blind.Failed() {
			t.Errorf("%s is not found", what)
		}
	}
}

// find judges one private route for a token.
func (w *walk) find(method, path, token string) {
	s := step{auth.Route{Method: method, Path: path}, walkRows[method+" "+path]}
	w.hidden(s, "somebody", token, w.call(s.Route, s.row, token))
}

// newWalk makes the two users and gives user one something of every kind.
func newWalk(t *testing.T) *walk {
	t.Helper()
	w := &walk{gallery: newGallery(t, nil), objects: map[string]string{"never": never}}
	w.ana, w.berta = w.person("ana"), w.person("berta")
	w.one, w.two = w.token(w.ana, "read write follow push profile"), w.token(w.berta, "read write follow push profile")
	w.narrow = w.token(w.ana, "admin:read")
	_, w.mill = w.member("telar", "read write follow")
	w.app = w.appToken()
	w.objects["ana"], w.objects["berta"] = w.ana.ID.String(), w.berta.ID.String()
	furnish(w)
	return w
}

// appToken is a token that acts for nobody.
func (w *walk) appToken() string {
	w.Helper()
	text, hash := auth.NewSecret()
	app := &coop.App{ClientID: "client-of-the-walk-0123456789", Secret: hash, Name: "walk", Redirects: []string{coop.OutOfBand}, Scopes: []string{"read", "write", "follow", "push"}}
	err := w.store.Write(w.Context(), func(tx *storage.Tx) error {
		if err := tx.AddApp(w.Context(), app); err != nil {
			return err
		}
		return tx.AddToken(w.Context(), &coop.Token{Hash: hash, AppID: app.ID, Scopes: app.Scopes, App: app.Name})
	})
	if err != nil {
		w.Fatal(err)
	}
	return text
}

// made is the id of what a request of somebody makes.
func (w *walk) made(method, path, token, body string) string {
	w.Helper()
	answer := w.ask(method, w.fill(path), token, w.fill(body))
	var thing struct{ ID string }
	if err := json.Unmarshal(answer.Body.Bytes(), &thing); err != nil || answer.Code != 200 {
		w.Fatalf("%s %s answers %d: %s", method, path, answer.Code, answer.Body)
	}
	return thing.ID
}

// writes is the id of a post that somebody writes here.
func (w *walk) writes(author *coop.Account, audience coop.Visibility, text string, change ...func(*coop.Post)) string {
	w.Helper()
	p := &coop.Post{Source: text, Language: "en", Visibility: audience}
	for _, f := range change {
		f(p)
	}
	if err := w.outbox.PublishNote(w.Context(), author, p); err != nil {
		w.Fatal(err)
	}
	return p.ID.String()
}

// first is a member of the first entry of a list that somebody reads.
func (w *walk) first(path, token, member string) string {
	w.Helper()
	answer := w.ask("GET", path, token, "")
	var list []map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &list); err != nil || len(list) == 0 {
		w.Fatalf("%s answers %d: %s", path, answer.Code, answer.Body)
	}
	return fmt.Sprint(list[0][member])
}
