// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// pushColumns are those that [scanPush] reads, of the table named s, but for the two
// last, which say whether the account follows who did something, and is followed.
const pushColumns = "s.id, s.token_id, s.account_id, s.endpoint, s.p256dh, s.auth, s.standard, s.alerts, s.policy, s.failing_since, s.refused, s.created_at, s.updated_at"

// pushRow is a subscription, and how its account knows who did something.
type pushRow struct {
	coop.PushSubscription
	followed, follower bool
}

// scanPush reads a row of [pushColumns].
func scanPush(row pgx.CollectableRow) (s pushRow, err error) {
	var id, token, account, failing, refused, created, updated int64
	var alerts, policy string
	err = row.Scan(&id, &token, &account, &s.Endpoint, &s.Key, &s.Auth, &s.Standard, &alerts, &policy, &failing, &refused, &created, &updated,
		&s.followed, &s.follower)
	if err != nil {
		return s, err
	}
	s.ID, s.TokenID, s.AccountID, s.Policy, s.Refused = coop.ID(id), coop.ID(token), coop.ID(account), coop.PushPolicy(policy), int(refused)
	s.FailingSince, s.CreatedAt, s.UpdatedAt = atMs(failing), atMs(created), atMs(updated)
	return s, json.Unmarshal([]byte(alerts), &s.Alerts)
}

// pushAD binds the sealed token to its row.
func pushAD(id coop.ID) string { return "push_subscriptions:" + id.String() + ":access" }

// PushOf finds the subscription of a token, or gives [coop.ErrNotFound].
func (r reader) PushOf(ctx context.Context, token coop.ID) (*coop.PushSubscription, error) {
	s, err := first(ctx, r, scanPush, `
		SELECT `+pushColumns+`, FALSE, FALSE
		FROM push_subscriptions s
		WHERE s.token_id = $1`, int64(token))
	if err != nil {
		return nil, fmt.Errorf("push subscription of token %s: %w", token, err)
	}
	return &s.PushSubscription, nil
}

// CountPush counts the subscriptions there are, for metrics.
func (r reader) CountPush(ctx context.Context) (int, error) {
	n, err := r.number(ctx, `SELECT COUNT(*) FROM push_subscriptions`)
	return int(n), err
}

// PutPush stores the one subscription of a token in the place of another, and fills in
// its ID and times. Access is the text of the token, which is kept sealed. A token that
// was revoked meanwhile gives [coop.ErrUnauthorized], one of another account
// [coop.ErrForbidden].
func (tx *Tx) PutPush(ctx context.Context, s *coop.PushSubscription, access string) error {
	if err := s.ValidatePush(); err != nil {
		return err
	}
	// Whoever has the token has it alone until the end: a second subscription of it
	// waits, and so does its end.
	of, err := tx.number(ctx, `SELECT COALESCE(account_id, 0) FROM tokens WHERE id = $1 AND revoked_at = 0 FOR UPDATE`, int64(s.TokenID))
	switch {
	case err == nil && of == 0:
		err = coop.ErrUnauthorized
	case err == nil && coop.ID(of) != s.AccountID:
		err = coop.ErrForbidden
	}
	if err != nil {
		return fmt.Errorf("token of a push subscription: %w", err)
	}
	if err := tx.DropPushOf(ctx, s.TokenID); err != nil {
		return err
	}
	return tx.addPush(ctx, s, access)
}

// addPush writes the row: its id first, to which the token is bound.
func (tx *Tx) addPush(ctx context.Context, s *coop.PushSubscription, access string) error {
	alerts, err := alertsText(s.Alerts)
	if err != nil {
		return err
	}
	now := atMs(msOf(tx.e.now()))
	id, err := tx.number(ctx, `
		INSERT INTO push_subscriptions (
			token_id, account_id, endpoint, p256dh, auth, standard, alerts, policy, access, failing_since, refused, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $10)
		RETURNING id`,
		int64(s.TokenID), int64(s.AccountID), cleanText(s.Endpoint), s.Key, s.Auth, s.Standard, alerts, string(s.Policy), []byte{}, msOf(now))
	if err != nil {
		return fmt.Errorf("add push subscription: %w", err)
	}
	s.ID, s.CreatedAt, s.UpdatedAt, s.FailingSince, s.Refused = coop.ID(id), now, now, time.Time{}, 0
	sealed, err := tx.Seal(ctx, pushAD(s.ID), []byte(access))
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE push_subscriptions SET access = $1 WHERE id = $2`, sealed, id)
	return err
}

// alertsText is a list of kinds as the column keeps it.
func alertsText(kinds []coop.NotificationKind) (string, error) {
	if kinds == nil {
		kinds = []coop.NotificationKind{}
	}
	return jsonText(kinds)
}

// SetPushChoice changes what the subscription of a token is told of; without one it
// gives [coop.ErrNotFound].
func (tx *Tx) SetPushChoice(ctx context.Context, token coop.ID, kinds []coop.NotificationKind, policy coop.PushPolicy) error {
	alerts, err := alertsText(kinds)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `
		UPDATE push_subscriptions
		SET alerts = $1, policy = $2, updated_at = $3
		WHERE token_id = $4`, alerts, string(policy), msOf(tx.e.now()), int64(token))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("change push subscription: %w", err)
	}
	return nil
}

// DropPushOf ends the subscription of a token; a missing one is no error.
func (tx *Tx) DropPushOf(ctx context.Context, token coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM push_subscriptions WHERE token_id = $1`, int64(token))
	return err
}

// DropPush ends a subscription; a missing one is no error.
func (tx *Tx) DropPush(ctx context.Context, id coop.ID) error {
	_, err := tx.exec(ctx, `DELETE FROM push_subscriptions WHERE id = $1`, int64(id))
	return err
}

// PushWorked notes that a message of a subscription was taken. Callers ask first
// whether one was not before, and spare the write.
func (tx *Tx) PushWorked(ctx context.Context, id coop.ID) error {
	_, err := tx.exec(ctx, `UPDATE push_subscriptions SET failing_since = 0, refused = 0 WHERE id = $1`, int64(id))
	return err
}

// PushFailed notes that a message of a subscription was not taken, refused or without
// an answer that counts, and says since when none was, and how many in a row were
// refused. A missing one is no error.
func (tx *Tx) PushFailed(ctx context.Context, id coop.ID, refused bool) (since time.Time, times int, err error) {
	found, err := all(ctx, tx.reader, func(row pgx.CollectableRow) (n [2]int64, err error) {
		err = row.Scan(&n[0], &n[1])
		return n, err
	}, `
		UPDATE push_subscriptions
		SET failing_since = CASE WHEN failing_since = 0 THEN $1::bigint ELSE failing_since END, refused = refused + CASE WHEN $2 THEN 1 ELSE 0 END
		WHERE id = $3
		RETURNING failing_since, refused`, msOf(tx.e.now()), refused, int64(id))
	if err != nil || len(found) == 0 {
		return tx.e.now(), 0, err
	}
	return atMs(found[0][0]), int(found[0][1]), nil
}
