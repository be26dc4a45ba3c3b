// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Invitation says who let whom in: a member of the instance made a link, and somebody
// made an account by it.
type Invitation struct {
	AccountID ID // who came
	ByID      ID // who invited
	JoinedAt  time.Time
}

// What a member may do by invitations, so that one who means ill does not fill the
// instance before the staff sees it.
const (
	MaxInvites      = 5                   // links of a member that are open at once
	MaxInvitesMonth = 20                  // those, and who came by one within [InviteMonth]
	InviteMonth     = 30 * 24 * time.Hour // what is counted together
	InviteRest      = 7 * 24 * time.Hour  // before who was invited may invite
)

// MaxInviteNote is the most characters of what a member notes about an invitation.
const MaxInviteNote = 100

// Codes of an [InvalidError] about a member's invitation.
const (
	CodeInviteOpen  = "invite_open"  // [MaxInvites] are open
	CodeInviteMonth = "invite_month" // [MaxInvitesMonth] in a month
	CodeInviteSoon  = "invite_soon"  // within [InviteRest] after they came themselves
)
