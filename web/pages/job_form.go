// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// jobFormBody is what the form of a job carries at most, in bytes.
const jobFormBody = 256 << 10

// jobFormRoutes are the pages on which a person posts and edits a job of a co-op.
func (f *Face) jobFormRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitPosts, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: jobFormBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get("/jobs/new", f.newJobPage), post("/jobs/new", f.newJob),
		post("/jobs/preview", f.previewJob),
		get("/jobs/:id/edit", f.editJobPage), post("/jobs/:id/edit", f.editJob),
	}
}

// jobFormView is the form of a job.
type jobFormView struct {
	formFrame
	Action  string // where it goes
	Given   jobFields
	Coops   []choice // for which the person may post; one needs no choice
	Coop    person
	Edit    bool // a job that is published
	Draft   bool // one that is not
	From    string
	Said    string // what has just been done
	Notes   []string
	Preview *jobPreview
	MayAdd  bool   // one more language
	ID      string // of the job that is edited; empty: a new one
	Last    *languageLink
	Import  string   // the address that was typed
	Boards  []choice // where else it may be announced
	FormOn  bool     // the co-op takes applications by the form

	Modes, Countries, Kinds, Tracks, Units, Tongues []choice
}

// jobForm is what a request for the form is about.
type jobForm struct {
	coops  []*coop.Account
	author *coop.Account
	before *coop.Post // the job, or the note from which it is filled in; nil: none
	fields jobFields
	form   bool // the author takes applications by the form
}

// startForm finds for whom the person may post: nobody is [coop.ErrForbidden].
func (f *Face) startForm(c *gin.Context) (*jobForm, error) {
	coops, err := auth.Speakable(c, coop.ActPublish)
	if err != nil {
		return nil, err
	}
	coops = slices.DeleteFunc(coops, func(a *coop.Account) bool { return !coop.PublishesJobs(a.Kind) })
	if len(coops) == 0 {
		return nil, &coop.RoleError{Act: coop.ActPublish}
	}
	slices.SortStableFunc(coops, func(a, b *coop.Account) int { // co-ops before federations
		return cmp.Compare(string(a.Kind), string(b.Kind))
	})
	j := &jobForm{coops: coops, author: coops[0]}
	j.choose(c.Query("as"))
	j.choose(c.PostForm("as"))
	j.form, err = f.Store.TakesForm(c.Request.Context(), j.author.ID)
	return j, err
}

// choose takes the co-op that was asked for, if the person may post for it.
func (j *jobForm) choose(id string) {
	for _, a := range j.coops {
		if a.ID.String() == id {
			j.author = a
		}
	}
}

// own finds a post of one of the co-ops: that of anybody else is not found.
func (f *Face) own(c *gin.Context, j *jobForm, id string) (*coop.Post, error) {
	number, err := coop.ParseID(id)
	if err != nil {
		return nil, fmt.Errorf("post %.40q: %w", id, coop.ErrNotFound)
	}
	for _, a := range j.coops {
		p, err := f.Store.Post(c.Request.Context(), storage.Seeing(c.Request.Context(), a.ID), number)
		if err == nil && p.AuthorID == a.ID && p.Visibility != coop.VisibleDirect {
			j.author = a
			j.form, err = f.Store.TakesForm(c.Request.Context(), a.ID)
			return p, err
		}
	}
	return nil, fmt.Errorf("post %s of another: %w", number, coop.ErrNotFound)
}

// newJobPage answers GET /jobs/new: empty, or filled in from a post by its id.
func (f *Face) newJobPage(c *gin.Context) error {
	j, err := f.startForm(c)
	if err != nil {
		return err
	}
	j.fields = emptyFields(j.author, f.tongueOf(c).Lang)
	j.fields.Form, j.fields.Closes = j.form, f.Now().AddDate(0, 0, f.Outbox.JobDays(c.Request.Context())).UTC().Format(time.DateOnly)
	view := jobFormView{}
	if from := c.Query("from"); from != "" {
		if j.before, err = f.own(c, j, from); err != nil {
			return err
		}
		if j.before.Job != nil {
			c.Redirect(http.StatusSeeOther, "/jobs/"+j.before.ID.String()+"/edit")
			return nil
		}
		view.From = from
	}
	f.fillFormView(c, &view, j, "/jobs/new", "job_form_new")
	if j.before != nil {
		f.fillFromNote(&view, j)
		return f.show(c, http.StatusOK, "job-form", view)
	}
	if err := f.fillLike(c, &view, j); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "job-form", view)
}

// editJobPage answers GET /jobs/ID/edit.
func (f *Face) editJobPage(c *gin.Context) error {
	j, view, err := f.editForm(c)
	if err != nil {
		return err
	}
	view.Given = fieldsOf(j.before, view.Lang)
	view.Given.Boards = boardsOf(j.before)
	view.list()
	view.pickBoards()
	if c.Query("saved") != "" {
		view.Said = view.T("job_form_saved")
	}
	return f.show(c, http.StatusOK, "job-form", view)
}

// editForm finds the job of /jobs/ID/edit. One that has ended is edited no more.
func (f *Face) editForm(c *gin.Context) (*jobForm, jobFormView, error) {
	view := jobFormView{}
	j, err := f.startForm(c)
	if err != nil {
		return nil, view, err
	}
	if j.before, err = f.own(c, j, c.Param("id")); err != nil {
		return nil, view, err
	}
	if j.before.Job == nil || j.before.Job.Ended() {
		return nil, view, fmt.Errorf("edit post %s: %w", j.before.ID, coop.ErrNotFound)
	}
	view.Draft = !j.before.Job.Status.OnWire()
	view.Edit = !view.Draft
	view.ID = j.before.ID.String()
	f.fillFormView(c, &view, j, "/jobs/"+view.ID+"/edit", "job_form_edit")
	return j, view, nil
}

// fillFormView fills in what does not depend on what was typed.
func (f *Face) fillFormView(c *gin.Context, view *jobFormView, j *jobForm, path, title string) {
	meaning := url.Values{}
	if view.From != "" {
		meaning.Set("from", view.From)
	}
	view.formFrame = f.formFrame(c, title, meaning)
	view.Section, view.Action, view.Given, view.Coop = "jobs", path, j.fields, f.person(j.author)
	view.FormOn = j.form
	for _, a := range j.coops {
		view.Coops = append(view.Coops, choice{a.ID.String(), f.person(a).Name, a.ID == j.author.ID})
	}
	view.list()
	f.listBoards(c, view, j)
}

// list makes the lists to choose from, with what was chosen.
func (v *jobFormView) list() {
	v.listVersions(false)
	v.listMore()
	g := v.Given
	v.Modes = v.choices("job_form_mode_", []string{"onsite", "hybrid", "remote"}, []string{g.Mode})
	v.Countries = v.countryChoices([]string{g.Country})
	v.Kinds = v.choices("engagement_", coop.Engagements(), []string{g.Engagement})
	v.Tracks = v.choices("track_", coop.MembershipTracks(), []string{g.Track})
	v.Tongues = v.languageChoices([]string{g.Language})
	v.Units = nil
	for _, unit := range coop.PayUnits() {
		v.Units = append(v.Units, choice{unit, v.jobs.Say(v.Lang, "per_"+lower(unit), nil), unit == g.Per})
	}
}
