// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Relationship is what one account has to do with another, as the first sees it.
type Relationship struct {
	ID          ID // of the other
	Following   bool
	Requested   bool // the first asked to follow and was not answered
	FollowedBy  bool
	RequestedBy bool // the other asked to follow and was not answered
	// Options are those of the follow, asked or accepted; the zero value without one.
	Options FollowOptions

	Blocking, BlockedBy bool
	DomainBlocking      bool // the first wants nothing of the other's server
	Muting              bool
	MutingNotifications bool
	MuteEnds            time.Time // zero: for good, or not muted
	Endorsed            bool      // the first shows the other on its profile
	Note                string    // what the first noted about the other, plain text
}

// Mute is somebody whom an account does not want to read.
type Mute struct {
	ID            ID
	Target        *Account
	Notifications bool      // nor hear of
	Ends          time.Time // zero: never
}

// MaxMute is how long a mute that ends may last.
const MaxMute = 100 * 365 * 24 * time.Hour

// MaxAccountNote is the most characters of what an account notes about another.
const MaxAccountNote = 2000

// ServerBlock is a server of which one account wants nothing.
type ServerBlock struct {
	ID   ID
	Host string // lower-case, with a port that is written
}

// FollowedTag is a hashtag that an account reads at home.
type FollowedTag struct {
	ID  ID
	Tag string // folded, without #
}
