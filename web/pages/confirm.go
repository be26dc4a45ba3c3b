// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// confirmPath is where somebody who is signed in proves again who they are.
const confirmPath = "/settings/confirm"

// confirmView is the page with the ways to do so.
type confirmView struct {
	formFrame
	Who      person
	Login    string // the name, for programs that keep passwords
	Next     string // an own path to go back to
	Password bool   // may do
	Codes    bool   // of a program or from paper may do
	Passkeys bool   // may do
	// Provider may do, behind this link; empty: there is none that knows the person.
	Provider, ProviderLink string
}

// confirmView makes the page. Who has a second factor and did not show it in this
// session has to: a password alone is the first once more.
func (f *Face) confirmView(c *gin.Context, next string) (view confirmView, err error) {
	account, ctx := auth.Account(c), c.Request.Context()
	next = auth.OwnPath(next)
	view = confirmView{formFrame: f.formFrame(c, "confirm_title", url.Values{"next": {next}}), Who: f.person(account), Login: account.Name, Next: next}
	factors, err := f.Store.Factors(ctx, account.ID)
	if err != nil {
		return view, err
	}
	view.Codes = factors.Codes || factors.Recovery > 0
	view.Passkeys = factors.Passkeys > 0 && f.Proofs.TakesPasskeys()
	hash, err := f.passwordOf(ctx, account.ID)
	if err != nil {
		return view, err
	}
	view.Password = hash != "" && !f.onlyProvider() && (auth.SessionOf(c).Strong || !factors.Any())
	return view, f.provable(c, &view, account)
}

// provable offers the other provider to whom it knows.
func (f *Face) provable(c *gin.Context, view *confirmView, account *coop.Account) error {
	if f.Provider == nil {
		return nil
	}
	identities, err := f.Store.Identities(c.Request.Context(), account.ID)
	for _, i := range identities {
		if i.Issuer == f.Provider.Issuer {
			view.Provider, view.ProviderLink = f.Provider.Name, providerLink(confirmPath+"/provider", view.Next)
		}
	}
	return err
}

// passwordOf is the hash of a person's password, empty for none.
func (f *Face) passwordOf(ctx context.Context, account coop.ID) (string, error) {
	hash, err := f.Store.PasswordHash(ctx, account)
	if errors.Is(err, coop.ErrNotFound) {
		return "", nil
	}
	return hash, err
}

// confirmPage answers GET /settings/confirm?next=….
func (f *Face) confirmPage(c *gin.Context) error {
	view, err := f.confirmView(c, c.Query("next"))
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "confirm", view)
}

// confirm answers POST /settings/confirm. Whoever proves who they are goes back to
// where they were.
func (f *Face) confirm(c *gin.Context) error {
	view, err := f.confirmView(c, c.PostForm("next"))
	if err != nil {
		return err
	}
	if err := f.Admit(auth.LimitSignInOf, "confirm "+coop.Fold(auth.Account(c).Name)); err != nil {
		return err
	}
	field, words, strong, err := f.proof(c, view)
	if err != nil {
		return err
	}
	if words != "" {
		view.complain(field, view.T(words))
		return f.show(c, http.StatusUnprocessableEntity, "confirm", view)
	}
	if err := f.Gate.Prove(c, strong); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, view.Next)
	return nil
}

// proof judges what was shown: a passkey, a code or a password. It names the field and
// the words for one that does not do, and whether one that does was a second factor.
func (f *Face) proof(c *gin.Context, view confirmView) (field, words string, strong bool, err error) {
	account, ctx := auth.Account(c), c.Request.Context()
	if c.PostForm("credential") != "" {
		who, _, err := f.Proofs.CheckPasskey(c, c.PostForm("ceremony"), c.PostForm("credential"))
		if err == nil && who.ID != account.ID {
			return "passkey", "confirm_passkey_other", false, nil
		}
		if words := passkeyProblem(err); words != "" {
			return "passkey", words, false, nil
		}
		return "", "", true, err
	}
	if view.Codes && c.PostForm("code") != "" {
		err := f.Proofs.CheckCode(ctx, account, c.PostForm("code"))
		if errors.Is(err, auth.ErrCode) {
			return "code", "second_wrong", false, nil
		}
		return "", "", true, err
	}
	hash, err := f.passwordOf(ctx, account.ID)
	if err != nil || !view.Password {
		hash = ""
	}
	fits, err := f.Passwords.Verify(ctx, c.PostForm("password"), hash)
	if err == nil && !fits {
		return "password", "confirm_wrong", false, nil
	}
	return "", "", false, err
}
