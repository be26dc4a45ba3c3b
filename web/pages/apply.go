// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// applyRoutes are the pages on which people apply by the form, and see what they sent.
func (f *Face) applyRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Visitor, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Early: true, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get("/jobs/:id/apply", f.applyPage),
		{Method: "POST", Path: "/jobs/:id/apply", Access: auth.Visitor, Limit: auth.LimitForms, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: applyBody, Parts: true, Early: true, Form: respond.HTML, Handle: f.apply},
		get("/applications/withdrawn", f.withdrawnPage),
		get("/applications/:secret", f.applicationPage),
		get("/applications/:secret/export.zip", f.exportApplication),
		get("/still-open/:secret", f.stillOpenPage),
		{Method: "POST", Path: "/still-open/:secret", Access: auth.Visitor, Limit: auth.LimitSignIn, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Early: true, Form: respond.HTML, Handle: f.stillOpen},
		{Method: "POST", Path: "/applications/:secret", Access: auth.Visitor, Limit: auth.LimitSignIn, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Early: true, Form: respond.HTML, Handle: f.withdraw},
	}
}

// applyView is the form.
type applyView struct {
	formFrame
	Head   line
	Job    string // its page
	Coop   person
	Path   string
	Given  appliedForm
	Until  string // the last day to apply
	Kept   string // until when everything is kept at the latest
	Answer string // the promise
	Mail   bool   // a mail will confirm it
	Files  bool   // may be sent
	// Key is the secret of the page that the applicant will have. It is made before, so
	// that a form that is sent twice is one application.
	Key string
}

// errElsewhere leads to the page of the job, which says why one cannot apply.
var errElsewhere = errors.New("not by the form now")

// applyView finds the job and makes the page. A job that never takes the form is not
// found; one that takes it no longer gives errElsewhere with its post.
func (f *Face) applyView(c *gin.Context) (*coop.Post, applyView, error) {
	var view applyView
	ctx := c.Request.Context()
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, view, fmt.Errorf("job %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	p, err := f.Store.Post(ctx, anybody(), id)
	if err != nil {
		return nil, view, err
	}
	if !p.Local || p.Job == nil || !p.Job.DirectApply {
		return nil, view, fmt.Errorf("form of post %s: %w", id, coop.ErrNotFound)
	}
	on, err := f.Store.TakesForm(ctx, p.AuthorID)
	if err != nil {
		return nil, view, err
	}
	if !p.TakesForm(on, f.Now()) {
		return p, view, errElsewhere
	}
	view.formFrame = f.formFrame(c, "apply_form_title", nil)
	wanted, _ := f.version(c, p.Job)
	view.Head = lineOf(wanted, p.Language, p.Job.Title, p.Job.TitleMap)
	view.Title = view.T("apply_form_title", "Job", view.Head.Text)
	view.Section, view.Job, view.Coop, view.Path = "jobs", f.pathOf(p), f.person(p.Author), "/jobs/"+id.String()+"/apply"
	view.Until, view.Kept = view.Day(p.Job.ValidThrough), view.Day(p.Job.ValidThrough.Add(coop.ApplicationLife))
	if p.Job.AnswerWithin > 0 {
		view.Answer = view.N("answer_within", p.Job.AnswerWithin)
	}
	view.Mail, view.Files, view.Key = f.Outbox.SendsMail(), f.Media != nil, rand.Text()
	return p, view, nil
}

// applyPage answers GET /jobs/ID/apply.
func (f *Face) applyPage(c *gin.Context) error {
	p, view, err := f.applyView(c)
	if errors.Is(err, errElsewhere) {
		c.Redirect(http.StatusSeeOther, f.pathOf(p))
		return nil
	}
	if err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "apply", view)
}

// apply answers POST /jobs/ID/apply and leads to the applicant's own page.
func (f *Face) apply(c *gin.Context) error {
	ctx := c.Request.Context()
	p, view, err := f.applyView(c)
	if errors.Is(err, errElsewhere) {
		c.Redirect(http.StatusSeeOther, f.pathOf(p))
		return nil
	}
	if err != nil {
		return err
	}
	form, err := f.readApply(c)
	if err != nil {
		form.Drop(ctx, f.Media)
		return err
	}
	view.Given = *form
	if coop.ValidSecret(form.Key) {
		view.Key = form.Key
	}
	wish := &coop.Application{Name: form.Name, Email: form.Email, Message: form.Message, Language: view.Lang, Files: form.files()}
	view.judge(wish, form)
	if len(view.Problems) == 0 {
		err := f.Outbox.Apply(ctx, p.ID, wish, view.Key, f.Media.Limits().PerOwner)
		if err == nil {
			c.Redirect(http.StatusSeeOther, "/applications/"+view.Key+"?sent=1")
			return nil
		}
		form.Drop(ctx, f.Media)
		if err := f.notApplied(c, &view, p, err); err != nil || len(view.Problems) == 0 {
			return err
		}
	}
	form.Drop(ctx, f.Media)
	return f.show(c, http.StatusUnprocessableEntity, "apply", view)
}

// notApplied says why a good form was not taken: on the page, or by leading elsewhere.
func (f *Face) notApplied(c *gin.Context, view *applyView, p *coop.Post, err error) error {
	switch {
	case errors.Is(err, coop.ErrConflict): // pressed twice
		c.Redirect(http.StatusSeeOther, "/applications/"+view.Key+"?sent=1")
	case errors.Is(err, coop.ErrState): // it closed meanwhile
		c.Redirect(http.StatusSeeOther, f.pathOf(p))
	case errors.Is(err, coop.ErrApplications):
		view.complain("name", view.T("apply_form_problem_people"))
	case errors.Is(err, coop.ErrFull):
		view.complain("files", view.T("apply_form_problem_full"))
	default:
		return err
	}
	return nil
}

// judge notes what is wrong with the fields, in their order.
func (v *applyView) judge(wish *coop.Application, form *appliedForm) {
	var list coop.Invalid
	if errors.As(wish.Validate(), &list) {
		for _, e := range list {
			v.complain(e.Field, v.applyProblem(e))
		}
	}
	if form.Problem != "" {
		v.complain("files", v.T("apply_form_problem_"+form.Problem))
	}
}

// applyProblem is a complaint in words.
func (t *tongue) applyProblem(e *coop.InvalidError) string {
	label := t.T("apply_form_" + e.Field)
	switch {
	case e.Field == "email" && e.Code == coop.CodeFormat:
		return t.T("reset_email_wrong")
	case e.Code == coop.CodeTooLong:
		return label + ": " + t.T("problem_too_long")
	}
	return label + ": " + t.T("problem_required")
}
