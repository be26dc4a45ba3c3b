// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// hashOf is a hash like no other.
func hashOf(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

// session makes a session.
func (w *world) session(a *coop.Account, n byte) *coop.Session {
	w.Helper()
	s := &coop.Session{Hash: hashOf(n), AccountID: a.ID, Browser: "Firefox, Linux"}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddSession(ctx, s) })
	return s
}

// signedIn tells whether a session is found.
func (w *world) signedIn(s *coop.Session) bool {
	_, err := w.s.SessionByHash(w.Context(), s.Hash)
	return err == nil
}

func TestSessionsLiveWhileTheyAreUsed(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		s := w.session(ana, 1)
		got, err := w.s.SessionByHash(w.Context(), s.Hash)
		if diff := cmp.Diff(s, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		touch := func() {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.TouchSession(ctx, s.ID, w.clock.Now()) })
		}
		w.clock.Advance(coop.SessionIdle - time.Minute)
		touch()
		w.clock.Advance(coop.SessionIdle - time.Minute)
		if !w.signedIn(s) {
			w.Error("a visit did not count")
		}
		w.clock.Advance(time.Minute)
		if w.signedIn(s) {
			w.Error("lives on without a visit")
		}
		list, err := w.s.Sessions(w.Context(), ana.ID)
		if len(must(w, list, err)) != 0 {
			w.Error("is listed without a visit")
		}
		n := 0
		w.clock.Advance(time.Minute)
		w.write(func(ctx context.Context, tx *storage.Tx) (err error) { n, err = tx.SweepRecords(ctx, 100); return err })
		if n != 1 {
			w.Errorf("%d rows swept", n)
		}
	})
}

func TestWhoMayEndSessions(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bob := w.account("ana", "", coop.Person), w.account("bob", "", coop.Person)
		one, two, his := w.session(ana, 1), w.session(ana, 2), w.session(bob, 3)
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.EndSession(ctx, ana.ID, his.ID) }), coop.ErrNotFound)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.EndSessions(ctx, ana.ID, two.ID) })
		if w.signedIn(one) || !w.signedIn(two) || !w.signedIn(his) {
			w.Error("the wrong sessions ended")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.EndSession(ctx, ana.ID, two.ID) })
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SuspendAccount(ctx, bob.ID, w.clock.Now()) })
		if w.signedIn(two) || w.signedIn(his) {
			w.Error("a session that ended, or of somebody suspended, lives on")
		}
		var invalid *coop.InvalidError
		if err := w.try(func(ctx context.Context, tx *storage.Tx) error {
			return tx.AddSession(ctx, &coop.Session{Hash: []byte("short"), AccountID: ana.ID})
		}); !errors.As(err, &invalid) {
			w.Errorf("a session that is not kept by a hash: %v", err)
		}
	})
}

// app makes an app.
func (w *world) app(name string) *coop.App {
	w.Helper()
	a := &coop.App{ClientID: "client-of-the-app-" + name, Secret: hashOf(7), Name: name, Website: "https://elk.example", Redirects: []string{"https://elk.example/", coop.OutOfBand}, Scopes: []string{"read", "write:minga"}}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddApp(ctx, a) })
	return a
}

// code makes a code.
func (w *world) code(app *coop.App, a *coop.Account, n byte) *coop.Code {
	w.Helper()
	k := &coop.Code{Hash: hashOf(n), AppID: app.ID, AccountID: a.ID, PersonID: a.ID, Redirect: "https://elk.example/", Scopes: []string{"read"}, Challenge: "x", EndsAt: w.clock.Now().Add(time.Minute)}
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddCode(ctx, k) })
	return k
}

func TestAppsAndCodes(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, app := w.account("ana", "", coop.Person), w.app("Elk")
		got, err := w.s.AppByClient(w.Context(), app.ClientID)
		if diff := cmp.Diff(app, must(w, got, err)); diff != "" {
			w.Error(diff)
		}
		_, err = w.s.AppByClient(w.Context(), "somebody\x00 else")
		w.wants(err, coop.ErrNotFound)
		_, err = w.s.App(w.Context(), app.ID+1)
		w.wants(err, coop.ErrNotFound)
		code := w.code(app, ana, 1)
		token := &coop.Token{Hash: hashOf(9), AccountID: ana.ID, PersonID: ana.ID, AppID: app.ID, App: app.Name, Scopes: []string{"read"}}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			got, err := tx.CodeByHash(ctx, code.Hash)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(code, got); diff != "" {
				w.Error(diff)
			}
			if err := tx.AddToken(ctx, token); err != nil {
				return err
			}
			return tx.UseCode(ctx, code.ID, token.ID)
		})
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.UseCode(ctx, code.ID, token.ID+1) }), coop.ErrConflict)
		kept, err := w.s.TokenByHash(w.Context(), token.Hash)
		if must(w, kept, err).App != "Elk" || kept.Website != "https://elk.example" || kept.AppID != app.ID {
			w.Errorf("the token does not know its app: %+v", kept)
		}
	})
}

func TestATokenOfAnAppActsAsNobody(t *testing.T) {
	eachWorld(t, func(w *world) {
		app := w.app("Elk")
		token := &coop.Token{Hash: hashOf(9), AppID: app.ID, App: app.Name, Scopes: []string{"read"}}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, token) })
		got, err := w.s.TokenByHash(w.Context(), token.Hash)
		if must(w, got, err).AccountID != 0 || got.PersonID != 0 {
			w.Errorf("acts as %s for %s", got.AccountID, got.PersonID)
		}
		for _, person := range []coop.ID{0, 1} {
			list, err := w.s.TokensOf(w.Context(), person)
			if len(must(w, list, err)) != 0 {
				w.Errorf("is listed as one of %s", person)
			}
		}
	})
}

func TestWhoseTokensEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, bob, telar, app := w.account("ana", "", coop.Person), w.account("bob", "", coop.Person), w.account("telar", "", coop.Coop), w.app("Elk")
		make := func(n byte, account, person *coop.Account) *coop.Token {
			k := &coop.Token{Hash: hashOf(n), AccountID: account.ID, AppID: app.ID, App: "Elk", Scopes: []string{"read"}}
			if person != nil {
				k.PersonID = person.ID
			}
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, k) })
			return k
		}
		own, line, hers, his, coops := make(1, ana, ana), make(2, ana, nil), make(3, telar, ana), make(4, bob, bob), make(5, telar, nil)
		code := w.code(app, ana, 6)
		lives := func(k *coop.Token) bool { _, err := w.s.TokenByHash(w.Context(), k.Hash); return err == nil }
		list, err := w.s.TokensOf(w.Context(), ana.ID)
		if len(must(w, list, err)) != 3 {
			w.Errorf("%d tokens are hers", len(list))
		}
		for _, id := range []coop.ID{his.ID, coops.ID, 1} {
			w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
				return tx.RevokeTokenOf(ctx, ana.ID, id, w.clock.Now())
			}), coop.ErrNotFound)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RevokeTokenOf(ctx, ana.ID, hers.ID, w.clock.Now())
		})
		if lives(hers) || !lives(own) {
			w.Error("the wrong one ended")
		}
		w.session(ana, 1)
		keep := w.session(ana, 2)
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.ChangePassword(ctx, ana.ID, "$argon2id$v=19$of a new password", keep.ID)
		})
		sessions, err := w.s.Sessions(w.Context(), ana.ID)
		if len(must(w, sessions, err)) != 1 || sessions[0].ID != keep.ID {
			w.Errorf("sessions %v", sessions)
		}
		if lives(own) || lives(line) || !lives(his) || !lives(coops) {
			w.Error("a new password ends what the old one let in, and nothing else")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			got, err := tx.CodeByHash(ctx, code.Hash)
			if err == nil && got.EndsAt.After(w.clock.Now()) {
				w.Error("a code of before can still be redeemed")
			}
			return err
		})
	})
}

func TestSignInIsSwept(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, used, unused := w.account("ana", "", coop.Person), w.app("used"), w.app("unused")
		w.code(used, ana, 1)
		own := &coop.Token{Hash: hashOf(2), AccountID: ana.ID, AppID: used.ID, App: "used"}
		alone := &coop.Token{Hash: hashOf(3), AppID: used.ID, App: "used"}
		for _, k := range []*coop.Token{own, alone} {
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddToken(ctx, k) })
		}
		w.clock.Advance(31 * 24 * time.Hour)
		for range 2 {
			w.write(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.SweepRecords(ctx, 100); return err })
		}
		_, err := w.s.App(w.Context(), unused.ID)
		w.wants(err, coop.ErrNotFound)
		_, err = w.s.TokenByHash(w.Context(), alone.Hash)
		w.wants(err, coop.ErrNotFound)
		if _, err := w.s.App(w.Context(), used.ID); err != nil {
			w.Errorf("an app that acts for somebody: %v", err)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.CodeByHash(ctx, hashOf(1))
			w.wants(err, coop.ErrNotFound)
			return tx.RevokeTokensOf(ctx, ana.ID, w.clock.Now())
		})
		w.clock.Advance(31 * 24 * time.Hour)
		for range 2 {
			w.write(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.SweepRecords(ctx, 100); return err })
		}
		_, err = w.s.App(w.Context(), used.ID)
		w.wants(err, coop.ErrNotFound)
	})
}

func TestPeopleByTheirAddress(t *testing.T) {
	eachWorld(t, func(w *world) {
		named := func(name, email string, kind coop.AccountKind) *coop.Account {
			a := &coop.Account{IRI: coop.IRI("https://" + here + "/" + name), Kind: kind, Name: name, Local: true, Email: email}
			w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddAccount(ctx, a, &coop.KeyPair{}) })
			return a
		}
		ana := named("ana", "Ana@Mail.example", coop.Person)
		named("one", "both@mail.example", coop.Person)
		named("two", "both@mail.example", coop.Person)
		named("house", "house@mail.example", coop.Coop)
		got, err := w.s.PersonByEmail(w.Context(), "aNA@mail.EXAMPLE")
		if must(w, got, err).ID != ana.ID {
			w.Errorf("found %s", got.Name)
		}
		for _, email := range []string{"", "both@mail.example", "house@mail.example", "ana@mail.example.org", "%@mail.example", "a\x00b"} {
			_, err := w.s.PersonByEmail(w.Context(), email)
			w.wants(err, coop.ErrNotFound)
		}
	})
}
