// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Relationships says what one account has to do with each of others, by one
// statement for every 500 of them. Accounts that are not known or deleted are left
// out, suspended ones too unless they are asked for.
func (r reader) Relationships(ctx context.Context, self coop.ID, others []coop.ID, suspended bool) (map[coop.ID]*coop.Relationship, error) {
	found := make(map[coop.ID]*coop.Relationship, len(others))
	for part := range slices.Chunk(unique(others), mostIn) {
		a := args{int64(self), msOf(r.e.now()), suspended}
		list, err := all(ctx, r, scanRelationship, relationshipsText+in(&a, numbers(part)), a...)
		if err != nil {
			return nil, fmt.Errorf("relationships of %s: %w", self, err)
		}
		for _, one := range list {
			found[one.ID] = one
		}
	}
	return found, nil
}

// relationshipsText asks for everything at once; $1 is who asks, $2 now, $3 whether
// suspended accounts count. Each join finds one row at most.
const relationshipsText = `
	SELECT a.id,
		COALESCE(f.state, ''), COALESCE(f.boosts, FALSE), COALESCE(f.bell, FALSE), COALESCE(f.languages, ''), COALESCE(g.state, ''),
		COALESCE(x.id, 0), COALESCE(y.id, 0),
		CASE WHEN ` + serverBlocked + ` THEN 1 ELSE 0 END,
		COALESCE(m.id, 0), COALESCE(m.notifications, FALSE), COALESCE(m.ends_at, 0), COALESCE(n.comment, ''),
		CASE WHEN f.state = 'accepted' THEN COALESCE(e.id, 0) ELSE 0 END
	FROM accounts a
	LEFT JOIN follows f ON f.follower_id = $1 AND f.target_id = a.id
	LEFT JOIN follows g ON g.follower_id = a.id AND g.target_id = $1
	LEFT JOIN blocks x ON x.blocker_id = $1 AND x.target_id = a.id
	LEFT JOIN blocks y ON y.blocker_id = a.id AND y.target_id = $1
	LEFT JOIN mutes m ON m.account_id = $1 AND m.target_id = a.id AND (m.ends_at = 0 OR m.ends_at > $2)
	LEFT JOIN account_notes n ON n.account_id = $1 AND n.target_id = a.id
	LEFT JOIN endorsements e ON e.account_id = $1 AND e.target_id = a.id
	WHERE a.deleted_at = 0 AND (a.suspended_at = 0 OR $3) AND a.id IN `

// scanRelationship reads a row of [relationshipsText].
func scanRelationship(row pgx.CollectableRow) (*coop.Relationship, error) {
	one := &coop.Relationship{}
	var id, blocking, blocked, domain, mute, ends, endorsed int64
	var state, back, languages string
	err := row.Scan(&id, &state, &one.Options.Boosts, &one.Options.Bell, &languages, &back,
		&blocking, &blocked, &domain, &mute, &one.MutingNotifications, &ends, &one.Note, &endorsed)
	one.ID, one.Options.Languages, one.MuteEnds = coop.ID(id), readLanguages(languages), atMs(ends)
	one.Following, one.Requested = state == string(coop.FollowAccepted), state == string(coop.FollowAsked)
	one.FollowedBy, one.RequestedBy = back == string(coop.FollowAccepted), back == string(coop.FollowAsked)
	one.Blocking, one.BlockedBy, one.DomainBlocking, one.Muting = blocking != 0, blocked != 0, domain != 0, mute != 0
	one.Endorsed = endorsed != 0
	return one, err
}

// FollowersSeenBy is [reader.Followers] for somebody who reads: accepted follows
// alone, without accounts that the reader blocks or that block the reader. Viewer 0
// is nobody in particular.
func (r reader) FollowersSeenBy(ctx context.Context, viewer, id coop.ID, page coop.Page) ([]*coop.Follow, error) {
	return r.followsSeenBy(ctx, "f.target_id", "f.follower_id", viewer, id, page)
}

// FollowingSeenBy is [reader.Following] as [reader.FollowersSeenBy].
func (r reader) FollowingSeenBy(ctx context.Context, viewer, id coop.ID, page coop.Page) ([]*coop.Follow, error) {
	return r.followsSeenBy(ctx, "f.follower_id", "f.target_id", viewer, id, page)
}

// followsSeenBy lists the follows in which one column is an account.
func (r reader) followsSeenBy(ctx context.Context, is, other string, viewer, id coop.ID, page coop.Page) ([]*coop.Follow, error) {
	a := args{int64(id), string(coop.FollowAccepted)}
	sql := "SELECT " + followColumns + followsFrom(is, other)
	if viewer != 0 {
		sql += " AND NOT " + blockBetween("w.id", a.add(int64(viewer)))
	}
	p := a.page("f.id", page)
	rows, err := all(ctx, r, scanFollow, sql+" AND "+p.where+" "+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("follows of %s: %w", id, err)
	}
	return r.withAccounts(ctx, newestFirst(p, rows))
}

// mostFamiliar bounds the rows that one question about familiar followers reads.
const mostFamiliar = 400

// FamiliarFollowers finds, for each of some accounts, who follows it among those
// that self follows, newest follow first. Who hides whom they follow is left out.
func (r reader) FamiliarFollowers(ctx context.Context, self coop.ID, ids []coop.ID) (map[coop.ID][]*coop.Account, error) {
	ids = unique(ids)
	a := args{int64(self)}
	targets := in(&a, numbers(ids[:min(len(ids), mostIn)]))
	rows, err := all(ctx, r, scanFollow, `
		SELECT `+followColumns+`
		FROM follows f
		JOIN follows own ON own.target_id = f.follower_id AND own.follower_id = $1 AND own.state = 'accepted'
		JOIN accounts w ON w.id = f.follower_id
		WHERE f.target_id IN `+targets+` AND f.state = 'accepted' AND w.suspended_at = 0 AND w.deleted_at = 0
		ORDER BY f.id DESC
		LIMIT `+a.add(mostFamiliar), a...)
	if err != nil {
		return nil, fmt.Errorf("familiar followers: %w", err)
	}
	follows, err := r.withAccounts(ctx, rows)
	found := map[coop.ID][]*coop.Account{}
	for _, f := range follows {
		if !f.Follower.HidesFollows(true) {
			found[f.Target.ID] = append(found[f.Target.ID], f.Follower)
		}
	}
	return found, err
}

// Suggested lists accounts of the network that self may want to follow: verified
// members of the federation that runs this instance and whom it follows, newest
// first; without those that self follows, asked, blocks, mutes, put away or hides the server
// of, and without persons who did not say that they may be found.
func (r reader) Suggested(ctx context.Context, self, federation coop.ID, limit int) ([]*coop.Account, error) {
	a := args{int64(self), int64(federation), msOf(r.e.now())}
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		WHERE a.id <> $1 AND a.suspended_at = 0 AND a.deleted_at = 0 AND (a.kind <> 'person' OR a.discoverable)
			AND a.id IN (
				SELECT m.member_id FROM memberships m
				WHERE m.organization_id = $2 AND m.state = 'member' AND m.member_says AND m.organization_says
				UNION
				SELECT f.target_id FROM follows f
				WHERE f.follower_id = $2 AND f.state = 'accepted')
			AND NOT EXISTS (SELECT 1 FROM follows o WHERE o.follower_id = $1 AND o.target_id = a.id)
			AND NOT EXISTS (SELECT 1 FROM hidden_suggestions h WHERE h.account_id = $1 AND h.target_id = a.id)
			AND NOT EXISTS (
				SELECT 1 FROM mutes m
				WHERE m.account_id = $1 AND m.target_id = a.id AND (m.ends_at = 0 OR m.ends_at > $3))
			AND NOT `+blockBetween("a.id", "$1")+` AND NOT `+serverBlocked+`
		ORDER BY a.id DESC
		LIMIT `+a.add(limit), a...)
	if err != nil {
		return nil, fmt.Errorf("suggestions for %s: %w", self, err)
	}
	return list, nil
}
