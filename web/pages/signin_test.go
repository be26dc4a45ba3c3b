// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/net/html"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
)

const password = "three loose words"

// ana makes a person who can sign in.
func (w *world) ana() *coop.Account {
	w.t.Helper()
	a, err := w.Outbox.NewAccount(w.t.Context(), outbox.Registration{Kind: coop.Person, Name: "ana", DisplayName: "Ana", Language: "es", Email: "Ana@mail.example"})
	w.must(err)
	hash, err := w.Passwords.Hash(w.t.Context(), password)
	w.must(err)
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetPassword(ctx, a.ID, hash) })
	return a
}

// write runs one transaction.
func (w *world) write(fn func(ctx context.Context, tx *storage.Tx) error) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.Store.Write(ctx, func(tx *storage.Tx) error { return fn(ctx, tx) }))
}

// browser keeps cookies between requests, as browsers do.
type browser struct {
	*world
	cookies map[string]string
	agent   string
}

// browser is a fresh one.
func (w *world) browser() *browser {
	return &browser{w, map[string]string{}, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
}

// do sends a request; a form makes it a POST.
func (b *browser) do(path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://"+host+path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, "https://"+host+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.URL.Scheme, r.URL.Host, r.RequestURI = "", "", path
	r.Header.Set("User-Agent", b.agent)
	r.Header.Set("Accept-Language", "en")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	b.http.ServeHTTP(answer, r)
	for _, k := range answer.Result().Cookies() {
		if b.cookies[k.Name] = k.Value; k.MaxAge < 0 {
			delete(b.cookies, k.Name)
		}
	}
	return answer
}

// hidden reads the hidden fields of the form on a page that has a field.
func hidden(t *testing.T, page, field string) url.Values {
	t.Helper()
	for _, form := range elements(t, page, "form") {
		values, has := url.Values{}, false
		for n := range form.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			name := attribute(n, "name")
			has = has || name == field || field == "act="+attribute(n, "value") && name == "act"
			if attribute(n, "type") == "hidden" {
				values.Set(name, attribute(n, "value"))
			}
		}
		if has {
			return values
		}
	}
	t.Fatalf("no form with %s", field)
	return nil
}

// signIn signs in through the form.
func (b *browser) signIn(login, secret, next string) *httptest.ResponseRecorder {
	b.t.Helper()
	path := "/sign-in"
	if next != "" {
		path += "?next=" + url.QueryEscape(next)
	}
	form := hidden(b.t, b.do(path, nil).Body.String(), "login")
	form.Set("login", login)
	form.Set("password", secret)
	return b.do("/sign-in", form)
}

const sessionName = "__Host-minga-session"

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	w.ana()
	w.member("telar")
	for _, tt := range []struct {
		name, login, password, next string
		code                        int
		to                          string
	}{
		{"by name", "ana", password, "", 303, deskPath},
		{"by handle", "@Ana@" + host, password, "", 303, deskPath},
		{"by address, in any case", "ana@MAIL.example", password, "", 303, deskPath},
		{"with blanks around", "  ana ", password, "", 303, deskPath},
		{"and on to a page", "ana", password, "/oauth/authorize?client_id=x&state=%2F", 303, "/oauth/authorize?client_id=x&state=%2F"},
		{"never elsewhere", "ana", password, "//evil.example", 303, "/"},
		{"nor by a script", "ana", password, "javascript:alert(1)", 303, "/"},
		{"nor by another reading", "ana", password, "/\\evil.example", 303, "/"},
		{"a wrong password", "ana", "three loose word", "", 422, ""},
		{"an empty password", "ana", "", "", 422, ""},
		{"an endless password", "ana", strings.Repeat("x", 10000), "", 422, ""},
		{"nobody", "nobody", password, "", 422, ""},
		{"a co-op has no password", "telar", password, "", 422, ""},
		{"the instance has none", "minga", "", "", 422, ""},
		{"a handle of elsewhere", "ana@far.example", password, "", 422, ""},
		{"nonsense", "\x00' OR 1=1 --", password, "", 422, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := w.browser()
			b.t = t
			got := b.signIn(tt.login, tt.password, tt.next)
			if got.Code != tt.code || got.Header().Get("Location") != tt.to {
				t.Errorf("%d to %q, want %d to %q", got.Code, got.Header().Get("Location"), tt.code, tt.to)
			}
			if signedIn := b.cookies[sessionName] != ""; signedIn != (tt.code == 303) {
				t.Errorf("signed in: %v", signedIn)
			}
			if got.Header().Get("Cache-Control") != "private, no-store" {
				t.Error("may be kept")
			}
		})
	}
}

func TestWhoIsSuspendedDoesNotSignIn(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	b := w.browser()
	b.signIn("ana", password, "")
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, a.ID, w.clock.Now()) })
	if got := b.do(securityPath, nil); got.Code != http.StatusSeeOther {
		t.Errorf("the session lives: %d", got.Code)
	}
	if got := w.browser().signIn("ana", password, ""); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("signs in: %d", got.Code)
	}
}

// TestUnknownAndKnownLookTheSame compares everything that an answer has, and roughly
// what it took.
func TestUnknownAndKnownLookTheSame(t *testing.T) {
	w := newWorld(t)
	w.ana()
	answer := func(login string) (string, http.Header, time.Duration) {
		b := w.browser()
		began := time.Now()
		got := b.signIn(login, "wrong password", "")
		page := strings.ReplaceAll(got.Body.String(), `value="`+login+`"`, "LOGIN")
		page = strings.ReplaceAll(page, b.token(page), "TOKEN")
		got.Header().Del("ETag")
		got.Header().Del("Content-Length")
		got.Header().Del("Set-Cookie")
		return page, got.Header(), time.Since(began)
	}
	known, h1, took1 := answer("ana")
	unknown, h2, took2 := answer("bob")
	if known != unknown || len(h1) != len(h2) {
		t.Errorf("differ:\n%s\n%s", known, unknown)
	}
	if took2 < took1/3 {
		t.Errorf("nobody takes %s, somebody %s", took2, took1)
	}
}

// token is the form token on a page.
func (b *browser) token(page string) string { return hidden(b.t, page, "login").Get(auth.FormField) }

func TestASessionIsNewAtSignIn(t *testing.T) {
	w := newWorld(t)
	w.ana()
	b := w.browser()
	b.cookies[sessionName] = "planted"
	got := b.signIn("ana", password, "")
	first := b.cookies[sessionName]
	if first == "" || first == "planted" || len(first) < 43 {
		t.Fatalf("session %q", first)
	}
	for _, k := range got.Result().Cookies() {
		if k.Name == sessionName && (!k.Secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" || k.MaxAge != 14*24*3600) {
			t.Errorf("cookie %v", k)
		}
	}
	b.signIn("ana", password, "")
	old := w.browser()
	old.cookies[sessionName] = first
	if b.cookies[sessionName] == first || old.do(securityPath, nil).Code != http.StatusSeeOther {
		t.Error("the session of before lives on")
	}
}

func TestASessionEndsByItself(t *testing.T) {
	w := newWorld(t)
	w.ana()
	b := w.browser()
	b.signIn("ana", password, "")
	for range 3 {
		w.clock.Advance(13 * 24 * time.Hour)
		if got := b.do(securityPath, nil); got.Code != http.StatusOK {
			t.Fatalf("a visit within 14 days: %d", got.Code)
		}
	}
	w.clock.Advance(14 * 24 * time.Hour)
	if got := b.do(securityPath, nil); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/sign-in?next=%2Fsettings%2Fsecurity" {
		t.Errorf("after 14 days: %d %s", got.Code, got.Header().Get("Location"))
	}
}

func TestSignOut(t *testing.T) {
	w := newWorld(t)
	w.ana()
	b := w.browser()
	b.signIn("ana", password, "")
	kept := b.cookies[sessionName]
	form := hidden(t, b.do(securityPath, nil).Body.String(), auth.FormField)
	if got := b.do("/sign-out", url.Values{}); got.Code != http.StatusForbidden {
		t.Errorf("without a form token: %d", got.Code)
	}
	if got := b.do("/sign-out", form, "Sec-Fetch-Site", "cross-site"); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), "Form not taken") {
		t.Errorf("from another site: %d", got.Code)
	}
	if got := b.do("/sign-out", form); got.Code != http.StatusSeeOther || b.cookies[sessionName] != "" {
		t.Errorf("%d, cookie %q", got.Code, b.cookies[sessionName])
	}
	b.cookies[sessionName] = kept
	if got := b.do(securityPath, nil); got.Code != http.StatusSeeOther {
		t.Errorf("the cookie of after sign-out: %d", got.Code)
	}
}

// grant gives somebody a token of an app.
func (w *world) grant(a *coop.Account, name string, scopes ...string) *coop.Token {
	w.t.Helper()
	_, hash := auth.NewSecret()
	token := &coop.Token{Hash: hash, AccountID: a.ID, PersonID: a.ID, App: name, Scopes: scopes}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, token) })
	return token
}

// lives tells whether a token does.
func (w *world) lives(token *coop.Token) bool {
	_, err := w.Store.TokenByHash(w.t.Context(), token.Hash)
	return err == nil
}

func TestSecurityPage(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	b, other := w.browser(), w.browser()
	b.signIn("ana", password, "")
	page := b.do(securityPath, nil)
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "No app acts for you") || !strings.Contains(page.Body.String(), "Firefox, Linux") {
		t.Fatalf("%d %s", page.Code, page.Body)
	}
	other.agent = "curl/8"
	other.signIn("ana", password, "")
	one, two := w.grant(a, "Tusky <b>", "read", "write", "read:blocks"), w.grant(a, "Elk", "follow")
	page = b.do(securityPath, nil)
	for _, want := range []string{"Tusky &lt;b&gt;", "Remove Elk", "curl", "Publish, delete and change everything", "Sign out curl"} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	act := func(name string, id coop.ID) *httptest.ResponseRecorder {
		form := url.Values{auth.FormField: hidden(t, b.do(securityPath, nil).Body.String(), "act=password")[auth.FormField], "act": {name}}
		if id != 0 {
			form.Set("id", id.String())
		}
		return b.do(securityPath, form)
	}
	if got := act("app", one.ID); got.Code != 303 || w.lives(one) || !w.lives(two) {
		t.Errorf("one app: %d, %v %v", got.Code, w.lives(one), w.lives(two))
	}
	if got := act("apps", 0); got.Code != 303 || w.lives(two) {
		t.Errorf("all apps: %d", got.Code)
	}
	if got := act("sessions", 0); got.Code != 303 || other.do(securityPath, nil).Code != 303 || b.do(securityPath, nil).Code != 200 {
		t.Errorf("other browsers: %d", got.Code)
	}
	other.signIn("ana", password, "")
	sessions, err := w.Store.Sessions(t.Context(), a.ID)
	w.must(err)
	if got := act("session", sessions[0].ID); got.Code != 303 || other.do(securityPath, nil).Code != 303 {
		t.Errorf("one browser: %d", got.Code)
	}
	if got := act("explode", 0); got.Code != 422 {
		t.Errorf("an act that is none: %d", got.Code)
	}
	if got := b.do(securityPath+"?done=app", nil); !strings.Contains(got.Body.String(), "The app no longer acts for you") {
		t.Error("nobody says that it is done")
	}
}

func TestOthersSessionsAndAppsAreNotThere(t *testing.T) {
	w := newWorld(t)
	w.ana()
	bob, err := w.Outbox.NewAccount(t.Context(), outbox.Registration{Kind: coop.Person, Name: "bob", Language: "es", Email: "bob@mail.example"})
	w.must(err)
	token := w.grant(bob, "Elk", "read")
	_, hash := auth.NewSecret()
	session := &coop.Session{Hash: hash, AccountID: bob.ID}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddSession(ctx, session) })
	b := w.browser()
	b.signIn("ana", password, "")
	form := hidden(t, b.do(securityPath, nil).Body.String(), "act=password")
	for act, id := range map[string]coop.ID{"app": token.ID, "session": session.ID} {
		got := b.do(securityPath, url.Values{auth.FormField: form[auth.FormField], "act": {act}, "id": {id.String()}})
		if got.Code != http.StatusNotFound {
			t.Errorf("%s of another: %d", act, got.Code)
		}
	}
	if _, err := w.Store.SessionByHash(t.Context(), hash); err != nil || !w.lives(token) {
		t.Errorf("it ended: %v", err)
	}
}

func TestChangeOfPassword(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	b, other := w.browser(), w.browser()
	b.signIn("ana", password, "")
	other.signIn("ana", password, "")
	token := w.grant(a, "Elk", "read")
	change := func(current, wish string) *httptest.ResponseRecorder {
		form := hidden(t, b.do(securityPath, nil).Body.String(), "current")
		form.Set("current", current)
		form.Set("password", wish)
		return b.do(securityPath, form)
	}
	for _, tt := range []struct{ name, current, wish, says string }{
		{"without the old one", "guess", "four loose words here", "The current password is not right"},
		{"too short", password, "short", "at least 8"},
		{"10 kB long", password, strings.Repeat("ab1 ", 2500), "at most 128"},
		{"common", password, "password1", "one of the first"},
		{"one's own address", password, "ana@mail.example", "one of the first"},
	} {
		got := change(tt.current, tt.wish)
		if got.Code != 422 || !strings.Contains(got.Body.String(), tt.says) || strings.Contains(got.Body.String(), tt.wish) {
			t.Errorf("%s: %d", tt.name, got.Code)
		}
	}
	if !w.lives(token) || other.do(securityPath, nil).Code != 200 {
		t.Fatal("a refused change ended something")
	}
	before := b.cookies[sessionName]
	if got := change(password, "four loose words here"); got.Code != 303 {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if w.lives(token) || other.do(securityPath, nil).Code != 303 {
		t.Error("what the old password let in lives on")
	}
	if b.cookies[sessionName] == before || b.do(securityPath, nil).Code != 200 {
		t.Error("this browser has no new session")
	}
	if w.browser().signIn("ana", password, "").Code != 422 || w.browser().signIn("ana", "four loose words here", "").Code != 303 {
		t.Error("the passwords did not change places")
	}
}

func TestSignInBeforeAnAppTellsWhereItLeads(t *testing.T) {
	w := newWorld(t)
	for next, want := range map[string]string{"/oauth/authorize?x=1": "form-action 'self' https://app.example", "/settings/security": "form-action 'self'"} {
		got := w.browser().do("/sign-in?next="+url.QueryEscape(next), nil)
		if policy := got.Header().Get("Content-Security-Policy"); policy != want {
			t.Errorf("%s: %s", next, policy)
		}
	}
}

// asking is what an app asks in these tests.
func asking(app *coop.App, redirect string, a *coop.Account, others ...*coop.Account) auth.Consent {
	as := []coop.Held{{Account: a, Person: a}}
	for _, other := range others {
		as = append(as, coop.Held{Account: other, Person: a, Roles: []coop.Role{coop.Steward, coop.Publisher}})
	}
	return auth.Consent{
		App: app, Redirect: redirect, Scopes: []string{"read", "write", "follow", "push", "read:accounts", "admin:read:reports"}, As: as,
		Action: "/oauth/authorize?client_id=1", Query: url.Values{"client_id": {"1"}, "lang": {"pt"}},
	}
}

// draw answers a request with one of the drawings.
func (w *world) draw(lang string, drawing func(c *gin.Context) error) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(answer)
	c.Request = httptest.NewRequest(http.MethodGet, "https://"+host+"/oauth/authorize", nil)
	c.Request.Header.Set("Accept-Language", lang)
	w.must(w.Gate.Identify(c, auth.Route{Access: auth.Visitor}))
	w.must(drawing(c))
	return answer
}

// TestEveryPageAroundApps draws the pages in every language.
func TestEveryPageAroundApps(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	app := &coop.App{Name: hostile, Website: "https://app.example/"}
	for _, l := range ourLanguages {
		for name, page := range map[string]func(c *gin.Context) error{
			"consent":               func(c *gin.Context) error { return w.Consent(c, asking(app, "https://app.example/back", a)) },
			"consent by code":       func(c *gin.Context) error { return w.Consent(c, asking(app, coop.OutOfBand, a)) },
			"consent for a choice":  func(c *gin.Context) error { return w.Consent(c, asking(app, "app://x", a, a)) },
			"code":                  func(c *gin.Context) error { return w.Code(c, app, "abc") },
			"refused":               func(c *gin.Context) error { return w.Refused(c, 200, "invalid_scope") },
			"refused for the rest":  func(c *gin.Context) error { return w.Refused(c, 200, "invalid_request") },
			"refused by the person": func(c *gin.Context) error { return w.Refused(c, 200, "access_denied") },
			"sign-in":               func(c *gin.Context) error { return w.signInPage(c) },
		} {
			checkPage(t, w.draw(l.tag, page), l.tag+" "+name, l.tag)
		}
		b := w.browser()
		b.signIn("ana", password, "")
		w.grant(a, hostile, "read", "write", "push", "follow", "profile")
		checkPage(t, b.do(securityPath+"?done=app&lang="+l.tag, nil), l.tag+" security", l.tag)
	}
}

func TestConsentSaysWhatItIsAbout(t *testing.T) {
	w := newWorld(t)
	a := w.ana()
	page := w.draw("en", func(c *gin.Context) error {
		return w.Consent(c, asking(&coop.App{Name: "minga official"}, "https://elk.example:8443/x", a))
	}).Body.String()
	for _, want := range []string{"minga official", "elk.example:8443", "@ana@" + host, "Read everything that you can read here", "Send notifications", "See what administrators see"} {
		if !strings.Contains(page, want) {
			t.Errorf("does not say %q", want)
		}
	}
	if strings.Contains(page, "See accounts") {
		t.Error("says twice what reading holds")
	}
	for _, id := range []string{"allow", "deny"} {
		firstOf(t, page, "button", "id", id)
	}
	code := w.draw("en", func(c *gin.Context) error { return w.Code(c, &coop.App{Name: "toot"}, "a-code_1") }).Body.String()
	if n := firstOf(t, code, "code", "id", "code"); n.FirstChild.Data != "a-code_1" {
		t.Errorf("the code is %q", n.FirstChild.Data)
	}
}
