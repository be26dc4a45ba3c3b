// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// DirectoryQuery says what part of the directory is wanted.
type DirectoryQuery struct {
	Local         bool // of this instance alone
	Newest        bool // by when they came here; else by when they wrote last
	Limit, Offset int
}

// Directory lists accounts that said they may be found, without those that are gone or
// moved, of servers that are limited or blocked, and whom the viewer blocks, muted or
// shut out (or is blocked by).
func (r reader) Directory(ctx context.Context, v coop.Viewer, q DirectoryQuery) ([]*coop.Account, error) {
	var a args
	where := r.standsHere(&a, v, "a") + " AND " + r.wanted(&a, v, "a") + " AND NOT " + r.policy(&a, "a.server", "('limit', 'block')")
	if q.Local {
		where += " AND a.local"
	}
	order := "COALESCE(n.post_id, 0) DESC, a.id DESC"
	if q.Newest {
		order = "a.id DESC"
	}
	list, err := all(ctx, r, scanAccount, `
		SELECT `+accountColumns+`
		FROM accounts a
		LEFT JOIN account_newest n ON n.account_id = a.id
		WHERE a.discoverable AND a.suspended_at = 0 AND a.deleted_at = 0 AND a.moved_to = '' AND a.kind <> 'instance' AND `+where+`
		ORDER BY `+order+`
		LIMIT `+a.add(q.Limit)+` OFFSET `+a.add(q.Offset), a...)
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return list, nil
}
