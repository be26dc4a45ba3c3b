// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
	"minga/web/respond"
)

// The first run has two parts. The address that is printed at the start of an instance
// that nobody owns leads to one form: how the federation is called, and who owns it.
// With that it is somebody's, and the address is dead. What follows is a list of steps
// for its owner, each of which says what it found and can be left for later.

// setupRoutes are both parts.
func (f *Face) setupRoutes() []auth.Route {
	return []auth.Route{
		{Method: http.MethodGet, Path: "/setup/:secret", Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Early: true, Form: respond.HTML, Handle: f.setupPage},
		{Method: http.MethodPost, Path: "/setup/:secret", Access: auth.Visitor, Limit: auth.LimitSignIn, CSRF: auth.CSRFForm, Sees: auth.SeesNobody, Body: formBody, Early: true, Form: respond.HTML, Handle: f.setUp},
		{Method: http.MethodGet, Path: readyPath, Access: auth.Session, Rank: coop.RankAdmin, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: f.readyPage},
		{Method: http.MethodPost, Path: readyPath, Access: auth.Session, Rank: coop.RankAdmin, Limit: auth.LimitSignIn, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: formBody, Form: respond.HTML, Handle: f.getReady},
	}
}

// setupView is the form of the first run.
type setupView struct {
	Path      string
	Root      string // address of this instance
	Domain    string // of handles
	Trying    bool   // nobody else can reach it: it is for looking around
	Given     setupForm
	Languages []choice
}

// setupForm is what the form says, as it was typed; never the password.
type setupForm struct{ Language, Name, Handle, About, Owner, OwnerName, Email string }

// languages are those of the interface, with their own names.
var languages = []choice{{Value: "es", Name: "Español"}, {Value: "en", Name: "English"}, {Value: "ca", Name: "Català"}, {Value: "it", Name: "Italiano"}, {Value: "pt", Name: "Português"}}

// setupLink finds the link of the path, while nobody owns the instance. One that was
// used, is too old or never was looks like any page that is not there.
func (f *Face) setupLink(c *gin.Context) error {
	ctx := c.Request.Context()
	if _, err := f.Store.LinkByHash(ctx, coop.LinkSetup, outbox.LinkHash(c.Param("secret"))); err != nil {
		return err
	}
	owned, err := f.Store.HasOwner(ctx)
	if err == nil && owned {
		err = fmt.Errorf("the first run is over: %w", coop.ErrNotFound)
	}
	return err
}

// setupPage answers GET /setup/SECRET.
func (f *Face) setupPage(c *gin.Context) error {
	if err := f.setupLink(c); err != nil {
		return err
	}
	federation, err := f.Store.FederationAccount(c.Request.Context())
	if err != nil {
		return err
	}
	given := setupForm{Language: f.Shell.Tongue(c).Tag(), Handle: federation.Name}
	if federation.DisplayName != federation.Name {
		given.Name = federation.DisplayName
	}
	return f.showSetup(c, http.StatusOK, given, nil)
}

// showSetup draws the form with what was typed and what is wrong with it.
func (f *Face) showSetup(c *gin.Context, status int, given setupForm, problems []respond.Problem) error {
	t := f.Shell.Tongue(c)
	view := setupView{Path: c.Request.URL.EscapedPath(), Root: f.root(), Domain: f.AccountDomain, Trying: f.Scheme == "http", Given: given, Languages: slices.Clone(languages)}
	for i := range view.Languages {
		view.Languages[i].Chosen = view.Languages[i].Value == given.Language
	}
	return f.Shell.Draw(c, status, respond.Sheet{Page: "setup", Title: t.T("setup_title"), View: view, Problems: problems})
}

// setUp answers POST /setup/SECRET: the instance gets its names and its owner, who is
// signed in by that.
func (f *Face) setUp(c *gin.Context) error {
	if err := f.setupLink(c); err != nil {
		return err
	}
	given := setupForm{
		Language: c.PostForm("language"), Name: coop.CleanLine(c.PostForm("name"), 200), Handle: coop.CleanLine(c.PostForm("handle"), 100),
		About: coop.CleanText(c.PostForm("about"), 2000), Owner: coop.CleanLine(c.PostForm("owner"), 100),
		OwnerName: coop.CleanLine(c.PostForm("owner_name"), 200), Email: coop.CleanLine(c.PostForm("email"), 300),
	}
	if !slices.ContainsFunc(languages, func(l choice) bool { return l.Value == given.Language }) {
		given.Language = f.Shell.Tongue(c).Tag()
	}
	owner, problems, err := f.makeOwner(c, given)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return f.showSetup(c, http.StatusUnprocessableEntity, given, problems)
	}
	if f.Speak != nil {
		f.Speak(given.Language)
	}
	if err := f.Gate.SignIn(c, owner, false, nil); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, readyPath)
	return nil
}

// makeOwner makes the instance somebody's, or says what is wrong with what was typed.
func (f *Face) makeOwner(c *gin.Context, given setupForm) (*coop.Account, []respond.Problem, error) {
	t, ctx, password := f.Shell.Tongue(c), c.Request.Context(), c.PostForm("password")
	var problems []respond.Problem
	var wrong *coop.InvalidError
	if errors.As(coop.ValidatePassword(password, given.Owner, given.OwnerName, given.Email, f.Host), &wrong) {
		problems = append(problems, respond.Problem{Field: "password", Text: t.T("setup_wrong_password_" + passwordKey(wrong.Code))})
	}
	setup := outbox.Setup{
		Language: given.Language, Name: given.Name, Handle: given.Handle, About: given.About,
		Owner: given.Owner, OwnerName: given.OwnerName, Email: given.Email, From: c.ClientIP(),
	}
	var list coop.Invalid
	if errors.As(f.Outbox.CheckSetup(&setup), &list) {
		for _, one := range list {
			problems = append(problems, respond.Problem{Field: one.Field, Text: t.T("setup_wrong_" + one.Field)})
		}
	}
	if len(problems) > 0 {
		return nil, inOrder(problems), nil
	}
	hash, err := f.Passwords.Hash(ctx, password)
	if err != nil {
		return nil, nil, err
	}
	setup.PasswordHash = hash
	owner, err := f.Outbox.SetUp(ctx, setup)
	switch {
	case isForbidden(err):
		return nil, []respond.Problem{{Field: "handle", Text: t.T("setup_wrong_handle_known")}}, nil
	case errors.Is(err, coop.ErrConflict):
		if owned, failed := f.Store.HasOwner(ctx); owned || failed != nil {
			return nil, nil, errors.Join(coop.ErrNotFound, failed) // somebody was faster
		}
		return nil, []respond.Problem{{Field: "owner", Text: t.T("setup_wrong_taken")}}, nil
	}
	return owner, nil, err
}

// setupOrder is the order of the fields on the page.
var setupOrder = []string{"name", "handle", "about", "owner", "owner_name", "email", "password"}

// inOrder are complaints in the order of their fields.
func inOrder(list []respond.Problem) []respond.Problem {
	slices.SortStableFunc(list, func(a, b respond.Problem) int {
		return slices.Index(setupOrder, a.Field) - slices.Index(setupOrder, b.Field)
	})
	return list
}

// passwordKey is why a password may not be one, as a part of keys.
func passwordKey(code string) string {
	switch code {
	case coop.CodeTooLong:
		return "long"
	case coop.CodeCommon:
		return "common"
	}
	return "short"
}
