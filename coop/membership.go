// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// MembershipState is how far a membership has come.
type MembershipState string

// asked → member ⇄ suspended; asked → refused; member, suspended → left | removed.
const (
	MembershipAsked     MembershipState = "asked"
	MembershipMember    MembershipState = "member"
	MembershipSuspended MembershipState = "suspended"
	MembershipRefused   MembershipState = "refused"
	MembershipLeft      MembershipState = "left"
	MembershipRemoved   MembershipState = "removed"
)

// MembershipRole is what a member is in its federation.
type MembershipRole string

// Roles of members.
const (
	RoleFull     MembershipRole = "full"
	RolePreCoop  MembershipRole = "pre-co-op"
	RoleObserver MembershipRole = "observer"
)

// Membership is both sides' statement that a co-op belongs to a federation.
type Membership struct {
	ID           ID
	IRI          IRI // on the federation's host; empty until it accepted
	JoinIRI      IRI // the co-op's Join
	Member       *Account
	Organization *Account
	Role         MembershipRole
	State        MembershipState
	Decision     IRI    // the decision that it rests on
	Note         string // what the co-op wrote, or the reason of a refusal; plain text
	Start, End   time.Time
	// What each side says in its own public document, and when we looked.
	MemberSays       bool
	OrganizationSays bool
	CheckedAt        time.Time
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// Verified tells whether both sides say so now.
func (m *Membership) Verified() bool {
	return m.State == MembershipMember && m.MemberSays && m.OrganizationSays
}
