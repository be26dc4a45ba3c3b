// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/federation/signature"
)

// need publishes a request of a house's federation with a required role of 220 hours at 62
// euros and one of 40 hours that nobody needs.
func (h *house) need(title string) *coop.Post {
	h.f.t.Helper()
	p := &coop.Post{
		Language: "en",
		Request: &coop.Request{
			Title: title, Markdown: map[string]string{"en": "A booking site for fourteen rural clinics, with an app for those who work there."},
			RespondBy: h.clock.Now().Add(14 * 24 * time.Hour),
			Slots: []coop.Slot{
				{Key: "backend", Name: "Backend", Hours: 220, Required: true, Rate: &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(62)}},
				{Key: "ops", Name: "Operations", Hours: 40},
			},
		},
	}
	h.f.must(h.outbox.PublishRequest(h.f.ctx, h.federation, p, nil))
	return p
}

// offers lets a co-op of a house offer for the backend of a request that it has heard of.
func (h *house) offers(by *coop.Account, request coop.IRI, hours int, change ...func(*coop.Offer)) (*coop.Offer, error) {
	h.f.t.Helper()
	here := h.has(request)
	if here == nil {
		h.f.t.Fatalf("%s has not heard of %s", h.name, request)
	}
	o := &coop.Offer{Slot: "backend", Hours: hours, Note: "Two members, from 1 December."}
	for _, f := range change {
		f(o)
	}
	return o, h.outbox.MakeOffer(h.f.ctx, by, here.ID, o)
}

// offerNow is how an offer stands at a house.
func (h *house) offerNow(offer coop.IRI) *coop.Offer {
	h.f.t.Helper()
	o, err := h.store.OfferByIRI(h.f.ctx, offer)
	h.f.must(err)
	return o
}

// left is the state of a request at a house, and what is open of its backend.
func (h *house) left(request coop.IRI) string {
	h.f.t.Helper()
	p := h.has(request)
	return fmt.Sprintf("%s %d", p.Request.Status, p.Request.Slot("backend").OpenHours())
}

// TestOffersBetweenServers: co-ops of two servers offer for a request of a third, change
// what they offered, are accepted and declined, and release what was agreed; both sides
// see the same, and everybody sees what is open.
func TestOffersBetweenServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		telar, nodo := b.coop("telar"), c.coop("nodo")
		f.befriend(a, b)
		f.befriend(a, c)
		request := a.need("Booking site")
		f.settle()

		first, err := b.offers(telar, request.IRI, 160)
		f.must(err)
		second, err := b.offers(telar, request.IRI, 120, func(o *coop.Offer) { o.Replaces = first.IRI })
		f.must(err)
		other, err := c.offers(nodo, request.IRI, 150)
		f.must(err)
		f.settle()
		got := a.offerNow(first.IRI)
		if got.State != coop.OfferChanged || got.Hours != 120 || got.IRI != second.IRI || got.By.IRI != telar.IRI || !got.Amount.Equal(decimal.NewFromInt(7440)) {
			t.Fatalf("the offer came as %+v", got)
		}
		if status, _ := b.get(second.IRI); status != 404 {
			t.Errorf("a stranger gets an offer: %d", status)
		}
		_, err = a.outbox.AcceptOffer(f.ctx, a.federation, got.ID)
		f.must(err)
		f.settle()
		f.agreed(a, b, second)
		for _, h := range []*house{a, b, c} {
			if got := h.left(request.IRI); got != "forming 100" {
				t.Errorf("at %s the request is %s", h.name, got)
			}
		}

		theirs := a.offerNow(other.IRI)
		var fault *coop.OfferError
		if _, err := a.outbox.AcceptOffer(f.ctx, a.federation, theirs.ID); !errors.As(err, &fault) || fault.Fault != coop.FaultOver || fault.Open != 100 {
			t.Errorf("accepted over what is open: %v", err)
		}
		_, err = a.outbox.DeclineOffer(f.ctx, a.federation, theirs.ID, "Only 100 hours are left. Would you do those?")
		f.must(err)
		f.settle()
		if o := c.offerNow(other.IRI); o.State != coop.OfferDeclined || o.Reason != "Only 100 hours are left. Would you do those?" {
			t.Errorf("declined, and it is %s with %q", o.State, o.Reason)
		}
		f.releases(a, b, telar, second, request)
		f.refusesLate(a, b, c, nodo, request)
	})
}

// agreed: both sides hold the same Agreement, with a proof that a third party verifies,
// and nobody else can fetch it.
func (f *fediverse) agreed(a, b *house, offer *coop.Offer) {
	f.t.Helper()
	ours, err := a.store.AgreementOfOffer(f.ctx, a.offerNow(offer.IRI).ID)
	f.must(err)
	theirs, err := b.store.AgreementOfOffer(f.ctx, b.offerNow(offer.IRI).ID)
	f.must(err)
	if !bytes.Equal(ours.Body, theirs.Body) || ours.IRI != theirs.IRI || ours.ConfirmedAt.IsZero() {
		f.t.Errorf("agreed on\n%s, and on\n%s (confirmed %v)", ours.Body, theirs.Body, ours.ConfirmedAt)
	}
	f.verified(a, theirs.Body)
	if status, _ := a.get(ours.IRI); status != 404 {
		f.t.Errorf("a stranger gets an agreement: %d", status)
	}
	if o := b.offerNow(offer.IRI); o.State != coop.OfferAccepted {
		f.t.Errorf("at who offered it is %s", o.State)
	}
	records, err := a.store.OfferRecords(f.ctx, []coop.ID{a.offerNow(offer.IRI).ID})
	f.must(err)
	mine, err := b.store.OfferRecords(f.ctx, []coop.ID{b.offerNow(offer.IRI).ID})
	f.must(err)
	if len(records) != 4 || len(mine) != 4 {
		f.t.Fatalf("%d and %d messages are kept", len(records), len(mine))
	}
	for i := range records {
		if records[i].IRI != mine[i].IRI || !bytes.Equal(records[i].Body, mine[i].Body) {
			f.t.Errorf("message %d is %s here and %s there", i, records[i].Body, mine[i].Body)
		}
	}
}

// verified: a document proves by itself that the federation of a house wrote it.
func (f *fediverse) verified(a *house, body []byte) {
	f.t.Helper()
	proof, err := signature.ReadProof(body)
	f.must(err)
	pair, err := a.store.Keys(f.ctx, a.federation.ID)
	f.must(err)
	private, err := signature.ParsePrivate(pair.Ed25519)
	f.must(err)
	key, ok := private.Public().(ed25519.PublicKey)
	if proof == nil || !ok {
		f.t.Fatalf("no proof on %s", body)
	}
	if _, err := proof.Verify(key, string(a.federation.IRI)); err != nil {
		f.t.Errorf("the proof does not hold: %v", err)
	}
}

// releases: who works ends what was agreed, and its hours are open again everywhere.
func (f *fediverse) releases(a, b *house, telar *coop.Account, offer *coop.Offer, request *coop.Post) {
	f.t.Helper()
	if _, err := b.outbox.WithdrawOffer(f.ctx, telar, b.offerNow(offer.IRI).ID, ""); err == nil {
		f.t.Error("what was agreed ends without a reason")
	}
	_, err := b.outbox.WithdrawOffer(f.ctx, telar, b.offerNow(offer.IRI).ID, "Two of us are ill.")
	f.must(err)
	f.settle()
	for _, h := range []*house{a, b} {
		o := h.offerNow(offer.IRI)
		g, err := h.store.AgreementOfOffer(f.ctx, o.ID)
		f.must(err)
		if o.State != coop.OfferReleased || o.Reason != "Two of us are ill." || g.State != coop.AgreementReleased || h.left(request.IRI) != "forming 220" {
			f.t.Errorf("at %s it is %s (%q), the agreement %s, the request %s", h.name, o.State, o.Reason, g.State, h.left(request.IRI))
		}
	}
}

// refusesLate: an offer to a slot that is not what who offers believes comes back with its
// reason; what is required being covered, there is a team.
func (f *fediverse) refusesLate(a, b, c *house, nodo *coop.Account, request *coop.Post) {
	f.t.Helper()
	c.away.Store(true)
	lena := a.coop("lena")
	whole, err := a.offers(lena, request.IRI, 220)
	f.must(err)
	_, err = a.outbox.AcceptOffer(f.ctx, a.federation, whole.ID)
	f.must(err)
	late, err := c.offers(nodo, request.IRI, 30)
	f.must(err)
	c.away.Store(false)
	f.settle()
	if o := c.offerNow(late.IRI); o.State != coop.OfferDeclined || o.Reason != "This slot takes no offers any more: it is covered, or the request is over." {
		f.t.Errorf("it is %s with %q", o.State, o.Reason)
	}
	if _, err := a.store.OfferByIRI(f.ctx, late.IRI); !errors.Is(err, coop.ErrNotFound) {
		f.t.Errorf("what was refused is kept: %v", err)
	}
	team, err := a.store.TeamOfRequest(f.ctx, a.has(request.IRI).ID)
	if err != nil || team == nil {
		f.t.Errorf("there is no team: %v", err)
	}
	if got := b.left(request.IRI); got != "covered 0" {
		f.t.Errorf("at the other server the request is %s", got)
	}
}
