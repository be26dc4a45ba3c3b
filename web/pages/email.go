// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// emailPath is where people change their address of mail.
const emailPath = "/settings/security/email"

// emailRoutes are the pages around the address of mail.
func (f *Face) emailRoutes() []auth.Route {
	route := func(method, path string, access auth.Access, limit auth.Limit, h respond.Handler) auth.Route {
		r := auth.Route{Method: method, Path: path, Access: access, Limit: limit, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Early: access == auth.Visitor, Form: respond.HTML, Handle: h}
		if method == "POST" {
			r.CSRF, r.Body = auth.CSRFForm, signInBody
		}
		return r
	}
	return []auth.Route{
		route("GET", emailPath, auth.Session, auth.LimitReads, f.emailPage),
		route("POST", emailPath, auth.Session, auth.LimitSignIn, f.askEmail),
		route("GET", "/confirm-email/:secret", auth.Visitor, auth.LimitReads, f.confirmEmailPage),
		route("POST", "/confirm-email/:secret", auth.Visitor, auth.LimitSignIn, f.confirmEmail),
	}
}

// emailView is the page that asks for a new address.
type emailView struct {
	formFrame
	Now  string
	Mail bool // this server sends mails
	Sent bool
}

// emailPage answers GET /settings/security/email.
func (f *Face) emailPage(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "email", f.emailView(c))
}

func (f *Face) emailView(c *gin.Context) emailView {
	return emailView{formFrame: f.formFrame(c, "email_title", nil), Now: auth.Account(c).Email, Mail: f.Outbox.SendsMail()}
}

// askEmail answers POST /settings/security/email. Whether somebody here has the address
// is told to nobody but its owner: the page is the same.
func (f *Face) askEmail(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	view, email := f.emailView(c), coop.CleanLine(c.PostForm("email"), 300)
	if !view.Mail {
		return f.show(c, http.StatusServiceUnavailable, "email", view)
	}
	if !coop.ValidMail(email) {
		view.complain("email", view.T("reset_email_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "email", view)
	}
	for _, who := range []string{"confirm " + coop.Fold(email), "confirm of " + auth.Account(c).ID.String()} {
		if err := f.Admit(auth.LimitMail, who); err != nil {
			return err
		}
	}
	if err := f.Outbox.AskEmail(c.Request.Context(), auth.Account(c), email, outbox.Also(auth.Stays(c))); err != nil {
		return err
	}
	view.Sent = true
	return f.show(c, http.StatusOK, "email", view)
}

// confirmEmailView is the page that a link leads to.
type confirmEmailView struct {
	formFrame
	Who   person
	Email string
	Path  string
	Done  bool
}

// confirmEmailView finds what a link is for and makes the page.
func (f *Face) confirmEmailView(c *gin.Context) (*coop.Link, *coop.Account, confirmEmailView, error) {
	link, err := f.link(c, coop.LinkEmail)
	if err != nil {
		return nil, nil, confirmEmailView{}, err
	}
	account, err := f.Store.Account(c.Request.Context(), link.AccountID)
	if err != nil {
		return nil, nil, confirmEmailView{}, err
	}
	return link, account, confirmEmailView{f.formFrame(c, "email_confirm_title", nil), f.person(account), link.Email, c.Request.URL.EscapedPath(), false}, nil
}

// confirmEmailPage answers GET /confirm-email/SECRET. Looking at it uses nothing up.
func (f *Face) confirmEmailPage(c *gin.Context) error {
	_, _, view, err := f.confirmEmailView(c)
	if err != nil {
		return f.ended(c, err)
	}
	return f.show(c, http.StatusOK, "confirm-email", view)
}

// confirmEmail answers POST /confirm-email/SECRET: the address is the account's from
// then on. What was let in before is out, but this browser if it is the person's.
func (f *Face) confirmEmail(c *gin.Context) error {
	link, account, view, err := f.confirmEmailView(c)
	if err != nil {
		return f.ended(c, err)
	}
	ctx, here := c.Request.Context(), coop.ID(0)
	if session := auth.SessionOf(c); session != nil && session.AccountID == account.ID {
		here = session.ID
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error { return f.useEmail(ctx, tx, link, here) })
	if errors.Is(err, coop.ErrConflict) {
		view.complain("email", view.T("email_taken"))
		return f.show(c, http.StatusUnprocessableEntity, "confirm-email", view)
	}
	if err != nil {
		return f.ended(c, err)
	}
	view.Done = true
	return f.show(c, http.StatusOK, "confirm-email", view)
}

// useEmail does all that a new address means, or nothing. The old one is told.
func (f *Face) useEmail(ctx context.Context, tx *storage.Tx, link *coop.Link, here coop.ID) error {
	if err := tx.UseLink(ctx, link.ID); err != nil {
		return err
	}
	account, err := tx.HoldAccount(ctx, link.AccountID)
	if err != nil {
		return err
	}
	other, err := tx.PersonByEmail(ctx, link.Email)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if err == nil && other.ID != account.ID {
		return coop.ErrConflict
	}
	if err := f.Outbox.TellSecurity(ctx, tx, account, mail.Moved); err != nil {
		return err
	}
	account.Email = link.Email
	if err := tx.SaveAccount(ctx, account); err != nil {
		return err
	}
	if err := tx.EndOthers(ctx, account.ID, here); err != nil {
		return err
	}
	return tx.AddAudit(ctx, &coop.AuditEntry{Who: account.Name, Act: "security.email", Target: string(account.IRI)})
}
