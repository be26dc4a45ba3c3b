// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/federation/signature"
	"minga/federation/vocabulary"
	"minga/storage"
)

// outgoing is one activity on its way.
type outgoing struct {
	activity vocabulary.Activity
	signer   *coop.Account
	public   bool     // carries a proof, and anybody may fetch it
	proven   bool     // carries a proof although it is for few: said in the room of a team
	post     coop.ID  // whose visibility its document shares; 0: its own
	object   coop.IRI // deliveries about it to one inbox keep their order; empty: none
	urgent   bool     // direct posts and answers go first
	ofActor  bool     // about an actor: kept for unavailable hosts too
	keep     bool     // keep the document although nobody is told
}

// send keeps an activity and queues it for the inboxes, in the caller's transaction.
// It returns the document, nil when there was nobody to tell and nothing to keep.
func (o *Outbox) send(ctx context.Context, tx *storage.Tx, g outgoing, to []coop.IRI) (*coop.Document, error) {
	if len(to) == 0 && !g.public && !g.keep {
		return nil, nil
	}
	body, err := o.encode(ctx, tx, g.activity, g.signer, g.public || g.proven)
	if err != nil {
		return nil, err
	}
	return o.sendBytes(ctx, tx, g, body, to)
}

// sendBytes is send for an activity that was written before.
func (o *Outbox) sendBytes(ctx context.Context, tx *storage.Tx, g outgoing, body []byte, to []coop.IRI) (*coop.Document, error) {
	iri := coop.IRI(g.activity.ID)
	n, err := tx.PutDocument(ctx, storage.Document{IRI: iri, OwnerID: g.signer.ID, PostID: g.post, Public: g.public, Body: body})
	if err != nil {
		return nil, fmt.Errorf("keep %s: %w", iri, err)
	}
	doc := &coop.Document{ID: coop.ID(n), IRI: iri, OwnerID: g.signer.ID, PostID: g.post, Public: g.public, Body: body}
	return doc, o.enqueue(ctx, tx, g, doc, to)
}

// enqueue adds one delivery for each inbox.
func (o *Outbox) enqueue(ctx context.Context, tx *storage.Tx, g outgoing, doc *coop.Document, to []coop.IRI) error {
	if len(to) == 0 {
		return nil
	}
	list := make([]storage.Delivery, 0, len(to))
	for _, inbox := range to {
		list = append(list, storage.Delivery{
			Inbox: inbox, DocumentID: int64(doc.ID), Activity: g.activity.Type, Object: g.object,
			Signer: g.signer.ID, Urgent: g.urgent, OfActor: g.ofActor,
		})
	}
	if _, err := tx.AddDeliveries(ctx, list); err != nil {
		return fmt.Errorf("queue %s: %w", doc.IRI, err)
	}
	return nil
}

// encode writes an activity, with a proof where it is public.
func (o *Outbox) encode(ctx context.Context, tx *storage.Tx, a vocabulary.Activity, signer *coop.Account, public bool) ([]byte, error) {
	a.Proven = public
	body, err := a.Encode()
	if err != nil {
		return nil, tooLarge(fmt.Errorf("write %s: %w", a.ID, err))
	}
	return o.prove(ctx, tx, body, signer, public)
}

// encodeObject writes an object on its own, with its own @context.
func (o *Outbox) encodeObject(ctx context.Context, tx *storage.Tx, m vocabulary.Members, signer *coop.Account, public bool) ([]byte, error) {
	kind := vocabulary.Post
	if public {
		kind |= vocabulary.Proven
	}
	body, err := vocabulary.Encode(m, kind)
	if err != nil {
		return nil, tooLarge(fmt.Errorf("write %v: %w", m.Get("id"), err))
	}
	return o.prove(ctx, tx, body, signer, public)
}

// prove adds the proof to a public document; a proof on another would let anybody
// show it onwards, which the members of a team alone must be able to.
func (o *Outbox) prove(ctx context.Context, tx *storage.Tx, body []byte, signer *coop.Account, public bool) ([]byte, error) {
	if !public {
		return body, nil
	}
	pair, err := o.keysOf(ctx, tx, signer.ID)
	if err != nil {
		return nil, err
	}
	proven, err := signature.AddProof(body, pair.ed, o.now())
	if err != nil {
		return nil, fmt.Errorf("prove a document of %s: %w", signer.IRI, err)
	}
	return proven, nil
}

// tooLarge makes a complaint of a document over the limit.
func tooLarge(err error) error {
	if errors.Is(err, vocabulary.ErrTooLarge) {
		return &coop.InvalidError{Field: "text", Code: coop.CodeTooLong, Problem: "the whole post is larger than other servers take"}
	}
	return err
}

// newIRI names a new activity of an actor.
func (o *Outbox) newIRI(ctx context.Context, tx *storage.Tx, actor coop.IRI, kind string) (string, error) {
	id, err := tx.NextID(ctx, o.now())
	if err != nil {
		return "", err
	}
	return string(activityIRI(actor, kind, id)), nil
}

// public is whether anybody may see a post, and so whether it carries a proof.
func public(v coop.Visibility) bool { return v == coop.VisiblePublic || v == coop.VisibleUnlisted }
