// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/storage"
	"minga/web/auth"
)

// provider is a small provider of OpenID Connect: discovery, keys, a page that lets in
// at once, codes with PKCE, tokens.
type provider struct {
	*testing.T
	*httptest.Server
	key    *rsa.PrivateKey
	mu     sync.Mutex
	codes  map[string]url.Values // the query that each code was given for
	claims map[string]any        // of whoever signs in there now
	spoil  func(header, claims map[string]any)
	issuer string // that its document names; empty: its own
	sign   func(text string) string
	fails  bool
	asked  url.Values // last
}

// newProvider starts one on loopback.
func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{T: t, key: key, codes: map[string]url.Values{}, claims: map[string]any{"sub": "a-1"}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.document)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.Error(err)
	}
}

func (p *provider) document(w http.ResponseWriter, _ *http.Request) {
	issuer := p.URL
	if p.issuer != "" {
		issuer = p.issuer
	}
	if p.fails {
		http.Error(w, "no", http.StatusInternalServerError)
		return
	}
	p.write(w, map[string]any{
		"issuer": issuer, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"},
	})
}

func (p *provider) keys(w http.ResponseWriter, _ *http.Request) {
	e := big.NewInt(int64(p.key.E)).Bytes()
	p.write(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", "n": b64(p.key.N.Bytes()), "e": b64(e)}}})
}

// authorize is what the provider's page does with a browser that was sent there: it
// gives the address to come back to.
func (p *provider) authorize(to string) string {
	p.Helper()
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, p.URL+"/authorize?") {
		p.Fatalf("sent to %s", to)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	q := u.Query()
	p.asked = q
	code := rand.Text()
	p.codes[code] = q
	return strings.TrimPrefix(q.Get("redirect_uri"), "https://coop.example") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	id, secret, _ := r.BasicAuth()
	if q == nil || id != "minga" || secret != "s3cret" || r.PostFormValue("redirect_uri") != q.Get("redirect_uri") ||
		q.Get("code_challenge_method") != "S256" || challengeOf(r.PostFormValue("code_verifier")) != q.Get("code_challenge") {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{"iss": p.URL, "aud": "minga", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "nonce": q.Get("nonce")}
	maps.Copy(claims, p.claims)
	p.write(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.jwt(claims)})
}

// jwt signs claims, spoilt as the test wants.
func (p *provider) jwt(claims map[string]any) string {
	header := map[string]any{"alg": "RS256", "kid": "one", "typ": "JWT"}
	if p.spoil != nil {
		p.spoil(header, claims)
	}
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	text := b64(h) + "." + b64(c)
	if p.sign != nil {
		return text + "." + p.sign(text)
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.Error(err)
	}
	return text + "." + b64(signature)
}

// at lets an instance know the provider.
func (p *provider) at(change func(*auth.ProviderOptions)) func(*Options) {
	return func(o *Options) {
		client, err := federation.New(federation.Options{UserAgent: "test", OwnHosts: []string{"coop.example"}, Now: time.Now, Dev: true, Trusted: []string{strings.TrimPrefix(p.URL, "http://")}})
		if err != nil {
			p.Fatal(err)
		}
		p.Cleanup(client.Close)
		options := auth.ProviderOptions{
			Client: client, Now: o.Now, Issuer: p.URL, ID: "minga", Secret: "s3cret", Redirect: "https://coop.example/sign-in/provider/back", Name: "Coop SSO",
		}
		if change != nil {
			change(&options)
		}
		o.Provider = auth.NewProvider(options)
	}
}

// identityRow finds a connection on the page.
var identityRow = regexp.MustCompile(`value="end"><input type="hidden" name="id" value="(\d+)"`)

// trip sends a browser to the provider and back.
func (s *surfer) trip(p *provider, path string) *httptest.ResponseRecorder {
	s.Helper()
	w := s.open(path, nil)
	if w.Code != http.StatusSeeOther {
		s.Fatalf("%s answers %d: %s", path, w.Code, w.Body)
	}
	return s.open(p.authorize(w.Header().Get("Location")), nil)
}

// link connects who is signed in.
func (s *surfer) link(p *provider) *httptest.ResponseRecorder {
	s.Helper()
	w := s.send("/settings/security", "/settings/security/provider", "act", "link")
	if w.Code != http.StatusOK {
		s.Fatalf("linking answers %d %s", w.Code, w.Header().Get("Location"))
	}
	_, rest, _ := strings.Cut(w.Body.String(), `<a class="button" href="`)
	to, _, _ := strings.Cut(rest, `"`)
	return s.open(p.authorize(strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(to)), nil)
}

func TestAnotherProviderLetsIn(t *testing.T) {
	p := newProvider(t)
	eachHouse(t, p.at(nil), func(h *house) {
		p.claims = map[string]any{"sub": "a-1", "preferred_username": "ana.b <b>", "email": "bob@mail.example", "email_verified": true}
		ana, bob := h.surfer("ana"), h.surfer("bob")
		if page := ana.open("/sign-in?next=%2Fabout", nil).Body.String(); !strings.Contains(page, `href="/sign-in/provider?next=%2Fabout"`) || !strings.Contains(page, "Sign in with Coop SSO") {
			h.Error("the page does not lead to the provider")
		}
		if w := h.fresh().trip(p, "/sign-in/provider"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Nobody here is connected") {
			h.Errorf("somebody with bob's address, whom nobody knows, gets %d", w.Code)
		}
		if p.asked.Get("code_challenge_method") != "S256" || len(p.asked.Get("nonce")) < 40 || len(p.asked.Get("state")) < 40 || p.asked.Get("scope") != "openid profile email" {
			h.Errorf("asked with %v", p.asked)
		}
		ana.signIn("ana", "/sign-in")
		elsewhere := h.fresh()
		elsewhere.signIn("ana", "/sign-in")
		if w := ana.link(p); w.Header().Get("Location") != "/settings/security?done=provider" {
			h.Fatalf("linking leads to %d %s: %s", w.Code, w.Header().Get("Location"), w.Body)
		}
		if elsewhere.in() || !ana.in() {
			h.Error("the wrong browsers are in")
		}
		if page := ana.open("/settings/security", nil).Body.String(); !strings.Contains(page, "ana.b &lt;b&gt;") {
			h.Error("the person does not see with whom they are connected")
		}
		bob.signIn("bob", "/sign-in")
		if w := bob.link(p); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("the same for somebody else answers %d", w.Code)
		}
		who := h.fresh()
		if w := who.trip(p, "/sign-in/provider?next=%2Fabout"); w.Header().Get("Location") != "/about" || !who.in() {
			h.Errorf("coming back leads to %d %s", w.Code, w.Header().Get("Location"))
		}
		if w := who.trip(p, "/sign-in/provider?next=%2F%2Fevil.example"); w.Header().Get("Location") != "/" {
			h.Errorf("an address of elsewhere leads to %s", w.Header().Get("Location"))
		}
		id := ana.found(identityRow, ana.open("/settings/security", nil).Body.String())
		if w := bob.send("/settings/security", "/settings/security/provider", "act", "end", "id", id); w.Code != http.StatusNotFound {
			h.Errorf("somebody else's link ends with %d", w.Code)
		}
		ana.send("/settings/security", "/settings/security/provider", "act", "end", "id", id)
		if w := h.fresh().trip(p, "/sign-in/provider"); w.Code != http.StatusUnprocessableEntity {
			h.Errorf("after its end it answers %d", w.Code)
		}
	})
}

func TestTokensOfIdentityThatProveNothing(t *testing.T) {
	p, other := newProvider(t), newProvider(t)
	h := newHouse(t, func(o *Options) { o.RateLimit = false; p.at(nil)(o) })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	if w := ana.link(p); w.Code != http.StatusSeeOther {
		t.Fatalf("linking answers %d", w.Code)
	}
	set := func(name string, value any) func(header, claims map[string]any) {
		return func(_, claims map[string]any) { claims[name] = value }
	}
	for _, tt := range []struct {
		name  string
		spoil func(header, claims map[string]any)
		sign  func(text string) string
		good  bool
	}{
		{"a good one", nil, nil, true},
		{"of another issuer with the same subject", set("iss", other.URL), nil, false},
		{"an issuer with a slash more", set("iss", p.URL+"/"), nil, false},
		{"for another client", set("aud", "other"), nil, false},
		{"for us among others, given to another", func(_, c map[string]any) { c["aud"], c["azp"] = []string{"minga", "other"}, "other" }, nil, false},
		{"for us among others, given to nobody", set("aud", []string{"minga", "other"}), nil, false},
		{"for us among others, given to us", func(_, c map[string]any) { c["aud"], c["azp"] = []string{"minga", "other"}, "minga" }, nil, true},
		{"expired", set("exp", time.Now().Add(-time.Minute).Unix()), nil, false},
		{"without an end", set("exp", nil), nil, false},
		{"of another nonce", set("nonce", "another"), nil, false},
		{"without a nonce", set("nonce", nil), nil, false},
		{"without a subject", set("sub", ""), nil, false},
		{"of an endless subject", set("sub", strings.Repeat("a", 256)), nil, false},
		{"of a subject that is no text", set("sub", 1), nil, false},
		{"of another subject", set("sub", "a-2"), nil, false},
		{"of a subject in another case", set("sub", "A-1"), nil, false},
		{"unsigned", func(header, _ map[string]any) { header["alg"] = "none" }, func(string) string { return "" }, false},
		{"signed with the public key as a secret", func(header, _ map[string]any) { header["alg"] = "HS256" }, nil, false},
		{"signed by another key", nil, func(text string) string {
			sum := sha256.Sum256([]byte(text))
			signature, _ := rsa.SignPKCS1v15(rand.Reader, other.key, crypto.SHA256, sum[:])
			return b64(signature)
		}, false},
		{"with a broken signature", nil, func(string) string { return base64.RawURLEncoding.EncodeToString([]byte("no")) }, false},
		{"without a signature", nil, func(string) string { return "" }, false},
	} {
		p.spoil, p.sign = tt.spoil, tt.sign
		who := h.fresh()
		w := who.trip(p, "/sign-in/provider")
		if tt.good != (w.Code == http.StatusSeeOther && who.in()) || !tt.good && w.Code != http.StatusUnprocessableEntity {
			t.Errorf("a token %s answers %d", tt.name, w.Code)
		}
	}
	p.spoil, p.sign = nil, nil

	who := h.fresh()
	back := p.authorize(who.open("/sign-in/provider", nil).Header().Get("Location"))
	q, _ := url.ParseQuery(strings.SplitN(back, "?", 2)[1])
	if w := h.fresh().open(back, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("another browser answers %d", w.Code)
	}
	for name, bad := range map[string]string{
		"no state": "?code=" + q.Get("code"), "another state": "?code=x&state=abc", "an endless state": "?state=" + strings.Repeat("a", 2000), "nothing": "",
	} {
		if w := who.open("/sign-in/provider/back"+bad, nil); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", name, w.Code)
		}
	}
	if w := who.open(back, nil); w.Code != http.StatusSeeOther {
		t.Errorf("the right browser answers %d", w.Code)
	}
	if w := who.open(back, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("the same again answers %d", w.Code)
	}
	for name, more := range map[string]string{"the issuer of another": "&iss=" + url.QueryEscape(other.URL), "an error": "&error=access_denied&code="} {
		who := h.fresh()
		back := p.authorize(who.open("/sign-in/provider", nil).Header().Get("Location"))
		if name == "an error" {
			back = strings.Replace(back, "code=", "x=", 1)
		}
		if w := who.open(back+more, nil); w.Code != http.StatusUnprocessableEntity || who.in() {
			t.Errorf("%s answers %d", name, w.Code)
		}
	}
}

func TestAProviderThatIsNoOne(t *testing.T) {
	for name, spoil := range map[string]func(p *provider){
		"its document names another": func(p *provider) { p.issuer = "https://other.example" },
		"it fails":                   func(p *provider) { p.fails = true },
		"it is not there":            func(p *provider) { p.Close() },
	} {
		p := newProvider(t)
		h := newHouse(t, func(o *Options) { o.RateLimit = false; p.at(nil)(o) })
		spoil(p)
		if w := h.fresh().open("/sign-in/provider", nil); w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for _, path := range []string{"/sign-in/provider", "/sign-in/provider/back?state=a&code=b", "/sign-in/join"} {
		if w := h.fresh().open(path, nil); w.Code != http.StatusNotFound {
			t.Errorf("without a provider %s answers %d", path, w.Code)
		}
	}
	p := newProvider(t)
	client, err := federation.New(federation.Options{UserAgent: "test", Now: time.Now, Dev: true, AllowNets: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}})
	if err != nil {
		t.Fatal(err)
	}
	h = newHouse(t, func(o *Options) { o.RateLimit = false; p.at(func(a *auth.ProviderOptions) { a.Client = client })(o) })
	if w := h.fresh().open("/sign-in/provider", nil); w.Code != http.StatusServiceUnavailable {
		t.Errorf("an inside address that nobody named answers %d", w.Code)
	}
}

func TestWhoIsNewGetsAnAccount(t *testing.T) {
	p := newProvider(t)
	change := func(o *auth.ProviderOptions) {
		o.Accounts, o.Claim = true, "groups"
		o.Ranks = map[string]coop.Rank{"mods": coop.RankModerator, "admins": coop.RankAdmin}
		o.Roles = map[string][]auth.ProviderRole{"bakers": {{Coop: "telar", Role: coop.Publisher}, {Coop: "nowhere", Role: coop.Publisher}}}
	}
	eachHouse(t, p.at(change), func(h *house) {
		telar, _ := h.member("telar", "read")
		h.surfer("bob")
		p.claims = map[string]any{"sub": "a-9", "preferred_username": "eva", "name": "Eva B", "email": "bob@mail.example", "email_verified": true, "groups": []any{"mods", "bakers", "others", 7}}
		eva := h.fresh()
		if w := eva.trip(p, "/sign-in/provider?next=%2Fabout"); w.Header().Get("Location") != "/sign-in/join" {
			h.Fatalf("somebody new is led to %d %s", w.Code, w.Header().Get("Location"))
		}
		if eva.in() {
			h.Error("in before there is an account")
		}
		if page := eva.open("/sign-in/join", nil).Body.String(); !strings.Contains(page, `value="eva"`) || !strings.Contains(page, `value="Eva B"`) {
			h.Error("the page does not know what the provider said")
		}
		for _, name := range []string{"bob", "", "e v a", "../x"} {
			if w := eva.send("/sign-in/join", "/sign-in/join", "name", name); w.Code != http.StatusUnprocessableEntity {
				h.Errorf("%q answers %d", name, w.Code)
			}
		}
		if w := eva.send("/sign-in/join", "/sign-in/join", "name", "eva", "display_name", "Eva"); w.Header().Get("Location") != "/about" || !eva.in() {
			h.Fatalf("the account leads to %d %s", w.Code, w.Header().Get("Location"))
		}
		account, err := h.store.AccountByHandle(h.Context(), "eva", "")
		if err != nil || account.Rank != coop.RankModerator || account.Email != "" {
			h.Errorf("the account is %+v", account)
		}
		roles, err := h.store.RolesIn(h.Context(), telar.ID, account.ID)
		if err != nil || fmt.Sprint(roles) != "[publisher]" {
			h.Errorf("roles %v %v", roles, err)
		}
		p.claims["groups"] = "admins"
		h.fresh().trip(p, "/sign-in/provider")
		account, _ = h.store.Account(h.Context(), account.ID)
		roles, _ = h.store.RolesIn(h.Context(), telar.ID, account.ID)
		if account.Rank != coop.RankAdmin || len(roles) != 0 {
			h.Errorf("after a change of groups: %s %v", account.Rank, roles)
		}
		account.Rank = coop.RankOwner
		if err := h.store.Write(h.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(h.Context(), account) }); err != nil {
			h.Fatal(err)
		}
		delete(p.claims, "groups")
		h.fresh().trip(p, "/sign-in/provider")
		if account, _ = h.store.Account(h.Context(), account.ID); account.Rank != coop.RankOwner {
			h.Errorf("an owner became %s", account.Rank)
		}
	})
}

func TestTheOnlyWayIn(t *testing.T) {
	p := newProvider(t)
	h := newHouse(t, func(o *Options) {
		o.RateLimit = false
		p.at(func(a *auth.ProviderOptions) { a.Only = true })(o)
	})
	ana := h.surfer("ana")
	page := ana.open("/sign-in", nil).Body.String()
	if strings.Contains(page, `id="login"`) || strings.Contains(page, "data-passkey") || !strings.Contains(page, "/sign-in/provider") {
		t.Error("the page offers other ways")
	}
	link, err := h.outbox.NewInvite(h.Context(), "", coop.RankMember)
	if err != nil {
		t.Fatal(err)
	}
	some := ana.open(strings.TrimPrefix(link, "https://coop.example"), nil).Body.String()
	form := url.Values{"login": {"ana"}, "password": {secret}, auth.FormField: {ana.found(formToken, some)}}
	if w := ana.open("/sign-in", form); w.Code != http.StatusForbidden || ana.in() {
		t.Errorf("a password answers %d", w.Code)
	}
	if w := ana.open("/sign-in/passkey", form); w.Code != http.StatusForbidden {
		t.Errorf("a passkey answers %d", w.Code)
	}
}

func TestASecondFactorBesideTheProvider(t *testing.T) {
	p := newProvider(t)
	eachHouse(t, p.at(nil), func(h *house) {
		p.claims = map[string]any{"sub": "a-1"}
		ana := h.surfer("ana")
		ana.signIn("ana", "/sign-in")
		ana.link(p)
		ana.addKey(newKey(h.T), "phone")
		who := h.fresh()
		if w := who.trip(p, "/sign-in/provider"); w.Header().Get("Location") != "/sign-in/second" || who.in() {
			h.Errorf("one factor leads to %s", w.Header().Get("Location"))
		}
		p.claims["amr"] = []string{"pwd", "mfa"}
		if who.trip(p, "/sign-in/provider"); !who.in() {
			h.Error("two factors at the provider do not do")
		}
	})
}

func TestConfirmingAtTheProvider(t *testing.T) {
	p := newProvider(t)
	h := newHouse(t, func(o *Options) { o.RateLimit = false; p.at(nil)(o) })
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	if page := ana.open("/settings/confirm", nil).Body.String(); strings.Contains(page, "Confirm at Coop SSO") {
		t.Error("a provider is offered that does not know the person")
	}
	ana.link(p)
	for _, tt := range []struct {
		name   string
		claims map[string]any
		want   int
	}{
		{"proven just now", map[string]any{"sub": "a-1", "auth_time": time.Now().Unix()}, http.StatusSeeOther},
		{"proven an hour ago", map[string]any{"sub": "a-1", "auth_time": time.Now().Add(-time.Hour).Unix()}, http.StatusUnprocessableEntity},
		{"it does not say when", map[string]any{"sub": "a-1"}, http.StatusUnprocessableEntity},
		{"somebody else", map[string]any{"sub": "a-2", "auth_time": time.Now().Unix()}, http.StatusUnprocessableEntity},
	} {
		p.claims = tt.claims
		if w := ana.trip(p, "/settings/confirm/provider?next=%2Fabout"); w.Code != tt.want || tt.want == http.StatusSeeOther && w.Header().Get("Location") != "/about" {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Header().Get("Location"))
		}
		if p.asked.Get("max_age") != "0" || p.asked.Get("prompt") != "login" {
			t.Errorf("asked with %v", p.asked)
		}
	}
}
