// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"minga/coop"
)

// PeerActs are the words of the audit log for what was decided about a server.
var PeerActs = map[coop.PeerPolicy]string{
	coop.PolicyNone: "peer.clear", coop.PolicyAllow: "peer.allow", coop.PolicyBlock: "peer.block", coop.PolicyLimit: "peer.limit",
}

// DecidePeer keeps what was decided about a server (Host, Policy, Reason,
// PublicReason and ExpiresAt of p count; the rest is filled in), does what follows
// from it at once, and notes it in the audit log by who and from where, in one:
//
//   - of a blocked server nothing is shown (every question asks for that), what waits
//     for it is dropped, and what came here by it alone leaves the public lists;
//   - where a block ends, what we still follow there brings its posts back. Follows
//     and memberships were kept; what was sent meanwhile is lost.
func (tx *Tx) DecidePeer(ctx context.Context, p *coop.Peer, who, from string) error {
	if err := tx.decidePeer(ctx, p); err != nil {
		return err
	}
	return tx.AddAudit(ctx, &coop.AuditEntry{Who: who, From: from, Act: PeerActs[p.Policy], Target: p.Host, Why: p.Reason})
}

// decidePeer does it without the entry in the log.
func (tx *Tx) decidePeer(ctx context.Context, p *coop.Peer) error {
	if err := tx.aloneWithPeer(ctx, p.Host); err != nil {
		return err
	}
	before, err := tx.Peer(ctx, p.Host)
	if errors.Is(err, coop.ErrNotFound) {
		before, err = &coop.Peer{}, nil
	}
	if err != nil {
		return err
	}
	p.Host, p.Software, p.FirstSeen, p.Waiting = peerHost(p.Host), before.Software, before.FirstSeen, before.Waiting
	p.LastReceived, p.LastDelivered = before.LastReceived, before.LastDelivered
	if err := tx.PutPeer(ctx, p); err != nil {
		return err
	}
	if err := tx.cutPeer(ctx, p.Host, before.Policy, p.Policy); err != nil {
		return fmt.Errorf("decide about %s: %w", p.Host, err)
	}
	return nil
}

// cutPeer does what a block, or its end, means for what is here already.
func (tx *Tx) cutPeer(ctx context.Context, host string, before, now coop.PeerPolicy) error {
	if now == coop.PolicyBlock {
		if _, err := tx.DropDeliveries(ctx, host); err != nil {
			return err
		}
		if err := tx.touchFound(ctx, "a.server = $1 AND NOT a.local", host); err != nil {
			return err
		}
	}
	var err error
	switch {
	case now == before || now != coop.PolicyBlock && before != coop.PolicyBlock:
		return nil
	case now == coop.PolicyBlock:
		_, err = tx.exec(ctx, `
			UPDATE post_paths
			SET ended_at = $2
			WHERE ended_at IN (0, 1) AND `+ofOthers+`
				AND via IN (SELECT a.id FROM accounts a WHERE a.server = $1 AND NOT a.local)`, host, msOf(tx.e.now()))
	default:
		_, err = tx.exec(ctx, `
			UPDATE post_paths
			SET ended_at = CASE WHEN `+barred+` THEN 1 ELSE 0 END
			WHERE ended_at <> 0 AND `+ofOthers+`
				AND via IN (SELECT a.id FROM accounts a WHERE a.server = $1 AND NOT a.local AND `+followedHere+`)`, host)
	}
	if err != nil {
		return err
	}
	return tx.judgeReach(ctx, broughtByServer, host)
}

// ofOthers is the condition on post_paths that the post is of another server than $1,
// whose own posts are out of sight while it is blocked anyway.
const ofOthers = `EXISTS (
				SELECT 1 FROM posts p
				JOIN accounts o ON o.id = p.author_id
				WHERE p.id = post_paths.post_id AND o.server <> $1)`

// followedHere is the condition that somebody of this instance follows the account a.
const followedHere = `EXISTS (
				SELECT 1 FROM follows f
				JOIN accounts l ON l.id = f.follower_id
				WHERE f.target_id = a.id AND f.state = 'accepted' AND l.local)`

// broughtByServer is the condition that an account of a server ever brought the post p.
const broughtByServer = `p.id IN (
				SELECT w.post_id FROM post_paths w
				JOIN accounts v ON v.id = w.via
				WHERE v.server = $1 AND NOT v.local)`

// EndPeerPolicies takes back the decisions about servers whose time is over, at most
// limit at once, and says how many they were.
func (tx *Tx) EndPeerPolicies(ctx context.Context, limit int) (int, error) {
	hosts, err := all(ctx, tx.reader, scanText, `
		SELECT host
		FROM peers
		WHERE policy <> '' AND expires_at > 0 AND expires_at <= $1
		ORDER BY host
		LIMIT $2`, msOf(tx.e.now()), limit)
	if err != nil {
		return 0, fmt.Errorf("decisions about servers that are over: %w", err)
	}
	for _, host := range hosts {
		if over, err := tx.policyOver(ctx, host); err != nil || !over {
			if err != nil {
				return 0, err
			}
			continue
		}
		if err := tx.DecidePeer(ctx, &coop.Peer{Host: host, Reason: "its time was over"}, "minga", ""); err != nil {
			return 0, err
		}
	}
	return len(hosts), nil
}

// PeerCuts is what a block of a server would end, for who is about to decide it.
type PeerCuts struct {
	Followers, Following       int            // follows of accounts here from there, and of accounts there from here; those that wait too
	Follows                    []*coop.Follow // the first of them, either way
	Members, Federations       int            // co-ops there that are members here, co-ops here that are members there
	Deliveries                 int            // that wait for it
	Jobs, Articles, OtherPosts int            // public posts from there that are shown now; jobs are open ones
	Brought                    int            // posts of others that came by it alone
}

// None tells that nothing would be cut.
func (c PeerCuts) None() bool {
	return c.Followers+c.Following+c.Members+c.Federations+c.Deliveries+c.Jobs+c.Articles+c.OtherPosts+c.Brought == 0
}

// mostCutFollows is how many follows are named.
const mostCutFollows = 20

// PeerCuts counts what a block of a server would end; posts up to 10,000 of a kind.
func (r reader) PeerCuts(ctx context.Context, host string) (cuts PeerCuts, err error) {
	host = strings.ToLower(cleanText(host))
	for _, part := range []struct {
		into *int
		sql  string
	}{
		{&cuts.Followers, followsWith("f.follower_id", "f.target_id")},
		{&cuts.Following, followsWith("f.target_id", "f.follower_id")},
		{&cuts.Members, membersWith("m.member_id", "m.organization_id")},
		{&cuts.Federations, membersWith("m.organization_id", "m.member_id")},
		{&cuts.Deliveries, `SELECT COUNT(*) FROM deliveries d WHERE d.host = $1`},
		{&cuts.Jobs, shownFrom("p.kind = 'job' AND EXISTS (SELECT 1 FROM jobs j WHERE j.post_id = p.id AND j.status = 'open')")},
		{&cuts.Articles, shownFrom("p.kind = 'article'")},
		{&cuts.Brought, broughtAlone},
		{&cuts.OtherPosts, shownFrom("p.kind NOT IN ('job', 'article')")},
	} {
		n, err := r.number(ctx, part.sql, host)
		if err != nil {
			return cuts, fmt.Errorf("what a block of %s cuts: %w", host, err)
		}
		*part.into = int(n)
	}
	rows, err := all(ctx, r, scanFollow, `
		SELECT `+followColumns+`
		FROM follows f
		JOIN accounts w ON w.id = f.follower_id
		JOIN accounts t ON t.id = f.target_id
		WHERE w.local <> t.local AND (w.server = $1 OR t.server = $1)
		ORDER BY f.id
		LIMIT $2`, host, mostCutFollows)
	if err != nil {
		return cuts, fmt.Errorf("follows that a block of %s cuts: %w", host, err)
	}
	cuts.Follows, err = r.withAccounts(ctx, rows)
	return cuts, err
}

// followsWith counts follows between a server ($1) and this one.
func followsWith(there, here string) string {
	return `
		SELECT COUNT(*)
		FROM follows f
		JOIN accounts w ON w.id = ` + there + `
		JOIN accounts l ON l.id = ` + here + `
		WHERE w.server = $1 AND NOT w.local AND l.local`
}

// membersWith counts memberships between a server ($1) and this one.
func membersWith(there, here string) string {
	return `
		SELECT COUNT(*)
		FROM memberships m
		JOIN accounts w ON w.id = ` + there + `
		JOIN accounts l ON l.id = ` + here + `
		WHERE w.server = $1 AND NOT w.local AND l.local AND m.state IN ('asked', 'member', 'suspended')`
}

// shownFrom counts the public posts of a server ($1) that lists show.
func shownFrom(which string) string {
	return `
		SELECT COUNT(*)
		FROM (
			SELECT 1
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			WHERE a.server = $1 AND NOT a.local AND p.reached AND NOT p.draft AND p.visibility = 'public' AND ` + which + `
			LIMIT 10000) shown`
}

// broughtAlone counts the public posts of others that came by a server ($1) alone.
const broughtAlone = `
		SELECT COUNT(*)
		FROM (
			SELECT DISTINCT p.id
			FROM accounts v
			JOIN post_paths w ON w.via = v.id AND w.ended_at = 0
			JOIN posts p ON p.id = w.post_id
			JOIN accounts a ON a.id = p.author_id
			WHERE v.server = $1 AND NOT v.local AND a.server <> $1 AND NOT a.local AND p.reached AND p.visibility = 'public'
				AND NOT EXISTS (
					SELECT 1 FROM post_paths x
					LEFT JOIN accounts y ON y.id = x.via
					WHERE x.post_id = p.id AND x.ended_at = 0 AND COALESCE(y.server, '') <> $1)
			LIMIT 10000) alone`

// policyOver looks once more whether the time of a decision is over: somebody may have
// decided anew meanwhile.
func (tx *Tx) policyOver(ctx context.Context, host string) (bool, error) {
	if err := tx.aloneWithPeer(ctx, host); err != nil {
		return false, err
	}
	n, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM peers
		WHERE host = $1 AND policy <> '' AND expires_at > 0 AND expires_at <= $2`, host, msOf(tx.e.now()))
	return n > 0, err
}
