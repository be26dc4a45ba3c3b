// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// echoWord stands in every secret that the echo sends, with the name of its place.
const echoWord = "pl4nted-in-"

// echoedAddress is the same in addresses.
const echoedAddress = "pl4nted-at-"

// echoFields are the fields by which somebody proves who they are, in forms, in JSON and,
// where people put them although nobody asks for them there, in addresses.
var echoFields = []string{"password", "current", "code", "token", "secret", "credential", "client_secret", "code_verifier", "refresh_token", "access_token"}

// echoParameters are the parts of paths that are secrets.
var echoParameters = regexp.MustCompile(`:(secret|token|code)\b`)

// echo sends planted secrets to every route, as somebody, and reads the answers.
type echo struct {
	*walk
	who     string
	token   string // of the API; empty: a planted one, which is nobody's
	cookies string
	form    string // the token of forms; empty: none is sent
	codes   map[int]int
}

// TestNoSecretComesBack: whatever secret comes with a request, in its address, its headers or
// its body, stands neither in the answer nor in a header of it: not for a stranger, not in a
// form that comes back to a guest or the owner, not in a complaint of the API. An address alone
// comes back, as the address.
func TestNoSecretComesBack(t *testing.T) {
	storagetest.WithoutRace(t)
	w := newWalk(t)
	olga := w.ranked("olga")
	page := olga.open("/settings/security", nil)
	var session, planted []string
	for name, value := range olga.cookies {
		session, planted = append(session, name+"="+value), append(planted, name+"="+echoWord+"cookie")
	}
	guest := w.fresh()
	entry := guest.open("/sign-in", nil)
	var visit []string
	for name, value := range guest.cookies {
		visit = append(visit, name+"="+value)
	}
	steps := w.steps()
	for _, e := range []*echo{
		{who: "a guest", cookies: strings.Join(visit, "; "), form: guest.found(formToken, entry.Body.String())},
		{who: "a stranger", cookies: strings.Join(planted, "; ")},
		{who: "a program", token: w.one},
		{who: "the owner", cookies: strings.Join(session, "; "), form: olga.found(formToken, page.Body.String())},
	} {
		e.walk, e.codes = w, map[int]int{}
		for _, s := range steps {
			e.ask(s)
		}
		t.Logf("%s: %v", e.who, e.codes)
		if e.codes[401]+e.codes[403]+e.codes[404]+e.codes[422]+e.codes[200] < 100 {
			t.Errorf("%s was hardly answered: %v", e.who, e.codes)
		}
	}
	if w := olga.open("/settings/security", nil); w.Code != http.StatusOK {
		t.Errorf("the owner was signed out on the way: %d", w.Code)
	}
}

// ranked is a person who may do everything on this server, signed in.
func (w *walk) ranked(name string) *surfer {
	w.Helper()
	s := w.surfer(name)
	a, err := w.store.AccountByHandle(w.Context(), name, "")
	if err == nil {
		err = w.store.Write(w.Context(), func(tx *storage.Tx) error { return tx.SetRank(w.Context(), a.ID, coop.RankOwner, "command line", "") })
	}
	if err != nil {
		w.Fatal(err)
	}
	s.signIn(name, "/sign-in")
	return s
}

// ask sends a route everything: in the address, and as a form, and for programs as JSON.
func (e *echo) ask(s step) {
	api := strings.HasPrefix(s.Path, "/api/")
	if e.form != "" && (api || s.Path == "/sign-out") || e.token != "" && !api {
		return // of the others; and the owner stays
	}
	query := url.Values{}
	for _, name := range echoFields {
		if e.token == "" || name != "access_token" { // a token in an address is refused before all else
			query.Set(name, echoedAddress+name)
		}
	}
	at := echoed(s.Path, e.path(s.Route, s.row, true)) + "?" + query.Encode()
	if s.reads() {
		e.read(s, e.send(s, at, "", ""))
		return
	}
	fields, form := map[string]any{}, url.Values{}
	_ = json.Unmarshal([]byte(e.walk.fill(s.body)), &fields) // of a row that is none there are no fields
	for _, name := range echoFields {
		fields[name] = echoWord + name
		form.Set(name, echoWord+name)
	}
	form.Set(auth.FormField, e.form)
	e.read(s, e.send(s, at, "application/x-www-form-urlencoded", form.Encode()))
	if body, err := json.Marshal(fields); api && err == nil {
		e.read(s, e.send(s, at, "application/json", string(body)))
	}
}

// echoed plants secrets in the parts of a path that are secrets.
func echoed(route, at string) string {
	parts, names := strings.Split(at, "/"), strings.Split(route, "/")
	for n, name := range names {
		if echoParameters.MatchString(name) && len(parts) == len(names) {
			parts[n] = echoedAddress + "path"
		}
	}
	return strings.Join(parts, "/")
}

// send is one request with all that may be planted in headers.
func (e *echo) send(s step, at, kind, body string) *httptest.ResponseRecorder {
	headers := []string{
		"Cookie", e.cookies, "Content-Type", kind, "Accept-Language", "en", "Sec-Fetch-Site", "same-origin", "Idempotency-Key", echoWord + "idempotency",
		"Signature", `keyId="https://evil.example/k",headers="(request-target) host date",signature="` + echoWord + `signature"`, "Signature-Input", `sig1=("@method");created=1;nonce="` + echoWord + `nonce"`,
		"X-Csrf-Token", echoWord + "csrf",
	}
	token := e.token
	if token == "" && e.form == "" {
		token = echoWord + "bearer"
	}
	return e.walk.ask(s.Method, at, token, body, headers...)
}

// ownAddress is where an address stands as an address: links, forms, where one is led, pages
// before and after.
var ownAddress = regexp.MustCompile(`(href|action)="[^"]*"|name="next" value="[^"]*"|(Location|Link):\[[^\]]*\]`)

// read looks for what was planted.
func (e *echo) read(s step, w *httptest.ResponseRecorder) {
	e.Helper()
	e.codes[w.Code]++
	text := fmt.Sprint(w.Header()) + "\n" + w.Body.String()
	if at := strings.Index(text, echoWord); at >= 0 {
		e.Errorf("%s by %s %s gets %d with …%s…", e.who, s.Method, s.Path, w.Code, text[max(0, at-150):min(len(text), at+80)])
	}
	text = ownAddress.ReplaceAllString(text, "")
	if at := strings.Index(text, echoedAddress); at >= 0 {
		e.Errorf("%s by %s %s gets %d with …%s…", e.who, s.Method, s.Path, w.Code, text[max(0, at-150):min(len(text), at+80)])
	}
}

// TestTheEchoHears: an answer in which something planted stands is found, wherever it stands.
func TestTheEchoHears(t *testing.T) {
	for _, tt := range []struct {
		name, header, body string
		found              bool
	}{
		{"nothing", "", "<p>Wrong password</p>", false},
		{"a field that is filled in again", "", `<input name="password" value="` + echoWord + `password">`, true},
		{"a complaint that repeats it", "", `{"error":"token ` + echoWord + `token is unknown"}`, true},
		{"a header", "https://coop.example/?token=" + echoWord + "token", "", true},
		{"the address as an address", "https://coop.example/?token=" + echoedAddress + "token", `<a href="/reset/` + echoedAddress + `path?lang=es">Español</a>`, false},
		{"the address as words", "", "<p>There is no /reset/" + echoedAddress + "path</p>", true},
	} {
		blind := &testing.T{}
		e := &echo{walk: &walk{gallery: &gallery{house: &house{T: blind}}}, codes: map[int]int{}}
		w := httptest.NewRecorder()
		w.Header().Set("Location", tt.header)
		w.Body.WriteString(tt.body)
		if e.read(step{}, w); blind.Failed() != tt.found {
			t.Errorf("%s: found: %v", tt.name, blind.Failed())
		}
	}
}
