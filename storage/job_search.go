// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
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

// currencyPlaces says which currency comes first in the order by pay: the one that was
// asked for, then those in which more of the jobs are paid, and last what is not
// stated.
func currencyPlaces(jobs map[string]int, asked string) map[string]int64 {
	list := make([]string, 0, len(jobs))
	for currency := range jobs {
		list = append(list, currency)
	}
	slices.SortFunc(list, func(x, y string) int {
		return cmp.Or(before(x != "", y != ""), before(x == asked, y == asked), cmp.Compare(jobs[y], jobs[x]), cmp.Compare(x, y))
	})
	places := make(map[string]int64, len(list))
	for n, currency := range list {
		places[currency] = int64(n)
	}
	return places
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
	q, err := r.lookUp(ctx, q)
	if err == nil {
		q, err = r.lookUpWindows(ctx, q)
	}
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

// sourceOf is how near the author a is: of this instance, of a server that the
// federation or a board here follows, or neither.
const sourceOf = `CASE
	WHEN a.local THEN 'own'
	WHEN a.server IN (
		SELECT target.server
		FROM follows f
		JOIN accounts mine ON mine.id = f.follower_id
		JOIN accounts target ON target.id = f.target_id
		WHERE f.state = 'accepted' AND mine.local AND mine.kind IN ('federation', 'board')) THEN 'followed'
	ELSE 'wider' END`

// hasFacet is the condition that the job j has one of the values.
func hasFacet(a *args, name string, values []string) string {
	return `EXISTS (SELECT 1 FROM job_facets f WHERE f.post_id = j.post_id AND f.facet = '` + name + `' AND f.value IN ` + in(a, texts(values)) + ")"
}

// matchingJobs is the condition that a job is listed for the viewer and answers the
// query.
func (r reader) matchingJobs(a *args, v coop.Viewer, q coop.JobQuery, domain string) string {
	now := r.e.now()
	where := []string{
		r.visible(a, v), r.listed(a), "j.duplicate_of = 0", stateOf(a, q, now), r.matchesText(a, q.Text),
	}
	and := func(wanted bool, condition func() string) {
		if wanted {
			where = append(where, condition())
		}
	}
	and(!q.Text.Empty(), func() string { return "(a.local OR a.indexable)" })
	and(len(q.Engagement) > 0, func() string { return "j.engagement IN " + in(a, texts(q.Engagement)) })
	and(len(q.Track) > 0, func() string { return "j.track IN " + in(a, texts(q.Track)) })
	and(len(q.Source) > 0, func() string { return sourceOf + " IN " + in(a, texts(q.Source)) })
	and(len(q.Country) > 0, func() string { return hasFacet(a, "country", q.Country) })
	and(len(q.Lang) > 0, func() string { return hasFacet(a, "lang", each(q.Lang, strings.ToLower)) })
	and(len(q.Skill) > 0, func() string { return hasSkills(a, q) })
	and(q.Place != "", func() string { return nearPlace(a, q) })
	and(len(q.Coop) > 0, func() string { return "(" + handleIn(a, "a", q.Coop, domain, true) + ")" })
	and(len(q.Federation) > 0, func() string { return memberOfOne(a, q.Federation, domain) })
	and(len(q.Sector) > 0, func() string { return hasFacet(a, "sector", each(q.Sector, foldWords)) })
	and(len(q.ApplyFrom) > 0, func() string { return "(j.anywhere OR " + hasFacet(a, "country", q.ApplyFrom) + ")" })
	and(q.Overlap > 0, func() string { return hasFacet(a, "window", q.Windows) })
	and(q.OpenToNew, func() string { return "j.open_to_new" })
	and(q.Verified, func() string { return nearMember })
	and(q.Remote != nil, func() string { return "j.remote = " + a.add(*q.Remote) })
	and(q.HoursMin != nil, func() string { return "j.hours_to > 0 AND j.hours_to >= " + a.add(hundredths(*q.HoursMin)) })
	and(q.HoursMax != nil, func() string { return "j.hours_to > 0 AND j.hours_from <= " + a.add(hundredths(*q.HoursMax)) })
	and(q.PayMin != nil, func() string {
		return "j.currency <> '' AND j.currency = " + a.add(q.Currency) + " AND j.pay_year >= " + a.add(hundredths(*q.PayMin))
	})
	and(q.Closing > 0, func() string { return "j.valid_through <= " + a.add(msOf(now.AddDate(0, 0, q.Closing))) })
	and(q.New > 0, func() string {
		return "j.posted_at > 0 AND j.posted_at >= " + a.add(msOf(now.UTC().Truncate(24*time.Hour).AddDate(0, 0, -q.New)))
	})
	return strings.Join(where, " AND ")
}

// each changes every value of a list.
func each(list []string, change func(string) string) []string {
	changed := make([]string, len(list))
	for i, s := range list {
		changed[i] = change(s)
	}
	return changed
}

// stateOf is the condition that one may apply for the job, or, in the archive, that
// it is over.
func stateOf(a *args, q coop.JobQuery, now time.Time) string {
	ms := a.add(msOf(now))
	open := "j.status = 'open' AND j.valid_through > " + ms
	if !q.Archive {
		return "(" + open + ")"
	}
	return "(" + open + " OR j.status IN ('filled', 'withdrawn', 'closed', 'expired') OR j.status IN ('open', 'paused') AND j.valid_through <= " + ms + ")"
}

// handleIn is the condition that the account named by alias has one of the handles.
// A name without host is an account of this instance, or of any where not here.
func handleIn(a *args, alias string, handles []string, domain string, here bool) string {
	conditions := make([]string, 0, len(handles))
	for _, h := range handles {
		name, host, whole := strings.Cut(h, "@")
		c := alias + ".handle = " + a.add(cleanText(name))
		switch {
		case whole && host == domain:
			c += " AND " + alias + ".local"
		case whole:
			c += " AND " + alias + ".host = " + a.add(cleanText(host))
		case here:
			c += " AND " + alias + ".local"
		}
		conditions = append(conditions, "("+c+")")
	}
	return strings.Join(conditions, " OR ")
}

// memberOfOne is the condition that the author a is a verified member of one of the
// federations.
func memberOfOne(a *args, handles []string, domain string) string {
	return `EXISTS (
		SELECT 1 FROM memberships m
		JOIN accounts o ON o.id = m.organization_id
		WHERE m.member_id = a.id AND m.state = 'member' AND m.member_says AND m.organization_says
			AND o.suspended_at = 0 AND o.deleted_at = 0 AND (` + handleIn(a, "o", handles, domain, false) + "))"
}

// nearMember is the condition that the author a is a verified member of the federation
// of this instance, or of one that it follows.
const nearMember = `EXISTS (
		SELECT 1 FROM memberships m
		JOIN accounts o ON o.id = m.organization_id
		WHERE m.member_id = a.id AND m.state = 'member' AND m.member_says AND m.organization_says
			AND o.suspended_at = 0 AND o.deleted_at = 0 AND (o.local AND o.kind = 'federation' OR o.id IN (` + whomWeFollow + `)))`

// lookUpWindows fills in the windows of hours that share enough with the day of who
// asks.
func (r reader) lookUpWindows(ctx context.Context, q coop.JobQuery) (coop.JobQuery, error) {
	if q.Overlap == 0 {
		return q, nil
	}
	windows, err := all(ctx, r, scanText, `SELECT DISTINCT value FROM job_facets WHERE facet = 'window'`)
	if err != nil {
		return q, fmt.Errorf("look up hours: %w", err)
	}
	q.Windows = slices.DeleteFunc(windows, func(value string) bool { return !q.Shares(value, r.e.now()) })
	return q, nil
}

// rank gives the job its score at a moment.
func (f *foundJob) rank(q coop.JobQuery, asOf time.Time) {
	job := &coop.Job{DatePosted: atMs(f.posted).Format(time.DateOnly)}
	facts := coop.RankFacts{Source: f.source, Text: titleScore(q.Text, f.title)}
	if len(q.Skill) > 0 {
		facts.Skills = []float64{float64(f.skills) / float64(100*len(q.Skill))}
	}
	f.score = job.Score(facts, asOf) + float64(f.complete)/4
}

// titleScore is [coop.TextQuery.Score] of a job that is known to match: 1 for each
// term that the title has and ½ for the others, of the best alternative that can
// be told from the title.
func titleScore(q coop.TextQuery, title string) float64 {
	best := 0.0
	for _, alternative := range q.Alternatives {
		sum, asked := 0.0, 0.0
		for _, t := range alternative.Terms {
			if t.Not {
				continue
			}
			asked++
			sum += 0.5
			if (coop.TextQuery{Alternatives: []coop.Alternative{{Terms: []coop.QueryTerm{t}}}}).Match(title) {
				sum += 0.5
			}
		}
		best = max(best, sum/max(asked, 1))
	}
	return best
}

// jobOrder compares jobs: the one that comes first is less. Ties go to the newer
// date, then to the higher id.
func jobOrder(order coop.JobOrder) func(x, y foundJob) int {
	newest := func(x, y foundJob) int {
		return cmp.Or(cmp.Compare(y.posted, x.posted), cmp.Compare(y.id, x.id))
	}
	switch order {
	case coop.OrderNewest:
		return newest
	case coop.OrderClosing:
		return func(x, y foundJob) int { return cmp.Or(cmp.Compare(x.until, y.until), cmp.Compare(y.id, x.id)) }
	case coop.OrderDistance:
		return func(x, y foundJob) int { return cmp.Or(cmp.Compare(x.far, y.far), newest(x, y)) }
	case coop.OrderPay:
		return func(x, y foundJob) int {
			return cmp.Or(cmp.Compare(x.currency, y.currency), cmp.Compare(y.pay, x.pay), cmp.Compare(y.id, x.id))
		}
	default:
		return func(x, y foundJob) int { return cmp.Or(cmp.Compare(y.score, x.score), newest(x, y)) }
	}
}
