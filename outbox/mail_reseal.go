// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"minga/coop"
	"minga/storage"
)

// ResealMail seals the password of the mail server with the key in force, where an older
// one sealed it, and tells whether it did. One that no key opens is [storage.ErrSecretKey]
// and stays as it is.
func (o *Outbox) ResealMail(ctx context.Context) (done bool, err error) {
	err = o.store.Write(ctx, func(tx *storage.Tx) error {
		done = false
		kept, sealed, err := keptPassword(ctx, tx)
		if err != nil || sealed == nil {
			return err
		}
		key, err := tx.KeyInForce(ctx)
		if err != nil || key.Sealed(sealed) {
			return err
		}
		password, err := tx.Unseal(mailSeal, sealed)
		if err != nil {
			return fmt.Errorf("password of the mail server: %w", err)
		}
		done = true
		return putKept(ctx, tx, kept, string(password))
	})
	return done && err == nil, err
}

// settingReader is the store, or a transaction.
type settingReader interface {
	Setting(ctx context.Context, key string) (string, error)
}

// keptPassword reads the mail server as it is kept, and its password as it is sealed; nil:
// there is none.
func keptPassword(ctx context.Context, r settingReader) (kept keptMail, sealed []byte, err error) {
	text, err := r.Setting(ctx, mailSetting)
	if errors.Is(err, coop.ErrNotFound) {
		return kept, nil, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &kept)
	}
	if err == nil && kept.Sealed != "" {
		sealed, err = base64.StdEncoding.DecodeString(kept.Sealed)
	}
	if err != nil {
		return kept, nil, fmt.Errorf("recall the mail server: %w", err)
	}
	return kept, sealed, nil
}

// putKept keeps the mail server with a password, which is sealed.
func putKept(ctx context.Context, tx *storage.Tx, kept keptMail, password string) error {
	if kept.Sealed = ""; password != "" {
		sealed, err := tx.Seal(ctx, mailSeal, []byte(password))
		if err != nil {
			return fmt.Errorf("keep the mail server: %w", err)
		}
		kept.Sealed = base64.StdEncoding.EncodeToString(sealed)
	}
	text, err := json.Marshal(kept) //nolint:gosec // the password is sealed
	if err != nil {
		return fmt.Errorf("keep the mail server: %w", err)
	}
	return tx.SetSetting(ctx, mailSetting, string(text))
}
