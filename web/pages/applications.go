// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
	"minga/web/respond"
)

// hiringRoutes are the pages of those who hire for a co-op.
func (f *Face) hiringRoutes() []auth.Route {
	get := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "GET", Path: path, Access: auth.Session, Limit: auth.LimitReads, CSRF: auth.CSRFSafe, Sees: auth.SeesOwn, Form: respond.HTML, Handle: h}
	}
	post := func(path string, h respond.Handler) auth.Route {
		return auth.Route{Method: "POST", Path: path, Access: auth.Session, Limit: auth.LimitPosts, CSRF: auth.CSRFForm, Sees: auth.SeesOwn, Body: signInBody, Form: respond.HTML, Handle: h}
	}
	return []auth.Route{
		get(minePath, f.minePage),
		post(minePath+"/form", f.switchForm),
		post("/jobs/:id/step", f.stepPage),
		get("/jobs/:id/applications", f.applicationsPage),
		post("/jobs/:id/applications/:application", f.changeApplication),
		get("/jobs/:id/applications/:application/:file", f.applicationFile),
	}
}

// applicationsShown is how many applications stand on a page.
const applicationsShown = 20

// applicationsView is what hirers read.
type applicationsView struct {
	formFrame
	Job     string
	JobURL  string
	State   stateBadge
	Coop    person
	Path    string
	Kept    string // until when everything here is kept
	Ended   bool
	List    []applicationCard
	Next    string // older ones
	First   string
	Done    string
	Answers string // how the co-op kept its word; empty: too few to say
}

// applicationCard is an application as a hirer reads it.
type applicationCard struct {
	ID, Name, Email, Write string // Write is a mail to the person
	Message                []string
	Files                  []sentFile
	At, Answered, Due      moment
	Late                   bool // the promise is over, and nobody answered
}

// hiringJob finds the job of the address for one of its hirers, and for nobody else: a
// job of others, and one that is not there, look alike.
func (f *Face) hiringJob(c *gin.Context) (*coop.Post, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, fmt.Errorf("job %.40q: %w", c.Param("id"), coop.ErrNotFound)
	}
	coops, err := auth.Speakable(c, coop.ActMessages)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	for _, a := range coops {
		p, err := f.Store.Post(ctx, coop.As(a.ID), id)
		if err == nil && p.AuthorID == a.ID && p.Local && p.Job != nil {
			return p, nil
		}
		if err != nil && !errors.Is(err, coop.ErrNotFound) && !errors.Is(err, coop.ErrGone) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("applications for %s: %w", id, coop.ErrNotFound)
}

// applicationsPage answers GET /jobs/ID/applications.
func (f *Face) applicationsPage(c *gin.Context) error {
	p, err := f.hiringJob(c)
	if err != nil {
		return err
	}
	ctx, page := c.Request.Context(), coop.Page{Limit: applicationsShown + 1}
	if page.Max, err = coop.ParseID(c.Query("before")); err != nil {
		page.Max = 0
	}
	list, err := f.Store.Applications(ctx, p.AuthorID, p.ID, page)
	if err != nil {
		return err
	}
	view := applicationsView{formFrame: f.formFrame(c, "applications_title", nil), Coop: f.person(p.Author), JobURL: f.pathOf(p), Path: "/jobs/" + p.ID.String() + "/applications"}
	view.Section, view.Job, view.State = "jobs", p.Job.Title, view.badge(p.Job, f.Now())
	if end := p.Job.ApplicationsEnd(); !end.IsZero() {
		view.Ended, view.Kept = true, view.Day(end)
	} else {
		view.Kept = view.Day(p.Job.ValidThrough.Add(coop.ApplicationLife))
	}
	if page.Max != 0 {
		view.First = view.Path
	}
	if len(list) > applicationsShown {
		list = list[:applicationsShown]
		view.Next = view.Path + "?before=" + list[applicationsShown-1].ID.String()
	}
	for _, a := range list {
		view.List = append(view.List, f.applicationCard(&view, a))
	}
	if done := c.Query("done"); done == "answered" || done == "waiting" || done == "deleted" {
		view.Done = view.T("applications_done_" + done)
	}
	if view.Answers, err = f.answersOf(ctx, view.tongue, p.AuthorID); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "applications", view)
}

// applicationCard is an application in words.
func (f *Face) applicationCard(view *applicationsView, a *coop.Application) applicationCard {
	card := applicationCard{
		ID: a.ID.String(), Name: a.Name, Email: a.Email, Message: linesOf(a.Message),
		Write: "mailto:" + a.Email + "?subject=" + url.PathEscape(a.Title),
		At:    momentOf(view.tongue, a.CreatedAt), Answered: momentOf(view.tongue, a.AnsweredAt),
	}
	if a.AnsweredAt.IsZero() {
		card.Due, card.Late = momentOf(view.tongue, a.AnswerBy), !a.AnswerBy.IsZero() && a.AnswerBy.Before(f.Now())
	}
	for i, file := range a.Files {
		card.Files = append(card.Files, sentFile{file.Title, view.sizeOf(file.Size), view.Path + "/" + card.ID + "/" + strconv.Itoa(i+1)})
	}
	return card
}

// hiringApplication finds an application for the job of the address.
func (f *Face) hiringApplication(c *gin.Context, p *coop.Post) (*coop.Application, error) {
	id, err := coop.ParseID(c.Param("application"))
	if err != nil {
		return nil, fmt.Errorf("application %.40q: %w", c.Param("application"), coop.ErrNotFound)
	}
	a, err := f.Store.Application(c.Request.Context(), p.AuthorID, id)
	if err == nil && a.PostID != p.ID {
		err = fmt.Errorf("application %s is for another job: %w", id, coop.ErrNotFound)
	}
	return a, err
}

// changeApplication answers POST /jobs/ID/applications/ID: it was answered, it was not,
// or it is deleted.
func (f *Face) changeApplication(c *gin.Context) error {
	p, err := f.hiringJob(c)
	if err != nil {
		return err
	}
	a, err := f.hiringApplication(c, p)
	if err != nil {
		return err
	}
	if _, err := auth.ActAs(c, p.AuthorID, coop.ActMessages); err != nil {
		return err
	}
	ctx, done := c.Request.Context(), c.PostForm("act")
	switch done {
	case "answered", "waiting":
		at := f.Now()
		if done == "waiting" {
			at = time.Time{}
		}
		err = f.Store.Write(ctx, func(tx *storage.Tx) error { return tx.AnswerApplication(ctx, p.AuthorID, a.ID, at) })
	case "deleted":
		if err = f.Outbox.WithdrawApplication(ctx, a); err == nil {
			err = f.Media.SweepSealed(ctx)
		}
	default:
		err = &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "answered, waiting or deleted"}
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/jobs/"+p.ID.String()+"/applications?done="+done)
	return nil
}

// applicationFile answers GET /jobs/ID/applications/ID/N: a PDF, to be kept.
func (f *Face) applicationFile(c *gin.Context) error {
	p, err := f.hiringJob(c)
	if err != nil {
		return err
	}
	a, err := f.hiringApplication(c, p)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("file"))
	if err != nil || n < 1 || n > len(a.Files) {
		return fmt.Errorf("file %.10q of application %s: %w", c.Param("file"), a.ID, coop.ErrNotFound)
	}
	return f.sendPDF(c, a.Files[n-1])
}
