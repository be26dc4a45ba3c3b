// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
)

// Admins are the people who own or administer this instance, at most a hundred.
func (r reader) Admins(ctx context.Context) ([]*coop.Account, error) {
	ids, err := all(ctx, r, scanID, `
		SELECT id
		FROM accounts
		WHERE local AND kind = 'person' AND deleted_at = 0 AND suspended_at = 0 AND rank IN ('admin', 'owner')
		ORDER BY id
		LIMIT 100`)
	if err != nil {
		return nil, fmt.Errorf("admins: %w", err)
	}
	found, err := r.Accounts(ctx, ids)
	admins := make([]*coop.Account, 0, len(ids))
	for _, id := range ids {
		if a := found[id]; a != nil {
			admins = append(admins, a)
		}
	}
	return admins, err
}

// causePrefix is before the causes of which the staff was told.
const causePrefix = "told/"

// OpenCause notes that the staff is told of a cause, and says whether it was not before:
// of several nodes one is told so.
func (tx *Tx) OpenCause(ctx context.Context, cause string) (bool, error) {
	if err := tx.alone(ctx, causePrefix+cause); err != nil {
		return false, err
	}
	_, err := tx.Setting(ctx, causePrefix+cause)
	if err == nil || !errors.Is(err, coop.ErrNotFound) {
		return false, err
	}
	return true, tx.SetSetting(ctx, causePrefix+cause, "1")
}

// CloseCause forgets a cause that is over, so that the next time is told again.
func (tx *Tx) CloseCause(ctx context.Context, cause string) error {
	return tx.DeleteSetting(ctx, causePrefix+cause)
}

// CauseOpen tells whether the staff was told of a cause that is not over.
func (r reader) CauseOpen(ctx context.Context, cause string) (bool, error) {
	_, err := r.Setting(ctx, causePrefix+cause)
	if errors.Is(err, coop.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// WaitingDecisions counts what waits for somebody of the staff: follows of accounts here,
// co-ops that ask to be members, people who want an account, open reports.
func (r reader) WaitingDecisions(ctx context.Context) (int, error) {
	n, err := r.number(ctx, `
		SELECT (SELECT COUNT(*) FROM memberships m JOIN accounts a ON a.id = m.organization_id WHERE a.local AND m.state = 'asked')
			+ (SELECT COUNT(*) FROM sign_ups WHERE approved_at = 0)
			+ (SELECT COUNT(*) FROM reports WHERE closed_at = 0)`)
	if err != nil {
		return 0, fmt.Errorf("what waits: %w", err)
	}
	_, follows, err := r.WaitingFollows(ctx, 1)
	return int(n) + follows, err
}
