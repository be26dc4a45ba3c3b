// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// ServerInbox is the shared inbox of a server, as any of its actors that we keep
// says it, or [coop.ErrNotFound].
func (r reader) ServerInbox(ctx context.Context, host string) (coop.IRI, error) {
	iri, err := first(ctx, r, pgx.RowTo[string], `
		SELECT shared_inbox
		FROM accounts
		WHERE server = $1 AND shared_inbox <> '' AND NOT local AND deleted_at = 0
		ORDER BY fetched_at DESC
		LIMIT 1`, host)
	if err != nil {
		return "", fmt.Errorf("shared inbox of %s: %w", host, err)
	}
	return coop.IRI(iri), nil
}
