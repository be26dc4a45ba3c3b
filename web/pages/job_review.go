// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"minga/coop"
	"minga/storage"
)

// heldPage stands in the place of a job that moderators have taken out of sight.
type heldPage struct {
	frame
	Jobs []jobCard
}

// orReview answers the page "under review" where what was not found at an address of
// ours is a public job that was frozen after a report; otherwise it gives back the error.
func (f *Face) orReview(c *gin.Context, iri coop.IRI, missing error) error {
	if !errors.Is(missing, coop.ErrNotFound) {
		return missing
	}
	ctx := c.Request.Context()
	p, err := f.Store.PostByIRI(ctx, coop.System(), iri)
	if err != nil || !p.Local || p.Job == nil || p.Author == nil || p.Author.Gone() {
		return missing
	}
	if p.Visibility != coop.VisiblePublic && p.Visibility != coop.VisibleUnlisted || p.Job.Status == coop.JobDraft || p.Job.Status == coop.JobReview {
		return missing
	}
	if frozen, err := f.Store.JobFrozen(ctx, p.ID); err != nil || !frozen {
		return missing
	}
	return f.showHeld(c)
}

// showHeld says that a job is under review and nothing of what it says.
func (f *Face) showHeld(c *gin.Context) error {
	page := heldPage{frame: f.frame(c, "", "jobs", nil)}
	page.Title, page.NoIndex = page.T("job_held_title"), true
	page.Canonical, page.Alternates, page.Graph = "", nil, nil
	newest, err := f.Store.SearchJobs(c.Request.Context(), anybody(), coop.JobQuery{Order: coop.OrderNewest}, storage.JobPage{Limit: mostSimilar, Domain: f.AccountDomain})
	if err != nil {
		return err
	}
	page.Jobs = f.jobCards(page.tongue, newest.Posts)
	return f.show(c, http.StatusOK, "job-held", page)
}
