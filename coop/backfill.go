// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Backfill is how far the fetching of what an account published before has come.
type Backfill struct {
	Account    ID
	Done       int // items looked at
	Kept       int // of them kept
	StartedAt  time.Time
	UpdatedAt  time.Time
	FinishedAt time.Time // zero: it goes on
}

// Finished tells whether it is over.
func (b Backfill) Finished() bool { return !b.FinishedAt.IsZero() }
