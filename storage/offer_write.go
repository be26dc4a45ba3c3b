// SPDX-License-Identifier: AGPL-3.0-or-later

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"minga/coop"
)

// Bounds of offers that wait for an answer, of all co-ops to one request, and of the
// bytes of one message that are kept for the annex.
const (
	mostOffersWaiting = 200
	mostRecordBytes   = 64 << 10
)

// AddOffer stores a new offer, or the new state of the one that it replaces, and fills in
// what the store knows. The error is a [*coop.OfferError] where another of theirs for the
// slot waits, where too many wait, or where what it replaces does not.
func (tx *Tx) AddOffer(ctx context.Context, o *coop.Offer) error {
	old, err := tx.replaced(ctx, o)
	if err != nil {
		return err
	}
	if err := tx.offersOnce(ctx, o, old); err != nil {
		return err
	}
	now := tx.e.now()
	o.State, o.CreatedAt, o.UpdatedAt = coop.OfferSent, now, now
	if old != nil {
		o.ID, o.State, o.CreatedAt = old.ID, coop.OfferChanged, old.CreatedAt
		return tx.saveOffer(ctx, o)
	}
	if o.ID, err = tx.NextID(ctx, now); err != nil {
		return err
	}
	row, err := offerRow(o)
	if err != nil {
		return err
	}
	row = append(row, column{"id", int64(o.ID)}, column{"post_id", orNull(o.PostID)}, column{"request", string(o.Request)},
		column{"owner_id", int64(o.OwnerID)}, column{"by_id", int64(o.ByID)}, column{"created_at", msOf(now)})
	n, err := tx.insert(ctx, "offers", row, "ON CONFLICT (iri) DO NOTHING")
	if err == nil && n == 0 {
		err = coop.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("offer %s: %w", o.IRI, err)
	}
	tx.about(string(o.Request))
	return nil
}

// replaced is the offer that a new one takes the place of; nil where it is new.
func (tx *Tx) replaced(ctx context.Context, o *coop.Offer) (*coop.Offer, error) {
	if o.Replaces == "" {
		return nil, nil
	}
	old, err := tx.OfferByIRI(ctx, o.Replaces)
	if errors.Is(err, coop.ErrNotFound) || err == nil && (old.ByID != o.ByID || old.PostID != o.PostID || old.IRI != o.Replaces || !old.Waits(tx.e.now())) {
		return nil, &coop.OfferError{Fault: coop.FaultReplace}
	}
	return old, err
}

// offersOnce refuses a second offer for a slot beside one that waits, and a flood.
func (tx *Tx) offersOnce(ctx context.Context, o, old *coop.Offer) error {
	waiting := OfferQuery{Post: o.PostID, Slot: o.Slot, By: o.ByID, States: []coop.OfferState{coop.OfferSent, coop.OfferChanged}}
	list, err := tx.Offers(ctx, waiting, coop.Page{Limit: 2})
	if err != nil {
		return err
	}
	for _, other := range list {
		if (old == nil || other.ID != old.ID) && other.Waits(tx.e.now()) {
			return &coop.OfferError{Fault: coop.FaultTwice}
		}
	}
	n, err := tx.CountOffers(ctx, OfferQuery{Post: o.PostID, States: waiting.States})
	if err == nil && n >= mostOffersWaiting && old == nil {
		return &coop.OfferError{Fault: coop.FaultMany}
	}
	return err
}

// saveOffer writes a new state of an offer.
func (tx *Tx) saveOffer(ctx context.Context, o *coop.Offer) error {
	o.UpdatedAt = tx.e.now()
	row, err := offerRow(o)
	if err != nil {
		return err
	}
	tx.about(string(o.Request))
	return tx.update(ctx, "offers", row, "id", int64(o.ID))
}

// StepOffer takes an offer along an arrow of its states; reason is of who declines or
// releases. It tells whether anything changed: a step that was done before is none.
// [coop.ErrState] says that it is not possible. Nobody else changes the offer before the
// transaction ends.
func (tx *Tx) StepOffer(ctx context.Context, o *coop.Offer, action coop.OfferAction, reason string) (bool, error) {
	now, err := tx.HoldOffer(ctx, o.ID)
	if err != nil {
		return false, err
	}
	next, err := now.State.Step(action)
	if err != nil || next == now.State {
		*o = *now
		return false, err
	}
	now.State, now.DecidedAt = next, tx.e.now()
	if reason != "" {
		now.Reason = reason
	}
	*o = *now
	return true, tx.saveOffer(ctx, o)
}

// HoldOffer reads an offer and lets nobody else change it before the transaction ends.
func (tx *Tx) HoldOffer(ctx context.Context, id coop.ID) (*coop.Offer, error) {
	if _, err := all(ctx, tx.reader, scanID, "SELECT id\nFROM offers\nWHERE id = $1\nFOR UPDATE", int64(id)); err != nil {
		return nil, fmt.Errorf("hold offer %s: %w", id, err)
	}
	return tx.Offer(ctx, id)
}

// offerRow is what may change of an offer, as columns.
func offerRow(o *coop.Offer) ([]column, error) {
	payload, err := json.Marshal(offerPayload{o.Title, o.SlotName, o.From, o.Note, o.Reason})
	if err != nil {
		return nil, fmt.Errorf("offer %s: %w", o.IRI, err)
	}
	return []column{
		{"iri", string(o.IRI)},
		{"slot", o.Slot},
		{"state", string(o.State)},
		{"hours", int64(o.Hours)},
		{"amount", o.Amount.String()},
		{"currency", o.Currency},
		{"payload", cleanText(string(payload))},
		{"ends_at", msOf(o.Ends)},
		{"updated_at", msOf(o.UpdatedAt)},
		{"decided_at", msOf(o.DecidedAt)},
	}, nil
}

// AddOfferRecord keeps one message about an offer as it was sent; the same again is once.
// A body over 64 kB gives [coop.ErrTooLarge].
func (tx *Tx) AddOfferRecord(ctx context.Context, k coop.OfferRecord) error {
	if len(k.Body) > mostRecordBytes {
		return fmt.Errorf("record of %s: %w", k.IRI, coop.ErrTooLarge)
	}
	id, err := tx.NextID(ctx, tx.e.now())
	if err != nil {
		return err
	}
	_, err = tx.insert(ctx, "offer_records", []column{
		{"id", int64(id)},
		{"offer_id", int64(k.OfferID)},
		{"iri", string(k.IRI)},
		{"kind", k.Kind},
		{"from_id", int64(k.FromID)},
		{"body", k.Body},
		{"at", msOf(tx.e.now())},
	}, "ON CONFLICT (iri) DO NOTHING")
	return err
}

// PartyToOffer tells whether an account of a viewer is one of the two sides of what a
// document is about: an Offer, an Accept, an Agreement, as they were sent.
func (r reader) PartyToOffer(ctx context.Context, v coop.Viewer, iri coop.IRI) (bool, error) {
	who, value := "x.id = $2", any(int64(v.Account))
	switch {
	case v.Account != 0:
	case v.Class == coop.ViewerRemoteHost && v.Host != "":
		who, value = "NOT x.local AND x.server = $2", any(v.Host)
	default:
		return false, nil
	}
	n, err := r.number(ctx, `
		SELECT COUNT(*)
		FROM offers o
		JOIN accounts x ON x.id IN (o.owner_id, o.by_id)
		WHERE o.id IN (
			SELECT k.offer_id FROM offer_records k WHERE k.iri = $1
			UNION
			SELECT g.offer_id FROM agreements g WHERE g.iri = $1) AND x.suspended_at = 0 AND x.deleted_at = 0 AND `+who,
		cleanText(string(iri)), value)
	return n > 0, err
}
