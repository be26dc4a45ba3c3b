// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// PutCapacity keeps what a co-op says of its time, in the place of what it said before.
// What is said again keeps no older date: saying it again is confirming it.
func (tx *Tx) PutCapacity(ctx context.Context, account coop.ID, l coop.CapacityList) error {
	if err := tx.alone(ctx, "capacity of "+account.String()); err != nil {
		return err
	}
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
