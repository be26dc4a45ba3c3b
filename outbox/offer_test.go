// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"

	"github.com/shopspring/decimal"
)

// request publishes a request of an account with a required slot of 220 hours at 62 euros
// and one of 40 at no rate.
func (h *house) request(by *coop.Account) *coop.Post {
	h.t.Helper()
	id := fmt.Sprintf("requests/%d", h.clock.Now().UnixNano())
	p := &coop.Post{
		IRI: below(by.IRI, id), Author: by, AuthorID: by.ID, Local: true, Kind: coop.KindRequest, Type: "Note", Visibility: coop.VisiblePublic,
		To: []coop.IRI{coop.Public}, Cc: []coop.IRI{by.Followers}, Language: "en", Content: "<p>Booking site</p>", Published: h.clock.Now(),
		Request: &coop.Request{
			Title: "Booking site", Status: coop.RequestOpen, RespondBy: h.clock.Now().AddDate(0, 0, 14).UTC().Truncate(time.Second),
			Slots: []coop.Slot{
				{Key: "backend", Name: "Backend", Hours: 220, Required: true, Rate: &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(62)}},
				{Key: "ops", Name: "Operations", Hours: 40},
			},
		},
	}
	h.must(h.store.Write(h.t.Context(), func(tx *storage.Tx) error { return h.publish(h.t.Context(), tx, p) }))
	return p
}

// offered is an offer of a co-op here for the backend of a request.
func (h *house) offered(by *coop.Account, request *coop.Post, hours int) (*coop.Offer, error) {
	f := &coop.Offer{Slot: "backend", Hours: hours, Amount: decimal.NewFromInt(int64(62 * hours)), Note: "Two members"}
	err := h.MakeOffer(h.t.Context(), by, request.ID, f)
	return f, err
}

// fault is why an offer was not taken.
func fault(err error) coop.OfferFault {
	var f *coop.OfferError
	if errors.As(err, &f) {
		return f.Fault
	}
	if err != nil {
		return coop.OfferFault(err.Error())
	}
	return ""
}

// open is what is open of the backend of a request, and its state.
func (h *house) open(request *coop.Post) string {
	h.t.Helper()
	p, err := h.store.RequestOf(h.t.Context(), request.ID)
	h.must(err)
	return fmt.Sprintf("%s %d", p.Request.Status, p.Request.Slot("backend").OpenHours())
}

// TestOffersHere: between co-ops of this instance an offer goes its whole way, and what is
// open of the slot follows it.
func TestOffersHere(t *testing.T) {
	each(t, func(h *house) {
		ctx, telar, redjar := t.Context(), h.account(coop.Coop, "telar"), h.account(coop.Coop, "redjar")
		red, err := h.store.FederationAccount(ctx)
		h.must(err)
		request := h.request(red)
		first, err := h.offered(telar, request, 160)
		h.must(err)
		if _, err := h.offered(telar, request, 10); fault(err) != coop.FaultTwice {
			t.Errorf("twice: %v", err)
		}
		for name, tt := range map[string]struct {
			by    *coop.Account
			offer coop.Offer
			want  coop.OfferFault
		}{
			"no such slot":     {redjar, coop.Offer{Slot: "cook", Hours: 1}, coop.FaultSlot},
			"over the hours":   {redjar, coop.Offer{Slot: "backend", Hours: 221, Amount: decimal.NewFromInt(221 * 62)}, coop.FaultOver},
			"at another rate":  {redjar, coop.Offer{Slot: "backend", Hours: 10, Amount: decimal.NewFromInt(621), Currency: "EUR"}, coop.FaultQuantity},
			"one's own":        {red, coop.Offer{Slot: "backend", Hours: 10, Amount: decimal.NewFromInt(620)}, coop.FaultOwn},
			"by a person":      {h.account(coop.Person, "ana"), coop.Offer{Slot: "backend", Hours: 10, Amount: decimal.NewFromInt(620)}, coop.FaultStranger},
			"instead of other": {redjar, coop.Offer{Slot: "backend", Hours: 10, Amount: decimal.NewFromInt(620), Replaces: first.IRI}, coop.FaultReplace},
		} {
			if err := h.MakeOffer(ctx, tt.by, request.ID, &tt.offer); fault(err) != tt.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		change := &coop.Offer{Slot: "backend", Hours: 120, Amount: decimal.NewFromInt(120 * 62), Replaces: first.IRI}
		h.must(h.MakeOffer(ctx, telar, request.ID, change))
		if change.ID != first.ID || change.State != coop.OfferChanged {
			t.Errorf("changed to %+v", change)
		}
		if _, err := h.AcceptOffer(ctx, redjar, first.ID); !errors.Is(err, coop.ErrNotFound) {
			t.Errorf("accepted by another: %v", err)
		}
		f, err := h.AcceptOffer(ctx, red, first.ID)
		h.must(err)
		if f.State != coop.OfferAccepted || h.open(request) != "forming 100" {
			t.Errorf("%s, the request is %s", f.State, h.open(request))
		}
		g, err := h.store.AgreementOfOffer(ctx, f.ID)
		h.must(err)
		h.proven(g.Body, red)
		if g.ConfirmedAt.IsZero() || g.Hours != 120 || !strings.HasPrefix(string(g.IRI), sur+"/agreements/") {
			t.Errorf("agreed on %+v", g)
		}
		h.must(h.acceptsAll(red, redjar, request))
		if _, err := h.DeclineOffer(ctx, red, f.ID, ""); err == nil {
			t.Error("ended without a reason")
		}
		if _, err = h.WithdrawOffer(ctx, telar, f.ID, "We are ill"); err != nil || h.open(request) != "forming 120" {
			t.Errorf("released: %v, the request is %s", err, h.open(request))
		}
		records, err := h.store.OfferRecords(ctx, []coop.ID{f.ID})
		h.must(err)
		var said []string
		for _, k := range records {
			said = append(said, k.Kind)
		}
		if got := strings.Join(said, " "); got != "Offer Offer Accept Create Undo" {
			t.Errorf("the record is %s", got)
		}
		h.told(red, coop.NotifyOffer)
		h.told(telar, coop.NotifyOffer)
	})
}

// acceptsAll covers the rest of the slot: then it takes no offers.
func (h *house) acceptsAll(red, by *coop.Account, request *coop.Post) error {
	f, err := h.offered(by, request, 100)
	if err != nil {
		return err
	}
	if _, err := h.AcceptOffer(h.t.Context(), red, f.ID); err != nil {
		return err
	}
	if h.open(request) != "covered 0" {
		h.t.Errorf("covered: %s", h.open(request))
	}
	if _, err := h.offered(h.account(coop.Coop, "late"), request, 1); fault(err) != coop.FaultClosed {
		h.t.Errorf("for what is covered: %v", err)
	}
	return nil
}

// told demands that an account was told something of a kind.
func (h *house) told(a *coop.Account, kind coop.NotificationKind) {
	h.t.Helper()
	list, err := h.store.Notifications(h.t.Context(), a.ID, coop.Page{Limit: 40})
	h.must(err)
	for _, n := range list {
		if n.Kind == kind {
			return
		}
	}
	h.t.Errorf("%s was told nothing of %s, but %+v", a.Name, kind, list)
}

// TestTwoAcceptsAtOnce: of two offers for the last hours of a slot, accepted at the same
// moment, one holds, and the other is refused with its reason and leaves nothing behind.
func TestTwoAcceptsAtOnce(t *testing.T) {
	each(t, func(h *house) {
		ctx := t.Context()
		red, err := h.store.FederationAccount(ctx)
		h.must(err)
		request := h.request(red)
		var offers []*coop.Offer
		for _, name := range []string{"uno", "dos", "tres"} {
			f, err := h.offered(h.account(coop.Coop, name), request, 120)
			h.must(err)
			offers = append(offers, f)
		}
		faults, start, wait := make([]coop.OfferFault, len(offers)), make(chan struct{}), sync.WaitGroup{}
		for i, f := range offers {
			wait.Go(func() {
				<-start
				_, err := h.AcceptOffer(ctx, red, f.ID)
				faults[i] = fault(err)
			})
		}
		close(start)
		wait.Wait()
		held := 0
		for i, f := range offers {
			now, err := h.store.Offer(ctx, f.ID)
			h.must(err)
			_, err = h.store.AgreementOfOffer(ctx, f.ID)
			switch faults[i] {
			case "":
				held++
				h.must(err)
			case coop.FaultOver:
				if now.State != coop.OfferSent || !errors.Is(err, coop.ErrNotFound) {
					t.Errorf("the refused one is %s, %v", now.State, err)
				}
			default:
				t.Errorf("refused: %s", faults[i])
			}
		}
		if held != 1 || h.open(request) != "forming 100" {
			t.Errorf("%d hold, the request is %s", held, h.open(request))
		}
	})
}

// TestOffersExpire: an offer is over at its own end, and with its request.
func TestOffersExpire(t *testing.T) {
	each(t, func(h *house) {
		ctx, telar := t.Context(), h.account(coop.Coop, "telar")
		red, err := h.store.FederationAccount(ctx)
		h.must(err)
		request := h.request(red)
		f := &coop.Offer{Slot: "ops", Hours: 10, Ends: h.clock.Now().Add(time.Hour)}
		h.must(h.MakeOffer(ctx, telar, request.ID, f))
		h.clock.Advance(time.Hour)
		if _, err := h.AcceptOffer(ctx, red, f.ID); fault(err) != coop.FaultEnded {
			t.Errorf("accepted after its end: %v", err)
		}
		if n, err := h.ExpireOffers(ctx); err != nil || n != 1 {
			t.Errorf("%d have expired, %v", n, err)
		}
		now, err := h.store.Offer(ctx, f.ID)
		h.must(err)
		if now.State != coop.OfferExpired {
			t.Errorf("it is %s", now.State)
		}
		late, err := h.offered(telar, request, 10)
		h.must(err)
		h.clock.Advance(14 * 24 * time.Hour)
		if _, err := h.offered(h.account(coop.Coop, "redjar"), request, 10); fault(err) != coop.FaultLate {
			t.Errorf("offered late: %v", err)
		}
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error { return tx.RemovePost(ctx, request.IRI, red.IRI, h.clock.Now()) }))
		if n, err := h.ExpireOffers(ctx); err != nil || n != 1 {
			t.Errorf("%d ended with their request, %v", n, err)
		}
		if now, err := h.store.Offer(ctx, late.ID); err != nil || now.State != coop.OfferDeclined || now.Reason == "" {
			t.Errorf("it is %+v, %v", now, err)
		}
	})
}
