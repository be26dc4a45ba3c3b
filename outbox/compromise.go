// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// compromiseLot is how many people or searches one transaction does.
const compromiseLot = 50

// TellKeys lets every person of this instance know, by mail and by a message that every
// client shows at the next sign-in, that all keys were changed. It notes whom it told and,
// stopped, goes on there; it returns nil once everybody was.
func (o *Outbox) TellKeys(ctx context.Context) error {
	return o.inLots(ctx, func(ctx context.Context, tx *storage.Tx, k *storage.KeyRotation) (more bool, err error) {
		people, err := tx.PeopleAfter(ctx, coop.ID(k.Told), compromiseLot)
		for _, a := range people {
			if k.Told = int64(a.ID); a.Gone() {
				continue
			}
			err := tx.TellOfKeys(ctx, a, coop.KeysNotice(a.Language))
			if err == nil {
				err = o.TellSecurity(ctx, tx, a, mail.Keys)
			}
			if err != nil {
				return false, fmt.Errorf("tell %s of new keys: %w", a.IRI, err)
			}
		}
		return len(people) == compromiseLot, err
	})
}

// RenewSearches makes the secrets of all saved searches worthless: mails have other links
// from now on, feeds end until their owners ask for another address, and webhooks are
// signed with another secret. Stopped, it goes on where it was.
func (o *Outbox) RenewSearches(ctx context.Context) error {
	return o.inLots(ctx, func(ctx context.Context, tx *storage.Tx, k *storage.KeyRotation) (more bool, err error) {
		ids, err := tx.SearchesAfter(ctx, coop.ID(k.Links), compromiseLot)
		for _, id := range ids {
			k.Links = int64(id)
			if err := o.renewSearch(ctx, tx, id); err != nil {
				return false, fmt.Errorf("new secrets for search %s: %w", id, err)
			}
		}
		return len(ids) == compromiseLot, err
	})
}

// renewSearch does one.
func (o *Outbox) renewSearch(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	has := func(kind string) (bool, error) {
		_, err := tx.Secret(ctx, storage.SavedSecret(id, kind))
		if errors.Is(err, storage.ErrSecretKey) {
			return true, nil
		}
		return err == nil, ignoreMissing(err)
	}
	if alert, err := has(storage.SecretAlert); err != nil {
		return err
	} else if alert {
		if err := o.newAlertSecret(ctx, tx, id); err != nil {
			return err
		}
	}
	if hook, err := has(storage.SecretHook); err != nil {
		return err
	} else if hook {
		if err := tx.PutSecret(ctx, storage.SavedSecret(id, storage.SecretHook), newHookSecret()); err != nil {
			return err
		}
	}
	if err := tx.DeleteSecret(ctx, storage.SavedSecret(id, storage.SecretFeed)); err != nil {
		return err
	}
	return tx.SetFeedHash(ctx, id, nil)
}

// newHookSecret is a secret by which a webhook knows us.
func newHookSecret() []byte {
	return []byte("whsec_" + base64.StdEncoding.EncodeToString([]byte(rand.Text())))
}

// ignoreMissing is nil for what is not there.
func ignoreMissing(err error) error {
	if isNotFound(err) {
		return nil
	}
	return err
}

// inLots does a part of a change of keys in one transaction after the other, each of which
// keeps how far it is.
func (o *Outbox) inLots(ctx context.Context, lot func(ctx context.Context, tx *storage.Tx, k *storage.KeyRotation) (more bool, err error)) error {
	for more := true; more; {
		err := o.store.Write(ctx, func(tx *storage.Tx) error {
			return tx.ChangeKeyRotation(ctx, func(k *storage.KeyRotation) (err error) {
				more, err = lot(ctx, tx, k)
				return err
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
