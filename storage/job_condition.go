// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"minga/coop"
)

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
