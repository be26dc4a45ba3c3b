// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// reviewListView lists the co-ops by how far they have come.
type reviewListView struct {
	formFrame
	Own    person
	Groups []reviewGroup
	Given  struct{ Coop, Note string }
	Roles  []choice
	Done   string
}

// reviewGroup are the memberships in one state.
type reviewGroup struct {
	State coop.MembershipState
	Word  string
	Rows  []membershipRow
	More  bool
}

// reviewShown is how many of one state are listed.
const reviewShown = 200

// reviewListView makes the page.
func (f *Face) reviewListView(c *gin.Context, own *coop.Account) (reviewListView, error) {
	view := reviewListView{formFrame: f.formFrame(c, "joining_review_title", nil), Own: f.person(own)}
	view.Roles = view.roleChoices(c.PostForm("role"))
	for _, state := range coop.MembershipStates()[:6] { // who left or was removed is in the log
		q := storage.MembershipQuery{Organization: own.ID, States: []coop.MembershipState{state}}
		list, err := f.Store.Memberships(c.Request.Context(), q, coop.Page{Limit: reviewShown + 1})
		if err != nil {
			return view, err
		}
		g := reviewGroup{State: state, Word: view.T("joining_group_" + groupKey(state)), More: len(list) > reviewShown}
		for _, m := range list[:min(len(list), reviewShown)] {
			row := f.membershipRow(view.tongue, m, m.Member)
			row.URL = reviewPath + "/" + row.ID
			g.Rows = append(g.Rows, row)
		}
		if len(g.Rows) > 0 {
			view.Groups = append(view.Groups, g)
		}
	}
	return view, nil
}

// groupKey is a state as part of a key.
func groupKey(s coop.MembershipState) string {
	if s == coop.MembershipInDecision {
		return "in_decision"
	}
	return string(s)
}

// reviewList answers GET /admin/coops.
func (f *Face) reviewList(c *gin.Context) error {
	own, err := f.coordinates(c)
	if err != nil {
		return err
	}
	view, err := f.reviewListView(c, own)
	if err != nil {
		return err
	}
	if c.Query("done") == "invited" {
		view.Done = view.T("joining_done_invited")
	}
	return f.show(c, http.StatusOK, "co-ops", view)
}

// inviteCoop answers POST /admin/coops: the federation asks a co-op to join.
func (f *Face) inviteCoop(c *gin.Context) error {
	own, err := f.coordinates(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	given := petitionForm{Role: coop.Truncate(c.PostForm("role"), 20)}
	typed, note := coop.CleanLine(c.PostForm("coop"), 500), coop.CleanText(c.PostForm("note"), 2000)
	who, err := f.federationTyped(ctx, typed)
	if err == nil {
		_, err = f.Outbox.Invite(ctx, own, who, given.role(), note)
	}
	if err == nil {
		c.Redirect(http.StatusSeeOther, reviewPath+"?done=invited")
		return nil
	}
	var invalid *coop.InvalidError
	view, verr := f.reviewListView(c, own)
	switch {
	case verr != nil:
		return verr
	case errors.As(err, &invalid), errors.Is(err, coop.ErrForbidden):
		view.complain("coop", view.T("joining_problem_invite"))
	default:
		view.complain("coop", view.T("joining_problem_account"))
	}
	view.Given.Coop, view.Given.Note = typed, note
	return f.show(c, http.StatusUnprocessableEntity, "co-ops", view)
}
