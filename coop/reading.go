// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// Conversation is a thread of direct posts that an account of this instance is part of.
type Conversation struct {
	ID       ID
	Newest   ID         // by which conversations are ordered: of the newest post that came
	Unread   bool       // the last post is another's, and was not read
	Last     *Post      // the newest that the account may see
	Accounts []*Account // who else wrote the last post or is named in it
}

// TagUse is how much a hashtag was used on one day.
type TagUse struct {
	Day      time.Time // midnight, UTC
	Uses     int       // public posts
	Accounts int       // who wrote them
}

// Trend is a hashtag that many use.
type Trend struct {
	Tag      string // folded, without #
	Uses     int
	Accounts int
}
