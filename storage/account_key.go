// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostKeys is how many public keys one actor may have, and mostRemoteKeys how many
// all have together: what a stranger can grow has an end.
const (
	mostKeys       = 10
	mostRemoteKeys = 200_000
)

// Keys gives the private keys of a local account, opened, or [coop.ErrNotFound].
// Those of a deleted account stay until its Delete has had its time to leave.
func (r reader) Keys(ctx context.Context, id coop.ID) (*coop.KeyPair, error) {
	sealed, err := first(ctx, r, scanKeys, `
		SELECT account_id, rsa, ed25519
		FROM account_keys
		WHERE account_id = $1`, int64(id))
	if err != nil {
		return nil, fmt.Errorf("keys of account %s: %w", id, err)
	}
	pair := &coop.KeyPair{Account: id}
	if pair.RSA, err = r.Unseal(keyName(id, "rsa"), sealed.RSA); err != nil {
		return nil, fmt.Errorf("keys of account %s: %w", id, err)
	}
	if pair.Ed25519, err = r.Unseal(keyName(id, "ed25519"), sealed.Ed25519); err != nil {
		return nil, fmt.Errorf("keys of account %s: %w", id, err)
	}
	return pair, nil
}

// keyName is what a sealed key is bound to.
func keyName(id coop.ID, kind string) string { return "account:" + id.String() + ":" + kind }

// scanKeys reads sealed keys.
func scanKeys(row pgx.CollectableRow) (coop.KeyPair, error) {
	var id int64
	var k coop.KeyPair
	err := row.Scan(&id, &k.RSA, &k.Ed25519)
	k.Account = coop.ID(id)
	return k, err
}

// putKeys seals and stores private keys, new or in place of the old.
func (tx *Tx) putKeys(ctx context.Context, k *coop.KeyPair) error {
	rsa, err := tx.Seal(ctx, keyName(k.Account, "rsa"), k.RSA)
	if err != nil {
		return fmt.Errorf("keys of account %s: %w", k.Account, err)
	}
	ed, err := tx.Seal(ctx, keyName(k.Account, "ed25519"), k.Ed25519)
	if err != nil {
		return fmt.Errorf("keys of account %s: %w", k.Account, err)
	}
	_, err = tx.exec(ctx, `
		INSERT INTO account_keys (account_id, rsa, ed25519)
		VALUES ($1, $2, $3)
		ON CONFLICT (account_id) DO UPDATE SET rsa = excluded.rsa, ed25519 = excluded.ed25519`,
		int64(k.Account), rsa, ed)
	return err
}

// ReplaceKeys seals other private keys for a local account: rotation, or sealing
// anew with a newer secret key.
func (tx *Tx) ReplaceKeys(ctx context.Context, k *coop.KeyPair) error { return tx.putKeys(ctx, k) }

// remoteKeyColumns are those that [scanRemoteKey] reads.
const remoteKeyColumns = "k.key_id, k.owner, COALESCE(a.id, 0), k.material, k.fetched_at"

// scanRemoteKey reads a row of [remoteKeyColumns].
func scanRemoteKey(row pgx.CollectableRow) (coop.RemoteKey, error) {
	var k coop.RemoteKey
	var owner string
	var account, fetched int64
	err := row.Scan(&k.ID, &owner, &account, &k.Material, &fetched)
	k.Owner, k.Account, k.FetchedAt = coop.IRI(owner), coop.ID(account), atMs(fetched)
	return k, err
}

// RemoteKey finds a cached public key by its keyId, or gives [coop.ErrNotFound].
func (r reader) RemoteKey(ctx context.Context, keyID string) (*coop.RemoteKey, error) {
	k, err := first(ctx, r, scanRemoteKey, `
		SELECT `+remoteKeyColumns+`
		FROM remote_keys k
		LEFT JOIN accounts a ON a.iri = k.owner
		WHERE k.key_id = $1`, cleanText(keyID))
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", keyID, err)
	}
	return &k, nil
}

// RemoteKeys lists the cached public keys of one actor.
func (r reader) RemoteKeys(ctx context.Context, owner coop.IRI) ([]coop.RemoteKey, error) {
	return all(ctx, r, scanRemoteKey, `
		SELECT `+remoteKeyColumns+`
		FROM remote_keys k
		LEFT JOIN accounts a ON a.iri = k.owner
		WHERE k.owner = $1
		ORDER BY k.key_id`, cleanText(string(owner)))
}

// SaveRemoteKeys replaces the cached public keys of one actor, at most 10. A keyId
// that another actor holds stays with that actor: it gives [coop.ErrConflict].
func (tx *Tx) SaveRemoteKeys(ctx context.Context, owner coop.IRI, keys []coop.RemoteKey) error {
	if _, err := tx.exec(ctx, `DELETE FROM remote_keys WHERE owner = $1`, cleanText(string(owner))); err != nil {
		return fmt.Errorf("keys of %s: %w", owner, err)
	}
	for _, k := range keys[:min(len(keys), mostKeys)] {
		n, err := tx.insert(ctx, "remote_keys", []column{
			{"key_id", k.ID}, {"owner", string(owner)}, {"material", k.Material}, {"fetched_at", msOf(k.FetchedAt)},
		}, "ON CONFLICT DO NOTHING")
		if err != nil {
			return fmt.Errorf("keys of %s: %w", owner, err)
		}
		if n == 0 && !tx.holdsKey(ctx, owner, k.ID) {
			return fmt.Errorf("key %s of %s: %w", k.ID, owner, coop.ErrConflict)
		}
	}
	return nil
}

// holdsKey tells whether a keyId is the owner's: twice in one list is once.
func (tx *Tx) holdsKey(ctx context.Context, owner coop.IRI, keyID string) bool {
	k, err := tx.RemoteKey(ctx, keyID)
	return err == nil && k.Owner == owner
}
