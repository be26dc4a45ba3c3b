// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"minga/coop"
)

// AddAccount stores a new account and, for local ones, its private keys, sealed.
// It fills in ID (where it is zero), CreatedAt and UpdatedAt. It gives
// [coop.ErrConflict] when the IRI is or was used, or the local name in any case.
func (tx *Tx) AddAccount(ctx context.Context, a *coop.Account, keys *coop.KeyPair) error {
	if err := tx.mayBeNamed(ctx, a); err != nil {
		return fmt.Errorf("add account %s: %w", a.IRI, err)
	}
	if err := tx.insertAccount(ctx, a); err != nil {
		return fmt.Errorf("add account %s: %w", a.IRI, err)
	}
	if !a.Local || keys == nil {
		return nil
	}
	keys.Account = a.ID
	return tx.putKeys(ctx, keys)
}

// mayBeNamed checks the address and the handle of a new account.
func (tx *Tx) mayBeNamed(ctx context.Context, a *coop.Account) error {
	if a.IRI.Host() == "" {
		return &coop.InvalidError{Field: "id", Problem: "an actor needs an http or https address"}
	}
	if buried, err := tx.buried(ctx, a.IRI, a.IRI); err != nil {
		return err
	} else if buried {
		return coop.ErrConflict
	}
	if !a.Local {
		return tx.takeHandle(ctx, a)
	}
	_, err := tx.AccountByHandle(ctx, a.Name, "")
	if err == nil {
		return coop.ErrConflict
	}
	if !errors.Is(err, coop.ErrNotFound) {
		return err
	}
	return nil
}

// takeHandle gives a remote account its handle, which an older document of
// another account may have held: the newer document wins. A handle without host
// would be one of ours, so the server's own host takes its place.
func (tx *Tx) takeHandle(ctx context.Context, a *coop.Account) error {
	a.Host = strings.ToLower(a.Host)
	if a.Host == "" {
		a.Host = a.IRI.Host()
	}
	if err := tx.aloneWithHandle(ctx, a); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `
		UPDATE accounts
		SET handle = ''
		WHERE handle = $1 AND handle <> '' AND host = $2 AND iri <> $3 AND NOT local`,
		strings.ToLower(cleanText(a.Name)), cleanText(a.Host), string(a.IRI))
	return err
}

// insertAccount writes the row and what others wait for it to be known.
func (tx *Tx) insertAccount(ctx context.Context, a *coop.Account) (err error) {
	now := tx.e.now()
	if a.ID == 0 {
		if a.ID, err = tx.NextID(ctx, now); err != nil {
			return err
		}
	}
	if a.CreatedAt.IsZero() || a.CreatedAt.After(now) {
		a.CreatedAt = now
	}
	if a.UpdatedAt.IsZero() {
		a.UpdatedAt = now
	}
	row, err := accountRow(a)
	if err != nil {
		return err
	}
	row = append(row, column{"id", int64(a.ID)}, column{"iri", string(a.IRI)}, column{"created_at", msOf(a.CreatedAt)})
	n, err := tx.insert(ctx, "accounts", row, "ON CONFLICT DO NOTHING")
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	if err == nil {
		err = tx.queueDomains(ctx, a, nil)
	}
	if err != nil {
		return err
	}
	return tx.becameKnown(ctx, a)
}

// SaveAccount stores what an actor document, or a form, says now: by its IRI, new
// or known. The ID, CreatedAt, suspension and deletion of a known account stay and
// are filled in. A deleted one gives [coop.ErrGone]; a local account that is not
// known gives [coop.ErrNotFound]; an account that changes sides (remote to local)
// gives [coop.ErrConflict]. When another remote account holds the same name and
// host, the newer document wins the handle.
func (tx *Tx) SaveAccount(ctx context.Context, a *coop.Account) error {
	// The handle before the row: whoever takes it takes it from another's row.
	if err := tx.aloneWithHandle(ctx, a); err != nil {
		return err
	}
	known, err := tx.heldAccount(ctx, a.IRI)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		err = tx.saveUnknown(ctx, a)
	case err == nil:
		err = tx.saveKnown(ctx, a, known)
	}
	if err != nil {
		return fmt.Errorf("save account %s: %w", a.IRI, err)
	}
	return nil
}

// heldAccount is [Store.AccountByIRI] of one that is changed: its deletion, or another
// document of it, may be on the way too.
func (tx *Tx) heldAccount(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	if err := tx.holdRow(ctx, "accounts", "iri", "FOR NO KEY UPDATE", cleanText(string(iri))); err != nil {
		return nil, err
	}
	return tx.AccountByIRI(ctx, iri)
}

// saveUnknown adds a remote account on its first sight.
func (tx *Tx) saveUnknown(ctx context.Context, a *coop.Account) error {
	if a.Local {
		return coop.ErrNotFound
	}
	if buried, err := tx.buried(ctx, a.IRI, a.IRI); err != nil {
		return err
	} else if buried {
		return coop.ErrGone
	}
	a.ID = 0
	err := tx.AddAccount(ctx, a, nil)
	if !errors.Is(err, coop.ErrConflict) {
		return err
	}
	// Another transaction was first: its row can be seen now.
	known, err := tx.heldAccount(ctx, a.IRI)
	if err != nil {
		return err
	}
	return tx.saveKnown(ctx, a, known)
}

// saveKnown changes the row of a known account.
func (tx *Tx) saveKnown(ctx context.Context, a, known *coop.Account) error {
	if !known.DeletedAt.IsZero() {
		return coop.ErrGone
	}
	if a.Local != known.Local {
		return coop.ErrConflict
	}
	a.ID, a.CreatedAt, a.SuspendedAt, a.DeletedAt, a.ClosedAt = known.ID, known.CreatedAt, known.SuspendedAt, known.DeletedAt, known.ClosedAt
	if a.UpdatedAt.IsZero() {
		a.UpdatedAt = known.UpdatedAt // a document that does not say is no change
	}
	if a.Local {
		a.Name, a.Host, a.UpdatedAt = known.Name, known.Host, tx.e.now()
	} else if err := tx.takeHandle(ctx, a); err != nil {
		return err
	}
	row, err := accountRow(a)
	if err != nil {
		return err
	}
	if err := tx.update(ctx, "accounts", row, "id", int64(a.ID)); err != nil {
		return err
	}
	if err := tx.settlePictures(ctx, a); err != nil {
		return err
	}
	if err := tx.queueDomains(ctx, a, known.EvidenceDomains()); err != nil {
		return err
	}
	return tx.becameKnown(ctx, a)
}

// becameKnown links what came before the account: posts that name it, and posts
// to its members collection. A collection of another host proves nothing.
func (tx *Tx) becameKnown(ctx context.Context, a *coop.Account) error {
	if err := tx.putAccountWords(ctx, a); err != nil {
		return err
	}
	if err := tx.putCoopFacets(ctx, a); err != nil {
		return err
	}
	if err := tx.putCoopIndex(ctx, a); err != nil {
		return err
	}
	if _, err := tx.exec(ctx, `
		UPDATE post_addressees
		SET account_id = $1, host = $2
		WHERE iri = $3 AND account_id = 0`, int64(a.ID), a.IRI.Host(), string(a.IRI)); err != nil {
		return err
	}
	if a.Members == "" || a.Members.Host() != a.IRI.Host() {
		return nil
	}
	_, err := tx.exec(ctx, `
		UPDATE posts
		SET members_of = $1
		WHERE visibility = 'members' AND members_of = 0
			AND id IN (SELECT post_id FROM post_addressees WHERE iri = $2 AND account_id = 0)`, int64(a.ID), cleanText(string(a.Members)))
	return err
}
