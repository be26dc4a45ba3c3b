// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// FacetCount is a value of a facet of the board and how many jobs choosing it would
// give.
type FacetCount struct {
	Value string
	Count int
}

// JobFacets are the facets that are counted, by the names of their parameters; hours
// are ranges, written as 20-30.
func JobFacets() []string {
	return []string{"remote", "country", "engagement", "track", "hours", "skill", "lang", "sector", "federation", "coop", "source"}
}

// HourRanges are the ranges of hours a week that are counted: a job counts in each
// that it overlaps.
func HourRanges() [][2]int { return [][2]int{{1, 19}, {20, 34}, {35, 60}} }

// Without is the query as if nothing of one facet were asked: what choosing a value
// of it is added to.
func (q *JobQuery) Without(facet string) JobQuery {
	c := *q
	switch facet {
	case "remote":
		c.Remote = nil
	case "country":
		c.Country = nil
	case "engagement":
		c.Engagement = nil
	case "track":
		c.Track = nil
	case "hours":
		c.HoursMin, c.HoursMax = nil, nil
	case "skill":
		c.Skill = nil
	case "lang":
		c.Lang = nil
	case "sector":
		c.Sector = nil
	case "federation":
		c.Federation = nil
	case "coop":
		c.Coop = nil
	case "source":
		c.Source = nil
	}
	return c
}
