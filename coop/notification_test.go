// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"minga/coop"
)

func TestNotifications(t *testing.T) {
	const ana, leo coop.ID = 1, 2
	post := coop.ID(9)
	for _, tt := range []struct {
		name  string
		event coop.Event
		who   coop.Concerned
		want  coop.NotificationKind
	}{
		{"who is named hears of it", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Mentioned: true, MaySee: true}, coop.NotifyMention},
		{"who is answered hears of it", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Replied: true, MaySee: true}, coop.NotifyMention},
		{"who has the bell hears of it", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Bell: true, MaySee: true}, coop.NotifyStatus},
		{"a mention is worth more than a bell", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Bell: true, Mentioned: true, MaySee: true}, coop.NotifyMention},
		{"who only follows does not", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{MaySee: true}, ""},
		{"who may not see it does not", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Mentioned: true}, ""},
		{"who mutes does not", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Mentioned: true, MaySee: true, Mutes: true}, ""},
		{"who blocks does not", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Mentioned: true, MaySee: true, Blocks: true}, ""},
		{"who is gone does not", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Mentioned: true, MaySee: true, Gone: true}, ""},
		{"who did it does not", coop.Event{Kind: coop.EventCreated, Post: post, From: leo}, coop.Concerned{Mentioned: true, MaySee: true}, ""},
		{"a board does not", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Kind: coop.Board, Mentioned: true, MaySee: true}, ""},
		{"a co-op does", coop.Event{Kind: coop.EventCreated, Post: post}, coop.Concerned{Kind: coop.Coop, Mentioned: true, MaySee: true}, coop.NotifyMention},
		{"what a backfill brings is quiet", coop.Event{Kind: coop.EventCreated, Post: post, Quiet: true}, coop.Concerned{Mentioned: true, MaySee: true}, ""},
		{"who boosted hears of an edit", coop.Event{Kind: coop.EventEdited, Post: post}, coop.Concerned{Boosted: true, MaySee: true}, coop.NotifyUpdate},
		{"who is named by an edit does", coop.Event{Kind: coop.EventEdited, Post: post}, coop.Concerned{Mentioned: true, MaySee: true}, coop.NotifyMention},
		{"the bell does not ring for edits", coop.Event{Kind: coop.EventEdited, Post: post}, coop.Concerned{Bell: true, MaySee: true}, ""},
		{"the author hears of a like", coop.Event{Kind: coop.EventLiked, Post: post}, coop.Concerned{Author: true, MaySee: true}, coop.NotifyFavourite},
		{"nobody else does", coop.Event{Kind: coop.EventLiked, Post: post}, coop.Concerned{Boosted: true, MaySee: true}, ""},
		{"the author hears of a boost", coop.Event{Kind: coop.EventBoosted, Post: post}, coop.Concerned{Author: true, MaySee: true}, coop.NotifyReblog},
		{"who is followed hears of it", coop.Event{Kind: coop.EventFollowed}, coop.Concerned{Target: true}, coop.NotifyFollow},
		{"who is asked hears of it", coop.Event{Kind: coop.EventAsked}, coop.Concerned{Target: true}, coop.NotifyFollowRequest},
		{"who voted hears of the end", coop.Event{Kind: coop.EventPollEnded, Post: post}, coop.Concerned{Voted: true, MaySee: true}, coop.NotifyPoll},
		{"who did not vote does not", coop.Event{Kind: coop.EventPollEnded, Post: post}, coop.Concerned{MaySee: true}, ""},
		{"who asked hears of the end", coop.Event{Kind: coop.EventPollEnded, Post: post}, coop.Concerned{Author: true, MaySee: true}, coop.NotifyPoll},
		{"a side hears of its membership", coop.Event{Kind: coop.EventMembership}, coop.Concerned{Kind: coop.Federation, Target: true}, coop.NotifyMembership},
		{"an unknown event tells nobody", coop.Event{Kind: "danced"}, coop.Concerned{Target: true, Author: true}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.who.Account = leo
			if tt.event.From == 0 {
				tt.event.From = ana
			}
			tt.event.At = noon
			var want []coop.Notification
			if tt.want != "" {
				want = []coop.Notification{{AccountID: leo, Kind: tt.want, FromID: ana, PostID: tt.event.Post, CreatedAt: noon}}
			}
			if diff := cmp.Diff(want, coop.Notifications(tt.event, []coop.Concerned{tt.who})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNobodyIsToldWhoMustNotBe(t *testing.T) {
	kinds := []coop.EventKind{coop.EventCreated, coop.EventEdited, coop.EventLiked, coop.EventBoosted, coop.EventFollowed, coop.EventAsked, coop.EventMembership}
	rapid.Check(t, func(t *rapid.T) {
		flag := rapid.Bool()
		e := coop.Event{Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), From: 1, Post: coop.ID(rapid.IntRange(0, 1).Draw(t, "post")), Quiet: flag.Draw(t, "quiet")}
		c := coop.Concerned{
			Account: coop.ID(rapid.IntRange(1, 2).Draw(t, "who")), Gone: flag.Draw(t, "gone"), MaySee: flag.Draw(t, "sees"),
			Mentioned: flag.Draw(t, "named"), Replied: flag.Draw(t, "answered"), Author: flag.Draw(t, "author"), Boosted: flag.Draw(t, "boosted"),
			Target: flag.Draw(t, "target"), Bell: flag.Draw(t, "bell"), Blocks: flag.Draw(t, "blocks"), Mutes: flag.Draw(t, "mutes"),
		}
		told := coop.Notifications(e, []coop.Concerned{c})
		if len(told) > 0 && (e.Quiet || c.Gone || c.Blocks || c.Mutes || c.Account == e.From || e.Post != 0 && !c.MaySee) {
			t.Fatalf("%+v was told %+v", c, told)
		}
		if len(told) > 1 {
			t.Fatalf("told twice: %+v", told)
		}
	})
}
