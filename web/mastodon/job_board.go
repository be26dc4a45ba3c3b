// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"minga/coop"
	"minga/outbox"
	"minga/web/auth"
	"minga/web/mastodon/input"
)

// facetJSON is a value of a facet and how many jobs choosing it would give.
type facetJSON struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

// jobFacets answers GET /api/v1/minga/jobs/facets with the query of the board.
func (f *Face) jobFacets(c *gin.Context) error {
	counts, err := f.Store.JobFacets(c.Request.Context(), auth.Viewer(c), coop.ParseJobQuery(c.Request.URL.Query()), f.AccountDomain)
	if err != nil {
		return err
	}
	label := labels(auth.Account(c))
	out := map[string][]facetJSON{}
	for _, facet := range coop.JobFacets() {
		out[facet] = []facetJSON{}
		for _, n := range counts[facet] {
			out[facet] = append(out[facet], facetJSON{n.Value, label(facet, n.Value), n.Count})
		}
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// labels names countries and languages in the language of who asks; all other values
// are words of closed lists, handles and names, which stand for themselves.
func labels(asks *coop.Account) func(facet, value string) string {
	tag := language.English
	if asks != nil {
		if own, err := language.Parse(asks.Language); err == nil {
			tag = own
		}
	}
	lands, tongues := display.Regions(tag), display.Languages(tag)
	return func(facet, value string) string {
		label := ""
		switch facet {
		case "country":
			if region, err := language.ParseRegion(value); err == nil && lands != nil {
				label = lands.Name(region)
			}
		case "lang":
			if parsed, err := language.Parse(value); err == nil && tongues != nil {
				label = tongues.Name(parsed)
			}
		}
		if label == "" {
			return value
		}
		return label
	}
}

// similarJobs answers GET /api/v1/minga/jobs/:id/similar: open ones, best first.
func (f *Face) similarJobs(c *gin.Context) error {
	p, err := f.post(c, coop.KindJob)
	if err != nil {
		return err
	}
	list, err := f.Store.SimilarJobs(c.Request.Context(), auth.Viewer(c), p, pageOf(c, 5, 20).Limit, f.AccountDomain)
	if err != nil {
		return err
	}
	return f.showStatuses(c, list)
}

// askJob answers what is asked of jobs without an id: POST /api/v1/minga/jobs/validate
// and /import.
func (f *Face) askJob(c *gin.Context) error {
	switch c.Param("id") {
	case "validate":
		return f.validateJob(c)
	case "import":
		return f.importJob(c)
	}
	return coop.ErrNotFound
}

// importJob answers POST /api/v1/minga/jobs/import: the JobPosting of the page at `url`
// as a draft. Nothing is published.
func (f *Face) importJob(c *gin.Context) error {
	author := auth.Account(c)
	if err := mayPublish(author); err != nil {
		return err
	}
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	job, err := f.Inbox.JobPage(c.Request.Context(), in.Text("url"))
	if err != nil {
		return err
	}
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindJob, Visibility: coop.VisiblePublic, Language: in.Text("language"), Job: job}
	if p.Language == "" {
		p.Language = author.Language
	}
	dropUnfit(p.Job, f)
	return f.answer(c, p, func(ctx context.Context) error { return f.Outbox.SaveJobDraft(ctx, author, p) })
}

// dropUnfit takes out of a job of another site what no draft may hold, so that the
// rest is there to be completed.
func dropUnfit(j *coop.Job, f *Face) {
	q := j.Clone()
	q.Status = coop.JobDraft
	q.Complete(f.Now(), coop.JobDefaults{})
	var list coop.Invalid
	if !errors.As(q.ValidateDraft(f.Now()), &list) {
		return
	}
	for _, e := range list {
		field, _, _ := strings.Cut(e.Field, ".")
		field, _, _ = strings.Cut(field, "[")
		clearField(j, field)
	}
}

// clearField empties a field of a job.
func clearField(j *coop.Job, field string) {
	switch field {
	case "title":
		j.Title = coop.Shorten(coop.VisibleText(j.Title), 100)
	case "description":
		j.Description = ""
	case "responsibilities":
		j.Responsibilities = ""
	case "qualifications":
		j.Qualifications = ""
	case "skills":
		j.Skills = nil
	case "place", "places":
		j.Places = nil
	case "closes_at":
		j.ValidThrough = time.Time{}
	case "pay":
		j.Pay = nil
	case "industry":
		j.Industry = ""
	case "work_hours":
		j.WorkHours = ""
	case "benefits":
		j.Benefits = ""
	case "education":
		j.Education = ""
	case "experience":
		j.Experience = ""
	}
}

// checkedJSON is what one reader makes of a job.
type checkedJSON struct {
	OK       bool            `json:"ok"`
	Problems []string        `json:"problems"`
	JSONLD   json.RawMessage `json:"json_ld,omitempty"`
}

// validateJob answers POST /api/v1/minga/jobs/validate and publishes nothing: what is
// wrong, what could be better, and what minga, search engines and Mastodon make of it.
func (f *Face) validateJob(c *gin.Context) error {
	in, err := input.Read(c)
	if err != nil {
		return err
	}
	author := auth.Account(c)
	p := &coop.Post{Author: author, AuthorID: author.ID, Local: true, Kind: coop.KindJob}
	fillJob(p, in)
	found := in.Complaints()
	var list coop.Invalid
	if errors.As(f.Outbox.CheckJob(c.Request.Context(), p), &list) {
		found = append(found, list...)
	}
	complaints, hints := []gin.H{}, []gin.H{}
	minga := checkedJSON{OK: len(found) == 0, Problems: []string{}}
	for _, e := range found {
		complaints = append(complaints, gin.H{"field": e.Field, "error": e.Code, "description": e.Problem})
		minga.Problems = append(minga.Problems, e.Error())
	}
	for _, h := range p.Job.Hints(p.Language) {
		hints = append(hints, gin.H{"field": h.Field, "hint": h.Code, "description": h.Why})
	}
	engines, err := engineCheck(p, f.Media.Links().Places())
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"errors": complaints, "hints": hints, "consumers": gin.H{
		"minga": minga, "search_engines": engines, "mastodon": f.Outbox.JobText(author, p)[p.Language],
	}})
	return nil
}

// engineCheck is what job sites and search engines need of a JobPosting, and the
// mark-up that they will read.
func engineCheck(p *coop.Post, at coop.MediaPlaces) (checkedJSON, error) {
	j := p.Job
	out := checkedJSON{Problems: []string{}}
	miss := func(missing bool, what string) {
		if missing {
			out.Problems = append(out.Problems, what)
		}
	}
	if j.Engagement == "inter-coop" {
		miss(true, "engagement: work between co-ops has no mark-up for search engines")
		return out, nil
	}
	miss(j.Title == "", "title")
	miss(j.Description == "", "description")
	miss(j.ValidThrough.IsZero(), "validThrough")
	miss(!j.Remote && len(j.Places) == 0, "jobLocation")
	miss(len(j.Places) > 0 && j.Places[0].Country == "", "jobLocation.address.addressCountry")
	miss(j.Remote && len(j.Places) == 0 && len(j.ApplicantsFrom) == 0, "applicantLocationRequirements")
	miss(p.Visibility != coop.VisiblePublic, "visibility: only public jobs have mark-up")
	schema, err := outbox.JobSchema(p, p.Author, at)
	out.OK, out.JSONLD = len(out.Problems) == 0, schema
	return out, err
}
