// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"errors"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// Offers for the slots of requests (FEP-0837)
//
// A co-op sends an Offer of an Agreement to who requested, alone. The answer is an Accept
// whose result is the Agreement, with a name and a proof of its own, or a Reject that
// says why not. A new Offer that replaces the first changes it, an Undo takes it back.
// What was agreed ends by the Undo of the Offer by who works, or by a Reject by who
// requested; either way its hours are open again. Where both sides are of this instance
// the same activities are written and kept, and nothing is sent.
//
// Every message stays as it was sent: a contract has them as its annex.

// MakeOffer offers hours for a slot of a request, ours or another server's, in the name of
// a co-op of ours: f.Slot, Hours, Amount, Currency, From, Note and Ends; with f.Replaces it
// takes the place of an offer that waits. The rest of f is filled in. An [*coop.OfferError]
// says why the slot does not take it, [coop.Invalid] what was typed wrong,
// [coop.ErrNotFound] that there is no such request.
func (o *Outbox) MakeOffer(ctx context.Context, by *coop.Account, request coop.ID, f *coop.Offer) error {
	var made coop.Offer
	err := o.store.Write(ctx, func(tx *storage.Tx) error {
		made = *f
		return o.makeOffer(ctx, tx, by, request, &made)
	})
	if err == nil {
		*f = made
	}
	return err
}

// makeOffer is MakeOffer in a transaction.
func (o *Outbox) makeOffer(ctx context.Context, tx *storage.Tx, by *coop.Account, request coop.ID, f *coop.Offer) error {
	if !by.Local {
		return fmt.Errorf("offer by %s: %w", by.IRI, coop.ErrForbidden)
	}
	post, err := tx.Post(ctx, storage.Seeing(ctx, by.ID), request)
	if err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	f.Note = coop.CleanText(f.Note, len(f.Note))
	complete(f, post)
	if err := coop.ValidateOffer(f, o.now()); err != nil {
		return err
	}
	id, err := tx.NextID(ctx, o.now())
	if err != nil {
		return err
	}
	f.IRI, f.By, f.ByID = below(by.IRI, "offers/"+id.String()), by, by.ID
	if err := o.takeOffer(ctx, tx, f, post); err != nil {
		return err
	}
	if err := o.sayOffer(ctx, tx, f, by, post.Author, offerActivity(f, post.Author.IRI, o.now())); err != nil {
		return err
	}
	return o.tellOffer(ctx, tx, f, post.Author, offerWord(f))
}

// complete fills in what an offer costs, where the slot says what an hour does and nobody
// said anything else.
func complete(f *coop.Offer, post *coop.Post) {
	terms, _, ok := post.SlotTerms(f.Slot)
	if ok && f.Amount.IsZero() && f.Hours > 0 {
		f.Amount = terms.Price(f.Hours)
	}
	if terms.Currency != "" {
		f.Currency = terms.Currency // no other crosses: an Agreement has numbers alone
	}
	if f.Amount.IsZero() {
		f.Currency = ""
	}
}

// offerWord is by which words the other side hears of an offer that waits.
func offerWord(f *coop.Offer) string {
	if f.State == coop.OfferChanged {
		return "offer_changed"
	}
	return "offer_received"
}

// takeOffer holds an offer against its slot and stores it: an [*coop.OfferError] where it
// cannot be taken, and then nothing was stored.
func (o *Outbox) takeOffer(ctx context.Context, tx *storage.Tx, f *coop.Offer, post *coop.Post) error {
	if err := tx.HoldPost(ctx, post.ID); err != nil {
		return err
	}
	post, err := tx.Post(ctx, coop.System(), post.ID)
	if err != nil {
		return err
	}
	terms, slot, ok := post.SlotTerms(f.Slot)
	switch {
	case !ok || post.Author == nil:
		return &coop.OfferError{Fault: coop.FaultSlot}
	case f.By.Kind != coop.Coop && f.By.Kind != coop.Federation:
		return &coop.OfferError{Fault: coop.FaultStranger}
	case f.ByID == post.AuthorID:
		return &coop.OfferError{Fault: coop.FaultOwn}
	}
	blocked, err := tx.Blocked(ctx, f.ByID, post.AuthorID)
	if err == nil && blocked {
		err = &coop.OfferError{Fault: coop.FaultBlocked}
	}
	if err == nil {
		err = terms.Check(f, o.now())
	}
	if err != nil {
		return err
	}
	f.PostID, f.Request, f.Title, f.SlotName, f.OwnerID, f.Owner = post.ID, post.IRI, post.Request.Title, slot.Name, post.AuthorID, post.Author
	if f.Amount.IsPositive() && f.Currency == "" {
		f.Currency = terms.Currency
	}
	if err := tx.AddOffer(ctx, f); err != nil {
		return err
	}
	return tx.MarkOffered(ctx, post.ID)
}

// Offered takes an offer of another server for a slot of ours, which has come as body:
// it waits from then on, or is rejected at once with the reason. The same again changes
// nothing.
func (o *Outbox) Offered(ctx context.Context, tx *storage.Tx, f *coop.Offer, post *coop.Post, body []byte) error {
	if _, err := tx.OfferByIRI(ctx, f.IRI); !isNotFound(err) {
		return err
	}
	var fault *coop.OfferError
	err := o.takeOffer(ctx, tx, f, post)
	if errors.As(err, &fault) {
		return o.RefuseOffer(ctx, tx, post.Author, f.By, f.IRI, fault)
	}
	if err != nil {
		return err
	}
	if err := tx.AddOfferRecord(ctx, coop.OfferRecord{OfferID: f.ID, IRI: f.IRI, Kind: "Offer", FromID: f.ByID, Body: body}); err != nil {
		return err
	}
	return o.tellOffer(ctx, tx, f, post.Author, offerWord(f))
}

// RefuseOffer rejects an Offer that could not be taken: by an account of ours, with the
// reason in words.
func (o *Outbox) RefuseOffer(ctx context.Context, tx *storage.Tx, owner, by *coop.Account, offer coop.IRI, fault *coop.OfferError) error {
	if owner == nil || !owner.Local || owner.Gone() {
		return nil
	}
	id, err := o.newIRI(ctx, tx, owner.IRI, "Reject")
	if err != nil {
		return err
	}
	to, err := o.toOne(ctx, tx, by)
	if err != nil {
		return err
	}
	reason := o.words.Say(languageOf(by, owner), "offer_fault_"+string(fault.Fault), map[string]string{"Hours": fmt.Sprint(fault.Open)})
	_, err = o.send(ctx, tx, outgoing{activity: refusalActivity(id, owner.IRI, offer, by.IRI, reason, o.now()), signer: owner, object: offer, urgent: true}, to)
	return err
}

// languageOf is in which language one account is written to by another.
func languageOf(reader, writer *coop.Account) string {
	if reader.Language != "" {
		return reader.Language
	}
	return writer.Language
}

// sayOffer keeps a message of ours about an offer, among its records too, and sends it to
// the other side where that is elsewhere.
func (o *Outbox) sayOffer(ctx context.Context, tx *storage.Tx, f *coop.Offer, from, other *coop.Account, a vocabulary.Activity) error {
	to, err := o.toOne(ctx, tx, other)
	if err != nil {
		return err
	}
	doc, err := o.send(ctx, tx, outgoing{activity: a, signer: from, object: f.IRI, urgent: true, keep: true}, to)
	if err != nil {
		return err
	}
	return tx.AddOfferRecord(ctx, coop.OfferRecord{OfferID: f.ID, IRI: doc.IRI, Kind: a.Type, FromID: from.ID, Body: doc.Body})
}

// WithdrawOffer takes back an offer of a co-op of ours: before it was answered it is
// withdrawn, afterwards what was agreed ends, and the hours are open again. reason is
// plain text, which the other side reads; it is needed where there is an agreement.
func (o *Outbox) WithdrawOffer(ctx context.Context, by *coop.Account, id coop.ID, reason string) (*coop.Offer, error) {
	return o.stepOffer(ctx, id, func(tx *storage.Tx, f *coop.Offer) error {
		if f.ByID != by.ID || !by.Local {
			return fmt.Errorf("withdraw offer %s: %w", id, coop.ErrNotFound)
		}
		if f.State != coop.OfferAccepted {
			return o.undoOffer(ctx, tx, f, coop.OfferWithdraw, reason)
		}
		if err := coop.ValidateReason(reason); err != nil {
			return err
		}
		return o.undoOffer(ctx, tx, f, coop.OfferRelease, reason)
	})
}

// undoOffer is the Undo of an offer of ours.
func (o *Outbox) undoOffer(ctx context.Context, tx *storage.Tx, f *coop.Offer, action coop.OfferAction, reason string) error {
	changed, err := tx.StepOffer(ctx, f, action, coop.CleanText(reason, 500))
	if err != nil || !changed {
		return err
	}
	id, err := o.newIRI(ctx, tx, f.By.IRI, "Undo")
	if err != nil {
		return err
	}
	undo := vocabulary.Activity{
		ID: id, Type: "Undo", Actor: string(f.By.IRI), Object: string(f.IRI), To: []string{string(f.Owner.IRI)}, Published: o.now(),
		Content: text.Typed{}.Write(f.Reason).HTML,
	}
	if err := o.sayOffer(ctx, tx, f, f.By, f.Owner, undo); err != nil {
		return err
	}
	return o.offerEnded(ctx, tx, f, f.Owner)
}

// OfferUndone is the Undo of an offer by another server's co-op, which has come as body.
func (o *Outbox) OfferUndone(ctx context.Context, tx *storage.Tx, f *coop.Offer, undo coop.IRI, reason string, body []byte) error {
	ended := coop.OfferRecord{IRI: undo, Kind: "Undo", FromID: f.ByID, Body: body}
	return o.offerEndedByOther(ctx, tx, f, coop.OfferWithdraw, reason, ended)
}

// offerEndedByOther ends an offer as the other side said: one that waits by action, one
// that was accepted by its release. The other's activity is kept where it has an address;
// what has ended before ends no second time.
func (o *Outbox) offerEndedByOther(ctx context.Context, tx *storage.Tx, f *coop.Offer, action coop.OfferAction, reason string, said coop.OfferRecord) error {
	if f.State == coop.OfferAccepted {
		action = coop.OfferRelease
	}
	changed, err := tx.StepOffer(ctx, f, action, reason)
	if err != nil || !changed {
		return err
	}
	if said.IRI != "" {
		said.OfferID = f.ID
		if err := tx.AddOfferRecord(ctx, said); err != nil {
			return err
		}
	}
	tell := f.Owner
	if said.FromID == f.OwnerID {
		tell = f.By
	}
	return o.offerEnded(ctx, tx, f, tell)
}

// offerEnded does what follows when an offer or what it became is over, and tells one
// side.
func (o *Outbox) offerEnded(ctx context.Context, tx *storage.Tx, f *coop.Offer, tell *coop.Account) error {
	if f.State == coop.OfferReleased {
		if err := o.giveBack(ctx, tx, f); err != nil {
			return err
		}
	}
	return o.tellOffer(ctx, tx, f, tell, "offer_"+string(f.State))
}

// stepOffer does something to an offer in a transaction of its own and gives it as it is
// then.
func (o *Outbox) stepOffer(ctx context.Context, id coop.ID, do func(tx *storage.Tx, f *coop.Offer) error) (*coop.Offer, error) {
	var f *coop.Offer
	err := o.store.Write(ctx, func(tx *storage.Tx) (err error) {
		if f, err = tx.Offer(ctx, id); err != nil {
			return err
		}
		if f.PostID != 0 { // the request first, then the offer: everybody holds them in this order
			if err := tx.HoldPost(ctx, f.PostID); err != nil {
				return err
			}
		}
		if f, err = tx.HoldOffer(ctx, id); err != nil {
			return err
		}
		return do(tx, f)
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}
