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
	EventPollEnded  EventKind = "poll_ended" // the poll of Post is over; From wrote it
	EventReported   EventKind = "reported"   // About is the report
	EventMatched    EventKind = "matched"    // a saved search found Post; From wrote it
	EventMoved      EventKind = "moved"      // From is the old account; who followed it follows the new one
	EventDecision   EventKind = "decision"   // Post began, changed or ended as a decision; From opened it
	EventRequest    EventKind = "request"    // Post is a request that needs its author, ends soon, or has come to an outcome
	EventOffer      EventKind = "offer"      // a step of an offer; Post says it in words
)

// Event is one thing that happened, here or elsewhere.
type Event struct {
	Kind  EventKind
	From  ID // who did it
	Post  ID // zero: none
	About ID // the report; zero: none
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
	Asked     bool // the post answers its job, directly, or its request, or names its request to it alone
	InRoom    bool // the post was written into the room of a team that it is in
	Network   bool // a co-op that may answer the request that the post is
	Author    bool // it wrote the post
	Voted     bool // in the poll of the post
	Boosted   bool // it boosted the post
	Target    bool // of the follow, or a side of the membership, or follower of who moved
	Moderator bool // it looks after this instance
	Bell      bool // it follows who did it and wants to hear of each post
	Blocks    bool // it blocks who did it or their server, or they block it
	Mutes     bool // it mutes who did it, or the conversation

	Policy NotificationPolicy // what it wants of whom it does not know
	Knows  Acquaintance       // who did it, to it
}

// Notifications says who is told of an event: at most one notification an
// account, none to who did it. Ids are for the store to give. What the policy of an
// account drops is not among them, what it filters is marked.
func Notifications(e Event, concerned []Concerned) []Notification {
	var told []Notification
	for _, c := range concerned {
		kind := e.tells(c)
		if kind == "" || !e.reaches(c) {
			continue
		}
		choice := c.Policy.Choose(kind, c.Knows, e.At)
		if choice == PolicyDrop {
			continue
		}
		told = append(told, Notification{
			AccountID: c.Account, Kind: kind, FromID: e.From, PostID: e.Post, AboutID: e.About,
			Filtered: choice == PolicyFilter, CreatedAt: e.At,
		})
	}
	return told
}

// reaches tells whether the account may be told of it at all. Nobody who looks
// after the instance can turn reports away, and who asked a question hears its
// answer.
func (e Event) reaches(c Concerned) bool {
	automatic := in([]AccountKind{Instance, Board, Search, Topic}, c.Kind)
	if e.Quiet || automatic || c.Gone {
		return false
	}
	if e.Kind == EventReported {
		return true
	}
	hidden := e.Post != 0 && !c.MaySee
	oneself := c.Account == e.From && e.Kind != EventPollEnded && e.Kind != EventDecision && e.Kind != EventRequest
	return !hidden && !oneself && !c.Blocks && !c.Mutes
}

// tells is what the account is told, empty for nothing. A mention is worth more
// than a bell.
func (e Event) tells(c Concerned) NotificationKind {
	switch {
	case e.Kind == EventCreated && c.Asked:
		return NotifyInterest
	case e.Kind == EventCreated && (c.Mentioned || c.Replied):
		return NotifyMention
	case e.Kind == EventCreated && c.InRoom:
		return NotifyTeam
	case e.Kind == EventCreated && c.Network:
		return NotifyRequest
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
	case e.Kind == EventMatched && c.Target:
		return NotifyMatch
	case e.Kind == EventMoved && c.Target:
		return NotifyMove
	case e.Kind == EventDecision && (c.Author || c.Target):
		return NotifyDecision
	case e.Kind == EventRequest && c.Target:
		return NotifyRequest
	case e.Kind == EventOffer && c.Target:
		return NotifyOffer
	case e.Kind == EventPollEnded && (c.Author || c.Voted):
		return NotifyPoll
	case e.Kind == EventReported && c.Moderator:
		return NotifyReport
	}
	return ""
}
