// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"minga/coop"
	"minga/storage"
)

// facetList is a facet of the board: what choosing each value would give.
type facetList struct {
	Name   string // of its parameter
	Title  string
	Values []facetValue
	More   []facetValue // behind a fold
}

// facetValue is one value of a facet, with how many jobs have it. Its link chooses it,
// beside what is chosen of the facet already, or takes it out.
type facetValue struct {
	Name, URL, Words string // Words: "12 jobs", for who hears the number alone
	Count            string
	Chosen           bool
}

// shownValues is how many values of a facet stand before the fold.
const shownValues = 6

// facets are those of a search, as links beside its list.
func (f *Face) facets(ctx context.Context, t *tongue, q *coop.JobQuery, list storage.JobList, asked url.Values) ([]facetList, error) {
	names, err := f.facetNames(ctx, t, list)
	if err != nil {
		return nil, err
	}
	var all []facetList
	for _, facet := range coop.JobFacets() {
		one := facetList{Name: facet, Title: t.T("board_facet_" + facet)}
		for _, c := range list.Facets[facet] {
			name := names(facet, c.Value)
			if name == "" {
				continue
			}
			address, chosen := chooseFacet(asked, facet, askedAs(q, facet, c.Value))
			one.Values = append(one.Values, facetValue{Name: name, URL: address, Chosen: chosen, Count: t.Number(c.Count), Words: t.N("board_count", c.Count)})
		}
		if len(one.Values) == 0 || len(one.Values) == 1 && !one.Values[0].Chosen {
			continue // nothing to choose
		}
		slices.SortStableFunc(one.Values, func(a, b facetValue) int { return chosenFirst(a.Chosen, b.Chosen) })
		if len(one.Values) > shownValues+1 {
			one.Values, one.More = one.Values[:shownValues], one.Values[shownValues:min(len(one.Values), 4*shownValues)]
		}
		all = append(all, one)
	}
	return all, nil
}

// askedAs is a value as it was asked: a skill may have been asked by a name of it.
func askedAs(q *coop.JobQuery, facet, value string) string {
	for name, terms := range q.Terms {
		if facet == "skill" && slices.Contains(terms.Exact, value) {
			return name
		}
	}
	return value
}

// chosenFirst puts what is chosen before the rest.
func chosenFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// chooseFacet is the address with a value chosen, or without it where it is.
func chooseFacet(asked url.Values, facet, value string) (address string, chosen bool) {
	low, high, _ := strings.Cut(value, "-")
	switch facet {
	case "hours":
		if asked.Get("hours_min") == low && asked.Get("hours_max") == high {
			return withQuery("/jobs", without(without(asked, "hours_min", ""), "hours_max", "")), true
		}
		return withQuery("/jobs", with(with(asked, "hours_min", low), "hours_max", high)), false
	case "remote":
		if asked.Get("remote") == value {
			return withQuery("/jobs", without(asked, "remote", "")), true
		}
		return withQuery("/jobs", with(asked, "remote", value)), false
	}
	if slices.ContainsFunc(asked[facet], func(v string) bool { return strings.EqualFold(v, value) }) {
		return withQuery("/jobs", without(asked, facet, value)), true
	}
	more := without(asked, "", "")
	more.Add(facet, value)
	return withQuery("/jobs", more), false
}

// facetNames says how values are called: those of closed lists by their words, skills
// by their names, co-ops and federations by theirs.
func (f *Face) facetNames(ctx context.Context, t *tongue, list storage.JobList) (func(facet, value string) string, error) {
	var skills, handles []string
	counts := list.Facets
	for _, c := range counts["skill"] {
		if strings.Contains(c.Value, "://") {
			skills = append(skills, c.Value)
		}
	}
	for _, facet := range []string{"coop", "federation"} {
		for _, c := range counts[facet][:min(len(counts[facet]), 4*shownValues)] {
			handles = append(handles, c.Value)
		}
	}
	named, err := f.Store.SkillNames(ctx, skills, t.Lang)
	if err != nil {
		return nil, err
	}
	for _, p := range list.Posts { // skills of no list are kept folded: the jobs say how they are written
		if p.Job == nil {
			continue
		}
		for _, s := range p.Job.Skills {
			named[strings.Join(coop.Words(s.Name), " ")] = s.Name
		}
	}
	called, err := f.Store.NamesOfHandles(ctx, handles, f.AccountDomain)
	return func(facet, value string) string { return t.facetName(facet, value, named, called) }, err
}

// facetName names one value; empty: it is not shown.
func (t *tongue) facetName(facet, value string, skills, accounts map[string]string) string {
	switch facet {
	case "remote", "source":
		return t.T(facet + "_" + value)
	case "engagement":
		if slices.Contains(coop.Engagements(), value) {
			return t.T("engagement_" + value)
		}
	case "track":
		if slices.Contains(coop.MembershipTracks(), value) {
			return t.T("track_" + value)
		}
	case "country":
		return t.Country(value)
	case "lang":
		return t.Language(value)
	case "hours":
		low, high, _ := strings.Cut(value, "-")
		return t.T("board_hours", "From", low, "To", high)
	case "skill":
		if strings.Contains(value, "://") || skills[value] != "" {
			return skills[value] // an address that no list names is known by its name beside
		}
	case "coop", "federation":
		if accounts[value] != "" {
			return accounts[value]
		}
		return "@" + value
	}
	return value
}
