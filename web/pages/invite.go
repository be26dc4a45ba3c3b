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
)

// inviteView is the page where an invited person makes their account.
type inviteView struct {
	formFrame
	Path    string
	Domain  string // of the handle
	Email   string // fixed by the invitation; empty: the person says it
	Given   inviteForm
	Handle  string // of the account that was made
	Account string // its page
}

// inviteForm is what the person says, as it was typed.
type inviteForm struct{ Name, DisplayName, Email string }

// inviteView finds the invitation and makes the page.
func (f *Face) inviteView(c *gin.Context) (*coop.Link, inviteView, error) {
	link, err := f.link(c, coop.LinkInvite)
	if err != nil {
		return nil, inviteView{}, err
	}
	view := inviteView{formFrame: f.formFrame(c, "invite_title", nil), Path: c.Request.URL.EscapedPath(), Domain: f.AccountDomain, Email: link.Email}
	return link, view, nil
}

// invitePage answers GET /invite/SECRET.
func (f *Face) invitePage(c *gin.Context) error {
	_, view, err := f.inviteView(c)
	if errors.Is(err, coop.ErrNotFound) {
		return f.guestPage(c)
	}
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "invite", view)
}

// acceptInvite answers POST /invite/SECRET: it makes the account of a person, once.
func (f *Face) acceptInvite(c *gin.Context) error {
	link, view, err := f.inviteView(c)
	if errors.Is(err, coop.ErrNotFound) {
		return f.acceptGuest(c)
	}
	if err != nil {
		return err
	}
	view.Given = inviteForm{coop.CleanLine(c.PostForm("name"), 100), coop.CleanLine(c.PostForm("display_name"), 500), coop.CleanLine(c.PostForm("email"), 300)}
	email := link.Email
	if email == "" {
		email = view.Given.Email
	}
	if err := f.checkInvite(c, &view, email); err != nil || len(view.Problems) > 0 {
		return f.inviteRefused(c, view, err)
	}
	account, err := f.makeInvited(c, link, view, email)
	switch {
	case errors.Is(err, coop.ErrConflict):
		view.complain("name", view.T("invite_name_taken"))
		return f.inviteRefused(c, view, nil)
	case err != nil:
		return f.inviteRefused(c, view, err)
	}
	view.Handle, view.Account = account.Handle(f.AccountDomain).String(), "/@"+account.Name
	return f.show(c, http.StatusOK, "invite", view)
}

// checkInvite notes what is wrong with the address and the password.
func (f *Face) checkInvite(c *gin.Context, view *inviteView, email string) error {
	if !coop.ValidMail(email) {
		view.complain("email", view.T("reset_email_wrong"))
	} else if _, err := f.Store.PersonByEmail(c.Request.Context(), email); err == nil {
		view.complain("email", view.T("invite_email_taken"))
	} else if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	var wrong *coop.InvalidError
	if errors.As(coop.ValidatePassword(c.PostForm("password"), view.Given.Name, view.Given.DisplayName, email, f.Host), &wrong) {
		view.complain("password", view.passwordProblem(wrong.Code))
	}
	return nil
}

// inviteRefused shows the form again with what is wrong; what is no complaint passes.
func (f *Face) inviteRefused(c *gin.Context, view inviteView, err error) error {
	list := coop.Complaints(err)
	if err != nil && list == nil {
		return f.ended(c, err)
	}
	for _, complaint := range list {
		if complaint.Field == "email" {
			view.complain("email", view.T("reset_email_wrong"))
			continue
		}
		view.complain("name", view.T("invite_name_wrong"))
	}
	return f.show(c, http.StatusUnprocessableEntity, "invite", view)
}

// makeInvited makes the account, its password and the end of the invitation in one.
func (f *Face) makeInvited(c *gin.Context, link *coop.Link, view inviteView, email string) (*coop.Account, error) {
	ctx := c.Request.Context()
	hash, err := f.Passwords.Hash(ctx, c.PostForm("password"))
	if err != nil {
		return nil, err
	}
	return f.Outbox.NewAccount(ctx, outbox.Registration{
		Kind: coop.Person, Name: view.Given.Name, DisplayName: view.Given.DisplayName, Language: view.Lang, Email: email, Rank: link.Rank,
		Also: func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
			if err := tx.UseLink(ctx, link.ID); err != nil {
				return err
			}
			if err := tx.SetPassword(ctx, a.ID, hash); err != nil {
				return err
			}
			return tx.AddAudit(ctx, &coop.AuditEntry{Who: a.Name, Act: "account.create", Target: string(a.IRI), Why: "invitation"})
		},
	})
}
