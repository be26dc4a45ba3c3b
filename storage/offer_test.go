// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// offers is a world with a request of the federation here and co-ops that offer for it.
type offers struct {
	*world
	request            *coop.Post
	red, telar, redjar *coop.Account
	n                  int
}

func newOffers(w *world) *offers {
	red := w.account("red", "", coop.Federation)
	return &offers{
		world: w, red: red, telar: w.account("telar", "fed-sur.other.example", coop.Coop), redjar: w.account("redjar", "", coop.Coop),
		request: w.post(red, requestFor(w, "Clinics")),
	}
}

// offer is one that is not stored yet.
func (o *offers) offer(by *coop.Account, hours int, change ...func(*coop.Offer)) *coop.Offer {
	o.n++
	f := &coop.Offer{
		IRI: by.IRI + coop.IRI(fmt.Sprintf("/offers/%d", o.n)), PostID: o.request.ID, Request: o.request.IRI, Title: "Clinics", Slot: "backend", SlotName: "Backend",
		OwnerID: o.red.ID, ByID: by.ID, Hours: hours, Amount: decimal.NewFromInt(int64(62 * hours)), Currency: "EUR", From: "2030-06-01", Note: "Two members",
		Ends: o.clock.Now().Add(48 * time.Hour),
	}
	for _, c := range change {
		c(f)
	}
	return f
}

// add stores an offer; the fault is why it was not.
func (o *offers) add(f *coop.Offer) coop.OfferFault {
	o.Helper()
	err := o.try(func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.AddOffer(ctx, f); err != nil {
			return err
		}
		return tx.AddOfferRecord(ctx, coop.OfferRecord{OfferID: f.ID, IRI: f.IRI, Kind: "Offer", FromID: f.ByID, Body: []byte(`{"id":"` + string(f.IRI) + `"}`)})
	})
	var fault *coop.OfferError
	if errors.As(err, &fault) {
		return fault.Fault
	}
	if err != nil {
		o.Fatal(err)
	}
	return ""
}

// step takes an offer along an arrow.
func (o *offers) step(f *coop.Offer, action coop.OfferAction, reason string) (changed bool, err error) {
	err = o.try(func(ctx context.Context, tx *storage.Tx) (err error) {
		changed, err = tx.StepOffer(ctx, f, action, reason)
		return err
	})
	return changed, err
}

func TestOffersAreKept(t *testing.T) {
	eachWorld(t, func(w *world) {
		o := newOffers(w)
		ctx, first := w.Context(), o.offer(o.telar, 160)
		if fault := o.add(first); fault != "" {
			t.Fatalf("refused: %s", fault)
		}
		kept := must2(w.s.Offer(ctx, first.ID))
		if kept.By == nil || kept.By.Name != "telar" || kept.Owner == nil || kept.Owner.Name != "red" {
			t.Errorf("between %v and %v", kept.By, kept.Owner)
		}
		kept.By, kept.Owner = nil, nil
		if diff := cmp.Diff(first, kept); diff != "" {
			t.Errorf("kept otherwise:\n%s", diff)
		}
		if fault := o.add(o.offer(o.telar, 10)); fault != coop.FaultTwice {
			t.Errorf("a second one for the slot: %q", fault)
		}
		if fault := o.add(o.offer(o.telar, 10, func(f *coop.Offer) { f.Slot = "ops" })); fault != "" {
			t.Errorf("one for another slot: %q", fault)
		}
		for name, f := range map[string]*coop.Offer{
			"of nothing":     o.offer(o.telar, 10, func(f *coop.Offer) { f.Replaces = "https://x.example/none" }),
			"of another's":   o.offer(o.redjar, 10, func(f *coop.Offer) { f.Replaces = first.IRI }),
			"of another one": o.offer(o.telar, 10, func(f *coop.Offer) { f.Replaces, f.PostID = first.IRI, o.post(o.red, requestFor(w, "Shop")).ID }),
		} {
			if fault := o.add(f); fault != coop.FaultReplace {
				t.Errorf("instead %s: %q", name, fault)
			}
		}
		second := o.offer(o.telar, 120, func(f *coop.Offer) { f.Replaces = first.IRI })
		if fault := o.add(second); fault != "" || second.ID != first.ID || second.State != coop.OfferChanged {
			t.Errorf("changed: %q, %+v", fault, second)
		}
		if f := must2(w.s.OfferByIRI(ctx, first.IRI)); f.IRI != second.IRI || f.Hours != 120 {
			t.Errorf("by the name of the first: %+v", f)
		}
		if diff := cmp.Diff(map[string]int{"backend": 120, "ops": 10}, must2(w.s.OfferedHours(ctx, o.request.ID))); diff != "" {
			t.Errorf("offered: %s", diff)
		}
		records := must2(w.s.OfferRecords(ctx, []coop.ID{first.ID}))
		if len(records) != 2 || records[0].IRI != first.IRI || records[1].From.Name != "telar" || string(records[1].Body) != `{"id":"`+string(second.IRI)+`"}` {
			t.Errorf("records %+v", records)
		}
		o.answers(second)
	})
}

// answers takes the offer to its end, and looks for it on the way.
func (o *offers) answers(f *coop.Offer) {
	ctx := o.Context()
	if changed, err := o.step(f, coop.OfferAccept, ""); err != nil || !changed || f.DecidedAt.IsZero() {
		o.Fatalf("accept: %v, %v", changed, err)
	}
	if changed, err := o.step(f, coop.OfferAccept, ""); err != nil || changed {
		o.Errorf("accepted twice: %v, %v", changed, err)
	}
	_, err := o.step(f, coop.OfferDecline, "no")
	o.wants(err, coop.ErrState)
	g := &coop.Agreement{ID: 5, IRI: o.red.IRI + "/agreements/5", OfferID: f.ID, PostID: f.PostID, OwnerID: f.OwnerID, ByID: f.ByID, Body: []byte(`{"x": 1 }`)}
	o.write(func(ctx context.Context, tx *storage.Tx) error { return tx.AddAgreement(ctx, g) })
	o.wants(o.try(func(ctx context.Context, tx *storage.Tx) error { return tx.AddAgreement(ctx, g) }), coop.ErrConflict)
	for name, tt := range map[string]struct {
		v    coop.Viewer
		want bool
	}{
		"who requested":      {coop.As(o.red.ID), true},
		"who works":          {coop.Signed(o.telar.ID, o.telar.Host), true},
		"the server of both": {coop.Viewer{Class: coop.ViewerRemoteHost, Host: "fed-sur.other.example"}, true},
		"another":            {coop.As(o.redjar.ID), false},
		"another server":     {coop.Stranger("x.example"), false},
		"our own name":       {coop.Stranger(here), false},
		"nobody":             {coop.Anonymous(), false},
	} {
		for _, iri := range []coop.IRI{f.IRI, g.IRI} {
			if got := must2(o.s.PartyToOffer(ctx, tt.v, iri)); got != tt.want {
				o.Errorf("%s is a party to %s: %v", name, iri, got)
			}
		}
	}
	list := must2(o.s.Agreements(ctx, storage.AgreementQuery{Post: o.request.ID, Side: o.telar.ID, Active: true}, coop.Page{}))
	if len(list) != 1 || list[0].Hours != 120 || string(list[0].Body) != `{"x": 1 }` || list[0].By.Name != "telar" || !list[0].ConfirmedAt.IsZero() {
		o.Errorf("agreements %+v", list)
	}
	o.write(func(ctx context.Context, tx *storage.Tx) error { return tx.ConfirmAgreement(ctx, g.ID) })
	if changed, err := o.step(f, coop.OfferRelease, "ill"); err != nil || !changed || f.Reason != "ill" {
		o.Errorf("release: %v, %v, %q", changed, err, f.Reason)
	}
	o.write(func(ctx context.Context, tx *storage.Tx) error { return tx.EndAgreement(ctx, f.ID) })
	if g := must2(o.s.AgreementByIRI(ctx, g.IRI)); g.State != coop.AgreementReleased || g.EndedAt.IsZero() || g.ConfirmedAt.IsZero() {
		o.Errorf("after the end: %+v", g)
	}
}

// TestOffersEnd: what is over or cannot be answered is due, and a request that is
// withdrawn leaves what was agreed.
func TestOffersEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		o := newOffers(w)
		ctx, short, long := w.Context(), o.offer(o.telar, 10), o.offer(o.redjar, 20, func(f *coop.Offer) { f.Ends = time.Time{} })
		o.add(short)
		o.add(long)
		due := func() (list []coop.ID) {
			for _, f := range must2(w.s.DueOffers(ctx, w.clock.Now(), 10)) {
				list = append(list, f.ID)
			}
			return list
		}
		if got := due(); got != nil {
			t.Errorf("due at once: %v", got)
		}
		w.clock.Advance(48 * time.Hour)
		if diff := cmp.Diff([]coop.ID{short.ID}, due()); diff != "" {
			t.Errorf("due at its end: %s", diff)
		}
		if fault := o.add(o.offer(o.telar, 5)); fault != "" {
			t.Errorf("a new one instead of one that is over: %q", fault)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, o.request.IRI, o.red.IRI, w.clock.Now())
		})
		if got := due(); len(got) != 3 {
			t.Errorf("due after the request went: %v", got)
		}
		if f := must2(w.s.Offer(ctx, long.ID)); f.PostID != 0 || f.Request != o.request.IRI || f.Title != "Clinics" {
			t.Errorf("kept as %+v", f)
		}
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.DeleteAccount(ctx, o.redjar.ID, w.clock.Now())
		})
		if f := must2(w.s.Offer(ctx, long.ID)); f.State != coop.OfferWithdrawn {
			t.Errorf("the offer of who is gone is %s", f.State)
		}
	})
}

// TestInterest: who answers a request or writes directly about it is listed for who
// requested, and nothing else is.
func TestInterest(t *testing.T) {
	eachWorld(t, func(w *world) {
		o := newOffers(w)
		reply := func(p *coop.Post) { p.InReplyTo, p.InReplyToID = o.request.IRI, o.request.ID }
		direct := func(text string) func(*coop.Post) {
			return func(p *coop.Post) {
				p.Visibility, p.To, p.Content = coop.VisibleDirect, []coop.IRI{o.red.IRI}, "<p>"+text+"</p>"
			}
		}
		want := []coop.ID{
			w.post(o.redjar, reply).ID,
			w.post(o.telar, direct("Is this still open? "+string(o.request.IRI))).ID,
			w.post(o.telar, direct("About yours"), reply).ID,
		}
		w.post(o.red, reply)
		w.post(o.telar, direct("Something else"))
		w.post(o.telar, func(p *coop.Post) { p.Content = "<p>" + string(o.request.IRI) + "</p>" })
		var got []coop.ID
		for _, p := range must2(w.s.Interest(w.Context(), coop.As(o.red.ID), o.request)) {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("listed otherwise:\n%s", diff)
		}
	})
}
