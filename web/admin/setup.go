// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/web/auth"
	"minga/web/respond"
)

// The first run has two parts. The address that is printed at the start of an instance
// that nobody owns leads to one form: how the federation is called, and who owns it.
// With that it is somebody's, and the address is dead. What follows is a list of steps
// for its owner, each of which says what it found and can be left for later.

// readyPath is the list of steps.
const readyPath = "/admin/setup"

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
	if err := f.Gate.SignIn(c, owner, false); err != nil {
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

// readyView is the list of steps.
type readyView struct {
	Done       string
	Federation person
	Root       string
	Trying     bool
	Email      string // of who is signed in
	Mail       string // the mail server; empty: none
	Fixed      bool   // it stands in the configuration
	Server     outbox.MailServer
	Ways       []choice // how the connection is kept from listeners
	Factors    bool     // they have a second factor
	Findings   []findingRow
	DataDir    string
	Follows    []peerStep // whom the federation follows, or asked to
	Handle     string     // as it was typed
	First      bool       // nothing was published yet
}

// peerStep is somebody whom the federation follows.
type peerStep struct {
	Who      person
	Accepted bool
}

// readyDones are what the list can say that was done.
var readyDones = []string{"mail", "follow", "smtp"}

// readyPage answers GET /admin/setup.
func (f *Face) readyPage(c *gin.Context) error { return f.showReady(c, http.StatusOK, "") }

// showReady draws the list, with the handle that was typed and what is wrong with a form.
func (f *Face) showReady(c *gin.Context, status int, typed string, problems ...respond.Problem) error {
	t, ctx, me := f.Shell.Tongue(c), c.Request.Context(), auth.Account(c)
	federation, err := f.Store.FederationAccount(ctx)
	if err != nil {
		return err
	}
	factors, err := f.Store.Factors(ctx, me.ID)
	if err != nil {
		return err
	}
	view := readyView{
		Federation: f.person(federation), Root: f.root(), Trying: f.Scheme == "http", Email: me.Email,
		Factors: factors.Any(), DataDir: f.DataDir, Handle: typed,
	}
	view.Mail, view.Fixed = f.Outbox.MailHost()
	view.Server = readMail(c)
	view.Ways = mailWays(t, view.Trying, view.Server.Security)
	if done := c.Query("done"); slices.Contains(readyDones, done) {
		view.Done = t.T("setup_done_" + done)
	}
	if f.Checks != nil {
		for _, one := range f.Checks(ctx) {
			view.Findings = append(view.Findings, findingRowOf(t, one))
		}
	}
	follows, err := f.Store.Following(ctx, federation.ID, "", coop.Page{Limit: 20})
	if err != nil {
		return err
	}
	for _, x := range follows {
		if !x.Target.Local {
			view.Follows = append(view.Follows, peerStep{f.person(x.Target), x.State == coop.FollowAccepted})
		}
	}
	return f.Shell.Draw(c, status, respond.Sheet{Page: "admin-setup", Title: t.T("setup_ready_title"), View: view, Problems: problems})
}

// mailPatience is how long the page waits for the mail server.
const mailPatience = 20 * time.Second

// getReady answers POST /admin/setup: act is smtp (mails leave through this server),
// mail (send a test to an address) or follow (the federation follows somebody elsewhere).
func (f *Face) getReady(c *gin.Context) error {
	t, done := f.Shell.Tongue(c), c.PostForm("act")
	switch done {
	case "mail":
		address := coop.CleanLine(c.PostForm("email"), 300)
		problem, err := f.tryMail(c.Request.Context(), t, address)
		if err != nil {
			return err
		}
		if problem != "" {
			return f.showReady(c, http.StatusUnprocessableEntity, "", respond.Problem{Field: "email", Text: problem})
		}
	case "smtp":
		problems, err := f.keepMail(c, t)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return f.showReady(c, http.StatusUnprocessableEntity, "", problems...)
		}
	case "follow":
		typed := coop.CleanLine(c.PostForm("handle"), 2048)
		_, problem, err := f.followFirst(c, typed)
		if err != nil {
			return err
		}
		if problem != "" {
			return f.showReady(c, http.StatusUnprocessableEntity, typed, respond.Problem{Field: "handle", Text: t.T(problem)})
		}
	default:
		return &coop.InvalidError{Field: "act", Problem: "this is no step"}
	}
	c.Redirect(http.StatusSeeOther, readyPath+"?done="+done)
	return nil
}

// tryMail sends a mail now and says in words why it was not taken.
func (f *Face) tryMail(ctx context.Context, t respond.Tongue, address string) (string, error) {
	if !coop.ValidMail(address) {
		return t.T("setup_wrong_email"), nil
	}
	waiting, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	err := f.Outbox.TestMail(waiting, address, t.Tag())
	var refused *mail.Error
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &refused):
		return t.T("setup_mail_refused", "Answer", coop.Truncate(refused.Error(), 300)), nil
	case errors.Is(err, coop.ErrUnavailable):
		return t.T("setup_mail_none"), nil
	}
	return "", err
}
