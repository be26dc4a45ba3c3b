// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"minga/coop"
	"minga/storage"
)

func TestAccountIsReadAsItWasWritten(t *testing.T) {
	eachWorld(t, func(w *world) {
		a := w.account("telar", "", coop.Coop)
		a.DisplayName, a.Bio, a.Language, a.MovedTo = "Telar", "<p>We weave\x00</p>", "es", "https://else.example/telar"
		a.Icon = coop.Picture{URL: "https://fed-sur.example/telar.png", Alt: "A loom"}
		a.Fields = []coop.Field{{Name: "Web", Value: "<a>x</a>"}}
		a.AlsoKnownAs, a.MemberOf, a.Domains = []coop.IRI{"https://a.example/1"}, []coop.IRI{"https://f.example/federation"}, []string{"telar.coop"}
		a.HasEd25519, a.Locked, a.Coop = true, true, &coop.CoopFacts{Members: 12, Workers: -1, Place: &coop.Place{Country: "UY"}}
		w.clock.Advance(time.Hour)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, a) })
		a.Bio = "<p>We weave</p>"
		for name, read := range map[string]func() (*coop.Account, error){
			"id":     func() (*coop.Account, error) { return w.s.Account(w.Context(), a.ID) },
			"iri":    func() (*coop.Account, error) { return w.s.AccountByIRI(w.Context(), a.IRI) },
			"handle": func() (*coop.Account, error) { return w.s.AccountByHandle(w.Context(), "TELAR", "") },
		} {
			got, err := read()
			if diff := cmp.Diff(a, must(w, got, err), cmpopts.EquateEmpty()); diff != "" {
				w.Errorf("by %s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestNamesAreNeverGivenTwice(t *testing.T) {
	eachWorld(t, func(w *world) {
		a := w.account("telar", "", coop.Coop)
		again := &coop.Account{IRI: a.IRI + "2", Kind: coop.Coop, Name: "Telar", Local: true}
		add := func(ctx context.Context, tx *storage.Tx) error { return tx.AddAccount(ctx, again, nil) }
		w.wants(w.try(add), coop.ErrConflict)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.DeleteAccount(ctx, a.ID, w.clock.Now()) })
		again.ID = 0
		w.wants(w.try(add), coop.ErrConflict)
		again.ID, again.IRI, again.Name = 0, a.IRI, "other"
		w.wants(w.try(add), coop.ErrConflict)
	})
}

func TestRemoteHandlesGoToTheNewerDocument(t *testing.T) {
	eachWorld(t, func(w *world) {
		old := w.account("ana", "far.example", coop.Person)
		moved := &coop.Account{IRI: "https://far.example/new/ana", Kind: coop.Person, Name: "ana", Host: "far.example"}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, moved) })
		got, err := w.s.AccountByHandle(w.Context(), "ana", "far.example")
		if must(w, got, err).ID != moved.ID || moved.ID == old.ID {
			w.Errorf("the handle is held by %s", got.IRI)
		}
		claim := &coop.Account{IRI: "https://far.example/ours", Kind: coop.Person, Name: "ana"}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, claim) })
		if claim.Host != "far.example" {
			w.Errorf("a remote account without host is at %q", claim.Host)
		}
		_, err = w.s.AccountByHandle(w.Context(), "ana", "")
		w.wants(err, coop.ErrNotFound)
	})
}

func TestLookingAgainIsNoChange(t *testing.T) {
	eachWorld(t, func(w *world) {
		a := w.account("ana", "far.example", coop.Person)
		read := func() *coop.Account {
			got, err := w.s.Account(w.Context(), a.ID)
			return must(w, got, err)
		}
		before := read().UpdatedAt
		again := *a
		again.UpdatedAt = time.Time{} // its document says nothing of a change
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, &again) })
		if got := read().UpdatedAt; before.IsZero() || !got.Equal(before) {
			w.Errorf("changed at %s, before at %s", got, before)
		}
	})
}

func TestAccountsDoNotChangeSides(t *testing.T) {
	eachWorld(t, func(w *world) {
		a := w.account("telar", "", coop.Coop)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SaveAccount(ctx, &coop.Account{IRI: a.IRI, Kind: coop.Coop, Name: "telar", Host: "x.example"})
		}), coop.ErrConflict)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SaveAccount(ctx, &coop.Account{IRI: a.IRI + "x", Kind: coop.Coop, Name: "y", Local: true})
		}), coop.ErrNotFound)
	})
}

func TestKeysAreSealedAndOpened(t *testing.T) {
	eachWorld(t, func(w *world) {
		a := w.account("telar", "", coop.Coop)
		keys, err := w.s.Keys(w.Context(), a.ID)
		if diff := cmp.Diff(&coop.KeyPair{Account: a.ID, RSA: []byte("rsa"), Ed25519: []byte("ed")}, must(w, keys, err)); diff != "" {
			w.Error(diff)
		}
		_, err = w.s.Keys(w.Context(), a.ID+1)
		w.wants(err, coop.ErrNotFound)
	})
}

func TestRemoteKeysAreReplacedAndNeverTaken(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, b := w.account("ana", "far.example", coop.Person), w.account("eva", "far.example", coop.Person)
		save := func(owner *coop.Account, ids ...string) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error {
				var keys []coop.RemoteKey
				for _, id := range ids {
					keys = append(keys, coop.RemoteKey{ID: id, Material: "z" + id, FetchedAt: w.clock.Now()})
				}
				return tx.SaveRemoteKeys(ctx, owner.IRI, keys)
			})
		}
		if err := save(a, "k1", "k2", "k1"); err != nil {
			w.Fatal(err)
		}
		w.wants(save(b, "k3", "k2"), coop.ErrConflict)
		k, err := w.s.RemoteKey(w.Context(), "k2")
		want := &coop.RemoteKey{ID: "k2", Owner: a.IRI, Account: a.ID, Material: "zk2", FetchedAt: w.clock.Now()}
		if diff := cmp.Diff(want, must(w, k, err)); diff != "" {
			w.Error(diff)
		}
		if err := save(a, "k9"); err != nil {
			w.Fatal(err)
		}
		_, err = w.s.RemoteKey(w.Context(), "k1")
		w.wants(err, coop.ErrNotFound)
	})
}

func TestDeletedAccountsLoseEverythingButTheirName(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, b := w.account("telar", "", coop.Coop), w.account("ana", "far.example", coop.Person)
		w.follow(b, a)
		w.member(a, w.account("fed", "", coop.Federation))
		var posts []*coop.Post
		for range 5 {
			posts = append(posts, w.post(a, job("Weaver")))
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			if err := tx.AddToken(ctx, &coop.Token{Hash: make([]byte, 32), AccountID: a.ID}); err != nil {
				return err
			}
			return tx.DeleteAccount(ctx, a.ID, w.clock.Now())
		})
		_, err := w.s.Post(w.Context(), coop.Anonymous(), posts[0].ID)
		w.wants(err, coop.ErrNotFound)
		_, err = w.s.TokenByHash(w.Context(), make([]byte, 32))
		w.wants(err, coop.ErrNotFound)
		if n := must(w, w.count(w.s.CountFollowers(w.Context(), a.ID, "")), nil); n != 0 {
			w.Errorf("%d followers left", n)
		}
		w.drain(a)
		for _, p := range posts {
			_, err := w.s.Post(w.Context(), coop.Anonymous(), p.ID)
			w.wants(err, coop.ErrGone)
			_, err = w.s.PostByIRI(w.Context(), coop.System(), p.IRI)
			w.wants(err, coop.ErrGone)
		}
		got, err := w.s.Account(w.Context(), a.ID)
		if got = must(w, got, err); !got.Gone() || got.Name != "telar" || got.DisplayName != "" {
			w.Errorf("left: %+v", got)
		}
	})
}

// count takes a count apart.
func (w *world) count(n int, err error) int { return must(w, n, err) }

// drain does the task that removes what an account wrote, two posts at a time.
func (w *world) drain(a *coop.Account) {
	w.Helper()
	for left, rounds := 1, 0; left > 0; rounds++ {
		w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
			left, err = tx.RemoveAccountBatch(ctx, a.ID, 2)
			return err
		})
		if rounds > 10 {
			w.Fatal("it never ends")
		}
	}
}
