// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// EventKind is what somebody did.
type EventKind string

// The events that people may be told of.
const (
	EventCreated    EventKind = "created"    // a post; Post is it
	EventEdited     EventKind = "edited"     // a post; Post is it
	EventLiked      EventKind = "liked"      // Post was liked
	EventBoosted    EventKind = "boosted"    // Post was boosted
	EventFollowed   EventKind = "followed"   // a follow that holds
	EventAsked      EventKind = "asked"      // a follow that waits for an answer
	EventMembership EventKind = "membership" // a step of a membership
)

// Event is one thing that happened, here or elsewhere.
type Event struct {
	Kind  EventKind
	From  ID // who did it
	Post  ID // zero: none
	At    time.Time
	Quiet bool // brought by a backfill, a repair or an import: nobody is told
}

// Concerned is a local account that may be told of an event, and what it has to
// do with it. The store fills it for the accounts that come into question.
type Concerned struct {
	Account   ID
	Kind      AccountKind
	Gone      bool // suspended or deleted
	MaySee    bool // the post, by [MaySee]; counts where the event has a post
	Mentioned bool // the post names it; after an edit: names it for the first time
	Replied   bool // the post answers one of its posts
	Author    bool // it wrote the post
	Boosted   bool // it boosted the post
	Target    bool // of the follow, or a side of the membership
	Bell      bool // it follows who did it and wants to hear of each post
	Blocks    bool // it blocks who did it or their server, or they block it
	Mutes     bool // it mutes who did it, or the conversation
}

// Notifications says who is told of an event: at most one notification an
// account, none to who did it. Ids are for the store to give.
func Notifications(e Event, concerned []Concerned) []Notification {
	var told []Notification
	for _, c := range concerned {
		if !e.reaches(c) {
			continue
		}
		if kind := e.tells(c); kind != "" {
			told = append(told, Notification{AccountID: c.Account, Kind: kind, FromID: e.From, PostID: e.Post, CreatedAt: e.At})
		}
	}
	return told
}

// reaches tells whether the account may be told of anything at all.
func (e Event) reaches(c Concerned) bool {
	automatic := in([]AccountKind{Instance, Board, Search, Topic}, c.Kind)
	hidden := e.Post != 0 && !c.MaySee
	return !e.Quiet && !automatic && !hidden && !c.Gone && !c.Blocks && !c.Mutes && c.Account != e.From
}

// tells is what the account is told, empty for nothing. A mention is worth more
// than a bell.
func (e Event) tells(c Concerned) NotificationKind {
	switch {
	case e.Kind == EventCreated && (c.Mentioned || c.Replied):
		return NotifyMention
	case e.Kind == EventCreated && c.Bell:
		return NotifyStatus
	case e.Kind == EventEdited && c.Mentioned:
		return NotifyMention
	case e.Kind == EventEdited && c.Boosted:
		return NotifyUpdate
	case e.Kind == EventLiked && c.Author:
		return NotifyFavourite
	case e.Kind == EventBoosted && c.Author:
		return NotifyReblog
	case e.Kind == EventFollowed && c.Target:
		return NotifyFollow
	case e.Kind == EventAsked && c.Target:
		return NotifyFollowRequest
	case e.Kind == EventMembership && c.Target:
		return NotifyMembership
	}
	return ""
}
