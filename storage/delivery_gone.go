// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// GoneInboxes says which of the inboxes are marked as gone: [reader.InboxGone] for
// many.
func (r reader) GoneInboxes(ctx context.Context, inboxes []coop.IRI) (map[coop.IRI]bool, error) {
	gone := map[coop.IRI]bool{}
	for part := range slices.Chunk(unique(inboxes), mostIn) {
		var a args
		found, err := all(ctx, r, func(row pgx.CollectableRow) (string, error) {
			var inbox string
			err := row.Scan(&inbox)
			return inbox, err
		}, `
			SELECT inbox
			FROM gone_inboxes
			WHERE gone_at IS NOT NULL AND inbox IN `+in(&a, texts(part)), a...)
		if err != nil {
			return nil, fmt.Errorf("gone inboxes: %w", err)
		}
		for _, inbox := range found {
			gone[coop.IRI(inbox)] = true
		}
	}
	return gone, nil
}
