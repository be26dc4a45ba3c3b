// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"

	"minga/coop"
)

// boardCount counts jobs by the values of facets.
type boardCount struct {
	a      *boardAsk
	terms  []int
	remote [2]int
	hours  []int // of each of [coop.HourRanges]
	ranges [][2]int
	byCoop []int // of each author
	byFed  []int
	bySrc  []int
}

// counting begins to count.
func (b *board) counting(a *boardAsk) *boardCount {
	ranges := coop.HourRanges()
	return &boardCount{
		a: a, terms: make([]int, len(b.terms.list)), hours: make([]int, len(ranges)), ranges: ranges,
		byCoop: make([]int, len(b.authors)), byFed: make([]int, len(b.authors)), bySrc: make([]int, len(b.authors)),
	}
}

// add counts a job that lacks nothing, or a single list: then for the facet of that
// list alone.
func (c *boardCount) add(b *board, j *boardJob, lacking boardBits) {
	a := c.a
	if lacking == 0 {
		c.terms[j.engagement]++
		c.terms[j.track]++
		for _, t := range j.facets {
			c.terms[t]++
		}
		c.addRest(j, a.remote|a.hours|a.coop|a.federation|a.source)
		return
	}
	switch {
	case lacking&(lacking-1) != 0:
	case lacking == a.engagement:
		c.terms[j.engagement]++
	case lacking == a.track:
		c.terms[j.track]++
	case lacking&(a.country|a.lang|a.skill|a.sector) != 0:
		facet := coop.JobFacets()[bits.TrailingZeros16(uint16(lacking))]
		for _, t := range j.facets {
			if of := b.terms.list[t].facet; of == facet || facet == "skill" && of == "skill_up" {
				c.terms[t]++
			}
		}
	default:
		c.addRest(j, lacking)
	}
}

// addRest counts by what is no term.
func (c *boardCount) addRest(j *boardJob, facets boardBits) {
	a := c.a
	if facets&a.remote != 0 {
		if j.remote {
			c.remote[1]++
		} else {
			c.remote[0]++
		}
	}
	if facets&a.hours != 0 && j.to > 0 {
		for i, span := range c.ranges {
			if j.to >= int64(span[0])*100 && j.from <= int64(span[1])*100 {
				c.hours[i]++
			}
		}
	}
	if facets&a.coop != 0 {
		c.byCoop[j.author]++
	}
	if facets&a.federation != 0 {
		c.byFed[j.author]++
	}
	if facets&a.source != 0 {
		c.bySrc[j.author]++
	}
}

// all gives the counts of every facet, those of most jobs first.
func (c *boardCount) all(b *board, domain string) map[string][]coop.FacetCount {
	counts := map[string]map[string]int{}
	for _, facet := range coop.JobFacets() {
		counts[facet] = map[string]int{}
	}
	for t, n := range c.terms {
		facet := b.terms.list[t].facet
		if facet == "skill_up" { // choosing one finds those that are narrower too
			facet = "skill"
		}
		if of := counts[facet]; n > 0 && of != nil {
			of[b.terms.list[t].value] += n
		}
	}
	counts["remote"]["0"], counts["remote"]["1"] = c.remote[0], c.remote[1]
	for i := range b.authors {
		who := &b.authors[i]
		counts["source"][string(who.source)] += c.bySrc[i]
		if c.byCoop[i] > 0 {
			counts["coop"][handleAt(who.handle, who.host, who.local, domain)] += c.byCoop[i]
		}
		for _, m := range who.federations {
			if c.byFed[i] > 0 {
				counts["federation"][handleAt(m.handle, m.host, m.local, domain)] += c.byFed[i]
			}
		}
	}
	out := map[string][]coop.FacetCount{"hours": c.allHours()}
	for facet, values := range counts {
		if facet != "hours" {
			out[facet] = mostFirst(values)
		}
	}
	return out
}

// allHours gives the ranges of hours, in their order.
func (c *boardCount) allHours() (list []coop.FacetCount) {
	for i, n := range c.hours {
		if n > 0 {
			list = append(list, coop.FacetCount{Value: strconv.Itoa(c.ranges[i][0]) + "-" + strconv.Itoa(c.ranges[i][1]), Count: n})
		}
	}
	return list
}

// handleAt is a handle as a query names it.
func handleAt(handle, host string, local bool, domain string) string {
	if local {
		host = domain
	}
	return handle + "@" + host
}

// mostFirst are the values of most jobs, [mostFacetValues] at most.
func mostFirst(values map[string]int) []coop.FacetCount {
	list := make([]coop.FacetCount, 0, len(values))
	for value, n := range values {
		if n > 0 && value != "" {
			list = append(list, coop.FacetCount{Value: value, Count: n})
		}
	}
	slices.SortFunc(list, func(x, y coop.FacetCount) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Value, y.Value))
	})
	return list[:min(len(list), mostFacetValues)]
}
