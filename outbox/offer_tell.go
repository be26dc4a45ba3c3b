// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"context"
	"strconv"

	"minga/coop"
	"minga/outbox/mail"
	"minga/storage"
)

// tellOffer lets one side of an offer know, where it is of this instance, what the other
// did: by a notification of the account, and by mail to those who may answer.
func (o *Outbox) tellOffer(ctx context.Context, tx *storage.Tx, f *coop.Offer, to *coop.Account, key string) error {
	if to == nil || !to.Local || to.Gone() {
		return nil
	}
	from := f.By
	if to.ID == f.ByID {
		from = f.Owner
	}
	if err := tx.TellOffer(ctx, to, from.ID, o.saidOfOffer(to.Language, f, from, key)); err != nil {
		return err
	}
	act := coop.ActOffer
	if to.ID == f.OwnerID {
		act = coop.ActRequest.In(to.Kind)
	}
	return o.eachHolder(ctx, tx, to.ID, act, func(person *coop.Account) error {
		if !o.SendsMail() || person.Email == "" {
			return nil
		}
		return o.addMail(ctx, tx, person.ID.String()+" "+f.ID.String(), letter{Kind: mail.Offer, To: person.Email, Language: person.Language, Offer: f.ID, Account: to.ID})
	})
}

// saidOfOffer says in words what became of an offer.
func (o *Outbox) saidOfOffer(lang string, f *coop.Offer, from *coop.Account, key string) string {
	said := o.words.Say(lang, key, map[string]string{
		"Who": "@" + from.Handle(o.o.Local.AccountDomain).String(), "Hours": strconv.Itoa(f.Hours), "Slot": f.SlotName, "Title": f.Title, "Link": o.offerLink(f),
	})
	why := f.Note
	if !f.State.Pending() {
		why = f.Reason
	}
	if why != "" && f.State != coop.OfferAccepted {
		said += "\n\n“" + coop.Truncate(why, 500) + "”"
	}
	return said
}

// offerLink is the page of an offer.
func (o *Outbox) offerLink(f *coop.Offer) string {
	return o.o.Local.root() + "/offers/" + f.ID.String()
}

// offerLetter completes a mail about an offer: who is on which side is looked up when it
// is sent. [coop.ErrNotFound] where the offer is gone.
func (o *Outbox) offerLetter(ctx context.Context, l *letter) (string, error) {
	f, err := o.store.Offer(ctx, l.Offer)
	if err != nil {
		return "", err
	}
	other := f.By
	if l.Account == f.ByID {
		other = f.Owner
	}
	l.more = map[string]string{"Title": f.Title, "Slot": f.SlotName, "Hours": strconv.Itoa(f.Hours), "Other": shownName(other)}
	return o.offerLink(f), nil
}

// offersPerTurn is how many offers one turn of the clock ends.
const offersPerTurn = 50

// ExpireOffers ends offers that wait and whose own end has come, and refuses those to
// requests of ours that take no answers any more. It says how many. Call it every minute.
func (o *Outbox) ExpireOffers(ctx context.Context) (int, error) {
	due, err := o.store.DueOffers(ctx, o.now(), offersPerTurn)
	if err != nil {
		return 0, err
	}
	for _, one := range due {
		if _, err := o.stepOffer(ctx, one.ID, func(tx *storage.Tx, f *coop.Offer) error { return o.expireOffer(ctx, tx, f) }); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// expireOffer ends one offer that is due, unless somebody answered it meanwhile.
func (o *Outbox) expireOffer(ctx context.Context, tx *storage.Tx, f *coop.Offer) error {
	switch {
	case !f.State.Pending():
		return nil
	case f.Waits(o.now()) && f.Owner.Local:
		return o.decline(ctx, tx, f, coop.OfferDecline, o.words.Say(languageOf(f.By, f.Owner), "offer_fault_closed", nil))
	case f.Waits(o.now()):
		return nil
	}
	changed, err := tx.StepOffer(ctx, f, coop.OfferExpire, "")
	if err != nil || !changed {
		return err
	}
	if err := o.tellOffer(ctx, tx, f, f.Owner, "offer_expired"); err != nil {
		return err
	}
	return o.tellOffer(ctx, tx, f, f.By, "offer_expired")
}
