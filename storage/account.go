// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"time"

	"minga/coop"
)

// Account finds an account by its id, suspended and deleted ones too: callers
// ask [coop.Account.Gone]. A missing one gives [coop.ErrNotFound].
func (r reader) Account(ctx context.Context, id coop.ID) (*coop.Account, error) {
	return nil, errNotBuilt
}

// AccountByIRI finds an account by the id of its actor, or gives [coop.ErrNotFound].
func (r reader) AccountByIRI(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	return nil, errNotBuilt
}

// AccountByHandle finds an account by its name, in any case, and its host; host
// is empty for accounts of this instance. A missing one gives [coop.ErrNotFound].
func (r reader) AccountByHandle(ctx context.Context, name, host string) (*coop.Account, error) {
	return nil, errNotBuilt
}

// Accounts finds accounts by their ids; those that are missing are left out.
func (r reader) Accounts(ctx context.Context, ids []coop.ID) (map[coop.ID]*coop.Account, error) {
	return nil, errNotBuilt
}

// AccountsByIRI finds accounts by the ids of their actors; those that are
// missing are left out.
func (r reader) AccountsByIRI(ctx context.Context, iris []coop.IRI) (map[coop.IRI]*coop.Account, error) {
	return nil, errNotBuilt
}

// LocalAccounts lists the accounts of this instance that are not deleted, newest
// first; kind "" lists all kinds.
func (r reader) LocalAccounts(ctx context.Context, kind coop.AccountKind, page coop.Page) ([]*coop.Account, error) {
	return nil, errNotBuilt
}

// FederationAccount is the account of the federation that runs this instance, or
// [coop.ErrNotFound] before it was made.
func (r reader) FederationAccount(ctx context.Context) (*coop.Account, error) {
	return nil, errNotBuilt
}

// InstanceAccount is the account that signs fetches, or [coop.ErrNotFound]
// before it was made.
func (r reader) InstanceAccount(ctx context.Context) (*coop.Account, error) {
	return nil, errNotBuilt
}

// Keys gives the private keys of a local account, opened, or [coop.ErrNotFound].
func (r reader) Keys(ctx context.Context, id coop.ID) (*coop.KeyPair, error) {
	return nil, errNotBuilt
}

// RemoteKey finds a cached public key by its keyId, or gives [coop.ErrNotFound].
func (r reader) RemoteKey(ctx context.Context, keyID string) (*coop.RemoteKey, error) {
	return nil, errNotBuilt
}

// RemoteKeys lists the cached public keys of one actor.
func (r reader) RemoteKeys(ctx context.Context, owner coop.IRI) ([]coop.RemoteKey, error) {
	return nil, errNotBuilt
}

// AddAccount stores a new account and, for local ones, its private keys, sealed.
// It fills in ID (where it is zero), CreatedAt and UpdatedAt. It gives
// [coop.ErrConflict] when the IRI is or was used, or the local name in any case.
func (tx *Tx) AddAccount(ctx context.Context, a *coop.Account, keys *coop.KeyPair) error {
	return errNotBuilt
}

// SaveAccount stores what an actor document, or a form, says now: by its IRI, new
// or known. The ID, CreatedAt, suspension and deletion of a known account stay and
// are filled in. A deleted one gives [coop.ErrGone]; a local account that is not
// known gives [coop.ErrNotFound]; an account that changes sides (remote to local)
// gives [coop.ErrConflict]. When another remote account holds the same name and
// host, the newer document wins the handle.
func (tx *Tx) SaveAccount(ctx context.Context, a *coop.Account) error { return errNotBuilt }

// SaveRemoteKeys replaces the cached public keys of one actor, at most 10.
func (tx *Tx) SaveRemoteKeys(ctx context.Context, owner coop.IRI, keys []coop.RemoteKey) error {
	return errNotBuilt
}

// SuspendAccount hides an account and all it wrote; the zero time lifts it.
func (tx *Tx) SuspendAccount(ctx context.Context, id coop.ID, at time.Time) error {
	return errNotBuilt
}

// TaskRemoveAccount is the kind of the task that removes what a deleted account
// wrote; its key and payload are the account's id in decimal (payload: a JSON
// string). Whoever runs it calls [Tx.RemoveAccountBatch] until nothing is left.
const TaskRemoveAccount = "account.remove"

// DeleteAccount makes an account a tombstone at once: its name stays reserved, its
// profile and keys are emptied, follows, memberships and tokens end, everything it
// wrote is out of sight. A task of kind [TaskRemoveAccount] then removes the rows.
// A missing one gives [coop.ErrNotFound]; doing it twice does nothing.
func (tx *Tx) DeleteAccount(ctx context.Context, id coop.ID, at time.Time) error {
	return errNotBuilt
}

// RemoveAccountBatch turns up to limit posts of a deleted account into tombstones
// and returns how many they were; zero means that all is done.
func (tx *Tx) RemoveAccountBatch(ctx context.Context, id coop.ID, limit int) (int, error) {
	return 0, errNotBuilt
}
