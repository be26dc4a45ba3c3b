// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// FollowersOn lists the ids of the accepted followers of an account who live on a server,
// at most limit, in the order of their ids.
func (r reader) FollowersOn(ctx context.Context, account coop.ID, host string, limit int) ([]coop.IRI, error) {
	list, err := all(ctx, r, scanText, `
		SELECT a.iri
		FROM follows f
		JOIN accounts a ON a.id = f.follower_id
		WHERE f.target_id = $1 AND f.state = 'accepted' AND a.server = $2
		ORDER BY a.iri
		LIMIT $3`, int64(account), peerHost(host), limit)
	if err != nil {
		return nil, fmt.Errorf("followers of account %s on %s: %w", account, host, err)
	}
	ids := make([]coop.IRI, len(list))
	for i, id := range list {
		ids[i] = coop.IRI(id)
	}
	return ids, nil
}
