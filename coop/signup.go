// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Registrations says who may make an account for themselves.
type Registrations string

// The ways.
const (
	RegistrationsClosed Registrations = "closed" // nobody: by the staff, their links and the command line alone
	RegistrationsInvite Registrations = "invite" // whom a member of the instance invites, too
	RegistrationsAsk    Registrations = "ask"    // whom the staff approve
	RegistrationsOpen   Registrations = "open"   // everybody with an address
)

// Open tells whether anybody can ask for an account.
func (r Registrations) Open() bool { return r == RegistrationsOpen || r == RegistrationsAsk }

// Mail tells whether addresses of mail are confirmed, so that it takes a mail server.
func (r Registrations) Mail() bool { return r.Open() || r == RegistrationsInvite }

// SignUp is somebody who asked for an account and has none yet. The account is made
// when the address is confirmed and the staff, where they decide, approved.
type SignUp struct {
	ID       ID
	Name     string // of the account, kept for them
	Email    string
	Password string // its hash
	Language string // BCP 47
	Reason   string // what they said to the staff, plain text
	TokenID  ID     // of the app that asked; zero: the page
	InviteID ID     // the [Link] of the member who invited; zero: nobody did
	// Link is the SHA-256 of what stands in the newest mail; nil before it is written.
	Link        []byte
	CreatedAt   time.Time
	EndsAt      time.Time // when it is forgotten
	ConfirmedAt time.Time // zero: the address is not confirmed
	ApprovedAt  time.Time // zero: the staff have not decided
}

// Ready tells whether nothing is missing for the account.
func (s *SignUp) Ready() bool { return !s.ConfirmedAt.IsZero() && !s.ApprovedAt.IsZero() }

// How long an unconfirmed sign-up is kept, and one that waits for the staff.
const (
	SignUpLife = 2 * 24 * time.Hour
	SignUpWait = 60 * 24 * time.Hour
)

// MaxSignUpReason is the most characters of what somebody says to the staff.
const MaxSignUpReason = 500
