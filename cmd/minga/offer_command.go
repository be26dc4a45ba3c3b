// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// offerCommand is `minga offer`.
type offerCommand struct {
	List     offerList     `cmd:"" help:"List offers, newest first."`
	Show     offerShow     `cmd:"" help:"Show an offer, what it became and what each side sent."`
	New      offerNew      `cmd:"" help:"Offer hours for a role of a request, for a co-op of this instance."`
	Accept   offerAccept   `cmd:"" help:"Accept an offer for a request of this instance."`
	Decline  offerDecline  `cmd:"" help:"Decline an offer for a request of this instance."`
	Withdraw offerWithdraw `cmd:"" help:"Take back an offer of a co-op of this instance."`
	Release  offerRelease  `cmd:"" help:"End what was agreed: its hours are open again."`
}

// offerLine is an offer as it is printed.
type offerLine struct {
	ID        coop.ID         `json:"id"`
	URI       coop.IRI        `json:"uri"`
	Request   string          `json:"request"`
	Slot      string          `json:"slot"`
	By        string          `json:"by"`
	Requester string          `json:"requester"`
	State     coop.OfferState `json:"state"`
	Hours     int             `json:"hours"`
	Amount    decimal.Decimal `json:"amount"`
	Currency  string          `json:"currency,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Sent      string          `json:"updated_at"`
	Agreement string          `json:"agreement,omitempty"`
	Record    []offerMessage  `json:"record,omitempty"`
}

// offerMessage is one message about an offer, byte for byte.
type offerMessage struct {
	Type     string   `json:"type"`
	URI      coop.IRI `json:"uri"`
	At       string   `json:"at"`
	Document string   `json:"document"`
}

// offerLine shows one offer.
func (i *instance) offerLine(o *coop.Offer) offerLine {
	domain := i.config.AccountDomain
	return offerLine{
		ID: o.ID, URI: o.IRI, Request: o.Title, Slot: o.Slot, By: o.By.Handle(domain).String(), Requester: o.Owner.Handle(domain).String(),
		State: o.State, Hours: o.Hours, Amount: o.Amount, Currency: o.Currency, Reason: o.Reason, Sent: stamp(o.UpdatedAt),
	}
}

// write prints it in one line.
func (r offerLine) write(w io.Writer) {
	fmt.Fprintf(w, "%s  %-9s %5d h  %-20s %-32s to %-32s %s\n", r.ID, r.State, r.Hours, printable(r.Slot), printable(r.By), printable(r.Requester), printable(r.Request))
}

// offerList is `minga offer list`.
type offerList struct {
	Request string `help:"Only those for this request: its id." placeholder:"ID"`
	By      string `help:"Only those of this co-op of the instance." placeholder:"NAME"`
	State   string `help:"Only those in this state." enum:",sent,changed,accepted,declined,withdrawn,expired,released" default:""`
}

// Run lists offers.
func (a offerList) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		var q storage.OfferQuery
		var err error
		if a.Request != "" {
			if q.Post, err = coop.ParseID(a.Request); err != nil {
				return err
			}
		}
		if a.By != "" {
			by, err := i.localAccount(t.ctx, a.By)
			if err != nil {
				return err
			}
			q.By = by.ID
		}
		if a.State != "" {
			q.States = []coop.OfferState{coop.OfferState(a.State)}
		}
		list, err := i.store.Offers(t.ctx, q, coop.Page{Limit: 200})
		if err != nil {
			return err
		}
		rows := make([]offerLine, len(list))
		for n, o := range list {
			rows[n] = i.offerLine(o)
		}
		return t.print(rows, func(w io.Writer) {
			for _, row := range rows {
				row.write(w)
			}
		})
	})
}

// offerShow is `minga offer show`.
type offerShow struct {
	ID string `arg:"" help:"Id of the offer."`
}

// Run shows one.
func (a offerShow) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		o, err := i.offerByID(t.ctx, a.ID)
		if err != nil {
			return err
		}
		return i.showOffer(t, o, true)
	})
}

// offerByID finds an offer by what was typed.
func (i *instance) offerByID(ctx context.Context, text string) (*coop.Offer, error) {
	id, err := coop.ParseID(text)
	if err != nil {
		return nil, err
	}
	return i.store.Offer(ctx, id)
}

// showOffer prints an offer as it stands; whole with what each side sent.
func (i *instance) showOffer(t *terminal, o *coop.Offer, whole bool) error {
	row := i.offerLine(o)
	g, err := i.store.AgreementOfOffer(t.ctx, o.ID)
	switch {
	case err == nil:
		row.Agreement = string(g.Body)
	case !errors.Is(err, coop.ErrNotFound):
		return err
	}
	if whole {
		records, err := i.store.OfferRecords(t.ctx, []coop.ID{o.ID})
		if err != nil {
			return err
		}
		for _, k := range records {
			row.Record = append(row.Record, offerMessage{k.Kind, k.IRI, stamp(k.At), string(k.Body)})
		}
	}
	return t.print(row, func(w io.Writer) {
		row.write(w)
		for _, k := range row.Record {
			fmt.Fprintf(w, "%s  %-7s %s\n", k.At, k.Type, printable(string(k.URI)))
		}
	})
}

// offerNew is `minga offer new`.
type offerNew struct {
	Request string `arg:"" help:"Id of the request, here or of another server."`
	As      string `required:"" help:"The co-op of this instance that offers." placeholder:"NAME"`
	Slot    string `required:"" help:"Key of the role." placeholder:"KEY"`
	Hours   int    `required:"" help:"How many hours."`
	Rate    string `help:"What an hour costs; the rate of the role where it has one." placeholder:"AMOUNT"`
	From    string `help:"From which day." placeholder:"DAY"`
	Until   string `help:"Until which day the offer holds." placeholder:"DAY"`
	Note    string `help:"A few words."`
}

// offer makes it of what was typed.
func (a offerNew) offer() (*coop.Offer, error) {
	o := &coop.Offer{Slot: a.Slot, Hours: a.Hours, From: a.From, Note: a.Note}
	if a.Rate != "" {
		rate, err := decimal.NewFromString(a.Rate)
		if err != nil || len(a.Rate) > 20 {
			return nil, &coop.InvalidError{Field: "rate", Code: coop.CodeFormat, Problem: "this is no amount"}
		}
		o.Amount = rate.Mul(decimal.NewFromInt(int64(a.Hours)))
	}
	if a.Until != "" {
		day, err := time.Parse(time.DateOnly, a.Until)
		if err != nil {
			return nil, &coop.InvalidError{Field: "until", Code: coop.CodeFormat, Problem: "this is no day such as 2026-12-01"}
		}
		o.Ends = day.Add(24*time.Hour - time.Second)
	}
	return o, nil
}

// Run offers.
func (a offerNew) Run(t *terminal) error {
	return t.with(func(i *instance) error {
		by, err := i.localAccount(t.ctx, a.As)
		if err != nil {
			return err
		}
		request, err := coop.ParseID(a.Request)
		if err != nil {
			return err
		}
		o, err := a.offer()
		if err != nil {
			return err
		}
		if err := i.outbox.MakeOffer(inNameOf(t.ctx, by, "offers.create"), by, request, o); err != nil {
			return err
		}
		return i.showOffer(t, o, false)
	})
}

// inNameOf is a context in which everything is noted as done by the command line in the
// name of an account.
func inNameOf(ctx context.Context, account *coop.Account, act string) context.Context {
	return storage.ActingAs(ctx, storage.Acting{Who: byCommand, Account: account.ID, Act: act})
}

// offerAccept is `minga offer accept`.
type offerAccept struct {
	ID string `arg:"" help:"Id of the offer."`
}

// Run accepts.
func (a offerAccept) Run(t *terminal) error {
	return t.stepOffer(a.ID, func(i *instance, o *coop.Offer) (*coop.Offer, error) {
		return i.outbox.AcceptOffer(inNameOf(t.ctx, o.Owner, "offers.accept"), o.Owner, o.ID)
	})
}

// offerDecline is `minga offer decline`.
type offerDecline struct {
	ID     string `arg:"" help:"Id of the offer."`
	Reason string `arg:"" help:"Why; the other side reads it."`
}

// Run declines.
func (a offerDecline) Run(t *terminal) error {
	return t.stepOffer(a.ID, func(i *instance, o *coop.Offer) (*coop.Offer, error) {
		return i.outbox.DeclineOffer(inNameOf(t.ctx, o.Owner, "offers.decline"), o.Owner, o.ID, a.Reason)
	})
}

// offerWithdraw is `minga offer withdraw`.
type offerWithdraw struct {
	ID     string `arg:"" help:"Id of the offer."`
	Reason string `help:"Why; the other side reads it."`
}

// Run withdraws.
func (a offerWithdraw) Run(t *terminal) error {
	return t.stepOffer(a.ID, func(i *instance, o *coop.Offer) (*coop.Offer, error) {
		return i.outbox.WithdrawOffer(inNameOf(t.ctx, o.By, "offers.withdraw"), o.By, o.ID, a.Reason)
	})
}

// offerRelease is `minga offer release`.
type offerRelease struct {
	ID     string `arg:"" help:"Id of the offer."`
	Reason string `arg:"" help:"Why; the other side reads it."`
}

// Run ends what was agreed, by the side that is of this instance; where both are, by who
// requested.
func (a offerRelease) Run(t *terminal) error {
	return t.stepOffer(a.ID, func(i *instance, o *coop.Offer) (*coop.Offer, error) {
		switch {
		case o.State != coop.OfferAccepted:
			return nil, fmt.Errorf("release an offer that is %s: %w", o.State, coop.ErrState)
		case o.Owner.Local:
			return i.outbox.DeclineOffer(inNameOf(t.ctx, o.Owner, "offers.release"), o.Owner, o.ID, a.Reason)
		}
		return i.outbox.WithdrawOffer(inNameOf(t.ctx, o.By, "offers.release"), o.By, o.ID, a.Reason)
	})
}

// stepOffer does something to an offer and prints how it stands then.
func (t *terminal) stepOffer(id string, step func(i *instance, o *coop.Offer) (*coop.Offer, error)) error {
	return t.with(func(i *instance) error {
		o, err := i.offerByID(t.ctx, id)
		if err != nil {
			return err
		}
		if o, err = step(i, o); err != nil {
			return err
		}
		return i.showOffer(t, o, false)
	})
}
