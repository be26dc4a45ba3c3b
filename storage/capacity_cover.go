// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostCovers is how many co-ops with time for some skills are looked at for one answer.
const mostCovers = 500

// WhoCanCover finds the co-ops that say that they have time for skills, addresses or
// names: for each skill that was asked for, those of the own federation first, then those
// of federations that it follows, those with most hours first, at most limit each. A
// co-op that has time for something narrower is found too. month, such as 2026-12,
// narrows to one month; empty: the best month of each co-op that is not over. What is
// older than [coop.CapacityDays], and what the viewer may not read, is left out.
func (r reader) WhoCanCover(ctx context.Context, v coop.Viewer, skills []string, month string, limit int) (map[string][]coop.Cover, error) {
	asked, keys, err := r.skillKeys(ctx, skills)
	if err != nil || len(keys) == 0 {
		return map[string][]coop.Cover{}, err
	}
	var a args
	where := "c.skill IN (SELECT CAST(r.value AS TEXT) FROM jsonb_array_elements_text(" + a.add(list(keys)) + "::jsonb) AS r) AND " + r.fresh(&a)
	if month != "" {
		where += " AND c.month = " + a.add(cleanText(month))
	}
	found, err := all(ctx, r, scanCover, `
		SELECT found.account_id, found.skill, found.label, found.month, found.hours, found.noted_at, found.own, found.audience
		FROM (
			SELECT c.account_id, c.skill, c.label, c.month, c.hours, c.noted_at, l.audience, `+inOwnFederation+` AS own, `+nearMember+` AS near
			FROM capacity c
			JOIN capacity_lists l ON l.account_id = c.account_id
			JOIN accounts a ON a.id = c.account_id
			WHERE `+where+` AND a.suspended_at = 0 AND a.deleted_at = 0 AND NOT `+r.policy(&a, "a.server", "('limit', 'block')")+`
				AND (l.audience = 'public' OR `+sharesMembership(&a, v)+`)) found
		WHERE found.own OR found.near
		ORDER BY found.own DESC, found.hours DESC, found.month, found.account_id
		LIMIT `+a.add(mostCovers), a...)
	if err != nil {
		return nil, fmt.Errorf("who can cover: %w", err)
	}
	return r.covers(ctx, asked, found, limit)
}

// inOwnFederation is the condition that the account a is of the federation of this
// instance.
const inOwnFederation = `(a.local OR EXISTS (
				SELECT 1 FROM memberships m
				JOIN accounts o ON o.id = m.organization_id
				WHERE m.member_id = a.id AND m.state = 'member' AND m.member_says AND m.organization_says
					AND o.local AND o.kind = 'federation' AND o.suspended_at = 0 AND o.deleted_at = 0))`

// scanCover reads a row of [reader.WhoCanCover]; the account has only its id.
func scanCover(row pgx.CollectableRow) (c coop.Cover, err error) {
	var account, noted int64
	var audience string
	err = row.Scan(&account, &c.Skill.URI, &c.Skill.Name, &c.Month, &c.Hours, &noted, &c.Own, &audience)
	c.Account, c.NotedAt, c.Members = &coop.Account{ID: coop.ID(account)}, atMs(noted), audience == string(coop.CapacityMembers)
	return c, err
}

// skillKeys are the keys that capacity for each of some skills can have, and all of them
// together.
func (r reader) skillKeys(ctx context.Context, skills []string) (asked map[string][]string, keys []string, err error) {
	asked = map[string][]string{}
	for _, skill := range unique(skills) {
		exact, err := r.meanings(ctx, skill, "")
		if err != nil {
			return nil, nil, fmt.Errorf("who can cover: %w", err)
		}
		narrower, err := r.narrowerSkills(ctx, exact)
		if err != nil {
			return nil, nil, fmt.Errorf("who can cover: %w", err)
		}
		named, err := r.namesOfSkills(ctx, exact)
		if err != nil {
			return nil, nil, fmt.Errorf("who can cover: %w", err)
		}
		own := slices.Concat(exact, narrower, named)
		if strings.Contains(skill, "://") {
			own = append(own, cleanText(skill))
		} else if name := foldWords(skill); name != "" {
			own = append(own, coop.Truncate(name, longestSkill))
		}
		asked[skill] = own
		keys = append(keys, own...)
	}
	return asked, unique(keys), nil
}

// namesOfSkills are the folded names of some skills: what was said before the list knew
// them was kept by name.
func (r reader) namesOfSkills(ctx context.Context, addresses []string) ([]string, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	return all(ctx, r, scanText, `
		SELECT DISTINCT n.name
		FROM skills s
		JOIN skill_names n ON n.skill_id = s.id
		WHERE s.uri IN (SELECT CAST(r.value AS TEXT) FROM jsonb_array_elements_text($1::jsonb) AS r)
		LIMIT $2`, list(addresses), mostBroader)
}

// covers sorts what was found by the skills that were asked for, each co-op once for
// each, and gives it its accounts.
func (r reader) covers(ctx context.Context, asked map[string][]string, found []coop.Cover, limit int) (map[string][]coop.Cover, error) {
	ids := make([]coop.ID, len(found))
	for i, c := range found {
		ids[i] = c.Account.ID
	}
	accounts, err := r.Accounts(ctx, unique(ids))
	if err != nil {
		return nil, fmt.Errorf("who can cover: %w", err)
	}
	out := map[string][]coop.Cover{}
	for skill, keys := range asked {
		wanted, there := map[string]bool{}, map[coop.ID]bool{}
		for _, key := range keys {
			wanted[key] = true
		}
		for _, c := range found {
			account := accounts[c.Account.ID]
			if !wanted[c.Skill.URI] || there[c.Account.ID] || account == nil || len(out[skill]) >= limit {
				continue
			}
			there[c.Account.ID] = true
			if c.Account = account; !strings.Contains(c.Skill.URI, "://") {
				c.Skill.URI = ""
			}
			out[skill] = append(out[skill], c)
		}
	}
	return out, nil
}
