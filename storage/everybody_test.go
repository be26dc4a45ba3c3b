// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// waysIn makes one of each thing that lets somebody in, and gives what tries it.
func (w *world) waysIn() map[string]func() error {
	ctx, ana := w.Context(), w.account("ana", "", coop.Person)
	end := w.clock.Now().Add(time.Hour)
	session, app, token := w.session(ana, 1), w.app("Elk"), w.pushToken(ana, 2)
	w.subscribe(pushTo(token, "https://push.example/1"), "the token")
	w.code(app, ana, 3)
	sent := w.link(4, coop.Link{Purpose: coop.LinkReset, AccountID: ana.ID}, time.Hour)
	job := w.post(w.account("telar", "", coop.Coop))
	wish := &coop.SignUp{Name: "leo", Email: "leo@mail.example", Password: "$argon2id$v=19$of a password", Language: "en"}
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return errors.Join(
			tx.AddCeremony(ctx, &coop.Ceremony{Hash: hashOf(5), Kind: "second", Browser: hashOf(6), AccountID: ana.ID, EndsAt: end}),
			tx.AddJobLink(ctx, hashOf(7), storage.JobLink{Post: job.ID, Person: ana.ID, EndsAt: end}),
			tx.KeepForm(ctx, hashOf(8), []byte("a form"), end), tx.AddSignUp(ctx, wish), tx.LinkSignUp(ctx, wish.ID, hashOf(9)))
	})
	return map[string]func() error{
		"session":           func() error { _, err := w.s.SessionByHash(ctx, session.Hash); return err },
		"token":             func() error { _, err := w.s.TokenByHash(ctx, token.Hash); return err },
		"subscription":      func() error { return none(w.s.CountPush(ctx)) },
		"code":              func() error { return w.redeem(hashOf(3)) },
		"ceremony":          func() error { _, err := w.s.CeremonyByHash(ctx, "second", hashOf(5), hashOf(6)); return err },
		"link":              func() error { _, err := w.s.LinkByHash(ctx, sent.Purpose, sent.Hash); return err },
		"link of a job":     func() error { _, err := w.s.JobLinkByHash(ctx, hashOf(7)); return err },
		"form":              func() error { _, err := w.s.KeptForm(ctx, hashOf(8)); return err },
		"link of a sign-up": func() error { _, err := w.s.SignUpByLink(ctx, hashOf(9)); return err },
	}
}

// none is [coop.ErrNotFound] where there is nothing.
func none(n int, err error) error {
	if err == nil && n == 0 {
		return coop.ErrNotFound
	}
	return err
}

// redeem tells whether a code is still good for a token.
func (w *world) redeem(hash []byte) error {
	return w.try(func(ctx context.Context, tx *storage.Tx) error {
		code, err := tx.CodeByHash(ctx, hash)
		if err == nil && !code.EndsAt.After(w.clock.Now()) {
			err = coop.ErrNotFound
		}
		return err
	})
}

// TestEverybodyIsSignedOut: after it nothing that let somebody in does, but the links of
// who applied, and the sign-up itself still waits.
func TestEverybodyIsSignedOut(t *testing.T) {
	eachWorld(t, func(w *world) {
		ways := w.waysIn()
		application := &coop.Application{PostID: 117000000000000001, AccountID: w.account("red", "", coop.Coop).ID, Name: "Rosa", Email: "rosa@mail.example", Message: "Hello", Language: "es", Title: "Pan"}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddApplication(ctx, application, hashOf(10), 0)
		})
		for what, try := range ways {
			if err := try(); err != nil {
				w.Errorf("%s before: %v", what, err)
			}
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.EndEverybody(ctx) })
		for what, try := range ways {
			if err := try(); !errors.Is(err, coop.ErrNotFound) {
				w.Errorf("%s still lets in: %v", what, err)
			}
		}
		if _, err := w.s.ApplicationByLink(w.Context(), hashOf(10)); err != nil {
			w.Errorf("who applied cannot take it back: %v", err)
		}
		if _, err := w.s.SignUpByName(w.Context(), "leo"); err != nil {
			w.Errorf("who waits for an account waits no more: %v", err)
		}
	})
}
