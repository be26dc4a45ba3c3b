// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"minga/storage"
	"minga/web/auth"
)

// crowd fills the places that strangers may have, or all of them, and the queue before
// them, as if it had been so for an hour. What it returns lets all of them go.
func crowd(p *places, all bool) (gone func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var inside []guest
	for n := range p.all {
		g := guest{fmt.Sprint("guest ", n), all && n >= p.open}
		if n < p.open || g.known {
			p.seat(g)
			inside = append(inside, g)
		}
	}
	var waiters []*waiter
	for n := range waitersLoad * p.all {
		for _, r := range []rank{rankStranger, rankKnown} {
			if r == rankStranger || all {
				w := &waiter{guest{fmt.Sprint("waiter ", n), r == rankKnown}, r, make(chan struct{})}
				waiters = append(waiters, w)
				p.join(w)
			}
		}
	}
	p.crowded = time.Time{}.Add(time.Hour)
	return func() {
		p.mu.Lock()
		for _, w := range waiters {
			p.part(w)
		}
		p.mu.Unlock()
		for _, g := range inside {
			p.free(g)
		}
	}
}

// turnedAway judges the answer to who could not be let in.
func turnedAway(t *testing.T, what string, w *httptest.ResponseRecorder, mediaType, says string) {
	t.Helper()
	after, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if w.Code != http.StatusServiceUnavailable || err != nil || after < 2 || after > 9 {
		t.Errorf("%s: %d, come again after %q", what, w.Code, w.Header().Get("Retry-After"))
	}
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, mediaType) || !strings.Contains(w.Body.String(), says) {
		t.Errorf("%s: %s, %s", what, got, w.Body)
	}
	if w.Header().Get("Cache-Control") != "no-store" && w.Header().Get("Cache-Control") != "private, no-store" || w.Header().Get("Content-Security-Policy") == "" {
		t.Errorf("%s: header %v", what, w.Header())
	}
}

// TestOverload: where strangers ask for more than can be answered they are told at once, in
// the form in which they would have been answered; who signed in, other servers, files and
// who looks after the process do not notice. Where all ask for too much, all are told.
func TestOverload(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Requests = 4; o.RateLimit = false })
	_, token := h.member("telar", "read write")
	ana := h.surfer("ana")
	if w := ana.signIn("ana", "/sign-in"); w.Code != http.StatusSeeOther {
		t.Fatalf("sign-in answers %d", w.Code)
	}
	html := []string{"Accept", "text/html"}
	strangers := func(when string) {
		t.Helper()
		turnedAway(t, when+", a page", h.ask("GET", "/jobs", "", "", html...), "text/html", "Hay demasiadas visitas")
		turnedAway(t, when+", no page", h.ask("GET", "/nothing", "", "", html...), "text/html", "Too many people are asking")
		turnedAway(t, when+", the API", h.ask("GET", "/api/v1/timelines/public", "", "", "Accept", "text/html"), "application/json", `{"error":"`)
		turnedAway(t, when+", a false token", h.ask("GET", "/api/v1/timelines/home", "nonsense", ""), "application/json", `{"error":"`)
		turnedAway(t, when+", a document", h.ask("GET", "/coops/telar", "", "", "Accept", "application/activity+json"), "text/plain", "\n")
		turnedAway(t, when+", WebFinger", h.ask("GET", "/.well-known/webfinger?resource=acct:telar@coop.example", "", ""), "application/json", `{"error":"`)
	}
	well := func(when string) {
		t.Helper()
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/assets/nothing": 404, "/media/nothing": 404} {
			if w := h.ask("GET", path, "", ""); w.Code != want {
				t.Errorf("%s, %s answers %d", when, path, w.Code)
			}
		}
		if w := h.ask("POST", "/inbox", "", "{}"); w.Code == http.StatusServiceUnavailable {
			t.Errorf("%s, the inbox answers %d", when, w.Code)
		}
	}
	members := func(when string, want int) {
		t.Helper()
		if w := ana.open("/desk", nil, html...); w.Code != want && (want != 200 || w.Code >= 400) {
			t.Errorf("%s, a page of who signed in answers %d", when, w.Code)
		}
		if w := h.ask("POST", "/api/v1/statuses", token, `{"status":"`+when+`"}`); w.Code != want {
			t.Errorf("%s, a post of who signed in answers %d: %s", when, w.Code, w.Body)
		}
	}
	gone := crowd(h.server.admission.pages, false)
	strangers("strangers")
	well("strangers")
	members("strangers", 200)
	gone()
	gone = crowd(h.server.admission.pages, true)
	strangers("all")
	well("all")
	members("all", 503)
	gone()
	members("after", 200)
	if w := h.ask("GET", "/jobs", "", "", html...); w.Code != 200 {
		t.Errorf("after it a page answers %d", w.Code)
	}
	gone = crowd(h.server.admission.inbox, true)
	turnedAway(t, "servers", h.ask("POST", "/inbox", "", "{}"), "text/plain", "\n")
	members("servers", 200)
	gone()
	for _, l := range (&Doors{nil, h.server}).Load() {
		if l.Taken+l.Waiting != 0 {
			t.Errorf("at the end %+v", l)
		}
	}
}

// TestWhoSignedInIsKnownAfterARestart: a credential that this process has not seen yet is
// looked up where strangers have no place, and a false one changes nothing.
func TestWhoSignedInIsKnownAfterARestart(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Requests = 4 })
	_, token := h.member("telar", "read write")
	defer crowd(h.server.admission.pages, false)()
	if n := h.server.admission.known.EstimatedSize(); n != 0 {
		t.Fatalf("%d are known at the start", n)
	}
	for what, want := range map[string]int{"nonsense": 503, "": 503, token: 200} {
		if w := h.ask("GET", "/api/v1/timelines/home", what, ""); w.Code != want {
			t.Errorf("token %q answers %d, want %d", what, w.Code, want)
		}
	}
	h.server.admission.looking <- struct{}{} // one is being looked up
	if w := h.ask("GET", "/api/v1/timelines/home", token, ""); w.Code != 200 {
		t.Errorf("who is known by now is answered %d", w.Code)
	}
}

// TestWhoIsNoLongerKnown: a token that ended is a stranger's from then on.
func TestWhoIsNoLongerKnown(t *testing.T) {
	h := newHouse(t, nil)
	a, token := h.member("telar", "read write")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = r
	shown := h.server.gate.Shown(c)
	for _, step := range []struct {
		path  string
		known bool
	}{{"/api/v1/timelines/home", true}, {"/api/v1/timelines/home", false}} {
		if !step.known {
			h.change(func(tx *storage.Tx) error { return tx.RevokeTokensOf(t.Context(), a.ID, time.Now()) })
		}
		h.ask("GET", step.path, token, "")
		if _, known := h.server.admission.known.GetIfPresent(shown); known != step.known || shown == "" || strings.Contains(shown, token) {
			t.Errorf("known: %v, want %v, as %q", known, step.known, shown)
		}
	}
}

// TestAPlaceIsForWork: who waits for the bytes of a client, hands an answer over or keeps a
// stream open has no place.
func TestAPlaceIsForWork(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Requests = 4; o.RateLimit = false })
	pages := h.server.admission.pages
	taken := func() int { return pages.load("").Taken }
	var before, while, after, answered int
	asked := (&Doors{nil, h.server}).Asked
	h.plant(auth.Route{Method: "POST", Path: "/api/test/work", Access: auth.Open, Limit: auth.LimitReads, Body: 100, Handle: func(c *gin.Context) error {
		if before = taken(); !asked() {
			t.Error("nobody seems to wait for an answer")
		}
		if b, err := io.ReadAll(c.Request.Body); err != nil || string(b) != "slow" {
			t.Errorf("read %q, %v", b, err)
		}
		after = taken()
		c.String(http.StatusOK, "here")
		answered = taken()
		return nil
	}})
	r := httptest.NewRequest("POST", "https://coop.example/api/test/work", &slowBody{Reader: strings.NewReader("slow"), look: func() { while = max(while, taken()) }})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != 200 || before != 1 || while != 0 || after != 1 || answered != 0 || taken() != 0 || asked() {
		t.Errorf("%d; places before %d, while the body comes %d, after it %d, once answered %d, at the end %d", w.Code, before, while, after, answered, taken())
	}
}

// slowBody looks each time it is read.
type slowBody struct {
	io.Reader
	look func()
}

// Read implements io.Reader.
func (b *slowBody) Read(into []byte) (int, error) {
	b.look()
	return b.Reader.Read(into)
}
