// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"

	"minga/coop"
)

// mostFacetValues is how many values of one facet are counted, those of most jobs first.
const mostFacetValues = 50

// SimilarJobs are open public jobs like one: those that want the same skills first,
// then those whose titles share a word with it. It is not among them, nor are copies.
func (s *Store) SimilarJobs(ctx context.Context, v coop.Viewer, to *coop.Post, limit int, domain string) ([]*coop.Post, error) {
	var found []*coop.Post
	for _, q := range similarTo(to.Job) {
		list, err := s.SearchJobs(ctx, v, q, JobPage{Limit: limit + 1, Domain: domain})
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
