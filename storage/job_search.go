// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// JobPage says which part of the jobs found is wanted, and what the store cannot
// know.
type JobPage struct {
	Cursor string // what Next said before; empty or unreadable: the first page
	Limit  int    // 20 when 0, 80 at most
	Domain string // account domain of this instance: the host of its handles
	Count  bool   // count the facets too; only outside of a transaction
}

// within is the page with a limit that is one.
func (p JobPage) within() JobPage {
	if p.Limit <= 0 {
		p.Limit = 20
	}
	p.Limit = min(p.Limit, 80)
	return p
}

// JobList is a page of jobs.
type JobList struct {
	Posts []*coop.Post
	Next  string // empty at the end
	Total int    // how many jobs match in all
	// Found says what the rank of each of Posts rests on, in their order; only outside
	// of a transaction.
	Found []JobFound
	// Facets are the counts of [Store.JobFacets], where they were asked for.
	Facets map[string][]coop.FacetCount
	// OtherCurrency is how many jobs are left out because they pay in another currency
	// than the one that was asked; only outside of a transaction.
	OtherCurrency int
}

// JobFound is what the rank of a job rests on beside what the job says itself.
type JobFound struct {
	ID     coop.ID
	Source coop.JobSource
	Skills []float64 // how well it has each skill that was asked for, as the query lists them
	Text   float64   // as [coop.TextQuery.Score]
	Far    int64     // from the place that was asked for: see [JobFound.Km]
}

// mostRanked is how many jobs are ranked for one answer; older ones are beyond.
const mostRanked = 20_000

// SearchJobs lists the jobs that answer a query, each once: copies hide behind the
// one that is shown, which has the paths of all. It says what [coop.JobQuery.Match]
// says, of the public jobs that the viewer may see. Where words are asked for, jobs
// of other servers are found only if their author is indexable.
func (r reader) SearchJobs(ctx context.Context, v coop.Viewer, q coop.JobQuery, page JobPage) (JobList, error) {
	if q.Nothing {
		return JobList{}, nil
	}
	q, err := r.lookUpAll(ctx, q)
	if err != nil {
		return JobList{}, err
	}
	page = page.within()
	asOf := readCursor(page.Cursor).asOf(r.e.now())
	found, err := r.findJobs(ctx, v, q, page.Domain, asOf)
	if err != nil {
		return JobList{}, fmt.Errorf("search jobs: %w", err)
	}
	list := JobList{Total: len(found)}
	found, list.Next = cutJobs(found, q.Order, page, asOf)
	ids := make([]coop.ID, len(found))
	for i, f := range found {
		ids[i] = f.id
	}
	list.Posts, err = r.PostsByID(ctx, v, ids)
	return list, err
}

// foundJob is a job that matches, with what it is ordered by.
type foundJob struct {
	id            coop.ID
	posted, until int64
	complete      int64
	source        coop.JobSource
	title         string
	skills        int64 // how well it has the skills asked for, in hundredths
	score, text   float64
	pay           int64 // a year, in hundredths
	paidIn        string
	far           int64 // as [nearestOf]
	currency      int64 // how early it comes in the order by pay
}

// findJobs finds and orders all jobs that match.
func (r reader) findJobs(ctx context.Context, v coop.Viewer, q coop.JobQuery, domain string, asOf time.Time) ([]foundJob, error) {
	var a args
	where := r.matchingJobs(&a, v, q, domain)
	found, err := all(ctx, r, scanFoundJob, `
		SELECT p.id, j.posted_at, j.valid_through, j.completeness, `+sourceOf+`, p.title, j.pay_year, j.currency, `+nearestOf(&a, q)+`, `+skillsHad(&a, q)+`
		FROM jobs j
		JOIN posts p ON p.id = j.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE `+where+`
		ORDER BY p.id DESC
		LIMIT `+a.add(mostRanked), a...)
	if err != nil {
		return nil, err
	}
	jobs := map[string]int{}
	for _, f := range found {
		jobs[f.paidIn]++
	}
	places := currencyPlaces(jobs, q.Currency)
	for i := range found {
		found[i].currency = places[found[i].paidIn]
		found[i].rank(q, asOf)
	}
	slices.SortFunc(found, jobOrder(q.Order))
	return found, nil
}

// scanFoundJob reads a row of findJobs.
func scanFoundJob(row pgx.CollectableRow) (f foundJob, err error) {
	var id int64
	var source string
	err = row.Scan(&id, &f.posted, &f.until, &f.complete, &source, &f.title, &f.pay, &f.paidIn, &f.far, &f.skills)
	f.id, f.source = coop.ID(id), coop.JobSource(source)
	return f, err
}
