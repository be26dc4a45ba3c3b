// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Comparison is what came of holding what we keep against what an account elsewhere
// lists: what deliveries lost is fetched, what they would have changed is changed.
type Comparison struct {
	Account    ID
	NextAt     time.Time // when the next one begins
	StartedAt  time.Time // of the last; zero: there was none
	FinishedAt time.Time // zero: it goes on
	Looked     int       // entries that were looked at
	Added      int       // posts that had been lost
	Changed    int       // posts of which a newer state had been lost
	Removed    int       // posts that are no more at their origin
	Missed     int       // entries that could not be had
	Error      string    // why it ended before its end; empty: it did not
}

// Finished tells whether it is over.
func (c Comparison) Finished() bool { return !c.FinishedAt.IsZero() }

// Healed is how many posts are right by it.
func (c Comparison) Healed() int { return c.Added + c.Changed + c.Removed }
