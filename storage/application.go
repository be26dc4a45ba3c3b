// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// OldApplications are direct posts in the threads of jobs of this instance that ended
// before a time: what people wrote to apply, and what they were answered. The oldest
// jobs come first, limit posts at most.
func (r reader) OldApplications(ctx context.Context, ended time.Time, limit int) ([]*coop.Post, error) {
	ids, err := all(ctx, r, pgx.RowTo[int64], `
		SELECT p.id
		FROM jobs j
		JOIN posts o ON o.id = j.post_id
		JOIN posts p ON p.thread = o.thread AND p.visibility = 'direct'
		WHERE o.local AND o.thread <> '' AND o.changed_at < $1 AND j.status IN ('filled', 'withdrawn', 'closed', 'expired')
		ORDER BY o.changed_at, p.id
		LIMIT $2`, msOf(ended), limit)
	if err != nil {
		return nil, fmt.Errorf("old applications: %w", err)
	}
	list := make([]coop.ID, len(ids))
	for i, id := range ids {
		list[i] = coop.ID(id)
	}
	return r.PostsByID(ctx, coop.System(), list)
}
