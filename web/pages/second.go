// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// secondPath is where a password that was right waits for its second factor.
const secondPath = "/sign-in/second"

// secondState is what is kept of a sign-in in between. Where it goes on to does not
// stand in any address.
type secondState struct {
	Next string `json:"next"`
}

// secondView is the page that asks for the second factor.
type secondView struct {
	formFrame
	Factors  coop.Factors
	Passkeys bool
	Next     string
}

// askSecond keeps that a first factor was right, if it still is, and asks for the second.
func (f *Face) askSecond(c *gin.Context, account *coop.Account, next string, still auth.Still) error {
	if err := f.Gate.Keep(c, auth.CeremonySecond, account.ID, secondState{next}, still); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, secondPath)
	return nil
}

// waiting finds whose sign-in waits in this browser, and makes the page; nil: nobody's,
// or no longer.
func (f *Face) waiting(c *gin.Context) (*coop.Account, secondView, error) {
	var state secondState
	ctx := c.Request.Context()
	half, err := f.Proofs.Kept(c, auth.CeremonySecond, &state)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, secondView{}, nil
	}
	if err != nil {
		return nil, secondView{}, err
	}
	account, err := f.Store.Account(ctx, half.AccountID)
	if err != nil {
		return nil, secondView{}, err
	}
	factors, err := f.Store.Factors(ctx, account.ID)
	if err != nil || !account.MaySignIn() {
		return nil, secondView{}, err
	}
	if redirect := f.LeadsTo(ctx, state.Next); redirect != "" {
		auth.LeadTo(c, redirect)
	}
	return account, secondView{f.formFrame(c, "second_title", nil), factors, f.Proofs.TakesPasskeys() && factors.Passkeys > 0, state.Next}, nil
}

// secondPage answers GET /sign-in/second.
func (f *Face) secondPage(c *gin.Context) error {
	account, view, err := f.waiting(c)
	if err != nil {
		return err
	}
	if account == nil {
		c.Redirect(http.StatusSeeOther, "/sign-in")
		return nil
	}
	return f.show(c, http.StatusOK, "second", view)
}

// second answers POST /sign-in/second: a code, of a program or from paper.
func (f *Face) second(c *gin.Context) error {
	account, view, err := f.waiting(c)
	if err != nil {
		return err
	}
	if account == nil {
		c.Redirect(http.StatusSeeOther, "/sign-in")
		return nil
	}
	ctx := c.Request.Context()
	if err := f.Admit(auth.LimitSignInOf, "code "+coop.Fold(account.Name)); err != nil {
		return err
	}
	err = f.Proofs.CheckCode(ctx, account, c.PostForm("code"))
	if errors.Is(err, auth.ErrCode) {
		view.complain("code", view.T("second_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "second", view)
	}
	if err != nil {
		return err
	}
	err = f.letIn(c, account, true, view.Next, f.Proofs.Taken(c, auth.CeremonySecond))
	if errors.Is(err, coop.ErrNotFound) { // the first factor changed, or the form came twice
		c.Redirect(http.StatusSeeOther, "/sign-in")
		return nil
	}
	return err
}

// askPasskey answers POST /sign-in/passkey/begin with what the script on the page asks
// the browser's keys with. It does not depend on who asks.
func (f *Face) askPasskey(c *gin.Context) error {
	challenge, err := f.Proofs.AskPasskey(c)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, challenge)
	return nil
}

// byPasskey answers POST /sign-in/passkey: a passkey that verified its user is both
// factors.
func (f *Face) byPasskey(c *gin.Context) error {
	if f.onlyProvider() {
		return errOnly
	}
	view := f.signInView(c, c.PostForm("next"))
	account, still, err := f.Proofs.CheckPasskey(c, c.PostForm("ceremony"), c.PostForm("credential"))
	if err == nil {
		err = f.letIn(c, account, true, view.Next, still)
	}
	if words := passkeyProblem(err); words != "" {
		view.complain("passkey", view.T(words))
		return f.show(c, http.StatusUnprocessableEntity, "sign-in", view)
	}
	return err
}

// passkeyProblem names the words for a passkey that did not do; empty for other errors.
func passkeyProblem(err error) string {
	var invalid *coop.InvalidError
	switch {
	case errors.Is(err, auth.ErrCopied):
		return "passkey_copied"
	case errors.Is(err, coop.ErrConflict):
		return "passkey_many"
	case errors.Is(err, coop.ErrNotFound), errors.As(err, &invalid):
		return "passkey_refused"
	}
	return ""
}
