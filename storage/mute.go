// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Mute makes an account not read another any more; the zero time is for good. A
// repeated one changes how. Nothing needs to end a mute whose time is over: it is
// compared at each reading.
func (tx *Tx) Mute(ctx context.Context, account, target coop.ID, notifications bool, ends time.Time) error {
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "mutes", []column{
		{"id", int64(id)},
		{"account_id", int64(account)},
		{"target_id", int64(target)},
		{"notifications", notifications},
		{"ends_at", msOf(ends)},
		{"at", msOf(now)},
	}, "ON CONFLICT (account_id, target_id) DO UPDATE SET notifications = excluded.notifications, ends_at = excluded.ends_at")
	if err != nil {
		return fmt.Errorf("mute of %s by %s: %w", target, account, err)
	}
	return nil
}

// Unmute ends a mute; a missing one is no error and returns false.
func (tx *Tx) Unmute(ctx context.Context, account, target coop.ID) (removed bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM mutes WHERE account_id = $1 AND target_id = $2`, int64(account), int64(target))
	return n > 0, err
}

// Mutes lists whom an account mutes now, newest first, without accounts that are
// deleted.
func (r reader) Mutes(ctx context.Context, account coop.ID, page coop.Page) ([]coop.Mute, error) {
	a := args{int64(account), msOf(r.e.now())}
	p := a.page("m.id", page)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (m coop.Mute, err error) {
		var id, ends int64
		m.Target, err = scanAccountAfter(row, &id, &m.Notifications, &ends)
		m.ID, m.Ends = coop.ID(id), atMs(ends)
		return m, err
	}, `
		SELECT m.id, m.notifications, m.ends_at, `+accountColumns+`
		FROM mutes m
		JOIN accounts a ON a.id = m.target_id
		WHERE m.account_id = $1 AND (m.ends_at = 0 OR m.ends_at > $2) AND a.deleted_at = 0 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("mutes of %s: %w", account, err)
	}
	return newestFirst(p, list), nil
}
