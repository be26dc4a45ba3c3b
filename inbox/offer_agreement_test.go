// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"minga/coop"
	"minga/storage"
)

// requested stores a request of the federation here.
func (s *scene) requested(path string, change ...func(*coop.Post)) *coop.Post {
	s.t.Helper()
	p := &coop.Post{
		IRI: coop.IRI(here + path), AuthorID: s.federation.ID, Author: s.federation, Local: true, Kind: coop.KindRequest, Type: "Note",
		Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Content: "<p>Clinics</p>", Published: s.clock.Now(),
		Request: &coop.Request{
			Title: "Clinics", Status: coop.RequestOpen, RespondBy: s.clock.Now().AddDate(0, 0, 14),
			Slots: []coop.Slot{{Key: "ops", Name: "Operations", Hours: 40, Required: true}},
		},
	}
	for _, f := range change {
		f(p)
	}
	s.write(func(tx *storage.Tx) error { _, err := tx.AddPost(s.ctx, p, storage.Arrival{}); return err })
	return p
}

// agreementOf is an Agreement of somebody about hours of a slot.
func agreementOf(by, slot string, hours, amount any) doc {
	return doc{
		"type": "Agreement", "attributedTo": by,
		"stipulates":           doc{"type": "Commitment", "satisfies": slot + "#primary", "provider": by, "resourceQuantity": doc{"hasUnit": "hour", "hasNumericalValue": hours}},
		"stipulatesReciprocal": doc{"type": "Commitment", "satisfies": slot + "#reciprocal", "receiver": by, "resourceQuantity": doc{"hasUnit": "one", "hasNumericalValue": amount}},
	}
}

// TestOffersCome: what is an offer to us goes on with its numbers as they stood there; what
// cannot be one is refused with its reason, and what is not for us is dropped.
func TestOffersCome(t *testing.T) {
	s := newScene(t)
	brisa, slot := s.q.actor("Organization", "brisa"), here+"/requests/1/slots/ops"
	s.requested("/requests/1")
	s.requested("/requests/2", func(p *coop.Post) {
		p.Visibility, p.To = coop.VisibleMembers, []coop.IRI{s.federation.Members}
	})
	to := with("to", []string{here + "/federation"})
	for i, tt := range []struct {
		name   string
		object any
		want   string
	}{
		{"sound", agreementOf(brisa.iri, slot, "40", "2480"), "[offer of brisa for ops of Clinics: 40 h, 2480, replaces \"\", "},
		{"of a slot that is not there", agreementOf(brisa.iri, here+"/requests/9/slots/ops", "40", "1"), "[federation refuses brisa: slot]"},
		{"of what is no slot", agreementOf(brisa.iri, here+"/federation", "40", "1"), "[federation refuses brisa: slot]"},
		{"of a request that it may not see", agreementOf(brisa.iri, here+"/requests/2/slots/ops", "40", "1"), "[federation refuses brisa: slot]"},
		{"of half an hour", agreementOf(brisa.iri, slot, "0.5", "31"), "[federation refuses brisa: quantity]"},
		{"of no hours", agreementOf(brisa.iri, slot, "0", "0"), "[federation refuses brisa: quantity]"},
		{"of nothing at all", doc{"type": "Agreement", "stipulates": doc{"satisfies": slot + "#primary"}}, "[federation refuses brisa: quantity]"},
		{"in the name of another", agreementOf(s.bob.iri, slot, "40", "1"), "[federation refuses brisa: quantity]"},
		{"by the work of another", edit(agreementOf(s.bob.iri, slot, "40", "1"), with("attributedTo", brisa.iri)), "[federation refuses brisa: quantity]"},
		{"with the word of another", edit(agreementOf(brisa.iri, slot, "40", "1"), with("attributedTo", s.bob.iri)), "[federation refuses brisa: quantity]"},
		{"elsewhere", agreementOf(brisa.iri, "https://x.example/requests/1/slots/ops", "40", "1"), "[]"},
		{"of an agreement by its name alone", brisa.iri + "/agreements/1", "[]"},
	} {
		s.deliver(brisa, brisa.activity("Offer", fmt.Sprintf("/of/%d", i), tt.object, to))
		if got := fmt.Sprint(s.asked.take()); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	s.deliver(brisa, brisa.activity("Offer", "/of/long", agreementOf(brisa.iri, slot, "40", "1"), to, with("content", strings.Repeat("x", maxOfferBytes))))
	if got := s.asked.take(); len(got) != 0 || s.counts.last() != "too_large" {
		t.Errorf("one that is too long: %v, %s", got, s.counts.last())
	}
	s.write(func(tx *storage.Tx) error {
		a, err := tx.AccountByIRI(s.ctx, coop.IRI(brisa.iri))
		if err != nil {
			return err
		}
		return tx.AddBlock(s.ctx, storage.Block{IRI: here + "/b/1", Blocker: s.federation.ID, Target: a.ID})
	})
	s.deliver(brisa, brisa.activity("Offer", "/of/blocked", agreementOf(brisa.iri, here+"/requests/9/slots/ops", "4", "1"), to))
	if got := fmt.Sprint(s.asked.take()); got != "[federation refuses brisa: blocked]" {
		t.Errorf("by who is blocked: %s", got)
	}
}

// TestOffersAreAnswered: who was asked answers an offer of ours, nobody else; an Agreement
// that says something else is no acceptance, and takes the offer back.
func TestOffersAreAnswered(t *testing.T) {
	s := newScene(t)
	norte, mallory := s.q.actor("Organization", "norte"), s.q.actor("Organization", "mallory2")
	owner, err := s.in.Actor(s.ctx, coop.IRI(norte.iri))
	if err != nil {
		t.Fatal(err)
	}
	slot, n := norte.iri+"/requests/7/slots/ops", 0
	offer := func() *coop.Offer {
		n++
		f := &coop.Offer{
			IRI: coop.IRI(fmt.Sprintf("%s/coops/telar/offers/%d", here, n)), Request: coop.IRI(norte.iri + "/requests/7"), Title: "Clinics", Slot: "ops",
			OwnerID: owner.ID, ByID: s.telar.ID, Hours: 40, Amount: decimal.NewFromInt(2480), Currency: "EUR",
		}
		s.write(func(tx *storage.Tx) error { return tx.AddOffer(s.ctx, f) })
		f.State = coop.OfferWithdrawn // so that the next is not one too many
		return f
	}
	telar := string(s.telar.IRI)
	agreed := func(change ...func(doc)) func(doc) {
		return func(d doc) {
			a := agreementOf(telar, slot, "40", "2480")
			a["attributedTo"], a["id"] = norte.iri, norte.iri+"/agreements/1"
			for _, f := range change {
				f(a)
			}
			d["result"] = a
		}
	}
	for i, tt := range []struct {
		name   string
		kind   string
		by     *remote
		change func(doc)
		want   string
	}{
		{"accepted", "Accept", norte, agreed(), "[offer of telar accepted: " + norte.iri + "/agreements/1]"},
		{"declined", "Reject", norte, with("content", "<p>No <b>room</b></p>"), "[offer of telar rejected: No room]"},
		{"by another", "Accept", mallory, agreed(), "[]"},
		{"declined by another", "Reject", mallory, with("content", "x"), "[]"},
		{"without an agreement", "Accept", norte, func(doc) {}, "taken back"},
		{"for fewer hours", "Accept", norte, func(d doc) { agreed()(d); d["result"] = agreementOf(telar, slot, "20", "2480") }, "taken back"},
		{"for less money", "Accept", norte, func(d doc) { agreed()(d); d["result"].(doc)["stipulatesReciprocal"] = nil }, "taken back"},
		{"for a sum that would fill the memory", "Accept", norte, agreed(func(d doc) {
			d["stipulatesReciprocal"].(doc)["resourceQuantity"].(doc)["hasNumericalValue"] = "1e999999999"
		}), "taken back"},
		{"for another slot", "Accept", norte, func(d doc) { agreed()(d); d["result"].(doc)["stipulates"].(doc)["satisfies"] = slot + "2#primary" }, "taken back"},
		{"by the name of another server", "Accept", norte, agreed(with("id", "https://x.example/agreements/1")), "taken back"},
		{"without a name", "Accept", norte, agreed(with("id", "")), "taken back"},
		{"with a proof that is none", "Accept", norte, agreed(with("proof", doc{"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod", "verificationMethod": norte.iri + "#ed25519-key", "proofValue": "z" + strings.Repeat("2", 87)})), "taken back"},
	} {
		f := offer()
		s.deliver(tt.by, tt.by.activity(tt.kind, fmt.Sprintf("/an/%d", i), string(f.IRI), tt.change))
		if got := fmt.Sprint(s.asked.take()); got != tt.want && !(tt.want == "taken back" && strings.HasPrefix(got, "[offer of telar taken back:")) {
			t.Errorf("%s: %s, want %s; %s", tt.name, got, tt.want, s.counts.last())
		}
		s.write(func(tx *storage.Tx) error { _, err := tx.StepOffer(s.ctx, f, coop.OfferWithdraw, ""); return err })
	}
}

// TestAgreementsAreEndedByWhoMadeThem: who works takes an offer back and confirms what it
// became; nobody else does, and only as it stands now.
func TestAgreementsAreEndedByWhoMadeThem(t *testing.T) {
	s := newScene(t)
	brisa := s.q.actor("Organization", "brisa")
	by, p := s.actorOf(brisa), s.requested("/requests/1")
	old, now := brisa.iri+"/offers/1", brisa.iri+"/offers/2"
	f := &coop.Offer{IRI: coop.IRI(old), Request: p.IRI, PostID: p.ID, Title: "Clinics", Slot: "ops", OwnerID: s.federation.ID, ByID: by.ID, Hours: 40, Amount: decimal.NewFromInt(2480), Currency: "EUR"}
	s.write(func(tx *storage.Tx) error {
		if err := tx.AddOffer(s.ctx, f); err != nil {
			return err
		}
		return tx.AddOfferRecord(s.ctx, coop.OfferRecord{OfferID: f.ID, IRI: f.IRI, Kind: "Offer", FromID: by.ID, Body: []byte("{}")})
	})
	newer := *f
	newer.IRI, newer.Replaces = coop.IRI(now), coop.IRI(old)
	s.write(func(tx *storage.Tx) error { return tx.AddOffer(s.ctx, &newer) })
	agreement := &coop.Agreement{ID: 7, IRI: here + "/agreements/7", OfferID: newer.ID, OwnerID: s.federation.ID, ByID: by.ID, Body: []byte("{}")}
	s.write(func(tx *storage.Tx) error { return tx.AddAgreement(s.ctx, agreement) })
	confirmed := func() bool {
		g, err := s.store.AgreementByIRI(s.ctx, agreement.IRI)
		if err != nil {
			t.Fatal(err)
		}
		return !g.ConfirmedAt.IsZero()
	}
	for i, tt := range []struct {
		name      string
		by        *remote
		verb      string
		object    any
		said      string
		confirmed bool
	}{
		{"taken back by another", s.mallory, "Undo", now, "[]", false},
		{"one that was replaced", brisa, "Undo", old, "[]", false},
		{"confirmed by another", s.mallory, "Create", s.mallory.note("/n/1"), "[]", false},
		{"confirmed", brisa, "Create", brisa.note("/n/1"), "[]", true},
		{"taken back", brisa, "Undo", now, "[offer of brisa undone: no time]", true},
	} {
		s.deliver(tt.by, tt.by.activity(tt.verb, fmt.Sprintf("/en/%d", i), tt.object, with("content", "<p>no time</p>"), with("context", string(agreement.IRI))))
		if got := fmt.Sprint(s.asked.take()); got != tt.said || confirmed() != tt.confirmed {
			t.Errorf("%s: %s, confirmed %t; %v", tt.name, got, confirmed(), s.counts.refused)
		}
	}
}
