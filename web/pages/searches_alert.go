// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// alertView is the page of who is mailed what a search finds.
type alertView struct {
	frame
	What   string
	Board  string
	Path   string
	Waits  bool // the address is not confirmed
	Daily  bool
	Off    bool // a member's search that is not mailed
	Member bool
	Done   string
	Ended  bool
	Back   string // where the same search is asked for again
}

// alertOf finds the search that the secret of an address belongs to. What was ended is
// not there any more.
func (f *Face) alertOf(c *gin.Context) (*coop.SavedSearch, alertView, error) {
	s, err := f.Store.SavedByAlert(c.Request.Context(), outbox.LinkHash(coop.Truncate(c.Param("secret"), 200)))
	view := alertView{frame: f.frame(c, "", "jobs", nil)}
	view.Title, view.NoIndex = view.T("searches_alert_title"), true
	view.Canonical, view.Alternates, view.Graph = "", nil, nil
	c.Header("Cache-Control", "private, no-store")
	if err != nil {
		return nil, view, err
	}
	view.fill(s)
	view.Path = c.Request.URL.EscapedPath()
	return s, view, nil
}

// fill says how the search stands.
func (v *alertView) fill(s *coop.SavedSearch) {
	asked := s.Asked()
	v.What, v.Board, v.Back = s.Name, withQuery("/jobs", asked.Values()), withQuery(followPath, asked.Values())
	v.Waits, v.Daily, v.Off, v.Member = s.ConfirmedAt.IsZero(), s.Mail == coop.MailDaily, s.Mail == coop.MailNever, s.AccountID != 0
}

// alertPage answers GET /alerts/SECRET. Looking at it changes nothing: programs that
// look at mails before people do follow links too.
func (f *Face) alertPage(c *gin.Context) error {
	_, view, err := f.alertOf(c)
	if err != nil {
		return f.ended(c, err)
	}
	if done := c.Query("done"); done == "confirmed" || done == "changed" {
		view.Done = view.T("searches_alert_" + done)
	}
	return f.show(c, http.StatusOK, "alert", view)
}

// changeAlert answers POST /alerts/SECRET: it confirms, changes or ends the mails. What
// mail programs send ends them at once, without another page (RFC 8058 §3.1).
func (f *Face) changeAlert(c *gin.Context) error {
	s, view, err := f.alertOf(c)
	if err != nil {
		return f.ended(c, err)
	}
	ctx := c.Request.Context()
	if c.PostForm("List-Unsubscribe") == "One-Click" || c.PostForm("act") == "end" {
		if err := f.Outbox.EndAlert(ctx, s); err != nil {
			return err
		}
		view.Ended = true
		return f.show(c, http.StatusOK, "alert", view)
	}
	done := "changed"
	if s.ConfirmedAt.IsZero() {
		done = "confirmed"
	}
	every := coop.MailWeekly
	if c.PostForm("every") == string(coop.MailDaily) {
		every = coop.MailDaily
	}
	if err := f.Outbox.SetAlert(ctx, s, every); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, view.Path+"?done="+done)
	return nil
}

// secretFeed answers /feeds/SECRET.atom and its like: what a search finds, as who saved
// it sees it.
func (f *Face) secretFeed(c *gin.Context) error {
	secret, format, _ := strings.Cut(coop.Truncate(c.Param("file"), 200), ".")
	ctx := c.Request.Context()
	s, err := f.Store.SavedByFeed(ctx, outbox.LinkHash(secret))
	if err != nil {
		return err
	}
	account, err := f.Store.Account(ctx, s.AccountID)
	if err != nil || account.Gone() {
		return fmt.Errorf("feed of a search: %w", coop.ErrNotFound)
	}
	asked := s.Asked()
	asked.Order = coop.OrderNewest
	list, err := f.Store.SearchJobs(ctx, storage.Seeing(ctx, account.ID), asked, storage.JobPage{Limit: mostItems, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("X-Robots-Tag", "noindex")
	return f.answerFeed(c, format, feed{
		Title: s.Name + " · " + f.federationName(c), Language: s.Language, Page: f.root() + withQuery("/jobs", asked.Values()),
		Self: f.root() + feedsPath + secret + "." + format, Items: f.feedItems(current(list.Posts, f.Now())),
	})
}
