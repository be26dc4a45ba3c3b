// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"minga/coop"
)

// lookUpDirectory finds what the words of a query mean here: the town that it names, and
// the skills of those who have time.
func (r reader) lookUpDirectory(ctx context.Context, q coop.DirectoryQuery) (coop.DirectoryQuery, error) {
	if q.Place != "" && q.Near == nil {
		near, err := r.placeNamed(ctx, q.Place)
		if err != nil {
			return q, fmt.Errorf("look up a place: %w", err)
		}
		q.Near = &near
	}
	if len(q.Skill) == 0 {
		return q, nil
	}
	_, keys, err := r.skillKeys(ctx, q.Skill)
	q.Skill, q.Nothing = keys, q.Nothing || len(keys) == 0
	return q, err
}

// listedKinds is the condition that the account a is of a kind that the directory has: a
// co-op, or what stands for one on a server that does not know co-ops, once a federation
// says that it is its member.
func listedKinds() string {
	return "(a.kind = 'coop' OR NOT a.local AND a.kind IN ('person', 'service', 'board') AND " + verifiedIn("a.id") + ")"
}

// inDirectory is the condition that the account a is listed and answers the query.
func (r reader) inDirectory(a *args, q coop.DirectoryQuery, domain string) string {
	where := []string{listedKinds(), "a.suspended_at = 0", "a.deleted_at = 0", "NOT " + r.policy(a, "a.server", "('limit', 'block')")}
	and := func(wanted bool, condition func() string) {
		if wanted {
			where = append(where, condition())
		}
	}
	and(len(q.Source) == 0, func() string { return "(a.local OR " + verifiedIn("a.id") + ")" })
	and(len(q.Source) > 0, func() string { return sourceOf + " IN " + in(a, texts(q.Source)) })
	and(len(q.Evidence) > 0, func() string { return evidenceOf() + " IN " + in(a, texts(q.Evidence)) })
	and(len(q.Federation) > 0, func() string { return memberOfOne(a, q.Federation, domain) })
	for _, facet := range []struct {
		name   string
		values []string
	}{{"country", q.Country}, {"language", q.Language}, {"sector", addresses(q.Sector)}, {"type", q.Type}} {
		and(len(facet.values) > 0, func() string {
			return "a.id IN (SELECT f.account_id FROM coop_facets f WHERE f.facet = '" + facet.name + "' AND f.value IN " + in(a, texts(facet.values)) + ")"
		})
	}
	for _, terms := range termsOf(q) {
		and(len(terms.names) > 0, func() string {
			return "a.id IN (SELECT s.account_id FROM coop_services s JOIN service_terms t ON t.id = s.term_id WHERE " + meaning(a, terms) + ")"
		})
	}
	and(q.Place != "", func() string {
		return placed(a, q, "a.id", "coop_index t", "t.account_id", "coop_facets f WHERE f.facet = 'country' AND f.value", "f.account_id")
	})
	and(len(q.Size) > 0, func() string {
		return "a.id IN (SELECT i.account_id FROM coop_index i WHERE " + sized(a, q.Size, "CASE WHEN i.members >= 0 THEN i.members ELSE i.workers END") + ")"
	})
	and(len(q.Skill) > 0, func() string { return r.hasTime(a, q.Skill) })
	for _, word := range q.Words {
		where = append(where, `(a.id IN (SELECT w.account_id FROM account_words w WHERE w.word >= `+a.add(word)+` AND w.word < `+a.add(word+endOfText)+`)
				OR a.id IN (SELECT s.account_id FROM coop_services s JOIN service_terms t ON t.id = s.term_id WHERE `+wordMeaning(a, word)+`))`)
	}
	return strings.Join(where, " AND ")
}

// termNames are names of terms of one kind that somebody asks for.
type termNames struct {
	kind  coop.ServiceKind
	names []string // folded
}

// termsOf are the terms of a query by their kinds.
func termsOf(q coop.DirectoryQuery) []termNames {
	var sectors []string
	for _, s := range q.Sector {
		if name := coop.FoldService(s); !strings.Contains(s, "://") && name != "" {
			sectors = append(sectors, name)
		}
	}
	return []termNames{{coop.KindService, q.Service}, {coop.KindTechnology, q.Technology}, {coop.KindSector, sectors}}
}

// addresses are those of the values that are one.
func addresses(values []string) []string {
	var list []string
	for _, v := range values {
		if strings.Contains(v, "://") {
			list = append(list, v)
		}
	}
	return list
}

// meaning is the condition that the term t means one of those that were asked for: it is
// the same, or one was merged into the other, or both into a third.
func meaning(a *args, terms termNames) string {
	return "t.root_id IN (SELECT u.root_id FROM service_terms u WHERE u.kind = '" + string(terms.kind) + "' AND u.name IN " + in(a, texts(terms.names)) + ")"
}

// wordMeaning is the condition that the term t, or one that means the same, has a word
// that begins so.
func wordMeaning(a *args, word string) string {
	return `t.root_id IN (
			SELECT u.root_id
			FROM service_words w
			JOIN service_terms u ON u.id = w.term_id
			WHERE w.word >= ` + a.add(word) + ` AND w.word < ` + a.add(word+endOfText) + `)`
}

// placed is the condition that something is near the place of a query, which has been
// looked up; of a place that nobody knows the names are compared. table has its point as
// t, countries says of which country it is.
func placed(a *args, q coop.DirectoryQuery, id, table, tableID, countries, countryID string) string {
	switch {
	case q.Near == nil || !q.Near.Known:
		return id + " IN (SELECT " + tableID + " FROM " + table + " WHERE t.locality <> '' AND t.locality = " + a.add(coop.ParseTownName(q.Place).Name) + ")"
	case q.Near.Whole:
		return id + " IN (SELECT " + countryID + " FROM " + countries + " = " + a.add(q.Near.Country) + ")"
	}
	chord := coop.Chord(float64(q.Radius))
	x, y, z := q.Near.Cube()
	return id + " IN (SELECT " + tableID + " FROM " + table + " WHERE t.located AND t.z BETWEEN " + a.add(z-chord) + " AND " + a.add(z+chord) + `
			AND ` + chordTo(a, x, y, z) + " <= " + a.add(chord*chord) + ")"
}

// sized is the condition that a number of people is of one of the classes.
func sized(a *args, classes []string, people string) string {
	conditions := []string{"FALSE"}
	for _, class := range classes {
		if least, most, ok := coop.SizeBounds(class); ok {
			conditions = append(conditions, people+" BETWEEN "+a.add(least)+" AND "+a.add(most))
		}
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

// hasTime is the condition that the account a says to everybody that it has time for one
// of the skills, which have been looked up.
func (r reader) hasTime(a *args, keys []string) string {
	return `a.id IN (
			SELECT c.account_id
			FROM capacity c
			JOIN capacity_lists l ON l.account_id = c.account_id
			WHERE l.audience = 'public' AND c.skill IN (SELECT CAST(r.value AS TEXT) FROM jsonb_array_elements_text(` + a.add(list(keys)) + "::jsonb) AS r) AND " + r.fresh(a) + ")"
}
