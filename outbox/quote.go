// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/storage"
)

// interactionPolicy says who may quote a post of ours (FEP-044f): everybody, where
// everybody may see it. Of other posts nothing is said, which means nobody.
func interactionPolicy(p *coop.Post) vocabulary.Members {
	if !public(p.Visibility) {
		return nil
	}
	everybody := vocabulary.Members{{Name: "automaticApproval", Value: []string{string(coop.Public)}}}
	return vocabulary.Members{{Name: "interactionPolicy", Value: vocabulary.Members{{Name: "canQuote", Value: everybody}}}}
}

// AnswerQuote queues the answer to a request to quote a post of ours (FEP-044f). A
// yes names an authorization, which stands at its own address for as long as the post.
func (o *Outbox) AnswerQuote(ctx context.Context, tx *storage.Tx, p *coop.Post, by *coop.Account, request, quote coop.IRI, accept bool) error {
	kind := "Reject"
	if accept {
		kind = "Accept"
	}
	iri, err := o.newIRI(ctx, tx, p.Author.IRI, kind)
	if err != nil {
		return err
	}
	answer := vocabulary.Activity{
		ID: iri, Type: kind, Actor: string(p.Author.IRI), To: []string{string(by.IRI)}, Published: o.now(),
		Object: vocabulary.Members{
			{Name: "id", Value: string(request)},
			{Name: "type", Value: "QuoteRequest"},
			{Name: "actor", Value: string(by.IRI)},
			{Name: "object", Value: string(p.IRI)},
			{Name: "instrument", Value: string(quote)},
		},
	}
	if accept {
		stamp, err := o.authorizeQuote(ctx, tx, p, below(coop.IRI(iri), "authorization"), quote)
		if err != nil {
			return err
		}
		answer.Result = string(stamp)
	}
	to, err := o.toOne(ctx, tx, by)
	if err != nil {
		return err
	}
	_, err = o.send(ctx, tx, outgoing{activity: answer, signer: p.Author, object: request, urgent: true}, to)
	return err
}

// authorizeQuote keeps the authorization where anybody can look it up.
func (o *Outbox) authorizeQuote(ctx context.Context, tx *storage.Tx, p *coop.Post, iri, quote coop.IRI) (coop.IRI, error) {
	body, err := o.encodeObject(ctx, tx, vocabulary.Members{
		{Name: "id", Value: string(iri)},
		{Name: "type", Value: "QuoteAuthorization"},
		{Name: "attributedTo", Value: string(p.Author.IRI)},
		{Name: "interactingObject", Value: string(quote)},
		{Name: "interactionTarget", Value: string(p.IRI)},
	}, p.Author, true)
	if err != nil {
		return "", err
	}
	if _, err := tx.PutDocument(ctx, storage.Document{IRI: iri, OwnerID: p.AuthorID, PostID: p.ID, Public: true, Body: body}); err != nil {
		return "", fmt.Errorf("keep %s: %w", iri, err)
	}
	return iri, nil
}
