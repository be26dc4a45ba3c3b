// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// Reached lists one inbox of every server that may have got something of an account of
// ours: to which anything was delivered since it was made, which holds one of its posts,
// or with whose accounts it has to do. Who followed it and stopped got its posts too, and
// nothing says so any more: hence every server that this one delivers to. Blocked servers
// are left out.
func (r reader) Reached(ctx context.Context, account *coop.Account) ([]Inbox, error) {
	a := args{int64(account.ID), msOf(account.CreatedAt)}
	list, err := all(ctx, r, scanInbox, `
		SELECT COALESCE(
				(SELECT k.shared_inbox FROM accounts k WHERE k.server = s.host AND NOT k.local AND k.shared_inbox <> '' AND k.deleted_at = 0 LIMIT 1),
				(SELECT k.inbox FROM accounts k WHERE k.server = s.host AND NOT k.local AND k.inbox <> '' AND k.deleted_at = 0 LIMIT 1),
				MAX(s.inbox)) AS there,
			'', s.host, 0
		FROM (
			SELECT e.host, '' AS inbox FROM peers e WHERE e.last_delivered >= $2 AND e.last_delivered > 0
			UNION ALL
			SELECT h.host, h.inbox FROM posts p JOIN post_holders h ON h.post_id = p.id WHERE p.author_id = $1
			UNION ALL
			SELECT o.server, o.inbox FROM follows f JOIN accounts o ON o.id = f.target_id WHERE f.follower_id = $1 AND NOT o.local
			UNION ALL
			SELECT o.server, o.inbox FROM follows f JOIN accounts o ON o.id = f.follower_id WHERE f.target_id = $1 AND NOT o.local
		) s
		WHERE s.host <> '' AND NOT `+r.refused(&a, "s.host")+`
		GROUP BY s.host
		ORDER BY s.host`, a...)
	if err != nil {
		return nil, fmt.Errorf("servers that account %s reached: %w", account.ID, err)
	}
	return list, nil
}
