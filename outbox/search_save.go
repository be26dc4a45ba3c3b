// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// alertsPath is where who gets mails of a search confirms, changes and ends them;
// behind it stands the secret of the search.
const alertsPath = "/alerts/"

// SaveSearch keeps a new search of an account of this instance, or the changes of one:
// its name and the ways to hear of it. Complaints are [coop.Invalid] or
// *[coop.InvalidError]; the same question twice is [coop.ErrConflict].
func (o *Outbox) SaveSearch(ctx context.Context, s *coop.SavedSearch) error {
	if s.Name = coop.CleanLine(s.Name, coop.MaxSearchName); s.Name == "" {
		asked := s.Asked()
		s.Name = coop.Shorten(o.SearchTitle(ctx, s.Language, &asked), coop.MaxSearchName)
	}
	if err := o.checkSearch(ctx, s); err != nil {
		return err
	}
	now := o.now()
	if s.ConfirmedAt.IsZero() {
		s.ConfirmedAt = now
	}
	if s.Hook == "" {
		s.HookFailed = time.Time{}
	}
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		known := s.ID != 0
		if !known {
			if err := tx.AddSavedSearch(ctx, s, o.MostSearches(ctx), nil, o.o.Local.AccountDomain); err != nil {
				return err
			}
		}
		if err := o.prepareWays(ctx, tx, s); err != nil {
			return err
		}
		return tx.SaveSavedSearch(ctx, s)
	})
}

// MostSearches is how many searches an account may save: the setting search_max.
func (o *Outbox) MostSearches(ctx context.Context) int {
	n, err := strconv.Atoi(o.setting(ctx, "search_max", ""))
	if err != nil || n < 1 {
		return coop.MaxSearches
	}
	return min(n, 200)
}

// checkSearch complains about what a person said of a search.
func (o *Outbox) checkSearch(ctx context.Context, s *coop.SavedSearch) error {
	if err := s.Validate(); err != nil {
		return err
	}
	if s.Mail != coop.MailNever && !o.SendsMail() {
		return &coop.InvalidError{Field: "mail", Code: coop.CodeNotAllowed, Problem: "this server sends no mail"}
	}
	if s.Hook == "" {
		return nil
	}
	if o.o.Client == nil || o.o.Client.MayAsk(ctx, s.Hook) != nil {
		return &coop.InvalidError{Field: "webhook", Code: coop.CodeNotAllowed, Problem: "this address cannot be asked from here"}
	}
	return nil
}

// prepareWays makes the secrets that the ways of a search need, and says when the next
// mail is due.
func (o *Outbox) prepareWays(ctx context.Context, tx *storage.Tx, s *coop.SavedSearch) error {
	if s.Hook != "" {
		if err := tx.AddSecret(ctx, storage.SavedSecret(s.ID, storage.SecretHook), newHookSecret()); err != nil {
			return err
		}
	}
	if s.Mail == coop.MailNever {
		s.DueAt = time.Time{}
		return nil
	}
	now := o.now()
	if s.DueAt.IsZero() { // matches of before it was wanted are no news
		s.Mark = now
	}
	s.DueAt = coop.NextDigest(s.Mail, now)
	_, err := tx.Secret(ctx, storage.SavedSecret(s.ID, storage.SecretAlert))
	if !isNotFound(err) {
		return err
	}
	return o.newAlertSecret(ctx, tx, s.ID)
}

// newAlertSecret makes the secret that stands in the mails of a search.
func (o *Outbox) newAlertSecret(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	secret := rand.Text()
	if err := tx.PutSecret(ctx, storage.SavedSecret(id, storage.SecretAlert), []byte(secret)); err != nil {
		return err
	}
	return tx.SetAlertHash(ctx, id, LinkHash(secret))
}

// ForgetSearch deletes a saved search.
func (o *Outbox) ForgetSearch(ctx context.Context, s *coop.SavedSearch) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.DeleteSavedSearch(ctx, s) })
}

// NewSearchFeed gives a search a feed with a secret address, or another address, so
// that the one before is of no use any more. It returns what stands in the address.
func (o *Outbox) NewSearchFeed(ctx context.Context, s *coop.SavedSearch) (string, error) {
	secret := rand.Text()
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.PutSecret(ctx, storage.SavedSecret(s.ID, storage.SecretFeed), []byte(secret)); err != nil {
			return err
		}
		return tx.SetFeedHash(ctx, s.ID, LinkHash(secret))
	})
	return secret, err
}

// EndSearchFeed ends the feed of a search.
func (o *Outbox) EndSearchFeed(ctx context.Context, s *coop.SavedSearch) error {
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.DeleteSecret(ctx, storage.SavedSecret(s.ID, storage.SecretFeed)); err != nil {
			return err
		}
		return tx.SetFeedHash(ctx, s.ID, nil)
	})
}

// SearchSecrets are the secrets of a search that its owner may see, by kind
// ([storage.SecretFeed], [storage.SecretHook]).
func (o *Outbox) SearchSecrets(ctx context.Context, s *coop.SavedSearch) (map[string]string, error) {
	found := map[string]string{}
	for _, kind := range []string{storage.SecretFeed, storage.SecretHook} {
		secret, err := o.store.Secret(ctx, storage.SavedSecret(s.ID, kind))
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[kind] = string(secret)
	}
	return found, nil
}

// AskAlert lets a visitor ask for mails about a question: a mail goes to the address,
// and nothing else does before who reads it says yes. Whether the address has asked
// before is not told. An address that is none is a complaint, a server without mail
// [coop.ErrUnavailable].
func (o *Outbox) AskAlert(ctx context.Context, s *coop.SavedSearch) error {
	s.Email = strings.TrimSpace(s.Email)
	asked := s.Asked()
	s.Name = coop.Shorten(o.SearchTitle(ctx, s.Language, &asked), coop.MaxSearchName)
	if s.Mail == coop.MailNever {
		s.Mail = coop.MailWeekly
	}
	if !o.SendsMail() {
		return fmt.Errorf("no mail server: %w", coop.ErrUnavailable)
	}
	if err := s.Validate(); err != nil {
		return err
	}
	s.Email = strings.ToLower(s.Email)
	err := o.store.Write(ctx, func(tx *storage.Tx) error { return o.askAlert(ctx, tx, s) })
	var full *coop.InvalidError
	if errors.As(err, &full) && full.Code == coop.CodeTooMany {
		return nil // only its owner may know how many there are
	}
	return err
}

// askAlert keeps the wish and queues the mail.
func (o *Outbox) askAlert(ctx context.Context, tx *storage.Tx, s *coop.SavedSearch) error {
	known, err := o.knownAlert(ctx, tx, s)
	if err != nil {
		return err
	}
	if known == nil {
		if err := tx.AddSavedSearch(ctx, s, coop.MaxSearches, nil, o.o.Local.AccountDomain); err != nil {
			return err
		}
		if err := o.newAlertSecret(ctx, tx, s.ID); err != nil {
			return err
		}
		known = s
	}
	return o.addMail(ctx, tx, known.ID.String(), letter{Kind: mail.AlertConfirm, To: known.Email, Language: s.Language, Search: known.ID})
}

// knownAlert is the same wish of before, nil for none.
func (o *Outbox) knownAlert(ctx context.Context, tx *storage.Tx, s *coop.SavedSearch) (*coop.SavedSearch, error) {
	q, err := tx.SearchQueryOf(ctx, s.Asked())
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known, err := tx.SavedBy(ctx, 0, s.Email, q.ID)
	if isNotFound(err) {
		return nil, nil
	}
	return known, err
}

// SetAlert says how often a search is mailed, and so confirms the address of a visitor.
func (o *Outbox) SetAlert(ctx context.Context, s *coop.SavedSearch, every coop.Cadence) error {
	if every != coop.MailDaily && every != coop.MailWeekly {
		return &coop.InvalidError{Field: "mail", Code: coop.CodeUnknown, Problem: "is daily or weekly"}
	}
	now := o.now()
	if s.ConfirmedAt.IsZero() {
		s.ConfirmedAt, s.Mark = now, now
	}
	s.Mail = every
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if err := o.prepareWays(ctx, tx, s); err != nil {
			return err
		}
		return tx.SaveSavedSearch(ctx, s)
	})
}

// EndAlert ends the mails of a search. Of a visitor nothing is kept; the search of an
// account stays.
func (o *Outbox) EndAlert(ctx context.Context, s *coop.SavedSearch) error {
	if s.AccountID == 0 {
		return o.ForgetSearch(ctx, s)
	}
	s.Mail, s.DueAt = coop.MailNever, time.Time{}
	return o.store.Write(ctx, func(tx *storage.Tx) error { return tx.SaveSavedSearch(ctx, s) })
}
