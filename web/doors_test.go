// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// plant mounts a route of the test's own behind the same doors as all others.
func (h *house) plant(route auth.Route) {
	route.CSRF, route.Sees, route.Form = auth.CSRFBearer, auth.SeesNobody, respond.JSON
	if route.Handle == nil {
		route.Handle = func(c *gin.Context) error { c.JSON(http.StatusOK, gin.H{}); return nil }
	}
	h.server.engine.Handle(route.Method, route.Path, h.server.admit(route), h.server.door(route), h.server.respond.Handle(route.Form, route.Handle))
}

// judge tells what keeps an answer of the API from being one that clients read.
func judge(w *httptest.ResponseRecorder) string {
	header := w.Header()
	switch {
	case header.Get("Access-Control-Allow-Origin") != "*":
		return "is closed to scripts"
	case header.Get("Access-Control-Allow-Credentials") != "":
		return "lets cookies in"
	case header.Get("X-Request-Id") == "":
		return "has no number"
	case w.Code < 400:
		return ""
	case !strings.HasPrefix(header.Get("Content-Type"), "application/json"):
		return "is " + header.Get("Content-Type")
	}
	var body struct{ Error any }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		return "is no JSON: " + err.Error()
	}
	if text, ok := body.Error.(string); !ok || text == "" {
		return fmt.Sprintf("names the error %v", body.Error)
	}
	return ""
}

func TestProgramsAreAnsweredInJSON(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("json", "write")
	h.plant(auth.Route{Method: "GET", Path: "/api/test/panic", Access: auth.Open, Limit: auth.LimitNone, Handle: func(*gin.Context) error { panic("at the disco") }})
	h.plant(auth.Route{Method: "GET", Path: "/api/test/half", Access: auth.Open, Limit: auth.LimitNone, Handle: func(c *gin.Context) error {
		c.Header("Content-Type", "text/html")
		c.Header("ETag", `"1"`)
		return coop.ErrConflict
	}})
	for _, tt := range []struct {
		name, method, path, token, body string
		code                            int
		headers                         []string
	}{
		{"no such path", "GET", "/api/v9/nothing", "", "", 404, nil},
		{"the root", "GET", "/api", "", "", 404, nil},
		{"no such method", "PATCH", "/api/v1/minga/jobs", "", "", 405, nil},
		{"no token", "POST", "/api/v1/minga/jobs", "", "{}", 401, nil},
		{"a bad token", "POST", "/api/v1/minga/jobs", "nonsense", "{}", 401, nil},
		{"no JSON", "POST", "/api/v1/minga/jobs", token, "{", 422, nil},
		{"too much", "POST", "/api/v1/minga/jobs", token, strings.Repeat("x", 2<<20), 413, nil},
		{"another host", "GET", "/api/v1/minga/jobs", "", "", 421, []string{"Host", "evil.example"}},
		{"a panic", "GET", "/api/test/panic", "", "", 500, nil},
		{"a handler that had begun to say something else", "GET", "/api/test/half", "", "", 409, nil},
		{"WebFinger of nothing", "GET", "/.well-known/webfinger", "", "", 400, nil},
		{"no such document", "GET", "/.well-known/nothing", "", "", 404, nil},
		{"no such method of one", "POST", "/nodeinfo/2.0", "", "", 405, nil},
		{"no such version", "GET", "/nodeinfo/9.9", "", "", 404, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := h.ask(tt.method, tt.path, tt.token, tt.body, append([]string{"Origin", "https://elk.example"}, tt.headers...)...)
			if w.Code != tt.code && tt.code != 400 {
				t.Errorf("answers %d, want %d", w.Code, tt.code)
			}
			if fault := judge(w); fault != "" {
				t.Errorf("answer %d %s: %s", w.Code, fault, w.Body)
			}
			if w.Header().Get("ETag") != "" {
				t.Error("an error has a tag")
			}
		})
	}
	if w := h.ask("GET", "/oauth/nothing", "", ""); w.Code != 404 || !strings.HasPrefix(w.Body.String(), `{"error":`) || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("/oauth/nothing answers %d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestPreflightsAreAnsweredEverywhereAndRedirectedNowhere(t *testing.T) {
	h := newHouse(t, nil)
	for path, open := range map[string]bool{
		"/api/v1/minga/jobs": true, "/api/v1/minga/jobs/": true, "/api/v1/nothing/": true, "/oauth/token": true, "/oauth/revoke": true, "/oauth/userinfo": true, "/oauth/token/": true,
		"/.well-known/webfinger": true, "/nodeinfo/2.0": true, "/media/1/original.png": true, "/assets/avatar.svg": true,
		"/oauth/authorize": false, "/jobs": false, "/apiary": false, "/mediated": false, "/assets/style.css": false,
	} {
		w := h.ask("OPTIONS", path, "", "", "Origin", "https://elk.example", "Access-Control-Request-Method", "DELETE", "Access-Control-Request-Headers", "authorization")
		if open != (w.Code == http.StatusNoContent) || open != (w.Header().Get("Access-Control-Allow-Origin") == "*") || w.Code/100 == 3 {
			t.Errorf("%s answers %d, allows origin %q", path, w.Code, w.Header().Get("Access-Control-Allow-Origin"))
		}
		if allowed := w.Header().Get("Access-Control-Allow-Headers"); open && !strings.Contains(allowed, "Idempotency-Key") {
			t.Errorf("%s allows the headers %q", path, allowed)
		}
	}
	if w := h.ask("OPTIONS", "/api/v1/minga/jobs", "", "", "Host", "evil.example"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("the preflight of another host answers %d", w.Code)
	}
}

func TestASlashAtTheEndChangesNothing(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("slash", "read write")
	for _, path := range []string{"/api/v1/minga/jobs", "/.well-known/nodeinfo", "/nodeinfo/2.0"} {
		bare, slash := h.ask("GET", path, "", ""), h.ask("GET", path+"/", "", "")
		if bare.Code != 200 || slash.Code != 200 || bare.Body.String() != slash.Body.String() {
			t.Errorf("%s answers %d, with a slash %d", path, bare.Code, slash.Code)
		}
	}
	if w := h.ask("POST", "/api/v1/minga/jobs/", token, goodJob); w.Code != 200 {
		t.Errorf("a post to an address with a slash answers %d: %s", w.Code, w.Body)
	}
	if w := h.ask("GET", "/jobs/", "", ""); w.Code == 200 {
		t.Error("two addresses show one page")
	}
	if w := h.ask("GET", "/api/v1/minga/accounts/lookup?acct=a%2Fb", "", ""); w.Code != 404 && w.Code != 422 {
		t.Errorf("an escaped slash answers %d", w.Code)
	}
}

func TestNothingOfATokenIsKeptByCaches(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("cache", "read write")
	for shown, want := range map[string]string{token: "private, no-store", "nonsense": "private, no-store", "": ""} {
		w := h.ask("GET", "/api/v1/minga/jobs", shown, "")
		if got := w.Header().Get("Cache-Control"); got != want || w.Header().Get("Vary") != "Authorization" {
			t.Errorf("with token %q: Cache-Control %q, Vary %q", shown, got, w.Header().Get("Vary"))
		}
	}
}

func TestWhatWasWithdrawnWasNeverThereForClients(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for path, err := range map[string]error{"/api/test/gone": coop.ErrGone, "/api/test/never": coop.ErrNotFound} {
		h.plant(auth.Route{Method: "GET", Path: path, Access: auth.Open, Limit: auth.LimitNone, Handle: func(*gin.Context) error { return err }})
	}
	gone, never := h.ask("GET", "/api/test/gone", "", ""), h.ask("GET", "/api/test/never", "", "")
	if gone.Code != 404 || gone.Body.String() != never.Body.String() || headersOf(gone) != headersOf(never) {
		t.Errorf("%d %s %s and %d %s %s", gone.Code, gone.Body, headersOf(gone), never.Code, never.Body, headersOf(never))
	}
}

func TestErrorsSpeakTheLanguageOfTheAccount(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false; o.Language = "ca" })
	a, token := h.member("llengua", "read write")
	for lang, want := range map[string]string{"it": "Elemento non trovato", "pt-BR": "Registro não encontrado", "en": "Record not found", "de": "No s’ha trobat el registre"} {
		a.Language = lang
		if err := h.store.Write(t.Context(), func(tx *storage.Tx) error { return tx.SaveAccount(t.Context(), a) }); err != nil {
			t.Fatal(err)
		}
		if w := h.ask("GET", "/api/v1/minga/jobs/7", token, ""); !strings.Contains(w.Body.String(), want) {
			t.Errorf("to an account that speaks %s: %s", lang, w.Body)
		}
	}
	if w := h.ask("GET", "/api/v1/minga/jobs/7", "", ""); !strings.Contains(w.Body.String(), "No s’ha trobat") {
		t.Errorf("to a stranger of an instance that speaks Catalan: %s", w.Body)
	}
}

func TestEveryLimitFires(t *testing.T) {
	now := time.Now() // and it stays: what is used up does not come back while we count
	h := newHouse(t, func(o *Options) { o.Now = func() time.Time { return now } })
	_, token := h.member("busy", "write")
	for limit, allowed := range rates {
		if limit == limitPerson {
			continue // needs several tokens; below
		}
		access, shown := auth.Open, ""
		switch limit {
		case auth.LimitPosts, auth.LimitDeletes, auth.LimitMedia:
			// Each of a person's own, or the API's limit would come first.
			access, shown = auth.Token, h.token(h.person(fmt.Sprintf("busy%d", limit)), "write")
		}
		path := fmt.Sprintf("/api/test/limit%d", limit)
		h.plant(auth.Route{Method: "POST", Path: path, Access: access, Scope: "write", Limit: limit, Body: 1 << 10})
		for n := range allowed.n + 1 {
			w := h.ask("POST", path, shown, "")
			if want := n < allowed.n; want != (w.Code == 200) {
				t.Fatalf("request %d of limit %d answers %d, allowed are %d", n+1, limit, w.Code, allowed.n)
			}
			if fault := judgeLimit(w, allowed.n, allowed.per); fault != "" {
				t.Fatalf("request %d of limit %d: %s: %v", n+1, limit, fault, w.Header())
			}
		}
	}
	if w := h.ask("GET", "/api/v1/minga/jobs", token, ""); w.Code != 200 {
		t.Errorf("somebody else is refused too: %d", w.Code)
	}
}

// judgeLimit reads the headers of a limit as clients do: two whole numbers and a date.
func judgeLimit(w *httptest.ResponseRecorder, most int, per time.Duration) string {
	left, err := strconv.Atoi(w.Header().Get("X-RateLimit-Remaining"))
	if err != nil || w.Header().Get("X-RateLimit-Limit") != strconv.Itoa(most) {
		return "limit and remaining are not those"
	}
	reset, err := time.Parse("2006-01-02T15:04:05.000Z", w.Header().Get("X-RateLimit-Reset"))
	if err != nil || time.Until(reset) > per+time.Second {
		return "reset is no date within the limit"
	}
	if w.Code != http.StatusTooManyRequests {
		return ""
	}
	after, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if err != nil || after < 1 || left != 0 {
		return "it does not say when to come again"
	}
	return judge(w)
}

func TestAllTokensOfAPersonTogether(t *testing.T) {
	h := newHouse(t, nil)
	person := h.person("many")
	h.plant(auth.Route{Method: "GET", Path: "/api/test/many", Access: auth.Token, Scope: "read", Limit: auth.LimitAPI})
	asked := 0
	for n := range rates[limitPerson].n/rates[auth.LimitAPI].n + 1 {
		token := h.token(person, "read write:"+strings.Repeat("x", n+1))
		for range rates[auth.LimitAPI].n {
			if h.ask("GET", "/api/test/many", token, "").Code == 200 {
				asked++
			}
		}
	}
	if allowed := rates[limitPerson].n; asked < allowed || asked > allowed+rates[auth.LimitAPI].n/2 {
		t.Errorf("%d requests were answered, allowed are %d", asked, allowed)
	}
}

func TestBadTokensAreCounted(t *testing.T) {
	h := newHouse(t, nil)
	last := 0
	for n := range rates[auth.LimitAPI].n + 1 {
		last = h.ask("GET", "/api/v1/minga/jobs", fmt.Sprint("guess", n), "").Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the last of many guesses answers %d", last)
	}
}

func TestLimitsAreOff(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for range rates[auth.LimitSignIn].n + 1 {
		if err := h.server.admitted(auth.LimitSignInOf, "ana"); err != nil {
			t.Fatal(err)
		}
	}
	if w := h.ask("GET", "/api/v1/minga/jobs", "", ""); w.Header().Get("X-RateLimit-Limit") != "" {
		t.Error("a limit is named although there is none")
	}
}

func TestActsAreCountedByName(t *testing.T) {
	h := newHouse(t, nil)
	for n := range rates[auth.LimitSignInOf].n + 1 {
		err := h.server.admitted(auth.LimitSignInOf, "ana")
		if (err != nil) != (n == rates[auth.LimitSignInOf].n) || err != nil && respond.Status(err) != 429 {
			t.Errorf("attempt %d: %v", n+1, err)
		}
	}
	if err := h.server.admitted(auth.LimitSignInOf, "berta"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}

func TestLimitsEnd(t *testing.T) {
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	l, err := newLimiter(func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.seen.StopAllGoroutines() })
	for range rates[auth.LimitSignInOf].n {
		if _, err := l.admit(auth.LimitSignInOf, "ana"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.admit(auth.LimitSignInOf, "ana"); err == nil {
		t.Fatal("one more was let in")
	}
	now = now.Add(time.Hour)
	if s, err := l.admit(auth.LimitSignInOf, "ana"); err != nil || s.left != rates[auth.LimitSignInOf].n-1 {
		t.Errorf("after an hour: %+v, %v", s, err)
	}
}
