// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// applies keeps a confirmed sign-up by an invitation.
func (w *world) applies(name string, invite coop.ID) (*coop.SignUp, error) {
	s := &coop.SignUp{Name: name, Email: name + "@mail.example", Password: "$argon2id$v=19$m=19456,t=2,p=1$x", InviteID: invite, ApprovedAt: w.clock.Now()}
	return s, w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.AddSignUp(ctx, s) })
}

// comes makes the account of a sign-up.
func (w *world) comes(s *coop.SignUp, a *coop.Account) error {
	return w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.FinishSignUp(ctx, s, a.ID) })
}

// TestAnInvitationLetsOneIn: of many who come with one link at the same moment one has an
// account, and it says who invited.
func TestAnInvitationLetsOneIn(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, nova := w.account("ana", "", coop.Person), w.account("nova", "", coop.Person)
		link := w.link(1, coop.Link{Purpose: coop.LinkGuest, AccountID: ana.ID, Note: "for nova"}, coop.InviteLife)
		if open, err := w.s.Guests(w.Context(), ana.ID, coop.Page{Limit: 10}); err != nil || len(open) != 1 || open[0].ID != link.ID || open[0].Note != "for nova" || open[0].Rank != "" {
			w.Errorf("open: %+v, %v", open, err)
		}
		wrong, err := w.applies("wrong", link.ID)
		if err != nil {
			w.Fatal(err)
		}
		s, err := w.applies("right", link.ID)
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.s.SignUp(w.Context(), wrong.ID); !errors.Is(err, coop.ErrNotFound) {
			w.Errorf("the address that was mistyped still waits: %v", err)
		}
		var in atomic.Int64
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				switch err := w.comes(s, nova); {
				case err == nil:
					in.Add(1)
				case !errors.Is(err, coop.ErrNotFound):
					w.Error(err)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 || w.works(link) {
			w.Errorf("%d came by one link; it still works: %v", in.Load(), w.works(link))
		}
		if i, err := w.s.InvitationOf(w.Context(), nova.ID); err != nil || i.ByID != ana.ID || !i.JoinedAt.Equal(w.clock.Now()) {
			w.Errorf("%+v, %v", i, err)
		}
		if came, err := w.s.Invitations(w.Context(), ana.ID, coop.Page{Limit: 10}); err != nil || len(came) != 1 || came[0].AccountID != nova.ID {
			w.Errorf("came: %+v, %v", came, err)
		}
		_, err = w.applies("late", link.ID)
		w.wants(err, coop.ErrNotFound)
	})
}

// TestWhatEndsAnInvitation, also for who has asked by it already.
func TestWhatEndsAnInvitation(t *testing.T) {
	ways := map[string]func(*world, context.Context, *storage.Tx, *coop.Account, *coop.Link) error{
		"its member": func(_ *world, ctx context.Context, tx *storage.Tx, a *coop.Account, l *coop.Link) error {
			_, err := tx.EndGuest(ctx, l.ID, a.ID)
			return err
		},
		"the staff": func(_ *world, ctx context.Context, tx *storage.Tx, _ *coop.Account, l *coop.Link) error {
			_, err := tx.EndGuest(ctx, l.ID, 0)
			return err
		},
		"a suspension": func(w *world, ctx context.Context, tx *storage.Tx, a *coop.Account, _ *coop.Link) error {
			if err := tx.SuspendAccount(ctx, a.ID, w.clock.Now()); err != nil {
				return err
			}
			return tx.SuspendAccount(ctx, a.ID, time.Time{}) // what was lifted does not come back
		},
		"the closing of the account": func(w *world, ctx context.Context, tx *storage.Tx, a *coop.Account, _ *coop.Link) error {
			return tx.CloseAccount(ctx, a, key(9), w.clock.Now().Add(time.Hour))
		},
		"the end of the account": func(w *world, ctx context.Context, tx *storage.Tx, a *coop.Account, _ *coop.Link) error {
			return tx.DeleteAccount(ctx, a.ID, w.clock.Now())
		},
		"a new password": func(_ *world, ctx context.Context, tx *storage.Tx, a *coop.Account, _ *coop.Link) error {
			return tx.ChangePassword(ctx, a.ID, "$argon2id$v=19$m=19456,t=2,p=1$x", 0)
		},
	}
	eachWorld(t, func(w *world) {
		n := byte(10)
		for name, end := range ways {
			n += 2
			ana, eve, nova := w.account(fmt.Sprint("ana", n), "", coop.Person), w.account(fmt.Sprint("eve", n), "", coop.Person), w.account(fmt.Sprint("nova", n), "", coop.Person)
			link, other := w.link(n, coop.Link{Purpose: coop.LinkGuest, AccountID: ana.ID}, coop.InviteLife), w.link(n+1, coop.Link{Purpose: coop.LinkGuest, AccountID: eve.ID}, coop.InviteLife)
			w.wants(w.try(func(ctx context.Context, tx *storage.Tx) error {
				_, err := tx.EndGuest(ctx, link.ID, eve.ID)
				return err
			}), coop.ErrNotFound)
			s, err := w.applies(fmt.Sprint("right", n), link.ID)
			if err != nil {
				w.Fatal(err)
			}
			w.write(func(ctx context.Context, tx *storage.Tx) error { return end(w, ctx, tx, ana, link) })
			if err := w.comes(s, nova); !errors.Is(err, coop.ErrNotFound) || w.works(link) || !w.works(other) {
				w.Errorf("after %s: who asked gets %v, the link works %v, another's %v", name, err, w.works(link), w.works(other))
			}
		}
	})
}

// TestInvitationsHaveLimits: so many open, so many in a month, and none in the first week
// of who was invited.
func TestInvitationsHaveLimits(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, n := w.account("ana", "", coop.Person), byte(0)
		may := func(a *coop.Account) string {
			err := w.try(func(ctx context.Context, tx *storage.Tx) error { return tx.MayInvite(ctx, a.ID) })
			var wrong *coop.InvalidError
			if err != nil && !errors.As(err, &wrong) {
				w.Fatal(err)
			}
			if wrong == nil {
				return ""
			}
			return wrong.Code
		}
		var last *coop.Account
		for i := range coop.MaxInvitesMonth {
			if code := may(ana); code != "" {
				w.Fatalf("number %d: %s", i, code)
			}
			n++
			link := w.link(n, coop.Link{Purpose: coop.LinkGuest, AccountID: ana.ID}, coop.InviteLife)
			s, err := w.applies(fmt.Sprint("in", n), link.ID)
			if last = w.account(fmt.Sprint("x", n), "", coop.Person); err == nil {
				err = w.comes(s, last)
			}
			if err != nil {
				w.Fatal(err)
			}
		}
		if code := may(ana); code != coop.CodeInviteMonth {
			w.Errorf("after a month's worth: %q", code)
		}
		if code := may(last); code != coop.CodeInviteSoon {
			w.Errorf("who came just now: %q", code)
		}
		w.clock.Advance(coop.InviteRest + time.Second)
		if code := may(last); code != "" {
			w.Errorf("who came a week ago: %q", code)
		}
		w.clock.Advance(coop.InviteMonth)
		for range coop.MaxInvites {
			n++
			if code := may(ana); code != "" {
				w.Errorf("a month later: %q", code)
			}
			w.link(n, coop.Link{Purpose: coop.LinkGuest, AccountID: ana.ID}, coop.InviteLife)
		}
		if code := may(ana); code != coop.CodeInviteOpen {
			w.Errorf("with %d open: %q", coop.MaxInvites, code)
		}
		w.clock.Advance(coop.InviteLife)
		if code := may(ana); code != "" {
			w.Errorf("when they have ended: %q", code)
		}
	})
}

// TestALateSignUpHasItsTime: who asks just before a link ends can still confirm, but the
// link does not live on for ever by that.
func TestALateSignUpHasItsTime(t *testing.T) {
	eachWorld(t, func(w *world) {
		ana, nova := w.account("ana", "", coop.Person), w.account("nova", "", coop.Person)
		link := w.link(1, coop.Link{Purpose: coop.LinkGuest, AccountID: ana.ID}, coop.InviteLife)
		w.clock.Advance(coop.InviteLife - time.Minute)
		if _, err := w.applies("first", link.ID); err != nil {
			w.Fatal(err)
		}
		w.clock.Advance(coop.SignUpLife - time.Minute)
		s, err := w.applies("second", link.ID)
		if err != nil || !s.EndsAt.Equal(link.CreatedAt.Add(coop.InviteLife+coop.SignUpLife)) {
			w.Fatalf("ends %s, %v", s.EndsAt, err)
		}
		if err := w.comes(s, nova); err != nil {
			w.Error(err)
		}
	})
}
