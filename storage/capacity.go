// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostCovers is how many co-ops with time for some skills are looked at for one answer.
const mostCovers = 500

// PutCapacity keeps what a co-op says of its time, in the place of what it said before.
// What is said again keeps no older date: saying it again is confirming it.
func (tx *Tx) PutCapacity(ctx context.Context, account coop.ID, l coop.CapacityList) error {
	if _, err := tx.exec(ctx, `DELETE FROM capacity WHERE account_id = $1`, int64(account)); err != nil {
		return fmt.Errorf("capacity of account %s: %w", account, err)
	}
	if _, err := tx.insert(ctx, "capacity_lists", []column{
		{"account_id", int64(account)},
		{"audience", string(l.Audience)},
		{"noted_at", msOf(l.NotedAt)},
		{"read_at", msOf(l.ReadAt)},
	}, "ON CONFLICT (account_id) DO UPDATE SET audience = excluded.audience, noted_at = excluded.noted_at, read_at = excluded.read_at"); err != nil {
		return err
	}
	for _, e := range l.Entries[:min(len(l.Entries), coop.MaxCapacities)] {
		key, err := tx.skillKey(ctx, e.Skill)
		if err != nil {
			return fmt.Errorf("capacity of account %s: %w", account, err)
		}
		label := coop.CleanLine(e.Skill.Name, 200)
		if key == "" || label == "" || e.Hours <= 0 {
			continue
		}
		if e.NotedAt.IsZero() {
			e.NotedAt = l.NotedAt
		}
		if _, err := tx.insert(ctx, "capacity", []column{
			{"account_id", int64(account)},
			{"month", e.Month},
			{"skill", key},
			{"label", label},
			{"hours", int64(min(e.Hours, coop.MaxCapacityHours))},
			{"noted_at", msOf(e.NotedAt)},
		}, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	return nil
}

// skillKey is the address of a skill where the list has one, else its folded name.
func (r reader) skillKey(ctx context.Context, t coop.Term) (string, error) {
	if t.URI != "" {
		return coop.Truncate(cleanText(t.URI), longestSkill), nil
	}
	found, err := r.meanings(ctx, t.Name, "")
	if err != nil || len(found) > 0 {
		return strings.Join(found[:min(len(found), 1)], ""), err
	}
	return coop.Truncate(foldWords(t.Name), longestSkill), nil
}

// CapacityOf is what a co-op says of its time, what is too old and months that are over
// left out; nothing where it never said anything. Whether the viewer may read it is
// judged by [reader.MayReadCapacity].
func (r reader) CapacityOf(ctx context.Context, account coop.ID) (coop.CapacityList, error) {
	l, err := first(ctx, r, func(row pgx.CollectableRow) (l coop.CapacityList, err error) {
		var audience string
		var noted, read int64
		err = row.Scan(&audience, &noted, &read)
		l.Audience, l.NotedAt, l.ReadAt = coop.CapacityAudience(audience), atMs(noted), atMs(read)
		return l, err
	}, `
		SELECT audience, noted_at, read_at
		FROM capacity_lists
		WHERE account_id = $1`, int64(account))
	if isNotFound(err) {
		return coop.CapacityList{Audience: coop.CapacityPublic}, nil
	}
	if err == nil {
		var a args
		l.Entries, err = all(ctx, r, scanCapacity, `
			SELECT c.skill, c.label, c.month, c.hours, c.noted_at
			FROM capacity c
			WHERE c.account_id = `+a.add(int64(account))+` AND `+r.fresh(&a)+`
			ORDER BY c.month, c.hours DESC, c.skill`, a...)
	}
	if err != nil {
		return l, fmt.Errorf("capacity of account %s: %w", account, err)
	}
	return l, nil
}

// fresh is the condition that the capacity c may still be believed.
func (r reader) fresh(a *args) string {
	now := r.e.now()
	return "c.month >= " + a.add(coop.MonthOf(now)) + " AND c.noted_at >= " + a.add(msOf(now.AddDate(0, 0, -coop.CapacityDays)))
}

// scanCapacity reads skill, label, month, hours and when it was noted.
func scanCapacity(row pgx.CollectableRow) (c coop.Capacity, err error) {
	var noted int64
	err = row.Scan(&c.Skill.URI, &c.Skill.Name, &c.Month, &c.Hours, &noted)
	c.NotedAt = atMs(noted)
	if !strings.Contains(c.Skill.URI, "://") {
		c.Skill.URI = ""
	}
	return c, err
}

// sharesMembership is the condition that the viewer belongs to where the account a does,
// or is that itself: by its own account, by a role of a person, or by any account of its
// server. Nobody else reads what a co-op says to members alone.
func sharesMembership(a *args, v coop.Viewer) string {
	mine := ""
	switch v.Class {
	case coop.ViewerSystem:
		return "TRUE"
	case coop.ViewerAccount:
		id := a.add(int64(v.Account))
		mine = "x.id = " + id + " OR x.id IN (SELECT ro.account_id FROM roles ro WHERE ro.person_id = " + id + ")"
	case coop.ViewerRemote:
		mine = "x.id = " + a.add(int64(v.Account))
	case coop.ViewerRemoteHost:
		mine = "NOT x.local AND x.server = " + a.add(v.Host)
	default:
		return "FALSE"
	}
	return `EXISTS (
			SELECT 1
			FROM accounts x
			WHERE x.suspended_at = 0 AND x.deleted_at = 0 AND (` + mine + `) AND NOT ` + blockBetween("a.id", "x.id") + ` AND (x.id = a.id OR EXISTS (
				SELECT 1
				FROM memberships m
				JOIN accounts o ON o.id = m.organization_id
				WHERE m.member_id = a.id AND m.state = 'member' AND m.member_says AND m.organization_says
					AND o.suspended_at = 0 AND o.deleted_at = 0 AND (o.id = x.id OR EXISTS (
						SELECT 1
						FROM memberships n
						WHERE n.member_id = x.id AND n.organization_id = o.id AND n.state = 'member' AND n.member_says AND n.organization_says)))))`
}

// MayReadCapacity tells whether a viewer may read what a co-op says of its time.
func (r reader) MayReadCapacity(ctx context.Context, v coop.Viewer, account coop.ID) (bool, error) {
	var a args
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM accounts a
		LEFT JOIN capacity_lists l ON l.account_id = a.id
		WHERE a.id = `+a.add(int64(account))+` AND a.suspended_at = 0 AND a.deleted_at = 0
			AND (COALESCE(l.audience, 'public') = 'public' OR `+sharesMembership(&a, v)+`)`, a...)
	if err != nil {
		return false, fmt.Errorf("who may read the capacity of account %s: %w", account, err)
	}
	return n > 0, nil
}

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

// narrowerSkills are the addresses of all that is narrower than some skills.
func (r reader) narrowerSkills(ctx context.Context, addresses []string) ([]string, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	return all(ctx, r, scanText, `
		WITH RECURSIVE below (id) AS (
			SELECT b.skill_id
			FROM skill_broader b
			JOIN skills s ON s.id = b.broader_id
			WHERE s.uri IN (SELECT CAST(r.value AS TEXT) FROM jsonb_array_elements_text($1::jsonb) AS r)
			UNION
			SELECT b.skill_id
			FROM skill_broader b
			JOIN below ON below.id = b.broader_id)
		SELECT s.uri
		FROM below
		JOIN skills s ON s.id = below.id
		ORDER BY s.id
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

// StaleCapacity lists co-ops elsewhere that are members of the own federation or of one
// that is followed and whose capacity was last asked for before a time: at most limit,
// those that were asked longest ago first.
func (r reader) StaleCapacity(ctx context.Context, before time.Time, limit int) ([]*coop.Account, error) {
	var a args
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		LEFT JOIN capacity_lists l ON l.account_id = a.id
		WHERE NOT a.local AND a.kind = 'coop' AND a.suspended_at = 0 AND a.deleted_at = 0 AND COALESCE(l.read_at, 0) < `+a.add(msOf(before))+`
			AND `+nearMember+` AND NOT `+r.policy(&a, "a.server", "('limit', 'block')")+`
		ORDER BY COALESCE(l.read_at, 0), a.id
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("whose capacity is to be read: %w", err)
	}
	return list, nil
}
