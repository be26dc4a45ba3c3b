// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
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

// coordinates lets who asks act for the federation: by the role of a coordinator there, or
// by their rank on this server. Either is in the audit log with the act.
func (f *Face) coordinates(c *gin.Context) (*coop.Account, error) {
	federation, err := f.Store.FederationAccount(c.Request.Context())
	if err != nil {
		return nil, err
	}
	own, err := auth.ActAs(c, federation.ID, coop.ActCoordinate)
	var refused *coop.RoleError
	if errors.As(err, &refused) && coop.RankMay(auth.Account(c).Rank, coop.ActCoordinate) {
		auth.ByRank(c)
		return federation, nil
	}
	return own, err
}

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

// usualDays is how long the members have, unless somebody says otherwise.
const usualDays = 10

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

// review answers POST /admin/coops/ID/STEP, one of reviewDones. What is not possible any
// more leads back to the page, which says how it stands.
func (f *Face) review(c *gin.Context) error {
	own, err := f.coordinates(c)
	if err != nil {
		return err
	}
	m, err := f.reviewed(c, own)
	if err != nil {
		return err
	}
	act := c.Param("step")
	err = f.reviewStep(c, m, act)
	list := complaintsIn(err)
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, reviewPath+"/"+m.ID.String()+"?done="+act)
		return nil
	case !errors.Is(err, coop.ErrState) && !errors.Is(err, outbox.ErrMembersDecide) && list == nil:
		return err
	}
	view, verr := f.reviewView(c, m)
	if verr != nil {
		return verr
	}
	field, problem := "act", "joining_problem_state"
	switch {
	case errors.Is(err, outbox.ErrMembersDecide):
		problem = "joining_problem_members"
	case len(list) > 0 && list[0].Code == coop.CodeNobody:
		problem = "joining_problem_nobody"
	case len(list) > 0 && act == "role":
		field, problem = list[0].Field, "joining_problem_"+list[0].Field
		view.Roles, view.Why = view.roleChoices(c.PostForm("role")), coop.CleanText(c.PostForm("note"), 2000)
	case len(list) > 0:
		field, problem = "days", "joining_problem_days"
	}
	view.Days = coop.CleanLine(c.PostForm("days"), 10)
	view.complain(field, view.T(problem))
	return f.show(c, http.StatusUnprocessableEntity, "co-op-review", view)
}

// complaintsIn are what is wrong with a form.
func complaintsIn(err error) coop.Invalid {
	var list coop.Invalid
	var one *coop.InvalidError
	switch {
	case errors.As(err, &list):
		return list
	case errors.As(err, &one):
		return coop.Invalid{one}
	}
	return nil
}

// reviewStep does it.
func (f *Face) reviewStep(c *gin.Context, m *coop.Membership, act string) error {
	ctx, note := c.Request.Context(), coop.CleanText(c.PostForm("note"), 2000)
	switch act {
	case "accept":
		return f.Outbox.DecideMembership(ctx, m, true, "")
	case "refuse":
		return f.Outbox.DecideMembership(ctx, m, false, note)
	case "suspend", "resume":
		return f.Outbox.SuspendMember(ctx, m, coop.MembershipAction(act), note)
	case "remove":
		return f.Outbox.RemoveMember(ctx, m, note)
	case "role":
		return f.Outbox.SetMemberRole(ctx, m, coop.MembershipRole(coop.Truncate(c.PostForm("role"), 20)), note)
	case "decide":
		_, err := f.Outbox.LayBeforeMembers(ctx, m, f.joinDecision(c))
		return err
	}
	return fmt.Errorf("step %.20q of a membership: %w", act, coop.ErrNotFound)
}

// joinDecision reads how a petition is laid before the members. A number that is none
// becomes one that the decision complains of.
func (f *Face) joinDecision(c *gin.Context) outbox.JoinDecision {
	d := outbox.JoinDecision{Method: coop.DecisionMethod(coop.Truncate(c.PostForm("method"), 20)), ListBallots: c.PostForm("list") == "1"}
	days, err := strconv.Atoi(c.PostForm("days"))
	if err != nil {
		days = usualDays
	}
	d.Ends = f.Now().Add(time.Duration(min(max(days, 0), 1000)) * 24 * time.Hour).Add(time.Minute)
	if percent, err := strconv.Atoi(c.PostForm("quorum")); err == nil && percent >= 0 && percent <= 100 {
		quorum := decimal.New(int64(percent), -2)
		d.Quorum = &quorum
	}
	return d
}
