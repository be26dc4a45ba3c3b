// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// passkey is a key of a person.
func (w *world) passkey(a *coop.Account, credential string) *coop.Passkey {
	w.Helper()
	p := &coop.Passkey{AccountID: a.ID, Credential: []byte(credential), Handle: make([]byte, 32), Record: "{}", Name: "phone"}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddPasskey(ctx, p) })
	return p
}

func TestASeedCountsOnceItIsConfirmed(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		step := func(step int64, confirm bool) (taken bool) {
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				taken, err = tx.TakeStep(ctx, ana.ID, step, confirm)
				return err
			})
			return taken
		}
		seed := func(text string) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.SetCodeSeed(ctx, ana.ID, text) })
		}
		w.wants(seed("AAAA"), nil)
		w.wants(seed("BBBB"), nil)
		if f, err := w.s.Factors(w.Context(), ana.ID); must(w, f, err).Any() || step(7, false) {
			w.Error("a seed counts that nobody confirmed")
		}
		if !step(7, true) || step(8, true) {
			w.Error("a seed is confirmed once")
		}
		w.wants(seed("CCCC"), coop.ErrConflict)
		for _, tt := range []struct {
			step int64
			want bool
		}{{7, false}, {6, false}, {9, true}, {8, false}, {9, false}, {10, true}} {
			if step(tt.step, false) != tt.want {
				w.Errorf("step %d is taken: %v", tt.step, !tt.want)
			}
		}
		kept, err := w.s.CodeSeed(w.Context(), ana.ID)
		if must(w, kept, err); kept.Seed != "BBBB" || kept.LastStep != 10 || kept.ConfirmedAt.IsZero() {
			w.Errorf("kept %+v", kept)
		}
	})
}

func TestAStepManyAtOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetCodeSeed(ctx, ana.ID, "AAAA") })
		hash := hashOf(1)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.SetRecoveryCodes(ctx, ana.ID, [][]byte{hash})
		})
		var steps, papers atomic.Int32
		act := func(ctx context.Context, tx *storage.Tx) error {
			taken, err := tx.TakeStep(ctx, ana.ID, 5, true)
			if err == nil && taken {
				steps.Add(1)
			}
			used, err2 := tx.UseRecoveryCode(ctx, ana.ID, hash)
			if err2 == nil && used {
				papers.Add(1)
			}
			return errors.Join(err, err2)
		}
		w.atOnce(act, act, act, act, act, act)
		if steps.Load() != 1 || papers.Load() != 1 {
			w.Errorf("a step was taken %d times, a code on paper %d times", steps.Load(), papers.Load())
		}
	})
}

func TestPausesGrowAndEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		wrong := func() (paused bool) {
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				if _, err = tx.CodesPaused(ctx, ana.ID); err == nil {
					paused, err = tx.WrongCode(ctx, ana.ID)
				}
				return err
			})
			return paused
		}
		until := func() (at time.Time) {
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				at, err = tx.CodesPaused(ctx, ana.ID)
				return err
			})
			return at
		}
		for _, want := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 4 * time.Hour} {
			for n := 1; n <= coop.MostWrongCodes; n++ {
				if wrong() != (n == coop.MostWrongCodes) {
					w.Fatalf("wrong code %d", n)
				}
			}
			if pause := until().Sub(w.clock.Now()); pause != want {
				w.Errorf("a pause of %s, want %s", pause, want)
			}
			w.clock.Advance(want)
			if !until().IsZero() {
				w.Error("the pause does not end")
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RightCode(ctx, ana.ID) })
		for range coop.MostWrongCodes {
			wrong()
		}
		if pause := until().Sub(w.clock.Now()); pause != 15*time.Minute {
			w.Errorf("after a right code a pause of %s", pause)
		}
	})
}

func TestPasskeysCountOn(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bob := w.account("ana", "", coop.Person), w.account("bob", "", coop.Person)
		p := w.passkey(ana, "one")
		use := func(p *coop.Passkey, signs uint32) (good bool) {
			w.write(func(ctx context.Context, tx *storage.Tx) (err error) {
				good, err = tx.UsePasskey(ctx, p, signs, "{}")
				return err
			})
			return good
		}
		for _, tt := range []struct {
			signs uint32
			want  bool
		}{{0, true}, {0, true}, {3, true}, {4, true}, {4, false}, {5, false}} {
			if use(p, tt.signs) != tt.want {
				w.Errorf("%d signatures are good: %v", tt.signs, !tt.want)
			}
		}
		kept, err := w.s.PasskeyByCredential(w.Context(), []byte("one"))
		if must(w, kept, err); kept.CopiedAt.IsZero() || kept.Signs != 4 {
			w.Errorf("kept %+v", kept)
		}
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddPasskey(ctx, &coop.Passkey{AccountID: bob.ID, Credential: []byte("one"), Handle: make([]byte, 32), Record: "{}"})
		}), coop.ErrConflict)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.RemovePasskey(ctx, bob.ID, p.ID) }), coop.ErrNotFound)
		for n := 1; n < coop.MostPasskeys; n++ {
			w.passkey(ana, fmt.Sprint("more ", n))
		}
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddPasskey(ctx, &coop.Passkey{AccountID: ana.ID, Credential: []byte("too many"), Handle: make([]byte, 32), Record: "{}"})
		}), coop.ErrConflict)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, ana.ID, w.clock.Now()) })
		if _, err := w.s.PasskeyByCredential(w.Context(), []byte("more 1")); !errors.Is(err, coop.ErrNotFound) {
			w.Errorf("a passkey of somebody who is suspended: %v", err)
		}
	})
}

func TestHalvesOfProofsAreForOneBrowserAndEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		half := &coop.Ceremony{Hash: hashOf(1), Kind: "second", Browser: hashOf(2), AccountID: ana.ID, State: `{"a":1}`, EndsAt: w.clock.Now().Add(time.Minute)}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddCeremony(ctx, half) })
		for _, tt := range []struct {
			kind          string
			hash, browser byte
			want          error
		}{{"second", 1, 2, nil}, {"second", 1, 3, coop.ErrNotFound}, {"passkey", 1, 2, coop.ErrNotFound}, {"second", 2, 2, coop.ErrNotFound}} {
			_, err := w.s.CeremonyByHash(w.Context(), tt.kind, hashOf(tt.hash), hashOf(tt.browser))
			w.wants(err, tt.want)
		}
		use := func() error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.UseCeremony(ctx, half.Hash) })
		}
		w.wants(use(), nil)
		w.wants(use(), coop.ErrNotFound)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddCeremony(ctx, half) })
		w.clock.Advance(time.Minute)
		if _, err := w.s.CeremonyByHash(w.Context(), "second", half.Hash, half.Browser); !errors.Is(err, coop.ErrNotFound) {
			w.Errorf("after its end: %v", err)
		}
		n := 0
		w.write(func(ctx context.Context, tx *storage.Tx) (err error) { n, err = tx.SweepRecords(ctx, 100); return err })
		if n != 1 {
			w.Errorf("%d rows swept", n)
		}
	})
}

func TestIdentitiesAreBoundOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bob := w.account("ana", "", coop.Person), w.account("bob", "", coop.Person)
		add := func(a *coop.Account, issuer, subject string) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error {
				return tx.AddIdentity(ctx, &coop.Identity{AccountID: a.ID, Issuer: issuer, Subject: subject, Name: "n"})
			})
		}
		w.wants(add(ana, "https://one.example", "a"), nil)
		w.wants(add(bob, "https://one.example", "a"), coop.ErrConflict)
		w.wants(add(bob, "https://two.example", "a"), nil)
		w.wants(add(bob, "https://one.example", "A"), nil)
		for subject, want := range map[string]*coop.Account{"a": ana, "A": bob} {
			i, err := w.s.IdentityBySubject(w.Context(), "https://one.example", subject)
			if must(w, i, err).AccountID != want.ID {
				w.Errorf("%s is %s", subject, i.AccountID)
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.EndFactors(ctx, bob.ID) })
		if list, err := w.s.Identities(w.Context(), bob.ID); len(must(w, list, err)) != 0 {
			w.Error("are not ended")
		}
		if _, err := w.s.IdentityBySubject(w.Context(), "https://one.example", "a"); err != nil {
			w.Errorf("somebody else's ended: %v", err)
		}
	})
}

func TestASessionGoesOnUnderAnotherCookie(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		s := w.session(ana, 1)
		before := *s
		s.ProvedAt, s.Strong = w.clock.Now(), true
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.RenewSession(ctx, s, hashOf(2)) })
		got, err := w.s.SessionByHash(w.Context(), hashOf(2))
		if must(w, got, err); got.ID != before.ID || !got.Strong || !got.Fresh(w.clock.Now()) {
			w.Errorf("it goes on as %+v", got)
		}
		if w.signedIn(&before) {
			w.Error("the cookie of before opens it")
		}
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.RenewSession(ctx, &before, hashOf(3)) }), coop.ErrNotFound)
	})
}
