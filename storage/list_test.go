// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// list makes a list.
func (w *world) list(owner *coop.Account, title string) *coop.List {
	w.Helper()
	l := &coop.List{Owner: owner.ID, Title: title, Replies: coop.RepliesList}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddList(ctx, l) })
	return l
}

// listed are the names in a list.
func (w *world) listed(owner *coop.Account, id coop.ID, page coop.Page) []string {
	w.Helper()
	var accounts []*coop.Account
	for _, e := range sure(w.s.ListAccounts(w.Context(), owner.ID, id, page)) {
		accounts = append(accounts, e.Account)
	}
	return namesOf(accounts)
}

func TestListsAreTheirOwners(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person)
		l := w.list(ana, "Panaderías")
		stolen := *l
		stolen.Owner = bea.ID
		for name, act := range map[string]func(ctx context.Context, tx *storage.Tx) error{
			"read":   func(ctx context.Context, tx *storage.Tx) error { _, err := tx.List(ctx, bea.ID, l.ID); return err },
			"change": func(ctx context.Context, tx *storage.Tx) error { return tx.SaveList(ctx, &stolen) },
			"remove": func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveList(ctx, bea.ID, l.ID) },
			"add":    func(ctx context.Context, tx *storage.Tx) error { return tx.AddToList(ctx, bea.ID, l.ID, nil) },
			"take":   func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveFromList(ctx, bea.ID, l.ID, nil) },
		} {
			t.Run(name, func(*testing.T) { w.wants(w.try(act), coop.ErrNotFound) })
		}
		l.Title, l.Exclusive, l.Replies = "Hornos", true, coop.RepliesNone
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveList(ctx, l) })
		got := sure(w.s.Lists(w.Context(), ana.ID))
		if len(got) != 1 || *got[0] != *l {
			t.Errorf("%+v, want %+v", got, l)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RemoveList(ctx, ana.ID, l.ID) })
		if got := sure(w.s.Lists(w.Context(), ana.ID)); len(got) != 0 {
			t.Errorf("%v is left", got)
		}
	})
}

func TestWhoMayBeInAList(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea, carla, dora := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person), w.account("carla", "", coop.Person), w.account("dora", "", coop.Person)
		w.follow(ana, bea)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutFollow(ctx, &coop.Follow{Follower: ana, Target: carla, State: coop.FollowAsked})
		})
		l := w.list(ana, "Amigas")
		add := func(who ...*coop.Account) error {
			var ids []coop.ID
			for _, a := range who {
				ids = append(ids, a.ID)
			}
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToList(ctx, ana.ID, l.ID, ids) })
		}
		w.wants(add(bea, dora), coop.ErrNotFound)
		if got := w.listed(ana, l.ID, coop.Page{}); len(got) != 0 {
			t.Errorf("%v came in beside somebody who may not", got)
		}
		if err := errors.Join(add(bea), add(carla, ana)); err != nil {
			t.Fatal(err)
		}
		var invalid *coop.InvalidError
		if err := add(bea); !errors.As(err, &invalid) {
			t.Errorf("a second time: %v", err)
		}
		if got := fmt.Sprint(w.listed(ana, l.ID, coop.Page{Limit: 2})); got != "[ana carla]" {
			t.Errorf("the first page is %v", got)
		}
		if got := sure(w.s.ListsWith(w.Context(), ana.ID, bea.ID)); len(got) != 1 || got[0].ID != l.ID {
			t.Errorf("the lists that hold her: %v", got)
		}
		if got := w.listed(bea, l.ID, coop.Page{}); len(got) != 0 {
			t.Errorf("another reads %v", got)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.RemoveFollow(ctx, ana.ID, bea.ID)
			return errors.Join(err, tx.RemoveFromList(ctx, ana.ID, l.ID, []coop.ID{carla.ID, dora.ID}))
		})
		if got := fmt.Sprint(w.listed(ana, l.ID, coop.Page{})); got != "[ana]" {
			t.Errorf("after the end of the follow: %v", got)
		}
	})
}

func TestListsHaveABound(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			for i := range coop.MaxLists {
				if err := tx.AddList(ctx, &coop.List{Owner: ana.ID, Title: fmt.Sprint(i), Replies: coop.RepliesList}); err != nil {
					return err
				}
			}
			return nil
		})
		var invalid *coop.InvalidError
		err := w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddList(ctx, &coop.List{Owner: ana.ID, Title: "x", Replies: coop.RepliesList})
		})
		if !errors.As(err, &invalid) || invalid.Code != coop.CodeTooMany {
			t.Errorf("%v", err)
		}
	})
}

func TestDeletedAccountsLeaveNoRelations(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bea := w.account("ana", "", coop.Person), w.account("bea", "", coop.Person)
		w.follow(ana, bea)
		w.follow(bea, ana)
		mine, theirs := w.list(ana, "x"), w.list(bea, "y")
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.FollowTag(ctx, ana.ID, "x")
			return errors.Join(
				err, tx.AddToList(ctx, ana.ID, mine.ID, []coop.ID{bea.ID}), tx.AddToList(ctx, bea.ID, theirs.ID, []coop.ID{ana.ID}),
				tx.Mute(ctx, ana.ID, bea.ID, true, time.Time{}), tx.Mute(ctx, bea.ID, ana.ID, true, time.Time{}),
				tx.SetAccountNote(ctx, ana.ID, bea.ID, "x"), tx.SetAccountNote(ctx, bea.ID, ana.ID, "y"),
				tx.AddServerBlock(ctx, ana.ID, "x.example"), tx.DeleteAccount(ctx, ana.ID, w.clock.Now()),
			)
		})
		if r := w.relation(ana, bea); r.Note != "" || r.Muting || r.Following {
			t.Errorf("of the deleted one: %+v", r)
		}
		if got := w.listed(bea, theirs.ID, coop.Page{}); len(got) != 0 {
			t.Errorf("in the list of another: %v", got)
		}
		if n := len(sure(w.s.Lists(w.Context(), ana.ID))) + sure(w.s.CountFollowedTags(w.Context(), ana.ID)) + len(sure(w.s.ServerBlocks(w.Context(), ana.ID, coop.Page{}))); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestVerifiedFields(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		site, other := `<a href="https://telar.example/" rel="me">telar.example/</a>`, `<a href="https://other.example/" rel="me">x</a>`
		ana.Fields = []coop.Field{{Name: "Web", Value: site}, {Name: "Otra", Value: other}, {Name: "Oficio", Value: "panadera"}}
		due := func() int {
			var tasks []storage.Task
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				tasks, err = tx.ClaimTasks(ctx, []string{storage.TaskVerifyFields}, 10, time.Minute)
				for _, task := range tasks {
					err = errors.Join(err, tx.FinishTask(ctx, task.ID, task.Fence))
				}
				return err
			})
			return len(tasks)
		}
		save := func() {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return errors.Join(tx.KeepVerified(ctx, ana), tx.SaveAccount(ctx, ana))
			})
		}
		save()
		if n := due(); n != 1 {
			t.Errorf("%d looks are due, want one", n)
		}
		at := w.clock.Now()
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.VerifyFields(ctx, ana.ID, map[string]time.Time{site: at, "changed since": at})
		})
		kept := sure(w.s.Account(w.Context(), ana.ID))
		if !kept.Fields[0].VerifiedAt.Equal(at) || !kept.Fields[1].VerifiedAt.IsZero() {
			t.Fatalf("%+v", kept.Fields)
		}
		ana.Fields = []coop.Field{{Name: "Casa", Value: site}}
		save()
		if ana.Fields[0].VerifiedAt.IsZero() || due() != 0 {
			t.Error("a known link is looked at again")
		}
		ana.Fields[0].Value = other
		save()
		if !sure(w.s.Account(w.Context(), ana.ID)).Fields[0].VerifiedAt.IsZero() || due() != 1 {
			t.Error("another link is taken for the verified one")
		}
	})
}
