// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// How the form of a job begins: empty, like another job of the co-op, or with what a page
// of its own site says.

// fillLike fills in the form from the job that the address names, or offers the last one
// of the co-op.
func (f *Face) fillLike(c *gin.Context, view *jobFormView, j *jobForm) error {
	if like := c.Query("like"); like != "" {
		p, err := f.own(c, j, like)
		if err != nil {
			return err
		}
		if p.Job == nil {
			return coop.ErrNotFound
		}
		closes := view.Given.Closes
		view.Given = fieldsOf(p, view.Lang)
		view.Given.Like, view.Given.Closes, view.Given.Boards = like, closes, nil
		view.Coop = f.person(j.author)
		view.list()
		f.listBoards(c, view, j)
		view.Notes = append(view.Notes, view.T("hiring_like_what"))
		return nil
	}
	last, err := f.Store.JobsOf(c.Request.Context(), j.author.ID, coop.Page{Limit: 1})
	if err == nil && len(last) == 1 && last[0].Job != nil {
		view.Last = &languageLink{Tag: last[0].Language, Name: last[0].Job.Title, URL: "/jobs/new?like=" + last[0].ID.String()}
	}
	return err
}

// beginLike lets a new job begin as the one did from which the form was filled in: what
// the form does not show comes along. What has ended is named as what it repeats.
func (f *Face) beginLike(c *gin.Context, j *jobForm, p *coop.Post) error {
	if j.fields.Like == "" {
		return nil
	}
	old, err := f.own(c, &jobForm{coops: []*coop.Account{j.author}}, j.fields.Like)
	if errors.Is(err, coop.ErrNotFound) || err == nil && old.Job == nil {
		return nil // of another co-op that was chosen meanwhile: the fields are enough
	}
	if err != nil {
		return err
	}
	again := old.Job.Clone()
	again.Status, again.Identifier, again.Version, again.RepostOf = coop.JobOpen, coop.Identifier{}, 0, ""
	again.DatePosted, again.ValidThrough, again.Closed, again.ConfirmedAt = "", time.Time{}, time.Time{}, time.Time{}
	if old.Job.Ended() {
		again.RepostOf = old.IRI
	}
	p.Job, p.Hashtags = again, slices.Clone(old.Hashtags)
	return nil
}

// importPatience is how long the form waits for a page.
const importPatience = 15 * time.Second

// importForm fills in the form from the mark-up of a page. Nothing is kept or published.
func (f *Face) importForm(c *gin.Context, view *jobFormView) error {
	view.Import = coop.CleanLine(c.PostForm("url"), 2048)
	ctx, cancel := context.WithTimeout(storage.Aside(c.Request.Context()), importPatience)
	defer cancel()
	job, err := f.Inbox.JobPage(ctx, view.Import)
	var invalid *coop.InvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Code == coop.CodeUnknown:
		view.complain("url", view.T("hiring_import_none"))
	case errors.As(err, &invalid) && invalid.Code == coop.CodeFormat:
		view.complain("url", view.T("hiring_import_address"))
	case err != nil:
		view.complain("url", view.T("hiring_import_away"))
	}
	if len(view.Problems) > 0 {
		return f.show(c, http.StatusUnprocessableEntity, "job-form", view)
	}
	given := view.Given
	p := &coop.Post{Language: given.Language, Job: job}
	view.Given = fieldsOf(p, view.Lang)
	view.Given.Boards, view.Given.Form = given.Boards, given.Form
	view.Given.Message = true
	if view.Given.Closes == "" {
		view.Given.Closes = f.Now().AddDate(0, 0, f.Outbox.JobDays(ctx)).UTC().Format(time.DateOnly)
	}
	view.list()
	view.Notes = append(view.Notes, view.T("hiring_import_done"))
	return f.show(c, http.StatusOK, "job-form", view)
}

// boardsOf are the addresses to which a job goes besides.
func boardsOf(p *coop.Post) []string {
	var list []string
	for _, iri := range p.Cc {
		list = append(list, string(iri))
	}
	return list
}

// listBoards lists the boards of other federations on which the co-op may announce its
// jobs; all of them are chosen at first.
func (f *Face) listBoards(c *gin.Context, view *jobFormView, j *jobForm) {
	ctx := c.Request.Context()
	may, home, err := f.Outbox.JobBoards(ctx, j.author)
	if err != nil {
		return // the job goes to all of them then
	}
	names, err := f.names(ctx, may)
	if err != nil {
		return
	}
	view.Boards = nil
	for _, iri := range may {
		if iri != home {
			name := names[iri].Name
			if handle := names[iri].Handle; handle != "" {
				name += " " + handle
			}
			view.Boards = append(view.Boards, choice{string(iri), name, true})
		}
	}
	if c.Request.Method == http.MethodPost {
		view.pickBoards()
	}
}

// pickBoards marks those that were chosen.
func (v *jobFormView) pickBoards() {
	for i := range v.Boards {
		v.Boards[i].Chosen = slices.Contains(v.Given.Boards, v.Boards[i].Value)
	}
}

// writeBoards says where a job that is not published yet is announced besides.
func (v *jobFormView) writeBoards(p *coop.Post) {
	if v.Edit || len(v.Boards) == 0 {
		return
	}
	p.Cc = []coop.IRI{}
	for _, b := range v.Boards {
		if b.Chosen {
			p.Cc = append(p.Cc, coop.IRI(b.Value))
		}
	}
}
