// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/outbox/mail/mailtest"
	"minga/storage"
	"minga/web/auth"
)

// withMail gives the world a mail server.
func (w *world) withMail() *mailtest.Sink {
	w.t.Helper()
	sink := mailtest.Open(w.t, mailtest.Manner{})
	var err error
	w.Outbox, err = outbox.New(outbox.Options{
		Store: w.Store, Now: w.Now, Local: outbox.Local{Scheme: "https", Host: host},
		Mail: &mail.Server{Host: "127.0.0.1", Port: sink.Port, Security: mail.Plain, From: mail.Sender{Address: "minga@" + host}, Now: w.Now, Patience: 10 * time.Second},
	})
	w.must(err)
	return sink
}

// post sends what waits and gives the last mail.
func (w *world) post(sink *mailtest.Sink) mailtest.Mail {
	w.t.Helper()
	for {
		did, err := w.Outbox.StepMail(w.t.Context())
		w.must(err)
		if !did {
			break
		}
	}
	mails := sink.Mails()
	if len(mails) == 0 {
		w.t.Fatal("no mail came")
	}
	return mails[len(mails)-1]
}

// fill sends the form of a page that has a field.
func (b *browser) fill(path, field string, values url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	page := b.do(path, nil)
	if page.Code != http.StatusOK {
		b.t.Fatalf("%s answers %d: %s", path, page.Code, page.Body)
	}
	form := hidden(b.t, page.Body.String(), field)
	for name, list := range values {
		form[name] = list
	}
	return b.do(path, form)
}

func TestANewPasswordByMail(t *testing.T) {
	w := newWorld(t)
	sink := w.withMail()
	ana, b, other := w.ana(), w.browser(), w.browser()
	token := w.grant(ana, "app", "read")
	if other.signIn("ana", password, ""); other.cookies[sessionName] == "" {
		t.Fatal("not signed in")
	}
	if answer := b.fill("/reset", "email", url.Values{"email": {"ana@MAIL.example"}}); answer.Code != 200 || !strings.Contains(answer.Body.String(), "on its way") {
		t.Fatalf("asked for: %d %s", answer.Code, answer.Body)
	}
	letter := w.post(sink)
	path, ok := strings.CutPrefix(letter.Link(), "https://"+host)
	if !ok || letter.To != "Ana@mail.example" || !strings.Contains(letter.Subject, "Una contraseña nueva para ana@") {
		t.Fatalf("the mail is %+v", letter)
	}
	for wish, want := range map[string]int{"short": 422, "password1": 422, strings.Repeat("x", 10_000): 422, strings.Repeat("ab", 65): 422, "ana": 422} {
		if answer := b.fill(path, "password", url.Values{"password": {wish}}); answer.Code != want {
			t.Errorf("%.20q answers %d, want %d", wish, answer.Code, want)
		}
	}
	if !w.lives(token) {
		t.Error("a password that was refused ends tokens")
	}
	if answer := b.fill(path, "password", url.Values{"password": {"four other loose words"}}); answer.Code != 200 {
		t.Fatalf("chosen: %d %s", answer.Code, answer.Body)
	}
	if w.lives(token) || other.do(securityPath, nil).Code != http.StatusSeeOther {
		t.Error("what the old password let in is still in")
	}
	if again := b.do(path, nil); again.Code != 404 {
		t.Errorf("used twice answers %d", again.Code)
	}
	if letter := w.post(sink); letter.Subject != "Cambió la contraseña de ana@"+host {
		t.Errorf("Ana is not told: %+v", letter)
	}
	if b.signIn("ana", password, ""); b.cookies[sessionName] != "" {
		t.Error("the old password still fits")
	}
	if b.signIn("ana", "four other loose words", ""); b.cookies[sessionName] == "" {
		t.Error("the new password does not fit")
	}
	entries, err := w.Store.Audit(t.Context(), storage.AuditQuery{}, coop.Page{Limit: 1})
	w.must(err)
	if entries[0].Act != "security.reset" || entries[0].Who != "ana" {
		t.Errorf("the audit log says %+v", entries[0])
	}
}

func TestKnownAndUnknownAddressesGetTheSame(t *testing.T) {
	w := newWorld(t)
	sink := w.withMail()
	w.ana()
	b := w.browser()
	form := hidden(t, b.do("/reset", nil).Body.String(), "email")
	var answers []*httptest.ResponseRecorder
	for _, email := range []string{"ana@mail.example", "nobody@mail.example"} {
		form.Set("email", email)
		answers = append(answers, b.do("/reset", form))
	}
	known, unknown := answers[0], answers[1]
	if known.Code != 200 || unknown.Code != 200 || known.Body.String() != unknown.Body.String() {
		t.Errorf("%d %s\n%d %s", known.Code, known.Body, unknown.Code, unknown.Body)
	}
	stats, err := w.Store.TaskStats(t.Context())
	w.must(err)
	if len(stats) != 1 || stats[0].Waiting != 2 {
		t.Errorf("waiting: %+v; both should be the same work", stats)
	}
	if w.post(sink); len(sink.Mails()) != 1 {
		t.Errorf("%d mails were sent", len(sink.Mails()))
	}
}

func TestWhoMayAskForAPassword(t *testing.T) {
	w := newWorld(t)
	w.ana()
	if page := w.browser().do("/reset", nil); page.Code != 200 || !strings.Contains(page.Body.String(), "sends no mail") {
		t.Errorf("without a mail server: %d %s", page.Code, page.Body)
	}
	w.withMail()
	b := w.browser()
	form := hidden(t, b.do("/reset", nil).Body.String(), "email")
	for _, email := range []string{"", "ana", "a%b@mail.example", "a@b@mail.example", "x@[10.0.0.1]", `"a"@mail.example`, "a@mail.example\r\nBcc: b@mail.example", strings.Repeat("a", 300) + "@mail.example"} {
		form.Set("email", email)
		if answer := b.do("/reset", form); answer.Code != 422 || strings.Contains(answer.Body.String(), "on its way") {
			t.Errorf("%.40q answers %d", email, answer.Code)
		}
	}
	form.Set("email", "ana@mail.example")
	if answer := b.do("/reset", form, "Sec-Fetch-Site", "cross-site"); answer.Code != 403 {
		t.Errorf("the form of another site answers %d", answer.Code)
	}
	if answer := w.browser().do("/reset", form); answer.Code != 403 {
		t.Errorf("the form of another browser answers %d", answer.Code)
	}
	w.Admit = func(limit auth.Limit, who string) error {
		if limit == auth.LimitMail && who == "reset ana@mail.example" {
			return &coop.BusyError{After: time.Minute, Limit: true}
		}
		return nil
	}
	form.Set("email", "ANA@mail.example")
	if answer := b.do("/reset", form); answer.Code != 429 {
		t.Errorf("the sixth mail to one address answers %d", answer.Code)
	}
}

func TestLinksThatDoNotWorkLookAlike(t *testing.T) {
	w := newWorld(t)
	ana := w.ana()
	b := w.browser()
	b.do("/reset", nil) // so that the cookie for forms is there
	address, err := w.Outbox.NewReset(t.Context(), ana)
	w.must(err)
	path := strings.TrimPrefix(address, "https://"+host)
	if page := b.do(path, nil); page.Code != 200 || !strings.Contains(page.Header().Get("Cache-Control"), "no-store") || !strings.Contains(page.Body.String(), "noindex") {
		t.Errorf("the link answers %d %v", page.Code, page.Header())
	}
	w.clock.Advance(coop.ResetLife)
	never := b.do("/reset/"+strings.Repeat("A", 26), nil)
	for what, path := range map[string]string{"an old one": path, "an invitation": "/invite/" + strings.Repeat("A", 26), "one of another kind": "/invite/" + strings.TrimPrefix(path, "/reset/")} {
		strip := func(page string) string { return strings.ReplaceAll(page, "/invite/", "/reset/") }
		if page := b.do(path, nil); page.Code != 404 || len(strip(page.Body.String())) == 0 || !strings.Contains(page.Body.String(), "This link has ended") {
			t.Errorf("%s answers %d: %s", what, page.Code, page.Body)
		}
	}
	if old := b.do(path, nil); len(old.Body.String()) != len(never.Body.String()) {
		t.Errorf("an old link and none differ:\n%s\n%s", old.Body, never.Body)
	}
}

func TestTwoWhoComeWithOneLink(t *testing.T) {
	w := newWorld(t)
	address, err := w.Outbox.NewReset(t.Context(), w.ana())
	w.must(err)
	path := strings.TrimPrefix(address, "https://"+host)
	codes := make(chan int, 4)
	for range cap(codes) {
		b := w.browser()
		form := hidden(t, b.do(path, nil).Body.String(), "password")
		form.Set("password", "four other loose words")
		go func() { codes <- b.do(path, form).Code }()
	}
	done := 0
	for range cap(codes) {
		if <-codes == 200 {
			done++
		}
	}
	if done != 1 {
		t.Errorf("%d of them chose a password", done)
	}
}

func TestInvitations(t *testing.T) {
	w := newWorld(t)
	w.ana()
	open, err := w.Outbox.NewInvite(t.Context(), "", coop.RankMember)
	w.must(err)
	bound, err := w.Outbox.NewInvite(t.Context(), "staff@mail.example", coop.RankModerator)
	w.must(err)
	openPath, boundPath := strings.TrimPrefix(open, "https://"+host), strings.TrimPrefix(bound, "https://"+host)
	b := w.browser()
	good := func(change url.Values) url.Values {
		form := url.Values{"name": {"berta"}, "display_name": {"Berta"}, "email": {"berta@mail.example"}, "password": {"four other loose words"}}
		for name, list := range change {
			form[name] = list
		}
		return form
	}
	for _, tt := range []struct{ name, field, value, words string }{
		{"a name that is taken", "name", "ana", "has this name"},
		{"capitals", "name", "Berta", "small letters"},
		{"a name that is kept", "name", "minga", "some names are reserved"},
		{"a board's name", "name", "jobs", "some names are reserved"},
		{"a long name", "name", strings.Repeat("b", 31), "at most 30"},
		{"no address", "email", "berta", "no e-mail address"},
		{"somebody's address", "email", "ANA@mail.example", "Another account"},
		{"a short password", "password", "short", "at least 8"},
		{"the name as password", "password", "berta1234", "first that anybody tries"},
	} {
		if answer := b.fill(openPath, "name", good(url.Values{tt.field: {tt.value}})); answer.Code != 422 || !strings.Contains(answer.Body.String(), tt.words) {
			t.Errorf("%s answers %d without %q: %s", tt.name, answer.Code, tt.words, answer.Body)
		}
	}
	if answer := b.fill(openPath, "name", good(nil)); answer.Code != 200 || !strings.Contains(answer.Body.String(), "berta@"+host) {
		t.Fatalf("made: %d %s", answer.Code, answer.Body)
	}
	if again := b.do(openPath, nil); again.Code != 404 {
		t.Errorf("used twice answers %d", again.Code)
	}
	if answer := b.fill(boundPath, "name", good(url.Values{"name": {"carla"}, "email": {"owner@mail.example"}, "rank": {"owner"}})); answer.Code != 200 {
		t.Fatalf("made: %d %s", answer.Code, answer.Body)
	}
	carla, err := w.Store.AccountByHandle(t.Context(), "carla", "")
	w.must(err)
	if carla.Email != "staff@mail.example" || carla.Rank != coop.RankModerator {
		t.Errorf("made: %s, %s", carla.Email, carla.Rank)
	}
	if b.signIn("berta", "four other loose words", ""); b.cookies[sessionName] == "" {
		t.Error("who was invited cannot sign in")
	}
}

func TestEveryPageOfLinksInEveryLanguage(t *testing.T) {
	w := newWorld(t)
	w.withMail()
	reset, err := w.Outbox.NewReset(t.Context(), w.ana())
	w.must(err)
	invite, err := w.Outbox.NewInvite(t.Context(), "", coop.RankMember)
	w.must(err)
	for _, lang := range []string{"es", "en", "ca", "it", "pt"} {
		for _, address := range []string{"/reset", strings.TrimPrefix(reset, "https://"+host), strings.TrimPrefix(invite, "https://"+host), "/reset/none"} {
			page := w.browser().do(address+"?lang="+lang, nil).Body.String()
			if !strings.Contains(page, `<html lang="`+lang+`"`) || strings.Contains(page, "reset_") || strings.Contains(page, "invite_") || strings.Contains(page, "choose_") || strings.Contains(page, "<no value>") {
				t.Errorf("%s in %s: %s", address, lang, page)
			}
			for _, n := range elements(t, page, "input") {
				if attribute(n, "type") == "hidden" || attribute(n, "class") == "hidden" {
					continue
				}
				if id := attribute(n, "id"); id == "" || !strings.Contains(page, `<label for="`+id+`"`) {
					t.Errorf("%s: a field without a label: %s", address, id)
				}
			}
		}
	}
}
