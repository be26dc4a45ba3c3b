// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

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
	NotifyReport        NotificationKind = "admin.report"
	NotifyMembership    NotificationKind = "minga:membership"
	NotifyInterest      NotificationKind = "minga:interest"
)

// Notification tells one local account that somebody did something.
type Notification struct {
	ID        ID
	AccountID ID // who is told
	Kind      NotificationKind
	FromID    ID
	PostID    ID // zero: none
	CreatedAt time.Time
	From      *Account // filled by reads
}
