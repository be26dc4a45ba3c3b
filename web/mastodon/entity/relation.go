// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

// FamiliarFollowers is who follows an account among those that one follows.
type FamiliarFollowers struct {
	ID       ID             `json:"id"` // of the account that they follow
	Accounts List[*Account] `json:"accounts"`
}

// AccountList is some of the accounts that one follows, read apart.
type AccountList struct {
	ID            ID     `json:"id"`
	Title         string `json:"title"`
	RepliesPolicy string `json:"replies_policy"` // followed, list, none
	Exclusive     bool   `json:"exclusive"`
}

// Suggestion is an account that somebody may want to follow, and why.
type Suggestion struct {
	Source  string       `json:"source"`
	Sources List[string] `json:"sources"`
	Account *Account     `json:"account"`
}

// DomainBlockPreview is what the block of a server would end.
type DomainBlockPreview struct {
	FollowingCount int `json:"following_count"`
	FollowersCount int `json:"followers_count"`
}
