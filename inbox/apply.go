// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"net/netip"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/storage"
)

// work is one activity on its way to its effect.
type work struct {
	in    *Inbox
	inc   storage.Incoming
	doc   *document.Object
	id    coop.IRI
	actor coop.IRI      // proven: by the gate, by a proof, or by a refetch of the object
	known *coop.Account // the actor as kept, once it was looked up
	// via is the relay or board that brought it inside an Announce, or forwarded it;
	// nil: it came directly.
	via *coop.Account
	// hint means that nobody proved it: nothing in it is believed but that there
	// may be something to look at.
	hint bool
}

// effect is what an activity does, inside the one transaction of its turn.
type effect func(ctx context.Context, tx *storage.Tx) error

// handlers is the dispatch and nothing else: one line an activity, one file a
// handler. What is not here is kept raw and was answered 202.
func (w *work) handlers() map[string]func(context.Context) (effect, error) {
	return map[string]func(context.Context) (effect, error){
		"Create":       w.create,
		"Update":       w.update,
		"Delete":       w.delete,
		"Follow":       w.follow,
		"Accept":       w.accept,
		"Reject":       w.reject,
		"Undo":         w.undo,
		"Like":         w.like,
		"EmojiReact":   w.like,
		"Announce":     w.announce,
		"Move":         w.move,
		"Block":        w.block,
		"Flag":         w.flag,
		"Add":          w.add,
		"Remove":       w.remove,
		"Join":         w.join,
		"Leave":        w.leave,
		"Invite":       w.invite,
		"Offer":        w.offer,
		"QuoteRequest": w.quoteRequest,
	}
}

// Activities lists the types that have an effect here, for FEDERATION.md.
func Activities() []string {
	var list []string
	for name := range (&work{}).handlers() {
		list = append(list, name)
	}
	return list
}

// open reads a queued activity again: the worker believes the bytes and what the
// gate wrote beside them, nothing else.
func (in *Inbox) open(inc storage.Incoming) (*work, error) {
	doc, err := document.Read(inc.Body)
	if err != nil {
		return nil, err
	}
	return &work{
		in: in, inc: inc, doc: doc, id: coop.IRI(doc.ID()), actor: inc.Actor,
		hint: inc.Proof == provenForwarded,
	}, nil
}

// prepare authorises and fetches, and gives the effect; nil where there is none.
func (w *work) prepare(ctx context.Context) (effect, error) {
	if w.id != "" {
		tombstone, err := w.in.store.Tombstone(ctx, w.id)
		if err == nil && tombstone.Owner == w.actor {
			return nil, drop("undone_before") // its Undo came first
		}
		if err != nil && !errors.Is(err, coop.ErrNotFound) {
			return nil, err
		}
	}
	handle, ok := w.handlers()[w.doc.Type()]
	if !ok {
		return w.raw()
	}
	do, err := w.handle(ctx, handle)
	var no refusal
	if errors.As(err, &no) {
		return w.refuse(no), nil
	}
	return do, err
}

// handle hands an activity to its handler, or what nobody proved to its origin.
func (w *work) handle(ctx context.Context, handle func(context.Context) (effect, error)) (effect, error) {
	if w.hint {
		return w.lookForItself(ctx)
	}
	return handle(ctx)
}

// raw keeps what later versions may understand: the queue holds the bytes for as
// long as it remembers the activity.
func (w *work) raw() (effect, error) {
	return nil, drop("kept_raw")
}

// activityDocument is the activity as it came, to be kept, forwarded and spliced.
func (w *work) activityDocument() *coop.Document {
	return &coop.Document{IRI: w.id, Body: w.doc.Bytes()}
}

// author finds or fetches the actor, who may act here only while neither
// suspended nor deleted.
func (w *work) author(ctx context.Context) (*coop.Account, error) {
	a, err := w.in.Actor(ctx, w.actor)
	if err != nil {
		return nil, err
	}
	if a.Gone() || a.Local {
		return nil, drop("actor_gone")
	}
	return a, nil
}

// knownAuthor is the actor if we keep it, else nil.
func (w *work) knownAuthor(ctx context.Context) (*coop.Account, error) {
	a, err := w.in.store.AccountByIRI(ctx, w.actor)
	switch {
	case errors.Is(err, coop.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case a.Gone():
		return nil, drop("actor_gone")
	}
	w.known = a
	return a, nil
}

// localAccount finds an account of this instance that can act, or drops.
func (w *work) localAccount(ctx context.Context, iri coop.IRI) (*coop.Account, error) {
	if !w.in.local(iri) {
		return nil, drop("not_for_us")
	}
	a, err := w.in.store.AccountByIRI(ctx, iri)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, drop("not_for_us")
	}
	if err != nil {
		return nil, err
	}
	if a.Gone() {
		return nil, drop("target_gone")
	}
	return a, nil
}

// refetch fetches a document at its own origin.
func (w *work) refetch(ctx context.Context, iri coop.IRI) (*document.Object, error) {
	if err := w.in.allowed(ctx, iri); err != nil {
		return nil, err
	}
	return w.in.fetchDocument(ctx, string(iri), netip.Addr{})
}

// sameOrigin tells whether two IRIs are of one origin.
func sameOrigin(a, b coop.IRI) bool { return origin.Same(string(a), string(b)) }
