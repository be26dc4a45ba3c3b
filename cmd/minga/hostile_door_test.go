// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"minga/federation/signature/signaturetest"
	"minga/storage"
	"minga/web/auth"
)

// knock sends a request to a house as it came from the network.
func (h *house) knock(method, path, kind, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(h.f.ctx, method, h.config.BaseURL()+path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Add(headers[n], headers[n+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// manyParts is a multipart body of n parts.
func manyParts(n int, head, body string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "--x\r\n"+head+"\r\n\r\n%s\r\n", i, body)
	}
	return b.String() + "--x--\r\n"
}

// TestHostileBodies: forms that never end, of thousands of parts, of names that nest or
// go on, and pictures that lie: refused with 4xx and little memory.
func TestHostileBodies(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("sur")
	nina := h.phone(h.person("nina"))
	telar := h.phone(h.coop("telar"))
	poll := telar.post("/v1/statuses", row{"status": "¿?", "poll": row{"options": []string{"a", "b"}, "expires_in": 3600}})["poll"].(row)["id"].(string)
	const form, many = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
	text, file := `Content-Disposition: form-data; name="status%d"`, `Content-Disposition: form-data; name="file"; filename="%d.png"`
	for _, tt := range []struct {
		name, path, kind, body string
		most                   uint64 // MiB that it may allocate
	}{
		{"thousands of parts", "/v1/statuses", many, manyParts(5000, text, "x"), 32},
		{"thousands of files", "/v2/media", many, manyParts(5000, file, "x"), 32},
		{"names that nest", "/v1/statuses", form, "status" + strings.Repeat("[a]", 300_000) + "=1", 32},
		{"a name that only opens", "/v1/statuses", form, strings.Repeat("[", 1_000_000) + "=1", 32},
		{"many names that nest", "/v1/statuses", form, strings.Repeat("a[b][c][d][e][f][]=1&", 40_000), 64},
		{"a list of lists in JSON", "/v1/statuses", "application/json", `{"status":` + strings.Repeat("[", 500_000), 32},
		{"objects in JSON", "/v1/statuses", "application/json", `{"status":` + strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_001), 64},
		{"a long name", "/v1/statuses", form, strings.Repeat("a", 900_000) + "=1", 32},
		{"a long name of a part", "/v1/statuses", many, "--x\r\nContent-Disposition: form-data; name=\"" + strings.Repeat("n", 900_000) + "\"\r\n\r\n1\r\n--x--\r\n", 32},
		{"a head of a part without an end", "/v2/media", many, "--x\r\nContent-Disposition: form-data; name=\"file\"; a=\"" + strings.Repeat("n", 9<<20), 128},
		{"no end", "/v2/media", many, "--x\r\n" + fmt.Sprintf(file, 1) + "\r\n\r\n" + strings.Repeat("x", 1<<20), 32},
		{"a description of 18 MiB", "/v2/media", many, "--x\r\nContent-Disposition: form-data; name=\"description\"\r\n\r\n" + strings.Repeat("x", 18<<20) + "\r\n--x--\r\n", 64},
		{"a bomb", "/v2/media", many, "--x\r\n" + fmt.Sprintf(file, 1) + "\r\n\r\n" + string(bomb(40_000, 40_000)) + "\r\n--x--\r\n", 64},
		{"a page", "/v2/media", many, "--x\r\n" + fmt.Sprintf(file, 1) + "\r\nContent-Type: image/png\r\n\r\n<html><script>alert(1)</script>\r\n--x--\r\n", 32},
		{"a number without an end", "/v1/polls/" + poll + "/votes", "application/json", `{"choices":[` + strings.Repeat("9", 900_000) + `]}`, 32},
		{"a number that explodes", "/v1/minga/jobs", "application/json", `{"pay":{"min":1e999999999,"max":"1e-999999999"},"hours":{"min":1e400}}`, 32},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun := time.Now()
		token := nina.token
		if strings.HasPrefix(tt.path, "/v1/minga/") {
			token = telar.token
		}
		w := h.knock("POST", "/api"+tt.path, tt.kind, tt.body, "Authorization", "Bearer "+token)
		runtime.ReadMemStats(&after)
		took := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%s: %d, %d MiB, %v", tt.name, w.Code, took, time.Since(begun).Round(time.Millisecond))
		if w.Code < 400 || w.Code > 499 || took > tt.most {
			t.Errorf("%s: answers %d with %d MiB: %.200s", tt.name, w.Code, took, w.Body)
		}
	}
}

// TestSlowBodies: a hundred who send one byte and wait keep nobody else waiting.
func TestSlowBodies(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("sur")
	nina := h.phone(h.person("nina"))
	_, port, _ := net.SplitHostPort(h.config.Host)
	for n := range 100 {
		c, err := (&net.Dialer{}).DialContext(f.ctx, "tcp4", "127.0.0.1:"+port)
		f.must(err)
		t.Cleanup(func() { _ = c.Close() })
		_, err = fmt.Fprintf(c, "POST /api%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n-",
			[]string{"/v1/statuses", "/v2/media", "/v1/apps"}[n%3], h.config.Host, nina.token, []string{"application/json", "multipart/form-data; boundary=x"}[n%2])
		f.must(err)
	}
	begun := time.Now()
	r, err := http.NewRequestWithContext(f.ctx, http.MethodPost, "http://127.0.0.1:"+port+"/api/v1/statuses", bytes.NewReader([]byte(`{"status":"rápido"}`)))
	f.must(err)
	r.Host = h.config.Host
	r.Header.Set("Authorization", "Bearer "+nina.token)
	r.Header.Set("Content-Type", "application/json")
	w, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	f.must(err)
	_ = w.Body.Close()
	if took := time.Since(begun); w.StatusCode != http.StatusOK || took > 5*time.Second {
		t.Errorf("beside them a post takes %v and is answered %d", took, w.StatusCode)
	}
}

// TestHostileSignIn: whatever an address of the authorization page says, nobody is sent
// anywhere by it; what may not be registered is not; a foreign form does nothing.
func TestHostileSignIn(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("sur")
	h.person("nina")
	var app struct {
		ClientID string `json:"client_id"`
	}
	const registered = "https://app.example/cb"
	w := h.knock("POST", "/api/v1/apps", "application/x-www-form-urlencoded", url.Values{"client_name": {"x"}, "redirect_uris": {registered}, "scopes": {"read"}}.Encode())
	if err := json.Unmarshal(w.Body.Bytes(), &app); err != nil || app.ClientID == "" {
		t.Fatalf("registered %d %s", w.Code, w.Body)
	}
	ask := func(change url.Values) *httptest.ResponseRecorder {
		q := url.Values{"client_id": {app.ClientID}, "redirect_uri": {registered}, "response_type": {"code"}, "scope": {"read"}, "state": {"s"}}
		for name, values := range change {
			q[name] = values
		}
		return h.knock("GET", "/oauth/authorize?"+q.Encode(), "", "")
	}
	if w := ask(nil); w.Code != http.StatusFound || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in?") {
		t.Fatalf("what is registered answers %d to %s", w.Code, w.Header().Get("Location"))
	}
	for _, redirect := range []string{
		"//evil.example/cb", `https:\\evil.example\cb`, "https://app.example@evil.example/cb", "https://app.example.evil.example/cb", "https://app.example:8443/cb", "https://APP.example/cb",
		"https://app.example/CB", registered + "#x", registered + "?x", registered + "/", registered + "/../evil", "https://app.example//cb", "https://аpp.example/cb", "https://app.example/cb\r\nLocation: https://evil.example",
		"https://app.example/cb%0d%0a", " " + registered, registered + " ", "javascript:alert(1)", "data:text/html,x", "http://app.example/cb", "", "urn:ietf:wg:oauth:2.0:oob", "https://app.example/cb\x00",
	} {
		if w := ask(url.Values{"redirect_uri": {redirect}}); w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
			t.Errorf("redirect %q: %d to %s", redirect, w.Code, w.Header().Get("Location"))
		}
	}
	for _, redirect := range []string{"javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil.example", `\\evil`, "/cb", "blob:https://x", "https://", "https://app.example/cb#frag", "about:blank"} {
		w := h.knock("POST", "/api/v1/apps", "application/x-www-form-urlencoded", url.Values{"client_name": {"x"}, "redirect_uris": {redirect}}.Encode())
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("registering %q answers %d", redirect, w.Code)
		}
	}
	names := []string{"client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method", "force_login", "lang", "prompt"}
	words := append([]string{"code", "token", "S256", "plain", "read write admin", "\r\nSet-Cookie: a=b", "\xff\x00", strings.Repeat("s", 5000), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "true", "xx"}, oddWords...)
	r := rand.New(rand.NewPCG(1, 2))
	answers := map[int]int{}
	for range 2000 {
		change := url.Values{}
		for range 1 + r.IntN(3) {
			name := pick(r, names)
			change[name] = append(change[name], pick(r, words))
		}
		w := ask(change)
		answers[w.Code]++
		if to := w.Header().Get("Location"); w.Code >= 500 || to != "" && !strings.HasPrefix(to, "/sign-in?") || strings.ContainsAny(to, "\r\n") || len(w.Result().Cookies()) > 1 {
			t.Errorf("%v: %d to %q %v", change, w.Code, to, w.Result().Cookies())
		}
	}
	t.Logf("answers to 2000 requests for consent: %v", answers)
	for name, headers := range map[string][]string{
		"without an origin of ours": {"Origin", "https://evil.example"}, "from nowhere": {"Origin", "null"}, "across sites": {"Sec-Fetch-Site", "cross-site"}, "without a token": {"Sec-Fetch-Site", "same-origin"},
		"with a cookie that somebody planted": {"Cookie", "minga-session=planted; minga-form=planted", "Sec-Fetch-Site", "same-origin"},
		"with a session that is none":         {"Cookie", "minga-session=" + strings.Repeat("A", 43), "Sec-Fetch-Site", "same-origin"},
	} {
		for _, path := range []string{"/sign-in", "/sign-out", "/reset", "/settings/security", "/oauth/authorize?client_id=" + app.ClientID} {
			w := h.knock("POST", path, "application/x-www-form-urlencoded", "email=a%40b.example&password=x&decision=allow&form_token=planted", headers...)
			for _, c := range w.Result().Cookies() {
				if c.Name == "minga-session" && c.Value != "" {
					t.Errorf("%s %s: signed in", name, path)
				}
			}
			if w.Code < 300 || w.Code > 499 {
				t.Errorf("a form %s at %s: %d", name, path, w.Code)
			}
		}
	}
	for _, host := range []string{"evil.example", "sur.localhost@evil.example", "evil.example:80", "", "[::1]", "sur.localhost.evil.example"} {
		req := httptest.NewRequestWithContext(f.ctx, http.MethodGet, h.config.BaseURL()+"/sign-in", http.NoBody)
		req.Host = host
		w := httptest.NewRecorder()
		if h.handler.ServeHTTP(w, req); w.Code != http.StatusMisdirectedRequest || strings.Contains(w.Body.String(), "evil.example/") {
			t.Errorf("Host %q: %d", host, w.Code)
		}
	}
}

// TestKnownAndUnknownTakeAsLong measures whether sign-in and the form for a new password
// tell by their time who has an account: 200 tries of each, in an order that nobody
// knows. It is long, and decides nothing: a busy machine is no oracle.
func TestKnownAndUnknownTakeAsLong(t *testing.T) {
	if os.Getenv("MINGA_TEST_LONG") == "" {
		t.Skip("MINGA_TEST_LONG is not set")
	}
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("sur", "MINGA_SMTP_HOST", "127.0.0.1", "MINGA_SMTP_TLS", "none", "MINGA_SMTP_FROM", "minga@sur.example")
	nina := h.person("nina")
	password, err := auth.NewPasswords().Hash(f.ctx, anaPassword)
	f.must(err)
	f.must(h.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.SetPassword(f.ctx, nina.ID, password) }))
	for _, path := range []string{"/sign-in", "/reset"} {
		page := h.knock("GET", path, "", "")
		root, err := html.Parse(page.Body)
		f.must(err)
		token := attr(findNode(root, func(n *html.Node) bool { return attr(n, "name") == auth.FormField }), "value")
		cookie := page.Result().Cookies()[0]
		took, tries, codes := map[bool]time.Duration{}, map[bool]int{}, map[string]bool{}
		for tries[true]+tries[false] < 400 {
			known := rand.IntN(2) == 0
			name := map[bool]string{true: "nina@sur.example", false: fmt.Sprintf("n%03d@sur.example", tries[false])}[known]
			form := url.Values{auth.FormField: {token}, "email": {name}, "login": {name}, "password": {"no such word 12"}}.Encode()
			begun := time.Now()
			w := h.knock("POST", path, "application/x-www-form-urlencoded", form, "Cookie", cookie.Name+"="+cookie.Value, "Sec-Fetch-Site", "same-origin")
			took[known] += time.Since(begun)
			tries[known]++
			codes[fmt.Sprint(known, " ", w.Code)] = true
		}
		a, b := took[true]/time.Duration(tries[true]), took[false]/time.Duration(tries[false])
		t.Logf("%s: known %v (%d), unknown %v (%d), %+.1f %%, answers %v", path, a, tries[true], b, tries[false], 100*(float64(a)/float64(b)-1), codes)
	}
}
