// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// give gives roles from the command line.
func (w *world) give(account, person *coop.Account, roles ...coop.Role) {
	w.Helper()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.SetRoles(ctx, account.ID, person.ID, roles, 0)
		return err
	})
}

// take takes one role.
func (w *world) take(account, person *coop.Account, role coop.Role) error {
	return w.try(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.TakeRole(ctx, account.ID, person.ID, role, 0)
		return err
	})
}

func TestRoles(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		telar, sur := w.account("telar", "", coop.Coop), w.account("sur", "", coop.Federation)
		ana, bruno, far := w.account("ana", "", coop.Person), w.account("bruno", "", coop.Person), w.account("far", "far.example", coop.Person)
		w.give(telar, ana, coop.Publisher, coop.Steward)
		w.give(telar, bruno, coop.Hirer)
		w.give(sur, ana, coop.Coordinator)
		roles := func(account, person *coop.Account) []coop.Role {
			list, err := w.s.RolesIn(ctx, account.ID, person.ID)
			return must(w, list, err)
		}
		if diff := cmp.Diff([]coop.Role{coop.Steward, coop.Publisher}, roles(telar, ana)); diff != "" {
			w.Error(diff)
		}
		if len(roles(sur, bruno)) != 0 {
			w.Error("a role crosses from one account to another")
		}
		list, err := w.s.RolesOf(ctx, ana.ID)
		held := coop.HeldIn(must(w, list, err))
		if len(held) != 2 || held[0].Account.Name != "telar" || held[1].Account.Name != "sur" || held[0].Person.Name != "ana" {
			w.Errorf("ana holds %+v", held)
		}
		list, err = w.s.Roles(ctx, telar.ID)
		if held := coop.HeldIn(must(w, list, err)); len(held) != 2 || held[1].Person.Name != "bruno" {
			w.Errorf("in telar %+v", held)
		}

		w.wants(w.take(telar, ana, coop.Steward), coop.ErrLastSteward)
		if len(roles(telar, ana)) != 2 {
			w.Error("the last steward lost a role all the same")
		}
		w.give(telar, bruno, coop.Hirer, coop.Steward)
		w.wants(w.take(telar, ana, coop.Steward), nil)

		var invalid *coop.InvalidError
		for name, tt := range map[string]struct {
			account, person *coop.Account
			role            coop.Role
			want            error
		}{
			"a coordinator of a co-op": {telar, ana, coop.Coordinator, nil},
			"a role of a co-op":        {telar, sur, coop.Hirer, nil},
			"a role in a person":       {ana, bruno, coop.Steward, nil},
			"a person from elsewhere":  {telar, far, coop.Hirer, coop.ErrNotFound},
		} {
			err := w.try(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.GiveRole(ctx, tt.account.ID, tt.person.ID, tt.role, 0)
				return err
			})
			if tt.want == nil && !errors.As(err, &invalid) || tt.want != nil && !errors.Is(err, tt.want) {
				w.Errorf("%s: %v", name, err)
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, ana.ID, w.clock.Now()) })
		if len(roles(telar, ana)) != 0 {
			w.Error("somebody suspended holds roles")
		}
		w.wants(w.take(telar, bruno, coop.Steward), coop.ErrLastSteward)
		w.wants(w.take(telar, ana, coop.Publisher), nil) // what is left to somebody who is gone can be taken
	})
}

// TestRolesAreLogged: each role that is given or taken is one entry, with the person
// who decided where a context says so.
func TestRolesAreLogged(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		telar, ana, bruno := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person), w.account("bruno", "", coop.Person)
		w.give(telar, ana, coop.Steward)
		acting := storage.ActingAs(ctx, storage.Acting{Person: ana.ID, Who: "ana", Account: telar.ID, Roles: []coop.Role{coop.Steward}, Act: "coops.roles.update", From: "192.0.2.7"})
		err := w.s.Write(acting, func(tx *storage.Tx) error {
			_, err := tx.SetRoles(acting, telar.ID, bruno.ID, []coop.Role{coop.Hirer}, ana.ID)
			return err
		})
		w.wants(err, nil)
		list, err := w.s.Audit(ctx, storage.AuditQuery{Account: telar.ID}, coop.Page{Limit: 10})
		if len(must(w, list, err)) != 2 {
			w.Fatalf("log: %+v", list)
		}
		if e := list[0]; e.Who != "ana" || e.Act != "role.give" || e.Why != "hirer" || e.Target != string(bruno.IRI) || e.From != "192.0.2.7" {
			w.Errorf("entry: %+v", e)
		}
		if e := list[1]; e.Who != "command line" || e.Why != "steward" {
			w.Errorf("entry: %+v", e)
		}
		mine, err := w.s.Audit(ctx, storage.AuditQuery{About: bruno.IRI}, coop.Page{Limit: 10})
		if len(must(w, mine, err)) != 1 {
			w.Errorf("what was done to bruno: %+v", mine)
		}
		w.wants(w.s.VerifyAudit(ctx), nil)
	})
}

// TestTheLastOfTwoStewardsStays: two who leave at once are never both let go.
func TestTheLastOfTwoStewardsStays(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar := w.account("telar", "", coop.Coop)
		people := []*coop.Account{w.account("ana", "", coop.Person), w.account("bruno", "", coop.Person)}
		for range 6 {
			for _, p := range people {
				w.give(telar, p, coop.Steward)
			}
			errs := make([]error, len(people))
			var wg sync.WaitGroup
			for i, p := range people {
				wg.Go(func() { errs[i] = w.take(telar, p, coop.Steward) })
			}
			wg.Wait()
			if refused := errors.Is(errs[0], coop.ErrLastSteward); refused == errors.Is(errs[1], coop.ErrLastSteward) {
				w.Fatalf("%v and %v", errs[0], errs[1])
			}
			n, err := w.s.Stewards(w.Context(), telar.ID)
			if must(w, n, err) != 1 {
				w.Fatalf("%d stewards", n)
			}
		}
	})
}

// TestATokenLivesWithItsRoles: it is found with what the person holds now, and ends
// with the last of it for good.
func TestATokenLivesWithItsRoles(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person)
		w.give(telar, ana, coop.Publisher)
		hash := bytes.Repeat([]byte{9}, 32)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddToken(ctx, &coop.Token{Hash: hash, AccountID: telar.ID, PersonID: ana.ID, Scopes: []string{"read"}})
		})
		token, err := w.s.TokenByHash(ctx, hash)
		if got := must(w, token, err); got.Person != "ana" || !cmp.Equal(got.Roles, []coop.Role{coop.Publisher}) {
			w.Errorf("token %+v", got)
		}
		w.give(telar, ana, coop.Observer)
		token, err = w.s.TokenByHash(ctx, hash)
		if got := must(w, token, err); !cmp.Equal(got.Roles, []coop.Role{coop.Observer}) {
			w.Errorf("roles %v", got.Roles)
		}
		w.give(telar, ana)
		_, err = w.s.TokenByHash(ctx, hash)
		w.wants(err, coop.ErrNotFound)
		w.give(telar, ana, coop.Observer)
		_, err = w.s.TokenByHash(ctx, hash)
		w.wants(err, coop.ErrNotFound)
	})
}

// TestEveryTransactionIsNoted: who acts by a context is in the log of each transaction
// that is kept, and of none that is not.
func TestEveryTransactionIsNoted(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person)
		ctx := storage.ActingAs(w.Context(), storage.Acting{Person: ana.ID, Who: "ana", Account: telar.ID, Roles: []coop.Role{coop.Publisher}, Act: "statuses.create", Target: "7"})
		count := func() int {
			list, err := w.s.Audit(w.Context(), storage.AuditQuery{Account: telar.ID}, coop.Page{Limit: 100})
			return len(must(w, list, err))
		}
		write := func(ctx context.Context, fail error) {
			err := w.s.Write(ctx, func(tx *storage.Tx) error {
				if err := tx.SetAccountNote(ctx, telar.ID, ana.ID, "x"); err != nil {
					return err
				}
				return fail
			})
			w.wants(err, fail)
		}
		write(ctx, nil)
		if count() != 1 {
			t.Errorf("%d entries after one act", count())
		}
		write(ctx, coop.ErrConflict)
		write(storage.Aside(ctx), nil)
		write(w.Context(), nil)
		if count() != 1 {
			t.Errorf("%d entries after what failed, what was by the way, and what others did", count())
		}
		w.wants(w.s.VerifyAudit(w.Context()), nil)
	})
}

// TestRolesJudgePosts: a post is judged by its audience where it is stored.
func TestRolesJudgePosts(t *testing.T) {
	eachWorld(t, func(w *world) {
		telar, ana := w.account("telar", "", coop.Coop), w.account("ana", "", coop.Person)
		for _, tt := range []struct {
			role     coop.Role
			audience coop.Visibility
			ok       bool
		}{
			{coop.Publisher, coop.VisiblePublic, true},
			{coop.Publisher, coop.VisibleDirect, false},
			{coop.Hirer, coop.VisibleDirect, true},
			{coop.Hirer, coop.VisibleFollowers, false},
			{coop.Observer, coop.VisiblePublic, false},
			{coop.Steward, coop.VisiblePublic, false},
		} {
			ctx := storage.ActingAs(w.Context(), storage.Acting{Person: ana.ID, Who: "ana", Account: telar.ID, Roles: []coop.Role{tt.role}, Act: "statuses.create"})
			w.n++
			p := &coop.Post{IRI: telar.IRI + coop.IRI("/posts/"+string(rune('a'+w.n))), AuthorID: telar.ID, Kind: coop.KindNote, Visibility: tt.audience, Content: "<p>x</p>", Published: w.clock.Now()}
			err := w.s.Write(ctx, func(tx *storage.Tx) error {
				_, err := tx.AddPost(ctx, p, storage.Arrival{})
				return err
			})
			var refused *coop.RoleError
			if tt.ok && err != nil || !tt.ok && !errors.As(err, &refused) {
				w.Errorf("%s writes %s: %v", tt.role, tt.audience, err)
			}
			if !tt.ok {
				continue
			}
			other := storage.ActingAs(w.Context(), storage.Acting{Person: ana.ID, Who: "ana", Account: telar.ID, Roles: []coop.Role{coop.Steward}, Act: "statuses.delete"})
			err = w.s.Write(other, func(tx *storage.Tx) error { return tx.RemovePost(other, p.IRI, telar.IRI, time.Now()) })
			if !errors.As(err, &refused) {
				w.Errorf("a steward removes what a %s wrote: %v", tt.role, err)
			}
		}
	})
}
