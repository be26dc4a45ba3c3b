// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// surfer is a person with a browser: it keeps cookies and fills in forms.
type surfer struct {
	*house
	cookies map[string]string
}

// secret is the password of everybody here.
const secret = "three loose words"

// surfer makes a person with a password and a fresh browser.
func (h *house) surfer(name string) *surfer {
	h.Helper()
	a := h.person(name)
	hash, err := auth.NewPasswords().Hash(h.Context(), secret)
	if err == nil {
		err = h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.SetPassword(h.Context(), a.ID, hash) })
	}
	if err != nil {
		h.Fatal(err)
	}
	return &surfer{h, map[string]string{}}
}

// open asks for a page, or sends a form when there is one.
func (s *surfer) open(path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	var cookies []string
	for name, value := range s.cookies {
		cookies = append(cookies, name+"="+value)
	}
	headers = append([]string{"Cookie", strings.Join(cookies, "; "), "Accept-Language", "en"}, headers...)
	method := "GET"
	if form != nil {
		method = "POST"
		headers = append([]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", "https://coop.example", "Sec-Fetch-Site", "same-origin"}, headers...)
	}
	w := s.ask(method, path, "", form.Encode(), headers...)
	for _, k := range w.Result().Cookies() {
		if s.cookies[k.Name] = k.Value; k.MaxAge < 0 {
			delete(s.cookies, k.Name)
		}
	}
	return w
}

var (
	formToken  = regexp.MustCompile(`name="form_token" value="([^"]+)"`)
	formAction = regexp.MustCompile(`<form class="form" action="([^"]+)"`)
	shownCode  = regexp.MustCompile(`id="code"[^>]*>([^<]+)<`)
)

// found is what an expression finds on a page, entities read.
func (s *surfer) found(what *regexp.Regexp, page string) string {
	s.Helper()
	m := what.FindStringSubmatch(page)
	if m == nil {
		s.Fatalf("no %s on %s", what, page)
	}
	return strings.NewReplacer("&amp;", "&", "&#43;", "+", "&#34;", `"`).Replace(m[1])
}

// signIn goes through the form, where a page led here.
func (s *surfer) signIn(name, path string) *httptest.ResponseRecorder {
	s.Helper()
	page := s.open(path, nil)
	if page.Code != http.StatusOK {
		s.Fatalf("%s answers %d", path, page.Code)
	}
	form := url.Values{"login": {name}, "password": {secret}, auth.FormField: {s.found(formToken, page.Body.String())}}
	if u, err := url.Parse(path); err == nil {
		form.Set("next", u.Query().Get("next"))
	}
	return s.open("/sign-in", form)
}

// decide presses a button on the consent page at a path.
func (s *surfer) decide(path, decision string, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	page := s.open(path, nil)
	if page.Code != http.StatusOK {
		s.Fatalf("consent answers %d to %q: %s", page.Code, page.Header().Get("Location"), page.Body)
	}
	form := url.Values{"decision": {decision}, auth.FormField: {s.found(formToken, page.Body.String())}}
	return s.open(s.found(formAction, page.Body.String()), form, headers...)
}

// registered is an app as POST /api/v1/apps answers it.
type registered struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Website      *string  `json:"website"`
	Scopes       []string `json:"scopes"`
	RedirectURI  string   `json:"redirect_uri"`
	RedirectURIs []string `json:"redirect_uris"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Expires      *int     `json:"client_secret_expires_at"`
	VapidKey     *string  `json:"vapid_key"`
}

// app registers one.
func (h *house) app(redirects, scopes string) registered {
	h.Helper()
	body, err := json.Marshal(map[string]string{"client_name": "Elk", "redirect_uris": redirects, "scopes": scopes, "website": "https://elk.example"})
	if err != nil {
		h.Fatal(err)
	}
	w := h.ask("POST", "/api/v1/apps", "", string(body))
	var app registered
	if err := json.Unmarshal(w.Body.Bytes(), &app); err != nil || w.Code != http.StatusOK {
		h.Fatalf("registration answers %d %s", w.Code, w.Body)
	}
	return app
}

// given is what /oauth/token answers.
type given struct {
	Token       string `json:"access_token"`
	Type        string `json:"token_type"`
	Scope       string `json:"scope"`
	CreatedAt   int64  `json:"created_at"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
	code        int
}

// exchange posts a form to /oauth/token.
func (h *house) exchange(form url.Values, headers ...string) given {
	h.Helper()
	w := h.ask("POST", "/oauth/token", "", form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
	answer := given{code: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		h.Fatalf("token answers %d %s", w.Code, w.Body)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		h.Error("a token may be kept by caches")
	}
	return answer
}

const (
	back     = "https://elk.example/api/coop.example/oauth/https%3A%2F%2Felk.example?x=1"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

// challengeOf is S256 of a verifier.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// authorizeAt is the address of the consent page of an app, changed by pairs; an
// empty value takes a parameter away.
func authorizeAt(app registered, redirect string, pairs ...string) string {
	q := url.Values{"response_type": {"code"}, "client_id": {app.ClientID}, "redirect_uri": {redirect}, "scope": {"read write"}, "state": {"s/t&1"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return "/oauth/authorize?" + q.Encode()
}

// redeemOf is the form for a code.
func redeemOf(app registered, redirect, code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "redirect_uri": {redirect}, "code": {code}}
}

// codeOf is the code in a redirect, which must go where it should, byte for byte.
func (h *house) codeOf(w *httptest.ResponseRecorder, redirect string) string {
	h.Helper()
	to := w.Header().Get("Location")
	rest, ok := strings.CutPrefix(to, redirect)
	answer, err := url.ParseQuery(strings.TrimLeft(rest, "?&"))
	if w.Code != http.StatusFound || !ok || err != nil || answer.Get("code") == "" {
		h.Fatalf("sent on with %d to %s: %s", w.Code, to, w.Body)
	}
	return answer.Get("code")
}

// eachHouse runs a test on both databases.
func eachHouse(t *testing.T, change func(*Options), test func(h *house)) {
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		test(newHouseOn(t, s, func(o *Options) {
			o.RateLimit = false
			if change != nil {
				change(o)
			}
		}))
	})
}

func TestAnAppSignsIn(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana := h.surfer("ana")
		app := h.app(back+"\nicecubesapp://", "read write follow push")
		path := authorizeAt(app, back, "code_challenge", challengeOf(verifier), "code_challenge_method", "S256")
		first := ana.open(path, nil)
		to := first.Header().Get("Location")
		if first.Code != http.StatusFound || !strings.HasPrefix(to, "/sign-in?next=") {
			h.Fatalf("a stranger is led to %d %s", first.Code, to)
		}
		in := ana.signIn("ana", to)
		if in.Code != http.StatusSeeOther {
			h.Fatalf("sign-in answers %d: %s", in.Code, in.Body)
		}
		answer := ana.decide(in.Header().Get("Location"), "allow")
		if !strings.HasPrefix(answer.Header().Get("Location"), back+"&code=") || !strings.HasSuffix(answer.Header().Get("Location"), "&state=s%2Ft%261") {
			h.Errorf("sent on to %s", answer.Header().Get("Location"))
		}
		form := redeemOf(app, back, h.codeOf(answer, back))
		form.Set("code_verifier", verifier)
		got := h.exchange(form)
		if got.code != 200 || got.Type != "Bearer" || got.Scope != "read write" || time.Since(time.Unix(got.CreatedAt, 0)) > time.Minute {
			h.Fatalf("token: %+v", got)
		}
		w := h.ask("GET", "/api/v1/apps/verify_credentials", got.Token, "")
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"name":"Elk","website":"https://elk.example"`) {
			h.Errorf("the app of the token: %d %s", w.Code, w.Body)
		}
		if w := h.ask("GET", "/api/v1/minga/follows", got.Token, ""); w.Code != 200 {
			h.Errorf("the token reads: %d %s", w.Code, w.Body)
		}
		page := ana.open("/settings/security", nil).Body.String()
		if !strings.Contains(page, "Remove Elk") {
			h.Error("the person does not see the app")
		}
	})
}

func TestACodeTwice(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		app, other := h.app(back, "read write"), h.app(back, "read write")
		code := h.codeOf(ana.decide(authorizeAt(app, back), "allow"), back)
		if got := h.exchange(redeemOf(other, back, code)); got.code != 400 || got.Error != "invalid_grant" {
			h.Errorf("another app: %+v", got)
		}
		first := h.exchange(redeemOf(app, back, code))
		if first.code != 200 {
			h.Fatalf("first: %+v", first)
		}
		if got := h.exchange(redeemOf(app, back, code)); got.code != 400 || got.Error != "invalid_grant" || got.Description == "" {
			h.Errorf("second: %+v", got)
		}
		if w := h.ask("GET", "/api/v1/minga/follows", first.Token, ""); w.Code != 401 {
			h.Errorf("what the first gave answers %d", w.Code)
		}
	})
}

func TestACodeManyAtOnce(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		app := h.app(back, "read write")
		code := h.codeOf(ana.decide(authorizeAt(app, back), "allow"), back)
		answers := make(chan given, 8)
		for range cap(answers) {
			go func() { answers <- h.exchange(redeemOf(app, back, code)) }()
		}
		good := 0
		for range cap(answers) {
			if a := <-answers; a.code == 200 {
				good++
			} else if a.code != 400 {
				h.Errorf("answered %+v", a)
			}
		}
		if good != 1 {
			h.Errorf("%d tokens for one code", good)
		}
	})
}

func TestACodeIsShort(t *testing.T) {
	now := time.Now()
	h := newHouse(t, func(o *Options) { o.RateLimit, o.Now = false, func() time.Time { return now } })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	app := h.app(back+"\n"+coop.OutOfBand, "read write")
	shown := func() string {
		return ana.found(shownCode, ana.decide(authorizeAt(app, coop.OutOfBand), "allow").Body.String())
	}
	sent := func() string { return h.codeOf(ana.decide(authorizeAt(app, back), "allow"), back) }
	for _, tt := range []struct {
		name, redirect string
		code           func() string
		after          time.Duration
		want           int
	}{
		{"a code that was sent, within a minute", back, sent, 59 * time.Second, 200},
		{"a code that was sent, after a minute", back, sent, 60 * time.Second, 400},
		{"a code that was shown, within ten minutes", coop.OutOfBand, shown, 599 * time.Second, 200},
		{"a code that was shown, after ten minutes", coop.OutOfBand, shown, 600 * time.Second, 400},
	} {
		code := tt.code()
		now = now.Add(tt.after)
		if got := h.exchange(redeemOf(app, tt.redirect, code)); got.code != tt.want {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func TestTheExchange(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	app := h.app(back+"\napp://x", "read write")
	basic := func(user, pass string) []string {
		return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+pass))}
	}
	proof := []string{"code_challenge", challengeOf(verifier), "code_challenge_method", "S256"}
	set := func(pairs ...string) func(url.Values) {
		return func(form url.Values) {
			for i := 0; i+1 < len(pairs); i += 2 {
				if form.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
					form.Del(pairs[i])
				}
			}
		}
	}
	for _, tt := range []struct {
		name    string
		asked   []string
		change  func(url.Values)
		headers []string
		code    int
		want    string
	}{
		{"with the secret, without PKCE", nil, set(), nil, 200, ""},
		{"with the secret as Basic", nil, set("client_id", "", "client_secret", ""), basic(app.ClientID, app.ClientSecret), 200, ""},
		{"with PKCE and the secret", proof, set("code_verifier", verifier), nil, 200, ""},
		{"with PKCE and no secret", proof, set("code_verifier", verifier, "client_secret", ""), nil, 200, ""},
		{"without PKCE and without a secret", nil, set("client_secret", ""), nil, 401, "invalid_client"},
		{"PKCE without a verifier", proof, set(), nil, 400, "invalid_grant"},
		{"PKCE with a wrong verifier", proof, set("code_verifier", strings.Repeat("a", 43)), nil, 400, "invalid_grant"},
		{"PKCE with the challenge as verifier", proof, set("code_verifier", challengeOf(verifier)), nil, 400, "invalid_grant"},
		{"a verifier whose challenge was taken away", nil, set("code_verifier", verifier), nil, 400, "invalid_grant"},
		{"a wrong secret", nil, set("client_secret", "wrong"), nil, 401, "invalid_client"},
		{"a wrong secret as Basic", nil, set("client_id", "", "client_secret", ""), basic(app.ClientID, "wrong"), 401, "invalid_client"},
		{"two secrets", nil, set(), basic(app.ClientID, app.ClientSecret), 400, "invalid_request"},
		{"two apps", nil, set("client_secret", "", "client_id", "other"), basic(app.ClientID, app.ClientSecret), 400, "invalid_request"},
		{"an app that nobody knows", nil, set("client_id", "nobody"), nil, 401, "invalid_client"},
		{"no app", nil, set("client_id", ""), nil, 401, "invalid_client"},
		{"another redirect", nil, set("redirect_uri", "app://x"), nil, 400, "invalid_grant"},
		{"the same redirect, decoded", nil, set("redirect_uri", "https://elk.example/api/coop.example/oauth/https://elk.example?x=1"), nil, 400, "invalid_grant"},
		{"no redirect", nil, set("redirect_uri", ""), nil, 400, "invalid_grant"},
		{"no code", nil, set("code", ""), nil, 400, "invalid_grant"},
		{"a code that never was", nil, set("code", "x"), nil, 400, "invalid_grant"},
		{"an endless code", nil, set("code", strings.Repeat("x", 20000)), nil, 400, "invalid_grant"},
		{"a code with NUL", nil, set("code", "\x00\xff"), nil, 400, "invalid_grant"},
		{"a client with NUL", nil, set("client_id", "\x00\xff"), nil, 401, "invalid_client"},
		{"the password grant", nil, set("grant_type", "password"), nil, 400, "unsupported_grant_type"},
		{"a refresh", nil, set("grant_type", "refresh_token"), nil, 400, "unsupported_grant_type"},
		{"no grant", nil, set("grant_type", ""), nil, 400, "invalid_request"},
		{"a parameter twice", nil, func(form url.Values) { form.Add("code", "x") }, nil, 400, "invalid_request"},
		{"neither form nor JSON", nil, set(), []string{"Content-Type", "application/json"}, 400, "invalid_request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := redeemOf(app, back, h.codeOf(ana.decide(authorizeAt(app, back, tt.asked...), "allow"), back))
			tt.change(form)
			got := h.exchange(form, tt.headers...)
			if got.code != tt.code || got.Error != tt.want || (got.Token != "") != (tt.code == 200) || (got.Description == "") != (tt.code == 200) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestTheExchangeAsJSON(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	app := h.app(back, "read write")
	form := redeemOf(app, back, h.codeOf(ana.decide(authorizeAt(app, back), "allow"), back))
	object := map[string]string{}
	for name := range form {
		object[name] = form.Get(name)
	}
	body, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	if w := h.ask("POST", "/oauth/token", "", string(body), "Origin", "https://elk.example"); w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestConsentRefusesWhatIsNotRegistered(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	app := h.app(back, "read write:statuses")
	for _, tt := range []struct {
		name   string
		change []string
		code   int
		says   string
	}{
		{"as registered", []string{"scope", "read"}, 200, `id="allow"`},
		{"a part of what is registered", []string{"scope", "read:accounts"}, 200, `id="allow"`},
		{"no scope means read", []string{"scope", ""}, 200, "Read everything"},
		{"the only redirect need not be named", []string{"redirect_uri", "", "scope", "read"}, 200, `id="allow"`},
		{"another path", []string{"redirect_uri", "https://elk.example/other"}, 400, "invalid_redirect_uri"},
		{"another query", []string{"redirect_uri", back + "&y=1"}, 400, "invalid_redirect_uri"},
		{"a slash more", []string{"redirect_uri", back + "/"}, 400, "invalid_redirect_uri"},
		{"the same, decoded", []string{"redirect_uri", "https://elk.example/api/coop.example/oauth/https://elk.example?x=1"}, 400, "invalid_redirect_uri"},
		{"a script", []string{"redirect_uri", "javascript:alert(1)"}, 400, "invalid_redirect_uri"},
		{"out of band without having said so", []string{"redirect_uri", coop.OutOfBand}, 400, "invalid_redirect_uri"},
		{"an app that nobody knows", []string{"client_id", "x"}, 400, "invalid_client"},
		{"no app", []string{"client_id", ""}, 400, "invalid_client"},
		{"more than registered", []string{"scope", "read write"}, 400, "invalid_scope"},
		{"the umbrella that was not registered", []string{"scope", "follow"}, 400, "invalid_scope"},
		{"a scope that nobody knows", []string{"scope", "read everything"}, 400, "invalid_scope"},
		{"the implicit grant", []string{"response_type", "token"}, 400, "unsupported_response_type"},
		{"plain PKCE", []string{"scope", "read", "code_challenge", verifier, "code_challenge_method", "plain"}, 400, "invalid_request"},
		{"PKCE that does not say how", []string{"scope", "read", "code_challenge", challengeOf(verifier)}, 400, "invalid_request"},
		{"a challenge that is none", []string{"scope", "read", "code_challenge", "short", "code_challenge_method", "S256"}, 400, "invalid_request"},
		{"an endless state", []string{"scope", "read", "state", strings.Repeat("x", 5000)}, 400, "invalid_request"},
	} {
		w := ana.open(authorizeAt(app, back, tt.change...), nil)
		if w.Code != tt.code || w.Header().Get("Location") != "" || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d to %q, %s", tt.name, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	if w := ana.open(authorizeAt(app, back, "scope", "read")+"&client_id=x", nil); w.Code != 400 {
		t.Errorf("a parameter twice: %d", w.Code)
	}
	if w := ana.open("/oauth/authorize?%zz", nil); w.Code != 400 {
		t.Errorf("no query: %d", w.Code)
	}
}

func TestConsentNeedsThisPersonsForm(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana, bob := h.surfer("ana"), h.surfer("bob")
	ana.signIn("ana", "/sign-in")
	bob.signIn("bob", "/sign-in")
	app := h.app(back, "read write")
	path := authorizeAt(app, back)
	page := ana.open(path, nil)
	good := url.Values{"decision": {"allow"}, auth.FormField: {ana.found(formToken, page.Body.String())}}
	for _, tt := range []struct {
		name    string
		who     *surfer
		form    url.Values
		headers []string
		want    int
	}{
		{"without a token", ana, url.Values{"decision": {"allow"}}, nil, 403},
		{"with the token of another", bob, good, nil, 403},
		{"from another site", ana, good, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"from a frame without an origin", ana, good, []string{"Origin", "null", "Sec-Fetch-Site", ""}, 403},
		{"as text", ana, good, []string{"Content-Type", "text/plain"}, 403},
		{"without a decision", ana, url.Values{auth.FormField: good[auth.FormField]}, nil, 422},
		{"as somebody whom one is not", ana, url.Values{"decision": {"allow"}, "as": {"1"}, auth.FormField: good[auth.FormField]}, nil, 403},
		{"after sign-out", &surfer{h, map[string]string{}}, good, nil, 303},
		{"as it should be", ana, good, nil, 302},
	} {
		w := tt.who.open(path, tt.form, tt.headers...)
		if w.Code != tt.want || strings.Contains(w.Header().Get("Location"), "elk.example") != (tt.want == 302) && tt.want != 303 {
			t.Errorf("%s: %d to %s", tt.name, w.Code, w.Header().Get("Location"))
		}
	}
	if policy := page.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "form-action 'self' https://elk.example;") {
		t.Errorf("policy %s", policy)
	}
	if page.Header().Get("Cross-Origin-Opener-Policy") != "" || page.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("headers %v", page.Header())
	}
}

func TestThePersonSaysNo(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	app := h.app(back+"\n"+coop.OutOfBand+"\nicecubesapp://", "read write")
	for redirect, want := range map[string]string{back: back + "&error=access_denied&", "icecubesapp://": "icecubesapp://?error=access_denied&"} {
		w := ana.decide(authorizeAt(app, redirect), "deny")
		if to := w.Header().Get("Location"); w.Code != 302 || !strings.HasPrefix(to, want) || !strings.HasSuffix(to, "&state=s%2Ft%261") {
			t.Errorf("%s: %d to %s", redirect, w.Code, to)
		}
	}
	if w := ana.decide(authorizeAt(app, coop.OutOfBand), "deny"); w.Header().Get("Location") != "" || !strings.Contains(w.Body.String(), "Nothing was allowed") {
		t.Errorf("out of band: %d %s", w.Code, w.Body)
	}
}

func TestForceLoginAsksAnew(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	app := h.app(back, "read write")
	w := ana.open(authorizeAt(app, back, "force_login", "true", "lang", "it"), nil)
	to := w.Header().Get("Location")
	if w.Code != 302 || !strings.HasPrefix(to, "/sign-in?lang=it&next=") {
		t.Fatalf("%d to %s", w.Code, to)
	}
	page := ana.open(to, nil)
	if !strings.Contains(page.Body.String(), `<html lang="it"`) || !strings.Contains(page.Header().Get("Content-Security-Policy"), "form-action 'self' https://elk.example;") {
		t.Errorf("the page before: %v", page.Header())
	}
	before := ana.cookies["__Host-minga-session"]
	in := ana.signIn("ana", to)
	if ana.cookies["__Host-minga-session"] == before {
		t.Error("the session stayed")
	}
	if w := ana.open(in.Header().Get("Location"), nil); w.Code != 200 || !strings.Contains(w.Body.String(), `id="allow"`) {
		t.Errorf("then %d to %s", w.Code, w.Header().Get("Location"))
	}
	if w := ana.open(strings.Replace(authorizeAt(app, back), "?", "/?", 1), nil); w.Code != 200 {
		t.Errorf("with a slash at the end: %d", w.Code)
	}
}

func TestRegistration(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for _, tt := range []struct {
		name, body string
		headers    []string
		redirects  []string // nil: refused with 422
		field      string
	}{
		{"a form", "client_name=Tusky&redirect_uris=oauth2redirect%3A%2F%2Fcom.keylesspalace.tusky%2F&scopes=read+write+follow+push&website=https%3A%2F%2Ftusky.app", form, []string{"oauth2redirect://com.keylesspalace.tusky/"}, ""},
		{"lines in JSON", `{"client_name":"a","redirect_uris":"https://a.example/\nurn:ietf:wg:oauth:2.0:oob","website":null}`, nil, []string{"https://a.example/", coop.OutOfBand}, ""},
		{"a list in JSON", `{"client_name":"a","redirect_uris":["https://a.example/x?y=%2F","icecubesapp://"],"website":""}`, nil, []string{"https://a.example/x?y=%2F", "icecubesapp://"}, ""},
		{"a list in a form", "client_name=a&redirect_uris[]=a-auth%3A%2F%2Fcallback&redirect_uris%5B%5D=mastodon%3A%2F%2Fjoinmastodon.org%2Foauth", form, []string{"a-auth://callback", "mastodon://joinmastodon.org/oauth"}, ""},
		{"loopback", `{"client_name":"a","redirect_uris":"http://127.0.0.1:5000/cb"}`, nil, []string{"http://127.0.0.1:5000/cb"}, ""},
		{"no name", `{"redirect_uris":"https://a.example/"}`, nil, nil, "client_name"},
		{"no redirect", `{"client_name":"a"}`, nil, nil, "redirect_uris"},
		{"a script", `{"client_name":"a","redirect_uris":"javascript:alert(1)"}`, nil, nil, "redirect_uris"},
		{"a script in capitals", `{"client_name":"a","redirect_uris":"JavaScript:alert(1)"}`, nil, nil, "redirect_uris"},
		{"data", `{"client_name":"a","redirect_uris":"data:text/html,x"}`, nil, nil, "redirect_uris"},
		{"vbscript", `{"client_name":"a","redirect_uris":"vbscript:x"}`, nil, nil, "redirect_uris"},
		{"a file", `{"client_name":"a","redirect_uris":"file:///etc/passwd"}`, nil, nil, "redirect_uris"},
		{"a fragment", `{"client_name":"a","redirect_uris":"https://a.example/#x"}`, nil, nil, "redirect_uris"},
		{"one bad of two", `{"client_name":"a","redirect_uris":["https://a.example/","data:x"]}`, nil, nil, "redirect_uris"},
		{"a path", `{"client_name":"a","redirect_uris":"/x"}`, nil, nil, "redirect_uris"},
		{"no host", `{"client_name":"a","redirect_uris":"https:///x"}`, nil, nil, "redirect_uris"},
		{"a host that looks like another", `{"client_name":"a","redirect_uris":"https://elk.zone@evil.example/"}`, nil, nil, "redirect_uris"},
		{"a backslash", `{"client_name":"a","redirect_uris":"https://elk.zone\\@evil.example/"}`, nil, nil, "redirect_uris"},
		{"a new scope", `{"client_name":"a","redirect_uris":"https://a.example/","scopes":"read everything"}`, nil, nil, "scopes"},
		{"a website that runs", `{"client_name":"a","redirect_uris":"https://a.example/","website":"javascript:x"}`, nil, nil, "website"},
		{"an endless name", `{"client_name":"` + strings.Repeat("a", 300) + `","redirect_uris":"https://a.example/"}`, nil, nil, "client_name"},
		{"an object", `{"client_name":{"a":1}}`, nil, nil, "body"},
		{"no JSON", `{`, nil, nil, "body"},
		{"a list of JSON", `[1]`, nil, nil, "body"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := h.ask("POST", "/api/v1/apps", "", tt.body, tt.headers...)
			if tt.redirects == nil {
				if w.Code != 422 || !strings.Contains(w.Body.String(), `"`+tt.field+`":[`) {
					t.Errorf("%d %s", w.Code, w.Body)
				}
				return
			}
			var app registered
			if err := json.Unmarshal(w.Body.Bytes(), &app); err != nil || w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			if fmt.Sprint(app.RedirectURIs) != fmt.Sprint(tt.redirects) || app.RedirectURI != strings.Join(tt.redirects, "\n") {
				t.Errorf("redirects %v, %q", app.RedirectURIs, app.RedirectURI)
			}
			if app.ID == "" || len(app.ClientID) < 40 || len(app.ClientSecret) < 40 || app.Expires == nil || *app.Expires != 0 || app.VapidKey == nil || len(app.Scopes) == 0 {
				t.Errorf("answer %s", w.Body)
			}
		})
	}
}

func TestTheSecretIsKeptAsAHash(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	app := h.app(back, "read")
	kept, err := h.store.AppByClient(t.Context(), app.ClientID)
	if sum := sha256.Sum256([]byte(app.ClientSecret)); err != nil || string(kept.Secret) != string(sum[:]) {
		t.Errorf("kept %x, %v", kept.Secret, err)
	}
}

func TestATokenOfAnAppAlone(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		app := h.app(back, "read write")
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret}}
		got := h.exchange(form)
		if got.code != 200 || got.Scope != "read" {
			h.Fatalf("%+v", got)
		}
		for _, tt := range []struct {
			method, path string
			want         int
		}{
			{"GET", "/api/v1/apps/verify_credentials", 200},
			{"GET", "/api/v1/minga/jobs", 200},
			{"GET", "/api/v1/minga/follows", 403},
			{"POST", "/api/v1/minga/jobs", 403},
			{"GET", "/settings/security", 303},
		} {
			if w := h.ask(tt.method, tt.path, got.Token, "{}"); w.Code != tt.want {
				h.Errorf("%s %s: %d %s", tt.method, tt.path, w.Code, w.Body)
			}
		}
		for _, tt := range []struct{ name, scope, secret, want string }{
			{"more than registered", "read follow", app.ClientSecret, "invalid_scope"},
			{"a part", "read:statuses", app.ClientSecret, ""},
			{"without a secret", "read", "", "invalid_client"},
		} {
			form.Set("scope", tt.scope)
			if form.Set("client_secret", tt.secret); tt.secret == "" {
				form.Del("client_secret")
			}
			if got := h.exchange(form); got.Error != tt.want {
				h.Errorf("%s: %+v", tt.name, got)
			}
		}
	})
}

func TestRevocation(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		app, other := h.app(back, "read write"), h.app(back, "read write")
		token := h.exchange(redeemOf(app, back, h.codeOf(ana.decide(authorizeAt(app, back), "allow"), back))).Token
		for _, tt := range []struct {
			name, token string
			app         registered
			secret      string
			code        int
			lives       bool
		}{
			{"by another app", token, other, other.ClientSecret, 403, true},
			{"with a wrong secret", token, app, "wrong", 401, true},
			{"without a token", "", app, app.ClientSecret, 400, true},
			{"a token that never was", "x", app, app.ClientSecret, 200, true},
			{"by its app", token, app, app.ClientSecret, 200, false},
			{"again", token, app, app.ClientSecret, 200, false},
		} {
			body, err := json.Marshal(map[string]string{"token": tt.token, "client_id": tt.app.ClientID, "client_secret": tt.secret})
			if err != nil {
				h.Fatal(err)
			}
			w := h.ask("POST", "/oauth/revoke", "", string(body))
			if w.Code != tt.code || tt.code == 200 && w.Body.String() != "{}" {
				h.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
			}
			if lives := h.ask("GET", "/api/v1/minga/follows", token, "").Code == 200; lives != tt.lives {
				h.Errorf("%s: lives %v", tt.name, lives)
			}
		}
	})
}

func TestMetadataOfTheAuthorizationServer(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	w := h.ask("GET", "/.well-known/oauth-authorization-server", "", "")
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"issuer": "https://coop.example/", "authorization_endpoint": "https://coop.example/oauth/authorize", "token_endpoint": "https://coop.example/oauth/token",
		"revocation_endpoint": "https://coop.example/oauth/revoke", "app_registration_endpoint": "https://coop.example/api/v1/apps",
		"response_types_supported": "[code]", "code_challenge_methods_supported": "[S256]", "grant_types_supported": "[authorization_code client_credentials]",
	} {
		if got := fmt.Sprint(m[name]); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
	if scopes := fmt.Sprint(m["scopes_supported"]); strings.Contains(scopes, "minga") || !strings.Contains(scopes, "push") {
		t.Errorf("scopes %s", scopes)
	}
}

func TestWordsOfAMissingScope(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("reader", "read")
	w := h.ask("POST", "/api/v1/minga/jobs", token, "{}")
	if w.Code != 403 || strings.TrimSpace(w.Body.String()) != `{"error":"This action is outside the authorized scopes"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, tt := range []struct {
		name, path, token, challenge string
	}{
		{"no token", "/api/v1/minga/follows", "", "Bearer"},
		{"a wrong token", "/api/v1/minga/follows", "wrong", `Bearer error="invalid_token"`},
		{"a token in the address", "/api/v1/minga/jobs?access_token=" + token, "", "Bearer"},
	} {
		if w := h.ask("GET", tt.path, tt.token, ""); w.Code != 401 || w.Header().Get("WWW-Authenticate") != tt.challenge {
			t.Errorf("%s: %d %q", tt.name, w.Code, w.Header().Get("WWW-Authenticate"))
		}
	}
}

func TestCookiesGiveNothingOnTheAPI(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	if w := ana.open("/api/v1/minga/follows", nil); w.Code != 401 {
		t.Errorf("a cookie reads the API: %d", w.Code)
	}
}

func TestSignInIsCountedByAddressAndByAccount(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
	ana := h.surfer("ana")
	page := ana.open("/sign-in", nil).Body.String()
	try := func(name, word, from string) int {
		form := url.Values{"login": {name}, "password": {word}, auth.FormField: {ana.found(formToken, page)}}
		return ana.open("/sign-in", form, "X-Forwarded-For", from).Code
	}
	for _, tt := range []struct {
		what  string
		limit auth.Limit
		try   func(n int) int
	}{
		{"many names from one address", auth.LimitSignIn, func(n int) int { return try(fmt.Sprintf("nobody%d", n), "x", "198.51.100.1") }},
		{"one name from many addresses", auth.LimitSignInOf, func(n int) int { return try("@ANA", "x", fmt.Sprintf("203.0.113.%d", n)) }},
		{"one name that is not there", auth.LimitSignInOf, func(n int) int { return try("nobody", "x", fmt.Sprintf("203.0.113.%d", n)) }},
	} {
		for n := range rates[tt.limit].n {
			if code := tt.try(n); code != 422 {
				t.Fatalf("%s: try %d answers %d", tt.what, n, code)
			}
		}
		if code := tt.try(100); code != 429 {
			t.Errorf("%s: one too many answers %d", tt.what, code)
		}
	}
	if code := try("ana", secret, "203.0.113.200"); code != 429 {
		t.Errorf("the right password after too many tries answers %d", code)
	}
}

func TestRegistrationIsCounted(t *testing.T) {
	h := newHouse(t, nil)
	last := 0
	for range rates[auth.LimitApps].n + 1 {
		last = h.ask("POST", "/api/v1/apps", "", `{"client_name":"a","redirect_uris":"https://a.example/"}`).Code
	}
	if last != 429 {
		t.Errorf("%d registrations were all taken: %d", rates[auth.LimitApps].n+1, last)
	}
}

func TestBodiesOfSignInAreBounded(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	huge := url.Values{"a": {strings.Repeat("x", 1<<20)}}
	for _, path := range []string{"/sign-in", "/oauth/token", "/oauth/revoke", "/api/v1/apps", "/settings/security", "/oauth/authorize"} {
		if w := ana.open(path, huge); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s answers %d to 1 MiB", path, w.Code)
		}
	}
}
