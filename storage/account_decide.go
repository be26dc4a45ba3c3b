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
	// Of two owners who step down at once the second is the last.
	if err := tx.alone(ctx, "owners"); err != nil {
		return err
	}
	a, err := tx.HoldAccount(ctx, id)
	if err != nil {
		return err
	}
	if !a.Local || a.Kind != coop.Person || !rank.AtLeast(coop.RankMember) {
		return fmt.Errorf("rank %q of %s: %w", string(rank), a.IRI, coop.ErrForbidden)
	}
	if a.Rank == coop.RankOwner && rank != coop.RankOwner {
		owners, err := tx.number(ctx, `SELECT COUNT(*) FROM accounts WHERE local AND kind = 'person' AND rank = 'owner' AND deleted_at = 0 AND suspended_at = 0`)
		if err != nil {
			return fmt.Errorf("owners: %w", err)
		}
		if owners < 2 {
			return fmt.Errorf("%s is the last owner: %w", a.IRI, coop.ErrConflict)
		}
	}
	a.Rank = rank
	if err := tx.SaveAccount(ctx, a); err != nil {
		return err
	}
	tx.RightsChanged(ctx, a.ID)
	return tx.AddAudit(ctx, &coop.AuditEntry{Who: who, From: from, Act: "account.role", Target: string(a.IRI), Why: string(rank)})
}

// DecideAccount hides an account with all it wrote, or, with the zero time, lifts that,
// and notes it in the audit log by who, from where and why. One that its person closed
// stays closed.
func (tx *Tx) DecideAccount(ctx context.Context, a *coop.Account, at time.Time, e coop.AuditEntry) error {
	e.Act, e.Target = "account.suspend", string(a.IRI)
	if at.IsZero() {
		e.Act, at = "account.unsuspend", a.ClosedAt
	}
	if err := tx.SuspendAccount(ctx, a.ID, at); err != nil {
		return err
	}
	return tx.AddAudit(ctx, &e)
}
