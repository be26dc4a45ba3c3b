// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// speakPath is where people see for whom they speak; below it, by the name of a co-op,
// its stewards say who does.
const speakPath = "/settings/co-ops"

// speakRoutes are the pages about roles.
func (f *Face) speakRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(speakPath, f.speakPage),
		post(speakPath, f.stopSpeaking),
		get(speakPath+"/:name", f.rolesPage),
		post(speakPath+"/:name", f.changeRoles),
		get(speakPath+"/:name/log", f.logPage),
	}
}

// speakView shows a person for whom they speak.
type speakView struct {
	formFrame
	Coops []speakRow
	Mine  []logRow // what was done to them
	Done  string
}

// speakRow is an account in which the person holds roles.
type speakRow struct {
	person
	ID, Path string
	Roles    []roleRow
	Steward  bool
	Since    moment
}

// roleRow is a role in words.
type roleRow struct{ Role, Name, May string }

// roleRows are roles in words.
func (t *tongue) roleRows(roles []coop.Role) []roleRow {
	rows := make([]roleRow, len(roles))
	for i, r := range roles {
		rows[i] = roleRow{string(r), t.T("role_" + string(r)), t.T("role_" + string(r) + "_may")}
	}
	return rows
}

// roles names roles in one line.
func (t *tongue) roles(roles []coop.Role) string {
	var names []string
	for _, row := range t.roleRows(roles) {
		names = append(names, row.Name)
	}
	return strings.Join(names, ", ")
}

// speakPage answers GET /settings/co-ops.
func (f *Face) speakPage(c *gin.Context) error {
	view, err := f.speakView(c)
	if err != nil {
		return err
	}
	if c.Query("done") == "left" {
		view.Done = view.T("speak_left")
	}
	return f.show(c, http.StatusOK, "speak", view)
}

// mineShown is how many of the acts on themselves people are shown.
const mineShown = 20

// speakView reads what the page shows.
func (f *Face) speakView(c *gin.Context) (speakView, error) {
	me, ctx := auth.Account(c), c.Request.Context()
	view := speakView{formFrame: f.formFrame(c, "speak_title", nil)}
	held, err := f.Store.RolesOf(ctx, me.ID)
	if err != nil {
		return view, err
	}
	for _, h := range coop.HeldIn(held) {
		view.Coops = append(view.Coops, speakRow{
			person: f.person(h.Account), ID: h.Account.ID.String(), Path: speakPath + "/" + h.Account.Name,
			Roles: view.roleRows(h.Roles), Steward: coop.RolesMay(h.Roles, coop.ActRoles), Since: momentOf(view.tongue, sinceOf(held, h.Account.ID)),
		})
	}
	view.Mine, err = f.actsOn(ctx, view.tongue, me)
	return view, err
}

// actsOn is what was done to a person. In whose name it was is said, never by whom:
// who acts for a co-op is its own affair.
func (f *Face) actsOn(ctx context.Context, t *tongue, me *coop.Account) ([]logRow, error) {
	entries, err := f.Store.Audit(ctx, storage.AuditQuery{About: me.IRI}, coop.Page{Limit: mineShown})
	if err != nil {
		return nil, err
	}
	ids := make([]coop.ID, len(entries))
	for i, e := range entries {
		ids[i] = e.OnBehalf
	}
	known, err := f.Store.Accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]logRow, len(entries))
	for i, e := range entries {
		rows[i] = logRow{When: momentOf(t, e.At), Act: t.act(e), Who: t.T("log_here")}
		if a := known[e.OnBehalf]; a != nil {
			rows[i].Who = f.person(a).Name
		}
		if e.Who == me.Name {
			rows[i].Who = f.person(me).Name
		}
	}
	return rows, nil
}

// stopSpeaking answers POST /settings/co-ops: the person leaves an account.
func (f *Face) stopSpeaking(c *gin.Context) error {
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return err
	}
	me := auth.Account(c)
	account, err := auth.ActAs(c, id, coop.ActRead)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = f.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.SetRoles(ctx, account.ID, me.ID, nil, me.ID)
		return err
	})
	if errors.Is(err, coop.ErrLastSteward) {
		return f.lastSteward(c)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, speakPath+"?done=left")
	return nil
}

// lastSteward says that somebody else must be steward first.
func (f *Face) lastSteward(c *gin.Context) error {
	view, err := f.speakView(c)
	if err != nil {
		return err
	}
	view.complain("coops", view.T("speak_last"))
	return f.show(c, http.StatusConflict, "speak", view)
}

// forFederation lets who asks do an act of its coordinators for the federation: by their
// role there, or by their rank on this server. Either is in the audit log with the act.
func (f *Face) forFederation(c *gin.Context, act coop.RoleAct) (*coop.Account, error) {
	federation, err := f.Store.FederationAccount(c.Request.Context())
	if err != nil {
		return nil, err
	}
	own, err := auth.ActAs(c, federation.ID, act)
	var refused *coop.RoleError
	if me := auth.Account(c); errors.As(err, &refused) && me != nil && coop.RankMay(me.Rank, act.In(coop.Federation)) {
		auth.ByRank(c)
		return federation, nil
	}
	return own, err
}

// cooperatives are the co-ops and federations for which the person who asks may do an act.
func cooperatives(c *gin.Context, act coop.RoleAct) ([]*coop.Account, error) {
	list, err := auth.Speakable(c, act)
	return slices.DeleteFunc(list, func(a *coop.Account) bool { return !a.Kind.Cooperative() }), err
}
