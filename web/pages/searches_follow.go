// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// The paths around saved searches. A search that can be followed from elsewhere has its
// own address below searchesPath, which servers and people share.
const (
	searchesPath = "/searches"
	followPath   = "/jobs/follow"
	alertsPath   = "/alerts/"
	feedsPath    = "/feeds/"
)

// searchRoutes are the pages about searches that are saved, followed and mailed.
func (f *Face) searchRoutes() []auth.Route {
	route := func(method, path string, access auth.Access, limit auth.Limit, csrf auth.CSRF, h respond.Handler) auth.Route {
		r := auth.Route{Method: method, Path: path, Access: access, Limit: limit, CSRF: csrf, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
		if method == http.MethodPost {
			r.Body = signInBody
		}
		return r
	}
	return []auth.Route{
		route("GET", followPath, auth.Visitor, auth.LimitReads, auth.CSRFSafe, f.followSearchPage),
		route("POST", followPath, auth.Visitor, auth.LimitForms, auth.CSRFForm, f.askAlert),
		route("GET", searchesPath, auth.Session, auth.LimitReads, auth.CSRFSafe, f.searchesPage),
		route("POST", searchesPath, auth.Session, auth.LimitReads, auth.CSRFForm, f.changeSearches),
		route("GET", alertsPath+":secret", auth.Open, auth.LimitReads, auth.CSRFSafe, f.alertPage),
		// Who holds the secret may, whatever they are signed in as: mail programs end a
		// subscription by a POST of their own (RFC 8058).
		route("POST", alertsPath+":secret", auth.Open, auth.LimitReads, auth.CSRFBearer, f.changeAlert),
		route("GET", feedsPath+":file", auth.Open, auth.LimitReads, auth.CSRFSafe, f.secretFeed),
	}
}

// followSearchView is the page that says how to hear of a search again.
type followSearchView struct {
	formFrame
	What    string // the search in words; empty: it cannot be saved
	Wrong   string // why it cannot
	Query   string // as a query string
	Board   string // address of what it finds now
	Total   int
	Mail    bool // this server sends mail
	Email   string
	Weekly  bool
	Asked   bool // a mail is on its way
	Handle  string
	Profile string
	// Interact is how to follow the account from another server.
	Interact string
	SignIn   string
	Member   bool
	Saved    bool // this member has it
}

// followSearchPage answers GET /jobs/follow with the query of the board.
func (f *Face) followSearchPage(c *gin.Context) error {
	view, err := f.followSearchView(c, c.Request.URL.Query())
	if err != nil {
		return err
	}
	view.Asked = c.Query("asked") != ""
	return f.show(c, http.StatusOK, "search-follow", view)
}

// followSearchView makes the page for a query.
func (f *Face) followSearchView(c *gin.Context, values url.Values) (followSearchView, error) {
	asked, wrong := coop.SearchOf(values)
	view := followSearchView{formFrame: f.formFrame(c, "searches_follow_title", asked.Values()), Mail: f.Outbox.SendsMail(), Weekly: true}
	view.Query = asked.Values().Encode()
	view.Board = withQuery("/jobs", asked.Values())
	var invalid *coop.InvalidError
	if errors.As(wrong, &invalid) {
		view.Wrong = view.T("searches_wrong_" + invalid.Code)
		return view, nil
	}
	ctx := c.Request.Context()
	view.What = f.Outbox.SearchTitle(ctx, view.Lang, &asked)
	list, err := f.Store.SearchJobs(ctx, anybody(), asked, storage.JobPage{Limit: 1, Domain: f.AccountDomain})
	if err != nil {
		return view, err
	}
	view.Total = list.Total
	view.feedsOf("/jobs", asked.Values(), "ics")
	if err := f.fillFollow(ctx, &view, asked, auth.Account(c)); err != nil {
		return view, err
	}
	view.SignIn = "/sign-in?next=" + url.QueryEscape(withQuery(followPath, asked.Values()))
	return view, nil
}

// fillFollow adds the account that can be followed, and what a member has of it.
func (f *Face) fillFollow(ctx context.Context, view *followSearchView, asked coop.JobQuery, me *coop.Account) error {
	q, err := f.Store.SearchQueryOf(ctx, asked)
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	if err == nil && q.Account != 0 {
		actor, err := f.Store.Account(ctx, q.Account)
		if err != nil {
			return err
		}
		if !actor.Gone() {
			view.Handle, view.Profile = "@"+actor.Handle(f.AccountDomain).String(), "/@"+actor.Name
			view.Interact = "/interact?uri=" + url.QueryEscape(view.Handle)
		}
	}
	if view.Member = me != nil; !view.Member || err != nil {
		return nil
	}
	if _, err = f.Store.SavedBy(ctx, me.ID, "", q.ID); errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	view.Saved = err == nil
	return err
}

// askAlert answers POST /jobs/follow: a visitor asks for mails. The answer is the same
// whether or not the address asked before.
func (f *Face) askAlert(c *gin.Context) error {
	values, err := url.ParseQuery(c.PostForm("query"))
	if err != nil {
		values = url.Values{}
	}
	view, err := f.followSearchView(c, values)
	if err != nil {
		return err
	}
	view.Email, view.Weekly = coop.CleanLine(c.PostForm("email"), 300), c.PostForm("every") != string(coop.MailDaily)
	if view.Wrong != "" {
		return f.show(c, http.StatusUnprocessableEntity, "search-follow", view)
	}
	if !coop.ValidMail(view.Email) {
		view.complain("email", view.T("reset_email_wrong"))
		return f.show(c, http.StatusUnprocessableEntity, "search-follow", view)
	}
	if err := f.Admit(auth.LimitMail, "alert "+coop.Fold(view.Email)); err != nil {
		return err
	}
	s := &coop.SavedSearch{Email: view.Email, Language: view.Lang, Query: view.Query, Mail: coop.MailWeekly}
	if !view.Weekly {
		s.Mail = coop.MailDaily
	}
	if err := f.Outbox.AskAlert(c.Request.Context(), s); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, followPath+"?"+view.Query+"&asked=1")
	return nil
}
