// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// How an account goes that its person wants deleted, but not at once.
const (
	// DepartureGrace is how long it waits, closed to everybody, and comes back by signing in.
	DepartureGrace = 30 * 24 * time.Hour
	// DepartureWarning is how long before the deletion the person is told once more.
	DepartureWarning = 3 * 24 * time.Hour
	// DeparturePage is how long after the deletion its page says which servers answered.
	DeparturePage = 90 * 24 * time.Hour
)

// Departure is an account on its way out, or gone since a while.
type Departure struct {
	AccountID  ID
	AskedAt    time.Time
	DueAt      time.Time // when it is deleted
	WarnedAt   time.Time // zero: the person was not yet told that it is soon
	DoneAt     time.Time // zero: it waits
	EndsAt     time.Time // when its page goes; zero while it waits
	DocumentID ID        // of the Delete; 0 while it waits, and where there was none
}

// Waits tells whether the account may still come back.
func (d *Departure) Waits() bool { return d.DoneAt.IsZero() }
