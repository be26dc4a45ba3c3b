// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// told are the kinds of what an account was told, newest first.
func (w *world) told(a *coop.Account) []coop.NotificationKind {
	w.Helper()
	list, err := w.s.Notifications(w.Context(), a.ID, coop.Page{})
	var kinds []coop.NotificationKind
	for _, n := range must(w, list, err) {
		if n.From == nil {
			w.Errorf("%s is by nobody", n.Kind)
		}
		kinds = append(kinds, n.Kind)
	}
	return kinds
}

// saw checks what an account was told.
func (w *world) saw(a *coop.Account, want ...coop.NotificationKind) {
	w.Helper()
	if diff := cmp.Diff(want, w.told(a)); diff != "" {
		w.Errorf("%s was told: %s", a.Name, diff)
	}
}

func TestFollowsAreAskedAcceptedAndEnded(t *testing.T) {
	eachWorld(t, func(w *world) {
		here, far := w.account("telar", "", coop.Coop), w.account("ana", "far.example", coop.Person)
		f := &coop.Follow{IRI: "https://far.example/f/1", Follower: far, Target: here, State: coop.FollowAsked}
		put := func() { w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutFollow(ctx, f) }) }
		put()
		put()
		w.saw(here, coop.NotifyFollowRequest)
		inboxes, err := w.s.FollowerInboxes(w.Context(), here.ID)
		if len(must(w, inboxes, err)) != 0 {
			w.Error("who only asked gets posts")
		}
		first := f.ID
		f.State, f.IRI = coop.FollowAccepted, "https://far.example/f/2"
		put()
		w.saw(here, coop.NotifyFollow)
		got, err := w.s.FollowByIRI(w.Context(), "https://far.example/f/2")
		if must(w, got, err).ID != first || got.Follower.IRI != far.IRI || got.Target.ID != here.ID || got.State != coop.FollowAccepted {
			w.Errorf("follow: %+v", got)
		}
		inboxes, err = w.s.FollowerInboxes(w.Context(), here.ID)
		want := []storage.Inbox{{Inbox: far.Inbox, SharedInbox: far.SharedInbox, Host: "far.example", AccountID: far.ID}}
		if diff := cmp.Diff(want, must(w, inboxes, err)); diff != "" {
			w.Error(diff)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutPeer(ctx, &coop.Peer{Host: "far.example", Policy: coop.PolicyBlock})
		})
		inboxes, err = w.s.FollowerInboxes(w.Context(), here.ID)
		if len(must(w, inboxes, err)) != 0 {
			w.Error("a blocked server gets posts")
		}
		var removed [2]bool
		for i := range removed {
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				removed[i], err = tx.RemoveFollow(ctx, far.ID, here.ID)
				return err
			})
		}
		if removed != [2]bool{true, false} {
			w.Errorf("removed %v", removed)
		}
		w.saw(here)
		var invalid *coop.InvalidError
		if err := w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutFollow(ctx, &coop.Follow{Follower: far, Target: far})
		}); !errors.As(err, &invalid) {
			w.Errorf("following oneself: %v", err)
		}
	})
}

func TestBlocksEndFollowsAndSilence(t *testing.T) {
	eachWorld(t, func(w *world) {
		here, far := w.account("telar", "", coop.Coop), w.account("ana", "far.example", coop.Person)
		w.follow(far, here)
		w.follow(here, far)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddBlock(ctx, storage.Block{IRI: "https://far.example/b/1", Blocker: far.ID, Target: here.ID})
		})
		blocked, err := w.s.Blocked(w.Context(), here.ID, far.ID)
		if !must(w, blocked, err) {
			w.Error("not blocked")
		}
		for _, pair := range [][2]coop.ID{{here.ID, far.ID}, {far.ID, here.ID}} {
			_, err := w.s.Follow(w.Context(), pair[0], pair[1])
			w.wants(err, coop.ErrNotFound)
		}
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutFollow(ctx, &coop.Follow{Follower: far, Target: here, State: coop.FollowAsked})
		}), coop.ErrForbidden)
		w.post(far, func(p *coop.Post) { p.Mentions = []coop.Mention{{IRI: here.IRI}} })
		w.saw(here)
		b, err := w.s.BlockByIRI(w.Context(), "https://far.example/b/1")
		if must(w, b, err).Blocker != far.ID {
			w.Errorf("block: %+v", b)
		}
	})
}

func TestWhoIsToldOfPostsAndReactions(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person)
		eva := w.account("eva", "far.example", coop.Person)
		p := w.post(telar, job("Weaver"))
		mention := func(p *coop.Post) {
			p.Mentions = []coop.Mention{{IRI: ana.IRI}, {IRI: telar.IRI}, {IRI: eva.IRI}}
			p.InReplyTo, p.Cc = "https://fed-sur.example/nowhere", []coop.IRI{ana.IRI}
		}
		w.post(eva, mention, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleFollowers, nil })
		w.saw(ana, coop.NotifyMention)
		w.saw(telar) // mentioned in what it may not see
		w.add(w.newPost(eva, mention), storage.Arrival{Quiet: true})
		w.saw(ana, coop.NotifyMention)
		w.post(eva, func(r *coop.Post) { r.InReplyTo, r.Visibility, r.To = p.IRI, coop.VisibleDirect, []coop.IRI{telar.IRI} })
		w.saw(telar, coop.NotifyInterest)
		for _, actor := range []*coop.Account{eva, eva, telar} {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.React(ctx, storage.Reaction{Kind: storage.Like, Actor: actor.ID, Post: p.ID, IRI: actor.IRI + "/likes/1"})
				return err
			})
		}
		w.saw(telar, coop.NotifyFavourite, coop.NotifyInterest)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if _, err := tx.React(ctx, storage.Reaction{Kind: storage.Boost, Actor: ana.ID, Post: p.ID}); err != nil {
				return err
			}
			p.Content, p.Updated = "<p>changed</p>", w.clock.Now().Add(time.Second)
			_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
			return err
		})
		w.saw(ana, coop.NotifyUpdate, coop.NotifyMention)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.Unreact(ctx, storage.Like, eva.ID, p.ID)
			return err
		})
		w.saw(telar, coop.NotifyReblog, coop.NotifyInterest)
		got, err := w.s.Post(w.Context(), coop.As(telar.ID), p.ID)
		if must(w, got, err).Likes != 1 || got.Boosts != 1 || got.Replies != 1 {
			w.Errorf("%d likes, %d boosts, %d replies", got.Likes, got.Boosts, got.Replies)
		}
		got, err = w.s.Post(w.Context(), coop.Anonymous(), p.ID)
		if must(w, got, err).Replies != 0 {
			w.Error("a direct reply is counted for anybody")
		}
		holders, err := w.s.Holders(w.Context(), p.ID, 10)
		want := []storage.Inbox{{Inbox: eva.SharedInbox, SharedInbox: eva.SharedInbox, Host: "far.example"}}
		if diff := cmp.Diff(want, must(w, holders, err)); diff != "" {
			w.Error(diff)
		}
		w.sound()
	})
}

func TestReactionsUndoneBeforeTheyCame(t *testing.T) {
	eachWorld(t, func(w *world) {
		p, eva := w.post(w.account("telar", "", coop.Coop)), w.account("eva", "far.example", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddTombstone(ctx, storage.Tombstone{IRI: eva.IRI + "/likes/1", Owner: eva.IRI, At: w.clock.Now()})
		})
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.React(ctx, storage.Reaction{Kind: storage.Like, Actor: eva.ID, Post: p.ID, IRI: eva.IRI + "/likes/1"})
			return err
		}), coop.ErrGone)
		w.clock.Advance(31 * 24 * time.Hour)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			n, err := tx.SweepRecords(ctx, 100)
			if n != 1 {
				w.Errorf("swept %d", n)
			}
			return err
		})
	})
}

func TestMembershipsNeedBothSides(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, fed := w.account("telar", "far.example", coop.Coop), w.account("facttic", "", coop.Federation)
		m := &coop.Membership{JoinIRI: "https://far.example/join/1", Member: telar, Organization: fed, State: coop.MembershipAsked, Note: "We weave"}
		put := func(m *coop.Membership) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.PutMembership(ctx, m) })
		}
		if err := put(m); err != nil {
			w.Fatal(err)
		}
		w.saw(fed, coop.NotifyMembership)
		verified := func(want bool) {
			w.Helper()
			got, err := w.s.VerifiedMember(w.Context(), telar.ID, fed.ID)
			if must(w, got, err) != want {
				w.Errorf("verified: %t", got)
			}
		}
		m.State, m.Role, m.IRI, m.OrganizationSays, m.Start = coop.MembershipMember, coop.RoleFull, "https://fed-sur.example/m/1", true, w.clock.Now()
		if err := put(m); err != nil {
			w.Fatal(err)
		}
		verified(false)
		m.MemberSays = true
		if err := put(m); err != nil {
			w.Fatal(err)
		}
		verified(true)
		for _, read := range []func() (*coop.Membership, error){
			func() (*coop.Membership, error) { return w.s.Membership(w.Context(), m.ID) },
			func() (*coop.Membership, error) { return w.s.MembershipByIRI(w.Context(), m.IRI) },
			func() (*coop.Membership, error) { return w.s.MembershipByJoin(w.Context(), m.JoinIRI) },
			func() (*coop.Membership, error) { return w.s.MembershipOf(w.Context(), telar.ID, fed.ID) },
		} {
			got, err := read()
			if must(w, got, err).Member.IRI != telar.IRI || got.Role != coop.RoleFull || !got.Start.Equal(m.Start) || got.Note != "We weave" {
				w.Errorf("membership %+v", got)
			}
		}
		other := w.account("sol", "far.example", coop.Coop)
		w.wants(put(&coop.Membership{IRI: m.IRI, Member: other, Organization: fed, State: coop.MembershipAsked}), coop.ErrConflict)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, fed.ID, w.clock.Now()) })
		verified(false)
		list, err := w.s.Memberships(w.Context(), storage.MembershipQuery{Member: telar.ID}, coop.Page{})
		if len(must(w, list, err)) != 0 {
			w.Error("a suspended federation is listed")
		}
	})
}

func TestPostsToMembersWaitForTheirFederation(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, author := w.account("telar", "", coop.Coop), w.account("sol", "far.example", coop.Coop)
		collection := coop.IRI("https://patio.example/federation/patio/members")
		p := w.post(author, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleMembers, []coop.IRI{collection} })
		fed := w.account("patio", "patio.example", coop.Federation)
		thief := &coop.Account{IRI: "https://evil.example/f", Kind: coop.Federation, Name: "f", Host: "evil.example", Members: collection}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, thief) })
		w.member(telar, thief)
		_, err := w.s.Post(w.Context(), coop.As(telar.ID), p.ID)
		w.wants(err, coop.ErrNotFound)
		w.member(telar, fed)
		if _, err := w.s.Post(w.Context(), coop.As(telar.ID), p.ID); err != nil {
			w.Error(err)
		}
		second := w.post(author, func(p *coop.Post) { p.Visibility, p.To = coop.VisibleMembers, []coop.IRI{collection} })
		if _, err := w.s.Post(w.Context(), coop.As(telar.ID), second.ID); err != nil {
			w.Error(err)
		}
		_, err = w.s.Post(w.Context(), coop.SignedHost("patio.example"), second.ID)
		w.wants(err, coop.ErrNotFound)
	})
}

func TestPeersAreTouchedOnceAMinute(t *testing.T) {
	eachWorld(t, func(w *world) {
		touch := func(what storage.PeerEvent) {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.TouchPeer(ctx, "Far.example", what, w.clock.Now(), storage.Exchanged{})
			})
		}
		start := w.clock.Now()
		touch(storage.PeerReceived)
		w.clock.Advance(30 * time.Second)
		touch(storage.PeerReceived)
		touch(storage.PeerDelivered)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutPeer(ctx, &coop.Peer{Host: "far.example", Policy: coop.PolicyLimit, Reason: "spam", LastReceived: start.Add(-time.Hour)})
		})
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "far.example", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutFollow(ctx, &coop.Follow{Follower: ana, Target: telar, State: coop.FollowAsked})
		})
		p, err := w.s.Peer(w.Context(), "far.example")
		want := &coop.Peer{
			Host: "far.example", Policy: coop.PolicyLimit, Reason: "spam", FirstSeen: start,
			LastReceived: start, LastDelivered: start.Add(30 * time.Second), Waiting: 1,
		}
		if diff := cmp.Diff(want, must(w, p, err)); diff != "" {
			w.Error(diff)
		}
		for q, n := range map[storage.PeerQuery]int{
			{}: 1, {Waiting: true}: 1, {Policy: coop.PolicyBlock}: 0, {Policy: coop.PolicyLimit}: 1, {After: "far.example"}: 0,
		} {
			list, err := w.s.Peers(w.Context(), q)
			if len(must(w, list, err)) != n {
				w.Errorf("%+v gives %d", q, len(list))
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ForgetPeer(ctx, "far.example") })
		p, err = w.s.Peer(w.Context(), "far.example")
		if must(w, p, err).Policy != coop.PolicyNone {
			w.Errorf("policy %s", p.Policy)
		}
	})
}
