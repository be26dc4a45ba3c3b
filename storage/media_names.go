// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// KeptFile is a file that a row refers to.
type KeptFile struct {
	Name   string
	Sealed bool // it lies among those that are handed to few
}

// KeptFiles lists the files that rows refer to, by name, after one; pictures of other
// servers are not among them, since they are fetched again.
func (r reader) KeptFiles(ctx context.Context, after string, limit int) ([]KeptFile, error) {
	list, err := all(ctx, r, pgx.RowToStructByPos[KeptFile], `
		SELECT f.name, f.sealed
		FROM (
			SELECT m.name, FALSE AS sealed FROM media m WHERE m.gone_at = 0
			UNION
			SELECT m.preview, FALSE FROM media m WHERE m.gone_at = 0
			UNION
			SELECT a.name, TRUE FROM application_files a WHERE a.application_id IS NOT NULL
			UNION
			SELECT t.sealed, TRUE FROM team_records t) f
		WHERE f.name > $1 AND f.name <> ''
		ORDER BY f.name
		LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("files that rows refer to: %w", err)
	}
	return list, nil
}
