// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Marker says how far an account has read a timeline.
type Marker struct {
	Timeline  string // "home" or "notifications"
	LastRead  coop.ID
	Version   int64 // rises with each change; 0: there is none
	UpdatedAt time.Time
}

// Markers are how far an account has read, by timeline; those that it never set are
// missing.
func (r reader) Markers(ctx context.Context, account coop.ID) (map[string]Marker, error) {
	list, err := all(ctx, r, func(row pgx.CollectableRow) (m Marker, err error) {
		var last, updated int64
		err = row.Scan(&m.Timeline, &last, &m.Version, &updated)
		m.LastRead, m.UpdatedAt = coop.ID(last), atMs(updated)
		return m, err
	}, `
		SELECT timeline, last_read, version, updated_at
		FROM markers
		WHERE account_id = $1`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("markers of %s: %w", account, err)
	}
	found := make(map[string]Marker, len(list))
	for _, m := range list {
		found[m.Timeline] = m
	}
	return found, nil
}

// SetMarker keeps how far an account has read and fills in Version and UpdatedAt.
// m.Version is the one that the writer knew: if another was faster, it gives
// [coop.ErrConflict] and changes nothing.
func (tx *Tx) SetMarker(ctx context.Context, account coop.ID, m *Marker) error {
	before := m.Version
	m.Version, m.UpdatedAt = before+1, tx.e.now()
	row := []column{{"last_read", int64(m.LastRead)}, {"version", m.Version}, {"updated_at", msOf(m.UpdatedAt)}}
	var n int64
	var err error
	if before == 0 {
		n, err = tx.insert(ctx, "markers", append(row, column{"account_id", int64(account)}, column{"timeline", m.Timeline}), "ON CONFLICT DO NOTHING")
	} else {
		n, err = tx.exec(ctx, `
			UPDATE markers
			SET last_read = $1, version = $2, updated_at = $3
			WHERE account_id = $4 AND timeline = $5 AND version = $6`,
			int64(m.LastRead), m.Version, msOf(m.UpdatedAt), int64(account), m.Timeline, before)
	}
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("marker of %s for %s: %w", m.Timeline, account, err)
	}
	return nil
}
