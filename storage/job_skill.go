// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"slices"

	"minga/coop"
)

// How a job keeps what skills it asks for, as facets:
//
//	skill       what each skill is: its address in the list of skills, else the address
//	            and the folded name that its author gave it
//	skill_up    the addresses of all that is broader
//	skill_name  the folded name as its author wrote it, to choose from
//
// So a search for a skill finds those that are narrower, in whatever language they were
// written, by one look into an index.

// skillFacets are the facets of the skills of a job.
func (r reader) skillFacets(ctx context.Context, p *coop.Post) ([]facet, error) {
	var facets []facet
	var addresses []string
	for _, s := range p.Job.Skills {
		is, named, err := r.skillOf(ctx, s, p.Language)
		if err != nil {
			return nil, err
		}
		facets = append(facets, facet{"skill", is}, facet{"skill", s.URI}, facet{"skill_name", foldWords(s.Name)})
		if !named {
			facets = append(facets, facet{"skill", foldWords(s.Name)})
		}
		if is != "" {
			addresses = append(addresses, is)
		}
	}
	if len(addresses) == 0 {
		return facets, nil
	}
	broader, err := r.broaderSkills(ctx, addresses)
	for _, address := range broader {
		facets = append(facets, facet{"skill_up", address})
	}
	return facets, err
}

// skillOf is the address in the list of what a job calls a skill, empty where it is not
// in it, and whether whoever asks for its name finds it by that address.
func (r reader) skillOf(ctx context.Context, s coop.Skill, language string) (is string, named bool, err error) {
	byName, err := r.meanings(ctx, s.Name, "")
	if err != nil {
		return "", false, err
	}
	found, err := r.meanings(ctx, s.URI, "")
	if len(found) == 0 && len(byName) > 0 && err == nil {
		found, err = r.meanings(ctx, s.Name, baseLanguage(language))
	}
	if err != nil || len(found) == 0 {
		return "", false, err
	}
	return found[0], slices.Contains(byName, found[0]), nil
}

// skillValues are the facets by which a job has a skill that was asked for.
func skillValues(q coop.JobQuery, skill string) []string {
	return append([]string{skill, foldWords(skill)}, q.Terms[skill].Exact...)
}

// hasSkills is the condition that the job j wants one of the skills of a query, which has
// been looked up, or one that is narrower.
func hasSkills(a *args, q coop.JobQuery) string {
	var values []string
	for _, skill := range q.Skill {
		values = append(values, skillValues(q, skill)...)
	}
	return `EXISTS (
		SELECT 1 FROM job_facets f
		WHERE f.post_id = j.post_id AND f.facet IN ('skill', 'skill_up') AND f.value IN ` + in(a, texts(unique(values))) + ")"
}

// skillsHad grades how the job j has the skills of a query, which has been looked up: for
// each a hundred where it wants just that, less where it wants a narrower or a broader
// one ([coop.SkillNarrower], [coop.SkillBroader]).
func skillsHad(a *args, q coop.JobQuery) string {
	sum := "0"
	for _, skill := range q.Skill {
		values := texts(unique(skillValues(q, skill)))
		sum += `
			+ CASE
				WHEN ` + hasFacet(a, "skill", values) + ` THEN 100
				WHEN ` + hasFacet(a, "skill_up", values) + ` THEN 80
				WHEN ` + hasFacet(a, "skill", q.Terms[skill].Broader) + ` THEN 50
				ELSE 0 END`
	}
	return sum
}
