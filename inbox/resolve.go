// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"minga/coop"
	"minga/federation"
	"minga/federation/document"
	"minga/federation/signature"
	"minga/storage"
)

// Actor finds an actor among those that we keep, or fetches it. Errors:
// [coop.ErrNotFound], [coop.ErrGone], [coop.ErrForbidden] for a blocked domain,
// else a *federation.Error.
func (in *Inbox) Actor(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	account, err := in.store.AccountByIRI(ctx, iri)
	switch {
	case err == nil && !account.DeletedAt.IsZero():
		return nil, coop.ErrGone
	case err == nil:
		return account, nil
	case !errors.Is(err, coop.ErrNotFound) || in.local(iri):
		return nil, err
	}
	return in.learn(ctx, iri, false)
}

// Refresh fetches the actor anew and keeps what it says now: profile, keys,
// handle. Errors as [Inbox.Actor].
func (in *Inbox) Refresh(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	if in.local(iri) {
		return in.store.AccountByIRI(ctx, iri)
	}
	return in.learn(ctx, iri, true)
}

// learn fetches an actor (or takes it from the gate, which met it a moment ago),
// finds the handle that it is shown under, and keeps it. With the two requests of
// WebFinger that is three for a new actor of a new host.
func (in *Inbox) learn(ctx context.Context, iri coop.IRI, anew bool) (*coop.Account, error) {
	if err := in.allowed(ctx, iri); err != nil {
		return nil, err
	}
	doc, ok := in.met.get(string(iri), in.now())
	if !ok || anew {
		var err error
		if doc, err = in.fetchActor(ctx, iri); err != nil {
			return nil, err
		}
	}
	account := *doc.account
	if err := in.settleHandle(ctx, doc, &account); err != nil {
		return nil, err
	}
	if err := in.saveActor(ctx, &account, doc.keepable("")); err != nil {
		return nil, err
	}
	in.met.forget(string(iri))
	return &account, nil
}

// fetchActor fetches and reads an actor's document.
func (in *Inbox) fetchActor(ctx context.Context, iri coop.IRI) (*actorDocument, error) {
	object, err := in.fetchDocument(ctx, string(iri), netip.Addr{})
	if err != nil {
		return nil, fetchFault(err)
	}
	if object.Class() != document.Actor {
		return nil, fmt.Errorf("%s is no actor: %w", iri, coop.ErrNotFound)
	}
	return in.readActor(object)
}

// fetchFault gives what a fetch says of the thing itself as the kinds of coop.
func fetchFault(err error) error {
	isGone, missing := gone(err)
	switch {
	case isGone:
		return fmt.Errorf("%w: %w", coop.ErrGone, err)
	case missing:
		return fmt.Errorf("%w: %w", coop.ErrNotFound, err)
	}
	return err
}

// settleHandle asks WebFinger under which handle an actor is shown. A subject of ours is never taken; where the answer cannot be had, the actor
// is shown under the host of its id.
func (in *Inbox) settleHandle(ctx context.Context, doc *actorDocument, a *coop.Account) error {
	if known, err := in.store.AccountByIRI(ctx, a.IRI); err == nil && known.Host != "" && known.Host != a.Host {
		a.Name, a.Host = known.Name, known.Host // confirmed by both sides before
		return nil
	}
	if doc.name == "" {
		return nil
	}
	asked := "handle of " + string(a.IRI)
	if err := in.mayFetch(ctx, asked, a.Host, noRemote()); errors.Is(err, errBudget) {
		return err
	} else if err != nil {
		return nil // its host gave nothing a moment ago
	}
	if err := in.polite(ctx, a.Host); err != nil {
		return err
	}
	found, err := in.o.Client.HandleOf(ctx, string(a.IRI), doc.name)
	if err != nil {
		in.noteFailure(asked, a.Host, noRemote(), err)
		return nil
	}
	name, host, err := federation.SplitHandle(found)
	if err != nil || in.ours(host) || host == in.o.Local.AccountDomain {
		return nil
	}
	a.Name, a.Host = coop.CleanLine(name, 100), host
	return nil
}

// saveActor keeps an actor and its keys.
func (in *Inbox) saveActor(ctx context.Context, a *coop.Account, keys []coop.RemoteKey) error {
	err := in.store.Write(ctx, func(tx *storage.Tx) error {
		if err := keepLanguages(ctx, tx, a); err != nil {
			return err
		}
		if err := tx.SaveAccount(ctx, a); err != nil {
			return err
		}
		if err := tx.SaveRemoteKeys(ctx, a.IRI, keys); err != nil && !errors.Is(err, coop.ErrConflict) {
			return err
		}
		if err := learnCapability(ctx, tx, a); err != nil {
			return err
		}
		if err := in.queueServices(ctx, tx, a); err != nil {
			return err
		}
		return in.queueClaims(ctx, tx, a)
	})
	if err != nil {
		return fmt.Errorf("keep actor %s: %w", a.IRI, err)
	}
	for _, k := range keys {
		in.keys.forget(k.ID)
	}
	return nil
}

// rfc9421 is how an actor's application lists that it takes RFC 9421 (FEP-844e).
const rfc9421 = "https://datatracker.ietf.org/doc/html/rfc9421"

// learnCapability remembers that a server lists RFC 9421, where nothing better is
// known of it.
func learnCapability(ctx context.Context, tx *storage.Tx, a *coop.Account) error {
	if !slices.Contains(a.Implements, rfc9421) {
		return nil
	}
	host := a.Inbox.Host()
	known, err := tx.Signature(ctx, host)
	if err != nil || known.Form != "" {
		return err
	}
	return tx.LearnSignature(ctx, host, string(signature.RFC9421RSA))
}

// ByHandle finds an actor by name@host: among those that we keep, else by
// WebFinger. Errors as [Inbox.Actor].
func (in *Inbox) ByHandle(ctx context.Context, h coop.Handle) (*coop.Account, error) {
	host := h.Host
	if host == in.o.Local.AccountDomain || in.ours(host) {
		host = ""
	}
	account, err := in.store.AccountByHandle(ctx, h.Name, host)
	if err == nil && account.DeletedAt.IsZero() {
		return account, nil
	}
	if err != nil && !errors.Is(err, coop.ErrNotFound) || host == "" {
		return nil, errors.Join(err, coop.ErrNotFound)
	}
	return in.lookUp(ctx, h)
}

// lookUp asks WebFinger, with the memory of failures.
func (in *Inbox) lookUp(ctx context.Context, h coop.Handle) (*coop.Account, error) {
	key := "acct:" + h.String()
	if known, ok := in.failed.get(key, in.now()); ok {
		return nil, known
	}
	if err := in.allowed(ctx, coop.IRI("https://"+h.Host+"/")); err != nil {
		return nil, err
	}
	found, err := in.o.Client.LookUp(ctx, h.String())
	if err != nil {
		err = fetchFault(err)
		in.failed.put(key, err, in.now())
		return nil, err
	}
	return in.Actor(ctx, coop.IRI(found.Actor))
}
