// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// ListReplies says which answers a list shows.
type ListReplies string

// Answers to whom the owner follows, to who is in the list, or none but to the
// author's own.
const (
	RepliesFollowed ListReplies = "followed"
	RepliesList     ListReplies = "list"
	RepliesNone     ListReplies = "none"
)

// Bounds of lists.
const (
	MaxLists     = 200 // of one account
	MaxListTitle = 255 // characters
)

// List is some of the accounts that one account follows, read apart.
type List struct {
	ID        ID
	Owner     ID
	Title     string // plain text
	Replies   ListReplies
	Exclusive bool // what stands in it is left out at home
}

// ValidateList complains about a list as an [Invalid]: fields title, replies_policy.
func ValidateList(l *List) error {
	c := &complaints{}
	c.text("title", l.Title, 1, MaxListTitle)
	c.oneOf("replies_policy", string(l.Replies), []string{string(RepliesFollowed), string(RepliesList), string(RepliesNone)})
	return c.list.Or()
}
