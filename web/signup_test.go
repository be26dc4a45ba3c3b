// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/outbox/mail/mailtest"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
)

// lobby is an instance where people make accounts for themselves, and the mails that it
// sent.
type lobby struct {
	*house
	sink *mailtest.Sink
	app  string // the token of an app alone
}

// eachLobby runs a story on both databases.
func eachLobby(t *testing.T, who coop.Registrations, limits bool, story func(l *lobby)) {
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		sink := mailtest.Open(t, mailtest.Manner{})
		server := &mail.Server{Host: "127.0.0.1", Port: sink.Port, Security: mail.Plain, From: mail.Sender{Address: "minga@coop.example"}, Now: time.Now, Patience: time.Second}
		h := newHouseOn(t, s, func(o *Options) { o.Registrations, o.RateLimit = who, limits }, func(o *outbox.Options) { o.Mail = server })
		story(&lobby{house: h, sink: sink, app: h.appAlone("read write")})
	})
}

// appAlone is a token of an app that acts for nobody.
func (h *house) appAlone(scopes string) string {
	h.Helper()
	text, hash := auth.NewSecret()
	app := &coop.App{ClientID: "client-of-the-lobby-" + text[:10], Secret: hash, Name: "lobby", Redirects: []string{coop.OutOfBand}, Scopes: strings.Fields(scopes)}
	err := h.store.Write(h.Context(), func(tx *storage.Tx) error {
		if err := tx.AddApp(h.Context(), app); err != nil {
			return err
		}
		return tx.AddToken(h.Context(), &coop.Token{Hash: hash, AppID: app.ID, Scopes: app.Scopes, App: app.Name})
	})
	if err != nil {
		h.Fatal(err)
	}
	return text
}

// wish is a body of a sign-up with something changed.
func wish(changes ...any) string {
	body := map[string]any{"username": "nova", "email": "nova@mail.example", "password": "three loose words", "agreement": true, "locale": "es"}
	for i := 0; i+1 < len(changes); i += 2 {
		body[changes[i].(string)] = changes[i+1]
	}
	text, _ := json.Marshal(body)
	return string(text)
}

// signUp asks for an account and gives the token.
func (l *lobby) signUp(body string) string {
	l.Helper()
	answer := l.ask("POST", "/api/v1/accounts", l.app, body)
	var token struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		Scope       string `json:"scope"`
		CreatedAt   int64  `json:"created_at"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &token); err != nil || answer.Code != 200 || token.TokenType != "Bearer" || token.Scope != "read write" || token.CreatedAt == 0 {
		l.Fatalf("sign-up answers %d: %s", answer.Code, answer.Body)
	}
	return token.AccessToken
}

// mailed sends what waits and gives the newest mail.
func (l *lobby) mailed() mailtest.Mail {
	l.Helper()
	for {
		did, err := l.outbox.StepMail(l.Context())
		if err != nil {
			l.Fatal(err)
		}
		if !did {
			break
		}
	}
	mails := l.sink.Mails()
	if len(mails) == 0 {
		l.Fatal("no mail was sent")
	}
	return mails[len(mails)-1]
}

// confirm presses the button of the page that a mail leads to.
func (l *lobby) confirm(m mailtest.Mail) *httptest.ResponseRecorder {
	l.Helper()
	path, ours := strings.CutPrefix(m.Link(), "https://coop.example")
	if !ours || !strings.HasPrefix(path, "/confirm/") {
		l.Fatalf("the mail leads to %s", m.Link())
	}
	s := &surfer{l.house, map[string]string{}}
	page := s.open(path, nil)
	if page.Code != 200 {
		l.Fatalf("the page answers %d: %s", page.Code, page.Body)
	}
	return s.open(path, url.Values{"form_token": {s.found(formToken, page.Body.String())}})
}

// said is the error of an answer.
func said(answer *httptest.ResponseRecorder) string {
	var body struct{ Error string }
	_ = json.Unmarshal(answer.Body.Bytes(), &body)
	return body.Error
}

func TestSignUpMakesAnAccountOnceTheAddressIsConfirmed(t *testing.T) {
	eachLobby(t, coop.RegistrationsOpen, true, func(l *lobby) {
		token := l.signUp(wish())
		for path, want := range map[string]int{"/api/v1/accounts/verify_credentials": 403, "/api/v1/timelines/home": 403, "/api/v1/apps/verify_credentials": 200} {
			if answer := l.ask("GET", path, token, ""); answer.Code != want || want == 403 && said(answer) != "Your login is missing a confirmed e-mail address" {
				l.Errorf("%s answers %d before the address is confirmed: %s", path, answer.Code, answer.Body)
			}
		}
		for _, path := range []string{"/api/v1/accounts/lookup?acct=nova", "/.well-known/webfinger?resource=acct:nova@coop.example", "/@nova"} {
			if answer := l.ask("GET", path, "", ""); answer.Code != 404 {
				l.Errorf("%s answers %d before there is an account", path, answer.Code)
			}
		}
		if answer := l.ask("GET", "/api/v1/emails/check_confirmation", token, ""); answer.Body.String() != "false" {
			l.Errorf("confirmed? %d %s", answer.Code, answer.Body)
		}
		m := l.mailed()
		if m.To != "nova@mail.example" || !strings.Contains(m.Subject, "Confirma tu dirección") {
			l.Errorf("the mail is %+v", m)
		}
		if page := l.confirm(m); page.Code != 200 || !strings.Contains(page.Body.String(), "nova@coop.example") {
			l.Errorf("confirmed: %d %s", page.Code, page.Body)
		}
		answer := l.ask("GET", "/api/v1/accounts/verify_credentials", token, "")
		var who struct{ Username, Acct string }
		if err := json.Unmarshal(answer.Body.Bytes(), &who); err != nil || answer.Code != 200 || who.Username != "nova" {
			l.Errorf("after it is confirmed: %d %s", answer.Code, answer.Body)
		}
		if answer := l.ask("GET", "/api/v1/emails/check_confirmation", token, ""); answer.Body.String() != "true" {
			l.Errorf("confirmed? %d %s", answer.Code, answer.Body)
		}
		s := &surfer{l.house, map[string]string{}}
		if again := s.open(strings.TrimPrefix(m.Link(), "https://coop.example"), nil); again.Code != 404 {
			l.Errorf("the link works twice: %d", again.Code)
		}
		form := s.found(formToken, s.open("/sign-in", nil).Body.String())
		if in := s.open("/sign-in", url.Values{"form_token": {form}, "login": {"nova@mail.example"}, "password": {"three loose words"}}); in.Code != 303 {
			l.Errorf("signing in answers %d: %s", in.Code, in.Body)
		}
	})
}

func TestSignUpSaysWhatIsWrong(t *testing.T) {
	eachLobby(t, coop.RegistrationsOpen, false, func(l *lobby) {
		l.person("ana")
		l.signUp(wish("username", "kept", "email", "kept@mail.example"))
		for _, tt := range []struct {
			body, field, code string
		}{
			{wish("username", ""), "username", "ERR_BLANK"},
			{wish("username", "no good"), "username", "ERR_INVALID"},
			{wish("username", strings.Repeat("a", 31)), "username", "ERR_TOO_LONG"},
			{wish("username", "jobs"), "username", "ERR_RESERVED"},
			{wish("username", "topic-x"), "username", "ERR_RESERVED"},
			{wish("username", "minga"), "username", "ERR_RESERVED"},
			{wish("username", "ANA"), "username", "ERR_TAKEN"},
			{wish("username", "kept"), "username", "ERR_TAKEN"},
			{wish("email", ""), "email", "ERR_BLANK"},
			{wish("email", "a@b@c.example"), "email", "ERR_INVALID"},
			{wish("password", ""), "password", "ERR_BLANK"},
			{wish("password", "short"), "password", "ERR_TOO_SHORT"},
			{wish("password", strings.Repeat("long", 100)), "password", "ERR_TOO_LONG"},
			{wish("password", "password1"), "password", "ERR_INVALID"},
			{wish("agreement", false), "agreement", "ERR_ACCEPTED"},
			{wish("reason", strings.Repeat("x", 501)), "reason", "ERR_TOO_LONG"},
		} {
			answer := l.ask("POST", "/api/v1/accounts", l.app, tt.body)
			var body struct {
				Error   string
				Details map[string][]struct{ Error, Description string }
			}
			err := json.Unmarshal(answer.Body.Bytes(), &body)
			if err != nil || answer.Code != 422 || body.Error == "" || len(body.Details) != 1 || len(body.Details[tt.field]) != 1 || body.Details[tt.field][0].Error != tt.code || body.Details[tt.field][0].Description == "" {
				l.Errorf("%s: %d %s, want %s %s", tt.body, answer.Code, answer.Body, tt.field, tt.code)
			}
		}
		all := l.ask("POST", "/api/v1/accounts", l.app, `{}`)
		for _, field := range []string{"username", "email", "password", "agreement"} {
			if !strings.Contains(all.Body.String(), `"`+field+`"`) {
				l.Errorf("nothing is said of %s: %s", field, all.Body)
			}
		}
	})
}

// TestSignUpTellsNobodyWhoHasAnAccount: an address that has one gets the same answer,
// and only the mail tells; who signs up with another's address gets nothing.
func TestSignUpTellsNobodyWhoHasAnAccount(t *testing.T) {
	eachLobby(t, coop.RegistrationsOpen, false, func(l *lobby) {
		l.person("ana")
		known, free := l.ask("POST", "/api/v1/accounts", l.app, wish("username", "nova", "email", "ANA@mail.example")), l.ask("POST", "/api/v1/accounts", l.app, wish("username", "nuria", "email", "nuria@mail.example"))
		if known.Code != 200 || free.Code != 200 || headersOf(known) != headersOf(free) {
			l.Errorf("known: %d %s %s, free: %d %s %s", known.Code, known.Body, headersOf(known), free.Code, free.Body, headersOf(free))
		}
		l.mailed()
		mails := l.sink.Mails()
		i := slices.IndexFunc(mails, func(m mailtest.Mail) bool { return strings.EqualFold(m.To, "ana@mail.example") })
		if i < 0 || !strings.Contains(mails[i].Subject, "You have an account") || !strings.Contains(mails[i].Body, "ana@coop.example") || mails[i].Link() != "https://coop.example/sign-in" {
			l.Errorf("who has an account is told: %+v", mails)
		}
		// Two who ask with one address: the first who confirms has it.
		one, two := l.signUp(wish("username", "uno", "email", "same@mail.example")), l.signUp(wish("username", "dos", "email", "same@mail.example"))
		l.mailed()
		mails = slices.DeleteFunc(l.sink.Mails(), func(m mailtest.Mail) bool { return m.To != "same@mail.example" })
		if len(mails) != 2 {
			l.Fatalf("%d mails", len(mails))
		}
		first, second := l.confirm(mails[0]), l.confirm(mails[1])
		if first.Code != 200 || second.Code != 404 {
			l.Errorf("the first gets %d, the second %d", first.Code, second.Code)
		}
		codes := []int{l.ask("GET", "/api/v1/accounts/verify_credentials", one, "").Code, l.ask("GET", "/api/v1/accounts/verify_credentials", two, "").Code}
		slices.Sort(codes)
		if !slices.Equal(codes, []int{200, 403}) {
			l.Errorf("of two with one address %v", codes)
		}
	})
}

func TestSignUpThatTheStaffDecide(t *testing.T) {
	eachLobby(t, coop.RegistrationsAsk, false, func(l *lobby) {
		if answer := l.ask("POST", "/api/v1/accounts", l.app, wish()); answer.Code != 422 || !strings.Contains(answer.Body.String(), `"reason":[{"error":"ERR_BLANK"`) {
			l.Errorf("without a word: %d %s", answer.Code, answer.Body)
		}
		token := l.signUp(wish("reason", "I bake at Telar."))
		other := l.signUp(wish("username", "otra", "email", "otra@mail.example", "reason", "Spam."))
		if page := l.confirm(l.first("nova@mail.example")); page.Code != 200 || !strings.Contains(page.Body.String(), "decide") {
			l.Errorf("confirmed: %d %s", page.Code, page.Body)
		}
		if answer := l.ask("GET", "/api/v1/timelines/home", token, ""); answer.Code != 403 || said(answer) != "Your login is currently pending approval" {
			l.Errorf("before it is approved: %d %s", answer.Code, answer.Body)
		}
		list, err := l.store.SignUps(l.Context(), coop.Page{Limit: 10})
		if err != nil || len(list) != 2 || list[1].Reason != "I bake at Telar." || list[1].ConfirmedAt.IsZero() || !list[0].ConfirmedAt.IsZero() {
			l.Fatalf("waiting: %+v %v", list, err)
		}
		if a, err := l.outbox.ApproveSignUp(l.Context(), list[1], "test"); err != nil || a == nil || a.Name != "nova" {
			l.Fatalf("approved: %+v %v", a, err)
		}
		if m := l.mailed(); m.To != "nova@mail.example" || !strings.Contains(m.Subject, "lista") {
			l.Errorf("the mail is %+v", m)
		}
		if answer := l.ask("GET", "/api/v1/timelines/home", token, ""); answer.Code != 200 {
			l.Errorf("after it is approved: %d %s", answer.Code, answer.Body)
		}
		if err := l.outbox.RefuseSignUp(l.Context(), list[0], "test"); err != nil {
			l.Fatal(err)
		}
		if answer := l.ask("GET", "/api/v1/timelines/home", other, ""); answer.Code != 401 {
			l.Errorf("after it is refused: %d %s", answer.Code, answer.Body)
		}
		if free, err := l.store.NameFree(l.Context(), "otra"); err != nil || !free {
			l.Errorf("a refused name is kept: %v", err)
		}
	})
}

// first is the first mail to an address.
func (l *lobby) first(to string) mailtest.Mail {
	l.Helper()
	l.mailed()
	for _, m := range l.sink.Mails() {
		if m.To == to {
			return m
		}
	}
	l.Fatalf("no mail to %s", to)
	return mailtest.Mail{}
}

func TestAConfirmationIsSentAgain(t *testing.T) {
	eachLobby(t, coop.RegistrationsOpen, false, func(l *lobby) {
		token := l.signUp(wish("email", "wrnog@mail.example"))
		old := l.mailed()
		if answer := l.ask("POST", "/api/v1/emails/confirmations", token, `{"email":"right@mail.example"}`); answer.Code != 200 || strings.TrimSpace(answer.Body.String()) != "{}" {
			l.Fatalf("again: %d %s", answer.Code, answer.Body)
		}
		m := l.mailed()
		if m.To != "right@mail.example" {
			l.Errorf("the mail is %+v", m)
		}
		s := &surfer{l.house, map[string]string{}}
		if page := s.open(strings.TrimPrefix(old.Link(), "https://coop.example"), nil); page.Code != 404 {
			l.Errorf("the link to the wrong address answers %d", page.Code)
		}
		l.confirm(m)
		if answer := l.ask("POST", "/api/v1/emails/confirmations", token, ""); answer.Code != 403 || !strings.Contains(said(answer), "awaiting confirmation") {
			l.Errorf("once confirmed: %d %s", answer.Code, answer.Body)
		}
		if a, err := l.store.AccountByHandle(l.Context(), "nova", ""); err != nil || a.Email != "right@mail.example" {
			l.Errorf("the account: %+v %v", a, err)
		}
	})
}

// TestSignUpHasItsLimits: five in half an hour for an address, and none where nobody
// signs up, with a token of a person or without one.
func TestSignUpHasItsLimits(t *testing.T) {
	eachLobby(t, coop.RegistrationsOpen, true, func(l *lobby) {
		for i := range 6 {
			body := wish("username", "nova"+string(rune('a'+i)), "email", "n"+string(rune('a'+i))+"@mail.example")
			if answer := l.ask("POST", "/api/v1/accounts", l.app, body); (answer.Code == 200) != (i < 5) || i == 5 && (answer.Code != 429 || answer.Header().Get("Retry-After") == "") {
				l.Errorf("number %d: %d %s", i+1, answer.Code, answer.Body)
			}
		}
	})
	eachLobby(t, coop.RegistrationsClosed, false, func(l *lobby) {
		token := l.token(l.person("ana"), "read write")
		for who, want := range map[string]int{"": 401, l.app: 403, token: 403} {
			if answer := l.ask("POST", "/api/v1/accounts", who, wish()); answer.Code != want {
				l.Errorf("closed: %d %s, want %d", answer.Code, answer.Body, want)
			}
		}
		if answer := l.ask("GET", "/sign-up", "", ""); answer.Code != 404 {
			l.Errorf("the page answers %d", answer.Code)
		}
	})
}

// TestTheInstanceSaysWhoMaySignUp in both shapes.
func TestTheInstanceSaysWhoMaySignUp(t *testing.T) {
	for who, want := range map[coop.Registrations][3]string{
		coop.RegistrationsClosed: {`"registrations":{"approval_required":true,"enabled":false`, `"registrations":false`, `"openRegistrations":false`},
		coop.RegistrationsInvite: {`"registrations":{"approval_required":false,"enabled":false,"message":null,"min_age":null,"reason_required":false,"url":null}`, `"invites_enabled":true`, `"openRegistrations":false`},
		coop.RegistrationsAsk:    {`"registrations":{"approval_required":true,"enabled":true,"message":null,"min_age":null,"reason_required":true,"url":"https://coop.example/sign-up"}`, `"registrations":true`, `"openRegistrations":true`},
		coop.RegistrationsOpen:   {`"registrations":{"approval_required":false,"enabled":true`, `"approval_required":false`, `"openRegistrations":true`},
	} {
		server := &mail.Server{Host: "127.0.0.1", Port: 1, Security: mail.Plain, From: mail.Sender{Address: "minga@coop.example"}, Now: time.Now}
		h := newHouseOn(t, storagetest.Open(t), func(o *Options) { o.Registrations = who }, func(o *outbox.Options) { o.Mail = server })
		for i, path := range []string{"/api/v2/instance", "/api/v1/instance", "/nodeinfo/2.1"} {
			if body := h.ask("GET", path, "", "").Body.String(); !strings.Contains(body, want[i]) {
				t.Errorf("%s: %s lacks %s", who, path, want[i])
			}
		}
	}
}

// TestSignUpByThePage in each language, as far as the words go.
func TestSignUpByThePage(t *testing.T) {
	eachLobby(t, coop.RegistrationsAsk, false, func(l *lobby) {
		s := &surfer{l.house, map[string]string{}}
		for _, lang := range []string{"es", "en", "ca", "it", "pt"} {
			if page := s.open("/sign-up?lang="+lang, nil); page.Code != 200 || !strings.Contains(page.Body.String(), `<html lang="`+lang) {
				l.Errorf("%s: %d", lang, page.Code)
			}
		}
		page := s.open("/sign-up?lang=en", nil).Body.String()
		form := url.Values{"form_token": {s.found(formToken, page)}, "name": {"nova"}, "email": {"nova@mail.example"}, "password": {"three loose words"}}
		if bad := s.open("/sign-up", form); bad.Code != 422 || !strings.Contains(bad.Body.String(), `id="agreement-problem"`) || !strings.Contains(bad.Body.String(), `id="reason-problem"`) || strings.Contains(bad.Body.String(), "three loose words") {
			l.Errorf("without a yes: %d %s", bad.Code, bad.Body)
		}
		form.Set("agreement", "1")
		form.Set("reason", "I bake.")
		if good := s.open("/sign-up", form); good.Code != 200 || !strings.Contains(good.Body.String(), "A mail is on its way") {
			l.Fatalf("answers %d: %s", good.Code, good.Body)
		}
		if page := l.confirm(l.mailed()); page.Code != 200 {
			l.Errorf("confirmed: %d", page.Code)
		}
		w, err := l.store.SignUpByName(l.Context(), "NOVA")
		if err != nil || w.Reason != "I bake." || w.Ready() {
			l.Errorf("waiting: %+v %v", w, err)
		}
	})
}
