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

// appColumns are those that [scanApp] reads.
const appColumns = "id, client_id, secret, name, website, redirects, scopes, created_at, used_at"

// scanApp reads a row of [appColumns].
func scanApp(row pgx.CollectableRow) (a coop.App, err error) {
	var id, created, used int64
	var redirects, scopes string
	if err = row.Scan(&id, &a.ClientID, &a.Secret, &a.Name, &a.Website, &redirects, &scopes, &created, &used); err != nil {
		return a, err
	}
	a.ID, a.CreatedAt, a.UsedAt = coop.ID(id), atMs(created), atMs(used)
	if err = json.Unmarshal([]byte(redirects), &a.Redirects); err != nil {
		return a, err
	}
	return a, json.Unmarshal([]byte(scopes), &a.Scopes)
}

// App finds an app by its id, or gives [coop.ErrNotFound].
func (r reader) App(ctx context.Context, id coop.ID) (*coop.App, error) {
	a, err := first(ctx, r, scanApp, `SELECT `+appColumns+` FROM apps WHERE id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("app %s: %w", id, err)
	}
	return &a, nil
}

// AppByClient finds an app by its client id, or gives [coop.ErrNotFound].
func (r reader) AppByClient(ctx context.Context, client string) (*coop.App, error) {
	a, err := first(ctx, r, scanApp, `SELECT `+appColumns+` FROM apps WHERE client_id = $1`, cleanText(client))
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	return &a, nil
}

// AddApp stores an app and fills in its ID, CreatedAt and UsedAt.
func (tx *Tx) AddApp(ctx context.Context, a *coop.App) (err error) {
	now := tx.e.now()
	if a.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	a.CreatedAt, a.UsedAt = atMs(msOf(now)), atMs(msOf(now))
	redirects, err := jsonText(a.Redirects)
	if err != nil {
		return err
	}
	scopes, err := jsonText(a.Scopes)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "apps", []column{
		{"id", int64(a.ID)},
		{"client_id", a.ClientID},
		{"secret", a.Secret},
		{"name", a.Name},
		{"website", a.Website},
		{"redirects", redirects},
		{"scopes", scopes},
		{"created_at", msOf(now)},
		{"used_at", msOf(now)},
	}, "")
	return err
}

// codeColumns are those that [scanCode] reads.
const codeColumns = "id, hash, app_id, account_id, person_id, redirect, scopes, challenge, created_at, ends_at, token_id"

// scanCode reads a row of [codeColumns].
func scanCode(row pgx.CollectableRow) (k coop.Code, err error) {
	var id, app, account, person, created, ends, token int64
	var scopes string
	if err = row.Scan(&id, &k.Hash, &app, &account, &person, &k.Redirect, &scopes, &k.Challenge, &created, &ends, &token); err != nil {
		return k, err
	}
	k.ID, k.AppID, k.AccountID, k.PersonID, k.TokenID = coop.ID(id), coop.ID(app), coop.ID(account), coop.ID(person), coop.ID(token)
	k.CreatedAt, k.EndsAt = atMs(created), atMs(ends)
	return k, json.Unmarshal([]byte(scopes), &k.Scopes)
}

// AddCode stores a code and fills in its ID and CreatedAt; its app counts as used.
func (tx *Tx) AddCode(ctx context.Context, k *coop.Code) (err error) {
	now := tx.e.now()
	if k.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	k.CreatedAt = atMs(msOf(now))
	scopes, err := jsonText(k.Scopes)
	if err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `UPDATE apps SET used_at = $1 WHERE id = $2 AND used_at <= $3`, msOf(now), int64(k.AppID), msOf(now.Add(-24*time.Hour))); err != nil {
		return err
	}
	_, err = tx.insert(ctx, "codes", []column{
		{"id", int64(k.ID)},
		{"hash", k.Hash},
		{"app_id", int64(k.AppID)},
		{"account_id", int64(k.AccountID)},
		{"person_id", int64(k.PersonID)},
		{"redirect", k.Redirect},
		{"scopes", scopes},
		{"challenge", k.Challenge},
		{"created_at", msOf(now)},
		{"ends_at", msOf(k.EndsAt)},
		{"token_id", int64(0)},
	}, "")
	return err
}

// CodeByHash finds a code by its SHA-256, used and ended ones too, or gives
// [coop.ErrNotFound]. Nobody else has it until the transaction ends.
func (tx *Tx) CodeByHash(ctx context.Context, hash []byte) (*coop.Code, error) {
	k, err := first(ctx, tx.reader, scanCode, `
		SELECT `+codeColumns+`
		FROM codes
		WHERE hash = $1
		FOR UPDATE`, hash)
	if err != nil {
		return nil, fmt.Errorf("code: %w", err)
	}
	return &k, nil
}

// UseCode notes what a code gave. A code that was used gives [coop.ErrConflict].
func (tx *Tx) UseCode(ctx context.Context, code, token coop.ID) error {
	n, err := tx.exec(ctx, `UPDATE codes SET token_id = $1 WHERE id = $2 AND token_id = 0`, int64(token), int64(code))
	if err == nil && n == 0 {
		err = fmt.Errorf("code %s: %w", code, coop.ErrConflict)
	}
	return err
}
