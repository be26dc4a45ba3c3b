// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// link stores a link whose hash is one byte over and over.
func (w *world) link(b byte, l coop.Link, life time.Duration) *coop.Link {
	w.Helper()
	l.Hash, l.EndsAt = bytes.Repeat([]byte{b}, 32), w.clock.Now().Add(life).UTC()
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddLink(ctx, &l) })
	return &l
}

// works tells whether a link is found.
func (w *world) works(l *coop.Link) bool {
	w.Helper()
	_, err := w.s.LinkByHash(w.Context(), l.Purpose, l.Hash)
	if err != nil {
		w.wants(err, coop.ErrNotFound)
	}
	return err == nil
}

func TestALinkWorksOnceAndNotForever(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana := w.account("ana", "", coop.Person)
		reset := w.link(1, coop.Link{Purpose: coop.LinkReset, AccountID: ana.ID}, coop.ResetLife)
		invite := w.link(2, coop.Link{Purpose: coop.LinkInvite, Email: "new@mail.example", Rank: coop.RankModerator}, coop.InviteLife)
		for _, l := range []*coop.Link{reset, invite} {
			got, err := w.s.LinkByHash(w.Context(), l.Purpose, l.Hash)
			if diff := cmp.Diff(l, must(w, got, err)); diff != "" {
				w.Error(diff)
			}
		}
		if _, err := w.s.LinkByHash(w.Context(), coop.LinkInvite, reset.Hash); err == nil {
			w.Error("a link for a password makes an account")
		}
		use := func() error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.UseLink(ctx, reset.ID) })
		}
		if err := use(); err != nil || w.works(reset) {
			w.Errorf("used once: %v; it still works: %v", err, w.works(reset))
		}
		w.wants(use(), coop.ErrNotFound)
		w.clock.Advance(coop.InviteLife)
		if w.works(invite) {
			w.Error("an invitation works after its time")
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.SweepQueues(ctx, 100); return err })
		w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.UseLink(ctx, invite.ID) }), coop.ErrNotFound)
	})
}

func TestWhatEndsLinks(t *testing.T) {
	eachWorld(t, func(w *world) {
		for name, end := range map[string]func(context.Context, *storage.Tx, *coop.Account) error{
			"a new password": func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
				return tx.ChangePassword(ctx, a.ID, "$argon2id$v=19$m=19456,t=2,p=1$x", 0)
			},
			"a suspension": func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
				return tx.SuspendAccount(ctx, a.ID, w.clock.Now())
			},
			"the end of the account": func(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
				return tx.DeleteAccount(ctx, a.ID, w.clock.Now())
			},
		} {
			w.n++
			ana, other := w.account("ana"+name[len(name)-3:], "", coop.Person), w.account("berta"+name[len(name)-3:], "", coop.Person)
			mine := w.link(byte(2*w.n), coop.Link{Purpose: coop.LinkReset, AccountID: ana.ID}, time.Hour)
			theirs := w.link(byte(2*w.n+1), coop.Link{Purpose: coop.LinkReset, AccountID: other.ID}, time.Hour)
			w.write(func(ctx context.Context, tx *storage.Tx) error { return end(ctx, tx, ana) })
			if w.works(mine) || !w.works(theirs) {
				w.Errorf("after %s: own link %v, another's %v", name, w.works(mine), w.works(theirs))
			}
		}
	})
}
