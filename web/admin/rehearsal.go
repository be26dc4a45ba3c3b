// SPDX-License-Identifier: AGPL-3.0-or-later

package admin

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// rehearsalPath is where a rehearsal is ended.
const rehearsalPath = "/admin/rehearsal"

// rehearsalView says how far the instance is.
type rehearsalView struct {
	Done  string
	On    bool // it is one
	May   bool // who reads may end it
	Facts []fact
	Wrong bool // the form came without the yes
}

// rehearsal answers GET /admin/rehearsal.
func (f *Face) rehearsal(c *gin.Context) error {
	view, err := f.rehearsalView(c)
	if err != nil {
		return err
	}
	if c.Query("done") != "" && !view.On {
		view.Done = f.Shell.Tongue(c).T("admin_rehearsal_done")
	}
	return f.draw(c, "admin-rehearsal", "admin_rehearsal_title", view)
}

// rehearsalView asks for what the page shows.
func (f *Face) rehearsalView(c *gin.Context) (view rehearsalView, err error) {
	t, ctx := f.Shell.Tongue(c), c.Request.Context()
	if view.On, err = f.Store.Rehearsing(ctx); err != nil {
		return view, err
	}
	state, err := f.Store.Rehearsal(ctx)
	if !state.Since.IsZero() {
		view.Facts = append(view.Facts, fact{Name: t.T("admin_rehearsal_since"), Value: t.Here(state.Since), Stamp: t.Stamp(state.Since)})
	}
	if !state.Promoted.IsZero() {
		view.Facts = append(view.Facts, fact{Name: t.T("admin_rehearsal_promoted"), Value: t.Here(state.Promoted), Stamp: t.Stamp(state.Promoted)})
	}
	view.May = view.On && auth.Account(c).Rank == coop.RankOwner
	return view, err
}

// promote answers POST /admin/rehearsal: an owner who proved just now who they are ends it
// for good.
func (f *Face) promote(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	if c.PostForm("sure") != "on" {
		view, err := f.rehearsalView(c)
		if err != nil {
			return err
		}
		view.Wrong = true
		return f.Shell.Draw(c, http.StatusUnprocessableEntity, respond.Sheet{Page: "admin-rehearsal", Title: f.Shell.Tongue(c).T("admin_rehearsal_title"), View: view})
	}
	ctx := c.Request.Context()
	err := f.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Promote(ctx, noted(c, "instance.promote", "", ""))
		return err
	})
	if err != nil && !errors.Is(err, coop.ErrState) { // it was done before: the page says so
		return err
	}
	c.Redirect(http.StatusSeeOther, rehearsalPath+"?done=promoted")
	return nil
}
