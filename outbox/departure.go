// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// How a person goes. Who wants their account deleted may do so at once or in thirty
// days. Until then nobody sees the account or what it wrote, its browsers and apps are
// signed out, its offices are given back; signing in brings it back. From the deletion on
// a page that needs no account says for ninety days which servers took the Delete.

const (
	// departurePath is the page about a deletion; the secret follows.
	departurePath = "/deletions/"
	// mostDepartures is how many accounts go, or are told so, in one call.
	mostDepartures = 20
)

// CloseAccount closes the account of a person now and lets it be deleted after
// [coop.DepartureGrace]; the link is that of the page about it. Errors are those of
// [Outbox.DeleteAccount], and [coop.ErrConflict] for one that is closed or suspended already.
func (o *Outbox) CloseAccount(ctx context.Context, a *coop.Account, also ...Also) (link string, err error) {
	if !a.Local || a.Kind != coop.Person {
		return "", fmt.Errorf("close %s: %w", a.IRI, coop.ErrForbidden)
	}
	secret := rand.Text()
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := leaveOffices(ctx, tx, a); err != nil {
			return fmt.Errorf("close %s: %w", a.IRI, err)
		}
		if err := tx.CloseAccount(ctx, a, LinkHash(secret), o.now().Add(coop.DepartureGrace)); err != nil {
			return err
		}
		if err := tx.PutSecret(ctx, storage.DepartureSecret(a.ID), []byte(secret)); err != nil {
			return err
		}
		if err := o.tellDeparture(ctx, tx, a, mail.Closed); err != nil {
			return err
		}
		return besides(ctx, tx, also)
	})
	return o.o.Local.root() + departurePath + secret, err
}

// OpenAccount lets an account come back that its person closed, because they signed in,
// or whoever is named asks for it; it tells false where it was not closed, or the staff
// suspended it meanwhile.
func (o *Outbox) OpenAccount(ctx context.Context, tx *storage.Tx, a *coop.Account, who string) (back bool, err error) {
	if a.ClosedAt.IsZero() {
		return false, nil
	}
	if back, err = tx.OpenAccount(ctx, a.ID); err != nil || !back {
		return false, err
	}
	if err := o.TellSecurity(ctx, tx, a, mail.Returned); err != nil {
		return false, err
	}
	return true, tx.AddAudit(ctx, &coop.AuditEntry{Who: who, Act: "account.return", Target: string(a.IRI)})
}

// EndDepartures deletes the accounts whose time is over and tells those whose time is over
// soon. It says how many they were; call it every minute.
func (o *Outbox) EndDepartures(ctx context.Context) (int, error) {
	due, err := o.store.DueDepartures(ctx, o.now(), mostDepartures)
	if err != nil {
		return 0, err
	}
	done, failed := 0, error(nil)
	for _, d := range due {
		// One that cannot go must not keep the others.
		if err := o.store.Write(ctx, func(tx *storage.Tx) error { return o.endDeparture(ctx, tx, d.AccountID) }); err != nil {
			failed = errors.Join(failed, fmt.Errorf("departure of account %s: %w", d.AccountID, err))
			continue
		}
		done++
	}
	return done, failed
}

// endDeparture looks once more inside the transaction: somebody may have signed in.
func (o *Outbox) endDeparture(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	d, err := tx.HoldDeparture(ctx, id)
	if isNotFound(err) || err == nil && !d.Waits() {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := tx.Account(ctx, id)
	if err != nil {
		return err
	}
	if !d.DueAt.After(o.now()) {
		if err := o.deleteAccount(ctx, tx, a); err != nil {
			return err
		}
		return tx.AddAudit(ctx, &coop.AuditEntry{Who: a.Name, Act: "account.delete", Target: string(a.IRI), Why: "own"})
	}
	if d.DueAt.After(o.now().Add(coop.DepartureWarning)) || !d.WarnedAt.IsZero() {
		return nil
	}
	return errors.Join(tx.WarnedDeparture(ctx, id), o.tellDeparture(ctx, tx, a, mail.Leaving))
}

// departed notes what was sent about a deletion and tells the person where they see who
// took it, at the address that the account had.
func (o *Outbox) departed(ctx context.Context, tx *storage.Tx, a *coop.Account, document coop.ID) error {
	if a.Kind != coop.Person && a.Kind != coop.Coop {
		return nil // nobody waits for it
	}
	secret, err := tx.Secret(ctx, storage.DepartureSecret(a.ID))
	if isNotFound(err) {
		secret = []byte(rand.Text())
		err = tx.PutSecret(ctx, storage.DepartureSecret(a.ID), secret)
	}
	if err != nil {
		return err
	}
	if err := tx.Departed(ctx, a.ID, LinkHash(string(secret)), document); err != nil {
		return err
	}
	return o.tellDeparture(ctx, tx, a, mail.Departed)
}

// DeparturePage is the address of the page about a deletion, or [coop.ErrNotFound].
func (o *Outbox) DeparturePage(ctx context.Context, account coop.ID) (string, error) {
	secret, err := o.store.Secret(ctx, storage.DepartureSecret(account))
	if err != nil {
		return "", err
	}
	return o.o.Local.root() + departurePath + string(secret), nil
}

// tellDeparture lets a person know how their account goes.
func (o *Outbox) tellDeparture(ctx context.Context, tx *storage.Tx, a *coop.Account, kind mail.Kind) error {
	if !o.SendsMail() || a.Email == "" {
		return nil
	}
	name := a.Handle(o.o.Local.AccountDomain).String()
	return o.addMail(ctx, tx, a.ID.String(), letter{Kind: kind, To: a.Email, Name: name, Language: a.Language, Account: a.ID})
}

// departureLetter looks up what such a mail says: its link, and the day of the deletion or
// of the end of its page. Nothing is said of one who came back meanwhile.
func (o *Outbox) departureLetter(ctx context.Context, l *letter) (string, error) {
	d, err := o.store.Departure(ctx, l.Account)
	if err != nil {
		return "", err
	}
	day := d.DueAt
	if !d.Waits() {
		day = d.EndsAt
	}
	if d.Waits() == (l.Kind == mail.Departed) {
		return "", coop.ErrNotFound
	}
	l.more = map[string]string{"Day": o.words.Date(l.Language, day)}
	return o.DeparturePage(ctx, l.Account)
}
