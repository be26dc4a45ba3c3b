// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"time"

	"minga/coop"
)

// SetRank gives a person of this instance a rank, or takes it by giving member, and
// notes it in the audit log by who and from where. The last owner stays one
// ([coop.ErrConflict]); who is no person here has no rank ([coop.ErrForbidden]).
func (tx *Tx) SetRank(ctx context.Context, id coop.ID, rank coop.Rank, who, from string) error {
	if err := tx.aloneWithOwners(ctx); err != nil {
		return err
	}
	a, err := tx.HoldAccount(ctx, id)
	if err != nil {
		return err
	}
	if !a.Local || a.Kind != coop.Person || !rank.AtLeast(coop.RankMember) {
		return fmt.Errorf("rank %q of %s: %w", string(rank), a.IRI, coop.ErrForbidden)
	}
	if rank != coop.RankOwner {
		if err := tx.notTheLast(ctx, a); err != nil {
			return err
		}
	}
	a.Rank = rank
	if err := tx.SaveAccount(ctx, a); err != nil {
		return err
	}
	tx.RightsChanged(ctx, a.ID)
	return tx.AddAudit(ctx, &coop.AuditEntry{Who: who, From: from, Act: "account.role", Target: string(a.IRI), Why: string(rank)})
}

// aloneWithOwners is [Tx.alone] for who lets an owner go: of two who go at once the second is
// the last.
func (tx *Tx) aloneWithOwners(ctx context.Context) error { return tx.alone(ctx, "owners") }

// notTheLast gives [coop.ErrConflict] for the last owner of this instance.
func (tx *Tx) notTheLast(ctx context.Context, a *coop.Account) error {
	if !a.Local || a.Rank != coop.RankOwner {
		return nil
	}
	others, err := tx.number(ctx, `
		SELECT COUNT(*)
		FROM accounts
		WHERE local AND kind = 'person' AND rank = 'owner' AND deleted_at = 0 AND suspended_at = 0 AND id <> $1`, int64(a.ID))
	if err == nil && others == 0 {
		err = fmt.Errorf("%s is the last owner: %w", a.IRI, coop.ErrConflict)
	}
	return err
}

// DecideAccount hides an account with all it wrote, or, with the zero time, lifts that,
// and notes it in the audit log by who, from where and why. One that its person closed
// stays closed; the last owner stays ([coop.ErrConflict]).
func (tx *Tx) DecideAccount(ctx context.Context, a *coop.Account, at time.Time, e coop.AuditEntry) error {
	e.Act, e.Target = "account.suspend", string(a.IRI)
	if at.IsZero() {
		e.Act, at = "account.unsuspend", a.ClosedAt
	} else if err := tx.maySuspend(ctx, a.ID); err != nil {
		return err
	}
	if err := tx.SuspendAccount(ctx, a.ID, at); err != nil {
		return err
	}
	return tx.AddAudit(ctx, &e)
}

// maySuspend gives [coop.ErrConflict] for the last owner, as it is by now.
func (tx *Tx) maySuspend(ctx context.Context, id coop.ID) error {
	if err := tx.aloneWithOwners(ctx); err != nil {
		return err
	}
	a, err := tx.Account(ctx, id)
	if err != nil {
		return err
	}
	return tx.notTheLast(ctx, a)
}
