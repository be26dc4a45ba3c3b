// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/federation/signature"
)

// errNotListed says that the owner's document does not list a key: the two-way
// check failed.
var errNotListed = errors.New("the owner does not list the key")

// foundKey is a key and where we had it from.
type foundKey struct {
	key    signature.PublicKey
	cached bool           // not fetched just now
	doc    *actorDocument // the owner as fetched just now; nil when cached
}

// findKey gives the key of that id: remembered, kept, or fetched from its owner.
// remote is whose request made us ask.
func (in *Inbox) findKey(ctx context.Context, keyID string, remote netip.Addr) (foundKey, error) {
	if key, ok := in.keys.get(keyID, in.now()); ok {
		return foundKey{key: key, cached: true}, nil
	}
	kept, err := in.store.RemoteKey(ctx, keyID)
	switch {
	case err == nil:
		key, err := publicKey(*kept)
		if err == nil {
			in.keys.put(keyID, key, in.now())
			return foundKey{key: key, cached: true}, nil
		}
	case !errors.Is(err, coop.ErrNotFound):
		return foundKey{}, unavailable("look up a key", err)
	}
	return in.fetchKey(ctx, keyID, remote)
}

// fetchKey takes the key from its owner's own document.
func (in *Inbox) fetchKey(ctx context.Context, keyID string, remote netip.Addr) (foundKey, error) {
	doc, err := in.fetchOwner(ctx, keyID, remote)
	if err != nil {
		return foundKey{}, err
	}
	for _, k := range doc.keys {
		if k.ID != keyID {
			continue
		}
		key, err := publicKey(k)
		if err != nil {
			return foundKey{}, err
		}
		return foundKey{key: key, doc: doc}, nil
	}
	return foundKey{}, fmt.Errorf("key %.200s: %w", keyID, errNotListed)
}

// fetchOwner fetches what stands at the key's id: an actor, or a key that names
// its owner, of the same origin, whose document is then fetched.
func (in *Inbox) fetchOwner(ctx context.Context, keyID string, remote netip.Addr) (*actorDocument, error) {
	doc, err := in.fetchDocument(ctx, keyID, remote)
	if err != nil {
		return nil, err
	}
	if doc.Class() == document.Actor {
		return in.readActor(doc)
	}
	owner := doc.Ref("owner").ID
	if owner == "" {
		owner = doc.Ref("controller").ID
	}
	if owner == "" || !origin.Same(owner, keyID) {
		return nil, fmt.Errorf("key %.200s: %w", keyID, errNotListed)
	}
	if doc, err = in.fetchDocument(ctx, owner, remote); err != nil {
		return nil, err
	}
	return in.readActor(doc)
}

// refetchKey asks for a key anew because the one that we had does not fit: once
// an actor in 5 minutes. All that come with the new key meanwhile wait for the same
// answer: of those that a server sends at once, after it changed its key, none is lost.
func (in *Inbox) refetchKey(ctx context.Context, old signature.PublicKey, remote netip.Addr) (foundKey, error) {
	found, err := in.shared(ctx, "key "+old.ID, func(ctx context.Context) (any, error) {
		return in.renewKey(ctx, old, remote)
	})
	if err != nil {
		return foundKey{}, err
	}
	return found.(foundKey), nil
}

// renewKey is the one of them that asks.
func (in *Inbox) renewKey(ctx context.Context, old signature.PublicKey, remote netip.Addr) (foundKey, error) {
	if now, ok := in.keys.get(old.ID, in.now()); ok && !sameKey(now.Key, old.Key) {
		return foundKey{key: now, cached: true}, nil // it came while the old one was tried
	}
	if !in.rotated.once(old.Owner, in.now()) {
		return foundKey{}, errors.New("the key was refetched a moment ago")
	}
	in.keys.forget(old.ID)
	found, err := in.fetchKey(ctx, old.ID, remote)
	if err != nil {
		return found, err
	}
	for _, k := range found.doc.keys { // whoever changed one may have changed all
		if key, err := publicKey(k); err == nil {
			in.keys.put(k.ID, key, in.now())
		}
	}
	return found, nil
}

// sameKey tells whether two public keys are one.
func sameKey(a, b crypto.PublicKey) bool {
	key, ok := a.(interface {
		Equal(other crypto.PublicKey) bool
	})
	return ok && key.Equal(b)
}

// keepable are the keys of an actor that may be kept under their ids: those that
// stand in or below its own document, and the one that was asked for there and led
// to it. Any other id is of its server, but maybe of a neighbour: whoever lists it
// could else take it from him before he is known here.
func (d *actorDocument) keepable(asked string) []coop.RemoteKey {
	var keys []coop.RemoteKey
	for _, k := range d.keys {
		place, _, _ := strings.Cut(k.ID, "#")
		if k.ID == asked || place == string(d.account.IRI) || strings.HasPrefix(place, string(d.account.IRI)+"/") {
			keys = append(keys, k)
		}
	}
	return keys
}

// publicKey parses a key as it is kept: PEM, or a Multikey that begins with z.
func publicKey(k coop.RemoteKey) (signature.PublicKey, error) {
	var parsed crypto.PublicKey
	var err error
	if multikey(k) {
		parsed, err = signature.ParseMultikey(k.Material)
	} else {
		parsed, err = signature.ParsePublicPEM(k.Material)
	}
	if err != nil {
		return signature.PublicKey{}, err
	}
	return signature.PublicKey{ID: k.ID, Owner: string(k.Owner), Key: parsed}, nil
}

// multikey tells keys of assertionMethod from those of publicKey: only the
// former prove documents.
func multikey(k coop.RemoteKey) bool { return strings.HasPrefix(k.Material, "z") }

// remoteKeys are the keys that an actor's document lists, of its own origin.
func remoteKeys(view *document.ActorView, now time.Time) []coop.RemoteKey {
	var keys []coop.RemoteKey
	add := func(id, owner, material string) {
		if id == "" || material == "" || !origin.Same(id, view.ID) || owner != "" && owner != view.ID {
			return
		}
		keys = append(keys, coop.RemoteKey{ID: id, Owner: coop.IRI(view.ID), Material: material, FetchedAt: now})
	}
	for _, k := range view.Keys {
		add(k.ID, k.Owner, k.PEM)
	}
	for _, k := range view.AssertionMethods {
		add(k.ID, k.Controller, k.Multibase)
	}
	return keys[:min(len(keys), 10)]
}
