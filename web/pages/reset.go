// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// resetRoutes are the pages for who has no password: forgotten, or not yet.
func (f *Face) resetRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Early: true, Form: respond.HTML, Handle: h}
	}
	post := func(path string, limit auth.Limit, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Visitor, Limit: limit, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Early: true, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get("/reset", f.resetPage),
		post("/reset", auth.LimitSignIn, f.askReset),
		get("/reset/:secret", f.choosePage),
		post("/reset/:secret", auth.LimitSignIn, f.choosePassword),
		get("/invite/:secret", f.invitePage),
		post("/invite/:secret", auth.LimitSignUp, f.acceptInvite),
	}
}

// resetView is the page that asks for an address.
type resetView struct {
	formFrame
	Mail bool // this server sends mails
	Sent bool
}

func (f *Face) resetView(c *gin.Context) resetView {
	return resetView{formFrame: f.formFrame(c, "reset_title", nil), Mail: f.Outbox.SendsMail()}
}

// resetPage answers GET /reset.
func (f *Face) resetPage(c *gin.Context) error {
	return f.show(c, http.StatusOK, "reset", f.resetView(c))
}

// askReset answers POST /reset. An address that somebody here has and one that nobody
// has take the same work and get the same bytes: only the mail tells.
func (f *Face) askReset(c *gin.Context) error {
	view, email := f.resetView(c), coop.CleanLine(c.PostForm("email"), 300)
	if !view.Mail {
		return f.show(c, http.StatusServiceUnavailable, "reset", view)
	}
	if !coop.ValidMail(email) {
		view.complain("email", view.T("reset_email_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "reset", view)
	}
	if err := f.Admit(auth.LimitMail, "reset "+coop.Fold(email)); err != nil {
		return err
	}
	if err := f.Outbox.AskReset(c.Request.Context(), email); err != nil {
		return err
	}
	view.Sent = true
	return f.show(c, http.StatusOK, "reset", view)
}

// chooseView is the page where a new password is chosen, or was.
type chooseView struct {
	formFrame
	Who   person
	Login string // the name, for programs that keep passwords
	Done  bool
	Path  string
	Anew  bool // all second factors end too
}

// link finds the link whose secret stands in the address.
func (f *Face) link(c *gin.Context, purpose coop.LinkPurpose) (*coop.Link, error) {
	return f.Store.LinkByHash(c.Request.Context(), purpose, outbox.LinkHash(c.Param("secret")))
}

// ended answers for a link that was used, is too old or never was, which look alike;
// other errors pass.
func (f *Face) ended(c *gin.Context, err error) error {
	if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	return f.show(c, http.StatusNotFound, "ended", f.formFrame(c, "ended_title", nil))
}

// chooseView finds whom a link is for and makes the page.
func (f *Face) chooseView(c *gin.Context) (*coop.Link, *coop.Account, chooseView, error) {
	link, err := f.link(c, coop.LinkReset)
	if errors.Is(err, coop.ErrNotFound) {
		link, err = f.link(c, coop.LinkRenew)
	}
	if err != nil {
		return nil, nil, chooseView{}, err
	}
	account, err := f.Store.Account(c.Request.Context(), link.AccountID)
	if err != nil {
		return nil, nil, chooseView{}, err
	}
	view := chooseView{formFrame: f.formFrame(c, "choose_title", nil), Who: f.person(account), Login: account.Name, Path: c.Request.URL.EscapedPath(), Anew: link.Purpose == coop.LinkRenew}
	return link, account, view, nil
}

// choosePage answers GET /reset/SECRET. Looking at it uses nothing up: programs that
// look at mails before people do follow links too.
func (f *Face) choosePage(c *gin.Context) error {
	_, _, view, err := f.chooseView(c)
	if err != nil {
		return f.ended(c, err)
	}
	return f.show(c, http.StatusOK, "choose", view)
}

// choosePassword answers POST /reset/SECRET. The new password ends every session and
// token of the person, and where the link says so all second factors; the person is told.
// Without that the sign-in that follows asks for the second factor as ever.
func (f *Face) choosePassword(c *gin.Context) error {
	link, account, view, err := f.chooseView(c)
	if err != nil {
		return f.ended(c, err)
	}
	ctx, wish := c.Request.Context(), c.PostForm("password")
	var wrong *coop.InvalidError
	if errors.As(coop.ValidatePassword(wish, account.Name, account.DisplayName, account.Email, f.Host), &wrong) {
		view.complain("password", view.passwordProblem(wrong.Code))
		return f.show(c, http.StatusUnprocessableEntity, "choose", view)
	}
	hash, err := f.Passwords.Hash(ctx, wish)
	if err != nil {
		return err
	}
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return f.usePassword(ctx, tx, link, account, hash) }); err != nil {
		return f.ended(c, err)
	}
	view.Done = true
	return f.show(c, http.StatusOK, "choose", view)
}

// usePassword does all that a new password by a link means, or nothing.
func (f *Face) usePassword(ctx context.Context, tx *storage.Tx, link *coop.Link, account *coop.Account, hash string) error {
	if err := tx.UseLink(ctx, link.ID); err != nil {
		return err
	}
	if err := tx.ChangePassword(ctx, account.ID, hash, 0); err != nil {
		return err
	}
	if link.Purpose == coop.LinkRenew {
		if err := tx.EndFactors(ctx, account.ID); err != nil {
			return err
		}
		if err := f.Proofs.Warn(ctx, tx, account, auth.WarnFactors); err != nil {
			return err
		}
	}
	if err := f.Outbox.TellPasswordChanged(ctx, tx, account); err != nil {
		return err
	}
	return tx.AddAudit(ctx, &coop.AuditEntry{Who: account.Name, Act: "security." + string(link.Purpose), Target: string(account.IRI)})
}
