// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// ListQuery names one of minga's own collections.
type ListQuery struct {
	// Owner is the co-op, person, federation or board whose collection it is. Of a
	// federation or board: its own posts and what it brought, boosted, or, for a
	// federation, its verified members of this instance published.
	Owner coop.ID
	Kind  coop.PostKind // coop.KindJob: jobs; coop.KindArticle: knowledge
	Since time.Time     // changed at or after; zero: all
}

// Listing lists a collection as the viewer may see it: newest-updated first, no
// draft, no job that is not open or paused, no withdrawn article. Cursor is what
// next said before, empty for the first page; an unreadable one is the first page.
// Limit is cut to 40. Next is empty at the end; total counts the whole collection.
func (r reader) Listing(ctx context.Context, v coop.Viewer, q ListQuery, cursor string, limit int) (posts []*coop.Post, next string, total int, err error) {
	return nil, "", 0, errNotBuilt
}
