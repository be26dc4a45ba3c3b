// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
)

// deletePath is where people delete their account.
const deletePath = "/settings/delete"

// deleteView says what goes and what stays.
type deleteView struct {
	formFrame
	Name, Handle string
	Given        string // the name as it was typed
	Now          bool   // at once was chosen
	Done         string
}

// deleteView makes the page.
func (f *Face) deleteView(c *gin.Context) deleteView {
	me := auth.Account(c)
	return deleteView{formFrame: f.formFrame(c, "settings_delete", nil), Name: me.Name, Handle: "@" + me.Handle(f.AccountDomain).String()}
}

// deletePage answers GET /settings/delete.
func (f *Face) deletePage(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	view := f.deleteView(c)
	if c.Query("done") == "back" {
		view.Done = view.T("leaving_back")
	}
	return f.show(c, http.StatusOK, "settings-delete", view)
}

// deleteOwn answers POST /settings/delete: it closes the account of who asks until it is
// deleted, or with when=now deletes it, once they have typed its name. Who alone can do
// something here hands that over before. It leads to the page that says how far it is.
func (f *Face) deleteOwn(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	me, view := auth.Account(c), f.deleteView(c)
	view.Given, view.Now = coop.CleanLine(c.PostForm("name"), 100), c.PostForm("when") == "now"
	if view.Given != me.Name {
		view.complain("name", view.T("settings_delete_name_wrong", "Name", me.Name))
		return f.show(c, http.StatusUnprocessableEntity, "settings-delete", view)
	}
	link, err := f.depart(c, me, view.Now)
	switch {
	case errors.Is(err, coop.ErrLastSteward):
		view.complain("name", view.T("settings_delete_last_steward"))
		return f.show(c, http.StatusConflict, "settings-delete", view)
	case errors.Is(err, coop.ErrConflict):
		view.complain("name", view.T("settings_delete_last_owner"))
		return f.show(c, http.StatusConflict, "settings-delete", view)
	case err != nil:
		return err
	}
	if err := f.Gate.SignOut(c); err != nil {
		return err
	}
	page, err := url.Parse(link)
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, page.Path+"?done=asked")
	return nil
}

// depart closes or deletes an account for its person and gives the address of the page
// about it.
func (f *Face) depart(c *gin.Context, me *coop.Account, now bool) (string, error) {
	ctx := c.Request.Context()
	entry := coop.AuditEntry{Who: me.Name, Act: "account.close", Target: string(me.IRI), Why: "own"}
	if !now {
		return f.Outbox.CloseAccount(ctx, me, outbox.Noted(entry))
	}
	if err := f.Outbox.DeleteAccount(ctx, me); err != nil {
		return "", err
	}
	entry.Act = "account.delete"
	if err := f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.AddAudit(ctx, &entry) }); err != nil {
		return "", err
	}
	return f.Outbox.DeparturePage(ctx, me.ID)
}
