// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// What forms of people carry at most, in bytes.
const signInBody = 16 << 10

// securityPath is where people see who acts for them.
const securityPath = "/settings/security"

// signInRoutes are the pages around sign-in.
func (f *Face) signInRoutes() []auth.Route {
	get := func(path string, access auth.Access, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: access, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Early: path != securityPath, Form: respond.HTML, Handle: h}
	}
	post := func(path string, access auth.Access, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: access, Limit: auth.LimitSignIn, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Early: path != securityPath, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get("/sign-in", auth.Visitor, f.signInPage),
		post("/sign-in", auth.Visitor, f.signIn),
		get(againPath, auth.Session, f.againPage),
		post("/sign-out", auth.Visitor, f.signOut),
		get(securityPath, auth.Session, f.securityPage),
		post(securityPath, auth.Session, f.changeSecurity),
		get(confirmPath, auth.Session, f.confirmPage),
		post(confirmPath, auth.Session, f.confirm),
	}
}

// signInView is the page with the form.
type signInView struct {
	formFrame
	Login string // as it was typed
	Next  string // an own path to go on to; empty: the usual one
	Who   person // who is signed in already

	Passkeys bool // a passkey may do
	Only     bool // but the other provider nothing does
	// Provider may do, behind this link; empty: there is none.
	Provider, ProviderLink string
	// SignUp says that people make accounts for themselves.
	SignUp bool
}

// signInView makes the page. Where the next one is about an app, browsers are told
// where its form may lead.
func (f *Face) signInView(c *gin.Context, next string) signInView {
	meaning := url.Values{}
	if next != "" {
		next = auth.OwnPath(next)
		meaning.Set("next", next)
		if redirect := f.LeadsTo(c.Request.Context(), next); redirect != "" {
			auth.LeadTo(c, redirect)
		}
	}
	view := signInView{formFrame: f.formFrame(c, "sign_in_title", meaning), Next: next, SignUp: f.Registrations.Open(), Passkeys: f.Proofs.TakesPasskeys() && !f.onlyProvider()}
	view.Only, view.Provider, view.ProviderLink = f.onlyProvider(), f.providerName(), providerLink(providerPath, next)
	if account := auth.Account(c); account != nil {
		view.Who = f.person(account)
	}
	return view
}

// signInPage answers GET /sign-in?next=….
func (f *Face) signInPage(c *gin.Context) error {
	return f.show(c, http.StatusOK, "sign-in", f.signInView(c, c.Query("next")))
}

// signIn answers POST /sign-in. An account that is not there and a wrong password
// take the same questions and the same work, and look the same.
func (f *Face) signIn(c *gin.Context) error {
	if f.onlyProvider() {
		return errOnly
	}
	login, ctx := coop.CleanLine(c.PostForm("login"), 400), c.Request.Context()
	if err := f.Admit(auth.LimitSignInOf, strings.TrimPrefix(coop.Fold(login), "@")); err != nil {
		return err
	}
	account, hash, err := f.credentials(ctx, login)
	if err != nil {
		return err
	}
	fits, err := f.Passwords.Verify(ctx, c.PostForm("password"), hash)
	if err != nil {
		return err
	}
	view := f.signInView(c, c.PostForm("next"))
	if fits {
		err = f.byPassword(c, account, hash, view.Next)
	}
	if !fits || errors.Is(err, coop.ErrConflict) {
		view.Login = login
		view.complain("login", view.T("sign_in_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "sign-in", view)
	}
	return err
}

// byPassword lets in whose password was right, or asks for the second factor. A password
// that was changed meanwhile is [coop.ErrConflict].
func (f *Face) byPassword(c *gin.Context, account *coop.Account, hash, next string) error {
	still := func(ctx context.Context, tx *storage.Tx) error { return samePassword(ctx, tx, account.ID, hash) }
	factors, err := f.Store.Factors(c.Request.Context(), account.ID)
	if err != nil {
		return err
	}
	if factors.Any() {
		return f.askSecond(c, account, next, still)
	}
	return f.letIn(c, account, false, next, still)
}

// samePassword is nil while the password of a person is the one that was looked at, and
// else [coop.ErrConflict].
func samePassword(ctx context.Context, tx *storage.Tx, account coop.ID, hash string) error {
	now, err := tx.PasswordHash(ctx, account)
	if errors.Is(err, coop.ErrNotFound) || err == nil && now != hash {
		return fmt.Errorf("the password is another by now: %w", coop.ErrConflict)
	}
	return err
}

// letIn begins the session of who proved who they are, if the proof still stands, and goes
// on to an own path; empty: the usual one. The account of somebody who asked for its
// deletion and comes back before that is open again.
func (f *Face) letIn(c *gin.Context, account *coop.Account, strong bool, next string, still auth.Still) error {
	var back bool
	err := f.Gate.SignIn(c, account, strong, func(ctx context.Context, tx *storage.Tx) (err error) {
		if err := still(ctx, tx); err != nil {
			return err
		}
		if factors, err := tx.Factors(ctx, account.ID); err != nil || factors.Any() && !strong {
			return errors.Join(err, coop.ErrConflict) // the first second factor came meanwhile
		}
		back, err = f.Outbox.OpenAccount(ctx, tx, account, account.Name)
		return err
	})
	if err != nil {
		return err
	}
	if back {
		next = deletePath + "?done=back"
	}
	if next == "" {
		next = deskPath
	}
	c.Redirect(http.StatusSeeOther, next)
	return nil
}

// credentials finds who may sign in under a name, a handle or an address, and the
// hash of their password. Where there is nobody the hash is empty; as much is asked
// of the store as where there is somebody.
func (f *Face) credentials(ctx context.Context, login string) (*coop.Account, string, error) {
	name := strings.TrimPrefix(login, "@")
	if before, host, ok := strings.Cut(name, "@"); ok && (strings.EqualFold(host, f.AccountDomain) || strings.EqualFold(host, f.Host)) {
		name = before
	}
	byName, err := f.Store.AccountByHandle(ctx, name, "")
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, "", err
	}
	byEmail, err := f.Store.PersonByEmail(ctx, login)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, "", err
	}
	account := &coop.Account{}
	for _, found := range []*coop.Account{byEmail, byName} {
		if found != nil && found.Kind == coop.Person && found.MaySignIn() {
			account = found
		}
	}
	hash, err := f.Store.PasswordHash(ctx, account.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return nil, "", err
	}
	return account, hash, nil
}

// signOut answers POST /sign-out.
func (f *Face) signOut(c *gin.Context) error {
	if err := f.Gate.SignOut(c); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/")
	return nil
}
