// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"minga/coop"
)

// need publishes a request of the federation with 220 hours of backend at 62 euros.
func (w *interopWorld) need() *coop.Post {
	w.t.Helper()
	p := &coop.Post{
		Language: "es",
		Request: &coop.Request{
			Title: "Sitio de turnos", Markdown: map[string]string{"es": "Un sitio de turnos para catorce centros de salud rurales, con su aplicación."},
			RespondBy: w.now().Add(14 * 24 * time.Hour),
			Slots: []coop.Slot{
				{Key: "backend", Name: "Backend", Hours: 220, Required: true, Rate: &coop.Rate{Currency: "EUR", Value: decimal.NewFromInt(62)}},
				{Key: "ops", Name: "Operaciones", Hours: 40},
			},
		},
	}
	federation, err := w.store.FederationAccount(w.ctx)
	w.must(err)
	w.must(w.outbox.PublishRequest(w.ctx, federation, p, nil))
	w.settle()
	return p
}

// offers lets an actor of the peer offer for a slot, as FEP-0837 has it.
func (w *interopWorld) offers(by interopActor, request *coop.Post, slot string, hours, amount int, change ...func(fields)) interopSent {
	w.t.Helper()
	at := string(request.IRI) + "/slots/" + slot
	quantity := func(unit string, n int) fields {
		return fields{"type": "Measure", "hasUnit": unit, "hasNumericalValue": fmt.Sprint(n)}
	}
	agreement := fields{
		"type": "Agreement", "attributedTo": by.ID,
		"stipulates":           fields{"type": "Commitment", "satisfies": at + "#primary", "resourceQuantity": quantity("hour", hours)},
		"stipulatesReciprocal": fields{"type": "Commitment", "satisfies": at + "#reciprocal", "resourceQuantity": quantity("one", amount)},
	}
	offer := fields{"type": "Offer", "content": "<p>Dos personas, desde diciembre.</p>", "to": string(request.Author.IRI), "object": agreement, "@context": []any{
		"https://www.w3.org/ns/activitystreams",
		fields{
			"vf": "https://w3id.org/valueflows/ont/vf#", "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
			"Agreement": "vf:Agreement", "Commitment": "vf:Commitment", "Measure": "om2:Measure", "resourceQuantity": fields{"@id": "vf:resourceQuantity", "@type": "@id"},
			"stipulates": fields{"@id": "vf:stipulates", "@type": "@id"}, "stipulatesReciprocal": fields{"@id": "vf:stipulatesReciprocal", "@type": "@id"},
			"satisfies": fields{"@id": "vf:satisfies", "@type": "@id"}, "hasUnit": "om2:hasUnit", "hasNumericalValue": "om2:hasNumericalValue",
		},
	}}
	for _, f := range change {
		f(offer)
	}
	sent := w.peer.publish(by, fields{"jsonld": offer, "recipients": []string{string(request.Author.IRI)}})
	w.settle()
	return sent
}

// answered is the one entry that came since a mark, as the peer reads it.
func (w *interopWorld) answered(mark int, kind string) interopEntry {
	w.t.Helper()
	for _, e := range w.peer.inbox(mark) {
		if e.Type == kind {
			return w.peer.entry(e.Seq)
		}
	}
	w.t.Fatalf("no %s came, but %s", kind, interopSays(w.peer.inbox(mark)))
	return interopEntry{}
}

// TestInteropOffers: a server of other making offers for slots of a request by FEP-0837;
// it is accepted, declined and refused with reasons, and takes an offer back.
func TestInteropOffers(t *testing.T) {
	w := newInteropWorld(t, nil)
	masa := w.peer.add("masa", fields{"type": "Organization"})
	request := w.need()
	federation := request.Author
	sent := w.offers(masa, request, "backend", 160, 9920)
	offer, err := w.store.OfferByIRI(w.ctx, coop.IRI(sent.ID))
	w.must(err)
	if offer.State != coop.OfferSent || offer.Hours != 160 || offer.Slot != "backend" || offer.Note != "Dos personas, desde diciembre." || offer.By.IRI != coop.IRI(masa.ID) {
		t.Fatalf("kept as %+v", offer)
	}
	w.run("accepted", func(w *interopWorld) {
		mark := w.peer.mark()
		_, err := w.outbox.AcceptOffer(w.ctx, federation, offer.ID)
		w.must(err)
		w.settle()
		accept := w.answered(mark, "Accept")
		result, _ := accept.Document["result"].(map[string]any)
		if !accept.Accepted || accept.Object != sent.ID || accept.Error != "" || accept.Lost != nil || result["type"] != "Agreement" || result["proof"] == nil {
			w.t.Errorf("the Accept is read as %+v of %s", accept.interopReading, accept.Text)
		}
		id, _ := result["id"].(string)
		if got := w.peer.fetch(masa, id, "cavage"); got.Status != 200 || got.Type != "Agreement" || got.Error != "" {
			w.t.Errorf("the agreement is answered %d, %q %s", got.Status, got.Type, got.Error)
		}
		if got := w.peer.fetch(masa, id, "none"); got.Status != 404 {
			w.t.Errorf("unsigned the agreement is answered %d", got.Status)
		}
	})
	w.run("declined", func(w *interopWorld) {
		sent := w.offers(masa, request, "ops", 20, 1000)
		offer, err := w.store.OfferByIRI(w.ctx, coop.IRI(sent.ID))
		w.must(err)
		mark := w.peer.mark()
		_, err = w.outbox.DeclineOffer(w.ctx, federation, offer.ID, "Lo hacemos aquí.")
		w.must(err)
		w.settle()
		if e := w.answered(mark, "Reject"); !e.Accepted || e.Object != sent.ID || e.Document["content"] != "<p>Lo hacemos aquí.</p>" {
			w.t.Errorf("the Reject is %s", e.Text)
		}
	})
	w.run("refused", func(w *interopWorld) { w.refusesOffers(request, masa) })
	w.run("taken back", func(w *interopWorld) {
		w.peer.publish(masa, fields{"activity": "Undo", "object": sent.ID, "recipients": []string{string(federation.IRI)}})
		w.settle()
		now, err := w.store.Offer(w.ctx, offer.ID)
		w.must(err)
		p, err := w.store.RequestOf(w.ctx, request.ID)
		w.must(err)
		if now.State != coop.OfferReleased || p.Request.Slot("backend").OpenHours() != 220 {
			w.t.Errorf("it is %s, %d hours are open", now.State, p.Request.Slot("backend").OpenHours())
		}
	})
}

// refusesOffers: each offer that cannot be taken comes back with its own reason, and
// nothing of it is kept.
func (w *interopWorld) refusesOffers(request *coop.Post, masa interopActor) {
	ben := w.peer.add("ben", nil)
	blocked := w.peer.add("blocked", fields{"type": "Organization"})
	w.must(w.outbox.Block(w.ctx, request.Author, w.remote(blocked)))
	w.offers(masa, request, "ops", 5, 300) // which waits from here on
	said := map[string]string{}
	for name, tt := range map[string]struct {
		by     interopActor
		slot   string
		hours  int
		amount int
		change func(fields)
	}{
		"over the hours":    {by: masa, slot: "backend", hours: 61, amount: 61 * 62},
		"another rate":      {by: masa, slot: "backend", hours: 10, amount: 621},
		"no such slot":      {by: masa, slot: "cook", hours: 10, amount: 620},
		"by who is blocked": {by: blocked, slot: "backend", hours: 10, amount: 620},
		"by a person":       {by: ben, slot: "backend", hours: 10, amount: 620},
		"over before":       {by: masa, slot: "backend", hours: 10, amount: 620, change: func(f fields) { f["endTime"] = "2020-01-01T00:00:00Z" }},
		"twice":             {by: masa, slot: "ops", hours: 10, amount: 620},
	} {
		mark := w.peer.mark()
		change := tt.change
		if change == nil {
			change = func(fields) {}
		}
		sent := w.offers(tt.by, request, tt.slot, tt.hours, tt.amount, change)
		e := w.answered(mark, "Reject")
		content, _ := e.Document["content"].(string)
		if e.Object != sent.ID || !strings.HasPrefix(content, "<p>") || said[content] != "" {
			w.t.Errorf("%s: refused by %s, as was %s", name, e.Text, said[content])
		}
		said[content] = name
		if _, err := w.store.OfferByIRI(w.ctx, coop.IRI(sent.ID)); err == nil {
			w.t.Errorf("%s: it is kept", name)
		}
	}
}
