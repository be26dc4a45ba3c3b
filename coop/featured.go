// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// MaxFeaturedTags is how many hashtags an account shows on its profile.
const MaxFeaturedTags = 10

// FeaturedTag is a hashtag that an account shows on its profile.
type FeaturedTag struct {
	ID   ID
	Tag  string // folded, without #
	Name string // as it was typed, without #
	// Posts and Last are how often the account used it where anybody may see it, and
	// when last.
	Posts int
	Last  time.Time
}

// LinkUse is a web address that posts link to, and how many use it.
type LinkUse struct {
	URL            string
	Uses, Accounts int
	History        []TagUse // the last seven days, today first
}
