// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// find lists notifications by a query.
func (w *world) find(q storage.NotificationQuery, page coop.Page) []coop.Notification {
	w.Helper()
	list, err := w.s.FindNotifications(w.Context(), q, page)
	return must(w, list, err)
}

// like makes an account like a post.
func (w *world) like(actor *coop.Account, p *coop.Post, kind storage.ReactionKind) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.React(ctx, storage.Reaction{Kind: kind, Actor: actor.ID, Post: p.ID})
		return err
	})
}

// naming makes a post mention accounts.
func naming(accounts ...*coop.Account) func(*coop.Post) {
	return func(p *coop.Post) {
		for _, a := range accounts {
			p.Mentions = append(p.Mentions, coop.Mention{IRI: a.IRI})
		}
	}
}

func TestNotificationsHaveACounterOfTheirOwn(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person)
		for range 3 {
			w.post(eva, naming(ana))
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			list, err := tx.Notifications(ctx, ana.ID, coop.Page{})
			if err != nil {
				return err
			}
			return tx.DismissNotification(ctx, ana.ID, list[0].ID)
		})
		w.clock.Advance(-time.Hour) // a clock that steps back does not matter
		w.post(eva, naming(ana))
		list := w.find(storage.NotificationQuery{Account: ana.ID}, coop.Page{})
		for i, n := range list {
			if len(n.ID.String()) != 15 || int64(n.ID) >= 1<<53 {
				w.Errorf("id %s", n.ID)
			}
			if i > 0 && list[i-1].ID <= n.ID {
				w.Errorf("%s before %s", list[i-1].ID, n.ID)
			}
		}
		if len(list) != 3 || list[0].ID < list[1].ID+2 {
			w.Errorf("the id of what was dismissed was given again: %v", list)
		}
	})
}

func TestWhatIsMutedIsNotTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person)
		mute := func(notifications bool, ends time.Time) {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.Mute(ctx, ana.ID, eva.ID, notifications, ends)
			})
		}
		mute(false, time.Time{})
		w.post(eva, naming(ana))
		w.saw(ana, coop.NotifyMention)
		mute(true, w.clock.Now().Add(time.Hour))
		w.post(eva, naming(ana))
		w.saw(ana, coop.NotifyMention)
		w.clock.Advance(2 * time.Hour)
		w.post(eva, naming(ana))
		w.saw(ana, coop.NotifyMention, coop.NotifyMention)
	})
}

func TestMutedThreadsAndBlockedServersAreNotTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person)
		p := w.post(ana)
		insert := func(what string) {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				if what == "thread" {
					return tx.MuteThread(ctx, ana.ID, p.Thread)
				}
				return tx.AddServerBlock(ctx, ana.ID, "far.example")
			})
		}
		insert("thread")
		w.post(eva, naming(ana), func(r *coop.Post) { r.InReplyTo = p.IRI })
		w.like(eva, p, storage.Like)
		w.saw(ana)
		w.post(eva, naming(ana))
		w.saw(ana, coop.NotifyMention)
		insert("server")
		w.post(eva, naming(ana))
		if n := len(w.told(ana)); n > 1 {
			w.Errorf("%d notifications after the server was blocked", n)
		}
	})
}

func TestBellsRingForPostsAndNotForAnswers(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva, leo := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person), w.account("leo", "", coop.Person)
		w.follow(ana, eva)
		w.follow(leo, eva)
		set := func(languages ...string) {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.SetFollowOptions(ctx, ana.ID, eva.ID, coop.FollowOptions{Boosts: true, Bell: true, Languages: languages})
			})
		}
		set()
		first := w.post(eva)
		w.saw(ana, coop.NotifyStatus)
		w.saw(leo)
		w.post(eva, func(p *coop.Post) { p.InReplyTo = first.IRI }) // goes on with her own thread
		w.saw(ana, coop.NotifyStatus, coop.NotifyStatus)
		w.post(eva, func(p *coop.Post) { p.InReplyTo = "https://else.example/1" })
		w.saw(ana, coop.NotifyStatus, coop.NotifyStatus)
		set("pt")
		w.post(eva, func(p *coop.Post) { p.Language = "en" })
		w.saw(ana, coop.NotifyStatus, coop.NotifyStatus)
		w.post(eva, func(p *coop.Post) { p.Language = "pt" })
		w.saw(ana, coop.NotifyStatus, coop.NotifyStatus, coop.NotifyStatus)
		w.post(eva, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleFollowers, []coop.IRI{eva.Followers} })
		w.saw(ana, coop.NotifyStatus, coop.NotifyStatus, coop.NotifyStatus, coop.NotifyStatus)
	})
}

func TestEditsTellWhomTheyNameFirst(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, leo, eva := w.account("ana", "", coop.Person), w.account("leo", "", coop.Person), w.account("eva", "far.example", coop.Person)
		p := w.post(eva, naming(ana))
		edit := func(change func(*coop.Post)) {
			w.clock.Advance(time.Minute)
			q := *p
			q.Updated = w.clock.Now()
			change(&q)
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.UpdatePost(ctx, &q, storage.Arrival{})
				return err
			})
		}
		edit(func(p *coop.Post) { p.Content = "<p>two</p>"; naming(leo)(p) })
		w.saw(ana, coop.NotifyMention)
		w.saw(leo, coop.NotifyMention)
		w.like(leo, p, storage.Boost)
		edit(func(p *coop.Post) { p.Content = "<p>three</p>" })
		first := w.find(storage.NotificationQuery{Account: leo.ID, Kinds: []coop.NotificationKind{coop.NotifyUpdate}}, coop.Page{})
		edit(func(p *coop.Post) { p.Content = "<p>four</p>" })
		second := w.find(storage.NotificationQuery{Account: leo.ID, Kinds: []coop.NotificationKind{coop.NotifyUpdate}}, coop.Page{})
		if len(first) != 1 || len(second) != 1 || second[0].ID <= first[0].ID {
			w.Errorf("updates %v, then %v: the last takes the place of the one before", first, second)
		}
	})
}

func TestNotificationsAreFoundByKindAndSender(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva, leo := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person), w.account("leo", "", coop.Person)
		p := w.post(ana)
		w.like(eva, p, storage.Like)
		w.like(leo, p, storage.Boost)
		w.follow(eva, ana)
		q := storage.NotificationQuery{Account: ana.ID}
		kinds := func(q storage.NotificationQuery, page coop.Page) (kinds []coop.NotificationKind) {
			for _, n := range w.find(q, page) {
				kinds = append(kinds, n.Kind)
			}
			return kinds
		}
		all := w.find(q, coop.Page{})
		for _, tt := range []struct {
			name string
			q    storage.NotificationQuery
			page coop.Page
			want []coop.NotificationKind
		}{
			{"only", storage.NotificationQuery{Account: ana.ID, Kinds: []coop.NotificationKind{"follow", "danced"}}, coop.Page{}, []coop.NotificationKind{coop.NotifyFollow}},
			{"except", storage.NotificationQuery{Account: ana.ID, Except: []coop.NotificationKind{"follow"}}, coop.Page{}, []coop.NotificationKind{coop.NotifyReblog, coop.NotifyFavourite}},
			{"by", storage.NotificationQuery{Account: ana.ID, From: leo.ID}, coop.Page{}, []coop.NotificationKind{coop.NotifyReblog}},
			{"below", q, coop.Page{Max: all[0].ID}, []coop.NotificationKind{coop.NotifyReblog, coop.NotifyFavourite}},
			{"just above", q, coop.Page{Min: all[2].ID, Limit: 1}, []coop.NotificationKind{coop.NotifyReblog}},
			{"newest above", q, coop.Page{Since: all[2].ID, Limit: 1}, []coop.NotificationKind{coop.NotifyFollow}},
			{"of another", storage.NotificationQuery{Account: leo.ID}, coop.Page{}, nil},
		} {
			if diff := cmp.Diff(tt.want, kinds(tt.q, tt.page)); diff != "" {
				w.Errorf("%s: %s", tt.name, diff)
			}
		}
		_, err := w.s.Notification(w.Context(), leo.ID, all[0].ID)
		w.wants(err, coop.ErrNotFound)
		n, err := w.s.CountNotifications(w.Context(), q, all[2].ID, 100)
		if must(w, n, err) != 2 {
			w.Errorf("%d above", n)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DismissNotification(ctx, leo.ID, all[0].ID) })
		if len(w.told(ana)) != 3 {
			w.Error("another could dismiss it")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ClearNotifications(ctx, ana.ID) })
		w.saw(ana)
	})
}

func TestNotificationsOfOneTargetAreOneLine(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		p, other := w.post(ana), w.post(ana)
		var fans []*coop.Account
		for i := range 10 {
			fan := w.account(fmt.Sprintf("fan%d", i), "far.example", coop.Person)
			fans = append(fans, fan)
			w.like(fan, p, storage.Like)
			if i == 4 {
				w.like(fan, other, storage.Like)
				w.post(fan, naming(ana))
			}
		}
		q := storage.NotificationQuery{Account: ana.ID}
		groups := func(page coop.Page, grouped ...coop.NotificationKind) []coop.NotificationGroup {
			w.Helper()
			list, err := w.s.NotificationGroups(w.Context(), q, grouped, page)
			return must(w, list, err)
		}
		lines := groups(coop.Page{}, coop.GroupedKinds()...)
		if len(lines) != 3 || lines[0].Count != 10 || lines[0].Accounts != 10 || len(lines[0].Samples) != 8 || lines[0].Samples[0].ID != fans[9].ID {
			w.Fatalf("lines: %+v", lines)
		}
		if lines[1].Latest.Kind != coop.NotifyMention || lines[1].Key != "ungrouped-"+lines[1].Latest.ID.String() || lines[2].Latest.PostID != other.ID {
			w.Errorf("lines: %+v", lines)
		}
		if lines[0].PageMax != lines[0].Latest.ID || lines[0].PageMin <= lines[2].Latest.ID || lines[0].PageMin >= lines[0].PageMax {
			w.Errorf("the page covers %s to %s", lines[0].PageMin, lines[0].PageMax)
		}
		if n := len(groups(coop.Page{})); n != 12 {
			w.Errorf("%d lines of one each", n)
		}
		var seen []string
		for page := (coop.Page{Limit: 1}); len(seen) < 5; {
			list := groups(page, coop.GroupedKinds()...)
			if len(list) == 0 {
				break
			}
			seen, page.Max = append(seen, list[0].Key), list[0].Latest.ID
		}
		if diff := cmp.Diff([]string{lines[0].Key, lines[1].Key, lines[2].Key}, seen); diff != "" {
			w.Errorf("page by page each line comes once: %s", diff)
		}
		n, err := w.s.CountNotificationGroups(w.Context(), q, coop.GroupedKinds(), 0, 100)
		if must(w, n, err) != 3 {
			w.Errorf("%d lines counted", n)
		}
		one, err := w.s.NotificationGroup(w.Context(), ana.ID, lines[0].Key)
		if must(w, one, err).Count != 10 || one.Key != lines[0].Key {
			w.Errorf("one line: %+v", one)
		}
		for _, key := range []string{lines[0].Key, "ungrouped-1", "", "x", "favourite-1-2"} {
			_, err := w.s.NotificationGroup(w.Context(), fans[0].ID, key)
			w.wants(err, coop.ErrNotFound)
		}
		who, err := w.s.NotificationGroupAccounts(w.Context(), ana.ID, lines[0].Key, coop.Page{Limit: 80})
		if len(must(w, who, err)) != 10 || who[9].From.ID != fans[0].ID {
			w.Errorf("who: %+v", who)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SuspendAccount(ctx, fans[9].ID, w.clock.Now())
		})
		if lines = groups(coop.Page{}, coop.GroupedKinds()...); lines[0].Count != 9 || lines[0].Samples[0].ID != fans[8].ID {
			w.Errorf("after who was last is gone: %+v", lines[0])
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.DismissNotificationGroup(ctx, ana.ID, lines[0].Key)
		})
		if n := len(groups(coop.Page{}, coop.GroupedKinds()...)); n != 2 {
			w.Errorf("%d lines after one was dismissed", n)
		}
		w.clock.Advance(13 * time.Hour)
		w.like(fans[0], other, storage.Boost)
		w.like(fans[1], other, storage.Like)
		if lines = groups(coop.Page{}, coop.GroupedKinds()...); len(lines) != 4 || lines[0].Count != 1 {
			w.Errorf("half a day later a new line begins: %+v", lines)
		}
	})
}

func TestPolicyFiltersAndDrops(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva, sol := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person), w.account("sol", "far.example", coop.Person)
		policy := coop.DefaultNotificationPolicy()
		policy.NotFollowing = coop.PolicyFilter
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetNotificationPolicy(ctx, ana.ID, policy) })
		got, err := w.s.NotificationPolicy(w.Context(), ana.ID)
		if diff := cmp.Diff(policy, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		w.follow(ana, sol)
		p := w.post(eva, naming(ana))
		w.post(eva, naming(ana))
		w.post(sol, naming(ana))
		w.saw(ana, coop.NotifyMention)
		if n := len(w.find(storage.NotificationQuery{Account: ana.ID, Filtered: true}, coop.Page{})); n != 3 {
			w.Errorf("%d with what waits", n)
		}
		requests := func() []coop.NotificationRequest {
			list, err := w.s.NotificationRequests(w.Context(), ana.ID, coop.Page{})
			return must(w, list, err)
		}
		list := requests()
		if len(list) != 1 || list[0].Count != 2 || list[0].From.ID != eva.ID || list[0].LastPost == p.ID || list[0].LastPost == 0 {
			w.Fatalf("requests: %+v", list)
		}
		requested, waiting, err := w.s.PendingNotifications(w.Context(), ana.ID)
		if must(w, requested, err) != 1 || waiting != 2 {
			w.Errorf("%d requests with %d notifications", requested, waiting)
		}
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AcceptNotifications(ctx, sol.ID, list[0].ID)
		}), coop.ErrNotFound)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.DismissNotifications(ctx, ana.ID, list[0].ID)
		})
		if len(requests()) != 0 {
			w.Error("a dismissed request waits")
		}
		w.post(eva, naming(ana))
		list = requests()
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AcceptNotifications(ctx, ana.ID, list[0].ID)
		})
		w.post(eva, naming(ana))
		w.saw(ana, coop.NotifyMention, coop.NotifyMention, coop.NotifyMention)
		policy.NotFollowers = coop.PolicyDrop
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetNotificationPolicy(ctx, ana.ID, policy) })
		leo := w.account("leo", "", coop.Person)
		w.post(leo, naming(ana))
		if len(requests()) != 0 || len(w.told(ana)) != 3 {
			w.Error("what is dropped came")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DeleteAccount(ctx, ana.ID, w.clock.Now()) })
		w.sound()
	})
}

func TestLimitedServersWaitUnlessTheyAreFollowed(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, eva := w.account("ana", "", coop.Person), w.account("eva", "far.example", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutPeer(ctx, &coop.Peer{Host: "far.example", Policy: coop.PolicyLimit})
		})
		w.post(eva, naming(ana))
		w.saw(ana)
		w.follow(ana, eva)
		w.post(eva, naming(ana))
		w.saw(ana, coop.NotifyMention)
	})
}
