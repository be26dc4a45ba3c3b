// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"

	"minga/coop"
	"minga/federation/origin"
)

// mayForward says whether a server may carry what an actor elsewhere wrote
// without a proof: a relay or board that we follow, or a host of the thread. For
// anybody else it is a *RefusedError: without this a stranger could make us fetch
// whatever he likes.
func (in *Inbox) mayForward(ctx context.Context, a *arrival, host string) error {
	refused := &RefusedError{Kind: KindSignature, Reason: "signer_not_actor", Host: host}
	if a.object == "" {
		return refused
	}
	for _, ask := range []func(context.Context, *arrival, string) (bool, error){in.ofThread, in.carries} {
		ok, err := ask(ctx, a, host)
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
	}
	return refused
}

// ofThread tells whether the host belongs to the thread of what was carried: of
// the post that it replies to and of the thread's first post; for Update, Delete
// and Undo the stored object decides.
func (in *Inbox) ofThread(ctx context.Context, a *arrival, host string) (bool, error) {
	parent := coop.IRI(a.doc.Ref("object").Object().Ref("inReplyTo").ID)
	if a.activity != "Create" {
		post, err := in.store.PostByIRI(ctx, coop.System(), a.object)
		if err != nil {
			return false, storeFault("look up a post", err)
		}
		parent = post.InReplyTo
	}
	if parent == "" {
		return false, nil
	}
	post, err := in.store.PostByIRI(ctx, coop.System(), parent)
	if err != nil {
		return false, storeFault("look up a post", err)
	}
	return sameHost(post.IRI, host) || sameHost(post.Thread, host), nil
}

// carries tells whether the host has a relay or board that somebody here follows, or a
// team that somebody here is in.
// Who on that host signed is looked at when the key is known.
func (in *Inbox) carries(ctx context.Context, a *arrival, host string) (bool, error) {
	signer, err := in.signerAccount(ctx, a)
	if err != nil || signer == nil {
		return false, err
	}
	if !sameHost(signer.IRI, host) || !carrier(signer) {
		return false, nil
	}
	if signer.Kind == coop.Team {
		return in.store.MemberHere(ctx, signer.ID)
	}
	return in.store.FollowedHere(ctx, signer.ID)
}

// signerAccount is the account that we keep of whose key signed, if any: its
// keys were kept when we followed it, so nothing need be fetched to know it.
func (in *Inbox) signerAccount(ctx context.Context, a *arrival) (*coop.Account, error) {
	key, err := in.store.RemoteKey(ctx, a.keyID)
	if err != nil {
		return nil, storeFault("look up a key", err)
	}
	account, err := in.store.AccountByIRI(ctx, key.Owner)
	return account, storeFault("look up an actor", err)
}

// carrier tells the kinds of actors that bring what others wrote.
func carrier(a *coop.Account) bool {
	switch a.ActorType {
	case "Group", "Application", "Service":
		return true
	}
	return false
}

// storeFault is nil for what is not there or gone, and a 503 for anything else.
func storeFault(doing string, err error) error {
	if err == nil || errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return nil
	}
	return unavailable(doing, err)
}

func sameHost(iri coop.IRI, host string) bool {
	h, err := origin.Host(string(iri))
	return err == nil && h == host
}
