// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// keysLot is how many accounts are listed at once.
const keysLot = 100

// changeActorKeys gives every account of this instance new keys, one after the other.
func (i *instance) changeActorKeys(ctx context.Context, k storage.KeyRotation) error {
	if !k.Actors {
		return nil
	}
	for after := coop.ID(k.After); ; {
		ids, err := i.store.KeyHolders(ctx, after, keysLot)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := i.changeKeysOf(ctx, id, k.Compromise); err != nil {
				return err
			}
			after = id
		}
		if len(ids) < keysLot {
			return nil
		}
	}
}

// changeKeysOf changes the keys of one account in its turn. An account whose keys no
// secret key opens cannot say so signed with the old one: it is counted, and stays as it
// is.
func (i *instance) changeKeysOf(ctx context.Context, id coop.ID, stolen bool) error {
	account, err := i.store.Account(ctx, id)
	if errors.Is(err, coop.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = i.outbox.RotateKeys(ctx, account, outbox.Rotation{Stolen: stolen, Unless: func(ctx context.Context, tx *storage.Tx) (done bool, err error) {
		err = i.keysStepIn(ctx, tx, func(k *storage.KeyRotation) error {
			if done = k.After >= int64(id); !done {
				k.After = int64(id)
				k.Accounts++
			}
			return nil
		})
		return done, err
	}})
	if !errors.Is(err, storage.ErrSecretKey) {
		return err
	}
	i.log.ErrorContext(ctx, "keys of an account are lost", "actor", string(account.IRI), "err", err)
	return i.keysStep(ctx, func(k *storage.KeyRotation) error {
		if k.After < int64(id) {
			k.After = int64(id)
			k.Lost++
		}
		return nil
	})
}

// secretElsewhere says that the secret key is not ours to change.
const secretElsewhere = "the secret key stands in MINGA_SECRET_KEY: put a new one before it on every node, start them again, and run `minga keys rotate --secrets`"

// changeSecret makes another secret key and seals everything with it. One that the
// configuration names is not ours to write: there a new one has to stand before it.
func (i *instance) changeSecret(ctx context.Context, k storage.KeyRotation) (err error) {
	if !k.Secrets || k.Sealed {
		return nil
	}
	var did sealing
	if i.config.SecretKeys == "" {
		did, err = i.changeSecretFile(ctx)
	} else {
		did, err = i.changeSecretSetting(ctx)
	}
	if err != nil {
		return err
	}
	return i.keysStep(ctx, func(k *storage.KeyRotation) error {
		k.Sealed, k.Rows, k.Lost, k.Left = true, k.Rows+did.done, k.Lost+did.lost, did.left
		return nil
	})
}

// sealing is what was sealed anew, what no key opens, and what is left to people.
type sealing struct {
	done, lost int
	left       string
}

// changeSecretFile does it where the key lies in the data folder.
func (i *instance) changeSecretFile(ctx context.Context) (did sealing, err error) {
	release, err := holdSecret(i.root, true)
	if err != nil {
		return did, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := addSecretKey(i.root); err != nil {
		return did, err
	}
	if did, err = i.sealAnew(ctx); err != nil {
		return did, err
	}
	return did, dropOldKeys(i.root)
}

// changeSecretSetting does it where the key stands in the configuration.
func (i *instance) changeSecretSetting(ctx context.Context) (sealing, error) {
	keys, err := i.rereadKeys()
	if err != nil {
		return sealing{}, err
	}
	if len(keys) < 2 {
		return sealing{left: secretElsewhere}, nil
	}
	return i.sealAnew(ctx)
}

// sealAnew seals with the newest key all that older ones sealed, in the database and in
// files, and looks whether anything is left.
func (i *instance) sealAnew(ctx context.Context) (did sealing, err error) {
	if err := i.store.UseNewestKey(ctx); err != nil {
		return did, err
	}
	rows, err := i.store.Reseal(ctx, nil)
	if err != nil {
		return did, err
	}
	did.done = rows.Done
	for _, n := range rows.Lost {
		did.lost += n
	}
	if left, err := i.store.OldSeals(ctx); err != nil || left > did.lost {
		return did, errors.Join(err, fmt.Errorf("%d secrets are still sealed with an older key: %w", left-did.lost, coop.ErrUnavailable))
	}
	if err := i.sealMail(ctx, &did); err != nil {
		return did, err
	}
	files, lost, err := i.media.Reseal(ctx)
	did.done, did.lost = did.done+files, did.lost+lost
	return did, err
}

// sealMail does the password of the mail server.
func (i *instance) sealMail(ctx context.Context, did *sealing) error {
	done, err := i.outbox.ResealMail(ctx)
	if errors.Is(err, storage.ErrSecretKey) {
		did.lost++
		return nil
	}
	if done {
		did.done++
	}
	return err
}
