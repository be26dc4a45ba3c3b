// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
)

// MemberStep is what an organization of ours decides about one membership: Act is accept,
// refuse, suspend, resume, remove or role. Note is the reason, plain text.
type MemberStep struct {
	Act  string
	Role coop.MembershipRole // of role
	Note string
}

// StepMember does it; each act has its own method, which says what may go wrong.
// [coop.ErrNotFound] says that there is no such act.
func (o *Outbox) StepMember(ctx context.Context, m *coop.Membership, s MemberStep) error {
	switch s.Act {
	case "accept", "refuse":
		return o.DecideMembership(ctx, m, s.Act == "accept", s.Note)
	case "suspend", "resume":
		return o.SuspendMember(ctx, m, coop.MembershipAction(s.Act), s.Note)
	case "remove":
		return o.RemoveMember(ctx, m, s.Note)
	case "role":
		return o.SetMemberRole(ctx, m, s.Role, s.Note)
	}
	return fmt.Errorf("step %.20q of a membership: %w", s.Act, coop.ErrNotFound)
}
