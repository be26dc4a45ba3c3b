// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import (
	"crypto/ecdh"
	"time"
)

// PushPolicy is by whom a notification must be that is pushed.
type PushPolicy string

// The policies, by the names of the client API.
const (
	PushAll      PushPolicy = "all"
	PushFollowed PushPolicy = "followed" // by whom the account follows
	PushFollower PushPolicy = "follower" // by who follows the account
	PushNone     PushPolicy = "none"
)

// ParsePushPolicy reads a policy; empty is all, anything else an [InvalidError] of
// field policy.
func ParsePushPolicy(s string) (PushPolicy, error) {
	switch p := PushPolicy(s); p {
	case "":
		return PushAll, nil
	case PushAll, PushFollowed, PushFollower, PushNone:
		return p, nil
	}
	return "", &InvalidError{Field: "policy", Code: CodeUnknown, Problem: "is all, followed, follower or none"}
}

// PushAlerts are the kinds of notifications that a subscription may ask for. Nobody
// signs up by themselves here: clients want admin.sign_up answered all the same.
func PushAlerts() []NotificationKind {
	return []NotificationKind{
		NotifyMention, NotifyStatus, NotifyReblog, NotifyFollow, NotifyFollowRequest, NotifyFavourite, NotifyPoll, NotifyUpdate,
		"admin.sign_up", NotifyReport, NotifyMembership, NotifyInterest,
	}
}

// Sizes of the keys of a subscription, in bytes (RFC 8291 §3.1 and §3.2).
const (
	PushKeySize  = 65 // an uncompressed point of P-256
	PushAuthSize = 16
)

// MaxEndpoint is the most bytes of an endpoint's address.
const MaxEndpoint = 2048

// PushSubscription is where an app wants to hear of notifications while it is closed
// (RFC 8030 §2): the address of a push service, and keys that it does not have.
type PushSubscription struct {
	ID        ID // from a counter of its own, small
	TokenID   ID // whose it is; there is one for a token
	AccountID ID // whose notifications
	Endpoint  string
	Key       []byte             // p256dh, [PushKeySize] bytes
	Auth      []byte             // [PushAuthSize] bytes
	Standard  bool               // encrypted after RFC 8291; else after its fourth draft
	Alerts    []NotificationKind // of [PushAlerts], each once
	Policy    PushPolicy
	CreatedAt time.Time
	UpdatedAt time.Time

	FailingSince time.Time // zero: the last message was taken
	Refused      int       // messages refused in a row
}

// ValidatePush checks the keys of a subscription: a point that is not on the curve
// would give the secret away, or nothing to encrypt with. What it says of the fields
// is an [Invalid]. The endpoint is for the network to judge.
func (s *PushSubscription) ValidatePush() error {
	var all Invalid
	if s.Endpoint == "" || len(s.Endpoint) > MaxEndpoint {
		all = append(all, &InvalidError{Field: "subscription.endpoint", Code: CodeFormat, Problem: "is an address of at most 2,048 characters"})
	}
	if _, err := ecdh.P256().NewPublicKey(s.Key); err != nil {
		all = append(all, &InvalidError{Field: "subscription.keys.p256dh", Code: CodeFormat, Problem: "is a point of P-256, 65 bytes in base64url"})
	}
	if len(s.Auth) != PushAuthSize {
		all = append(all, &InvalidError{Field: "subscription.keys.auth", Code: CodeFormat, Problem: "is 16 bytes in base64url"})
	}
	return all.Or()
}

// Shown is the kind by which a subscription hears of a notification; empty: it does
// not. A kind of minga's own that it did not name reaches it as the kind that is nearest,
// if there is a post to show.
func (s *PushSubscription) Shown(n Notification) NotificationKind {
	switch {
	case in(s.Alerts, n.Kind):
		return n.Kind
	case n.Kind.Own() && n.PostID != 0 && in(s.Alerts, n.Kind.Plain()):
		return n.Kind.Plain()
	}
	return ""
}

// Wants tells whether a subscription is to be told of a notification. Followed says
// that the account follows who did it, follower that they follow the account. What
// waits in a request is not pushed; the end of one's own poll is nobody else's doing.
func (s *PushSubscription) Wants(n Notification, followed, follower bool) bool {
	if n.Filtered || s.Shown(n) == "" {
		return false
	}
	switch s.Policy {
	case PushAll:
		return true
	case PushFollowed:
		return followed || n.FromID == n.AccountID
	case PushFollower:
		return follower || n.FromID == n.AccountID
	}
	return false
}
