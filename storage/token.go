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

// tokenColumns are those that [scanToken] reads, of the table named k.
// The app of the table named s may be none.
const tokenColumns = "k.id, k.hash, COALESCE(k.account_id, 0), k.person_id, COALESCE((SELECT who.name FROM accounts who WHERE who.id = k.person_id), ''), COALESCE(k.app_id, 0), k.app, COALESCE(s.website, ''), k.scopes, k.created_at, k.last_used, k.revoked_at"

// scanToken reads a row of [tokenColumns].
func scanToken(row pgx.CollectableRow) (t coop.Token, err error) {
	var id, account, person, app, created, used, revoked int64
	var scopes string
	if err = row.Scan(&id, &t.Hash, &account, &person, &t.Person, &app, &t.App, &t.Website, &scopes, &created, &used, &revoked); err != nil {
		return t, err
	}
	t.ID, t.AccountID, t.PersonID, t.AppID = coop.ID(id), coop.ID(account), coop.ID(person), coop.ID(app)
	t.CreatedAt, t.LastUsed, t.RevokedAt = atMs(created), atMs(used), atMs(revoked)
	return t, json.Unmarshal([]byte(scopes), &t.Scopes)
}

// TokenByHash finds a token that is not revoked by the SHA-256 of its text, or
// gives [coop.ErrNotFound]. Tokens of accounts that are gone, or of a person who is
// gone, are not found, nor those by which a person acts for a co-op in which they hold
// no role any more; what they hold now stands in Roles.
func (r reader) TokenByHash(ctx context.Context, hash []byte) (*coop.Token, error) {
	return r.livingToken(ctx, "k.hash = $1", hash)
}

// TokenByID finds a token as [reader.TokenByHash] does, by its id.
func (r reader) TokenByID(ctx context.Context, id coop.ID) (*coop.Token, error) {
	return r.livingToken(ctx, "k.id = $1", int64(id))
}

// livingToken finds the token that a condition on k names, if it is good.
func (r reader) livingToken(ctx context.Context, which string, value any) (*coop.Token, error) {
	t, err := first(ctx, r, scanToken, `
		SELECT `+tokenColumns+`
		FROM `+tokenTables+`
		WHERE `+which+` AND `+tokenStands, value)
	if err == nil && t.Speaks() {
		if t.Roles, err = r.RolesIn(ctx, t.AccountID, t.PersonID); err == nil && len(t.Roles) == 0 {
			err = coop.ErrNotFound
		}
	}
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	return &t, nil
}

// tokenTables are those that [tokenStands] is about.
const tokenTables = `tokens k
		LEFT JOIN accounts a ON a.id = k.account_id
		LEFT JOIN accounts w ON w.id = k.person_id
		LEFT JOIN apps s ON s.id = k.app_id`

// tokenStands is the condition that a token is good: not revoked, nobody gone for whom
// or by whom it acts, and a role held there by who acts for another account.
const tokenStands = `k.revoked_at = 0
			AND COALESCE(a.suspended_at, 0) = 0 AND COALESCE(a.deleted_at, 0) = 0
			AND COALESCE(w.suspended_at, 0) = 0 AND COALESCE(w.deleted_at, 0) = 0
			AND (k.person_id = 0 OR k.account_id IS NULL OR k.account_id = k.person_id OR EXISTS (
				SELECT 1 FROM roles h
				WHERE h.account_id = k.account_id AND h.person_id = k.person_id))`

// TokensStand tells which of the tokens [reader.TokenByHash] would still find.
func (r reader) TokensStand(ctx context.Context, ids []coop.ID) ([]coop.ID, error) {
	found, err := r.among(ctx, ids, func(a *args, part []coop.ID) string {
		return `
			SELECT k.id
			FROM ` + tokenTables + `
			WHERE k.id IN ` + in(a, numbers(part)) + ` AND ` + tokenStands
	})
	if err != nil {
		return nil, fmt.Errorf("tokens that stand: %w", err)
	}
	return found, nil
}

// Tokens lists the tokens of an account, newest first, 1,000 at most, revoked ones
// too; account zero lists all.
func (r reader) Tokens(ctx context.Context, account coop.ID) ([]coop.Token, error) {
	list, err := all(ctx, r, scanToken, `
		SELECT `+tokenColumns+`
		FROM tokens k
		LEFT JOIN apps s ON s.id = k.app_id
		WHERE k.account_id = $1 OR $1 = 0
		ORDER BY k.id DESC
		LIMIT 1000`, int64(account))
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	return list, nil
}

// AddToken stores a token and fills in its ID and CreatedAt. The hash is the SHA-256
// of its text; the text itself is never stored.
func (tx *Tx) AddToken(ctx context.Context, t *coop.Token) (err error) {
	if len(t.Hash) != 32 {
		return &coop.InvalidError{Field: "hash", Problem: "a token is kept by its SHA-256"}
	}
	if t.ID, err = tx.NextID(ctx, tx.e.now()); err != nil {
		return err
	}
	t.CreatedAt = tx.e.now()
	if t.Scopes == nil {
		t.Scopes = []string{}
	}
	scopes, err := jsonText(t.Scopes)
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "tokens", []column{
		{"id", int64(t.ID)},
		{"hash", t.Hash},
		{"account_id", idOrNull(t.AccountID)},
		{"person_id", int64(t.PersonID)},
		{"app_id", idOrNull(t.AppID)},
		{"app", coop.Truncate(t.App, 200)},
		{"scopes", scopes},
		{"created_at", msOf(t.CreatedAt)},
		{"last_used", msOf(t.LastUsed)},
		{"revoked_at", msOf(t.RevokedAt)},
	}, "")
	return err
}

// idOrNull is an id as a column keeps it that may name nothing.
func idOrNull(id coop.ID) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

// TokensOf lists the tokens that act as a person, or as others at the person's word,
// and are not revoked: newest first, 1,000 at most.
func (r reader) TokensOf(ctx context.Context, person coop.ID) ([]coop.Token, error) {
	list, err := all(ctx, r, scanToken, `
		SELECT `+tokenColumns+`
		FROM (
			SELECT id FROM tokens WHERE account_id = $1
			UNION
			SELECT id FROM tokens WHERE person_id = $1 AND person_id <> 0) own
		JOIN tokens k ON k.id = own.id
		LEFT JOIN apps s ON s.id = k.app_id
		WHERE k.revoked_at = 0
		ORDER BY k.id DESC
		LIMIT 1000`, int64(person))
	if err != nil {
		return nil, fmt.Errorf("tokens of %s: %w", person, err)
	}
	return list, nil
}

// RevokeTokenOf ends a token of [reader.TokensOf]; of somebody else's it says
// [coop.ErrNotFound].
func (tx *Tx) RevokeTokenOf(ctx context.Context, person, id coop.ID, at time.Time) error {
	n, err := tx.exec(ctx, `
		UPDATE tokens
		SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END
		WHERE id = $2 AND (account_id = $3 OR person_id = $3)`, msOf(at), int64(id), int64(person))
	tx.RightsChanged(ctx, person)
	if err == nil && n == 0 {
		err = fmt.Errorf("token %s: %w", id, coop.ErrNotFound)
	}
	return err
}

// RevokeTokensOf ends every token of [reader.TokensOf] and every code that could
// still become one.
func (tx *Tx) RevokeTokensOf(ctx context.Context, person coop.ID, at time.Time) error {
	// The codes first: one that is being exchanged makes this wait for its token.
	for _, sql := range []string{
		`UPDATE codes SET ends_at = $1 WHERE account_id = $2 AND ends_at > $1`,
		`UPDATE codes SET ends_at = $1 WHERE person_id = $2 AND ends_at > $1`,
		`UPDATE tokens SET revoked_at = $1 WHERE account_id = $2 AND revoked_at = 0`,
		`UPDATE tokens SET revoked_at = $1 WHERE person_id = $2 AND person_id <> 0 AND revoked_at = 0`,
	} {
		if _, err := tx.exec(ctx, sql, msOf(at), int64(person)); err != nil {
			return fmt.Errorf("revoke tokens of %s: %w", person, err)
		}
	}
	tx.RightsChanged(ctx, person)
	return nil
}

// RevokeToken ends a token; a missing one gives [coop.ErrNotFound].
func (tx *Tx) RevokeToken(ctx context.Context, id coop.ID, at time.Time) error {
	accounts, err := all(ctx, tx.reader, scanID, `
		UPDATE tokens
		SET revoked_at = CASE WHEN revoked_at = 0 THEN $1 ELSE revoked_at END
		WHERE id = $2
		RETURNING COALESCE(account_id, 0)`, msOf(at), int64(id))
	if err == nil && len(accounts) == 0 {
		err = fmt.Errorf("token %s: %w", id, coop.ErrNotFound)
	}
	if err == nil && accounts[0] != 0 {
		tx.RightsChanged(ctx, accounts[0])
	}
	return err
}

// TouchToken notes when a token was used last, once an hour at most. Callers ask
// [TokenStale] first and spare the transaction.
func (tx *Tx) TouchToken(ctx context.Context, id coop.ID, at time.Time) error {
	_, err := tx.exec(ctx, `
		UPDATE tokens
		SET last_used = $1
		WHERE id = $2 AND last_used <= $3`, msOf(at), int64(id), msOf(at.Add(-time.Hour)))
	return err
}

// TokenStale tells whether [Tx.TouchToken] would write.
func TokenStale(t *coop.Token, now time.Time) bool { return now.Sub(t.LastUsed) >= time.Hour }
