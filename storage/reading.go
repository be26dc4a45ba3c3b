// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"slices"

	"minga/coop"
)

// What a reader does not want to read, as SQL. It is not about who may see a post
// (that is [reader.visible], and stands beside it in every question) but about mutes
// and the servers that somebody shut out for themselves.

// wanted is the condition that an account, of the table named, is nobody whom the
// reader muted, and of no server that the reader shut out. Anybody else but a local
// account wants everybody.
func (r reader) wanted(a *args, v coop.Viewer, account string) string {
	if v.Class != coop.ViewerAccount {
		return "TRUE"
	}
	return r.wantedBy(a, a.add(int64(v.Account)), account)
}

// wantedBy is [reader.wanted] for the account of this instance that a placeholder or a
// column names.
func (r reader) wantedBy(a *args, me, account string) string {
	return `NOT EXISTS (
			SELECT 1 FROM mutes mute
			WHERE mute.account_id = ` + me + ` AND mute.target_id = ` + account + `.id AND (mute.ends_at = 0 OR mute.ends_at > ` + a.add(msOf(r.e.now())) + `))
		AND (` + account + `.local OR NOT EXISTS (
			SELECT 1 FROM server_blocks shut
			WHERE shut.account_id = ` + me + ` AND shut.host IN (` + account + `.server, ` + account + `.host)))`
}

// standsHere is the condition that an account is not gone, not of a blocked server,
// and that neither the viewer nor it blocks the other: of who boosts.
func (r reader) standsHere(a *args, v coop.Viewer, account string) string {
	if v.Class == coop.ViewerAccount || v.Class == coop.ViewerRemote {
		return r.standsFor(a, a.add(int64(v.Account)), account)
	}
	return account + ".suspended_at = 0 AND " + account + ".deleted_at = 0 AND NOT " + r.refused(a, account+".server")
}

// standsFor is [reader.standsHere] for the viewer that a placeholder or a column names.
func (r reader) standsFor(a *args, me, account string) string {
	return r.standsHere(a, coop.Anonymous(), account) + " AND NOT " + blockBetween(account+".id", me)
}

// ownThread is the condition that a post p answers nobody, or its own author.
const ownThread = `(p.in_reply_to = '' OR EXISTS (
	SELECT 1 FROM posts parent
	WHERE parent.id = p.in_reply_to_id AND p.in_reply_to_id <> 0 AND parent.author_id = p.author_id))`

// inOrder puts found records in the order of their ids, leaving out what is missing.
func inOrder[T any](ids []coop.ID, found map[coop.ID]T) []T {
	list := make([]T, 0, len(ids))
	for _, id := range ids {
		if one, ok := found[id]; ok {
			list = append(list, one)
		}
	}
	return list
}

// hasMedia tells posts with a file that a client shows; a link is none.
func hasMedia(p *coop.Post) bool {
	return slices.ContainsFunc(p.Attachments, func(a coop.Attachment) bool { return a.Type != "Link" })
}
