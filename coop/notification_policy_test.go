// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"testing"
	"time"

	"minga/coop"
)

func TestPolicyChooses(t *testing.T) {
	old := noon.AddDate(-1, 0, 0)
	known := coop.Acquaintance{Follows: true, FollowerAt: old, MadeAt: old}
	for _, tt := range []struct {
		name   string
		policy coop.NotificationPolicy
		kind   coop.NotificationKind
		knows  coop.Acquaintance
		want   coop.PolicyChoice
	}{
		{"who never chose hears strangers", coop.DefaultNotificationPolicy(), coop.NotifyMention, coop.Acquaintance{}, coop.PolicyAccept},
		{"but not limited servers", coop.DefaultNotificationPolicy(), coop.NotifyMention, coop.Acquaintance{Limited: true}, coop.PolicyFilter},
		{"unless it follows them", coop.DefaultNotificationPolicy(), coop.NotifyMention, coop.Acquaintance{Limited: true, Follows: true}, coop.PolicyAccept},
		{"strangers are filtered", coop.NotificationPolicy{NotFollowing: coop.PolicyFilter}, coop.NotifyFavourite, coop.Acquaintance{}, coop.PolicyFilter},
		{"friends are not", coop.NotificationPolicy{NotFollowing: coop.PolicyFilter}, coop.NotifyFavourite, known, coop.PolicyAccept},
		{"who does not follow is dropped", coop.NotificationPolicy{NotFollowers: coop.PolicyDrop}, coop.NotifyMention, coop.Acquaintance{Follows: true}, coop.PolicyDrop},
		{"who follows since yesterday too", coop.NotificationPolicy{NotFollowers: coop.PolicyDrop}, coop.NotifyMention, coop.Acquaintance{FollowerAt: noon.Add(-24 * time.Hour)}, coop.PolicyDrop},
		{"who follows since long is not", coop.NotificationPolicy{NotFollowers: coop.PolicyDrop}, coop.NotifyMention, coop.Acquaintance{FollowerAt: old}, coop.PolicyAccept},
		{"new accounts", coop.NotificationPolicy{NewAccounts: coop.PolicyFilter}, coop.NotifyMention, coop.Acquaintance{MadeAt: noon.AddDate(0, 0, -29)}, coop.PolicyFilter},
		{"old accounts", coop.NotificationPolicy{NewAccounts: coop.PolicyFilter}, coop.NotifyMention, coop.Acquaintance{MadeAt: noon.AddDate(0, 0, -31)}, coop.PolicyAccept},
		{"unasked private words", coop.NotificationPolicy{PrivateMentions: coop.PolicyFilter}, coop.NotifyMention, coop.Acquaintance{Private: true}, coop.PolicyFilter},
		{"private answers", coop.NotificationPolicy{PrivateMentions: coop.PolicyFilter}, coop.NotifyMention, coop.Acquaintance{Private: true, Answer: true}, coop.PolicyAccept},
		{"a like of private words", coop.NotificationPolicy{PrivateMentions: coop.PolicyFilter}, coop.NotifyFavourite, coop.Acquaintance{Private: true}, coop.PolicyAccept},
		{"the strictest counts", coop.NotificationPolicy{NotFollowing: coop.PolicyFilter, NotFollowers: coop.PolicyDrop, NewAccounts: coop.PolicyFilter}, coop.NotifyMention, coop.Acquaintance{MadeAt: noon}, coop.PolicyDrop},
		{"who was let in", coop.NotificationPolicy{NotFollowing: coop.PolicyDrop}, coop.NotifyMention, coop.Acquaintance{Permitted: true}, coop.PolicyAccept},
		{"who looks after the instance", coop.NotificationPolicy{NotFollowing: coop.PolicyDrop}, coop.NotifyMention, coop.Acquaintance{Staff: true}, coop.PolicyAccept},
		{"the end of a poll", coop.NotificationPolicy{NotFollowing: coop.PolicyDrop}, coop.NotifyPoll, coop.Acquaintance{}, coop.PolicyAccept},
		{"a membership", coop.NotificationPolicy{NotFollowing: coop.PolicyDrop}, coop.NotifyMembership, coop.Acquaintance{}, coop.PolicyAccept},
		{"a report", coop.NotificationPolicy{NotFollowing: coop.PolicyDrop}, coop.NotifyReport, coop.Acquaintance{}, coop.PolicyAccept},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.policy.Choose(tt.kind, tt.knows, noon); got != tt.want {
				t.Errorf("chose %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPolicyMarksAndDrops(t *testing.T) {
	event := coop.Event{Kind: coop.EventLiked, From: 1, Post: 9, At: noon}
	for choice, want := range map[coop.PolicyChoice]int{coop.PolicyAccept: 1, coop.PolicyFilter: 1, coop.PolicyDrop: 0} {
		told := coop.Notifications(event, []coop.Concerned{{Account: 2, Author: true, MaySee: true, Policy: coop.NotificationPolicy{NotFollowing: choice}}})
		if len(told) != want || want == 1 && told[0].Filtered != (choice == coop.PolicyFilter) {
			t.Errorf("%s: %+v", choice, told)
		}
	}
}

func TestWhoHearsOfPollsAndReports(t *testing.T) {
	for _, tt := range []struct {
		name  string
		event coop.Event
		who   coop.Concerned
		want  coop.NotificationKind
	}{
		{"who asked hears the answer", coop.Event{Kind: coop.EventPollEnded, From: 2, Post: 9}, coop.Concerned{Author: true, MaySee: true}, coop.NotifyPoll},
		{"who voted does", coop.Event{Kind: coop.EventPollEnded, From: 1, Post: 9}, coop.Concerned{Voted: true, MaySee: true}, coop.NotifyPoll},
		{"who only looked does not", coop.Event{Kind: coop.EventPollEnded, From: 1, Post: 9}, coop.Concerned{MaySee: true}, ""},
		{"moderators hear of reports", coop.Event{Kind: coop.EventReported, From: 1, About: 5}, coop.Concerned{Moderator: true, Mutes: true, Blocks: true}, coop.NotifyReport},
		{"of their own too", coop.Event{Kind: coop.EventReported, From: 2, About: 5}, coop.Concerned{Moderator: true}, coop.NotifyReport},
		{"nobody else does", coop.Event{Kind: coop.EventReported, From: 1, About: 5}, coop.Concerned{Target: true}, ""},
		{"a moderator who is gone does not", coop.Event{Kind: coop.EventReported, From: 1, About: 5}, coop.Concerned{Moderator: true, Gone: true}, ""},
		{"who is asked about its job", coop.Event{Kind: coop.EventCreated, From: 1, Post: 9}, coop.Concerned{Asked: true, Mentioned: true, MaySee: true}, coop.NotifyInterest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.who.Account, tt.event.At = 2, noon
			got := coop.NotificationKind("")
			if told := coop.Notifications(tt.event, []coop.Concerned{tt.who}); len(told) > 0 {
				got = told[0].Kind
			}
			if got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

func TestGroupsSpanHalfADay(t *testing.T) {
	n := coop.Notification{Kind: coop.NotifyFavourite, PostID: 7}
	first := n.GroupAfter("", noon)
	if n.GroupAfter(first, noon.Add(11*time.Hour)) != first {
		t.Error("eleven hours later it is another")
	}
	for name, other := range map[string]string{
		"thirteen hours later": n.GroupAfter(first, noon.Add(13*time.Hour)),
		"another post":         coop.Notification{Kind: coop.NotifyFavourite, PostID: 8}.GroupAfter("", noon),
		"another kind":         coop.Notification{Kind: coop.NotifyReblog, PostID: 7}.GroupAfter("", noon),
		"a broken key":         n.GroupAfter("favourite-7-x", noon.Add(13*time.Hour)),
	} {
		if other == first || other == "" {
			t.Errorf("%s: %q", name, other)
		}
		if _, group, err := coop.ParseGroupKey(other); err != nil || group != other {
			t.Errorf("%s: %q reads %q, %v", name, other, group, err)
		}
	}
	if (coop.Notification{Kind: coop.NotifyMention}).GroupAfter("", noon) != "" {
		t.Error("a mention has a group")
	}
	alone, _, err := coop.ParseGroupKey(coop.Notification{ID: 12}.GroupKey())
	if alone != 12 || err != nil {
		t.Errorf("alone: %d, %v", alone, err)
	}
	for _, key := range []string{"", "x", "ungrouped-", "ungrouped-x", "a-b"} {
		if _, _, err := coop.ParseGroupKey(key); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("%q: %v", key, err)
		}
	}
}
