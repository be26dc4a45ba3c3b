// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// FollowState says how far a follow has come.
type FollowState string

// A follow is asked until its Accept; a refused or ended one is removed.
const (
	FollowAsked    FollowState = "asked"
	FollowAccepted FollowState = "accepted"
)

// Follow is one account following another; one of them is of this instance.
type Follow struct {
	ID       ID
	IRI      IRI // id of the Follow activity
	Follower *Account
	Target   *Account
	State    FollowState
	// Note is what the answer said in its content, such as a filter.
	Note      string
	CreatedAt time.Time
	UpdatedAt time.Time
}
