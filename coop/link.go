// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// LinkPurpose says what a link is for.
type LinkPurpose string

// The purposes.
const (
	LinkReset  LinkPurpose = "reset"  // a new password for an account
	LinkRenew  LinkPurpose = "renew"  // a new password, and the end of all second factors
	LinkEmail  LinkPurpose = "email"  // an account's new address of mail
	LinkInvite LinkPurpose = "invite" // a new account for a person
	LinkGuest  LinkPurpose = "guest"  // a new account for whom a member invited
	LinkSetup  LinkPurpose = "setup"  // the first run of an instance: its owner
)

// Link is an address that works once: who holds it was given it, by mail or by
// somebody of the staff.
type Link struct {
	ID        ID
	Hash      []byte // SHA-256 of what stands in the address
	Purpose   LinkPurpose
	AccountID ID     // whose password or address, or who invites; of the staff's invitations zero
	Email     string // the new address; of an invitation it may be empty
	Rank      Rank   // of an invitation of the staff
	Note      string // of a member's invitation: what they noted, for themselves and the staff
	CreatedAt time.Time
	EndsAt    time.Time
}

// How long links work.
const (
	ResetLife  = time.Hour
	EmailLife  = 24 * time.Hour
	InviteLife = 7 * 24 * time.Hour
	SetupLife  = 24 * time.Hour
)
