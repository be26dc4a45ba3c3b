// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestFacetsCountWhatChoosingGives compares each count with the search in which the
// value is chosen.
func TestFacetsCountWhatChoosingGives(t *testing.T) {
	eachWorld(t, func(w *world) {
		random := rand.New(rand.NewPCG(5, 6))
		w.manyJobs(random)
		w.clock.Advance(10 * 24 * time.Hour)
		for n := range 6 {
			values := randomQuery(random)
			if n == 0 {
				clear(values)
			}
			q := coop.ParseJobQuery(values)
			counts, err := w.s.JobFacets(w.Context(), coop.Anonymous(), q, here)
			must(w, counts, err)
			for _, facet := range coop.JobFacets() {
				if n == 0 && len(counts[facet]) == 0 {
					w.Errorf("nothing is counted by %s", facet)
				}
				for i, c := range counts[facet] {
					if i > 4 {
						break
					}
					without := q.Without(facet)
					chosen := without.Values()
					if low, high, hours := strings.Cut(c.Value, "-"); facet == "hours" && hours {
						chosen.Set("hours_min", low)
						chosen.Set("hours_max", high)
					} else {
						chosen.Set(facet, c.Value)
					}
					list, err := w.s.SearchJobs(w.Context(), coop.Anonymous(), coop.ParseJobQuery(chosen), storage.JobPage{Domain: here, Limit: 1})
					must(w, list, err)
					if list.Total != c.Count || c.Count == 0 {
						w.Errorf("%s: %s=%s counts %d, and gives %d", values.Encode(), facet, c.Value, c.Count, list.Total)
					}
				}
			}
		}
	})
}

// TestSimilarJobs: those with the same skill first, then those with a word of the
// title, and never the job itself or one that is over.
func TestSimilarJobs(t *testing.T) {
	eachWorld(t, func(w *world) {
		author := w.account("telar", "", coop.Coop)
		posted := map[string]*coop.Post{}
		for title, skill := range map[string]string{"Baker": "bread", "Pastry": "Bread", "Baker by night": "sleep", "Weaver": "wool", "Closed baker": "bread"} {
			posted[title] = w.post(author, job(title), func(p *coop.Post) {
				p.Job.Skills = []coop.Skill{{Term: coop.Term{Name: skill}}}
				if title == "Closed baker" {
					p.Job.Status = coop.JobFilled
				}
			})
		}
		list, err := w.s.SimilarJobs(w.Context(), coop.Anonymous(), posted["Baker"], 5, here)
		must(w, list, err)
		if got := strings.Join(titles(list), ", "); got != "Pastry, Baker by night" {
			w.Errorf("similar to Baker: %s", got)
		}
		if list, err := w.s.SimilarJobs(w.Context(), coop.Anonymous(), posted["Baker"], 1, here); err != nil || len(list) != 1 {
			w.Errorf("one similar: %d %v", len(list), err)
		}
	})
}
