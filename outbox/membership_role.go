// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"
	"slices"

	"minga/coop"
	"minga/storage"
)

// SetMemberRole changes what a standing member of a federation of ours is: the followers
// and the member get an Update of the Membership with the reason, and the audit log has
// both. Note is the reason, plain text, which has to be there. A decision that runs keeps
// those who could vote when it was opened. The same role again changes nothing. Complaints
// are [coop.Invalid], of role and note; [coop.ErrState] says that it is no standing
// member, [coop.ErrForbidden] that the organization is no federation of ours.
func (o *Outbox) SetMemberRole(ctx context.Context, m *coop.Membership, role coop.MembershipRole, note string, also ...Also) error {
	note = coop.CleanText(note, coop.MaxPostLength)
	if err := checkRole(role, note); err != nil {
		return err
	}
	return o.store.Write(storage.Because(ctx, RoleReason(role, note)), func(tx *storage.Tx) error {
		now, err := o.ownMembership(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		switch {
		case now.Organization.Kind != coop.Federation:
			return fmt.Errorf("role of a member of %s: %w", now.Organization.IRI, coop.ErrForbidden)
		case !now.State.Inside():
			return fmt.Errorf("role of %s, which is %s: %w", now.Member.IRI, now.State, coop.ErrState)
		case now.Role == role:
			return nil
		}
		now.Role = role
		if err := o.keepMembership(ctx, tx, now); err != nil {
			return err
		}
		if err := o.sendMembership(ctx, tx, now, note); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
}

// checkRole complains of what is asked for.
func checkRole(role coop.MembershipRole, note string) error {
	var wrong coop.Invalid
	if !slices.Contains(coop.MembershipRoles(), role) {
		wrong = append(wrong, &coop.InvalidError{Field: "role", Code: coop.CodeUnknown, Problem: "is full, pre-co-op or observer"})
	}
	if note == "" {
		wrong = append(wrong, &coop.InvalidError{Field: "note", Code: coop.CodeRequired, Problem: "says why"})
	}
	if wrong != nil {
		return wrong
	}
	return nil
}

// RoleReason is a change of role as the audit log has it: the role, then the reason.
func RoleReason(role coop.MembershipRole, note string) string { return string(role) + ": " + note }
