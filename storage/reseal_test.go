// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// plainBytes are the columns of bytes that are not sealed, with what they hold.
var plainBytes = map[string]string{
	"apps.secret": "a hash", "tokens.hash": "a hash", "codes.hash": "a hash", "sessions.hash": "a hash", "links.hash": "a hash",
	"recovery_codes.hash": "a hash", "ceremonies.hash": "a hash", "ceremonies.browser": "a hash", "kept_forms.hash": "a hash",
	"application_links.hash": "a hash", "job_links.hash": "a hash", "sign_ups.link": "a hash",
	"search_queries.query_hash": "a hash", "saved_searches.alert_hash": "a hash", "saved_searches.feed_hash": "a hash",
	"audit.previous": "a hash", "departures.hash": "a hash", "audit.hash": "a hash", "audit_head.hash": "a hash", "audit_origins.salt": "goes with the address",
	"passkeys.credential": "public", "passkeys.handle": "a random name", "push_subscriptions.p256dh": "public",
	"push_subscriptions.auth": "for its push service alone, worth nothing without our key", "documents.body": "what is sent",
	"incoming.body": "what came", "tasks.payload": "ids and words of mails", "agreements.body": "shown to both sides", "offer_records.body": "shown to both sides",
	"team_records.body": "shown to all members",
}

// TestEverySealedColumn: a column of bytes is sealed anew by a rotation, or says why it
// need not be.
func TestEverySealedColumn(t *testing.T) {
	db := open(t, storagetest.SQLiteURL(t))
	sealed, seen := storage.SealedColumns(), map[string]bool{}
	rows, err := db.QueryContext(t.Context(), `
		SELECT m.name || '.' || c.name
		FROM sqlite_master m
		JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.type = 'BLOB' AND m.name NOT LIKE '%\_search' ESCAPE '\' AND m.name NOT LIKE '%\_search\_%' ESCAPE '\'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(sealed, name) == (plainBytes[name] != "") {
			t.Errorf("%s: is it sealed anew by a rotation, or why not?", name)
		}
		seen[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Concat(sealed, slices.Collect(maps.Keys(plainBytes))) {
		if !seen[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// eachURL runs a test on an empty world of either kind, and with how to open its database
// with other keys.
func eachURL(t *testing.T, test func(w *world, url string, with func(keys ...[]byte) *storage.Store)) {
	clock := storagetest.NewClock()
	for name, url := range map[string]func(t testing.TB) string{
		"sqlite":   storagetest.SQLiteURL,
		"postgres": func(t testing.TB) string { return storagetest.PostgresURLAt(t, clock) },
	} {
		t.Run(name, func(t *testing.T) {
			raw := url(t)
			with := func(keys ...[]byte) *storage.Store { return withKeys(t, raw, keys...) }
			test(&world{T: t, s: with(key(1)), clock: clock}, raw, with)
		})
	}
}

// sealAll leaves a row in every sealed column, and gives what reads it.
func (w *world) sealAll() map[string]func(s *storage.Store) error {
	ctx := w.Context()
	ana, telar, red := w.account("ana", "", coop.Person), w.account("telar", "", coop.Coop), w.account("red", "", coop.Federation)
	token := w.pushToken(ana, 1)
	w.subscribe(pushTo(token, "https://push.example/1"), "the token")
	w.member(telar, red)
	m := must2(w.s.MembershipOf(ctx, telar.ID, red.ID))
	brief := w.post(red, requestFor(w, "Clinics"))
	application := &coop.Application{PostID: 117000000000000001, AccountID: telar.ID, Name: "Rosa", Email: "rosa@mail.example", Message: "Hello", Language: "es", Title: "Pan"}
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return errors.Join(
			tx.PutSecret(ctx, "a", []byte("secret")), tx.SetCodeSeed(ctx, ana.ID, "JBSWY3DPEHPK3PXP"), tx.AddApplication(ctx, application, link(1), 0),
			tx.PutRequestFile(ctx, &coop.RequestFile{PostID: brief.ID, Client: "Red de salud", DeleteAt: w.clock.Now().Add(1e12)}),
			tx.PutPetition(ctx, m.ID, &coop.Petition{Contact: "ana@telar.example"}), tx.KeepForm(ctx, link(2), []byte("a form"), w.clock.Now().Add(1e12)))
	})
	return map[string]func(s *storage.Store) error{
		"secret": func(s *storage.Store) error { _, err := s.Secret(ctx, "a"); return err },
		"keys":   func(s *storage.Store) error { _, err := s.Keys(ctx, ana.ID); return err },
		"seed":   func(s *storage.Store) error { _, err := s.CodeSeed(ctx, ana.ID); return err },
		"application": func(s *storage.Store) error {
			_, err := s.ApplicationByLink(ctx, link(1))
			return err
		},
		"brief":    func(s *storage.Store) error { _, err := s.RequestFile(ctx, brief.ID); return err },
		"petition": func(s *storage.Store) error { _, err := s.Petition(ctx, m.ID); return err },
		"form":     func(s *storage.Store) error { _, err := s.KeptForm(ctx, link(2)); return err },
	}
}

// TestReseal: every sealed column has a row. After the rotation all of it opens with the
// new key alone, by its readers and by a rotation to a third key.
func TestReseal(t *testing.T) {
	eachURL(t, func(w *world, _ string, with func(keys ...[]byte) *storage.Store) {
		ctx := w.Context()
		if err := w.s.SecretKeyFits(ctx); err != nil {
			w.Fatal(err)
		}
		reads := w.sealAll()
		both := with(key(2), key(1))
		if err := both.SecretKeyFits(ctx); err != nil {
			w.Fatal(err)
		}
		left := must2(both.OldSeals(ctx))
		// Somebody stops it after the first column; the second run does the rest.
		stopped, stop := context.WithCancel(ctx)
		part, err := both.Reseal(stopped, func(string, int) { stop() })
		if !errors.Is(err, context.Canceled) || part.Done == 0 {
			w.Errorf("stopped: %+v, %v", part, err)
		}
		done := map[string]int{}
		rest := must2(both.Reseal(ctx, func(column string, n int) { done[column] = n }))
		if part.Done+rest.Done != left || len(rest.Lost) > 0 || must2(both.OldSeals(ctx)) != 0 {
			w.Errorf("of %d sealed anew: %+v, then %+v", left, part, rest)
		}
		alone := with(key(2))
		for what, read := range reads {
			if err := read(alone); err != nil {
				w.Errorf("%s with the new key alone: %v", what, err)
			}
		}
		third := with(key(3), key(2))
		if err := third.SecretKeyFits(ctx); err != nil {
			w.Fatal(err)
		}
		again := must2(third.Reseal(ctx, func(column string, n int) { done[column] = n }))
		if len(again.Lost) > 0 {
			w.Errorf("the new key alone does not open %v", again.Lost)
		}
		for _, column := range storage.SealedColumns() {
			if done[column] == 0 {
				w.Errorf("no row of %s was tried", column)
			}
		}
		// What no key opens is counted and left.
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return storage.Damage(ctx, tx, `UPDATE code_seeds SET seed = $1`, append([]byte{1, 0, 0, 0, 0}, make([]byte, 60)...))
		})
		if lost := must2(third.Reseal(ctx, nil)); lost.Done > 0 || lost.Lost["code_seeds.seed"] != 1 || must2(third.OldSeals(ctx)) != 1 {
			w.Errorf("a broken one: %+v", lost)
		}
	})
}

// TestARunningStoreTakesTheNewKey: a store that is open reads its keys again once another
// process rotated them, for what it opens and for what it seals; one that cannot seals
// nothing, for nobody could open it later.
func TestARunningStoreTakesTheNewKey(t *testing.T) {
	eachURL(t, func(w *world, url string, with func(keys ...[]byte) *storage.Store) {
		ctx := w.Context()
		if err := w.s.SecretKeyFits(ctx); err != nil {
			w.Fatal(err)
		}
		keys := [][]byte{key(1)}
		running := must2(storage.Open(ctx, storage.Options{URL: url, Now: w.clock.Now, SecretKeys: keys, Reread: func() ([][]byte, error) { return keys, nil }}))
		defer func() { _ = running.Close() }()
		put := func(s *storage.Store, name string) error {
			return s.Write(ctx, func(tx *storage.Tx) error { return tx.PutSecret(ctx, name, []byte(name)) })
		}
		keys = [][]byte{key(2), key(1)}
		rotating := with(keys...)
		if err := rotating.UseNewestKey(ctx); err != nil {
			w.Fatal(err)
		}
		if err := put(w.s, "lost"); !errors.Is(err, storage.ErrSecretKey) {
			w.Errorf("a store that does not know the new key sealed: %v", err)
		}
		if err := errors.Join(put(rotating, "a"), put(running, "b")); err != nil {
			w.Fatal(err)
		}
		if got, err := running.Secret(ctx, "a"); err != nil || string(got) != "a" {
			w.Errorf("read by the running one: %s, %v", got, err)
		}
		if got, err := with(key(2)).Secret(ctx, "b"); err != nil || string(got) != "b" {
			w.Errorf("sealed by the running one: %s, %v", got, err)
		}
	})
}
