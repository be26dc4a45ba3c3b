// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"

	"minga/coop"
)

// SetRoles gives a person these roles in an account of this instance, and takes all
// others: none ends what they are there, and every token and code by which they act
// for it. by is the person who decides; zero: the command line, or who made the
// account. Each role that is given or taken is an entry of the audit log. It tells
// whether anything changed.
//
// [coop.ErrLastSteward] says that the account would be left without a steward,
// [coop.ErrNotFound] that the person or account is not of this instance, or is gone
// and would be given something, [coop.InvalidError] that it is no person, or that there is no such role there.
// Whether by may do this is judged before ([coop.RolesMay], [coop.ActRoles]).
func (tx *Tx) SetRoles(ctx context.Context, account, person coop.ID, roles []coop.Role, by coop.ID) (changed bool, err error) {
	if changed, err = tx.setRoles(ctx, account, person, roles, by); err != nil {
		return false, fmt.Errorf("roles of %s in %s: %w", person, account, err)
	}
	return changed, nil
}

// GiveRole gives one role beside those that the person holds; see [Tx.SetRoles].
func (tx *Tx) GiveRole(ctx context.Context, account, person coop.ID, role coop.Role, by coop.ID) (bool, error) {
	return tx.changeRole(ctx, account, person, by, func(roles []coop.Role) []coop.Role { return append(roles, role) }, role)
}

// TakeRole takes one role of those that the person holds; see [Tx.SetRoles].
func (tx *Tx) TakeRole(ctx context.Context, account, person coop.ID, role coop.Role, by coop.ID) (bool, error) {
	return tx.changeRole(ctx, account, person, by, func(roles []coop.Role) []coop.Role { return without(roles, role) }, role)
}

// changeRole sets what a change makes of the roles that are held.
func (tx *Tx) changeRole(ctx context.Context, account, person, by coop.ID, change func([]coop.Role) []coop.Role, role coop.Role) (bool, error) {
	if err := tx.lockRoles(ctx, account); err != nil {
		return false, err
	}
	holder, err := tx.Account(ctx, account)
	if err == nil {
		err = coop.ValidateRole(role, holder.Kind)
	}
	if err != nil {
		return false, err
	}
	held, err := tx.held(ctx, account, person, "")
	if err != nil {
		return false, err
	}
	return tx.SetRoles(ctx, account, person, change(held), by)
}

// lockRoles lets one transaction after the other change the roles in an account: of
// two stewards who leave at once the second sees that the first has left.
func (tx *Tx) lockRoles(ctx context.Context, account coop.ID) error {
	if err := tx.db.lock(ctx, tx.run, "roles "+account.String()); err != nil {
		return fmt.Errorf("roles in %s: %w", account, err)
	}
	return nil
}

// setRoles is the story of SetRoles.
func (tx *Tx) setRoles(ctx context.Context, account, person coop.ID, roles []coop.Role, by coop.ID) (bool, error) {
	if err := tx.lockRoles(ctx, account); err != nil {
		return false, err
	}
	who, err := tx.mayHold(ctx, account, person, roles)
	if err != nil {
		return false, err
	}
	before, err := tx.held(ctx, account, person, "")
	if err != nil {
		return false, err
	}
	roles = coop.InOrder(roles)
	given, taken := without(roles, before...), without(before, roles...)
	if len(given)+len(taken) == 0 {
		return false, nil
	}
	for _, role := range given {
		if err := tx.putRole(ctx, account, who, role, by); err != nil {
			return false, err
		}
	}
	for _, role := range taken {
		if err := tx.dropRole(ctx, account, who, role); err != nil {
			return false, err
		}
	}
	return true, tx.afterRoles(ctx, account, person, len(roles) == 0, hasRole(taken, coop.Steward))
}

// mayHold checks that there are such a person and such roles.
func (tx *Tx) mayHold(ctx context.Context, account, person coop.ID, roles []coop.Role) (*coop.Account, error) {
	holder, err := tx.Account(ctx, account)
	if err != nil {
		return nil, err
	}
	who, err := tx.Account(ctx, person)
	if err != nil {
		return nil, err
	}
	if gone := holder.Gone() || who.Gone(); !holder.Local || !who.Local || gone && len(roles) > 0 {
		return nil, coop.ErrNotFound
	}
	if who.Kind != coop.Person {
		return nil, &coop.InvalidError{Field: "person", Code: coop.CodeNotAllowed, Problem: "roles are for people"}
	}
	for _, role := range roles {
		if err := coop.ValidateRole(role, holder.Kind); err != nil {
			return nil, err
		}
	}
	return who, nil
}

// putRole writes a role and its entry of the audit log.
func (tx *Tx) putRole(ctx context.Context, account coop.ID, who *coop.Account, role coop.Role, by coop.ID) error {
	if _, err := tx.insert(ctx, "roles", []column{
		{"account_id", int64(account)},
		{"person_id", int64(who.ID)},
		{"role", string(role)},
		{"given_by", int64(by)},
		{"given_at", msOf(tx.e.now())},
	}, "ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	return tx.noteRole(ctx, account, who, "role.give", role)
}

// dropRole removes a role and writes its entry of the audit log.
func (tx *Tx) dropRole(ctx context.Context, account coop.ID, who *coop.Account, role coop.Role) error {
	if _, err := tx.exec(ctx, `
		DELETE FROM roles
		WHERE account_id = $1 AND person_id = $2 AND role = $3`, int64(account), int64(who.ID), string(role)); err != nil {
		return err
	}
	return tx.noteRole(ctx, account, who, "role.take", role)
}

// noteRole is the entry of a role that was given or taken. Where nobody stands behind
// the transaction it is the command line.
func (tx *Tx) noteRole(ctx context.Context, account coop.ID, who *coop.Account, act string, role coop.Role) error {
	return tx.AddAudit(ctx, &coop.AuditEntry{Who: "command line", OnBehalf: account, Act: act, Target: string(who.IRI), Why: string(role)})
}

// afterRoles keeps the last steward, ends what the last role let in, and tells those
// who listen.
func (tx *Tx) afterRoles(ctx context.Context, account, person coop.ID, none, lost bool) error {
	if lost {
		left, err := tx.Stewards(ctx, account)
		if err != nil {
			return err
		}
		if left == 0 {
			return coop.ErrLastSteward
		}
	}
	tx.RightsChanged(ctx, person)
	if none {
		return tx.endSpeaking(ctx, account, person)
	}
	return nil
}

// endSpeaking ends every token by which a person acts for an account, and every code
// that could still become one.
func (tx *Tx) endSpeaking(ctx context.Context, account, person coop.ID) error {
	for _, sql := range []string{
		`UPDATE codes SET ends_at = $1 WHERE account_id = $2 AND person_id = $3 AND ends_at > $1`,
		`UPDATE tokens SET revoked_at = $1 WHERE account_id = $2 AND person_id = $3 AND revoked_at = 0`,
	} {
		if _, err := tx.exec(ctx, sql, msOf(tx.e.now()), int64(account), int64(person)); err != nil {
			return err
		}
	}
	return nil
}

// hasRole tells whether a role is among some.
func hasRole(roles []coop.Role, role coop.Role) bool {
	for _, r := range roles {
		if r == role {
			return true
		}
	}
	return false
}

// without are the roles that are not among others.
func without(roles []coop.Role, others ...coop.Role) []coop.Role {
	var left []coop.Role
	for _, r := range roles {
		if !hasRole(others, r) {
			left = append(left, r)
		}
	}
	return left
}
