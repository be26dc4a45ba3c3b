// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// DeleteAccount withdraws an account for good and tells every server that may have got
// something of it, also those of former followers ([storage.Store.Reached]). The instance,
// the federation and the boards cannot be deleted. A person who is the last
// steward of a co-op ([coop.ErrLastSteward]) or the last owner of the server
// ([coop.ErrConflict]) has to hand that over before.
func (o *Outbox) DeleteAccount(ctx context.Context, a *coop.Account) error {
	if !a.Local || a.Kind == coop.Instance || a.Kind == coop.Federation || a.Kind == coop.Board {
		return fmt.Errorf("delete %s: %w", a.IRI, coop.ErrForbidden)
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error { return o.deleteAccount(ctx, tx, a) })
}

// deleteAccount does so in the caller's transaction.
func (o *Outbox) deleteAccount(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	if err := leaveOffices(ctx, tx, a); err != nil {
		return fmt.Errorf("delete %s: %w", a.IRI, err)
	}
	b := o.newInboxes(ctx, tx)
	b.circle(a)
	if b.reached(a); b.err != nil {
		return b.err
	}
	doc, err := o.send(ctx, tx, outgoing{signer: a, public: true, object: a.IRI, ofActor: true, activity: vocabulary.Activity{
		ID: string(below(a.IRI, "delete")), Type: "Delete", Actor: string(a.IRI), Object: string(a.IRI),
		To: []string{string(coop.Public)}, Cc: some(a.Followers), Published: o.now(),
	}}, b.list)
	if err != nil {
		return err
	}
	if err := keepLast(ctx, tx, a.ID); err != nil {
		return err
	}
	if err := tx.DeleteAccount(ctx, a.ID, o.now()); err != nil {
		return err
	}
	return o.departed(ctx, tx, a, doc.ID)
}

// leaveOffices takes every role and the rank from a person who goes.
func leaveOffices(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	if a.Kind != coop.Person {
		return nil
	}
	held, err := tx.RolesOf(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, h := range held {
		if _, err := tx.SetRoles(ctx, h.Account.ID, a.ID, nil, 0); err != nil {
			return err
		}
	}
	if !a.Rank.Staff() {
		return nil
	}
	return tx.SetRank(ctx, a.ID, coop.RankMember, a.Name, "")
}
