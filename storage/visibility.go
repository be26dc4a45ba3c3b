// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"fmt"

	"minga/coop"
)

// Who may see a post, as SQL. This is the one place: every question about posts
// or their documents has visible in its WHERE, with posts as p and their authors
// as a. It says the same as [coop.MaySee], cell by cell; a test compares them.
//
// The class of the viewer is known when the text is made, so that the text holds
// only what this viewer needs. A viewer of class ViewerRemoteHost may see what any
// account of its server may: the questions are then asked about all of them.

// visible is the condition that the viewer may see the post p by the author a.
func (r reader) visible(a *args, v coop.Viewer) string {
	if v.Class == coop.ViewerSystem {
		return "TRUE"
	}
	if v.Class == coop.ViewerAccount {
		return veil(v) + r.visibleTo(a, a.add(int64(v.Account)))
	}
	open := "NOT p.draft AND NOT p.frozen AND NOT " + r.refused(a, "a.server") + " AND " + r.audience(a, v)
	if v.Class == coop.ViewerAnonymous {
		return "(a.suspended_at = 0 AND a.deleted_at = 0 AND " + open + ")"
	}
	return "(a.suspended_at = 0 AND a.deleted_at = 0 AND (" + author(a, v) + " OR (" + r.unblocked(a, v) + " AND " + open + ")))"
}

// veil takes from the post p what the roles of a person who reads as a co-op do not
// let them see; a condition with AND behind it, or nothing.
func veil(v coop.Viewer) string {
	hidden := ""
	if v.NoDirect {
		hidden = "(p.visibility <> 'direct' OR a.local AND a.kind = 'instance') AND "
	}
	if v.NoDrafts {
		hidden += "NOT p.draft AND NOT p.frozen AND "
	}
	return hidden
}

// heard is the condition that the viewer hears of the notification n, which may be of
// a post that is not there for them; beginning with AND, or nothing.
func heard(v coop.Viewer) string {
	if !v.NoDirect {
		return ""
	}
	return ` AND (n.post_id = 0 OR NOT EXISTS (
			SELECT 1
			FROM posts told
			JOIN accounts teller ON teller.id = told.author_id
			WHERE told.id = n.post_id AND told.visibility = 'direct' AND NOT (teller.local AND teller.kind = 'instance')))`
}

// visibleTo is [reader.visible] for an account of this instance that a placeholder
// or a column names, such as x.id: one question asks it about many accounts.
func (r reader) visibleTo(a *args, account string) string {
	open := "NOT p.draft AND NOT p.frozen AND NOT " + r.refused(a, "a.server") +
		" AND (p.visibility IN ('public', 'unlisted', 'local')" + personal(account) + ")"
	return "(a.suspended_at = 0 AND a.deleted_at = 0 AND (a.id = " + account + " OR (NOT " + blockBetween("a.id", account) + " AND " + open + ")))"
}

// author is the condition that the viewer wrote the post.
func author(a *args, v coop.Viewer) string {
	if v.Class == coop.ViewerRemoteHost {
		return "(NOT a.local AND a.server = " + a.add(v.Host) + ")"
	}
	return "a.id = " + a.add(int64(v.Account))
}

// refused is the condition that a server is blocked now.
func (r reader) refused(a *args, host string) string {
	return r.policy(a, host, "('block')")
}

// policy is the condition that one of the policies was decided for a server and
// has not run out.
func (r reader) policy(a *args, host, policies string) string {
	return fmt.Sprintf(`EXISTS (
		SELECT 1 FROM peers peer
		WHERE peer.host = %s AND peer.policy IN %s AND (peer.expires_at = 0 OR peer.expires_at > %s))`,
		host, policies, a.add(msOf(r.e.now())))
}

// unblocked is the condition that neither blocks the other and that the viewer's
// server is not blocked. Of a whole server only the server can be blocked: that one
// of its accounts is blocked is asked where that account matters.
func (r reader) unblocked(a *args, v coop.Viewer) string {
	server := "NOT " + r.refused(a, a.add(v.Host))
	if v.Class == coop.ViewerRemoteHost {
		return server
	}
	return "NOT " + blockBetween("a.id", a.add(int64(v.Account))) + " AND " + server
}

// blockBetween is the condition that one of two accounts blocks the other.
func blockBetween(one, other string) string {
	return fmt.Sprintf(`EXISTS (
		SELECT 1 FROM blocks b
		WHERE b.blocker_id = %[1]s AND b.target_id = %[2]s OR b.blocker_id = %[2]s AND b.target_id = %[1]s)`, one, other)
}

// audience is the condition that the post is meant for the viewer.
func (r reader) audience(a *args, v coop.Viewer) string {
	switch v.Class {
	case coop.ViewerRemote:
		return "(p.visibility IN ('public', 'unlisted')" + personal(a.add(int64(v.Account))) + ")"
	case coop.ViewerRemoteHost:
		return "(p.visibility IN ('public', 'unlisted')" + ofHost(a.add(v.Host)) + ")"
	default:
		return "p.visibility IN ('public', 'unlisted')"
	}
}

// personal is what a follower, somebody named and a member may see besides.
func personal(account string) string {
	return fmt.Sprintf(`
		OR p.visibility = 'followers' AND EXISTS (
			SELECT 1 FROM follows f
			WHERE f.follower_id = %[1]s AND f.target_id = p.author_id AND f.state = 'accepted')
		OR p.visibility IN ('followers', 'direct') AND EXISTS (
			SELECT 1 FROM post_addressees n
			WHERE n.post_id = p.id AND n.account_id = %[1]s)
		OR p.visibility = 'members' AND EXISTS (
			SELECT 1 FROM memberships m
			WHERE m.member_id = %[1]s AND m.organization_id = p.members_of
				AND m.state = 'member' AND m.member_says AND m.organization_says)`, account)
}

// ofHost is [personal] for any account of a server that is not blocked. Somebody
// named whom we do not know counts by the host of the name.
func ofHost(host string) string {
	return fmt.Sprintf(`
		OR p.visibility = 'followers' AND EXISTS (
			SELECT 1 FROM follows f
			JOIN accounts x ON x.id = f.follower_id
			WHERE f.target_id = p.author_id AND f.state = 'accepted' AND x.server = %[1]s AND %[2]s)
		OR p.visibility IN ('followers', 'direct') AND EXISTS (
			SELECT 1 FROM post_addressees n
			LEFT JOIN accounts x ON x.id = n.account_id
			WHERE n.post_id = p.id AND n.host = %[1]s AND (n.account_id = 0 OR %[2]s))
		OR p.visibility = 'members' AND EXISTS (
			SELECT 1 FROM memberships m
			JOIN accounts x ON x.id = m.member_id
			WHERE m.organization_id = p.members_of AND m.state = 'member' AND m.member_says AND m.organization_says
				AND x.server = %[1]s AND %[2]s)`,
		host, "NOT x.local AND x.suspended_at = 0 AND x.deleted_at = 0 AND NOT "+blockBetween("p.author_id", "x.id"))
}

// listed is the condition that a post that the viewer may see stands in public
// lists, feeds and search too: published, not merely unlisted, some way by which it came
// here still stands, and its server is not limited. What waits is not listed for its
// author either.
func (r reader) listed(a *args) string {
	return "p.visibility = 'public' AND p.reached AND NOT p.draft AND NOT p.frozen AND NOT " + r.policy(a, "a.server", "('limit', 'block')")
}
