// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Bounds of posts that wait for their time.
const (
	ScheduleAhead  = 5 * time.Minute
	MaxScheduled   = 300 // that wait, of one account
	MaxScheduledOn = 25  // of one account on one day, UTC
)

// MaxPins is how many posts an account has on its own profile.
const MaxPins = 5

// Scheduled is a post that waits for its time.
type Scheduled struct {
	ID        ID
	AccountID ID
	Due       time.Time
	Post      *Post  // as it will be published; its files are in Attachments
	Params    []byte // what the client sent, as JSON, given back as it was
	Error     string // why it could not be published, for its author; empty: it waits
	CreatedAt time.Time
}

// ValidateDue complains about a time that is too near, an [InvalidError] of field
// scheduled_at.
func ValidateDue(due, now time.Time) error {
	if due.Before(now.Add(ScheduleAhead - time.Second)) {
		return &InvalidError{Field: "scheduled_at", Code: "too_soon", Problem: "must be at least 5 minutes from now"}
	}
	return nil
}
