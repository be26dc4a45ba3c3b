// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// The paths around another provider.
const (
	providerPath = "/sign-in/provider"
	joinPath     = "/sign-in/join"
)

// ProviderBack is where a provider sends browsers back to, behind the root of the
// instance.
const ProviderBack = providerPath + "/back"

// providerRoutes are the pages around another provider. Without one they are not there.
func (f *Face) providerRoutes() []auth.Route {
	route := func(method, path string, access auth.Access, limit auth.Limit, h respond.Handler) auth.Route {
		r := auth.Route{Method: method, Path: path, Access: access, Limit: limit, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Early: true, Form: respond.HTML, Handle: f.ifProvider(h)}
		if method == "POST" {
			r.CSRF, r.Body = auth.CSRFForm, signInBody
		}
		return r
	}
	return []auth.Route{
		route("GET", providerPath, auth.Visitor, auth.LimitSignIn, f.leaveToSignIn),
		route("GET", ProviderBack, auth.Visitor, auth.LimitSignIn, f.back),
		route("GET", joinPath, auth.Visitor, auth.LimitReads, f.joinPage),
		route("POST", joinPath, auth.Visitor, auth.LimitSignUp, f.join),
		route("GET", confirmPath+"/provider", auth.Session, auth.LimitSignIn, f.leaveToProve),
		route("POST", securityPath+"/provider", auth.Session, auth.LimitSignIn, f.changeProvider),
	}
}

// ifProvider answers only where there is another provider.
func (f *Face) ifProvider(h respond.Handler) respond.Handler {
	return func(c *gin.Context) error {
		if f.Provider == nil {
			return fmt.Errorf("no other provider: %w", coop.ErrNotFound)
		}
		return h(c)
	}
}

// providerName is how people know the other provider; empty: there is none.
func (f *Face) providerName() string {
	if f.Provider == nil {
		return ""
	}
	return f.Provider.Name
}

// onlyProvider tells whether nobody signs in here but by the other provider.
func (f *Face) onlyProvider() bool { return f.Provider != nil && f.Provider.Only }

// errOnly is said of other ways to sign in where there is but one.
var errOnly = fmt.Errorf("sign in at the other provider: %w", coop.ErrForbidden)

// leave sends the browser to the provider.
func (f *Face) leave(c *gin.Context, why, next string) error {
	to, err := f.Gate.Leave(c, f.Provider, why, next)
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// leaveToSignIn answers GET /sign-in/provider?next=….
func (f *Face) leaveToSignIn(c *gin.Context) error {
	next := c.Query("next")
	if next != "" {
		next = auth.OwnPath(next)
	}
	return f.leave(c, auth.ProviderIn, next)
}

// leaveToProve answers GET /settings/confirm/provider?next=….
func (f *Face) leaveToProve(c *gin.Context) error {
	return f.leave(c, auth.ProviderProve, auth.OwnPath(c.Query("next")))
}

// goView leads to the provider by a link: a form may not lead to another site.
type goView struct {
	formFrame
	Provider, To string
}

// changeProvider answers POST /settings/security/provider with act: link, or end with
// an id.
func (f *Face) changeProvider(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	account, ctx := auth.Account(c), c.Request.Context()
	switch c.PostForm("act") {
	case "link":
		to, err := f.Gate.Leave(c, f.Provider, auth.ProviderLink, securityPath)
		if err != nil {
			return err
		}
		return f.show(c, http.StatusOK, "go", goView{f.formFrame(c, "provider_go_title", nil), f.Provider.Name, to})
	case "end":
		id, err := coop.ParseID(c.PostForm("id"))
		if err != nil {
			return err
		}
		return f.changedProvider(c, "provider_end", func(tx *storage.Tx) error { return tx.RemoveIdentity(ctx, account.ID, id) })
	}
	return &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "link or end"}
}

// changedProvider does what a change of the ways in means, as [Face.change] does.
func (f *Face) changedProvider(c *gin.Context, done string, do func(tx *storage.Tx) error) error {
	account, ctx := auth.Account(c), c.Request.Context()
	err := f.Gate.Renew(c, func(tx *storage.Tx, s *coop.Session) error {
		if err := do(tx); err != nil {
			return err
		}
		if err := tx.EndOthers(ctx, account.ID, s.ID); err != nil {
			return err
		}
		if err := f.Proofs.Warn(ctx, tx, account, auth.WarnFactors); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: account.Name, Act: "security." + done, Target: string(account.IRI)})
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, securityPath+"?done="+done)
	return nil
}

// back answers GET /sign-in/provider/back, where the provider sends browsers.
func (f *Face) back(c *gin.Context) error {
	trip, claims, err := f.Proofs.Return(c, f.Provider)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return f.notBack(c, &auth.Trip{Why: auth.ProviderIn}, "provider_ended")
	case errors.Is(err, auth.ErrProvider):
		return f.notBack(c, trip, "provider_refused")
	case err != nil:
		return err
	}
	switch trip.Why {
	case auth.ProviderLink:
		return f.linked(c, trip, claims)
	case auth.ProviderProve:
		return f.provedThere(c, trip, claims)
	}
	return f.cameBy(c, trip, claims)
}

// notBack says on the page where the trip began why nothing came of it.
func (f *Face) notBack(c *gin.Context, trip *auth.Trip, words string) error {
	if auth.SessionOf(c) == nil || trip.Why == auth.ProviderIn {
		view := f.signInView(c, trip.Next)
		view.complain("provider", view.T(words, "Provider", f.Provider.Name))
		return f.show(c, http.StatusUnprocessableEntity, "sign-in", view)
	}
	if trip.Why == auth.ProviderProve {
		view, err := f.confirmView(c, trip.Next)
		if err != nil {
			return err
		}
		view.complain("provider", view.T(words, "Provider", f.Provider.Name))
		return f.show(c, http.StatusUnprocessableEntity, "confirm", view)
	}
	view, err := f.securityView(c)
	if err != nil {
		return err
	}
	view.complain("provider", view.T(words, "Provider", f.Provider.Name))
	return f.show(c, http.StatusUnprocessableEntity, "security", view)
}

// same tells whether the session that the trip began in is still this one.
func same(c *gin.Context, trip *auth.Trip) bool {
	session := auth.SessionOf(c)
	return session != nil && session.ID == trip.Session
}

// linked binds the person who is signed in to whom the provider vouches for: in the
// session where they asked, and with a fresh proof. An address of mail says nothing.
func (f *Face) linked(c *gin.Context, trip *auth.Trip, claims *auth.Claims) error {
	if !same(c, trip) {
		return f.notBack(c, trip, "provider_ended")
	}
	if err := auth.Fresh(c); err != nil {
		return &auth.ProveError{Next: securityPath}
	}
	account, ctx := auth.Account(c), c.Request.Context()
	err := f.changedProvider(c, "provider", func(tx *storage.Tx) error {
		return tx.AddIdentity(ctx, &coop.Identity{AccountID: account.ID, Issuer: claims.Issuer, Subject: claims.Subject, Name: shownClaims(claims)})
	})
	if errors.Is(err, coop.ErrConflict) {
		return f.notBack(c, trip, "provider_taken")
	}
	return err
}

// shownClaims is by what a person knows their account at the provider.
func shownClaims(claims *auth.Claims) string {
	for _, name := range []string{claims.Login, claims.Email, claims.Name} {
		if name != "" {
			return name
		}
	}
	return coop.Truncate(claims.Subject, 100)
}

// provedThere notes that the person proved at the provider who they are: they and
// nobody else, and on this trip.
func (f *Face) provedThere(c *gin.Context, trip *auth.Trip, claims *auth.Claims) error {
	identity, err := f.Store.IdentityBySubject(c.Request.Context(), claims.Issuer, claims.Subject)
	switch {
	case errors.Is(err, coop.ErrNotFound), err == nil && (!same(c, trip) || identity.AccountID != auth.Account(c).ID):
		return f.notBack(c, trip, "provider_other")
	case err != nil:
		return err
	case !trip.FreshlyProved(claims):
		return f.notBack(c, trip, "provider_old")
	}
	if err := f.Gate.Prove(c, claims.Strong); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, trip.Next)
	return nil
}

// cameBy lets in whom the provider vouches for. A second factor of theirs is asked for
// here unless the provider says that it saw two.
func (f *Face) cameBy(c *gin.Context, trip *auth.Trip, claims *auth.Claims) error {
	ctx := c.Request.Context()
	identity, err := f.Store.IdentityBySubject(ctx, claims.Issuer, claims.Subject)
	if errors.Is(err, coop.ErrNotFound) {
		return f.newcomer(c, trip, claims)
	}
	if err != nil {
		return err
	}
	account, err := f.Store.Account(ctx, identity.AccountID)
	if err != nil {
		return err
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.UseIdentity(ctx, identity.ID); err != nil {
			return err
		}
		return f.applyGroups(ctx, tx, account, claims)
	})
	if err != nil {
		return err
	}
	factors, err := f.Store.Factors(ctx, account.ID)
	if err != nil {
		return err
	}
	still := func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.IdentityBySubject(ctx, claims.Issuer, claims.Subject)
		return err
	}
	if factors.Any() && !claims.Strong {
		err = f.askSecond(c, account, trip.Next, still)
	} else {
		err = f.letIn(c, account, claims.Strong, trip.Next, still)
	}
	if errors.Is(err, coop.ErrNotFound) { // unbound meanwhile
		return f.notBack(c, trip, "provider_refused")
	}
	return err
}

// newcomer leads somebody whom nobody here is bound to on to an account of their own,
// where the configuration says so.
func (f *Face) newcomer(c *gin.Context, trip *auth.Trip, claims *auth.Claims) error {
	if !f.Provider.Accounts {
		return f.notBack(c, trip, "provider_unknown")
	}
	if err := f.Gate.Keep(c, auth.CeremonyJoin, 0, joinState{*claims, trip.Next}, nil); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, joinPath)
	return nil
}

// providerLink is the address of the way to the provider, with where to go on to.
func providerLink(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?" + url.Values{"next": {next}}.Encode()
}
