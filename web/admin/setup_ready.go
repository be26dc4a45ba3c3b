// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"context"
	"errors"
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

// readyPath is the list of steps.
const readyPath = "/admin/setup"

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
