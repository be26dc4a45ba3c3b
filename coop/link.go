// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// LinkPurpose says what a link is for.
type LinkPurpose string

// The purposes.
const (
	LinkReset  LinkPurpose = "reset"  // a new password for an account
	LinkInvite LinkPurpose = "invite" // a new account for a person
)

// Link is an address that works once: who holds it was given it, by mail or by
// somebody of the staff.
type Link struct {
	ID        ID
	Hash      []byte // SHA-256 of what stands in the address
	Purpose   LinkPurpose
	AccountID ID     // of a reset: whose password
	Email     string // of an invitation: the address of the new account; may be empty
	Rank      Rank   // of an invitation
	CreatedAt time.Time
	EndsAt    time.Time
}

// How long links work.
const (
	ResetLife  = time.Hour
	InviteLife = 7 * 24 * time.Hour
)
