// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Notify tells one account of this instance something; twice the same is once, but
// for kinds of which the last counts ([coop.NotificationKind.Renewed]). Its ID is
// given by a counter of its own, At is now.
func (tx *Tx) Notify(ctx context.Context, n coop.Notification) error {
	now := tx.e.now()
	if n.Kind.Renewed() {
		if err := tx.untell(ctx, n.Kind, n.FromID, n.PostID, n.AccountID); err != nil {
			return err
		}
	}
	group, err := tx.groupNow(ctx, n)
	if err != nil {
		return err
	}
	id, err := tx.inserted(ctx, "notifications", []column{
		{"account_id", int64(n.AccountID)},
		{"kind", string(n.Kind)},
		{"from_id", int64(n.FromID)},
		{"post_id", int64(n.PostID)},
		{"about_id", int64(n.AboutID)},
		{"group_key", group},
		{"filtered", n.Filtered},
		{"created_at", msOf(now)},
	})
	switch {
	case err != nil || id == 0:
		return err
	case n.Filtered:
		return tx.noteRequest(ctx, n.AccountID, n.FromID)
	}
	n.ID = id
	tx.changed(coop.Change{Kind: coop.ChangeNotification, ID: id, Post: n.PostID, Account: n.AccountID})
	return tx.queuePush(ctx, n)
}

// groupNow is the group that a notification of now joins or begins.
func (tx *Tx) groupNow(ctx context.Context, n coop.Notification) (string, error) {
	if !n.Kind.Grouped() {
		return "", nil
	}
	latest, err := all(ctx, tx.reader, pgx.RowTo[string], `
		SELECT n.group_key
		FROM notifications n
		WHERE n.account_id = $1 AND n.kind = $2 AND n.post_id = $3 AND n.group_key <> ''
		ORDER BY n.id DESC
		LIMIT 1`, int64(n.AccountID), string(n.Kind), int64(n.PostID))
	if err != nil {
		return "", fmt.Errorf("group of a notification: %w", err)
	}
	return n.GroupAfter(append(latest, "")[0], tx.e.now()), nil
}

// untell takes back what an event told; to 0 means everybody.
func (tx *Tx) untell(ctx context.Context, kind coop.NotificationKind, from, post, to coop.ID) error {
	_, err := tx.exec(ctx, `
		DELETE FROM notifications
		WHERE kind = $1 AND from_id = $2 AND post_id = $3 AND (account_id = $4 OR $4 = 0)`,
		string(kind), int64(from), int64(post), int64(to))
	return err
}

// NotificationQuery says which notifications of an account are wanted. Empty fields
// do not narrow.
type NotificationQuery struct {
	Account  coop.ID
	Kinds    []coop.NotificationKind // only these
	Except   []coop.NotificationKind // not these
	From     coop.ID                 // by this account
	Filtered bool                    // those too that wait in a request
}

// notificationColumns are those that [scanNotification] reads, of the table named n.
const notificationColumns = "n.id, n.account_id, n.kind, n.from_id, n.post_id, n.about_id, n.group_key, n.filtered, n.created_at"

// scanNotification reads a row of [notificationColumns].
func scanNotification(row pgx.CollectableRow) (n coop.Notification, err error) {
	var id, account, from, post, about, at int64
	var kind string
	err = row.Scan(&id, &account, &kind, &from, &post, &about, &n.Group, &n.Filtered, &at)
	n.ID, n.AccountID, n.Kind, n.FromID = coop.ID(id), coop.ID(account), coop.NotificationKind(kind), coop.ID(from)
	n.PostID, n.AboutID, n.CreatedAt = coop.ID(post), coop.ID(about), atMs(at)
	return n, err
}

// notificationsFrom is the rest of a question about notifications n: what the
// account may no longer see, and what gone accounts did, is left out.
func (r reader) notificationsFrom(ctx context.Context, a *args, q NotificationQuery) string {
	where := "n.account_id = " + a.add(int64(q.Account))
	if len(q.Kinds) > 0 {
		where += " AND n.kind IN " + in(a, texts(q.Kinds[:min(len(q.Kinds), mostKinds)]))
	}
	if len(q.Except) > 0 {
		where += " AND n.kind NOT IN " + in(a, texts(q.Except[:min(len(q.Except), mostKinds)]))
	}
	if q.From != 0 {
		where += " AND n.from_id = " + a.add(int64(q.From))
	}
	if !q.Filtered {
		where += " AND NOT n.filtered"
	}
	return `
		FROM notifications n
		WHERE ` + where + ` AND NOT EXISTS (
				SELECT 1 FROM accounts w
				WHERE w.id = n.from_id AND (w.suspended_at <> 0 OR w.deleted_at <> 0))
			AND (n.post_id = 0 OR EXISTS (
				SELECT 1 FROM posts p
				JOIN accounts a ON a.id = p.author_id
				WHERE p.id = n.post_id AND ` + r.visible(a, Seeing(ctx, q.Account)) + `))`
}

// mostKinds is how many kinds one question names.
const mostKinds = 40

// Notifications lists what an account was told, newest first, with who did it;
// what waits in requests is not among it.
func (r reader) Notifications(ctx context.Context, account coop.ID, page coop.Page) ([]coop.Notification, error) {
	return r.FindNotifications(ctx, NotificationQuery{Account: account}, page)
}

// FindNotifications lists notifications, newest first, with who did it. What the
// account may no longer see is left out.
func (r reader) FindNotifications(ctx context.Context, q NotificationQuery, page coop.Page) ([]coop.Notification, error) {
	var a args
	from := r.notificationsFrom(ctx, &a, q)
	p := a.page("n.id", page)
	told, err := all(ctx, r, scanNotification, `
		SELECT `+notificationColumns+from+` AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("notifications of %s: %w", q.Account, err)
	}
	return newestFirst(p, told), r.fillWho(ctx, told)
}

// fillWho gives each notification who did it.
func (r reader) fillWho(ctx context.Context, told []coop.Notification) error {
	ids := make([]coop.ID, len(told))
	for i, n := range told {
		ids[i] = n.FromID
	}
	who, err := r.accountsIn(ctx, ids)
	for i := range told {
		told[i].From = who[told[i].FromID]
	}
	return err
}

// accountsIn finds accounts, however many, in parts.
func (r reader) accountsIn(ctx context.Context, ids []coop.ID) (map[coop.ID]*coop.Account, error) {
	who := map[coop.ID]*coop.Account{}
	for part := range slices.Chunk(unique(ids), mostIn) {
		some, err := r.Accounts(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("who did it: %w", err)
		}
		maps.Copy(who, some)
	}
	return who, nil
}

// Notification finds one of an account's own, filtered or not, or gives
// [coop.ErrNotFound].
func (r reader) Notification(ctx context.Context, account, id coop.ID) (*coop.Notification, error) {
	var a args
	from := r.notificationsFrom(ctx, &a, NotificationQuery{Account: account, Filtered: true})
	found, err := all(ctx, r, scanNotification, "SELECT "+notificationColumns+from+" AND n.id = "+a.add(int64(id)), a...)
	if err != nil {
		return nil, fmt.Errorf("notification %s: %w", id, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("notification %s: %w", id, coop.ErrNotFound)
	}
	return &found[0], r.fillWho(ctx, found)
}

// CountNotifications counts those above an id, most at most.
func (r reader) CountNotifications(ctx context.Context, q NotificationQuery, above coop.ID, most int) (int, error) {
	var a args
	from := r.notificationsFrom(ctx, &a, q)
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM (SELECT n.id`+from+` AND n.id > `+a.add(int64(above))+` LIMIT `+a.add(most)+`) k`, a...)
	if err != nil {
		return 0, fmt.Errorf("count notifications of %s: %w", q.Account, err)
	}
	return int(n), nil
}

// DismissNotification removes one; a missing one is no error.
func (tx *Tx) DismissNotification(ctx context.Context, account, id coop.ID) error {
	_, err := tx.exec(ctx, deleteHeard(Seeing(ctx, account))+` AND n.id = $2)`, int64(account), int64(id))
	return err
}

// ClearNotifications removes all of an account, and what waits in requests; not what
// is not there for the person who acts in its name.
func (tx *Tx) ClearNotifications(ctx context.Context, account coop.ID) error {
	if _, err := tx.exec(ctx, deleteHeard(Seeing(ctx, account))+`)`, int64(account)); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `
		DELETE FROM notification_requests
		WHERE account_id = $1 AND NOT EXISTS (
			SELECT 1 FROM notifications n
			WHERE n.account_id = $1 AND n.from_id = notification_requests.from_id AND n.filtered)`, int64(account))
	return err
}

// deleteHeard begins the removal of notifications of the account $1 that a viewer
// hears of; a bracket is left open.
func deleteHeard(v coop.Viewer) string {
	return `
		DELETE FROM notifications
		WHERE id IN (
			SELECT n.id
			FROM notifications n
			WHERE n.account_id = $1` + heard(v)
}
