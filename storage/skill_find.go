// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostSkills is how many skills are listed at once.
const mostSkills = 40

// skillLabel is what a skill s is called: by its main name in a language, else in English,
// else in any.
func skillLabel(a *args, language string) string {
	return `COALESCE((
		SELECT n.label
		FROM skill_names n
		WHERE n.skill_id = s.id AND n.preferred
		ORDER BY CASE n.language WHEN ` + a.add(language) + ` THEN 0 WHEN 'en' THEN 1 ELSE 2 END, n.language, n.source
		LIMIT 1), '')`
}

// baseLanguage is a language without its region, in small letters.
func baseLanguage(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(cleanText(tag)), "-")
	return tag
}

// FindSkills lists skills of the list one of whose names, in any language, begins with
// what somebody types, or has a word that does: 40 at most. They are called as in the
// language, where there is such a name.
func (r reader) FindSkills(ctx context.Context, text, language string, limit int) ([]coop.SkillFound, error) {
	typed := coop.Truncate(foldWords(text), 200)
	if typed == "" {
		return nil, nil
	}
	limit = max(1, min(limit, mostSkills))
	var a args
	first := "n.name >= " + a.add(typed) + " AND n.name < " + a.add(typed+endOfText)
	list, err := r.skillsWhere(ctx, a, first, typed, language, limit)
	if err == nil && len(list) < limit {
		// Words hold letters, marks and digits alone: nothing in them is a pattern.
		var b args
		var more []coop.SkillFound
		more, err = r.skillsWhere(ctx, b, "n.name LIKE "+b.add("% "+typed+"%"), typed, language, limit)
		list = addSkills(list, more, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("find skills: %w", err)
	}
	return list, nil
}

// addSkills adds those that are not there yet.
func addSkills(list, more []coop.SkillFound, limit int) []coop.SkillFound {
	there := map[string]bool{}
	for _, s := range list {
		there[s.URI] = true
	}
	for _, s := range more {
		if !there[s.URI] && len(list) < limit {
			list = append(list, s)
		}
	}
	return list
}

// skillsWhere lists the skills with a name n that answers a condition: those that are
// called just so first, then those with a name in the language, then short names.
func (r reader) skillsWhere(ctx context.Context, a args, where, typed, language string, limit int) ([]coop.SkillFound, error) {
	language = baseLanguage(language)
	return all(ctx, r, func(row pgx.CollectableRow) (s coop.SkillFound, err error) {
		if err = row.Scan(&s.URI, &s.Matched, &s.Name); s.Name == "" || foldWords(s.Name) == foldWords(s.Matched) {
			s.Name, s.Matched = max(s.Name, s.Matched), ""
		}
		return s, err
	}, `
		SELECT s.uri, found.label, `+skillLabel(&a, language)+`
		FROM (
			SELECT n.skill_id, MIN(n.label) AS label,
				MAX(CASE WHEN n.name = `+a.add(typed)+` THEN 1 ELSE 0 END) AS whole,
				MAX(CASE WHEN n.language = `+a.add(language)+` THEN 1 ELSE 0 END) AS own,
				MIN(length(n.name)) AS size
			FROM skill_names n
			WHERE `+where+`
			GROUP BY n.skill_id
			ORDER BY whole DESC, own DESC, size, n.skill_id
			LIMIT `+a.add(limit)+`) found
		JOIN skills s ON s.id = found.skill_id
		ORDER BY found.whole DESC, found.own DESC, found.size, s.id`, a...)
}

// SkillNames are what skills of the list are called in a language, by their addresses;
// what has no name is not there.
func (r reader) SkillNames(ctx context.Context, addresses []string, language string) (map[string]string, error) {
	names := map[string]string{}
	if len(addresses) == 0 {
		return names, nil
	}
	a := args{list(texts(addresses))}
	_, err := all(ctx, r, func(row pgx.CollectableRow) (none struct{}, err error) {
		var address, name string
		if err = row.Scan(&address, &name); err == nil && name != "" {
			names[address] = name
		}
		return none, err
	}, `
		SELECT s.uri, `+skillLabel(&a, baseLanguage(language))+`
		FROM skills s
		WHERE s.uri IN (SELECT CAST(r.value AS TEXT) FROM jsonb_array_elements_text($1::jsonb) AS r)`, a...)
	if err != nil {
		return nil, fmt.Errorf("names of skills: %w", err)
	}
	return names, nil
}
