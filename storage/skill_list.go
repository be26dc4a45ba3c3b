// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// StarterSkills is the source of the list that comes with the program.
const StarterSkills = "minga"

// Bounds of the list of skills.
const (
	mostMeanings = 10  // skills that one word may mean
	mostBroader  = 200 // skills above one
	longestSkill = 500
)

// PutSkills adds skills to the list, or changes what one source said of them: the names
// of the languages that an entry brings, and, where it names any, what is broader. A
// broader skill that is not there is made, without a name.
func (tx *Tx) PutSkills(ctx context.Context, source string, entries []coop.SkillEntry) error {
	var addresses []string
	for _, e := range entries {
		addresses = append(append(addresses, e.URI), e.Broader...)
	}
	ids, err := tx.skillIDs(ctx, unique(addresses))
	if err != nil {
		return err
	}
	for _, e := range entries {
		id := ids[e.URI]
		if id == 0 {
			continue
		}
		if err := tx.putSkillNames(ctx, source, id, e.Labels); err != nil {
			return fmt.Errorf("skill %s: %w", e.URI, err)
		}
		if err := tx.putBroader(ctx, source, id, e, ids); err != nil {
			return fmt.Errorf("skill %s: %w", e.URI, err)
		}
	}
	return nil
}

// skillIDs are the ids of addresses, which are made where they are not there.
func (tx *Tx) skillIDs(ctx context.Context, addresses []string) (map[string]int64, error) {
	ids := map[string]int64{}
	var good []string
	for _, address := range addresses {
		if len(address) <= longestSkill && goodText(address) {
			good = append(good, address)
		}
	}
	if len(good) == 0 {
		return ids, nil
	}
	if _, err := tx.exec(ctx, `
		INSERT INTO skills (uri)
		SELECT CAST(r.value AS TEXT)
		FROM jsonb_array_elements_text($1::jsonb) AS r
		WHERE TRUE
		ON CONFLICT DO NOTHING`, list(good)); err != nil {
		return nil, fmt.Errorf("put skills: %w", err)
	}
	_, err := all(ctx, tx.reader, func(row pgx.CollectableRow) (none struct{}, err error) {
		var id int64
		var address string
		if err = row.Scan(&id, &address); err == nil {
			ids[address] = id
		}
		return none, err
	}, `
		SELECT id, uri
		FROM skills
		WHERE uri IN (SELECT CAST(r.value AS TEXT) FROM jsonb_array_elements_text($1::jsonb) AS r)`, list(good))
	if err != nil {
		return nil, fmt.Errorf("put skills: %w", err)
	}
	return ids, nil
}

// putSkillNames writes the names of a skill, in the place of those that the same source
// gave it in these languages.
func (tx *Tx) putSkillNames(ctx context.Context, source string, id int64, names []coop.Label) error {
	var languages []string
	rows := make([][]any, 0, len(names))
	for _, n := range names {
		languages = append(languages, n.Language)
		name, preferred := foldWords(n.Text), "0"
		if n.Preferred {
			preferred = "1"
		}
		if name != "" && n.Language != "" && len(n.Language) <= 35 {
			rows = append(rows, []any{n.Language, coop.Truncate(name, longestSkill), coop.Truncate(cleanText(n.Text), longestSkill), preferred})
		}
	}
	for _, language := range unique(languages) {
		if _, err := tx.exec(ctx, `DELETE FROM skill_names WHERE skill_id = $1 AND language = $2 AND source = $3`, id, cleanText(language), source); err != nil {
			return err
		}
	}
	_, err := tx.exec(ctx, `
		INSERT INTO skill_names (skill_id, language, name, label, preferred, source)
		SELECT CAST($2 AS bigint), r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3 = '1', CAST($3 AS TEXT)
		FROM jsonb_array_elements($1::jsonb) AS r
		WHERE TRUE
		ON CONFLICT DO NOTHING`, list(rows), id, source)
	return err
}

// putBroader writes what is broader than a skill: in the place of what the same source
// said, where the entry has names too, else besides that.
func (tx *Tx) putBroader(ctx context.Context, source string, id int64, e coop.SkillEntry, ids map[string]int64) error {
	if len(e.Broader) == 0 {
		return nil
	}
	if len(e.Labels) > 0 {
		if _, err := tx.exec(ctx, `DELETE FROM skill_broader WHERE skill_id = $1 AND source = $2`, id, source); err != nil {
			return err
		}
	}
	for _, address := range e.Broader {
		if above := ids[address]; above != 0 && above != id {
			if _, err := tx.insert(ctx, "skill_broader", []column{{"skill_id", id}, {"broader_id", above}, {"source", source}}, "ON CONFLICT DO NOTHING"); err != nil {
				return err
			}
		}
	}
	return nil
}

// SkillListCount is how many skills the list has, and in how many languages.
func (r reader) SkillListCount(ctx context.Context) (skills, languages int, err error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM skills`)
	if err != nil {
		return 0, 0, fmt.Errorf("count skills: %w", err)
	}
	m, err := r.number(ctx, `SELECT COUNT(DISTINCT language) FROM skill_names`)
	return int(n), int(m), err
}

// skillTerms are what each of some skills, addresses or names, stands for.
func (r reader) skillTerms(ctx context.Context, asked []string) (map[string]coop.SkillTerms, error) {
	terms := map[string]coop.SkillTerms{}
	for _, skill := range asked {
		exact, err := r.meanings(ctx, skill, "")
		if err == nil && len(exact) > 0 {
			var broader []string
			broader, err = r.broaderSkills(ctx, exact)
			terms[skill] = coop.SkillTerms{Exact: exact, Broader: broader}
		}
		if err != nil {
			return nil, err
		}
	}
	return terms, nil
}

// meanings are the addresses that a skill stands for: itself if it is one, else those
// that have it as a name, those that are called so in the language first, then those that
// are mainly called so.
func (r reader) meanings(ctx context.Context, skill, language string) ([]string, error) {
	if strings.Contains(skill, "://") {
		return all(ctx, r, scanText, `SELECT uri FROM skills WHERE uri = $1`, cleanText(skill))
	}
	name := foldWords(skill)
	if name == "" {
		return nil, nil
	}
	type meaning struct {
		uri       string
		preferred bool
	}
	found, err := all(ctx, r, func(row pgx.CollectableRow) (m meaning, err error) {
		var rank int64
		err = row.Scan(&m.uri, &rank)
		m.preferred = rank >= 2
		return m, err
	}, `
		SELECT s.uri, MAX(CASE WHEN n.preferred THEN 2 ELSE 0 END + CASE WHEN n.language = $2 THEN 1 ELSE 0 END) AS rank
		FROM skill_names n
		JOIN skills s ON s.id = n.skill_id
		WHERE n.name = $1
		GROUP BY s.id, s.uri
		ORDER BY rank DESC, s.id
		LIMIT $3`, coop.Truncate(name, longestSkill), language, mostMeanings)
	if err != nil {
		return nil, err
	}
	// A word that is the main name of something means that, not what it is also used for.
	var list []string
	for _, m := range found {
		if m.preferred == found[0].preferred {
			list = append(list, m.uri)
		}
	}
	return list, nil
}

// broaderSkills are the addresses of all that is broader than some skills.
func (r reader) broaderSkills(ctx context.Context, addresses []string) ([]string, error) {
	return r.skillsFrom(ctx, addresses, "b.skill_id", "b.broader_id")
}

// narrowerSkills are the addresses of all that is narrower than some skills.
func (r reader) narrowerSkills(ctx context.Context, addresses []string) ([]string, error) {
	return r.skillsFrom(ctx, addresses, "b.broader_id", "b.skill_id")
}

// skillsFrom are the addresses of all skills that some lead to, from one column of
// skill_broader b to the other, and on from there.
func (r reader) skillsFrom(ctx context.Context, addresses []string, from, to string) ([]string, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	return all(ctx, r, scanText, `
		WITH RECURSIVE reached (id) AS (
			SELECT `+to+`
			FROM skill_broader b
			JOIN skills s ON s.id = `+from+`
			WHERE s.uri IN (SELECT CAST(r.value AS TEXT) FROM jsonb_array_elements_text($1::jsonb) AS r)
			UNION
			SELECT `+to+`
			FROM skill_broader b
			JOIN reached ON reached.id = `+from+`)
		SELECT s.uri
		FROM reached
		JOIN skills s ON s.id = reached.id
		ORDER BY s.id
		LIMIT $2`, list(addresses), mostBroader)
}
