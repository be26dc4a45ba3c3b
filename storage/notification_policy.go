// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// policyOf is a stored policy; empty choices are the default's.
func policyOf(c [5]string) coop.NotificationPolicy {
	p := coop.DefaultNotificationPolicy()
	for i, to := range []*coop.PolicyChoice{&p.NotFollowing, &p.NotFollowers, &p.NewAccounts, &p.PrivateMentions, &p.LimitedAccounts} {
		if c[i] != "" {
			*to = coop.PolicyChoice(c[i])
		}
	}
	return p
}

// NotificationPolicy is what an account chose, or the default.
func (r reader) NotificationPolicy(ctx context.Context, account coop.ID) (coop.NotificationPolicy, error) {
	chosen, err := first(ctx, r, func(row pgx.CollectableRow) (c [5]string, err error) {
		err = row.Scan(&c[0], &c[1], &c[2], &c[3], &c[4])
		return c, err
	}, `
		SELECT not_following, not_followers, new_accounts, private_mentions, limited_accounts
		FROM notification_policies
		WHERE account_id = $1`, int64(account))
	if err != nil && !errors.Is(err, coop.ErrNotFound) {
		return coop.NotificationPolicy{}, fmt.Errorf("notification policy of %s: %w", account, err)
	}
	return policyOf(chosen), nil
}

// SetNotificationPolicy keeps what an account chose. It holds for what comes.
func (tx *Tx) SetNotificationPolicy(ctx context.Context, account coop.ID, p coop.NotificationPolicy) error {
	_, err := tx.insert(ctx, "notification_policies", []column{
		{"account_id", int64(account)},
		{"not_following", string(p.NotFollowing)},
		{"not_followers", string(p.NotFollowers)},
		{"new_accounts", string(p.NewAccounts)},
		{"private_mentions", string(p.PrivateMentions)},
		{"limited_accounts", string(p.LimitedAccounts)},
	}, `ON CONFLICT (account_id) DO UPDATE SET not_following = excluded.not_following, not_followers = excluded.not_followers,
		new_accounts = excluded.new_accounts, private_mentions = excluded.private_mentions, limited_accounts = excluded.limited_accounts`)
	return err
}

// noteRequest notes that somebody's notifications wait.
func (tx *Tx) noteRequest(ctx context.Context, account, from coop.ID) error {
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "notification_requests", []column{
		{"id", int64(id)}, {"account_id", int64(account)}, {"from_id", int64(from)}, {"created_at", msOf(now)}, {"updated_at", msOf(now)},
	}, "ON CONFLICT (account_id, from_id) DO UPDATE SET updated_at = excluded.updated_at")
	return err
}

// waiting is the condition that a request q still has something that waits and that
// the viewer hears of, by somebody who is not gone.
func waiting(v coop.Viewer) string {
	return `w.suspended_at = 0 AND w.deleted_at = 0 AND EXISTS (
	SELECT 1 FROM notifications n
	WHERE n.account_id = q.account_id AND n.from_id = q.from_id AND n.filtered` + heard(v) + `)`
}

// requestsFrom lists requests q with how many notifications wait in each and the
// newest post among them.
func requestsFrom(v coop.Viewer) string {
	return `
		SELECT q.id, q.from_id, q.created_at, q.updated_at,
			(SELECT COUNT(*) FROM notifications n WHERE n.account_id = q.account_id AND n.from_id = q.from_id AND n.filtered` + heard(v) + `),
			COALESCE((
				SELECT n.post_id FROM notifications n
				WHERE n.account_id = q.account_id AND n.from_id = q.from_id AND n.filtered AND n.post_id <> 0` + heard(v) + `
				ORDER BY n.id DESC
				LIMIT 1), 0)
		FROM notification_requests q
		JOIN accounts w ON w.id = q.from_id
		WHERE ` + waiting(v)
}

// scanRequest reads a row of [requestsFrom].
func scanRequest(row pgx.CollectableRow) (q coop.NotificationRequest, err error) {
	var id, from, created, updated, post int64
	err = row.Scan(&id, &from, &created, &updated, &q.Count, &post)
	q.ID, q.FromID, q.CreatedAt, q.UpdatedAt, q.LastPost = coop.ID(id), coop.ID(from), atMs(created), atMs(updated), coop.ID(post)
	return q, err
}

// NotificationRequests lists whose notifications wait, newest first, with who they
// are.
func (r reader) NotificationRequests(ctx context.Context, account coop.ID, page coop.Page) ([]coop.NotificationRequest, error) {
	a := args{int64(account)}
	p := a.page("q.id", page)
	list, err := all(ctx, r, scanRequest, requestsFrom(Seeing(ctx, account))+` AND q.account_id = $1 AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("notification requests of %s: %w", account, err)
	}
	return newestFirst(p, list), r.fillRequests(ctx, list)
}

// NotificationRequest finds one of an account's own, or gives [coop.ErrNotFound].
func (r reader) NotificationRequest(ctx context.Context, account, id coop.ID) (*coop.NotificationRequest, error) {
	list, err := all(ctx, r, scanRequest, requestsFrom(Seeing(ctx, account))+` AND q.account_id = $1 AND q.id = $2`, int64(account), int64(id))
	if err == nil && len(list) == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("notification request %s: %w", id, err)
	}
	return &list[0], r.fillRequests(ctx, list)
}

// fillRequests gives each request who it is.
func (r reader) fillRequests(ctx context.Context, list []coop.NotificationRequest) error {
	ids := make([]coop.ID, len(list))
	for i, q := range list {
		ids[i] = q.FromID
	}
	who, err := r.Accounts(ctx, ids)
	for i := range list {
		list[i].From = who[list[i].FromID]
	}
	return err
}

// PendingNotifications counts the requests that wait, and what waits in them, up to
// a thousand each.
func (r reader) PendingNotifications(ctx context.Context, account coop.ID) (requests, notifications int, err error) {
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM (
			SELECT q.id
			FROM notification_requests q
			JOIN accounts w ON w.id = q.from_id
			WHERE q.account_id = $1 AND `+waiting(Seeing(ctx, account))+`
			LIMIT 1000) k`, int64(account))
	if err != nil {
		return 0, 0, fmt.Errorf("count notification requests of %s: %w", account, err)
	}
	m, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM (
			SELECT n.id
			FROM notifications n
			JOIN accounts w ON w.id = n.from_id
			WHERE n.account_id = $1 AND n.filtered AND w.suspended_at = 0 AND w.deleted_at = 0`+heard(Seeing(ctx, account))+`
			LIMIT 1000) k`, int64(account))
	if err != nil {
		return 0, 0, fmt.Errorf("count filtered notifications of %s: %w", account, err)
	}
	return int(n), int(m), nil
}

// AcceptNotifications lets in what waits in a request of an account, and all that
// comes from there; an unknown request gives [coop.ErrNotFound].
func (tx *Tx) AcceptNotifications(ctx context.Context, account, request coop.ID) error {
	from, err := tx.endRequest(ctx, account, request)
	if err != nil {
		return err
	}
	if _, err := tx.insert(ctx, "notification_permissions", []column{
		{"account_id", int64(account)}, {"from_id", int64(from)},
	}, "ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	_, err = tx.exec(ctx, `
		UPDATE notifications
		SET filtered = FALSE
		WHERE account_id = $1 AND from_id = $2 AND filtered`, int64(account), int64(from))
	tx.changed(coop.Change{Kind: coop.ChangeMerged, Account: account})
	return err
}

// DismissNotifications forgets what waits in a request of an account; what comes
// later asks again. An unknown request gives [coop.ErrNotFound].
func (tx *Tx) DismissNotifications(ctx context.Context, account, request coop.ID) error {
	from, err := tx.endRequest(ctx, account, request)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, deleteHeard(Seeing(ctx, account))+` AND n.from_id = $2 AND n.filtered)`, int64(account), int64(from))
	return err
}

// endRequest removes a request and says who it was.
func (tx *Tx) endRequest(ctx context.Context, account, request coop.ID) (coop.ID, error) {
	q, err := tx.NotificationRequest(ctx, account, request)
	if err != nil {
		return 0, err
	}
	_, err = tx.exec(ctx, `DELETE FROM notification_requests WHERE id = $1 AND account_id = $2`, int64(request), int64(account))
	return q.FromID, err
}
