// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// departurePath is the page about a deletion; a secret follows.
const departurePath = "/deletions/"

// departureView says how far a deletion is, to whoever holds its address: the person has
// no account any more to sign in with.
type departureView struct {
	formFrame
	Handle  string
	Waits   bool
	Day     moment // of the deletion
	Ends    moment // when the page goes
	Words   string // how many servers took it
	Servers []serverLine
	Done    string
}

// departureRoutes is the table of this page.
func (f *Face) departureRoutes() []auth.Route {
	return []auth.Route{
		{Method: "GET", Path: departurePath + ":secret", Access: auth.Open, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: f.departurePage},
	}
}

// departurePage answers GET /deletions/SECRET.
func (f *Face) departurePage(c *gin.Context) error {
	ctx := c.Request.Context()
	c.Header("Cache-Control", "private, no-store")
	d, err := f.Store.DepartureByHash(ctx, outbox.LinkHash(coop.Truncate(c.Param("secret"), 200)))
	if err != nil {
		return f.ended(c, err)
	}
	a, err := f.Store.Account(ctx, d.AccountID)
	if err != nil {
		return err
	}
	view := departureView{formFrame: f.formFrame(c, "leaving_title", nil), Handle: "@" + a.Handle(f.AccountDomain).String(), Waits: d.Waits()}
	view.Day, view.Ends = momentOf(view.tongue, d.DueAt), momentOf(view.tongue, d.EndsAt)
	if c.Query("done") == "asked" {
		view.Done = view.T("leaving_out")
	}
	if !d.Waits() {
		view.Day = momentOf(view.tongue, d.DoneAt)
		if err := f.departureServers(c, &view, d); err != nil {
			return err
		}
	}
	return f.show(c, http.StatusOK, "departure", view)
}

// departureServers says which servers did not take a deletion yet, and how many did.
func (f *Face) departureServers(c *gin.Context, view *departureView, d *coop.Departure) error {
	sum, err := f.Store.DeliveriesOfDocument(c.Request.Context(), int64(d.DocumentID))
	if err != nil {
		return err
	}
	view.Words = view.T("leaving_servers", "Arrived", view.Number(max(sum.Queued-sum.Waiting-sum.Dead, 0)), "Waiting", view.Number(sum.Waiting), "Dead", view.Number(sum.Dead))
	for _, l := range sum.Left {
		line := serverLineOf(view.tongue, storage.ServerState{Host: l.Host, State: l.State, At: l.At, NextAt: l.NextAt})
		view.Servers = append(view.Servers, line)
	}
	return nil
}
