// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"minga/coop"
)

// mostNetwork bounds how many co-ops one request is told to.
const mostNetwork = 1000

// network are the co-ops of this instance that may answer a request: the verified members
// of its author and of the federation here.
func (r reader) network(ctx context.Context, p *coop.Post) ([]coop.Concerned, error) {
	if p.Request == nil || p.InReplyTo != "" || !p.Request.Status.Seeking() {
		return nil, nil
	}
	members, err := all(ctx, r, scanID, `
		SELECT DISTINCT m.member_id
		FROM memberships m
		JOIN accounts x ON x.id = m.member_id
		JOIN accounts o ON o.id = m.organization_id
		WHERE m.state = 'member' AND m.member_says AND m.organization_says AND x.local AND x.kind = 'coop'
			AND (o.id = $1 OR o.local AND o.kind = 'federation')
		ORDER BY 1
		LIMIT $2`, int64(p.AuthorID), mostNetwork)
	if err != nil {
		return nil, fmt.Errorf("who may answer a request: %w", err)
	}
	var concerned []coop.Concerned
	for _, id := range members {
		concerned = append(concerned, coop.Concerned{Account: id, Network: true})
	}
	return concerned, nil
}

// TellRequest tells whoever acts for the author of a request that it needs them: a client
// has sent it, its date is near or has come.
func (tx *Tx) TellRequest(ctx context.Context, p *coop.Post) error {
	return tx.tell(ctx, coop.Event{Kind: coop.EventRequest, From: p.AuthorID, Post: p.ID}, coop.Concerned{Account: p.AuthorID, Target: true})
}

// offerers are the co-ops of this instance with an offer for a request in one of the states.
func (r reader) offerers(ctx context.Context, request coop.ID, states ...coop.OfferState) ([]coop.Concerned, error) {
	a := args{int64(request)}
	ids, err := all(ctx, r, scanID, `
		SELECT DISTINCT o.by_id
		FROM offers o
		JOIN accounts x ON x.id = o.by_id
		WHERE o.post_id = $1 AND x.local AND o.state IN `+in(&a, texts(states))+`
		ORDER BY 1
		LIMIT `+a.add(mostNetwork), a...)
	if err != nil {
		return nil, fmt.Errorf("who offered for %s: %w", request, err)
	}
	var concerned []coop.Concerned
	for _, id := range ids {
		concerned = append(concerned, coop.Concerned{Account: id, Target: true})
	}
	return concerned, nil
}

// tellOfOutcome tells the co-ops here that offered for a request, and did not take it back,
// that it was won, lost, withdrawn or expired.
func (tx *Tx) tellOfOutcome(ctx context.Context, p, old *coop.Post) error {
	if p.Request == nil || old.Request == nil || p.Request.Status == old.Request.Status || !p.Request.Status.Decides() {
		return nil
	}
	concerned, err := tx.offerers(ctx, p.ID, coop.OfferSent, coop.OfferChanged, coop.OfferAccepted, coop.OfferDeclined, coop.OfferExpired)
	if err != nil {
		return err
	}
	return tx.tell(ctx, coop.Event{Kind: coop.EventRequest, From: p.AuthorID, Post: p.ID}, concerned...)
}

// mostOwnRequests is how many requests of an author a direct message is held against.
const mostOwnRequests = 200

// askedAbout are those of the accounts whose request a direct message names by its address.
func (r reader) askedAbout(ctx context.Context, p *coop.Post, named []coop.ID) ([]coop.ID, error) {
	if p.Visibility != coop.VisibleDirect || len(named) == 0 {
		return nil, nil
	}
	type own struct {
		author int64
		iri    string
	}
	var a args
	list, err := all(ctx, r, func(row pgx.CollectableRow) (o own, err error) {
		err = row.Scan(&o.author, &o.iri)
		return o, err
	}, `
		SELECT q.author_id, p.iri
		FROM requests q
		JOIN posts p ON p.id = q.post_id
		WHERE q.status NOT IN ('draft', 'review') AND q.author_id IN `+in(&a, numbers(named))+`
		ORDER BY q.post_id DESC
		LIMIT `+a.add(mostOwnRequests), a...)
	if err != nil {
		return nil, fmt.Errorf("requests that a message names: %w", err)
	}
	var authors []coop.ID
	for _, o := range list {
		if strings.Contains(p.Content, o.iri) {
			authors = append(authors, coop.ID(o.author))
		}
	}
	return authors, nil
}
