// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// moved lets an account of one house move to one of another: the new one names the old
// one, then the old one goes.
func (f *fediverse) moved(old *coop.Account, from *house, target *coop.Account, to *house) {
	f.t.Helper()
	f.must(to.outbox.AddAlias(f.ctx, target, to.knows(old)))
	f.drain()
	fresh, err := from.inbox.Refresh(f.ctx, target.IRI)
	f.must(err)
	f.must(from.outbox.Move(f.ctx, old, fresh))
	f.settle()
}

// TestMoveAway: a person moves from one instance to another; who followed it on a
// third, on the old and on the new one follows the new account, and nobody twice.
func TestMoveAway(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		vieja, nueva := a.bare("vieja"), b.bare("nueva")
		here, there, third := a.bare("aqui"), b.bare("alla"), c.bare("lejos")
		a.follow(here, vieja)
		b.follow(there, vieja)
		c.follow(third, vieja)
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
			return tx.SetFollowOptions(f.ctx, here.ID, vieja.ID, coop.FollowOptions{Bell: true, Languages: []string{"es"}})
		}))
		list := &coop.List{Owner: here.ID, Title: "Amigas", Replies: coop.RepliesList}
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
			return errors.Join(tx.AddList(f.ctx, list), tx.AddToList(f.ctx, here.ID, list.ID, []coop.ID{vieja.ID}), tx.SetAccountNote(f.ctx, here.ID, vieja.ID, "de la feria"))
		}))

		f.moved(vieja, a, nueva, b)
		for who, h := range map[*coop.Account]*house{here: a, there: b, third: c} {
			got := []coop.FollowState{h.followState(who, nueva), b.followState(who, nueva), h.followState(who, vieja), a.followState(who, vieja)}
			if diff := cmp.Diff([]coop.FollowState{coop.FollowAccepted, coop.FollowAccepted, "", ""}, got); diff != "" {
				t.Errorf("%s: new at home, new at its place, old at home, old at its place: %s", who.Name, diff)
			}
			n, err := h.store.CountFollowing(f.ctx, who.ID, "")
			if f.must(err); n != 1 {
				t.Errorf("%s follows %d", who.Name, n)
			}
		}
		known, err := a.store.Relationships(f.ctx, here.ID, []coop.ID{a.stored(nueva.IRI).ID}, true)
		f.must(err)
		if r := known[a.stored(nueva.IRI).ID]; !r.Options.Bell || r.Options.Boosts || fmt.Sprint(r.Options.Languages) != "[es]" || r.Note != "de la feria" {
			t.Errorf("what was wanted of the follow: %+v", r)
		}
		in, err := a.store.ListAccounts(f.ctx, here.ID, list.ID, coop.Page{Limit: 10})
		if f.must(err); len(in) != 1 || in[0].Account.IRI != nueva.IRI {
			t.Errorf("in the list: %+v", in)
		}
		for _, h := range f.all {
			if got := h.stored(vieja.IRI); got.MovedTo != nueva.IRI {
				t.Errorf("%s thinks that it is at %q", h.name, got.MovedTo)
			}
		}
		f.movedIsSilent(a, b, vieja, nueva)
	})
}

// movedIsSilent: who has moved publishes nothing, is followed by nobody anew, cannot
// move on at once, and is back when it wants.
func (f *fediverse) movedIsSilent(a, b *house, vieja, nueva *coop.Account) {
	f.t.Helper()
	old := a.stored(vieja.IRI)
	if err := a.outbox.PublishNote(f.ctx, old, &coop.Post{Source: "hola"}); !errors.Is(err, coop.ErrForbidden) {
		f.t.Errorf("a moved account posts: %v", err)
	}
	if _, err := b.outbox.Follow(f.ctx, b.bare("tarde"), b.stored(vieja.IRI)); !errors.Is(err, coop.ErrForbidden) {
		f.t.Errorf("a moved account is followed: %v", err)
	}
	other := b.bare("tercera")
	f.must(b.outbox.AddAlias(f.ctx, other, b.stored(vieja.IRI)))
	fresh, err := a.inbox.Refresh(f.ctx, other.IRI)
	f.must(err)
	var invalid *coop.InvalidError
	if err := a.outbox.Move(f.ctx, old, fresh); !errors.As(err, &invalid) || invalid.Code != coop.CodeMoveSoon {
		f.t.Errorf("moved on at once: %v", err)
	}
	f.must(a.outbox.Return(f.ctx, old))
	f.settle()
	if got := b.stored(vieja.IRI); got.MovedTo != "" {
		f.t.Errorf("it is back, and berta thinks that it is at %s", got.MovedTo)
	}
	f.must(a.outbox.PublishNote(f.ctx, a.stored(vieja.IRI), &coop.Post{Source: "de vuelta"}))
}

// TestMoveOfACoop: jobs stay where they are and can be closed, nothing new is published,
// the federation still lists the membership of the old account alone.
func TestMoveOfACoop(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		telar, nuevo, reader := a.coop("telar"), b.coop("telar"), b.bare("lee")
		f.admit(telar, a, a)
		b.follow(reader, telar)
		job := a.publish(telar, "Tejedora")
		f.settle()
		f.moved(telar, a, nuevo, b)
		if got := b.followState(reader, nuevo); got != coop.FollowAccepted {
			t.Errorf("the reader's follow of the new co-op: %q", got)
		}
		if !a.member(telar, a.federation) || b.member(nuevo, b.federation) {
			t.Error("the membership moved")
		}
		_, err := a.outbox.StepJob(f.ctx, job.ID, "fill")
		f.must(err)
		f.settle()
		if now := a.has(job.IRI); now == nil || now.Job.Status != coop.JobFilled {
			t.Errorf("the job: %+v", now)
		}
	})
}

// TestMoveIsResumed: a kill between two steps of a move of many followers loses and
// doubles nothing.
func TestMoveIsResumed(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		vieja, nueva := b.bare("vieja"), b.bare("nueva")
		const many = 25
		var who []*coop.Account
		for n := range many {
			who = append(who, a.bare(fmt.Sprintf("p%02d", n)))
		}
		old := a.knows(vieja)
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error {
			for _, p := range who {
				if err := tx.PutFollow(f.ctx, &coop.Follow{IRI: p.IRI + "/follow", Follower: p, Target: old, State: coop.FollowAccepted}); err != nil {
					return err
				}
			}
			return nil
		}))
		target := a.knows(nueva)
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.QueueMove(f.ctx, old.ID, target.ID) }))
		for range 4 { // each step is done by a worker that dies before it can say so
			_, err := a.inbox.Step(f.ctx)
			f.must(err)
			a.clock.Advance(2 * time.Minute)
			f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.QueueMove(f.ctx, old.ID, target.ID) }))
		}
		f.settle()
		for _, p := range who {
			n, err := a.store.CountFollowing(f.ctx, p.ID, "")
			f.must(err)
			if got := a.followState(p, nueva); got != coop.FollowAccepted || n != 1 {
				t.Errorf("%s: %q, follows %d", p.Name, got, n)
			}
			if told := a.told(p); told != 1 {
				t.Errorf("%s was told %d times", p.Name, told)
			}
		}
	})
}

// bare is a person of the house with the keys of the federation: making some for each
// of many takes long.
func (h *house) bare(name string) *coop.Account {
	h.f.t.Helper()
	keys, err := h.store.Keys(h.f.ctx, h.federation.ID)
	h.f.must(err)
	iri := coop.IRI(h.config.BaseURL() + "/people/" + name)
	a := &coop.Account{
		IRI: iri, Kind: coop.Person, ActorType: "Person", Name: name, Local: true, DisplayName: name, HasEd25519: true,
		Inbox: iri + "/inbox", SharedInbox: coop.IRI(h.config.BaseURL() + "/inbox"), Outbox: iri + "/outbox",
		Followers: iri + "/followers", Following: iri + "/following", Featured: iri + "/featured",
	}
	h.f.must(h.store.Write(h.f.ctx, func(tx *storage.Tx) error { return tx.AddAccount(h.f.ctx, a, keys) }))
	return a
}

// told is how often an account was told that somebody moved.
func (h *house) told(a *coop.Account) int {
	h.f.t.Helper()
	list, err := h.store.FindNotifications(h.f.ctx, storage.NotificationQuery{Account: a.ID, Kinds: []coop.NotificationKind{coop.NotifyMove}}, coop.Page{Limit: 40})
	h.f.must(err)
	return len(list)
}
