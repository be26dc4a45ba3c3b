// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
	"minga/web/auth"
)

// stillOpenView asks whether a job is still open.
type stillOpenView struct {
	formFrame
	Job    string
	JobURL string
	Coop   person
	State  stateBadge
	Until  string // the day on which it ends
	Longer string // until when it would be open; empty: it cannot be extended
	Path   string
	Done   string
	Over   bool // it has ended: there is nothing to decide
}

// stillOpenView finds what a link of a mail is about and makes the page.
func (f *Face) stillOpenView(c *gin.Context) (storage.JobLink, *coop.Post, stillOpenView, error) {
	view := stillOpenView{}
	if !coop.ValidSecret(c.Param("secret")) {
		return storage.JobLink{}, nil, view, fmt.Errorf("link of a job: %w", coop.ErrNotFound)
	}
	ctx := c.Request.Context()
	link, err := f.Store.JobLinkByHash(ctx, outbox.LinkHash(c.Param("secret")))
	if err != nil {
		return link, nil, view, err
	}
	p, err := f.Store.Post(ctx, anybody(), link.Post)
	if err != nil {
		return link, nil, view, err
	}
	view.formFrame = f.formFrame(c, "still_open_title", nil)
	f.fillStillOpen(&view, p)
	view.Path = c.Request.URL.EscapedPath()
	return link, p, view, nil
}

// fillStillOpen says how the job stands.
func (f *Face) fillStillOpen(view *stillOpenView, p *coop.Post) {
	view.Section, view.Job, view.JobURL, view.Coop = "jobs", p.Job.Title, f.pathOf(p), f.person(p.Author)
	view.State, view.Until, view.Over = view.badge(p.Job, f.Now()), view.Day(p.Job.ValidThrough), p.Job.Ended() || p.Job.Expired(f.Now())
	view.Longer = view.Day(outbox.ExtendedUntil(p.Job, f.Now()))
}

// stillOpenPage answers GET /still-open/SECRET, and changes nothing: programs that look
// at mails before people do follow links too.
func (f *Face) stillOpenPage(c *gin.Context) error {
	_, _, view, err := f.stillOpenView(c)
	if err != nil {
		return f.ended(c, err)
	}
	return f.show(c, http.StatusOK, "still-open", view)
}

// stillOpen answers POST /still-open/SECRET: the job is extended, filled or closed, by
// the person to whom the mail went, if they still publish for the co-op.
func (f *Face) stillOpen(c *gin.Context) error {
	link, p, view, err := f.stillOpenView(c)
	if err != nil {
		return f.ended(c, err)
	}
	person, err := f.Store.Account(c.Request.Context(), link.Person)
	if err != nil {
		return f.ended(c, err)
	}
	if _, err := auth.SpeakFor(c, person, p.AuthorID, coop.ActPublish); err != nil {
		return err
	}
	p, done, err := f.stepJob(c, p, c.PostForm("act"))
	if errors.Is(err, coop.ErrState) { // somebody was quicker
		return f.show(c, http.StatusConflict, "still-open", view)
	}
	if err != nil {
		return err
	}
	f.fillStillOpen(&view, p)
	view.Done = view.T("mine_done_" + done)
	return f.show(c, http.StatusOK, "still-open", view)
}

// steps are what a button does to a job.
var steps = []string{"pause", "resume", "fill", "close", "withdraw", "confirm", "extend"}

// stepJob does what a button says.
func (f *Face) stepJob(c *gin.Context, p *coop.Post, act string) (*coop.Post, string, error) {
	ctx := c.Request.Context()
	switch act {
	case "extend":
		until := outbox.ExtendedUntil(p.Job, f.Now())
		if until.IsZero() {
			return nil, "", fmt.Errorf("extend %s: %w", p.IRI, coop.ErrState)
		}
		p, err := f.Outbox.ExtendJob(ctx, p.ID, until)
		return p, act, err
	case "pause", "resume", "fill", "close", "withdraw", "confirm":
		p, err := f.Outbox.StepJob(ctx, p.ID, act)
		return p, act, err
	}
	return nil, "", &coop.InvalidError{Field: "act", Code: coop.CodeUnknown, Problem: "is a step of a job"}
}
