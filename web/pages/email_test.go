// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
)

func TestAnotherAddress(t *testing.T) {
	w := newWorld(t)
	sink := w.withMail()
	ana, b, other := w.ana(), w.browser(), w.browser()
	b.signIn("ana", password, "")
	other.signIn("ana", password, "")
	token := w.grant(ana, "app", "read")
	ask := func(address string) int { return b.fill(emailPath, "email", url.Values{"email": {address}}).Code }
	for _, bad := range []string{"", "a", "a%b@c", "x@[10.0.0.1]", "a@b@c.example", "a@b.example\r\nBcc: c@d.example", strings.Repeat("a", 250) + "@b.example"} {
		if status := ask(bad); status != http.StatusUnprocessableEntity {
			t.Errorf("%.30q answers %d", bad, status)
		}
	}
	if status := ask("ana@new.example"); status != http.StatusOK {
		t.Fatalf("asked for: %d", status)
	}
	letter := w.post(sink)
	path, ok := strings.CutPrefix(letter.Link(), "https://"+host)
	if !ok || letter.To != "ana@new.example" || !strings.HasPrefix(path, "/confirm-email/") {
		t.Fatalf("the mail is %+v", letter)
	}
	if now, err := w.Store.Account(t.Context(), ana.ID); err != nil || now.Email != ana.Email {
		t.Errorf("the address is %s before it was confirmed", now.Email)
	}
	if page := b.do(path, nil); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "ana@new.example") {
		t.Errorf("the link shows %d", page.Code)
	}
	if answer := b.fill(path, "form_token", nil); answer.Code != http.StatusOK {
		t.Fatalf("confirmed: %d %s", answer.Code, answer.Body)
	}
	if now, err := w.Store.Account(t.Context(), ana.ID); err != nil || now.Email != "ana@new.example" {
		t.Errorf("the address is %s", now.Email)
	}
	if w.lives(token) || other.do(securityPath, nil).Code != http.StatusSeeOther || b.do(securityPath, nil).Code != http.StatusOK {
		t.Error("the wrong ones are in")
	}
	if letter := w.post(sink); letter.To != ana.Email || !strings.Contains(letter.Subject, "Otra dirección") {
		t.Errorf("the old address is told %+v", letter)
	}
	if again := b.do(path, nil); again.Code != http.StatusNotFound {
		t.Errorf("used twice answers %d", again.Code)
	}
}

func TestAnAddressThatSomebodyHas(t *testing.T) {
	w := newWorld(t)
	sink := w.withMail()
	w.ana()
	if _, err := w.Outbox.NewAccount(t.Context(), outboxPerson("eva", "eva@mail.example")); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.signIn("ana", password, "")
	free := b.fill(emailPath, "email", url.Values{"email": {"free@mail.example"}})
	taken := b.fill(emailPath, "email", url.Values{"email": {"EVA@mail.example"}})
	if free.Code != taken.Code || free.Body.String() != taken.Body.String() {
		t.Errorf("a free address answers %d, a taken one %d", free.Code, taken.Code)
	}
	path := strings.TrimPrefix(w.post(sink).Link(), "https://"+host)
	if mails := sink.Mails(); len(mails) != 1 || mails[0].To != "free@mail.example" {
		t.Fatalf("%d mails", len(mails))
	}
	if _, err := w.Outbox.NewAccount(t.Context(), outboxPerson("leo", "free@mail.example")); err != nil {
		t.Fatal(err)
	}
	if answer := b.fill(path, "form_token", nil); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("an address that was taken meanwhile answers %d", answer.Code)
	}
}

func TestALinkFromTheCommandLineEndsSecondFactors(t *testing.T) {
	w := newWorld(t)
	ana, ctx := w.ana(), t.Context()
	plant := func() {
		w.must(w.Store.Write(ctx, func(tx *storage.Tx) error {
			if err := tx.SetCodeSeed(ctx, ana.ID, "JBSWY3DPEHPK3PXP"); err != nil && !errors.Is(err, coop.ErrConflict) {
				return err
			}
			_, err := tx.TakeStep(ctx, ana.ID, 1, true)
			return err
		}))
	}
	for _, tt := range []struct {
		name  string
		link  func(context.Context, *coop.Account) (string, error)
		stays bool
	}{
		{"by mail, which proves the mail alone", w.Outbox.NewReset, true},
		{"by those who run the server", func(ctx context.Context, a *coop.Account) (string, error) { return w.Outbox.NewRenew(ctx, a) }, false},
	} {
		plant()
		link, err := tt.link(ctx, ana)
		w.must(err)
		path := strings.TrimPrefix(link, "https://"+host)
		b := w.browser()
		if says := strings.Contains(b.do(path, nil).Body.String(), "recovery codes"); says == tt.stays {
			t.Errorf("%s: the page says so: %v", tt.name, says)
		}
		if answer := b.fill(path, "password", url.Values{"password": {"four other loose words"}}); answer.Code != http.StatusOK {
			t.Fatalf("%s: %d", tt.name, answer.Code)
		}
		if factors, err := w.Store.Factors(ctx, ana.ID); err != nil || factors.Any() != tt.stays {
			t.Errorf("%s: %+v", tt.name, factors)
		}
		answer := b.signIn("ana", "four other loose words", "")
		if asked := answer.Header().Get("Location") == secondPath; asked != tt.stays {
			t.Errorf("%s: signing in leads to %s", tt.name, answer.Header().Get("Location"))
		}
	}
}

// outboxPerson is a person with an address.
func outboxPerson(name, email string) outbox.Registration {
	return outbox.Registration{Kind: coop.Person, Name: name, Language: "en", Email: email}
}

func TestEveryPageAroundSecondFactors(t *testing.T) {
	w := newWorld(t)
	w.withMail()
	ana, ctx := w.ana(), t.Context()
	w.must(w.Store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddPasskey(ctx, &coop.Passkey{AccountID: ana.ID, Credential: []byte("one"), Handle: make([]byte, 32), Record: "{}", Name: hostile})
	}))
	b := w.browser()
	b.signIn("ana", password, "")
	for _, l := range ourLanguages {
		checkPage(t, b.do(secondPath+"?lang="+l.tag, nil), l.tag+" second", l.tag)
	}
	w.must(w.Store.Write(ctx, func(tx *storage.Tx) error { return tx.EndFactors(ctx, ana.ID) }))
	b.signIn("ana", password, "")
	w.must(w.Store.Write(ctx, func(tx *storage.Tx) error { return tx.SetCodeSeed(ctx, ana.ID, "JBSWY3DPEHPK3PXP") }))
	link, err := w.Outbox.NewRenew(ctx, ana)
	w.must(err)
	for _, l := range ourLanguages {
		for name, path := range map[string]string{
			"factors": factorsPath + "?next=%2Fabout&done=codes&lang=" + l.tag, "confirm": confirmPath + "?next=%2Fabout&lang=" + l.tag, "email": emailPath + "?lang=" + l.tag,
			"renew": strings.TrimPrefix(link, "https://"+host) + "?lang=" + l.tag,
		} {
			checkPage(t, b.do(path, nil), l.tag+" "+name, l.tag)
		}
	}
}

// TestEveryPageAroundAnotherProvider draws them in every language.
func TestEveryPageAroundAnotherProvider(t *testing.T) {
	w := newWorld(t)
	ana, ctx := w.ana(), t.Context()
	w.Provider = auth.NewProvider(auth.ProviderOptions{Name: hostile, Issuer: "https://sso.example", Now: w.Now})
	w.must(w.Store.Write(ctx, func(tx *storage.Tx) error {
		return tx.AddIdentity(ctx, &coop.Identity{AccountID: ana.ID, Issuer: "https://sso.example", Subject: "a", Name: hostile})
	}))
	b := w.browser()
	b.signIn("ana", password, "")
	for _, l := range ourLanguages {
		for _, path := range []string{securityPath + "?done=provider&", securityPath + "?done=provider_end&", confirmPath + "?"} {
			checkPage(t, b.do(path+"lang="+l.tag, nil), l.tag+" "+path, l.tag)
		}
		for name, page := range map[string]func(c *gin.Context) error{
			"sign-in": func(c *gin.Context) error { return w.signInPage(c) },
			"go": func(c *gin.Context) error {
				return w.show(c, 200, "go", goView{w.formFrame(c, "provider_go_title", nil), hostile, "https://sso.example/?a=b"})
			},
			"join": func(c *gin.Context) error {
				return w.show(c, 200, "join", joinView{w.formFrame(c, "join_title", nil), hostile, host, inviteForm{Name: hostile}})
			},
			"paper": func(c *gin.Context) error {
				return w.show(c, 200, "paper", factorsView{formFrame: w.formFrame(c, "factors_paper_title", nil), Paper: []string{"AAAAA-BBBBB"}})
			},
		} {
			checkPage(t, w.draw(l.tag, page), l.tag+" "+name, l.tag)
		}
	}
}
