// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/storage"
)

// secretLines are the keys in secret.key.
func (h *house) secretLines() []string {
	text, err := readPrivate(h.root, secretFile)
	h.f.must(err)
	return strings.Fields(text)
}

// opensAll opens the instance as after a restart, and everything that lies sealed in it.
func (h *house) opensAll() {
	t := h.f.t
	t.Helper()
	again := h.twin()
	if left, err := again.store.OldSeals(h.f.ctx); left != 0 || err != nil {
		t.Errorf("%d sealed by an older key, %v", left, err)
	}
	ids, err := again.store.KeyHolders(h.f.ctx, 0, 100)
	h.f.must(err)
	for _, id := range ids {
		if _, err := again.store.Keys(h.f.ctx, id); err != nil {
			t.Errorf("keys of %s: %v", id, err)
		}
	}
	if resealed, err := again.outbox.ResealMail(h.f.ctx); resealed || err != nil || again.outbox.SendsMail() != h.outbox.SendsMail() {
		t.Errorf("the password of the mail server: sealed anew %v, %v", resealed, err)
	}
	if lines := h.secretLines(); len(lines) != 1 {
		t.Errorf("%d secret keys are left", len(lines))
	}
}

// TestKeysChangeGoesOn: another process changes all keys and is stopped before each step in
// turn; the server goes on, once, and everything opens with the key that is left.
func TestKeysChangeGoesOn(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		h := f.house("casa")
		telar := h.coop("telar")
		ana := h.person("ana")
		f.must(h.store.Write(f.ctx, func(tx *storage.Tx) error {
			return tx.AddSession(f.ctx, &coop.Session{Hash: make([]byte, 32), AccountID: ana.ID})
		}))
		f.must(h.outbox.KeepMail(f.ctx, outbox.MailServer{Host: "127.0.0.1", Port: 9, From: "minga@casa.example", User: "minga", Password: "secret of the mails", Security: mail.StartTLS}))
		search := h.saveSearch(ana)
		command := h.twin()
		ids, err := h.store.KeyHolders(f.ctx, 0, 100)
		f.must(err)
		f.must(addSecretKey(h.root)) // and there it was stopped
		for stop := range 6 {
			before, err := h.outbox.ActorDocument(f.ctx, telar)
			f.must(err)
			secret, links := h.secretLines(), h.newLinks(search)
			entry := coop.AuditEntry{Who: byCommand, Act: "keys.compromise"}
			f.must(command.askKeys(f.ctx, storage.KeyRotation{Compromise: true}, entry))
			ctx, cancel := context.WithCancel(f.ctx)
			n := 0
			_, err = command.changeKeys(ctx, func(string) {
				if n++; n > stop {
					cancel()
				}
			})
			cancel()
			if err == nil {
				f.t.Errorf("step %d: nothing stopped it", stop)
			}
			f.must(h.keysTurn(f.ctx)) // somebody is at it
			if k, err := h.store.KeyRotation(f.ctx); err != nil || k.Asked.IsZero() {
				f.t.Fatalf("step %d: it was taken away from who is at it: %v", stop, err)
			}
			h.clock.Advance(keysBusy + time.Second)
			f.must(h.keysTurn(f.ctx))
			k, err := h.store.KeyRotation(f.ctx)
			if err != nil || !k.Asked.IsZero() || k.Accounts != len(ids) || k.Lost != 0 || k.Problem != "" {
				f.t.Fatalf("step %d: %+v, %v; %d accounts", stop, k, err, len(ids))
			}
			h.opensAll()
			h.linksEnded(search, links)
			h.clock.Advance(2 * time.Second)
			after, err := h.outbox.ActorDocument(f.ctx, h.stored(telar.IRI))
			f.must(err)
			other, err := command.outbox.ActorDocument(f.ctx, h.stored(telar.IRI))
			f.must(err)
			if string(after) == string(before) || string(after) != string(other) || strings.Count(string(after), `"type":"Multikey"`) != 1 {
				f.t.Errorf("step %d: the documents of the two processes differ, or list stolen keys: %s", stop, after)
			}
			if now := h.secretLines(); now[0] == secret[len(secret)-1] {
				f.t.Errorf("step %d: the secret key is the one of before", stop)
			}
		}
		if list, err := h.store.Sessions(f.ctx, ana.ID); len(list) != 0 || err != nil {
			f.t.Errorf("%d sessions are left, %v", len(list), err)
		}
		if n, err := h.store.Notifications(f.ctx, ana.ID, coop.Page{Limit: 20}); err != nil || len(n) == 0 || n[0].Kind != coop.NotifyMention {
			f.t.Errorf("ana was told %+v, %v", n, err)
		}
	})
}

// TestABackupHoldsTheSecretKey: while one is written the secret key stays, what else was
// asked for is done, and the rest when it has ended.
func TestABackupHoldsTheSecretKey(t *testing.T) {
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys()}
	h := f.house("casa")
	release, err := holdSecret(h.root, false)
	f.must(err)
	secret := h.secretLines()
	f.must(h.askKeys(f.ctx, storage.KeyRotation{Secrets: true, Actors: true}, coop.AuditEntry{Who: byCommand, Act: "keys.rotate"}))
	if _, err := h.changeKeys(f.ctx, nil); !errors.Is(err, coop.ErrUnavailable) {
		t.Errorf("beside a backup: %v", err)
	}
	if k, err := h.store.KeyRotation(f.ctx); err != nil || k.Accounts == 0 || k.Problem == "" || h.secretLines()[0] != secret[0] {
		t.Errorf("%+v, %v", k, err)
	}
	f.must(release())
	if _, err := h.changeKeys(f.ctx, nil); err != nil {
		t.Error(err)
	}
	h.opensAll()
	alone, err := holdSecret(h.root, true)
	f.must(err)
	if _, err := holdSecret(h.root, false); !errors.Is(err, coop.ErrUnavailable) {
		t.Errorf("a backup while the key is changed: %v", err)
	}
	f.must(alone())
}
