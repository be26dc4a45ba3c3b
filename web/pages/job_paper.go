// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/web/auth"
	"minga/web/respond"
)

// jobRoutes are the pages about one job beside its own, by its local id.
func (f *Face) jobRoutes() []auth.Route {
	report := auth.Route{Path: "/jobs/:id/report", Access: auth.Visitor, Sees: auth.SeesPublic, Form: respond.HTML}
	get, post := report, report
	get.Method, get.Limit, get.CSRF, get.Handle = "GET", auth.LimitReads, auth.CSRFSafe, f.reportPage
	post.Method, post.Limit, post.CSRF, post.Body, post.Handle = "POST", auth.LimitForms, auth.CSRFForm, signInBody, f.report
	return append(publicPage("/jobs/:id/print", f.jobPaper), get, post)
}

// paperPage is a job on one sheet of paper, with a code that leads back.
type paperPage struct {
	jobPage
	Code  *qrCode
	Lead  line // the beginning of the text
	Where string
	Back  string
}

// mostOnPaper is how much of the text stands on the sheet, in characters.
const mostOnPaper = 700

// jobPaper answers GET /jobs/:id/print.
func (f *Face) jobPaper(c *gin.Context) error {
	p, err := f.jobOf(c)
	if err != nil {
		return err
	}
	wanted, meaning := f.version(c, p.Job)
	page := &paperPage{jobPage: jobPage{frame: f.frame(c, "", "jobs", meaning)}, Back: f.pathOf(p)}
	f.fillJob(&page.jobPage, p, wanted)
	page.Lead, page.Where = line{page.Text.Lang, excerpt(string(page.Text.HTML), mostOnPaper)}, page.where(p.Job)
	page.NoIndex, page.Canonical, page.Alternates = true, "", nil
	if p.Job.Applicable(f.Now()) {
		if page.Apply, err = f.applyWays(c.Request.Context(), &page.jobPage, p); err != nil {
			return err
		}
	}
	if page.Code, err = qrOf(page.Link); err != nil {
		return err
	}
	return f.show(c, http.StatusOK, "job-paper", page)
}

// jobOf finds the job of a local id, ours or a copy, as anybody may see it.
func (f *Face) jobOf(c *gin.Context) (*coop.Post, error) {
	id, err := coop.ParseID(c.Param("id"))
	if err != nil {
		return nil, err
	}
	p, err := f.Store.Post(c.Request.Context(), anybody(), id)
	if err == nil && (p.Kind != coop.KindJob || p.Job == nil) {
		err = coop.ErrNotFound
	}
	return p, err
}
