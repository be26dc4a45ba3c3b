// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
)

// confirmPath is where somebody who is signed in proves again who they are.
const confirmPath = "/settings/confirm"

// confirmView is the page with the form.
type confirmView struct {
	formFrame
	Who   person
	Login string // the name, for programs that keep passwords
	Next  string // an own path to go back to
}

// confirmView makes the page.
func (f *Face) confirmView(c *gin.Context, next string) confirmView {
	account := auth.Account(c)
	next = auth.OwnPath(next)
	return confirmView{formFrame: f.formFrame(c, "confirm_title", url.Values{"next": {next}}), Who: f.person(account), Login: account.Name, Next: next}
}

// confirmPage answers GET /settings/confirm?next=….
func (f *Face) confirmPage(c *gin.Context) error {
	return f.show(c, http.StatusOK, "confirm", f.confirmView(c, c.Query("next")))
}

// confirm answers POST /settings/confirm. Whoever proves who they are goes back to
// where they were.
func (f *Face) confirm(c *gin.Context) error {
	account, ctx := auth.Account(c), c.Request.Context()
	if err := f.Admit(auth.LimitSignInOf, coop.Fold(account.Name)); err != nil {
		return err
	}
	hash, err := f.Store.PasswordHash(ctx, account.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	fits, err := f.Passwords.Verify(ctx, c.PostForm("password"), hash)
	if err != nil {
		return err
	}
	view := f.confirmView(c, c.PostForm("next"))
	if !fits {
		view.complain("password", view.T("confirm_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "confirm", view)
	}
	if err := f.Gate.Prove(c, false); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, view.Next)
	return nil
}
