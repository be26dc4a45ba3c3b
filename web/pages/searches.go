// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// searchesView shows a person their saved searches.
type searchesView struct {
	formFrame
	Searches []searchRow
	Most     string // how many there may be
	Mail     bool   // this server sends mail, and the person has an address
	Done     string
}

// searchRow is one of them.
type searchRow struct {
	ID, Name, What, Board string
	Site                  bool
	Every                 []choice
	Hook, HookSecret      string
	HookFailed            moment
	Feeds                 []feedLink
	Handle, Profile       string
	Interact              string // how to follow it from another server
	Hit                   moment
	Problem               string // of its webhook
}

// searchesPage answers GET /searches.
func (f *Face) searchesPage(c *gin.Context) error {
	view, err := f.searchesView(c)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains([]string{"saved", "changed", "gone", "feed", "actor"}, done) {
		view.Done = view.T("searches_done_" + done)
	}
	return f.show(c, http.StatusOK, "searches", view)
}

// searchesView reads what the page shows.
func (f *Face) searchesView(c *gin.Context) (searchesView, error) {
	me, ctx := auth.Account(c), c.Request.Context()
	view := searchesView{formFrame: f.formFrame(c, "searches_title", nil), Most: strconv.Itoa(f.Outbox.MostSearches(ctx)), Mail: f.Outbox.SendsMail() && me.Email != ""}
	list, err := f.Store.SavedSearches(ctx, me.ID)
	if err != nil {
		return view, err
	}
	for _, s := range list {
		row, err := f.searchRow(ctx, view.tongue, s)
		if err != nil {
			return view, err
		}
		view.Searches = append(view.Searches, row)
	}
	return view, nil
}

// searchRow shows one search.
func (f *Face) searchRow(ctx context.Context, t *tongue, s *coop.SavedSearch) (searchRow, error) {
	asked := s.Asked()
	row := searchRow{
		ID: s.ID.String(), Name: s.Name, What: f.Outbox.SearchTitle(ctx, t.Lang, &asked), Board: withQuery("/jobs", asked.Values()),
		Site: s.Site, Hook: s.Hook, HookFailed: momentOf(t, s.HookFailed), Hit: momentOf(t, s.HitAt),
	}
	for _, every := range []coop.Cadence{coop.MailNever, coop.MailDaily, coop.MailWeekly} {
		row.Every = append(row.Every, choice{string(every), t.T("searches_mail_" + everyWord(every)), s.Mail == every})
	}
	secrets, err := f.Outbox.SearchSecrets(ctx, s)
	if err != nil {
		return row, err
	}
	if s.Hook != "" {
		row.HookSecret = secrets[storage.SecretHook]
	}
	if secret := secrets[storage.SecretFeed]; s.Feed && secret != "" {
		for _, one := range []feedLink{{Format: "Atom", URL: "atom"}, {Format: "RSS", URL: "rss"}, {Format: "JSON Feed", URL: "json"}, {Format: "iCalendar", URL: "ics"}} {
			one.URL = f.root() + feedsPath + secret + "." + one.URL
			row.Feeds = append(row.Feeds, one)
		}
	}
	if s.Actor == 0 {
		return row, nil
	}
	actor, err := f.Store.Account(ctx, s.Actor)
	if err == nil {
		row.Handle, row.Profile = "@"+actor.Handle(f.AccountDomain).String(), "/@"+actor.Name
		row.Interact = "/interact?uri=" + url.QueryEscape(row.Handle)
	}
	return row, err
}

// everyWord is a cadence in the keys of words.
func everyWord(every coop.Cadence) string {
	if every == coop.MailNever {
		return "never"
	}
	return string(every)
}

// changeSearches answers POST /searches: a search is saved, changed, followed or
// forgotten, or its feed gets another address.
func (f *Face) changeSearches(c *gin.Context) error {
	if c.PostForm("act") == "save" {
		return f.saveSearch(c)
	}
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	s, err := f.Store.SavedSearch(ctx, auth.Account(c).ID, id)
	if err != nil {
		return err
	}
	done := "changed"
	switch c.PostForm("act") {
	case "forget":
		done, err = "gone", f.Outbox.ForgetSearch(ctx, s)
	case "feed":
		done = "feed"
		_, err = f.Outbox.NewSearchFeed(ctx, s)
	case "unfeed":
		err = f.Outbox.EndSearchFeed(ctx, s)
	case "actor":
		done = "actor"
		_, err = f.Outbox.NewSearchActor(ctx, searchAsked(s))
	default:
		return f.changeSearch(c, s)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, searchesPath+"?done="+done+"#s"+s.ID.String())
	return nil
}

// searchAsked is what a search asks, as its actor is known by.
func searchAsked(s *coop.SavedSearch) coop.JobQuery {
	asked := s.Asked()
	asked.Archive, asked.Order = false, coop.OrderBest
	return asked
}

// changeSearch keeps the form of one search.
func (f *Face) changeSearch(c *gin.Context, s *coop.SavedSearch) error {
	s.Name, s.Site = coop.CleanLine(c.PostForm("name"), coop.MaxSearchName), c.PostForm("site") != ""
	s.Mail, s.Hook = coop.Cadence(c.PostForm("mail")), coop.CleanLine(c.PostForm("hook"), 3000)
	err := f.Outbox.SaveSearch(c.Request.Context(), s)
	if problem := (&coop.InvalidError{}); errors.As(err, &problem) {
		return f.refuseSearch(c, s, problem)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, searchesPath+"?done=changed#s"+s.ID.String())
	return nil
}

// refuseSearch shows the page again with what was typed and what is wrong with it.
func (f *Face) refuseSearch(c *gin.Context, s *coop.SavedSearch, problem *coop.InvalidError) error {
	view, err := f.searchesView(c)
	if err != nil {
		return err
	}
	for i := range view.Searches {
		row := &view.Searches[i]
		if row.ID != s.ID.String() {
			continue
		}
		row.Name, row.Site, row.Hook, row.Problem = s.Name, s.Site, s.Hook, view.searchProblem(problem)
		for n := range row.Every {
			row.Every[n].Chosen = row.Every[n].Value == string(s.Mail)
		}
		view.complain("hook-"+row.ID, row.Problem)
	}
	return f.show(c, http.StatusUnprocessableEntity, "searches", view)
}

// searchProblem is a complaint in words.
func (t *tongue) searchProblem(e *coop.InvalidError) string {
	switch {
	case e.Code == coop.CodeTooMany:
		return t.T("searches_full")
	case e.Field == "mail":
		return t.T("searches_no_mail")
	case e.Field == "query":
		return t.T("searches_wrong_" + e.Code)
	}
	return t.T("searches_hook_wrong")
}

// saveSearch keeps a new search; one that is there already is shown.
func (f *Face) saveSearch(c *gin.Context) error {
	values, err := url.ParseQuery(c.PostForm("query"))
	if err != nil {
		values = url.Values{}
	}
	view, err := f.followSearchView(c, values)
	if err != nil {
		return err
	}
	if view.Wrong != "" {
		return f.show(c, http.StatusUnprocessableEntity, "search-follow", view)
	}
	ctx, me := c.Request.Context(), auth.Account(c)
	s := &coop.SavedSearch{AccountID: me.ID, Language: view.Lang, Query: view.Query, Site: c.PostForm("site") != "", Mail: coop.Cadence(c.PostForm("mail"))}
	err = f.Outbox.SaveSearch(ctx, s)
	problem := &coop.InvalidError{}
	switch {
	case errors.Is(err, coop.ErrConflict):
		c.Redirect(http.StatusSeeOther, searchesPath)
		return nil
	case errors.As(err, &problem):
		view.complain("save", view.searchProblem(problem))
		return f.show(c, http.StatusUnprocessableEntity, "search-follow", view)
	case err != nil:
		return err
	}
	if c.PostForm("actor") != "" {
		if _, err := f.Outbox.NewSearchActor(ctx, searchAsked(s)); err != nil {
			return err
		}
	}
	c.Redirect(http.StatusSeeOther, searchesPath+"?done=saved#s"+s.ID.String())
	return nil
}
