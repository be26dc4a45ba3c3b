// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"minga/coop"
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
	if err := f.beginLike(c, j, p); err != nil {
		return err
	}
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
	view.pickBoards()
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
		moreFields: typedMore(c), Versions: typedVersions(c), Boards: c.PostFormArray("board"), Like: text("like"),
	}
	if !slices.Contains([]string{"remote", "hybrid", "onsite"}, g.Mode) {
		g.Mode = "onsite"
	}
	return g
}

// sendForm does what the pressed button says.
func (f *Face) sendForm(c *gin.Context, view *jobFormView, j *jobForm, p *coop.Post) error {
	act := c.PostForm("act")
	switch act {
	case "import":
		return f.importForm(c, view)
	case "again": // from before a sign-in
		return f.show(c, http.StatusOK, "job-form", view)
	case "language":
		view.listVersions(true)
		return f.show(c, http.StatusOK, "job-form", view)
	}
	reader := &formReader{jobFields: view.Given}
	list := reader.write(p)
	if act == "preview" {
		return f.previewForm(c, view, p, list)
	}
	if len(list) > 0 {
		return f.refuseForm(c, view, list)
	}
	view.writeBoards(p)
	if _, err := auth.ActAs(c, j.author.ID, coop.ActPublish); err != nil {
		return err
	}
	err := f.keepJob(c.Request.Context(), act, view.Edit, j, p)
	if list := coop.Complaints(err); list != nil {
		return f.refuseForm(c, view, list)
	}
	if err != nil {
		return err
	}
	to := f.pathOf(p)
	if act == "draft" {
		to = "/jobs/" + p.ID.String() + "/edit?saved=1"
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// keepJob keeps a draft, changes what is published, or publishes it.
func (f *Face) keepJob(ctx context.Context, act string, edit bool, j *jobForm, p *coop.Post) error {
	switch {
	case act == "draft" && !edit:
		return f.Outbox.SaveJobDraft(ctx, j.author, p)
	case act != "publish":
		return &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "preview, draft or publish"}
	case edit:
		return f.Outbox.EditJob(ctx, p)
	case becomesJob(j.before):
		return f.Outbox.NoteIntoJob(ctx, j.before.ID, p)
	}
	return f.Outbox.PublishJob(ctx, j.author, p)
}

// becomesJob tells whether a post is a note that may turn into a job: in public, with
// nothing before it.
func becomesJob(p *coop.Post) bool {
	public := p != nil && (p.Visibility == coop.VisiblePublic || p.Visibility == coop.VisibleUnlisted)
	return public && p.Kind == coop.KindNote && p.InReplyTo == "" && p.Summary == ""
}

// refuseForm shows the form again with what is wrong, and all that was typed.
func (f *Face) refuseForm(c *gin.Context, view *jobFormView, list coop.Invalid) error {
	view.complainAll(list)
	return f.show(c, http.StatusUnprocessableEntity, "job-form", view)
}

// previewForm shows what would be published, and what each reader makes of it.
func (f *Face) previewForm(c *gin.Context, view *jobFormView, p *coop.Post, unread coop.Invalid) (err error) {
	if view.Preview, err = f.preview(c, view, p, unread); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "job-form", view)
}
