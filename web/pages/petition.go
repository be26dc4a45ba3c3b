// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
	"minga/web/respond"
)

// petitionPath is where co-ops read how they join this federation, and apply by a form.
const petitionPath = "/join"

// petitionBody is how large the form may be, in bytes: a file that is a little too large is
// complained about beside its field.
const petitionBody = 12 << 20

// petitionRoutes are the page and its form.
func (f *Face) petitionRoutes() []auth.Route {
	return []auth.Route{
		{Method: "GET", Path: petitionPath, Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesNobody, Early: true, Form: respond.HTML, Handle: f.petitionPage},
		{Method: "POST", Path: petitionPath, Access: auth.Visitor, Limit: auth.LimitForms, CSRF: auth.CSRFForm, Sees: auth.SeesNobody, Early: true, Body: petitionBody, Form: respond.HTML, Handle: f.petition},
	}
}

// petitionView is the page.
type petitionView struct {
	formFrame
	Own       person // the federation
	Link      string // address of its page, for a profile elsewhere
	ByMembers bool   // they decide
	Mine      []way  // the co-ops for whom who is signed in may ask
	Given     petitionForm
	Roles     []choice
	Done      bool
}

// petitionForm is the form as it came.
type petitionForm struct {
	Account, Role, Note, Statutes, Evidence, Contact string
	File                                             *coop.PetitionFile
}

// readPetition reads the fields of a petition, of any form that has them.
func readPetition(c *gin.Context) petitionForm {
	form := petitionForm{
		Account: coop.CleanLine(c.PostForm("account"), 500), Role: coop.Truncate(c.PostForm("role"), 20),
		Note: strings.TrimSpace(coop.CleanText(c.PostForm("note"), 2*coop.MaxPetitionNote)), Statutes: coop.CleanLine(c.PostForm("statutes"), 2048),
		Evidence: coop.CleanText(c.PostForm("evidence"), 10_000), Contact: coop.CleanLine(c.PostForm("contact"), 300),
	}
	if name, body, err := uploaded(c); err == nil && len(body) > 0 {
		form.File = &coop.PetitionFile{Title: name, Body: body}
	}
	return form
}

// petition is what a form says, as it is kept.
func (p petitionForm) petition() *coop.Petition {
	return &coop.Petition{Statutes: p.Statutes, Evidence: strings.Fields(p.Evidence), Contact: p.Contact, File: p.File}
}

// role is what is asked for.
func (p petitionForm) role() coop.MembershipRole {
	for _, r := range coop.MembershipRoles() {
		if string(r) == p.Role {
			return r
		}
	}
	return coop.RoleFull
}

// petitionView makes the page.
func (f *Face) petitionView(c *gin.Context, given petitionForm) (*coop.Account, petitionView, error) {
	view := petitionView{formFrame: f.formFrame(c, "joining_title", nil), Given: given}
	own, err := f.Store.FederationAccount(c.Request.Context())
	if err != nil {
		return nil, view, err
	}
	view.Own, view.ByMembers, view.Roles = f.person(own), f.Outbox.MembershipMethod(c.Request.Context()) != "", view.roleChoices(given.Role)
	view.Link = own.URL
	view.Title, view.NoIndex = view.T("joining_title", "Federation", view.Own.Name), false
	mine, err := auth.Speakable(c, coop.ActJoin)
	for _, a := range mine {
		if a.Kind == coop.Coop {
			view.Mine = append(view.Mine, way{URL: belongPath(a), Name: f.person(a).Name})
		}
	}
	return own, view, err
}

// petitionPage answers GET /join.
func (f *Face) petitionPage(c *gin.Context) error {
	_, view, err := f.petitionView(c, petitionForm{})
	if err != nil {
		return err
	}
	view.Done = c.Query("sent") == "1"
	return f.show(c, http.StatusOK, "petition", view)
}

// petition answers POST /join: the petition of a co-op with an ordinary account. Who sends
// it proves nothing of who they are; its half is the link in the account's profile.
func (f *Face) petition(c *gin.Context) error {
	ctx, form := c.Request.Context(), readPetition(c)
	own, view, err := f.petitionView(c, form)
	if err != nil {
		return err
	}
	handle, err := coop.ParseHandle(strings.TrimPrefix(form.Account, "@"))
	if err != nil {
		view.complain("account", view.T("joining_problem_account"))
		return f.show(c, http.StatusUnprocessableEntity, "petition", view)
	}
	member, err := f.Inbox.ByHandle(ctx, handle)
	if err == nil && member.Local {
		view.complain("account", view.T("joining_problem_here"))
	} else if err == nil {
		_, err = f.Outbox.Petition(ctx, member, own, form.role(), form.Note, form.petition())
		if err == nil {
			c.Redirect(http.StatusSeeOther, petitionPath+"?sent=1")
			return nil
		}
		if !view.petitionProblems(err) {
			return err
		}
	} else {
		view.complain("account", view.T("joining_problem_account"))
	}
	return f.show(c, http.StatusUnprocessableEntity, "petition", view)
}

// petitionProblems says on the form what is wrong with it; false: it is no fault of the
// form's.
func (p *formFrame) petitionProblems(err error) bool {
	var list coop.Invalid
	switch {
	case errors.Is(err, coop.ErrFull):
		p.complain("account", p.T("joining_problem_full"))
	case errors.As(err, &list):
		for _, e := range list {
			p.complain(e.Field, p.petitionProblem(e))
		}
	}
	return len(p.Problems) > 0
}

// petitionProblem is a complaint in words.
func (t *tongue) petitionProblem(e *coop.InvalidError) string {
	switch {
	case e.Code == outbox.CodeAsksItself:
		return t.T("joining_problem_itself")
	case e.Field == "account":
		return t.T("joining_problem_account")
	case e.Field == "contact":
		return t.T("reset_email_wrong")
	case e.Field == "file" && e.Code == coop.CodeNotAllowed:
		return t.T("joining_problem_link")
	case e.Field == "file":
		return t.T("joining_problem_file")
	case e.Code == coop.CodeFormat:
		return t.T("joining_problem_url")
	}
	return t.T("joining_"+e.Field) + ": " + t.T("problem_too_long")
}

// petitionFile hands out the statutes that came with a petition, as a download only.
func (f *Face) petitionFile(c *gin.Context, m *coop.Membership) error {
	p, err := f.Store.Petition(c.Request.Context(), m.ID)
	if err != nil {
		return err
	}
	if p.File == nil {
		return fmt.Errorf("file of petition %s: %w", m.ID, coop.ErrNotFound)
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Disposition", `attachment; filename="statutes-`+m.ID.String()+`.pdf"`)
	c.Data(http.StatusOK, "application/pdf", p.File.Body)
	return nil
}
