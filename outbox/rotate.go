// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/federation/vocabulary"
	"minga/storage"
)

// maxListed is how many earlier Multikeys an actor still lists.
const maxListed = 10

// rotation is what an account's earlier keys leave behind, kept sealed: the Multikeys by which old proofs hold, and the RSA key that
// signs the announcement of the new ones.
type rotation struct {
	EdID         string                `json:"ed_id"` // id of the present Multikey
	Listed       []vocabulary.Multikey `json:"listed"`
	OldRSA       []byte                `json:"old_rsa"`
	Announcement coop.IRI              `json:"announcement"`
	At           time.Time             `json:"at"`
}

func rotationName(id coop.ID) string { return "outbox:rotation:" + id.String() }

// recall adds to a key pair what earlier rotations left.
func (k *keyPair) recall(ctx context.Context, r keyReader, a *coop.Account) error {
	raw, err := r.Secret(ctx, rotationName(a.ID))
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("earlier keys of %s: %w", a.IRI, err)
	}
	var past rotation
	if err := json.Unmarshal(raw, &past); err != nil {
		return fmt.Errorf("earlier keys of %s: %w", a.IRI, err)
	}
	old, err := signature.ParsePrivate(past.OldRSA)
	if err != nil {
		return fmt.Errorf("earlier key of %s: %w", a.IRI, err)
	}
	k.old, k.announcement = signature.PrivateKey{ID: k.rsa.ID, Signer: old}, past.Announcement
	k.ed.ID, k.listed = past.EdID, past.Listed
	return nil
}

// Rotation says how keys are changed.
type Rotation struct {
	// Stolen: the Multikeys of before are not listed any more, and so no proof by them
	// holds. Otherwise old proofs go on to hold.
	Stolen bool
	// Unless asks, in the transaction, whether it was done already; nil: it was not.
	Unless func(ctx context.Context, tx *storage.Tx) (bool, error)
}

// RotateKeys gives an account new keys and announces them: the
// new RSA key takes the old one's place, and the Update that says so is signed with
// the old one; the new Multikey is added and the old ones stay listed, unless they were
// stolen. What else waits in the queue is signed with the new key at its next attempt.
// All nodes and processes take the new keys within a second.
func (o *Outbox) RotateKeys(ctx context.Context, a *coop.Account, how Rotation, also ...Also) error {
	pair, err := o.newKeys()
	if err != nil {
		return err
	}
	pair.Account = a.ID
	defer o.keys.look()
	return o.store.Write(ctx, func(tx *storage.Tx) error {
		if how.Unless != nil {
			if done, err := how.Unless(ctx, tx); err != nil || done {
				return err
			}
		}
		if err := o.rotate(ctx, tx, a, pair, how.Stolen); err != nil {
			return fmt.Errorf("rotate the keys of %s: %w", a.IRI, err)
		}
		return besides(ctx, tx, also)
	})
}

func (o *Outbox) rotate(ctx context.Context, tx *storage.Tx, a *coop.Account, pair *coop.KeyPair, stolen bool) error {
	fresh, err := tx.HoldAccount(ctx, a.ID) // making keys takes a while: a may be old
	if err != nil {
		return err
	}
	*a = *fresh
	old, err := o.keysOf(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	iri, err := o.newIRI(ctx, tx, a.IRI, "Update")
	if err != nil {
		return err
	}
	past, err := o.rotated(old, a, coop.IRI(iri), stolen)
	if err != nil {
		return err
	}
	if err := tx.ReplaceKeys(ctx, pair); err != nil {
		return err
	}
	if err := tx.PutSecret(ctx, rotationName(a.ID), past); err != nil {
		return err
	}
	if err := tx.TurnKeys(ctx); err != nil {
		return err
	}
	a.UpdatedAt = o.now().UTC()
	if err := tx.SaveAccount(ctx, a); err != nil {
		return err
	}
	return o.tellActor(ctx, tx, a, iri)
}

// rotated writes down what stays of the keys so far.
func (o *Outbox) rotated(old *keyPair, a *coop.Account, announcement coop.IRI, stolen bool) ([]byte, error) {
	past := rotation{Announcement: announcement, At: o.now().UTC(), EdID: string(a.IRI) + "#ed25519-key-" + strconv.FormatInt(o.now().UnixMilli(), 10)}
	if key, ok := old.ed.Signer.Public().(ed25519.PublicKey); ok && !stolen {
		past.Listed = append(past.Listed, vocabulary.Multikey{ID: old.ed.ID, Multibase: signature.EncodeMultikey(key)})
		past.Listed = append(past.Listed, old.listed...)
	}
	past.Listed = past.Listed[:min(len(past.Listed), maxListed)]
	der, err := signature.EncodePrivate(old.rsa.Signer)
	if err != nil {
		return nil, err
	}
	past.OldRSA = der
	return json.Marshal(past)
}

// KeysChanged is when the keys of an account were changed last; zero: never.
func (o *Outbox) KeysChanged(ctx context.Context, id coop.ID) (time.Time, error) {
	raw, err := o.store.Secret(ctx, rotationName(id))
	if isNotFound(err) {
		return time.Time{}, nil
	}
	var past rotation
	if err == nil {
		err = json.Unmarshal(raw, &past)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("earlier keys of %s: %w", id, err)
	}
	return past.At, nil
}

// A deleted account's keys are gone with it, but its Delete still has to be signed,
// perhaps for weeks: they are kept apart, sealed, for that alone.

func lastName(id coop.ID) string { return "outbox:last:" + id.String() }

// keepLast puts the keys of an account aside before it is deleted.
func keepLast(ctx context.Context, tx *storage.Tx, id coop.ID) error {
	keys, err := tx.Keys(ctx, id)
	if err != nil {
		return fmt.Errorf("keys for the last Delete of %s: %w", id, err)
	}
	raw, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	return tx.PutSecret(ctx, lastName(id), raw)
}

// lastKeys are what keepLast put aside.
func lastKeys(ctx context.Context, r keyReader, id coop.ID) (*coop.KeyPair, error) {
	raw, err := r.Secret(ctx, lastName(id))
	if err != nil {
		return nil, err
	}
	var keys coop.KeyPair
	if err := json.Unmarshal(raw, &keys); err != nil {
		return nil, fmt.Errorf("last keys of %s: %w", id, err)
	}
	return &keys, nil
}
