// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Standing is what one account has done with a post.
type Standing struct {
	Liked      bool
	Boosted    bool
	Bookmarked bool
	Pinned     bool // on its own profile
	Muted      bool // it wants no more notifications of the thread
}

// AccountCounts is what everybody may count of an account.
type AccountCounts struct {
	Posts     int // public and unlisted ones
	Followers int // those that were accepted
	Following int
	LastPost  time.Time // zero: none yet
}
