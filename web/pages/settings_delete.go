// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
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
	return f.show(c, http.StatusOK, "settings-delete", f.deleteView(c))
}

// deleteOwn answers POST /settings/delete: it deletes the account of who asks, once they
// have typed its name. Who alone can do something here hands that over before.
func (f *Face) deleteOwn(c *gin.Context) error {
	if err := auth.Fresh(c); err != nil {
		return err
	}
	me, view := auth.Account(c), f.deleteView(c)
	if view.Given = coop.CleanLine(c.PostForm("name"), 100); view.Given != me.Name {
		view.complain("name", view.T("settings_delete_name_wrong", "Name", me.Name))
		return f.show(c, http.StatusUnprocessableEntity, "settings-delete", view)
	}
	err := f.Outbox.DeleteAccount(c.Request.Context(), me)
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
	if err := f.Store.Write(c.Request.Context(), func(tx *storage.Tx) error {
		return tx.AddAudit(c.Request.Context(), &coop.AuditEntry{Who: me.Name, Act: "account.delete", Target: string(me.IRI), Why: "own"})
	}); err != nil {
		return err
	}
	if err := f.Gate.SignOut(c); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/about/privacy")
	return nil
}
