// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/respond"
)

// leavingPath is the list of who asked for the deletion of their account.
const leavingPath = "/admin/deletions"

// leavingShown is how many a page has.
const leavingShown = 40

// leavingView lists them.
type leavingView struct {
	Done string
	Rows []leavingRow
	Next string
}

// leavingRow is one of them.
type leavingRow struct {
	Handle, URL string
	Waits       bool   // it is not deleted yet
	Day         moment // when it is, or was
	Words       string // how many servers did not take it
}

// leavingOneView is the page of one.
type leavingOneView struct {
	leavingRow
	Servers []leavingServer
}

// leavingServer is a server that did not take a deletion.
type leavingServer struct {
	Host, Says, Error string
	At                moment
}

// leaving answers GET /admin/deletions?max_id=….
func (f *Face) leaving(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	page := coop.Page{Limit: leavingShown}
	if id, err := coop.ParseID(c.Query("max_id")); err == nil {
		page.Max = id
	}
	list, err := f.Store.Departures(ctx, page)
	if err != nil {
		return err
	}
	ids := make([]coop.ID, 0, len(list))
	for _, d := range list {
		ids = append(ids, d.AccountID)
	}
	known, err := f.Store.Accounts(ctx, ids)
	if err != nil {
		return err
	}
	view := leavingView{}
	for _, d := range list {
		if a := known[d.AccountID]; a != nil {
			view.Rows = append(view.Rows, f.leavingRow(t, a, d))
		}
	}
	if len(list) == leavingShown {
		view.Next = leavingPath + "?max_id=" + list[leavingShown-1].AccountID.String()
	}
	return f.draw(c, "admin-leaving", "admin_leaving_title", view)
}

// leavingRow says it in words.
func (f *Face) leavingRow(t respond.Tongue, a *coop.Account, d storage.DepartureState) leavingRow {
	row := leavingRow{Handle: "@" + a.Handle(f.AccountDomain).String(), URL: leavingPath + "/" + a.ID.String(), Waits: d.Waits(), Day: momentOf(t, d.DueAt)}
	if !d.Waits() {
		row.Day = momentOf(t, d.DoneAt)
		row.Words = t.T("admin_leaving_left", "Waiting", t.Number(d.Waiting), "Dead", t.Number(d.Dead))
	}
	return row
}

// leavingOne answers GET /admin/deletions/ID: which servers did not take a deletion.
func (f *Face) leavingOne(c *gin.Context) error {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return fmt.Errorf("deletion %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	d, err := f.Store.Departure(ctx, id)
	if err != nil {
		return err
	}
	a, failed := f.Store.Account(ctx, id)
	sum, err := f.Store.DeliveriesOfDocument(ctx, int64(d.DocumentID))
	if err = errors.Join(failed, err); err != nil {
		return err
	}
	view := leavingOneView{leavingRow: f.leavingRow(t, a, storage.DepartureState{Departure: *d, Waiting: sum.Waiting, Dead: sum.Dead})}
	if !d.Waits() {
		view.Words = t.T("leaving_servers", "Arrived", t.Number(max(sum.Queued-sum.Waiting-sum.Dead, 0)), "Waiting", t.Number(sum.Waiting), "Dead", t.Number(sum.Dead))
	}
	for _, l := range sum.Left {
		line := leavingServer{Host: l.Host, Says: t.T("deliveries_" + l.State), Error: l.Error, At: momentOf(t, l.NextAt)}
		if l.State == storage.ServerDead {
			line.At = momentOf(t, l.At)
		}
		view.Servers = append(view.Servers, line)
	}
	return f.Shell.Draw(c, http.StatusOK, respond.Sheet{Page: "admin-leaving-one", Title: view.Handle, View: view})
}
