// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature/signaturetest"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/push"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// house is an instance behind its doors, without a network.
type house struct {
	*testing.T
	server  *server
	handler http.Handler
	store   *storage.Store
	outbox  *outbox.Outbox
}

// newHouse opens a fresh instance; change may alter its options.
func newHouse(t *testing.T, change func(*Options)) *house {
	t.Helper()
	return newHouseOn(t, storagetest.Open(t), change)
}

// newHouseOn opens one on a database.
func newHouseOn(t *testing.T, store *storage.Store, change func(*Options), mail ...func(*outbox.Options)) *house {
	t.Helper()
	o := Options{
		Store: store, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Scheme: "https", Host: "coop.example",
		AccountDomain: "coop.example", Language: "en", Zone: time.UTC, Version: "test", RateLimit: true, License: coop.DefaultLicence,
	}
	if change != nil {
		change(&o)
	}
	client, err := federation.New(federation.Options{UserAgent: "test", OwnHosts: []string{o.Host}, Now: time.Now, Dev: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	out := outbox.Options{Store: store, Client: client, Now: time.Now, Local: outbox.Local{Scheme: "https", Host: o.Host, AccountDomain: o.AccountDomain}, NewRSA: signaturetest.Keys()}
	for _, change := range mail {
		change(&out)
	}
	if o.Outbox, err = outbox.New(out); err != nil {
		t.Fatal(err)
	}
	if o.Inbox, err = inbox.New(inbox.Options{
		Store: store, Client: client, Now: time.Now, Answers: o.Outbox, Local: inbox.Local{Scheme: "https", Host: o.Host, AccountDomain: o.AccountDomain},
		Mode: func(context.Context) coop.FederationMode { return coop.ModeOpen },
	}); err != nil {
		t.Fatal(err)
	}
	if err := o.Outbox.EnsureInstance(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o.Push, err = push.New(t.Context(), push.Options{Store: store, Client: client, Now: time.Now, Base: "https://" + o.Host}); err != nil {
		t.Fatal(err)
	}
	s, err := build(o)
	if err != nil {
		t.Fatal(err)
	}
	return &house{T: t, server: s, handler: s.handler(), store: store, outbox: o.Outbox}
}

// member makes a co-op with a token of the scopes given.
func (h *house) member(name, scopes string) (*coop.Account, string) {
	h.Helper()
	a, err := h.outbox.NewAccount(h.Context(), outbox.Registration{Kind: coop.Coop, Name: name, Language: "en"})
	if err != nil {
		h.Fatal(err)
	}
	return a, h.token(a, scopes)
}

// person makes an account of a person.
func (h *house) person(name string) *coop.Account {
	h.Helper()
	a, err := h.outbox.NewAccount(h.Context(), outbox.Registration{Kind: coop.Person, Name: name, Language: "en", Email: name + "@mail.example"})
	if err != nil {
		h.Fatal(err)
	}
	return a
}

// token gives an account a token.
func (h *house) token(a *coop.Account, scopes string) string {
	h.Helper()
	text := "token of " + a.Name + " for " + scopes
	text = strings.ReplaceAll(text, " ", "-")
	hash := sha256.Sum256([]byte(text))
	err := h.store.Write(h.Context(), func(tx *storage.Tx) error {
		return tx.AddToken(h.Context(), &coop.Token{Hash: hash[:], AccountID: a.ID, Scopes: strings.Fields(scopes), App: "test", CreatedAt: time.Now()})
	})
	if err != nil {
		h.Fatal(err)
	}
	return text
}

// ask sends one request and returns the answer.
func (h *house) ask(method, path, token, body string, headers ...string) *httptest.ResponseRecorder {
	h.Helper()
	r := httptest.NewRequest(method, "https://coop.example"+path, strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, "https://coop.example"+path, nil)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// goodJob is a body that can be published.
const goodJob = `{"title":"Baker at night","language":"en","description":"You bake what the others sell in the morning, with one colleague and a radio.",
	"job":{"engagement":"employment","membership_track":"possible","employment_type":["PART_TIME"],"hours":{"min":20,"max":30},
	"pay":{"currency":"EUR","min":"1500","max":"1800","per":"month"},"place":{"mode":"onsite","name":"Leeds","country":"GB"},
	"skills":["baking"],"apply":[{"way":"mail","value":"bread@telar.example"}]}}`

// publish publishes a job and returns its entity.
func (h *house) publish(token, body string) (id, uri string) {
	h.Helper()
	w := h.ask("POST", "/api/v1/minga/jobs", token, body)
	var status struct{ ID, URI string }
	if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil || w.Code != http.StatusOK {
		h.Fatalf("publish answered %d: %s", w.Code, w.Body)
	}
	return status.ID, status.URI
}

func TestEveryRouteSaysWhatItMust(t *testing.T) {
	h := newHouse(t, nil)
	if len(h.server.routes) < 50 {
		t.Fatalf("only %d routes are mounted", len(h.server.routes))
	}
	for _, route := range h.server.routes {
		if err := route.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestARouteThatSaysNothingIsNotMounted(t *testing.T) {
	good := auth.Route{Method: "POST", Path: "/x", Access: auth.Token, Act: coop.ActPublish, Scope: "write", Limit: auth.LimitAPI, CSRF: auth.CSRFBearer, Sees: auth.SeesOwn, Body: 1, Handle: healthy}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(*auth.Route){
		"no access class":     func(r *auth.Route) { r.Access = 0 },
		"no limit":            func(r *auth.Route) { r.Limit = 0 },
		"no CSRF class":       func(r *auth.Route) { r.CSRF = 0 },
		"no visibility class": func(r *auth.Route) { r.Sees = 0 },
		"no scope":            func(r *auth.Route) { r.Scope = "" },
		"no bound of a body":  func(r *auth.Route) { r.Body = 0 },
		"a write as safe":     func(r *auth.Route) { r.CSRF = auth.CSRFSafe },
		"no handler":          func(r *auth.Route) { r.Handle = nil },
	} {
		bad := good
		spoil(&bad)
		if bad.Check() == nil {
			t.Errorf("a route with %s was mounted", what)
		}
	}
}

// filled puts something in place of the parameters of a route.
func filled(path string) string {
	for _, part := range []string{":id", ":name", ":tag", ":what", ":part", ":step", ":secret", ":host", ":application", ":mac", ":form", ":address", ":file", "*file"} {
		path = strings.ReplaceAll(path, part, "1")
	}
	return path
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for _, route := range h.server.routes {
		w := h.ask(route.Method, filled(route.Path), "", "")
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Strict-Transport-Security", "Cross-Origin-Resource-Policy"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s %s answers %d without %s", route.Method, route.Path, w.Code, name)
			}
		}
		if w.Code >= 500 && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s %s answers %d: %s", route.Method, route.Path, w.Code, w.Body)
		}
	}
}

func TestRoutesWithTokensRefuseStrangers(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, reader := h.member("reader", "read")
	for _, route := range h.server.routes {
		if route.Access != auth.Token {
			continue
		}
		for token, want := range map[string]int{"": 401, "nonsense": 401} {
			if w := h.ask(route.Method, filled(route.Path), token, "{}"); w.Code != want {
				t.Errorf("%s %s with token %q answers %d, want %d", route.Method, route.Path, token, w.Code, want)
			}
		}
		if strings.HasPrefix(route.Scope, "write") {
			if w := h.ask(route.Method, filled(route.Path), reader, "{}"); w.Code != 403 {
				t.Errorf("%s %s with a token that reads answers %d, want 403", route.Method, route.Path, w.Code)
			}
		}
	}
}

func TestTwoCoopsWalk(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, ours := h.member("ours", "read write")
	_, theirs := h.member("theirs", "read write")
	public, _ := h.publish(ours, goodJob)
	draft, _ := h.publish(ours, strings.Replace(goodJob, `{"title"`, `{"draft":true,"title"`, 1))
	for _, tt := range []struct {
		method, path, token string
		want                int
	}{
		{"GET", "/jobs/" + public, "", 200},
		{"GET", "/jobs/" + public, theirs, 200},
		{"GET", "/jobs/" + draft, "", 404},
		{"GET", "/jobs/" + draft, theirs, 404},
		{"GET", "/jobs/" + draft, ours, 200},
		{"GET", "/articles/" + public, "", 404},
		{"PUT", "/jobs/" + public, theirs, 403},
		{"DELETE", "/jobs/" + public, theirs, 403},
		{"POST", "/jobs/" + public + "/fill", theirs, 403},
		{"GET", "/jobs/" + public + "/deliveries", theirs, 403},
		{"PUT", "/jobs/" + draft, theirs, 404},
		{"DELETE", "/jobs/" + draft, theirs, 404},
		{"POST", "/jobs/" + draft + "/publish", theirs, 404},
		{"POST", "/jobs/" + public + "/explode", ours, 404},
		{"POST", "/jobs/" + public + "/resume", ours, 200},
		{"POST", "/jobs/" + public + "/fill", ours, 200},
		{"POST", "/jobs/" + public + "/fill", ours, 200},
		{"POST", "/jobs/" + public + "/pause", ours, 422},
		{"POST", "/coops", ours, 403},
		{"DELETE", "/jobs/" + public, ours, 200},
		{"GET", "/jobs/" + public, ours, 404},
	} {
		if w := h.ask(tt.method, "/api/v1/minga"+tt.path, tt.token, "{}"); w.Code != tt.want {
			t.Errorf("%s %s answers %d, want %d: %s", tt.method, tt.path, w.Code, tt.want, w.Body)
		}
	}
}

func TestHiddenAndAbsentAreTheSame(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, ours := h.member("ours", "read write")
	draft, uri := h.publish(ours, strings.Replace(goodJob, `{"title"`, `{"draft":true,"title"`, 1))
	for _, pair := range [][2]string{
		{"/api/v1/minga/jobs/" + draft, "/api/v1/minga/jobs/117000000000000001"},
		{strings.TrimPrefix(uri, "https://coop.example"), "/coops/ours/jobs/1999-999"},
	} {
		hidden, absent := h.ask("GET", pair[0], "", "", "Accept", "application/activity+json"), h.ask("GET", pair[1], "", "", "Accept", "application/activity+json")
		if hidden.Code != 404 || absent.Code != 404 || hidden.Body.String() != absent.Body.String() || headersOf(hidden) != headersOf(absent) {
			t.Errorf("%s and %s differ:\n%d %v %s\n%d %v %s", pair[0], pair[1], hidden.Code, hidden.Header(), hidden.Body, absent.Code, absent.Header(), absent.Body)
		}
	}
}

// headersOf is the header of an answer without what is another's each time.
func headersOf(w *httptest.ResponseRecorder) string {
	header := w.Header().Clone()
	header.Del("X-Request-Id")
	return fmt.Sprint(header)
}

func TestOtherHostsAreMisdirected(t *testing.T) {
	h := newHouse(t, nil)
	for host, want := range map[string]int{"coop.example": 200, "COOP.example": 200, "coop.example:443": 200, "evil.example": 421, "coop.example.evil": 421, "127.0.0.1": 421} {
		if w := h.ask("GET", "/.well-known/nodeinfo", "", "", "Host", host, "X-Forwarded-Host", "coop.example"); w.Code != want {
			t.Errorf("host %s answers %d, want %d", host, w.Code, want)
		}
	}
	if w := h.ask("GET", "/healthz", "", "", "Host", "127.0.0.1:8080"); w.Code != 200 {
		t.Errorf("a health check by address answers %d", w.Code)
	}
}

func TestAskersAreNetworksNotAddresses(t *testing.T) {
	for addr, want := range map[string]string{"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64"} {
		if got := askerAddr(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s counts as %s, want %s", addr, got, want)
		}
	}
}

func TestForwardingHeadersOfStrangersDoNotCount(t *testing.T) {
	h := newHouse(t, nil)
	last := 0
	for n := range rates[auth.LimitReads].n + 1 {
		last = h.ask("GET", "/.well-known/nodeinfo", "", "", "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", n%250), "X-Real-IP", "8.8.8.8").Code
	}
	if last != 429 {
		t.Error("a header that anybody sends moved the limit")
	}
}

func TestBodiesAreBounded(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("long", "write")
	huge := `{"title":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, path := range []string{"/api/v1/minga/jobs", "/inbox", "/coops/long/inbox"} {
		w := h.ask("POST", path, token, huge, "Content-Type", "application/activity+json")
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s answers %d to 2 MiB, want 413", path, w.Code)
		}
	}
	for header, want := range map[string]int{"gzip": 415, "identity": 401} {
		if w := h.ask("POST", "/inbox", "", `{"type":"Follow","id":"https://a.example/1","actor":"https://a.example/a","object":"https://coop.example/federation"}`, "Content-Encoding", header, "Content-Type", "application/activity+json"); w.Code != want {
			t.Errorf("an inbox answers %d to Content-Encoding %s, want %d", w.Code, header, want)
		}
	}
	if w := h.ask("POST", "/inbox", "", "x", "Content-Type", "text/plain"); w.Code != 415 {
		t.Errorf("an inbox answers %d to text/plain, want 415", w.Code)
	}
	if w := h.ask("POST", "/coops/nobody/inbox", "", "{}", "Content-Type", "application/activity+json"); w.Code != 404 {
		t.Errorf("the inbox of nobody answers %d, want 404", w.Code)
	}
	if w := h.ask("GET", "/inbox", "", ""); w.Code != 405 {
		t.Errorf("GET of an inbox answers %d, want 405", w.Code)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("typo", "write")
	for body, field := range map[string]string{
		`{`:                                   "body",
		`[]`:                                  "body",
		`{"title":7000}`:                      "description",
		`{"title":["a"]}`:                     "title",
		`{"job":{"pay":{"min":"much"}}}`:      "pay.min",
		`{"job":{"hours":"many"}}`:            "hours",
		`{"closes_at":"soon"}`:                "closes_at",
		`{"job":{"skills":[7]}}`:              "skills[0]",
		`{"job":{"pay":{"min":1e999999999}}}`: "pay.min",
		`{"job":{"place":{"mode":"under water"}}}`: "place.mode",
	} {
		w := h.ask("POST", "/api/v1/minga/jobs", token, body)
		var answer struct {
			Error   string
			Details map[string]any
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 422 || answer.Error == "" {
			t.Errorf("%s answers %d %s", body, w.Code, w.Body)
			continue
		}
		if _, ok := answer.Details[field]; !ok {
			t.Errorf("%s: %s is not named in %v", body, field, answer.Details)
		}
	}
}

func TestFormsWorkAsJSONDoes(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("form", "read write")
	form := "title=Baker+at+night&language=en&description=You+bake+what+the+others+sell+in+the+morning%2C+with+one+colleague+and+a+radio." +
		"&job[engagement]=employment&job[membership_track]=possible&job[employment_type][]=PART_TIME&job[hours][min]=20&job[hours][max]=30" +
		"&job[pay][currency]=EUR&job[pay][min]=1500&job[pay][max]=1800&job[pay][per]=month&job[place][mode]=onsite&job[place][name]=Leeds&job[place][country]=GB" +
		"&job[skills][]=baking&job[apply][0][way]=mail&job[apply][0][value]=bread%40telar.example"
	w := h.ask("POST", "/api/v1/minga/jobs", token, form, "Content-Type", "application/x-www-form-urlencoded")
	if w.Code != 200 {
		t.Fatalf("a form answers %d: %s", w.Code, w.Body)
	}
	var status struct {
		Minga struct {
			State string
			Job   struct {
				Pay   struct{ Min, Per string }
				Place struct{ Mode string }
				Apply []struct{ Way, Value string }
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil {
		t.Fatal(err)
	}
	j := status.Minga.Job
	if status.Minga.State != "open" || j.Pay.Min != "1500" || j.Pay.Per != "month" || j.Place.Mode != "onsite" || len(j.Apply) == 0 {
		t.Errorf("the job is %s", w.Body)
	}
}

func TestOneAddressForPageAndDocument(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("two", "read write")
	_, uri := h.publish(token, goodJob)
	path := strings.TrimPrefix(uri, "https://coop.example")
	for accept, want := range map[string]string{
		"application/activity+json": "application/activity+json",
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`: `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`,
		"application/activity+json, text/html;q=0.5":                           "application/activity+json",
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8":      "text/html; charset=utf-8",
		"text/html, application/activity+json;q=0.1":                           "text/html; charset=utf-8",
	} {
		w := h.ask("GET", path, "", "", "Accept", accept)
		if got := w.Header().Get("Content-Type"); w.Code != 200 || got != want && !(strings.HasPrefix(want, "text/") && strings.HasPrefix(got, "text/")) {
			t.Errorf("Accept %s answers %d %s, want %s", accept, w.Code, got, want)
		}
		if !strings.Contains(w.Header().Get("Vary"), "Accept") {
			t.Errorf("Accept %s: no Vary", accept)
		}
	}
	first := h.ask("GET", path, "", "", "Accept", "application/activity+json")
	again := h.ask("GET", path, "", "", "Accept", "application/activity+json", "If-None-Match", first.Header().Get("ETag"))
	if again.Code != http.StatusNotModified {
		t.Errorf("the same bytes asked for again answer %d, want 304", again.Code)
	}
}

func TestWhatWasWithdrawnIsGone(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("gone", "read write")
	id, uri := h.publish(token, goodJob)
	if w := h.ask("DELETE", "/api/v1/minga/jobs/"+id, token, ""); w.Code != 200 {
		t.Fatalf("delete answers %d: %s", w.Code, w.Body)
	}
	w := h.ask("GET", strings.TrimPrefix(uri, "https://coop.example"), "", "", "Accept", "application/activity+json")
	var stone struct{ Type, ID, Deleted string }
	if err := json.Unmarshal(w.Body.Bytes(), &stone); err != nil || w.Code != http.StatusGone || stone.Type != "Tombstone" || stone.Deleted == "" {
		t.Errorf("the address answers %d %s", w.Code, w.Body)
	}
}

func TestTagsBecomeHashtags(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("tagged", "read write")
	id, _ := h.publish(token, strings.Replace(goodJob, `{"title"`, `{"tags":["#bread","night shift","Leeds"],"title"`, 1))
	var status struct{ Tags []struct{ Name string } }
	if err := json.Unmarshal(h.ask("GET", "/api/v1/minga/jobs/"+id, "", "").Body.Bytes(), &status); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(status.Tags); got != "[{coopjobs} {bread} {leeds}]" {
		t.Errorf("tags are %s", got)
	}
}

func TestABareRouteStopsTheStart(t *testing.T) {
	h := newHouse(t, nil)
	if err := h.server.mount([]auth.Route{{Method: "GET", Path: "/bare", Handle: healthy}}); err == nil {
		t.Error("a route that says nothing was mounted")
	}
}

// neverRead fails the test when somebody reads it.
type neverRead struct{ t *testing.T }

func (r neverRead) Read([]byte) (int, error) {
	r.t.Error("a body that says to be too long was read")
	return 0, io.EOF
}

func TestALongBodyIsRefusedBeforeItIsRead(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	r := httptest.NewRequest("POST", "https://coop.example/inbox", neverRead{t})
	r.ContentLength = 10 << 20
	r.Header.Set("Content-Type", "application/activity+json")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d, want 413", w.Code)
	}
}

func TestABodyOfUnsaidLengthIsCutOff(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("endless", "write")
	r := httptest.NewRequest("POST", "https://coop.example/api/v1/minga/jobs", strings.NewReader(`{"title":"`+strings.Repeat("x", 3<<20)+`"}`))
	r.ContentLength = -1
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d, want 413", w.Code)
	}
}
