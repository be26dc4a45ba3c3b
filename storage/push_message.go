// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"minga/coop"
)

// TaskPush is the kind of the task that tells one subscription of one notification. Its
// key is both ids ([PushKey]), so that a pair has one task however often it is asked
// for; its payload is the worker's.
const TaskPush = "outbox.push"

// PushKey names what is pushed where.
func PushKey(subscription, notification coop.ID) string {
	return subscription.String() + " " + notification.String()
}

// ParsePushKey reads a [PushKey], or gives [coop.ErrNotFound].
func ParsePushKey(key string) (subscription, notification coop.ID, err error) {
	one, two, _ := strings.Cut(key, " ")
	if subscription, err = coop.ParseID(one); err != nil {
		return 0, 0, err
	}
	notification, err = coop.ParseID(two)
	return subscription, notification, err
}

// scopePush is what a token needs to be told.
const scopePush = "push"

// mostPushed bounds how many subscriptions of one account hear of a notification, the
// newest first.
const mostPushed = 100

// wantingPush are the subscriptions of an account that are to be told of a
// notification; only narrows them to one, zero does not.
func (r reader) wantingPush(ctx context.Context, n coop.Notification, only coop.ID) ([]coop.PushSubscription, error) {
	rows, err := all(ctx, r, scanPush, `
		SELECT `+pushColumns+`,
			EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = s.account_id AND f.target_id = $2 AND f.state = 'accepted'),
			EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $2 AND f.target_id = s.account_id AND f.state = 'accepted')
		FROM push_subscriptions s
		WHERE s.account_id = $1 AND (s.id = $3 OR $3 = 0)
		ORDER BY s.id DESC
		LIMIT $4`, int64(n.AccountID), int64(n.FromID), int64(only), mostPushed)
	if err != nil {
		return nil, fmt.Errorf("push subscriptions of %s: %w", n.AccountID, err)
	}
	var wanting []coop.PushSubscription
	for _, s := range rows {
		if s.Wants(n, s.followed, s.follower) {
			wanting = append(wanting, s.PushSubscription)
		}
	}
	return wanting, nil
}

// queuePush leaves a task for each subscription that is to be told of a notification
// which was just stored.
func (tx *Tx) queuePush(ctx context.Context, n coop.Notification) error {
	if n.Filtered {
		return nil
	}
	wanting, err := tx.wantingPush(ctx, n, 0)
	if err != nil || len(wanting) == 0 {
		return err
	}
	for _, s := range wanting {
		if err := tx.AddTask(ctx, Task{Kind: TaskPush, Key: PushKey(s.ID, n.ID)}); err != nil {
			return err
		}
	}
	return nil
}

// PushMessage is what one subscription is told, as it may be told now.
type PushMessage struct {
	Subscription coop.PushSubscription
	Access       string // the token's text
	Account      *coop.Account
	Notification coop.Notification
	Post         *coop.Post // nil: none
}

// PushMessage judges anew what was queued, since much may have happened in between, and
// gives what may be told: the subscription is there and wants it, its token is good and
// has its scope, the notification is there, its post may be seen, who did it is neither
// gone nor muted. Otherwise, [coop.ErrNotFound]. A token that no key opens is [ErrSecretKey].
func (r reader) PushMessage(ctx context.Context, subscription, notification coop.ID) (*PushMessage, error) {
	m, err := r.pushMessage(ctx, subscription, notification)
	if err != nil {
		return nil, fmt.Errorf("push of %s to %s: %w", notification, subscription, err)
	}
	return m, nil
}

// pushMessage does it step by step.
func (r reader) pushMessage(ctx context.Context, subscription, notification coop.ID) (*PushMessage, error) {
	s, token, err := r.livingPush(ctx, subscription)
	if err != nil {
		return nil, err
	}
	m := &PushMessage{Subscription: *s}
	if m.Access, err = r.accessOf(ctx, subscription); err != nil {
		return nil, err
	}
	if m.Account, err = r.Account(ctx, s.AccountID); err != nil {
		return nil, err
	}
	n, err := r.Notification(ctx, s.AccountID, notification)
	if err != nil {
		return nil, err
	}
	wanting, err := r.wantingPush(ctx, *n, s.ID)
	if err != nil {
		return nil, err
	}
	muted, err := r.mutedSince(ctx, n)
	if err != nil {
		return nil, err
	}
	if len(wanting) == 0 || muted || n.From == nil || n.From.Gone() {
		return nil, coop.ErrNotFound
	}
	if m.Notification = *n; n.PostID == 0 {
		return m, nil
	}
	// Who speaks for a co-op sees what their roles there let them see.
	m.Post, err = r.Post(ctx, token.Viewer(), n.PostID)
	if errors.Is(err, coop.ErrGone) {
		err = coop.ErrNotFound
	}
	return m, err
}

// mutedSince tells whether the account mutes by now who did it, or the thread. Blocks
// take notifications away; reports reach moderators whomever they mute.
func (r reader) mutedSince(ctx context.Context, n *coop.Notification) (bool, error) {
	if n.Kind == coop.NotifyReport {
		return false, nil
	}
	found, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM accounts x
		WHERE x.id = $1 AND (
			EXISTS (
				SELECT 1 FROM mutes m
				WHERE m.account_id = x.id AND m.target_id = $2 AND m.notifications AND (m.ends_at = 0 OR m.ends_at > $4))
			OR EXISTS (
				SELECT 1 FROM posts p
				JOIN thread_mutes t ON t.thread = p.thread
				WHERE p.id = $3 AND t.account_id = x.id))`,
		int64(n.AccountID), int64(n.FromID), int64(n.PostID), msOf(r.e.now()))
	return found > 0, err
}

// livingPush is a subscription whose token is good and has its scope, and the token.
func (r reader) livingPush(ctx context.Context, id coop.ID) (*coop.PushSubscription, *coop.Token, error) {
	s, err := first(ctx, r, scanPush, `
		SELECT `+pushColumns+`, FALSE, FALSE
		FROM push_subscriptions s
		WHERE s.id = $1`, int64(id))
	if err != nil {
		return nil, nil, err
	}
	token, err := r.TokenByID(ctx, s.TokenID)
	if err == nil && (token.AccountID != s.AccountID || !coop.ScopesCover(token.Scopes, scopePush)) {
		err = coop.ErrNotFound
	}
	return &s.PushSubscription, token, err
}

// accessOf opens the token of a subscription.
func (r reader) accessOf(ctx context.Context, id coop.ID) (string, error) {
	var sealed []byte
	if err := r.q.QueryRow(ctx, `SELECT access FROM push_subscriptions WHERE id = $1`, int64(id)).Scan(&sealed); err != nil {
		return "", notFound(err)
	}
	access, err := r.Unseal(pushAD(id), sealed)
	return string(access), err
}
