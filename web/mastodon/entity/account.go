// SPDX-License-Identifier: AGPL-3.0-or-later

package entity

import "minga/coop"

// Account is somebody who can act, here or elsewhere.
type Account struct {
	ID                ID             `json:"id"`
	Username          string         `json:"username"`
	Acct              string         `json:"acct"`
	DisplayName       string         `json:"display_name"`
	Locked            bool           `json:"locked"`
	Bot               bool           `json:"bot"`
	Group             bool           `json:"group"`
	Discoverable      bool           `json:"discoverable"`
	Indexable         bool           `json:"indexable"`
	NoIndex           bool           `json:"noindex"`
	HideCollections   bool           `json:"hide_collections"`
	ShowMedia         bool           `json:"show_media"`
	ShowMediaReplies  bool           `json:"show_media_replies"`
	ShowFeatured      bool           `json:"show_featured"`
	CreatedAt         Time           `json:"created_at"`
	Note              string         `json:"note"`
	URL               string         `json:"url"`
	URI               string         `json:"uri"`
	Avatar            string         `json:"avatar"`
	AvatarStatic      string         `json:"avatar_static"`
	AvatarDescription string         `json:"avatar_description"`
	Header            string         `json:"header"`
	HeaderStatic      string         `json:"header_static"`
	HeaderDescription string         `json:"header_description"`
	FollowersCount    int            `json:"followers_count"`
	FollowingCount    int            `json:"following_count"`
	StatusesCount     int            `json:"statuses_count"`
	LastStatusAt      Date           `json:"last_status_at"`
	Emojis            List[Emoji]    `json:"emojis"`
	Fields            List[Field]    `json:"fields"`
	Roles             List[RoleMark] `json:"roles"`
	Moved             *Account       `json:"moved,omitempty"`
	MovedTo           coop.IRI       `json:"-"` // of whom Moved is made
	Suspended         bool           `json:"suspended,omitempty"`
	Limited           bool           `json:"limited,omitempty"`
	Memorial          bool           `json:"memorial,omitempty"`
	MuteExpiresAt     *Time          `json:"mute_expires_at,omitempty"` // in the list of mutes alone
	Source            *Source        `json:"source,omitempty"`          // of one's own account alone
	Role              *Role          `json:"role,omitempty"`            // of one's own account alone
	Minga             AccountMinga   `json:"minga"`
}

// Field is a row of a profile.
type Field struct {
	Name       string `json:"name"`
	Value      string `json:"value"` // HTML; in [Source] plain text
	VerifiedAt Time   `json:"verified_at"`
}

// RoleMark is a role that everybody sees on a profile.
type RoleMark struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

// Source is what somebody typed about themselves, and how they post when they do
// not say.
type Source struct {
	Note                string       `json:"note"`
	Fields              List[Field]  `json:"fields"`
	Privacy             string       `json:"privacy"`
	Sensitive           bool         `json:"sensitive"`
	Language            Null         `json:"language"`
	FollowRequestsCount int          `json:"follow_requests_count"`
	Discoverable        bool         `json:"discoverable"`
	Indexable           bool         `json:"indexable"`
	HideCollections     bool         `json:"hide_collections"`
	AttributionDomains  List[string] `json:"attribution_domains"`
}

// Role is what an account may do on this server.
type Role struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Color       string `json:"color"`
	Permissions string `json:"permissions"` // a bit field as decimal digits
	Highlighted bool   `json:"highlighted"`
}

// AccountMinga is what minga adds: the kind, and of which federations the account is
// a verified member.
type AccountMinga struct {
	Kind        string       `json:"kind"`
	Evidence    string       `json:"evidence"`
	Federations List[ID]     `json:"federations"`
	Features    List[string] `json:"features"`
	// Roles are those of the person who asks in the co-op as which they act, and
	// SpeaksFor for whom a person speaks: on their own account alone.
	Roles     List[string]    `json:"roles"`
	SpeaksFor List[SpeaksFor] `json:"speaks_for,omitempty"`
}

// SpeaksFor is an account in which a person holds roles.
type SpeaksFor struct {
	AccountID   ID           `json:"account_id"`
	Acct        string       `json:"acct"`
	DisplayName string       `json:"display_name"`
	Kind        string       `json:"kind"`
	Roles       List[string] `json:"roles"`
}

// Emoji is a picture that stands for a :shortcode: in a text.
type Emoji struct {
	Shortcode       string `json:"shortcode"`
	URL             string `json:"url"`
	StaticURL       string `json:"static_url"`
	VisibleInPicker bool   `json:"visible_in_picker"`
	Category        Null   `json:"category"`
}

// Relationship is what stands between who asks and another account.
type Relationship struct {
	ID                  ID           `json:"id"`
	Following           bool         `json:"following"`
	ShowingReblogs      bool         `json:"showing_reblogs"`
	Notifying           bool         `json:"notifying"`
	Languages           List[string] `json:"languages"`
	FollowedBy          bool         `json:"followed_by"`
	Blocking            bool         `json:"blocking"`
	BlockedBy           bool         `json:"blocked_by"`
	Muting              bool         `json:"muting"`
	MutingNotifications bool         `json:"muting_notifications"`
	MutingExpiresAt     Time         `json:"muting_expires_at"`
	Requested           bool         `json:"requested"`
	RequestedBy         bool         `json:"requested_by"`
	DomainBlocking      bool         `json:"domain_blocking"`
	Endorsed            bool         `json:"endorsed"`
	Note                string       `json:"note"`
}
