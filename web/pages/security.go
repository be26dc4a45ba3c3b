// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// securityView shows a person who acts for them and where they are signed in.
type securityView struct {
	formFrame
	Who      person
	Login    string // the name, for programs that keep passwords
	Email    string
	Apps     []appRow
	Sessions []sessionRow
	Done     string // what has just been done, in words

	Provider   string // where people sign in too; empty: nowhere else
	Identities []identityRow
}

// identityRow is who the person is at another provider.
type identityRow struct {
	ID, Name, Issuer string
	Since            moment
}

// appRow is an app that acts for the person.
type appRow struct {
	ID, Name    string
	As          string // the handle that it acts as, where that is not the person's own
	May         []string
	Since, Used moment
}

// sessionRow is a browser in which the person signed in.
type sessionRow struct {
	ID, Browser string
	Here        bool
	Since, Seen moment
}

// moment is a day for people and the same moment for machines.
type moment struct{ Day, Stamp string }

// momentOf is a time in a language; the zero time is empty.
func momentOf(t *tongue, at time.Time) moment {
	if at.IsZero() {
		return moment{}
	}
	return moment{t.Here(at), t.Stamp(at)}
}

// dones are what can have been done just now.
var dones = []string{"password", "app", "apps", "session", "sessions", "provider", "provider_end"}

// securityPage answers GET /settings/security.
func (f *Face) securityPage(c *gin.Context) error {
	view, err := f.securityView(c)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(dones, done) {
		view.Done = view.T("security_done_" + done)
	}
	return f.show(c, http.StatusOK, "security", view)
}

// securityView reads what the page shows.
func (f *Face) securityView(c *gin.Context) (view securityView, err error) {
	account, here, ctx := auth.Account(c), auth.SessionOf(c), c.Request.Context()
	view = securityView{formFrame: f.formFrame(c, "security_title", nil), Who: f.person(account), Login: account.Name, Email: account.Email, Provider: f.providerName()}
	sessions, err := f.Store.Sessions(ctx, account.ID)
	if err != nil {
		return view, err
	}
	for _, s := range sessions {
		row := sessionRow{s.ID.String(), s.Browser, s.ID == here.ID, momentOf(view.tongue, s.CreatedAt), momentOf(view.tongue, s.SeenAt)}
		if row.Browser == "" {
			row.Browser = view.T("security_session_unknown")
		}
		view.Sessions = append(view.Sessions, row)
	}
	identities, err := f.Store.Identities(ctx, account.ID)
	if err != nil {
		return view, err
	}
	for _, i := range identities {
		view.Identities = append(view.Identities, identityRow{i.ID.String(), i.Name, i.Issuer, momentOf(view.tongue, i.CreatedAt)})
	}
	view.Apps, err = f.appRows(ctx, view.tongue, account)
	return view, err
}

// appRows lists the tokens that act for a person.
func (f *Face) appRows(ctx context.Context, t *tongue, account *coop.Account) ([]appRow, error) {
	tokens, err := f.Store.TokensOf(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	var ids []coop.ID
	for _, token := range tokens {
		ids = append(ids, token.AccountID)
	}
	others, err := f.Store.Accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	var rows []appRow
	for _, token := range tokens {
		row := appRow{ID: token.ID.String(), Name: token.App, May: t.scopes(token.Scopes), Since: momentOf(t, token.CreatedAt), Used: momentOf(t, token.LastUsed)}
		if token.AccountID != account.ID {
			row.As = f.person(others[token.AccountID]).Handle
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// changeSecurity answers the forms of the page: POST /settings/security with act,
// and an id where the act is about one.
func (f *Face) changeSecurity(c *gin.Context) error {
	act, account, here := c.PostForm("act"), auth.Account(c), auth.SessionOf(c)
	if act == "password" {
		return f.changePassword(c)
	}
	id, err := coop.ParseID(c.PostForm("id"))
	if (act == "app" || act == "session") && err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		var err error
		switch act {
		case "app":
			err = tx.RevokeTokenOf(ctx, account.ID, id, f.Now())
		case "apps":
			err = tx.RevokeTokensOf(ctx, account.ID, f.Now())
		case "session":
			err = tx.EndSession(ctx, account.ID, id)
		case "sessions":
			err = tx.EndSessions(ctx, account.ID, here.ID)
		default:
			err = &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "password, app, apps, session or sessions"}
		}
		if err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: account.Name, Act: "security." + act, Target: string(account.IRI)})
	})
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, securityPath+"?done="+act)
	return nil
}

// changePassword takes a new password from who knows the old one. It ends every other
// session and every token; this session goes on under a new cookie.
func (f *Face) changePassword(c *gin.Context) error {
	account, ctx := auth.Account(c), c.Request.Context()
	if err := f.Admit(auth.LimitSignInOf, coop.Fold(account.Name)); err != nil {
		return err
	}
	before, err := f.Store.PasswordHash(ctx, account.ID)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	fits, err := f.Passwords.Verify(ctx, c.PostForm("current"), before)
	if err != nil {
		return err
	}
	wish := c.PostForm("password")
	wrong := coop.ValidatePassword(wish, account.Name, account.DisplayName, account.Email, f.Host)
	if !fits || wrong != nil {
		return f.passwordRefused(c, fits, wrong)
	}
	hash, err := f.Passwords.Hash(ctx, wish)
	if err != nil {
		return err
	}
	err = f.Gate.Renew(c, func(tx *storage.Tx, s *coop.Session) error {
		if err := tx.AtTheDoor(ctx, account.ID); err != nil {
			return err
		}
		if err := samePassword(ctx, tx, account.ID, before); err != nil {
			return err
		}
		s.ProvedAt = f.Now()
		if err := tx.ChangePassword(ctx, account.ID, hash, s.ID); err != nil {
			return err
		}
		if err := f.Outbox.TellPasswordChanged(ctx, tx, account); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: account.Name, Act: "security.password", Target: string(account.IRI)})
	})
	if errors.Is(err, coop.ErrConflict) {
		return f.passwordRefused(c, false, nil)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, securityPath+"?done=password")
	return nil
}

// passwordRefused says what is wrong with the form. No password stands on it again.
func (f *Face) passwordRefused(c *gin.Context, fits bool, wrong error) error {
	view, err := f.securityView(c)
	if err != nil {
		return err
	}
	if !fits {
		view.complain("current", view.T("security_password_wrong"))
	}
	var invalid *coop.InvalidError
	if errors.As(wrong, &invalid) {
		view.complain("password", view.passwordProblem(invalid.Code))
	}
	return f.show(c, http.StatusUnprocessableEntity, "security", view)
}

// passwordProblem says why a password may not be one.
func (t *tongue) passwordProblem(code string) string {
	switch code {
	case coop.CodeTooLong:
		return t.T("password_too_long")
	case coop.CodeCommon:
		return t.T("password_common")
	}
	return t.T("password_too_short")
}
