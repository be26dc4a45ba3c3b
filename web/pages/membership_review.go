// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// reviewPath is where coordinators look after the members of the federation.
const reviewPath = "/admin/coops"

// reviewRoutes are the list, the page of one co-op, and their forms. Who may is judged by
// [Face.coordinates]: coordinators need no rank on the server.
func (f *Face) reviewRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFForm, Sees: auth.SeesNobody, Body: signInBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(reviewPath, f.reviewList), post(reviewPath, f.inviteCoop),
		get(reviewPath+"/:id", f.reviewPage), post(reviewPath+"/:id/:step", f.review),
		get(reviewPath+"/:id/statutes.pdf", f.reviewFile),
	}
}

// coordinates lets who asks look after the members of the federation.
func (f *Face) coordinates(c *gin.Context) (*coop.Account, error) {
	return f.forFederation(c, coop.ActCoordinate)
}

// reviewView is one co-op, with what it sent.
type reviewView struct {
	formFrame
	Row      membershipRow
	Proof    evidenceView
	Petition *petitionShown
	Alone    bool // a coordinator may admit
	Methods  []choice
	Roles    []choice
	Why      string // what was typed as the reason of another role
	Address  string // of the Membership; empty: there is none yet
	Days     string
	MinDays  int
	MaxDays  int
	Done     string
}

// petitionShown is what came with a petition.
type petitionShown struct {
	Statutes string
	Evidence []string
	Contact  string
	File     string // address of the file; empty: there is none
	Ends     moment
}

// reviewDones are what the page can say that was done.
var reviewDones = []string{"accept", "refuse", "decide", "suspend", "resume", "remove", "role"}

// reviewed finds the membership of the path, of the federation of this instance.
func (f *Face) reviewed(c *gin.Context, own *coop.Account) (*coop.Membership, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, fmt.Errorf("membership %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	m, err := f.Store.Membership(c.Request.Context(), id)
	if err == nil && (m.Organization == nil || m.Organization.ID != own.ID || m.Member == nil) {
		err = fmt.Errorf("membership %s of others: %w", id, coop.ErrNotFound)
	}
	return m, err
}

// reviewView makes the page.
func (f *Face) reviewView(c *gin.Context, m *coop.Membership) (reviewView, error) {
	ctx := c.Request.Context()
	view := reviewView{formFrame: f.formFrame(c, "joining_review_title", nil), Days: strconv.Itoa(usualDays), MinDays: 1, MaxDays: 90}
	view.Row = f.membershipRow(view.tongue, m, m.Member)
	view.Roles, view.Address = view.roleChoices(string(m.Role)), web(m.IRI)
	view.Title = view.T("joining_review_one", "Name", view.Row.Who.Name)
	var err error
	if view.Proof, err = f.evidence(ctx, view.tongue, m.Member); err != nil {
		return view, err
	}
	if view.Alone, err = f.Outbox.MayAdmitAlone(ctx, m.Organization.ID); err != nil {
		return view, err
	}
	usual := f.Outbox.MembershipMethod(ctx)
	for _, method := range coop.DecisionMethods()[:4] { // advice admits nobody
		view.Methods = append(view.Methods, choice{method, view.T("joining_method_" + methodKey(method)), method == string(usual)})
	}
	p, err := f.Store.Petition(ctx, m.ID)
	if errors.Is(err, coop.ErrNotFound) {
		return view, nil
	}
	if err == nil {
		view.Petition = &petitionShown{Statutes: p.Statutes, Evidence: p.Evidence, Contact: p.Contact, Ends: momentOf(view.tongue, p.EndsAt)}
		if p.File != nil {
			view.Petition.File = reviewPath + "/" + m.ID.String() + "/statutes.pdf"
		}
	}
	return view, err
}

// methodKey is a method as part of a key.
func methodKey(method string) string {
	if method == "two-thirds" {
		return "two_thirds"
	}
	return method
}

// reviewPage answers GET /admin/coops/ID.
func (f *Face) reviewPage(c *gin.Context) error {
	own, err := f.coordinates(c)
	if err != nil {
		return err
	}
	m, err := f.reviewed(c, own)
	if err != nil {
		return err
	}
	view, err := f.reviewView(c, m)
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(reviewDones, done) {
		view.Done = view.T("joining_done_" + done)
	}
	return f.show(c, http.StatusOK, "co-op-review", view)
}

// reviewFile answers GET /admin/coops/ID/statutes.pdf.
func (f *Face) reviewFile(c *gin.Context) error {
	own, err := f.coordinates(c)
	if err != nil {
		return err
	}
	m, err := f.reviewed(c, own)
	if err != nil {
		return err
	}
	return f.petitionFile(c, m)
}
