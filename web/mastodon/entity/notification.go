// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

import "minga/coop"

// Notification is one thing that somebody was told.
type Notification struct {
	ID        ID       `json:"id"`
	Type      string   `json:"type"`
	CreatedAt Time     `json:"created_at"`
	GroupKey  string   `json:"group_key"`
	Filtered  bool     `json:"filtered,omitempty"` // it waits in a request
	Account   *Account `json:"account"`
	Status    *Status  `json:"status,omitempty"`
	Report    *Report  `json:"report,omitempty"`
}

// Number is an id that clients read as a JSON number: that of a notification, which
// stays below 2^53.
type Number coop.ID

// NotificationGroup is one line of notifications of the same kind about the same
// thing.
type NotificationGroup struct {
	GroupKey         string   `json:"group_key"`
	Count            int      `json:"notifications_count"`
	Type             string   `json:"type"`
	MostRecentID     Number   `json:"most_recent_notification_id"`
	PageMinID        ID       `json:"page_min_id"`
	PageMaxID        ID       `json:"page_max_id"`
	LatestAt         Time     `json:"latest_page_notification_at"`
	SampleAccountIDs List[ID] `json:"sample_account_ids"`
	StatusID         *ID      `json:"status_id,omitempty"`
	Report           *Report  `json:"report,omitempty"`
}

// GroupedNotifications is a page of lines with everybody and everything that they
// name, each once.
type GroupedNotifications struct {
	Accounts        List[*Account]          `json:"accounts"`
	PartialAccounts *List[PartialAccount]   `json:"partial_accounts,omitempty"` // where the client asked for partial_avatars
	Statuses        List[*Status]           `json:"statuses"`
	Groups          List[NotificationGroup] `json:"notification_groups"`
}

// PartialAccount is what a row of avatars needs.
type PartialAccount struct {
	ID                ID     `json:"id"`
	Acct              string `json:"acct"`
	Locked            bool   `json:"locked"`
	Bot               bool   `json:"bot"`
	URL               string `json:"url"`
	Avatar            string `json:"avatar"`
	AvatarStatic      string `json:"avatar_static"`
	AvatarDescription string `json:"avatar_description"`
}

// PartialOf is the part of an account.
func PartialOf(a *Account) PartialAccount {
	return PartialAccount{a.ID, a.Acct, a.Locked, a.Bot, a.URL, a.Avatar, a.AvatarStatic, a.AvatarDescription}
}

// NotificationPolicy is what is done with notifications by whom one does not know:
// accept, filter or drop.
type NotificationPolicy struct {
	NotFollowing    string        `json:"for_not_following"`
	NotFollowers    string        `json:"for_not_followers"`
	NewAccounts     string        `json:"for_new_accounts"`
	PrivateMentions string        `json:"for_private_mentions"`
	LimitedAccounts string        `json:"for_limited_accounts"`
	Summary         PolicySummary `json:"summary"`
}

// PolicySummary counts what waits.
type PolicySummary struct {
	Requests      int `json:"pending_requests_count"`
	Notifications int `json:"pending_notifications_count"`
}

// NotificationPolicyV1 is the policy with the switches of its first version.
type NotificationPolicyV1 struct {
	NotificationPolicy
	FilterNotFollowing    bool `json:"filter_not_following"`
	FilterNotFollowers    bool `json:"filter_not_followers"`
	FilterNewAccounts     bool `json:"filter_new_accounts"`
	FilterPrivateMentions bool `json:"filter_private_mentions"`
}

// NotificationRequest is somebody whose notifications wait to be let in.
type NotificationRequest struct {
	ID         ID       `json:"id"`
	CreatedAt  Time     `json:"created_at"`
	UpdatedAt  Time     `json:"updated_at"`
	Count      string   `json:"notifications_count"` // digits
	Account    *Account `json:"account"`
	LastStatus *Status  `json:"last_status"`
}

// Report is a complaint, as who made it and moderators see it.
type Report struct {
	ID            ID       `json:"id"`
	ActionTaken   bool     `json:"action_taken"`
	ActionTakenAt Time     `json:"action_taken_at"`
	Category      string   `json:"category"`
	Comment       string   `json:"comment"`
	Forwarded     bool     `json:"forwarded"`
	CreatedAt     Time     `json:"created_at"`
	StatusIDs     List[ID] `json:"status_ids"`
	RuleIDs       List[ID] `json:"rule_ids"`
	TargetAccount *Account `json:"target_account"`
}

// Marker says how far somebody has read a timeline; LastReadID "0": not at all.
type Marker struct {
	LastReadID string `json:"last_read_id"`
	Version    int64  `json:"version"`
	UpdatedAt  Time   `json:"updated_at"`
}
