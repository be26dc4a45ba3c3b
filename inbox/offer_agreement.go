// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"minga/coop"
	"minga/federation/document"
	"minga/federation/origin"
	"minga/storage"
)

// maxOfferBytes is how long an Offer, or an answer to one, may be: it is kept as it came.
const maxOfferBytes = 64 << 10

// offerAgreement takes an offer for a slot of a request of ours (FEP-0837). What cannot be
// taken is answered with a Reject that says why, by who requested; what is no offer to us
// is dropped.
func (w *work) offerAgreement(ctx context.Context, doc *document.Object) (effect, error) {
	a := readAgreement(doc)
	if w.id == "" || !w.in.local(a.slot) {
		return nil, drop("not_for_us")
	}
	if len(w.doc.Bytes()) > maxOfferBytes {
		return nil, drop("too_large")
	}
	by, err := w.author(ctx)
	if err != nil {
		return nil, err
	}
	post, slot, err := w.slotOffered(ctx, by, a.slot)
	if errors.Is(err, coop.ErrNotFound) || errors.Is(err, coop.ErrGone) {
		return w.refuseOffer(ctx, by, nil, coop.FaultSlot)
	}
	if err != nil {
		return nil, err
	}
	if !a.sound || a.hours < 1 || a.by != "" && a.by != w.actor || a.owner != "" && a.owner != w.actor {
		return w.refuseOffer(ctx, by, post.Author, coop.FaultQuantity)
	}
	f := a.offer(w.doc, w.id)
	f.Slot, f.By, f.ByID = slot, by, by.ID
	return func(ctx context.Context, tx *storage.Tx) error {
		offer := *f // a transaction may run twice
		return w.in.o.Answers.Offered(ctx, tx, &offer, post, w.doc.Bytes())
	}, nil
}

// slotOffered finds the request of ours of which an address is a slot, if the one who
// offers may see it.
func (w *work) slotOffered(ctx context.Context, by *coop.Account, slot coop.IRI) (*coop.Post, string, error) {
	request, key, ok := strings.Cut(string(slot), "/slots/")
	if !ok {
		return nil, "", coop.ErrNotFound
	}
	host, _ := origin.Host(string(by.IRI))
	post, err := w.in.store.PostByIRI(ctx, coop.Signed(by.ID, host), coop.IRI(request))
	if err == nil && (post.Request == nil || !post.Local || post.Author == nil) {
		err = coop.ErrNotFound
	}
	return post, key, err
}

// refuseOffer rejects an offer by who requested; where that is not known, by the account
// of ours that it was sent to. The same Offer is refused once.
func (w *work) refuseOffer(ctx context.Context, by, owner *coop.Account, fault coop.OfferFault) (effect, error) {
	if owner == nil {
		known, err := w.in.store.AccountsByIRI(ctx, irisOf(w.doc.Audience().All()))
		if err != nil {
			return nil, err
		}
		for _, a := range known {
			if a.Local && (a.Kind == coop.Federation || a.Kind == coop.Coop) {
				owner = a
			}
		}
	}
	if owner == nil {
		return nil, drop("not_for_us")
	}
	blocked, err := w.in.store.Blocked(ctx, by.ID, owner.ID)
	if err != nil {
		return nil, err
	}
	if blocked {
		fault = coop.FaultBlocked
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		return w.in.o.Answers.RefuseOffer(ctx, tx, owner, by, w.id, &coop.OfferError{Fault: fault})
	}, nil
}

// irisOf are texts as names.
func irisOf(list []string) []coop.IRI {
	out := make([]coop.IRI, 0, min(len(list), maxAddressed))
	for _, s := range list[:min(len(list), maxAddressed)] {
		out = append(out, coop.IRI(s))
	}
	return out
}

// maxAddressed is how many addressees of an offer are looked at.
const maxAddressed = 20

// offerAnswered is the answer of another server to an offer of ours: by who requested
// alone.
func (w *work) offerAnswered(ctx context.Context, f *coop.Offer, id coop.IRI, yes bool) (effect, error) {
	if f.By == nil || f.Owner == nil || !f.By.Local || f.Owner.IRI != w.actor {
		return nil, drop("not_asked")
	}
	if len(w.doc.Bytes()) > maxOfferBytes {
		return nil, drop("too_large")
	}
	if !yes {
		if id != f.IRI {
			return nil, drop("not_asked") // of one that was replaced: the newer waits
		}
		reason := plain(w.doc.Text("content").Value, 500)
		return func(ctx context.Context, tx *storage.Tx) error {
			offer := *f
			return w.in.o.Answers.OfferRejected(ctx, tx, &offer, w.id, reason, w.doc.Bytes())
		}, nil
	}
	if f.State == coop.OfferAccepted {
		return nil, nil
	}
	g, err := w.readAgreed(ctx, f)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		offer := *f
		if g == nil || id != f.IRI || !f.State.Pending() {
			return w.in.o.Answers.Disagree(ctx, tx, &offer, id)
		}
		agreement := *g
		return w.in.o.Answers.OfferAccepted(ctx, tx, &offer, &agreement, w.id, w.doc.Bytes())
	}, nil
}

// readAgreed reads the Agreement of an Accept: named at the server of who requested, for
// exactly what was offered, its proof good if it has one. Nil: it is something else.
func (w *work) readAgreed(ctx context.Context, f *coop.Offer) (*coop.Agreement, error) {
	doc := w.doc.Object("result")
	a := readAgreement(doc)
	same := a.sound && a.hours == f.Hours && a.amount.Equal(f.Amount) && string(a.slot) == string(f.Request)+"/slots/"+f.Slot
	if !same || a.id == "" || !sameOrigin(a.id, w.actor) || a.owner != w.actor || a.by != f.By.IRI {
		return nil, nil
	}
	if hasProof(doc) {
		if _, _, err := w.in.proof(ctx, doc.Bytes(), w.actor, netip.Addr{}); err != nil {
			return nil, nil // a proof that is none of theirs
		}
	}
	return &coop.Agreement{IRI: a.id, Body: doc.Bytes()}, nil
}

// undoAgreed takes back an offer to us, or ends what it became: by who offered alone.
func (w *work) undoAgreed(ctx context.Context, id coop.IRI, _ *document.Object) (effect, error) {
	f, err := w.in.store.OfferByIRI(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.By == nil || f.By.IRI != w.actor {
		return nil, drop("not_owner")
	}
	if f.IRI != id || len(w.doc.Bytes()) > maxOfferBytes {
		return nil, drop("not_a_step") // a newer one took its place
	}
	reason := plain(w.doc.Text("content").Value, 500)
	return func(ctx context.Context, tx *storage.Tx) error {
		offer := *f
		return w.in.o.Answers.OfferUndone(ctx, tx, &offer, w.id, reason, w.doc.Bytes())
	}, nil
}

// confirmed is a message whose context is an Agreement of ours (FEP-0837): who works says
// that the Accept has arrived. Nil without error: it is about something else.
func (w *work) confirmed(ctx context.Context) (effect, error) {
	about := coop.IRI(w.doc.Ref("context").ID)
	if about == "" || !w.in.local(about) || !strings.Contains(string(about), "/agreements/") {
		return nil, nil
	}
	g, err := w.in.store.AgreementByIRI(ctx, about)
	if errors.Is(err, coop.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if g.By == nil || g.By.IRI != w.actor || w.id == "" || len(w.doc.Bytes()) > maxOfferBytes {
		return nil, drop("not_owner")
	}
	return func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.ConfirmAgreement(ctx, g.ID); err != nil {
			return err
		}
		return tx.AddOfferRecord(ctx, coop.OfferRecord{OfferID: g.OfferID, IRI: w.id, Kind: w.doc.Type(), FromID: g.ByID, Body: w.doc.Bytes()})
	}, nil
}
