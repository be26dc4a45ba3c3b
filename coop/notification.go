// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"strconv"
	"strings"
	"time"
)

// NotificationKind is what happened.
type NotificationKind string

// What people are told; the names are those of the client API, others begin with minga:.
const (
	NotifyMention       NotificationKind = "mention"
	NotifyFollow        NotificationKind = "follow"
	NotifyFollowRequest NotificationKind = "follow_request"
	NotifyFavourite     NotificationKind = "favourite"
	NotifyReblog        NotificationKind = "reblog"
	NotifyUpdate        NotificationKind = "update"
	NotifyStatus        NotificationKind = "status" // somebody with a bell has posted
	NotifyPoll          NotificationKind = "poll"   // a poll that it voted in, or asked, is over
	NotifyReport        NotificationKind = "admin.report"
	NotifyMembership    NotificationKind = "minga:membership"
	NotifyInterest      NotificationKind = "minga:interest" // an answer to a job or a request of one's own
	NotifyMatch         NotificationKind = "minga:match"    // a saved search found a job
	NotifyMove          NotificationKind = "minga:move"     // whom one followed has moved, and is followed there
	NotifyDecision      NotificationKind = "minga:decision" // a decision that one may vote in, or opened, began, changed or ended
	NotifyTeam          NotificationKind = "minga:team"     // somebody wrote into the room of a team
	NotifyRequest       NotificationKind = "minga:request"  // a request of the network that one may answer, or one's own that needs somebody; its end is near, or it has an outcome
	NotifyOffer         NotificationKind = "minga:offer"    // an offer was received, answered, changed or released
)

// Own tells whether a kind is minga's own, which other clients do not know.
func (k NotificationKind) Own() bool { return strings.HasPrefix(string(k), "minga:") }

// Plain is the kind by which who does not know minga's own is told of this one.
func (k NotificationKind) Plain() NotificationKind {
	switch {
	case k == NotifyMatch:
		return NotifyStatus
	case k.Own():
		return NotifyMention
	}
	return k
}

// Renewed tells whether what is told again takes the place of what was told
// before; of other kinds the first stays.
func (k NotificationKind) Renewed() bool {
	return in([]NotificationKind{NotifyUpdate, NotifyMembership, NotifyDecision, NotifyRequest}, k)
}

// Grouped tells whether several of the kind about the same thing are one line.
func (k NotificationKind) Grouped() bool { return in(GroupedKinds(), k) }

// GroupedKinds are the kinds of which several about the same thing are one line.
func GroupedKinds() []NotificationKind {
	return []NotificationKind{NotifyFavourite, NotifyReblog, NotifyFollow}
}

// Notification tells one local account that somebody did something.
type Notification struct {
	ID        ID // from a counter of its own, fifteen digits; it tells no time
	AccountID ID // who is told
	Kind      NotificationKind
	FromID    ID
	PostID    ID     // zero: none
	AboutID   ID     // the report that it is about; zero: none
	Group     string // the same for what is one line; empty: it stands alone
	Filtered  bool   // waits in a request until it is let in
	CreatedAt time.Time
	From      *Account // filled by reads
}

// groupHours is the longest time that one group spans.
const groupHours = 12

// GroupAfter is the group of a notification at the time given, when latest is the
// group of the one before it about the same thing (empty: none): the same for half
// a day, then a new one; empty for kinds that stand alone.
func (n Notification) GroupAfter(latest string, at time.Time) string {
	if !n.Kind.Grouped() {
		return ""
	}
	hour := at.Unix() / 3600
	if began, ok := groupBegan(latest); ok && began <= hour && hour-began < groupHours {
		return latest
	}
	key := string(n.Kind) + "-"
	if n.PostID != 0 {
		key += n.PostID.String() + "-"
	}
	return key + strconv.FormatInt(hour, 10)
}

// groupBegan is the hour in which a group began.
func groupBegan(key string) (hour int64, ok bool) {
	end := strings.LastIndexByte(key, '-')
	if end < 0 {
		return 0, false
	}
	hour, err := strconv.ParseInt(key[end+1:], 10, 64)
	return hour, err == nil
}

// aloneGroup begins the key of what stands alone.
const aloneGroup = "ungrouped-"

// GroupKey names the line that shows the notification: its group, or itself.
func (n Notification) GroupKey() string {
	if n.Group == "" {
		return aloneGroup + n.ID.String()
	}
	return n.Group
}

// ParseGroupKey reads the key of a line: the id of a notification that stands
// alone, or the name of a group; [ErrNotFound] for what can be neither.
func ParseGroupKey(key string) (alone ID, group string, err error) {
	if id, ok := strings.CutPrefix(key, aloneGroup); ok {
		alone, err = ParseID(id)
		return alone, "", err
	}
	if _, ok := groupBegan(key); !ok || len(key) > 100 {
		return 0, "", ErrNotFound
	}
	return 0, key, nil
}

// NotificationGroup is one line: a notification, or several about the same thing.
type NotificationGroup struct {
	Key      string
	Latest   Notification // the newest of the group
	Count    int          // all of the group
	PageMin  ID           // the oldest of the group that the page covers
	PageMax  ID           // the newest of the group that the page covers
	Samples  []*Account   // the last to do it, newest first, eight at most
	Accounts int          // how many different ones did it
}

// NotificationRequest is somebody whose notifications wait to be let in.
type NotificationRequest struct {
	ID        ID
	FromID    ID
	From      *Account // filled by reads
	Count     int      // notifications that wait
	LastPost  ID       // the newest post among them; zero: none
	CreatedAt time.Time
	UpdatedAt time.Time
}
