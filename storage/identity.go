// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// identityColumns are those that [scanIdentity] reads, of the table named i.
const identityColumns = "i.id, i.account_id, i.issuer, i.subject, i.name, i.created_at, i.used_at"

// scanIdentity reads a row of [identityColumns].
func scanIdentity(row pgx.CollectableRow) (i coop.Identity, err error) {
	var id, account, created, used int64
	err = row.Scan(&id, &account, &i.Issuer, &i.Subject, &i.Name, &created, &used)
	i.ID, i.AccountID, i.CreatedAt, i.UsedAt = coop.ID(id), coop.ID(account), atMs(created), atMs(used)
	return i, err
}

// IdentityBySubject finds whom a subject of an issuer is bound to, or gives
// [coop.ErrNotFound]: also of people who are gone. Both are compared byte for byte.
func (r reader) IdentityBySubject(ctx context.Context, issuer, subject string) (*coop.Identity, error) {
	i, err := first(ctx, r, scanIdentity, `
		SELECT `+identityColumns+`
		FROM identities i
		JOIN accounts a ON a.id = i.account_id
		WHERE i.issuer = $1 AND i.subject = $2 AND a.suspended_at = a.closed_at AND a.deleted_at = 0`, cleanText(issuer), cleanText(subject))
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return &i, nil
}

// Identities lists who a person is at other providers, oldest first, 100 at most.
func (r reader) Identities(ctx context.Context, account coop.ID) ([]coop.Identity, error) {
	list, err := all(ctx, r, scanIdentity, `
		SELECT `+identityColumns+`
		FROM identities i
		WHERE i.account_id = $1
		ORDER BY i.id
		LIMIT 100`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("identities of %s: %w", account, err)
	}
	return list, nil
}

// AddIdentity binds a subject of an issuer to a person and fills in ID and CreatedAt.
// One that is bound already, to whomever, gives [coop.ErrConflict].
func (tx *Tx) AddIdentity(ctx context.Context, i *coop.Identity) (err error) {
	now := tx.e.now()
	if i.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	i.CreatedAt = atMs(msOf(now))
	n, err := tx.insert(ctx, "identities", []column{
		{"id", int64(i.ID)},
		{"account_id", int64(i.AccountID)},
		{"issuer", i.Issuer},
		{"subject", i.Subject},
		{"name", coop.Truncate(i.Name, 100)},
		{"created_at", msOf(now)},
		{"used_at", msOf(now)},
	}, "ON CONFLICT (issuer, subject) DO NOTHING")
	if err == nil && n == 0 {
		err = fmt.Errorf("identity of %s: %w", i.AccountID, coop.ErrConflict)
	}
	return err
}

// UseIdentity notes that somebody came by a provider.
func (tx *Tx) UseIdentity(ctx context.Context, id coop.ID) error {
	_, err := tx.exec(ctx, `UPDATE identities SET used_at = $1 WHERE id = $2`, msOf(tx.e.now()), int64(id))
	if err != nil {
		return fmt.Errorf("use identity %s: %w", id, err)
	}
	return nil
}

// RemoveIdentity unbinds a person from a provider; of somebody else's identity it says
// [coop.ErrNotFound].
func (tx *Tx) RemoveIdentity(ctx context.Context, account, id coop.ID) error {
	n, err := tx.exec(ctx, `DELETE FROM identities WHERE id = $1 AND account_id = $2`, int64(id), int64(account))
	if err == nil && n == 0 {
		err = coop.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("remove identity %s: %w", id, err)
	}
	return nil
}
