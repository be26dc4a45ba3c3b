// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// Who is told here of what happened. Each event is told in the transaction that
// stores it, to accounts of this instance that may see what it is about, that did
// not do it themselves, and that neither block nor are blocked by who did it.

// tell notes an event for each of the accounts that may be told.
func (tx *Tx) tell(ctx context.Context, kind coop.NotificationKind, from, post coop.ID, to []coop.ID) error {
	to = unique(to)
	if len(to) == 0 {
		return nil
	}
	a := args{int64(from)}
	told, err := all(ctx, tx.reader, scanID, `
		SELECT x.id
		FROM accounts x
		WHERE x.local AND x.deleted_at = 0 AND x.id <> $1 AND x.id IN `+in(&a, numbers(to[:min(len(to), mostIn)]))+`
			AND NOT `+blockBetween("x.id", "$1")+`
		ORDER BY x.id`, a...)
	if err != nil {
		return fmt.Errorf("tell of %s: %w", kind, err)
	}
	for _, id := range told {
		if err := tx.Notify(ctx, coop.Notification{AccountID: id, Kind: kind, FromID: from, PostID: post}); err != nil {
			return err
		}
	}
	return nil
}

// tellOfPost tells who is mentioned, addressed directly or answered. A direct
// answer to a job tells the co-op of interest.
func (tx *Tx) tellOfPost(ctx context.Context, p *coop.Post, by Arrival) error {
	if by.Quiet || isDraft(p) {
		return nil
	}
	named, err := tx.namedHere(ctx, p)
	if err != nil {
		return err
	}
	asked := coop.ID(0)
	if p.InReplyToID != 0 {
		parent, err := tx.Post(ctx, coop.System(), p.InReplyToID)
		if err != nil {
			return err
		}
		named = append(named, parent.AuthorID)
		if parent.Job != nil && p.Visibility == coop.VisibleDirect {
			asked = parent.AuthorID
		}
	}
	named, err = tx.whoMaySee(ctx, p.ID, unique(named))
	if err != nil {
		return err
	}
	for _, id := range named {
		kind := coop.NotifyMention
		if id == asked {
			kind = coop.NotifyInterest
		}
		if err := tx.tell(ctx, kind, p.AuthorID, p.ID, []coop.ID{id}); err != nil {
			return err
		}
	}
	return nil
}

// mostTold bounds whom one post tells.
const mostTold = 100

// namedHere are the accounts of this instance that a post mentions, or names when
// it is for them alone.
func (r reader) namedHere(ctx context.Context, p *coop.Post) ([]coop.ID, error) {
	iris := make([]coop.IRI, 0, len(p.Mentions))
	for _, m := range p.Mentions[:min(len(p.Mentions), mostTold)] {
		iris = append(iris, m.IRI)
	}
	if p.Visibility == coop.VisibleDirect {
		iris = append(iris, addressees(p)...)
	}
	accounts, err := r.AccountsByIRI(ctx, iris)
	if err != nil {
		return nil, err
	}
	var named []coop.ID
	for _, iri := range unique(iris) {
		if a := accounts[iri]; a != nil && a.Local && len(named) < mostTold {
			named = append(named, a.ID)
		}
	}
	return named, nil
}

// whoMaySee keeps the accounts of this instance that may see a post.
func (r reader) whoMaySee(ctx context.Context, post coop.ID, ids []coop.ID) ([]coop.ID, error) {
	var may []coop.ID
	for _, id := range ids[:min(len(ids), mostTold)] {
		a := args{int64(post)}
		n, err := r.number(ctx, `
			SELECT COUNT(*)
			FROM posts p
			JOIN accounts a ON a.id = p.author_id
			WHERE p.id = $1 AND `+r.visible(&a, coop.As(id)), a...)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			may = append(may, id)
		}
	}
	return may, nil
}

// tellOfUpdate tells who boosted a post that it changed.
func (tx *Tx) tellOfUpdate(ctx context.Context, p *coop.Post, by Arrival) error {
	if by.Quiet || isDraft(p) {
		return nil
	}
	boosters, err := all(ctx, tx.reader, scanID, `
		SELECT x.actor_id
		FROM reactions x
		JOIN accounts b ON b.id = x.actor_id
		WHERE x.post_id = $1 AND x.kind = 'boost' AND b.local AND b.kind NOT IN ('board', 'federation')
		ORDER BY x.id DESC
		LIMIT 100`, int64(p.ID))
	if err != nil {
		return err
	}
	if boosters, err = tx.whoMaySee(ctx, p.ID, boosters); err != nil {
		return err
	}
	return tx.tell(ctx, coop.NotifyUpdate, p.AuthorID, p.ID, boosters)
}

// Notify tells one account of this instance something that is not the consequence
// of a post, reaction or follow; twice the same is once.
func (tx *Tx) Notify(ctx context.Context, n coop.Notification) error {
	now := tx.e.now()
	id, err := tx.NextID(ctx, now)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "notifications", []column{
		{"id", int64(id)},
		{"account_id", int64(n.AccountID)},
		{"kind", string(n.Kind)},
		{"from_id", int64(n.FromID)},
		{"post_id", int64(n.PostID)},
		{"created_at", msOf(now)},
	}, "ON CONFLICT DO NOTHING")
	return err
}

// untell takes back what an event told.
func (tx *Tx) untell(ctx context.Context, kind coop.NotificationKind, from, post, to coop.ID) error {
	_, err := tx.exec(ctx, `
		DELETE FROM notifications
		WHERE kind = $1 AND from_id = $2 AND post_id = $3 AND (account_id = $4 OR $4 = 0)`,
		string(kind), int64(from), int64(post), int64(to))
	return err
}

// Notifications lists what an account was told, newest first, with who did it.
// What the account may no longer see is left out.
func (r reader) Notifications(ctx context.Context, account coop.ID, page coop.Page) ([]coop.Notification, error) {
	a := args{int64(account)}
	seen := r.visible(&a, coop.As(account))
	p := a.page("n.id", page)
	told, err := all(ctx, r, scanNotification, `
		SELECT n.id, n.account_id, n.kind, n.from_id, n.post_id, n.created_at
		FROM notifications n
		LEFT JOIN accounts w ON w.id = n.from_id
		WHERE n.account_id = $1 AND COALESCE(w.suspended_at, 0) = 0 AND COALESCE(w.deleted_at, 0) = 0
			AND (n.post_id = 0 OR EXISTS (
				SELECT 1 FROM posts p
				JOIN accounts a ON a.id = p.author_id
				WHERE p.id = n.post_id AND `+seen+`))
			AND `+p.where+`
		`+p.order, a...)
	if err != nil {
		return nil, fmt.Errorf("notifications of %s: %w", account, err)
	}
	ids := make([]coop.ID, len(told))
	for i, n := range told {
		ids[i] = n.FromID
	}
	who, err := r.Accounts(ctx, ids)
	for i := range told {
		told[i].From = who[told[i].FromID]
	}
	return newestFirst(p, told), err
}

// scanNotification reads a notification.
func scanNotification(row pgx.CollectableRow) (n coop.Notification, err error) {
	var id, account, from, post, at int64
	var kind string
	err = row.Scan(&id, &account, &kind, &from, &post, &at)
	n.ID, n.AccountID, n.Kind, n.FromID, n.PostID, n.CreatedAt = coop.ID(id), coop.ID(account), coop.NotificationKind(kind), coop.ID(from), coop.ID(post), atMs(at)
	return n, err
}

// DismissNotification removes one; a missing one is no error.
func (tx *Tx) DismissNotification(ctx context.Context, account, id coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM notifications WHERE account_id = $1 AND id = $2`, int64(account), int64(id))
	return err
}

// ClearNotifications removes all of an account.
func (tx *Tx) ClearNotifications(ctx context.Context, account coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM notifications WHERE account_id = $1`, int64(account))
	return err
}
