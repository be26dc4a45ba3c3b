// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostFacetValues is how many values of one facet are counted, those of most jobs first.
const mostFacetValues = 50

// JobFacets counts, for each value of each facet, the jobs that a query finds once the
// value is chosen in the place of what it asks of that facet. Values without a job are
// not there.
func (r reader) JobFacets(ctx context.Context, v coop.Viewer, q coop.JobQuery, domain string) (map[string][]coop.FacetCount, error) {
	q, err := r.lookUp(ctx, q)
	if err != nil {
		return nil, err
	}
	all := map[string][]coop.FacetCount{}
	for _, facet := range coop.JobFacets() {
		list, err := r.jobFacet(ctx, v, q.Without(facet), facet, domain)
		if err != nil {
			return nil, fmt.Errorf("count jobs by %s: %w", facet, err)
		}
		all[facet] = list
	}
	return all, nil
}

// jobFacet counts one facet.
func (r reader) jobFacet(ctx context.Context, v coop.Viewer, q coop.JobQuery, facet, domain string) ([]coop.FacetCount, error) {
	if q.Nothing {
		return nil, nil
	}
	if facet == "hours" {
		return r.jobHours(ctx, v, q, domain)
	}
	var a args
	where := r.matchingJobs(&a, v, q, domain)
	value, join := facetValue(&a, facet, domain)
	return all(ctx, r, scanFacet, `
		SELECT value, COUNT(DISTINCT post_id) AS jobs
		FROM (
			SELECT `+value+` AS value, j.post_id
			FROM jobs j
			JOIN posts p ON p.id = j.post_id
			JOIN accounts a ON a.id = p.author_id
			`+join+`
			WHERE `+where+`) found
		WHERE value <> ''
		GROUP BY value
		ORDER BY jobs DESC, value
		LIMIT `+a.add(mostFacetValues), a...)
}

// facetValue is the value of a facet of the job j by the author a, and what is joined
// for it.
func facetValue(a *args, facet, domain string) (value, join string) {
	switch facet {
	case "remote":
		return "CASE WHEN j.remote THEN '1' ELSE '0' END", ""
	case "engagement":
		return "j.engagement", ""
	case "track":
		return "j.track", ""
	case "source":
		return sourceOf, ""
	case "coop":
		return handleText(a, "a", domain), ""
	case "federation":
		return handleText(a, "o", domain), `JOIN memberships m ON m.member_id = a.id AND m.state = 'member' AND m.member_says AND m.organization_says
			JOIN accounts o ON o.id = m.organization_id AND o.suspended_at = 0 AND o.deleted_at = 0`
	case "skill": // choosing one finds those that are narrower too
		return "f.value", "JOIN job_facets f ON f.post_id = j.post_id AND f.facet IN ('skill', 'skill_up')"
	}
	return "f.value", "JOIN job_facets f ON f.post_id = j.post_id AND f.facet = " + a.add(facet)
}

// handleText is the handle of an account as a query names it.
func handleText(a *args, alias, domain string) string {
	return "CASE WHEN " + alias + ".local THEN " + alias + ".handle || '@' || CAST(" + a.add(domain) + " AS TEXT) ELSE " + alias + ".handle || '@' || " + alias + ".host END"
}

// scanFacet reads a value and its count.
func scanFacet(row pgx.CollectableRow) (f coop.FacetCount, err error) {
	var n int64
	err = row.Scan(&f.Value, &n)
	f.Count = int(n)
	return f, err
}

// jobHours counts the ranges of hours.
func (r reader) jobHours(ctx context.Context, v coop.Viewer, q coop.JobQuery, domain string) (list []coop.FacetCount, err error) {
	for _, span := range coop.HourRanges() {
		var a args
		where := r.matchingJobs(&a, v, q, domain)
		n, err := r.number(ctx, `
			SELECT COUNT(*)
			FROM jobs j
			JOIN posts p ON p.id = j.post_id
			JOIN accounts a ON a.id = p.author_id
			WHERE j.hours_to >= `+a.add(int64(span[0])*100)+` AND j.hours_from <= `+a.add(int64(span[1])*100)+` AND j.hours_to > 0 AND `+where, a...)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			list = append(list, coop.FacetCount{Value: strconv.Itoa(span[0]) + "-" + strconv.Itoa(span[1]), Count: int(n)})
		}
	}
	return list, nil
}

// SimilarJobs are open public jobs like one: those that want the same skills first,
// then those whose titles share a word with it. It is not among them, nor are copies.
func (r reader) SimilarJobs(ctx context.Context, v coop.Viewer, to *coop.Post, limit int, domain string) ([]*coop.Post, error) {
	var found []*coop.Post
	for _, q := range similarTo(to.Job) {
		list, err := r.SearchJobs(ctx, v, q, JobPage{Limit: limit + 1, Domain: domain})
		if err != nil {
			return nil, err
		}
		for _, p := range list.Posts {
			if p.ID != to.ID && len(found) < limit && !holds(found, p.ID) {
				found = append(found, p)
			}
		}
	}
	return found, nil
}

// holds tells whether a post is in a list.
func holds(list []*coop.Post, id coop.ID) bool {
	for _, p := range list {
		if p.ID == id {
			return true
		}
	}
	return false
}

// similarTo are the questions that find jobs like one.
func similarTo(j *coop.Job) (list []coop.JobQuery) {
	var skills []string
	for _, s := range j.Skills {
		if s.URI != "" {
			skills = append(skills, s.URI)
		}
		skills = append(skills, s.Name)
	}
	if len(skills) > 0 {
		list = append(list, coop.JobQuery{Skill: skills, Order: coop.OrderBest})
	}
	var words []coop.Alternative
	for _, word := range coop.Words(j.Title) {
		if len(word) > 3 && len(words) < 8 {
			words = append(words, coop.Alternative{Terms: []coop.QueryTerm{{Words: []string{word}}}})
		}
	}
	if len(words) > 0 {
		list = append(list, coop.JobQuery{Text: coop.TextQuery{Alternatives: words}, Order: coop.OrderBest})
	}
	return list
}
