// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// SkillCount is a skill with how many open jobs ask for it.
type SkillCount struct {
	URI, Name string
	Jobs      int
}

// Skills lists the skills that the open jobs that everybody may see ask for and whose
// folded name begins with prefix, those that most ask for first. They are called as one
// of these jobs writes them.
func (r reader) Skills(ctx context.Context, prefix string, limit int) ([]SkillCount, error) {
	var a args
	begins := "TRUE"
	if prefix = foldWords(prefix); prefix != "" {
		begins = "f.value >= " + a.add(prefix) + " AND f.value < " + a.add(prefix+endOfText)
	}
	type found struct {
		value string
		post  coop.ID
		n     int
	}
	list, err := all(ctx, r, func(row pgx.CollectableRow) (s found, err error) {
		var id int64
		err = row.Scan(&s.value, &id, &s.n)
		s.post = coop.ID(id)
		return s, err
	}, `
		SELECT f.value, MAX(f.post_id), COUNT(*)
		FROM job_facets f
		JOIN jobs j ON j.post_id = f.post_id
		JOIN posts p ON p.id = f.post_id
		JOIN accounts a ON a.id = p.author_id
		WHERE f.facet = 'skill_name' AND j.status = 'open' AND j.duplicate_of = 0 AND `+begins+`
			AND `+r.listed(&a)+` AND `+r.visible(&a, coop.Anonymous())+`
		GROUP BY f.value
		ORDER BY COUNT(*) DESC, f.value
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("skills: %w", err)
	}
	ids := make([]coop.ID, len(list))
	for i, s := range list {
		ids[i] = s.post
	}
	posts, err := r.PostsByID(ctx, coop.Anonymous(), ids)
	if err != nil {
		return nil, fmt.Errorf("skills: %w", err)
	}
	named := make(map[string]coop.Term)
	for _, p := range posts {
		for _, s := range p.Job.Skills {
			if _, known := named[foldWords(s.Name)]; !known || s.URI != "" {
				named[foldWords(s.Name)] = s.Term
			}
		}
	}
	skills := make([]SkillCount, len(list))
	for i, s := range list {
		skills[i] = SkillCount{named[s.value].URI, named[s.value].Name, s.n}
		if skills[i].Name == "" {
			skills[i].Name = s.value
		}
	}
	return skills, nil
}
