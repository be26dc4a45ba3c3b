// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// serverBlocked is the condition that account $1 wants nothing of the server of the
// account a: by the host that its name is shown with, or by that of its id.
const serverBlocked = `EXISTS (
			SELECT 1 FROM server_blocks s
			WHERE s.account_id = $1 AND s.host IN (a.host, a.server) AND NOT a.local)`

// AddServerBlock makes an account want nothing of a server, and takes back what
// accounts there told it. Follows are ended by who can say so to the other side:
// see [reader.FollowsWithServer]. Twice is once.
func (tx *Tx) AddServerBlock(ctx context.Context, account coop.ID, host string) error {
	now, host := tx.e.now(), strings.ToLower(host)
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return err
	}
	if _, err := tx.insert(ctx, "server_blocks", []column{
		{"id", int64(id)}, {"account_id", int64(account)}, {"host", host}, {"at", msOf(now)},
	}, "ON CONFLICT DO NOTHING"); err != nil {
		return fmt.Errorf("block of %s by %s: %w", host, account, err)
	}
	_, err = tx.exec(ctx, `
		DELETE FROM notifications
		WHERE account_id = $1 AND from_id IN (
			SELECT a.id FROM accounts a
			WHERE a.id = notifications.from_id AND (a.server = $2 OR a.host = $2) AND NOT a.local)`, int64(account), cleanText(host))
	return err
}

// RemoveServerBlock ends it; a missing one is no error and returns false.
func (tx *Tx) RemoveServerBlock(ctx context.Context, account coop.ID, host string) (removed bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM server_blocks WHERE account_id = $1 AND host = $2`, int64(account), strings.ToLower(cleanText(host)))
	return n > 0, err
}

// ServerBlocks lists the servers of which an account wants nothing, newest first.
func (r reader) ServerBlocks(ctx context.Context, account coop.ID, page coop.Page) ([]coop.ServerBlock, error) {
	a := args{int64(account)}
	p := a.page("s.id", page)
	list, err := all(ctx, r, func(row pgx.CollectableRow) (b coop.ServerBlock, err error) {
		var id int64
		err = row.Scan(&id, &b.Host)
		b.ID = coop.ID(id)
		return b, err
	}, `
		SELECT s.id, s.host
		FROM server_blocks s
		WHERE s.account_id = $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("blocked servers of %s: %w", account, err)
	}
	return newestFirst(p, list), nil
}

// FollowsWithServer lists up to limit follows between an account and accounts of a
// server, either way, asked and accepted, oldest first.
func (r reader) FollowsWithServer(ctx context.Context, account coop.ID, host string, limit int) ([]*coop.Follow, error) {
	rows, err := all(ctx, r, scanFollow, `
		SELECT `+followColumns+`
		FROM follows f
		JOIN accounts w ON w.id = CASE WHEN f.follower_id = $1 THEN f.target_id ELSE f.follower_id END
		WHERE (f.follower_id = $1 OR f.target_id = $1) AND (w.server = $2 OR w.host = $2) AND NOT w.local
		ORDER BY f.id
		LIMIT $3`, int64(account), strings.ToLower(cleanText(host)), limit)
	if err != nil {
		return nil, fmt.Errorf("follows between %s and %s: %w", account, host, err)
	}
	return r.withAccounts(ctx, rows)
}

// CountFollowsWithServer counts the follows between an account and a server:
// whom it follows there, and who follows it from there; accepted ones.
func (r reader) CountFollowsWithServer(ctx context.Context, account coop.ID, host string) (following, followers int, err error) {
	count := func(is, other string) (int, error) {
		n, err := r.number(ctx, `
			SELECT COUNT(*)
			FROM follows f
			JOIN accounts w ON w.id = `+other+`
			WHERE `+is+` = $1 AND f.state = 'accepted' AND (w.server = $2 OR w.host = $2) AND NOT w.local`,
			int64(account), strings.ToLower(cleanText(host)))
		return int(n), err
	}
	if following, err = count("f.follower_id", "f.target_id"); err != nil {
		return 0, 0, fmt.Errorf("follows between %s and %s: %w", account, host, err)
	}
	if followers, err = count("f.target_id", "f.follower_id"); err != nil {
		return 0, 0, fmt.Errorf("follows between %s and %s: %w", account, host, err)
	}
	return following, followers, nil
}
