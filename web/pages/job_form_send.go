// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/federation/sanitize"
	"minga/web/auth"
)

// newJob answers POST /jobs/new: a look at the note, a draft, or the job. The note from
// which the form was filled in becomes the job, so that there are not two of it.
func (f *Face) newJob(c *gin.Context) error {
	j, err := f.startForm(c)
	if err != nil {
		return err
	}
	view := jobFormView{From: c.PostForm("from")}
	if view.From != "" {
		if j.before, err = f.own(c, j, view.From); err != nil {
			return err
		}
	}
	j.fields = typedFields(c)
	f.fillFormView(c, &view, j, "/jobs/new", "job_form_new")
	p := &coop.Post{Author: j.author, AuthorID: j.author.ID, Local: true, Kind: coop.KindJob, Visibility: coop.VisiblePublic, Language: j.fields.Language, Job: &coop.Job{Status: coop.JobOpen}}
	return f.sendForm(c, &view, j, p)
}

// editJob answers POST /jobs/ID/edit.
func (f *Face) editJob(c *gin.Context) error {
	j, view, err := f.editForm(c)
	if err != nil {
		return err
	}
	j.fields = typedFields(c)
	j.fields.Language = j.before.Language
	view.Given = j.fields
	view.list()
	p := *j.before
	p.Job = j.before.Job.Clone()
	return f.sendForm(c, &view, j, &p)
}

// typedFields reads the form.
func typedFields(c *gin.Context) jobFields {
	text := func(name string) string { return coop.CleanLine(coop.Truncate(c.PostForm(name), 4000), 2000) }
	g := jobFields{
		Language: text("language"), Title: text("title"), Description: coop.CleanText(c.PostForm("description"), 100_000), Skills: text("skills"),
		Mode: text("mode"), Town: text("town"), Country: text("country"), From: text("from_where"), OfficeDays: text("office_days"),
		HoursMin: text("hours_min"), HoursMax: text("hours_max"), Engagement: text("engagement"), Track: text("track"), Probation: text("probation"),
		PayMin: text("pay_min"), PayMax: text("pay_max"), Currency: text("currency"), Per: text("per"), Net: c.PostForm("net") != "",
		Closes: text("closes"), Mail: text("mail"), Link: text("link"), Message: c.PostForm("message") != "", Form: c.PostForm("form") != "",
	}
	if !slices.Contains([]string{"remote", "hybrid", "onsite"}, g.Mode) {
		g.Mode = "onsite"
	}
	return g
}

// sendForm does what the pressed button says.
func (f *Face) sendForm(c *gin.Context, view *jobFormView, j *jobForm, p *coop.Post) error {
	reader := &formReader{jobFields: j.fields}
	if list := reader.write(p); len(list) > 0 {
		return f.refuseForm(c, view, list)
	}
	act := c.PostForm("act")
	if act == "preview" {
		return f.previewForm(c, view, p)
	}
	if _, err := auth.ActAs(c, j.author.ID, coop.ActPublish); err != nil {
		return err
	}
	ctx := c.Request.Context()
	var err error
	switch {
	case act == "draft" && !view.Edit:
		err = f.Outbox.SaveJobDraft(ctx, j.author, p)
	case act != "publish":
		err = &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "preview, draft or publish"}
	case view.Edit:
		err = f.Outbox.EditJob(ctx, p)
	case j.before != nil && j.before.InReplyTo == "" && (j.before.Visibility == coop.VisiblePublic || j.before.Visibility == coop.VisibleUnlisted) && j.before.Kind == coop.KindNote && j.before.Summary == "":
		err = f.Outbox.NoteIntoJob(ctx, j.before.ID, p)
	default:
		err = f.Outbox.PublishJob(ctx, j.author, p)
	}
	var list coop.Invalid
	var one *coop.InvalidError
	if errors.As(err, &list) || errors.As(err, &one) {
		if list == nil {
			list = coop.Invalid{one}
		}
		return f.refuseForm(c, view, list)
	}
	if err != nil {
		return err
	}
	if act == "draft" {
		c.Redirect(http.StatusSeeOther, "/jobs/"+p.ID.String()+"/edit?saved=1")
		return nil
	}
	c.Redirect(http.StatusSeeOther, f.pathOf(p))
	return nil
}

// refuseForm shows the form again with what is wrong, and all that was typed.
func (f *Face) refuseForm(c *gin.Context, view *jobFormView, list coop.Invalid) error {
	view.complainAll(list)
	return f.show(c, http.StatusUnprocessableEntity, "job-form", view)
}

// previewForm shows the note as it would be published, and what is still wrong.
func (f *Face) previewForm(c *gin.Context, view *jobFormView, p *coop.Post) error {
	var list coop.Invalid
	if err := f.Outbox.CheckJob(c.Request.Context(), p); errors.As(err, &list) {
		return f.refuseForm(c, view, list)
	} else if err != nil {
		return err
	}
	html := f.Outbox.JobText(p.Author, p)[p.Language]
	view.Preview = &jobPreview{Lang: p.Language, HTML: sanitize.Page(html), Count: coop.VisibleLength(html)}
	return f.show(c, http.StatusOK, "job-form", view)
}

// complainAll turns complaints about a job into those of fields of the form, in the
// order of the form, one for each.
func (v *jobFormView) complainAll(list coop.Invalid) {
	for _, field := range formFields {
		for _, e := range list {
			if fieldFor(e.Field) == field.name && v.Problem(field.name) == "" {
				v.complain(field.name, v.problemOf(field.name, e.Code))
			}
		}
	}
	if len(v.Problems) == 0 {
		v.complain("title", v.problemOf("title", ""))
	}
}

// formFields are the fields in the order of the form, and what of a job they write.
var formFields = []struct {
	name   string
	prefix []string
}{
	{"language", []string{"language"}},
	{"title", []string{"title"}},
	{"description", []string{"description", "markdown", "responsibilities", "qualifications"}},
	{"skills", []string{"skills"}},
	{"engagement", []string{"engagement"}},
	{"track", []string{"membership_track"}},
	{"probation", []string{"probation", "deal"}},
	{"from_where", []string{"place.applicants_from"}},
	{"office_days", []string{"place.office_days"}},
	{"country", []string{"place.country"}},
	{"town", []string{"place"}},
	{"hours_max", []string{"hours.max"}},
	{"hours_min", []string{"hours", "employment_type"}},
	{"pay_max", []string{"pay.max"}},
	{"currency", []string{"pay.currency"}},
	{"per", []string{"pay.per"}},
	{"pay_min", []string{"pay"}},
	{"closes", []string{"closes_at"}},
	{"mail", []string{"apply.mail"}},
	{"link", []string{"apply.url"}},
	{"mail", []string{"apply"}},
}

// fieldFor is the field of the form that writes a field of a job.
func fieldFor(field string) string {
	for _, f := range formFields {
		for _, prefix := range f.prefix {
			if strings.HasPrefix(field, prefix) {
				return f.name
			}
		}
	}
	return "title"
}

// fieldCodes are the complaints that have words of their own.
var fieldCodes = []string{
	coop.CodeRequired, coop.CodeTooShort, coop.CodeTooLong, coop.CodeTooMany, coop.CodeRange, coop.CodeOrder, coop.CodePast, coop.CodeNotAllowed, coop.CodeCapitals, coop.CodeHTML,
}

// problemOf says in words what is wrong with a field.
func (v *jobFormView) problemOf(field, code string) string {
	label := v.T("job_form_" + field)
	switch {
	case field == "description" && code == coop.CodeTooShort:
		return label + ": " + v.T("problem_description")
	case field == "from_where":
		return label + ": " + v.T("problem_from")
	case field == "closes" && code == coop.CodeTooLate:
		return label + ": " + v.T("problem_closes")
	case field == "mail" && code == coop.CodeRequired:
		return label + ": " + v.T("problem_apply")
	}
	if slices.Contains(fieldCodes, code) {
		return label + ": " + v.T("problem_"+code)
	}
	return label + ": " + v.T("problem_format")
}
