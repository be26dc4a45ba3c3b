// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	hosts "minga/federation/origin"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// belongPath is where the stewards of a co-op look after what it belongs to.
func belongPath(a *coop.Account) string { return speakPath + "/" + a.Name + "/memberships" }

// belongRoutes are that page and its forms.
func (f *Face) belongRoutes() []auth.Route {
	path := speakPath + "/:name/memberships"
	return []auth.Route{
		{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Form: respond.HTML, Handle: f.belongPage},
		{Method: "POST", Path: path + "/:step", Access: auth.Session, Limit: auth.LimitForms, CSRF: auth.CSRFForm, Sees: auth.SeesNobody, Body: petitionBody, Form: respond.HTML, Handle: f.belong},
	}
}

// belongView is what a co-op belongs to, or wants to.
type belongView struct {
	formFrame
	Coop    person
	Path    string
	Actor   string // its id, which its domain must name
	Rows    []membershipRow
	Proof   evidenceView
	Given   petitionForm
	Roles   []choice
	Domains string // as they were typed
	Done    string
}

// belongDones are what the page can say that was done.
var belongDones = []string{"asked", "left", "accepted", "declined", "domains"}

// belongView makes the page.
func (f *Face) belongView(c *gin.Context, a *coop.Account, given petitionForm) (belongView, error) {
	ctx := c.Request.Context()
	view := belongView{formFrame: f.formFrame(c, "joining_mine_title", nil), Coop: f.person(a), Path: belongPath(a), Actor: string(a.IRI), Given: given, Domains: strings.Join(a.Domains, "\n")}
	view.Title, view.Roles = view.T("joining_mine_title", "Name", view.Coop.Name), view.roleChoices(given.Role)
	list, err := f.Store.Memberships(ctx, storage.MembershipQuery{Member: a.ID}, coop.Page{Limit: 100})
	if err != nil {
		return view, err
	}
	for _, m := range list {
		if m.Organization.Kind == coop.Team {
			continue // it stands among the teams
		}
		view.Rows = append(view.Rows, f.membershipRow(view.tongue, m, m.Organization))
	}
	view.Proof, err = f.evidence(ctx, view.tongue, a)
	return view, err
}

// belongPage answers GET /settings/co-ops/NAME/memberships.
func (f *Face) belongPage(c *gin.Context) error {
	a, err := f.actFor(c, coop.ActJoin)
	if err != nil {
		return err
	}
	view, err := f.belongView(c, a, petitionForm{Account: coop.CleanLine(c.Query("federation"), 500)})
	if err != nil {
		return err
	}
	if done := c.Query("done"); slices.Contains(belongDones, done) {
		view.Done = view.T("joining_done_" + done)
	}
	return f.show(c, http.StatusOK, "memberships", view)
}

// belong answers POST there, below it one of the steps ask, leave, accept, decline and
// domains.
func (f *Face) belong(c *gin.Context) error {
	a, err := f.actFor(c, coop.ActJoin)
	if err != nil {
		return err
	}
	var done string
	switch act := c.Param("step"); act {
	case "ask":
		return f.askToJoin(c, a)
	case "domains":
		return f.setDomains(c, a)
	default:
		done, err = f.stepOwn(c, a, act)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, belongPath(a)+"?done="+done)
	return nil
}

// stepOwn does something with a membership of the co-op.
func (f *Face) stepOwn(c *gin.Context, a *coop.Account, act string) (done string, err error) {
	ctx := c.Request.Context()
	id, err := coop.ParseID(c.PostForm("id"))
	if err != nil {
		return "", fmt.Errorf("membership: %w", coop.ErrNotFound)
	}
	m, err := f.Store.Membership(ctx, id)
	if err == nil && m.Member.ID != a.ID {
		err = fmt.Errorf("membership %s of others: %w", id, coop.ErrNotFound)
	}
	if err != nil {
		return "", err
	}
	switch act {
	case "leave":
		return "left", f.Outbox.LeaveMembership(ctx, m)
	case "accept":
		return "accepted", f.Outbox.AnswerInvite(ctx, m, true, "")
	case "decline":
		return "declined", f.Outbox.AnswerInvite(ctx, m, false, coop.CleanText(c.PostForm("note"), 1000))
	}
	return "", fmt.Errorf("step %.20q of a membership: %w", act, coop.ErrNotFound)
}

// askToJoin sends a petition to a federation of anywhere.
func (f *Face) askToJoin(c *gin.Context, a *coop.Account) error {
	ctx, form := c.Request.Context(), readPetition(c)
	view, err := f.belongView(c, a, form)
	if err != nil {
		return err
	}
	organization, err := f.federationTyped(ctx, form.Account)
	if err != nil || organization.Kind != coop.Federation {
		view.complain("account", view.T("joining_problem_federation"))
		return f.show(c, http.StatusUnprocessableEntity, "memberships", view)
	}
	if _, err := f.Outbox.Petition(ctx, a, organization, form.role(), form.Note, form.petition()); err != nil {
		if !view.petitionProblems(err) {
			return err
		}
		return f.show(c, http.StatusUnprocessableEntity, "memberships", view)
	}
	c.Redirect(http.StatusSeeOther, belongPath(a)+"?done=asked")
	return nil
}

// federationTyped finds the account of a handle or an address.
func (f *Face) federationTyped(ctx context.Context, typed string) (*coop.Account, error) {
	if handle, err := coop.ParseHandle(strings.TrimPrefix(typed, "@")); err == nil {
		return f.Inbox.ByHandle(ctx, handle)
	}
	if !strings.HasPrefix(typed, "http") {
		return nil, fmt.Errorf("federation %.100q: %w", typed, coop.ErrNotFound)
	}
	a, _, err := f.Inbox.Open(ctx, coop.IRI(typed))
	if err == nil && a == nil {
		err = coop.ErrNotFound
	}
	return a, err
}

// mostOwnDomains is how many domains a co-op may say are its own.
const mostOwnDomains = 3

// setDomains says which domains are the co-op's own: one a line. They are looked at soon,
// and every week.
func (f *Face) setDomains(c *gin.Context, a *coop.Account) error {
	typed := coop.CleanText(c.PostForm("domains"), 1000)
	var domains []string
	wrong := false
	for _, text := range strings.Fields(typed) {
		text, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(text), "https://"), "http://"), "/")
		host, err := hosts.NormalizeHost(text)
		if wrong = wrong || err != nil || !strings.Contains(host, "."); !wrong && !slices.Contains(domains, host) {
			domains = append(domains, host)
		}
	}
	if wrong || len(domains) > mostOwnDomains {
		view, err := f.belongView(c, a, petitionForm{})
		if err != nil {
			return err
		}
		view.Domains = typed
		view.complain("domains", view.T("joining_problem_domains"))
		return f.show(c, http.StatusUnprocessableEntity, "memberships", view)
	}
	a.Domains = domains
	err := f.Outbox.UpdateActor(c.Request.Context(), a)
	if errors.Is(err, coop.ErrConflict) {
		return err
	}
	if err == nil {
		c.Redirect(http.StatusSeeOther, belongPath(a)+"?done=domains#domains")
	}
	return err
}
