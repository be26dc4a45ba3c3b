// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
	"minga/web/respond"
)

// signUpRoutes are the pages for who makes an account without an invitation.
func (f *Face) signUpRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Visitor, Limit: auth.LimitSignUp, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get("/sign-up", f.signUpPage), post("/sign-up", f.signUp),
		get("/confirm/:secret", f.addressPage), post("/confirm/:secret", f.confirmAddress),
	}
}

// signUpView is the page where somebody asks for an account.
type signUpView struct {
	formFrame
	Path    string // of the form
	By      person // the member who invites; empty: nobody
	Domain  string // of the handle
	Given   signUpForm
	Approve bool // the staff decide
	Rules   []string
	Said    said // what there is to read before
	Sent    bool
}

// signUpForm is what the person says, as it was typed.
type signUpForm struct {
	Name, Email, Reason string
	Agrees              bool
}

// signUpView makes the page; where nobody can sign up there is none.
func (f *Face) signUpView(c *gin.Context) (signUpView, error) {
	if !f.Registrations.Open() {
		return signUpView{}, fmt.Errorf("sign-up is closed: %w", coop.ErrNotFound)
	}
	return f.newSignUpView(c, "signup_title")
}

// newSignUpView makes it with a title.
func (f *Face) newSignUpView(c *gin.Context, title string) (signUpView, error) {
	view := signUpView{formFrame: f.formFrame(c, title, nil), Path: "/sign-up", Domain: f.AccountDomain, Approve: f.Registrations == coop.RegistrationsAsk}
	rules, err := f.Store.Rules(c.Request.Context())
	if err != nil {
		return view, err
	}
	view.Said, err = f.said(c.Request.Context())
	for _, rule := range rules {
		view.Rules = append(view.Rules, rule.Texts.In(view.Lang))
	}
	return view, err
}

// signUpPage answers GET /sign-up.
func (f *Face) signUpPage(c *gin.Context) error {
	view, err := f.signUpView(c)
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "sign-up", view)
}

// signUp answers POST /sign-up.
func (f *Face) signUp(c *gin.Context) error {
	view, err := f.signUpView(c)
	if err != nil {
		return err
	}
	return f.askSignUp(c, view, 0)
}

// askSignUp answers the form, by the invitation of a member where there is one. An
// address that has an account here takes the same work and gets the same bytes: only the
// mail tells.
func (f *Face) askSignUp(c *gin.Context, view signUpView, invite coop.ID) error {
	view.Given = signUpForm{coop.CleanLine(c.PostForm("name"), 100), coop.CleanLine(c.PostForm("email"), 300), coop.CleanText(c.PostForm("reason"), 5000), c.PostForm("agreement") != ""}
	wish := &coop.SignUp{Name: strings.ToLower(view.Given.Name), Email: view.Given.Email, Language: view.Lang, Reason: view.Given.Reason, InviteID: invite}
	ctx, password := c.Request.Context(), c.PostForm("password")
	if err := f.complainOf(&view, f.Outbox.CheckSignUp(ctx, wish, password)); err != nil {
		return err
	}
	if view.Approve && wish.Reason == "" {
		view.complain("reason", view.T("signup_reason_needed"))
	}
	if !view.Given.Agrees {
		view.complain("agreement", view.T("signup_agree_needed"))
	}
	if len(view.Problems) == 0 {
		if err := f.sendSignUp(c, wish, password); err != nil {
			if err := f.complainOf(&view, err); err != nil {
				return err
			}
		}
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "sign-up", view)
	}
	view.Sent = true
	return f.show(c, http.StatusOK, "sign-up", view)
}

// sendSignUp keeps a good wish.
func (f *Face) sendSignUp(c *gin.Context, wish *coop.SignUp, password string) (err error) {
	if err := f.Admit(auth.LimitMail, "sign-up "+coop.Fold(wish.Email)); err != nil {
		return err
	}
	ctx := c.Request.Context()
	if wish.Password, err = f.Passwords.Hash(ctx, password); err != nil {
		return err
	}
	return f.Outbox.SignUp(ctx, wish, nil, wish.InviteID != 0 || f.Registrations == coop.RegistrationsOpen)
}

// complainOf notes the complaints of an error on the page; what is none passes.
func (f *Face) complainOf(view *signUpView, err error) error {
	list := coop.Complaints(err)
	if err != nil && list == nil {
		return err
	}
	for _, complaint := range list {
		view.complain(complaint.Field, view.signUpProblem(complaint))
	}
	return nil
}

// signUpProblem is a complaint in words.
func (t *tongue) signUpProblem(e *coop.InvalidError) string {
	switch {
	case e.Field == "password":
		return t.passwordProblem(e.Code)
	case e.Field == "email":
		return t.T("reset_email_wrong")
	case e.Field == "reason":
		return t.T("signup_reason_long")
	case e.Code == coop.CodeTaken:
		return t.T("invite_name_taken")
	}
	return t.T("invite_name_wrong")
}

// addressView is the page where an address is confirmed, or was.
type addressView struct {
	formFrame
	Handle  string
	Path    string
	Account string // the page of the account, once it is made
	Waits   bool   // confirmed; the staff decide
	By      person // the member who invited, once it is made; empty: nobody did
}

// addressView finds the wish that a mail is about and makes the page.
func (f *Face) addressView(c *gin.Context) (*coop.SignUp, addressView, error) {
	wish, err := f.Store.SignUpByLink(c.Request.Context(), outbox.LinkHash(c.Param("secret")))
	if err != nil {
		return nil, addressView{}, err
	}
	view := addressView{formFrame: f.formFrame(c, "address_title", nil), Path: c.Request.URL.EscapedPath(), Waits: !wish.ConfirmedAt.IsZero() && !wish.Ready()}
	view.Handle = coop.Handle{Name: wish.Name, Host: f.AccountDomain}.String()
	return wish, view, nil
}

// addressPage answers GET /confirm/SECRET. Looking at it confirms nothing: programs that
// look at mails before people do follow links too.
func (f *Face) addressPage(c *gin.Context) error {
	_, view, err := f.addressView(c)
	if err != nil {
		return f.ended(c, err)
	}
	return f.show(c, http.StatusOK, "address", view)
}

// confirmAddress answers POST /confirm/SECRET: the account is made, or waits for the staff.
func (f *Face) confirmAddress(c *gin.Context) error {
	wish, view, err := f.addressView(c)
	if err != nil {
		return f.ended(c, err)
	}
	account, err := f.Outbox.ConfirmSignUp(c.Request.Context(), wish)
	if errors.Is(err, coop.ErrConflict) {
		err = coop.ErrNotFound // the name or the address is another's by now
	}
	if err != nil {
		return f.ended(c, err)
	}
	if view.Waits = account == nil; account != nil {
		view.Account = "/@" + account.Name
		if view.By, err = f.invitedBy(c.Request.Context(), account.ID); err != nil {
			return err
		}
	}
	return f.show(c, http.StatusOK, "address", view)
}
