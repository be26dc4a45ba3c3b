// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Bounds of lists of servers.
const (
	MaxPeerLists    = 20
	MaxPeerListRows = 100_000
	MaxPeerListName = 200
)

// PeerList is a list of servers that somebody else keeps, or that came in a file. What
// stands on it is a proposal: it counts when somebody here applies it, and whatever was
// decided by hand counts more.
type PeerList struct {
	ID        ID
	Name      string
	URL       string     // read again each day; empty: it came in a file
	Policy    PeerPolicy // of hosts of which the list says no other
	Wrong     []string   // the first lines that were not understood
	Failure   string     // of the last reading; empty: it went well
	Applying  string     // who applies it just now; empty: nobody
	CreatedAt time.Time
	ReadAt    time.Time
	ChangedAt time.Time // when something on it was new, changed or gone for the last time
}

// PeerListRow is a server on a list.
type PeerListRow struct {
	Host         string
	Policy       PeerPolicy
	Reason       string
	PublicReason string
	State        PeerListState
	Now          PeerPolicy // what counts for the server now
	Related      int        // follows and memberships between it and this instance
}

// PeerListState says what applying the list would do with a row.
type PeerListState string

// The states. New, changed and gone rows are what applying does something with.
const (
	PeerListNew     PeerListState = "new"     // nothing is decided about the server
	PeerListChanged PeerListState = "changed" // the list decided otherwise before
	PeerListGone    PeerListState = "gone"    // it left the list, which had decided
	PeerListDone    PeerListState = "done"    // it counts already
	PeerListOwn     PeerListState = "own"     // decided otherwise here, or by another list: that stays
	PeerListKept    PeerListState = "kept"    // left out by hand, or because somebody here is connected with it
)

// PeerListStates are all of them, in the order in which they are shown.
func PeerListStates() []PeerListState {
	return []PeerListState{PeerListNew, PeerListChanged, PeerListGone, PeerListKept, PeerListOwn, PeerListDone}
}
