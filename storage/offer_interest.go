// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// mostInterest is how many messages about one request are shown.
const mostInterest = 100

// Interest lists what others wrote to who requested without offering anything: answers to
// the request, and direct messages that name its address, the oldest first, as the
// viewer may see them.
func (r reader) Interest(ctx context.Context, v coop.Viewer, request *coop.Post) ([]*coop.Post, error) {
	a := args{int64(request.ID), int64(request.AuthorID)}
	ids, err := all(ctx, r, scanID, `
		SELECT p.id
		FROM posts p
		JOIN accounts a ON a.id = p.author_id
		WHERE p.author_id <> $2 AND a.kind NOT IN ('instance', 'board') AND (
			p.in_reply_to_id = $1 AND $1 <> 0
			OR p.visibility = 'direct' AND p.id > $1 AND p.id IN (
				SELECT n.post_id
				FROM post_addressees n
				WHERE n.account_id = $2) AND p.content LIKE `+a.add("%"+plainLike.Replace(cleanText(string(request.IRI)))+"%")+` ESCAPE '\'
		) AND `+r.visible(&a, v)+`
		ORDER BY p.id
		LIMIT `+a.add(mostInterest), a...)
	if err != nil {
		return nil, fmt.Errorf("interest in %s: %w", request.IRI, err)
	}
	return r.PostsByID(ctx, v, ids)
}
