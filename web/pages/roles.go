// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// rolesView shows a steward who speaks for a co-op.
type rolesView struct {
	formFrame
	Coop   person
	Path   string
	People []holderRow
	All    []roleBox // of the form for somebody else
	Person string    // as it was typed there
	Done   string
}

// holderRow is a person with their roles to tick.
type holderRow struct {
	person
	Login string // the name that the form sends
	Roles []roleBox
	Since moment
}

// roleBox is a role that can be ticked.
type roleBox struct {
	roleRow
	Held bool
}

// roleBoxes are the roles of a kind of account.
func (t *tongue) roleBoxes(kind coop.AccountKind, held []coop.Role) []roleBox {
	var boxes []roleBox
	for _, row := range t.roleRows(coop.RolesFor(kind)) {
		boxes = append(boxes, roleBox{row, slices.Contains(held, coop.Role(row.Role))})
	}
	return boxes
}

// sinceOf is since when somebody holds a role in an account.
func sinceOf(held []coop.RoleHeld, account coop.ID) time.Time {
	var since time.Time
	for _, h := range held {
		if h.Account.ID == account && (since.IsZero() || h.GivenAt.Before(since)) {
			since = h.GivenAt
		}
	}
	return since
}

// actFor lets a person act for the account of the path, as an act needs it. An account
// that does not exist is refused in the same words.
func (f *Face) actFor(c *gin.Context, act coop.RoleAct) (*coop.Account, error) {
	account, err := f.Store.AccountByHandle(c.Request.Context(), coop.Truncate(c.Param("name"), 200), "")
	if errors.Is(err, coop.ErrNotFound) {
		return nil, &coop.RoleError{Act: act}
	}
	if err != nil {
		return nil, err
	}
	return auth.ActAs(c, account.ID, act)
}

// rolesPage answers GET /settings/co-ops/:name.
func (f *Face) rolesPage(c *gin.Context) error {
	account, err := f.actFor(c, coop.ActRoles)
	if err != nil {
		return err
	}
	if err := auth.Fresh(c); err != nil {
		return err
	}
	view, err := f.rolesView(c, account)
	if err != nil {
		return err
	}
	if c.Query("done") == "roles" {
		view.Done = view.T("roles_done")
	}
	return f.show(c, http.StatusOK, "roles", view)
}

// rolesView reads what the page shows.
func (f *Face) rolesView(c *gin.Context, account *coop.Account) (rolesView, error) {
	view := rolesView{formFrame: f.formFrame(c, "roles_which", nil), Coop: f.person(account), Path: speakPath + "/" + account.Name}
	view.Title = view.T("roles_title", "Name", view.Coop.Name)
	view.All = view.roleBoxes(account.Kind, nil)
	held, err := f.Store.Roles(c.Request.Context(), account.ID)
	if err != nil {
		return view, err
	}
	for _, h := range coop.HeldIn(held) {
		of := slices.DeleteFunc(slices.Clone(held), func(one coop.RoleHeld) bool { return one.Person.ID != h.Person.ID })
		view.People = append(view.People, holderRow{
			person: f.person(h.Person), Login: h.Person.Name, Roles: view.roleBoxes(account.Kind, h.Roles), Since: momentOf(view.tongue, sinceOf(of, account.ID)),
		})
	}
	return view, nil
}

// rolesForm is what one of the forms of the page says.
type rolesForm struct {
	person string
	roles  []coop.Role
	added  bool // somebody else: at least one role
}

// readRoles reads a form.
func readRoles(c *gin.Context) rolesForm {
	form := rolesForm{person: strings.TrimPrefix(strings.TrimSpace(coop.Truncate(c.PostForm("person"), 300)), "@"), added: c.PostForm("act") == "add"}
	for _, text := range c.PostFormArray("role") {
		form.roles = append(form.roles, coop.Role(coop.Truncate(text, 30)))
	}
	return form
}

// changeRoles answers POST /settings/co-ops/:name: the roles of one person.
func (f *Face) changeRoles(c *gin.Context) error {
	account, err := f.actFor(c, coop.ActRoles)
	if err != nil {
		return err
	}
	if err := auth.Fresh(c); err != nil {
		return err
	}
	form := readRoles(c)
	field, problem, err := f.saveRoles(c, account, form)
	if err != nil {
		return err
	}
	if problem == "" {
		c.Redirect(http.StatusSeeOther, f.afterRoles(c, account))
		return nil
	}
	view, err := f.rolesView(c, account)
	if err != nil {
		return err
	}
	view.complain(field, view.T(problem))
	view.Person = form.person
	return f.show(c, http.StatusUnprocessableEntity, "roles", view)
}

// afterRoles is where to go on: a steward who took that role from themselves sees
// this page no more.
func (f *Face) afterRoles(c *gin.Context, account *coop.Account) string {
	roles, err := f.Store.RolesIn(c.Request.Context(), account.ID, auth.Account(c).ID)
	if err != nil || !coop.RolesMay(roles, coop.ActRoles) {
		return speakPath
	}
	return speakPath + "/" + account.Name + "?done=roles"
}

// saveRoles gives one person the roles of a form, beside those that they hold where it
// adds somebody. What is wrong is a field and the key of words.
func (f *Face) saveRoles(c *gin.Context, account *coop.Account, form rolesForm) (field, problem string, err error) {
	ctx, me := c.Request.Context(), auth.Account(c)
	if form.added && len(form.roles) == 0 {
		return "roles", "roles_none", nil
	}
	who, err := f.personNamed(ctx, form.person)
	if errors.Is(err, coop.ErrNotFound) {
		return "person", "roles_unknown", nil
	}
	if err != nil {
		return "", "", err
	}
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		if !form.added {
			_, err := tx.SetRoles(ctx, account.ID, who.ID, form.roles, me.ID)
			return err
		}
		for _, role := range form.roles {
			if _, err := tx.GiveRole(ctx, account.ID, who.ID, role, me.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, coop.ErrLastSteward) {
		return "people", "roles_last", nil
	}
	return "", "", err
}

// personNamed finds a person of this instance by the name of their handle, with the
// host or without.
func (f *Face) personNamed(ctx context.Context, name string) (*coop.Account, error) {
	if handle, err := coop.ParseHandle(name); err == nil && (handle.Host == f.AccountDomain || handle.Host == f.Host) {
		name = handle.Name
	}
	who, err := f.Store.AccountByHandle(ctx, name, "")
	if err == nil && (who.Kind != coop.Person || who.Gone()) {
		err = coop.ErrNotFound
	}
	return who, err
}
