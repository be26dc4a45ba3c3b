// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// needs publishes a request of the federation.
func (h *house) needs() *coop.Post {
	h.Helper()
	red, err := h.store.FederationAccount(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	p := &coop.Post{Language: "en", Request: &coop.Request{
		Title: "Booking site", Markdown: map[string]string{"en": "A booking site for fourteen rural clinics, with an app."}, RespondBy: time.Now().Add(14 * 24 * time.Hour),
		Slots: []coop.Slot{
			{Key: "backend", Name: "Backend", Hours: 220, Required: true, Rate: &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(62)}},
			{Key: "ops", Name: "Operations", Hours: 40},
		},
	}}
	if err := h.outbox.PublishRequest(h.Context(), red, p, nil); err != nil {
		h.Fatal(err)
	}
	return p
}

// TestPagesOfOffers: a delegate offers, a coordinator compares and accepts, and each sees
// what is theirs; what is wrong is said at its field, with what was typed; every act is in
// the log of its side with the person.
func TestPagesOfOffers(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, _ := h.member("telar", "read")
	redjar, _ := h.member("redjar", "read")
	request := h.needs()
	red := request.Author
	people := map[string]*surfer{}
	for name, holds := range map[string]struct {
		in   *coop.Account
		role coop.Role
	}{"ana": {telar, coop.Delegate}, "bruno": {red, coop.Coordinator}, "carla": {redjar, coop.Delegate}, "olga": {telar, coop.Observer}, "nadie": {}} {
		people[name] = h.surfer(name)
		if holds.in != nil {
			who, err := h.store.AccountByHandle(h.Context(), name, "")
			if err != nil {
				t.Fatal(err)
			}
			h.gives(holds.in, who, holds.role)
		}
		people[name].signIn(name, "/sign-in")
	}
	path := "/requests/" + request.ID.String()
	for name, want := range map[string]int{"ana": 200, "carla": 200, "olga": 403, "nadie": 403} {
		if got := people[name].open(path+"/offer", nil).Code; got != want {
			t.Errorf("%s gets the form: %d, want %d", name, got, want)
		}
	}
	bad := people["ana"].fill(path+"/offer", url.Values{"slot": {"backend"}, "hours": {"221"}, "note": {"Two <b>of us</b>"}})
	if page := bad.Body.String(); bad.Code != 422 || !strings.Contains(page, "220 hours") || !strings.Contains(page, "Two &lt;b&gt;of us") || !strings.Contains(page, `id="hours-problem"`) {
		t.Errorf("too many hours: %d %s", bad.Code, page)
	}
	for name, form := range map[string]url.Values{
		"hours-problem":     {"slot": {"backend"}, "hours": {"many"}},
		"rate-problem":      {"slot": {"ops"}, "hours": {"4"}, "rate": {"1e999999999"}},
		"slot-problem":      {"slot": {"cook"}, "hours": {"4"}},
		"ends_at-problem":   {"slot": {"ops"}, "hours": {"4"}, "ends_at": {"2020-01-01"}},
		"starts_on-problem": {"slot": {"ops"}, "hours": {"4"}, "starts_on": {"soon"}},
		"note-problem":      {"slot": {"ops"}, "hours": {"4"}, "note": {strings.Repeat("x", 2001)}},
	} {
		if w := people["ana"].fill(path+"/offer", form); w.Code != 422 || !strings.Contains(w.Body.String(), `id="`+name+`"`) {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	sent := people["ana"].fill(path+"/offer", url.Values{"slot": {"backend"}, "hours": {"160"}, "note": {"From the loom"}})
	at, _, _ := strings.Cut(sent.Header().Get("Location"), "?")
	if sent.Code != http.StatusSeeOther || !strings.HasPrefix(at, "/offers/") {
		t.Fatalf("sent: %d to %q: %s", sent.Code, at, sent.Body)
	}
	if w := people["carla"].fill(path+"/offer", url.Values{"slot": {"ops"}, "hours": {"40"}, "rate": {"55,50"}, "note": {"From the jar"}}); w.Code != http.StatusSeeOther {
		t.Errorf("another: %d %s", w.Code, w.Body)
	}
	for name, sees := range map[string][2]bool{"ana": {true, false}, "carla": {false, true}, "olga": {true, false}, "bruno": {true, true}} {
		page := people[name].open(path+"/room", nil).Body.String()
		annex := people[name].open(path+"/annex.json", nil).Body.String()
		for i, word := range []string{"From the loom", "From the jar"} {
			if strings.Contains(page, word) != sees[i] || strings.Contains(annex, word) != sees[i] {
				t.Errorf("%s reads %q in the room: %v, in the record: %v", name, word, strings.Contains(page, word), strings.Contains(annex, word))
			}
		}
		if strings.Contains(page, "160 offered") != (name == "bruno") {
			t.Errorf("%s reads the meter in %s", name, page)
		}
	}
	for name, want := range map[string]int{"ana": 200, "olga": 200, "bruno": 200, "carla": 404, "nadie": 403} {
		if got := people[name].open(at, nil).Code; got != want {
			t.Errorf("%s gets the offer: %d, want %d", name, got, want)
		}
	}
	h.stepsOfOffers(people, at)
	for account, want := range map[coop.ID]string{red.ID: "offers.accept offers.accept", telar.ID: "offers.release requests.offer"} {
		var acts []string
		for _, e := range h.log(account) {
			if strings.Contains(e.Act, "offer") {
				acts = append(acts, e.Act)
			}
		}
		if got := strings.Join(acts, " "); got != want {
			t.Errorf("the log has %q, want %q", got, want)
		}
	}
}

// stepsOfOffers: who may does the step, others do not.
func (h *house) stepsOfOffers(people map[string]*surfer, at string) {
	t := h.T
	step := func(name, step string, form url.Values) int {
		page := people[name].open(at, nil)
		if form == nil {
			form = url.Values{}
		}
		if page.Code == 200 && strings.Contains(page.Body.String(), "form_token") {
			form.Set("form_token", people[name].found(formToken, page.Body.String()))
		}
		return people[name].open(at+"/"+step, form).Code
	}
	for _, tt := range []struct {
		name, step string
		form       url.Values
		want       int
	}{
		{"ana", "accept", nil, 403},
		{"olga", "withdraw", nil, 403},
		{"bruno", "decline", nil, 422}, // without a reason
		{"bruno", "eat", nil, 404},
		{"bruno", "accept", nil, 303},
		{"bruno", "accept", nil, 303}, // twice is once
		{"bruno", "decline", url.Values{"reason": {""}}, 422},
		{"ana", "release", url.Values{"reason": {"We are ill"}}, 303},
		{"ana", "release", url.Values{"reason": {"We are ill"}}, 422},
	} {
		if got := step(tt.name, tt.step, tt.form); got != tt.want {
			t.Errorf("%s: %s answers %d, want %d", tt.name, tt.step, got, tt.want)
		}
	}
	page := people["bruno"].open(at, nil).Body.String()
	for _, want := range []string{"We are ill", "released", "DataIntegrityProof", "Agreement", "Taken back or ended"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the offer has no %q", want)
		}
	}
}
