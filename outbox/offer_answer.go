// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"
	"minga/storage"
)

// AcceptOffer accepts an offer for a slot of a request of ours: the hours are taken, both
// sides have an Agreement, and everybody sees what of the slot is open. Of two that
// together are over what is open, the second gets an [*coop.OfferError], and nothing of
// it is done.
func (o *Outbox) AcceptOffer(ctx context.Context, owner *coop.Account, id coop.ID) (*coop.Offer, error) {
	return o.stepOffer(ctx, id, func(tx *storage.Tx, f *coop.Offer) error {
		if f.OwnerID != owner.ID || !owner.Local {
			return fmt.Errorf("accept offer %s: %w", id, coop.ErrNotFound)
		}
		return o.acceptOffer(ctx, tx, f)
	})
}

// acceptOffer is AcceptOffer of an offer that nobody else changes meanwhile.
func (o *Outbox) acceptOffer(ctx context.Context, tx *storage.Tx, f *coop.Offer) error {
	if f.State == coop.OfferAccepted {
		return nil
	}
	if f.State.Pending() && !f.Waits(o.now()) {
		return &coop.OfferError{Fault: coop.FaultEnded}
	}
	post, err := o.ownPost(ctx, tx, f.PostID)
	if err != nil {
		return err
	}
	terms, slot, ok := post.SlotTerms(f.Slot)
	if !ok || slot.Closed || !post.Request.TakesAnswers() {
		return &coop.OfferError{Fault: coop.FaultClosed}
	}
	if _, err := f.State.Step(coop.OfferAccept); err != nil {
		return err
	}
	if err := tx.AcceptHours(ctx, post.ID, f.Slot, f.Hours); errors.Is(err, coop.ErrConflict) {
		return &coop.OfferError{Fault: coop.FaultOver, Open: terms.Open}
	} else if err != nil {
		return err
	}
	if _, err := tx.StepOffer(ctx, f, coop.OfferAccept, ""); err != nil {
		return err
	}
	if err := o.agree(ctx, tx, f); err != nil {
		return err
	}
	return o.slotsChanged(ctx, tx, post.ID)
}

// agree writes the Agreement of an accepted offer, keeps it with its proof where its name
// leads, and sends the Accept.
func (o *Outbox) agree(ctx context.Context, tx *storage.Tx, f *coop.Offer) error {
	id, err := tx.NextID(ctx, o.now())
	if err != nil {
		return err
	}
	g := &coop.Agreement{
		ID: id, IRI: coop.IRI(o.o.Local.root() + "/agreements/" + id.String()), OfferID: f.ID, PostID: f.PostID,
		OwnerID: f.OwnerID, ByID: f.ByID, Owner: f.Owner, By: f.By,
	}
	if g.Body, err = o.encodeObject(ctx, tx, agreementMembers(g, f), f.Owner, true); err != nil {
		return err
	}
	if err := tx.AddAgreement(ctx, g); err != nil {
		return err
	}
	if _, err := tx.PutDocument(ctx, storage.Document{IRI: g.IRI, OwnerID: f.OwnerID, Body: g.Body}); err != nil {
		return err
	}
	accept, err := o.newIRI(ctx, tx, f.Owner.IRI, "Accept")
	if err != nil {
		return err
	}
	if err := o.sayOffer(ctx, tx, f, f.Owner, f.By, acceptActivity(accept, g, f, json.RawMessage(g.Body), o.now())); err != nil {
		return err
	}
	if err := o.tellOffer(ctx, tx, f, f.By, "offer_accepted"); err != nil || !f.By.Local {
		return err
	}
	return o.confirmAgreement(ctx, tx, f, g)
}

// DeclineOffer refuses an offer for a slot of a request of ours that waits, or ends what
// was agreed before: then its hours are open again. reason is plain text, and needed.
func (o *Outbox) DeclineOffer(ctx context.Context, owner *coop.Account, id coop.ID, reason string) (*coop.Offer, error) {
	if err := coop.ValidateReason(reason); err != nil {
		return nil, err
	}
	return o.stepOffer(ctx, id, func(tx *storage.Tx, f *coop.Offer) error {
		if f.OwnerID != owner.ID || !owner.Local {
			return fmt.Errorf("decline offer %s: %w", id, coop.ErrNotFound)
		}
		action := coop.OfferDecline
		if f.State == coop.OfferAccepted {
			action = coop.OfferRelease
		}
		return o.decline(ctx, tx, f, action, coop.CleanText(reason, 500))
	})
}

// decline is the Reject of an offer to us.
func (o *Outbox) decline(ctx context.Context, tx *storage.Tx, f *coop.Offer, action coop.OfferAction, reason string) error {
	changed, err := tx.StepOffer(ctx, f, action, reason)
	if err != nil || !changed {
		return err
	}
	id, err := o.newIRI(ctx, tx, f.Owner.IRI, "Reject")
	if err != nil {
		return err
	}
	if err := o.sayOffer(ctx, tx, f, f.Owner, f.By, refusalActivity(id, f.Owner.IRI, f.IRI, f.By.IRI, reason, o.now())); err != nil {
		return err
	}
	return o.offerEnded(ctx, tx, f, f.By)
}

// OfferAccepted takes the Accept of an offer of ours by another server, which has come as
// body with the Agreement g. What we offered must wait still, or it is taken back.
func (o *Outbox) OfferAccepted(ctx context.Context, tx *storage.Tx, f *coop.Offer, g *coop.Agreement, accept coop.IRI, body []byte) error {
	changed, err := tx.StepOffer(ctx, f, coop.OfferAccept, "")
	if err != nil || !changed {
		return err
	}
	if g.ID, err = tx.NextID(ctx, o.now()); err != nil {
		return err
	}
	g.OfferID, g.PostID, g.OwnerID, g.ByID, g.Owner, g.By = f.ID, f.PostID, f.OwnerID, f.ByID, f.Owner, f.By
	if err := tx.AddAgreement(ctx, g); err != nil {
		return err
	}
	if err := tx.AddOfferRecord(ctx, coop.OfferRecord{OfferID: f.ID, IRI: accept, Kind: "Accept", FromID: f.OwnerID, Body: body}); err != nil {
		return err
	}
	if err := o.confirmAgreement(ctx, tx, f, g); err != nil {
		return err
	}
	return o.tellOffer(ctx, tx, f, f.By, "offer_accepted")
}

// OfferRejected takes the Reject of an offer of ours by another server: of one that waits
// its refusal, of one that was accepted the end of what was agreed.
func (o *Outbox) OfferRejected(ctx context.Context, tx *storage.Tx, f *coop.Offer, reject coop.IRI, reason string, body []byte) error {
	ended := coop.OfferRecord{IRI: reject, Kind: "Reject", FromID: f.OwnerID, Body: body}
	return o.offerEndedByOther(ctx, tx, f, coop.OfferDecline, reason, ended)
}

// Disagree takes back an offer of ours whose Accept says something else than was offered.
func (o *Outbox) Disagree(ctx context.Context, tx *storage.Tx, f *coop.Offer, accepted coop.IRI) error {
	id, err := o.newIRI(ctx, tx, f.By.IRI, "Undo")
	if err != nil {
		return err
	}
	reason := o.words.Say(languageOf(f.Owner, f.By), "offer_fault_agreed", nil)
	undo := vocabulary.Activity{
		ID: id, Type: "Undo", Actor: string(f.By.IRI), Object: string(accepted), To: []string{string(f.Owner.IRI)}, Published: o.now(),
		Content: text.Typed{}.Write(reason).HTML,
	}
	return o.sayOffer(ctx, tx, f, f.By, f.Owner, undo)
}

// confirmAgreement says that the Accept has arrived: a message with the Agreement as its
// context (FEP-0837).
func (o *Outbox) confirmAgreement(ctx context.Context, tx *storage.Tx, f *coop.Offer, g *coop.Agreement) error {
	id, err := tx.NextID(ctx, o.now())
	if err != nil {
		return err
	}
	note := below(f.By.IRI, "confirmations/"+id.String())
	said := o.words.Say(languageOf(f.Owner, f.By), "offer_confirmed", map[string]string{"Hours": fmt.Sprint(f.Hours), "Title": f.Title})
	create := vocabulary.Activity{
		ID: string(below(note, "create")), Type: "Create", Actor: string(f.By.IRI), To: []string{string(f.Owner.IRI)}, Context: string(g.IRI), Published: o.now(),
		Object: vocabulary.Members{
			{Name: "id", Value: string(note)},
			{Name: "type", Value: "Note"},
			{Name: "attributedTo", Value: string(f.By.IRI)},
			{Name: "to", Value: []string{string(f.Owner.IRI)}},
			{Name: "context", Value: string(g.IRI)},
			{Name: "published", Value: o.now()},
			{Name: "content", Value: text.Typed{}.Write(said).HTML},
		},
	}
	if err := o.sayOffer(ctx, tx, f, f.By, f.Owner, create); err != nil {
		return err
	}
	return tx.ConfirmAgreement(ctx, g.ID)
}
