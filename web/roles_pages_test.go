// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/web/auth"
)

// fill posts a form of a page, with what the page gave.
func (s *surfer) fill(path string, fields url.Values) *httptest.ResponseRecorder {
	s.Helper()
	page := s.open(path, nil)
	if page.Code != http.StatusOK {
		s.Fatalf("%s answers %d", path, page.Code)
	}
	form := url.Values{auth.FormField: {s.found(formToken, page.Body.String())}}
	for name, values := range fields {
		form[name] = values
	}
	return s.open(path, form)
}

// TestAnAppActsForACoop: the person chooses a co-op in which they hold a role, and no
// other; the token acts as it, and the log names the person.
func TestAnAppActsForACoop(t *testing.T) {
	eachHouse(t, nil, func(h *house) {
		telar, _ := h.member("telar", "read")
		candil, _ := h.member("candil", "read")
		ana := h.surfer("ana")
		who, err := h.store.AccountByHandle(h.Context(), "ana", "")
		if err != nil {
			h.Fatal(err)
		}
		h.gives(telar, who, coop.Publisher)
		ana.signIn("ana", "/sign-in")
		app := h.app(back, "read write follow push")
		path := authorizeAt(app, back)
		page := ana.open(path, nil).Body.String()
		if !strings.Contains(page, `value="`+telar.ID.String()+`"`) || strings.Contains(page, candil.ID.String()) || !strings.Contains(page, "publisher") {
			h.Errorf("the choice: %s", page)
		}
		choose := func(as string) *httptest.ResponseRecorder {
			page := ana.open(path, nil).Body.String()
			return ana.open(ana.found(formAction, page), url.Values{"decision": {"allow"}, "as": {as}, auth.FormField: {ana.found(formToken, page)}})
		}
		refused := choose(candil.ID.String())
		for _, as := range []string{candil.ID.String(), never, "x", "-5"} {
			if w := choose(as); w.Code != http.StatusForbidden || len(w.Body.String()) != len(refused.Body.String()) {
				h.Errorf("as %s: %d %s", as, w.Code, w.Header().Get("Location"))
			}
		}
		got := h.exchange(redeemOf(app, back, h.codeOf(choose(telar.ID.String()), back)))
		w := h.ask("POST", "/api/v1/statuses", got.Token, `{"status":"bread"}`)
		var status struct {
			Account     struct{ Acct string }
			Application any
		}
		if _ = json.Unmarshal(w.Body.Bytes(), &status); w.Code != 200 || status.Account.Acct != "telar" || strings.Contains(w.Body.String(), "ana") {
			h.Errorf("posts as %q: %d %s", status.Account.Acct, w.Code, w.Body)
		}
		log := h.log(telar.ID)
		if len(log) != 3 || log[0].Who != "ana" || log[0].Act != "statuses.create" || log[1].Act != "app.allow" || log[1].Who != "ana" {
			h.Errorf("log: %+v", log)
		}
		own := h.exchange(redeemOf(app, back, h.codeOf(choose(who.ID.String()), back)))
		if w := h.ask("GET", "/api/v1/accounts/verify_credentials", own.Token, ""); !strings.Contains(w.Body.String(), `"acct":"ana"`) {
			h.Errorf("as oneself: %s", w.Body)
		}
	})
}

// TestPagesOfRoles: a steward gives, takes and reads the log; the last one stays;
// others get the answer of a co-op that is not there; an old proof is asked for again.
func TestPagesOfRoles(t *testing.T) {
	later := time.Duration(0)
	h := newHouse(t, func(o *Options) {
		o.RateLimit = false
		o.Now = func() time.Time { return time.Now().Add(later) }
	})
	telar, _ := h.member("telar", "read")
	h.person("bruno")
	steward, other := h.surfer("ana"), h.surfer("eva")
	ana, err := h.store.AccountByHandle(t.Context(), "ana", "")
	if err != nil {
		t.Fatal(err)
	}
	h.gives(telar, ana, coop.Steward)
	steward.signIn("ana", "/sign-in")
	other.signIn("eva", "/sign-in")

	const path = "/settings/co-ops/telar"
	page := other.open(path, nil)
	if none := other.open("/settings/co-ops/nothing", nil); page.Code != 403 || none.Code != 403 {
		t.Errorf("somebody else: %d, of nothing %d", page.Code, none.Code)
	}
	if w := other.open(path+"/log", nil); w.Code != 403 {
		t.Errorf("the log to somebody else: %d", w.Code)
	}
	for name, tt := range map[string]struct {
		form url.Values
		code int
		says string
	}{
		"somebody new":            {url.Values{"act": {"add"}, "person": {" @bruno@coop.example "}, "role": {"hirer", "publisher"}}, 303, ""},
		"nobody":                  {url.Values{"act": {"add"}, "person": {"zoe"}, "role": {"hirer"}}, 422, "There is nobody of that name"},
		"no role":                 {url.Values{"act": {"add"}, "person": {"bruno"}}, 422, "Choose at least one role"},
		"the last steward":        {url.Values{"person": {"ana"}, "role": {"publisher"}}, 422, "at least one steward"},
		"a role that there isn't": {url.Values{"person": {"bruno"}, "role": {"king"}}, 422, ""},
	} {
		w := steward.fill(path, tt.form)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.says) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if page := steward.open(path, nil).Body.String(); !strings.Contains(page, "bruno") || strings.Count(page, `value="hirer" checked`) != 1 {
		t.Errorf("the page: %s", page)
	}
	if w := steward.fill(path, url.Values{"person": {"bruno"}}); w.Code != 303 {
		t.Errorf("take all: %d %s", w.Code, w.Body)
	}
	log := steward.open(path+"/log", nil).Body.String()
	for _, want := range []string{"@ana", "gave the role hirer", "took away the role publisher", "the server&#39;s command line", "@bruno"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q: %s", want, log)
		}
	}
	if w := steward.fill("/settings/co-ops", url.Values{"id": {telar.ID.String()}}); w.Code != 409 || !strings.Contains(w.Body.String(), "you are the last") {
		t.Errorf("the last steward leaves: %d %s", w.Code, w.Body)
	}
	if w := other.send("/settings/security", "/settings/co-ops", "id", telar.ID.String()); w.Code != 403 {
		t.Errorf("who holds no role leaves: %d", w.Code)
	}
	later = coop.ProofLife + time.Minute
	if w := steward.open(path, nil); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/settings/confirm?") {
		t.Errorf("an old proof: %d %s", w.Code, w.Header().Get("Location"))
	}
}
