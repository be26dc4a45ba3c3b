// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// MembershipState is how far a membership has come.
type MembershipState string

// asked → in-decision → member ⇄ suspended; invited → member; asked, in-decision,
// invited → refused; member, suspended → left | removed.
const (
	MembershipAsked      MembershipState = "asked"
	MembershipInDecision MembershipState = "in-decision" // the members decide about it
	MembershipInvited    MembershipState = "invited"     // the organization asks, the co-op answers
	MembershipMember     MembershipState = "member"
	MembershipSuspended  MembershipState = "suspended"
	MembershipRefused    MembershipState = "refused"
	MembershipLeft       MembershipState = "left"
	MembershipRemoved    MembershipState = "removed"
)

// MembershipStates are all states, in the order in which a membership goes through them.
func MembershipStates() []MembershipState {
	return []MembershipState{
		MembershipAsked, MembershipInDecision, MembershipInvited, MembershipMember, MembershipSuspended,
		MembershipRefused, MembershipLeft, MembershipRemoved,
	}
}

// Inside tells whether a membership in this state holds, be it with or without its rights.
func (s MembershipState) Inside() bool { return s == MembershipMember || s == MembershipSuspended }

// Waiting tells whether a membership in this state waits for one side's word.
func (s MembershipState) Waiting() bool {
	return s == MembershipAsked || s == MembershipInDecision || s == MembershipInvited
}

// TakesMembers tells whether accounts of a kind have members: federations, and teams.
func TakesMembers(kind AccountKind) bool { return kind == Federation || kind == Team }

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
	InviteIRI    IRI // the organization's Invite, where it asked first
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
