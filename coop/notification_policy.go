// SPDX-License-Identifier: AGPL-3.0-or-later

package coop

import "time"

// PolicyChoice is what is done with a notification.
type PolicyChoice string

// What may be done: show it, keep it apart as a request, forget it.
const (
	PolicyAccept PolicyChoice = "accept"
	PolicyFilter PolicyChoice = "filter"
	PolicyDrop   PolicyChoice = "drop"
)

// ParsePolicyChoice reads a choice; anything else is an [InvalidError] of the field.
func ParsePolicyChoice(field, s string) (PolicyChoice, error) {
	if c := PolicyChoice(s); in([]PolicyChoice{PolicyAccept, PolicyFilter, PolicyDrop}, c) {
		return c, nil
	}
	return "", &InvalidError{Field: field, Code: CodeUnknown, Problem: "is accept, filter or drop"}
}

// NotificationPolicy is what an account wants done with notifications by whom it
// does not know well. The empty choice accepts.
type NotificationPolicy struct {
	NotFollowing    PolicyChoice // by whom it does not follow
	NotFollowers    PolicyChoice // by who does not follow it, or only since three days
	NewAccounts     PolicyChoice // by accounts younger than thirty days
	PrivateMentions PolicyChoice // unasked direct posts
	LimitedAccounts PolicyChoice // by accounts of servers that this instance limits
}

// DefaultNotificationPolicy is the policy of who never chose: a co-op has to be
// reachable, so that only limited servers wait.
func DefaultNotificationPolicy() NotificationPolicy {
	return NotificationPolicy{PolicyAccept, PolicyAccept, PolicyAccept, PolicyAccept, PolicyFilter}
}

// Acquaintance is how well an account knows who did something to it.
type Acquaintance struct {
	Follows    bool      // it follows them
	FollowerAt time.Time // since when they follow it; zero: they do not
	MadeAt     time.Time // when their account was made; zero: nobody knows
	Limited    bool      // their server is limited here
	Private    bool      // by a direct post
	Answer     bool      // which answers a post of its own
	Staff      bool      // they look after this instance, or are it
	Permitted  bool      // it let their notifications in
}

// How long an account is new, and a follower.
const (
	newAccount  = 30 * 24 * time.Hour
	newFollower = 3 * 24 * time.Hour
)

// Choose is what is done with a notification at the time given: the strictest of
// what holds. What does not come from the unknown is always accepted: the end of a
// poll, the edit of what was boosted, reports, memberships, what a saved search found.
func (p NotificationPolicy) Choose(kind NotificationKind, k Acquaintance, at time.Time) PolicyChoice {
	if k.Permitted || k.Staff || in([]NotificationKind{NotifyPoll, NotifyUpdate, NotifyStatus, NotifyReport, NotifyMembership, NotifyMatch}, kind) {
		return PolicyAccept
	}
	choice := PolicyAccept
	for _, rule := range []struct {
		holds  bool
		choice PolicyChoice
	}{
		{!k.Follows, p.NotFollowing},
		{k.FollowerAt.IsZero() || at.Sub(k.FollowerAt) < newFollower, p.NotFollowers},
		{!k.Follows && at.Sub(k.MadeAt) < newAccount, p.NewAccounts},
		{kind == NotifyMention && !k.Follows && k.Private && !k.Answer, p.PrivateMentions},
		{!k.Follows && k.Limited, p.LimitedAccounts},
	} {
		if rule.holds {
			choice = stricter(choice, rule.choice)
		}
	}
	return choice
}

// stricter is the one of two choices that lets less in.
func stricter(a, b PolicyChoice) PolicyChoice {
	if a == PolicyDrop || b == PolicyDrop {
		return PolicyDrop
	}
	if a == PolicyFilter || b == PolicyFilter {
		return PolicyFilter
	}
	return PolicyAccept
}
