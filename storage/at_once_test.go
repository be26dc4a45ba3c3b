// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// act is what a transaction does.
type act = func(context.Context, *storage.Tx) error

// orNot is an act that may come too late, which is no failure then.
func orNot(do act, late ...error) act {
	return func(ctx context.Context, tx *storage.Tx) error {
		err := do(ctx, tx)
		for _, one := range late {
			if errors.Is(err, one) {
				return coop.ErrGone // nothing of it is kept; see atOnce
			}
		}
		return err
	}
}

// rounds is how often what happens at once is tried.
const rounds = 5

// TestAtOnce: transactions that read, decide and write beside each other have the effect
// that they would have one after the other.
func TestAtOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		// Connections are there before anything is raced.
		idle := func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.NextID(ctx, w.clock.Now())
			return err
		}
		w.atOnce(slices.Repeat([]act{idle}, 12)...)
		for _, tt := range []struct {
			name string
			race func(w *world)
		}{
			{"the last owner of several stays", theLastOwnerOfSeveralStays},
			{"an account keeps what others write of it", anAccountKeepsWhatOthersWriteOfIt},
			{"what is deleted stays empty", whatIsDeletedStaysEmpty},
			{"two actors with one handle", twoActorsWithOneHandle},
			{"a block and a follow at once", aBlockAndAFollowAtOnce},
			{"nobody gets more than the most", nobodyGetsMoreThanTheMost},
			{"a suggestion is decided once", aSuggestionIsDecidedOnce},
			{"a membership goes one way", aMembershipGoesOneWay},
			{"votes during an edit count", votesDuringAnEditCount},
			{"an application ends once", anApplicationEndsOnce},
			{"what many like at once is found", whatManyLikeAtOnceIsFound},
			{"terms merged into each other", termsMergedIntoEachOther},
			{"a code that is exchanged as all ends", aCodeThatIsExchangedAsAllEnds},
			{"who comes in as all ends", whoComesInAsAllEnds},
		} {
			w.Run(tt.name, func(t *testing.T) { tt.race(&world{T: t, s: w.s, clock: w.clock}) })
		}
	})
}

// theLastOwnerOfSeveralStays: all owners step down, or are suspended, at the same moment.
func theLastOwnerOfSeveralStays(w *world) {
	people := []*coop.Account{w.account("anaa", "", coop.Person), w.account("beaa", "", coop.Person), w.account("carlaa", "", coop.Person)}
	for range rounds {
		var down []act
		for _, a := range people {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return tx.SetRank(ctx, a.ID, coop.RankOwner, "test", "")
			})
			down = append(down, orNot(func(ctx context.Context, tx *storage.Tx) error {
				return tx.SetRank(ctx, a.ID, coop.RankMember, "test", "")
			}, coop.ErrConflict))
		}
		w.atOnce(down...)
		owned, err := w.s.HasOwner(w.Context())
		if !must(w, owned, err) {
			w.Fatal("nobody owns the instance")
		}
	}
	for range rounds {
		var out []act
		for _, a := range people {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				return errors.Join(tx.DecideAccount(ctx, a, time.Time{}, coop.AuditEntry{Who: "test"}), tx.SetRank(ctx, a.ID, coop.RankOwner, "test", ""))
			})
			out = append(out, orNot(func(ctx context.Context, tx *storage.Tx) error {
				return tx.DecideAccount(ctx, a, w.clock.Now(), coop.AuditEntry{Who: "test"})
			}, coop.ErrConflict))
		}
		w.atOnce(out...)
		stay := 0
		for _, a := range people {
			if now, err := w.s.Account(w.Context(), a.ID); must(w, now, err).SuspendedAt.IsZero() {
				stay++
			}
		}
		if stay != 1 {
			w.Errorf("all owners were suspended at once, and %d stay", stay)
		}
	}
}

// anAccountKeepsWhatOthersWriteOfIt: who changes a part of an account does not write
// back an old state of another part, and what is deleted stays empty.
func anAccountKeepsWhatOthersWriteOfIt(w *world) {
	ana := w.account("anab", "", coop.Person)
	named := func(name string) act {
		return func(ctx context.Context, tx *storage.Tx) error {
			a, err := tx.HoldAccount(ctx, ana.ID)
			if err != nil {
				return err
			}
			a.DisplayName += name
			return tx.SaveAccount(ctx, a)
		}
	}
	for range rounds {
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetRank(ctx, ana.ID, coop.RankAdmin, "test", "")
		})
		w.atOnce(named("x"), named("x"), func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetRank(ctx, ana.ID, coop.RankMember, "test", "")
		}, named("x"))
		got, err := w.s.Account(w.Context(), ana.ID)
		if must(w, got, err).Rank != coop.RankMember {
			w.Errorf("an old rank came back: %s", got.Rank)
		}
	}
	if got, err := w.s.Account(w.Context(), ana.ID); len(must(w, got, err).DisplayName) != 3*rounds {
		w.Errorf("of %d changes %d are left", 3*rounds, len(got.DisplayName))
	}
}

// whatIsDeletedStaysEmpty: documents of an actor and follows come while its account
// is deleted.
func whatIsDeletedStaysEmpty(w *world) {
	nina := w.account("ninac", "", coop.Person)
	for i := range rounds {
		far := w.account("farc"+string(rune('a'+i)), "far.example", coop.Person)
		save := func(ctx context.Context, tx *storage.Tx) error {
			copied := *far
			copied.DisplayName, copied.ID = "Far", 0
			return tx.SaveAccount(ctx, &copied)
		}
		follow := func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutFollow(ctx, &coop.Follow{IRI: nina.IRI + "/follows/" + coop.IRI(far.ID.String()), Follower: nina, Target: far, State: coop.FollowAsked})
		}
		w.atOnce(save, save, follow, func(ctx context.Context, tx *storage.Tx) error {
			return tx.DeleteAccount(ctx, far.ID, w.clock.Now())
		}, save, follow)
		got, err := w.s.Account(w.Context(), far.ID)
		if must(w, got, err).DisplayName != "" || got.DeletedAt.IsZero() {
			w.Errorf("round %d: deleted at %s, and called %q", i, got.DeletedAt, got.DisplayName)
		}
		_, err = w.s.Follow(w.Context(), nina.ID, far.ID)
		w.wants(err, coop.ErrNotFound)
	}
}

// twoActorsWithOneHandle: documents of two actors that bear the same name at once are
// both kept.
func twoActorsWithOneHandle(w *world) {
	for i := range rounds {
		name := "twin" + string(rune('a'+i))
		save := func(path string) act {
			return func(ctx context.Context, tx *storage.Tx) error {
				return tx.SaveAccount(ctx, &coop.Account{
					IRI: coop.IRI("https://far.example/" + path + "/" + name), Kind: coop.Person, ActorType: "Person", Name: name, Host: "far.example",
				})
			}
		}
		w.atOnce(save("a"), save("b"), save("a"), save("b"))
		for _, path := range []string{"a", "b"} {
			if _, err := w.s.AccountByIRI(w.Context(), coop.IRI("https://far.example/"+path+"/"+name)); err != nil {
				w.Errorf("round %d: %v", i, err)
			}
		}
	}
}

// aBlockAndAFollowAtOnce: whichever is first, who is blocked follows nobody.
func aBlockAndAFollowAtOnce(w *world) {
	here := w.account("telare", "", coop.Coop)
	for i := range rounds {
		far := w.account("fare"+string(rune('a'+i)), "far.example", coop.Person)
		follow := orNot(func(ctx context.Context, tx *storage.Tx) error {
			return tx.PutFollow(ctx, &coop.Follow{IRI: far.IRI + "/follow", Follower: far, Target: here, State: coop.FollowAccepted})
		}, coop.ErrForbidden)
		w.atOnce(follow, func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddBlock(ctx, storage.Block{IRI: here.IRI + "/blocks/" + coop.IRI(far.ID.String()), Blocker: here.ID, Target: far.ID})
		}, follow)
		_, err := w.s.Follow(w.Context(), far.ID, here.ID)
		w.wants(err, coop.ErrNotFound)
	}
}
