// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// ImportState says how far an import has come.
type ImportState string

// An import works until each of its rows is done or has failed, or somebody stops it.
const (
	ImportWorking ImportState = "working"
	ImportDone    ImportState = "done"
	ImportStopped ImportState = "stopped"
)

// Import is a file in which somebody brought what they had elsewhere, and how far it
// has come.
type Import struct {
	ID        ID
	AccountID ID     // whose it becomes
	PersonID  ID     // who sent it; zero: the command line
	Kind      string // of package carry
	Overwrite bool   // what is not in it ends
	Name      string // of the file
	State     ImportState
	// Total rows of which so many are done and could not be done; the rest waits.
	Total, Done, Failed int
	CreatedAt           time.Time
	FinishedAt          time.Time // zero: not finished
}

// Waiting is how many rows have not had their turn.
func (i *Import) Waiting() int { return max(0, i.Total-i.Done-i.Failed) }

// What an import keeps from being done: words that stay, for rows that could be read.
const (
	ImportNotFound  = "not_found" // there is no such account or post, or it is not to be seen
	ImportSelf      = "self"      // it is the account itself
	ImportRefused   = "refused"   // blocked, moved, or of a server that is refused
	ImportAway      = "away"      // its server did not answer, three times
	ImportTooMany   = "too_many"  // more lists than an account may have
	ImportDifferent = "different" // something else stands at the address
)

// ImportKept is how long a finished import can be looked at.
const ImportKept = 30 * 24 * time.Hour
