// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

// ChangeKind says what sort of thing happened.
type ChangeKind string

// The kinds of changes, each with the fields of [Change] that it fills in.
const (
	ChangePost         ChangeKind = "post"    // published here or arrived: Post, Account (the author)
	ChangeEdit         ChangeKind = "edit"    // a post was edited: Post, Account (the author)
	ChangeDeleted      ChangeKind = "deleted" // a post was withdrawn: Post, Account (the author), Was
	ChangeBoost        ChangeKind = "boost"   // ID (of the boost), Post, Account (who boosted)
	ChangeUnboost      ChangeKind = "unboost" // a boost was taken back, or went with its post: as ChangeBoost
	ChangeNotification ChangeKind = "notification"
	ChangeConversation ChangeKind = "conversation"
	ChangeFilters      ChangeKind = "filters" // Account
	ChangeMerged       ChangeKind = "merged"  // waiting notifications were let in: Account

	ChangeAnnouncement        ChangeKind = "announcement" // ID
	ChangeAnnouncementRemoved ChangeKind = "announcement.removed"
	ChangeAnnouncementEmoji   ChangeKind = "announcement.emoji" // ID, Name

	// ChangeRights: a token, a role, a password or the account itself is not what it
	// was. Account is whose tokens, or who acts by them; zero: anybody's.
	ChangeRights ChangeKind = "rights"
)

// Change is a hint that something was committed. It says where to look, never what is
// there: who hears of it reads the record again, as the one for whom it is. It may be
// lost, and come twice.
type Change struct {
	Kind    ChangeKind `json:"k"`
	ID      ID         `json:"i,omitempty"`
	Post    ID         `json:"p,omitempty"`
	Account ID         `json:"a,omitempty"`
	Name    string     `json:"n,omitempty"` // of an emoji
	Was     *WasPost   `json:"w,omitempty"`
}

// WasPost is what must be known of a withdrawn post to tell who had it before them: it
// cannot be asked any more.
type WasPost struct {
	Visibility   Visibility `json:"v"`
	Organization ID         `json:"o,omitempty"` // whose members it was for
	Listed       bool       `json:"l,omitempty"` // stood in public lists
	Opens        bool       `json:"b,omitempty"` // answered nobody, or its own author
	Local        bool       `json:"h,omitempty"`
	Media        bool       `json:"m,omitempty"`
	Tags         []string   `json:"t,omitempty"` // folded, without #
	Named        []ID       `json:"x,omitempty"` // accounts of this instance that it named
}
