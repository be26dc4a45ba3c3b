// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"minga/coop"
	"minga/outbox/mail/mailtest"
	"minga/storage"
)

// toldAbout counts what an account was told of a post, by the kind.
func (h *house) toldAbout(a *coop.Account, kind coop.NotificationKind, p *coop.Post) (n int) {
	h.t.Helper()
	list, err := h.store.Notifications(h.t.Context(), a.ID, coop.Page{Limit: 40})
	h.must(err)
	for _, one := range list {
		if one.Kind == kind && one.PostID == p.ID {
			n++
		}
	}
	return n
}

// nearOnce lets three nodes tell of near ends at the same moment, and again after a start:
// together they tell of so many.
func (h *house) nearOnce(want int32) {
	h.t.Helper()
	var told atomic.Int32
	var nodes sync.WaitGroup
	for range 3 {
		nodes.Go(func() {
			n, err := h.TellNear(h.t.Context())
			if err != nil {
				h.t.Error(err)
			}
			told.Add(int32(n))
		})
	}
	nodes.Wait()
	again := newHouseIn(h.t, h.store, h.clock)
	if n, err := again.TellNear(h.t.Context()); n != 0 || err != nil {
		h.t.Errorf("told again after a start: %d, %v", n, err)
	}
	if told.Load() != want {
		h.t.Errorf("told of %d, want %d", told.Load(), want)
	}
}

// TestNearEndOfARequest: who requested and the co-ops that offered or asked are told once,
// two days before the end, and nobody else.
func TestNearEndOfARequest(t *testing.T) {
	each(t, func(h *house) {
		ctx := t.Context()
		red, err := h.store.FederationAccount(ctx)
		h.must(err)
		telar, asks, idle := h.account(coop.Coop, "telar"), h.account(coop.Coop, "pregunta"), h.account(coop.Coop, "calla")
		request := h.request(red)
		_, err = h.offered(telar, request, 100)
		h.must(err)
		for _, by := range []*coop.Account{telar, asks} { // telar does both
			h.must(h.PublishNote(ctx, by, &coop.Post{Source: "We could", Language: "en", InReplyTo: request.IRI, InReplyToID: request.ID}))
		}
		everybody := map[*coop.Account]int{red: 1, telar: 1, asks: 1, idle: 0}
		for a := range everybody {
			if h.toldAbout(a, coop.NotifyRequest, request) != 0 {
				t.Errorf("%s was told before", a.Name)
			}
		}
		h.clock.Advance(hours(14*24 - 49))
		h.nearOnce(0)
		h.clock.Advance(hours(2))
		h.nearOnce(1)
		for a, want := range everybody {
			if n := h.toldAbout(a, coop.NotifyRequest, request); n != want {
				t.Errorf("%s was told %d times, want %d", a.Name, n, want)
			}
		}
		before := h.latest(telar)
		h.clock.Advance(hours(48))
		_, err = h.ExpireRequests(ctx)
		if h.must(err); h.latest(telar) == before || h.toldAbout(telar, coop.NotifyRequest, request) != 1 || h.toldAbout(asks, coop.NotifyRequest, request) != 1 {
			t.Errorf("of the end telar was told %v, who only asked %v", h.toldOf(telar), h.toldOf(asks))
		}
	})
}

// TestNearEndOfADecision: of the electors here those are told who have not voted.
func TestNearEndOfADecision(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		telar, redjar, eva := h.member("telar"), h.member("redjar"), h.writer("eva", "it")
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.GiveRole(ctx, redjar.ID, eva.ID, coop.Delegate, 0)
			return err
		}))
		post := h.opened(h.proposal())
		h.must(h.CastBallot(ctx, telar, post.ID, "consent", ""))
		h.post()
		before, mails := map[*coop.Account]coop.ID{telar: h.latest(telar), redjar: h.latest(redjar)}, len(sink.Mails())
		h.clock.Advance(hours(10*24 - 25))
		h.nearOnce(0)
		h.clock.Advance(hours(2))
		h.nearOnce(1)
		if h.latest(telar) != before[telar] || h.latest(redjar) == before[redjar] || h.toldAbout(redjar, coop.NotifyDecision, post) != 1 {
			t.Errorf("who voted: %v, who did not: %v", h.toldOf(telar), h.toldOf(redjar))
		}
		h.post()
		if sent := sink.Mails()[mails:]; len(sent) != 1 || sent[0].To != eva.Email || !strings.Contains(sent[0].Body, "manca il tuo voto") {
			t.Errorf("sent: %+v", sent)
		}
	})
}

// latest is the newest thing that an account was told.
func (h *house) latest(a *coop.Account) coop.ID {
	h.t.Helper()
	list, err := h.store.Notifications(h.t.Context(), a.ID, coop.Page{Limit: 1})
	if h.must(err); len(list) == 0 {
		return 0
	}
	return list[0].ID
}

// TestCoordinatorsGetAMailOfAClient: one mail a coordinator, in their language, with nothing
// in it that the client wrote; none once somebody has read it.
func TestCoordinatorsGetAMailOfAClient(t *testing.T) {
	withMail(t, mailtest.Manner{}, func(h *house, sink *mailtest.Sink) {
		ctx := t.Context()
		red, err := h.store.FederationAccount(ctx)
		h.must(err)
		ana, _ := h.writer("ana", "ca"), h.writer("eva", "en")
		h.must(h.store.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.GiveRole(ctx, red.ID, ana.ID, coop.Coordinator, 0)
			return err
		}))
		sends := func(title string) *coop.Post {
			p := &coop.Post{Language: "es", Request: &coop.Request{Title: title, Markdown: map[string]string{"es": strings.Repeat("Vendemos lana. ", 9)}}}
			h.must(h.ReceiveRequest(ctx, p, &coop.RequestFile{Client: "Lanas del Sur", Contact: "Ana", Mail: "ana@lanas.example"}))
			return p
		}
		sends("Tienda en línea")
		sends("Otra tienda")
		h.post()
		mails := sink.Mails()
		if len(mails) != 1 || mails[0].To != ana.Email || mails[0].Subject != "Un client busca cooperatives" || mails[0].Link() != sur+"/requests/mine" || !strings.Contains(mails[0].Body, "per llegir: 2") {
			t.Fatalf("sent: %+v", mails)
		}
		if text := mails[0].Subject + mails[0].Body; strings.Contains(text, "ienda") || strings.Contains(text, "anas") {
			t.Errorf("the mail tells of the client: %s", text)
		}
		sent := sends("Tercera tienda")
		for _, p := range append(h.requestsOf(red), sent) {
			_, err := h.TakeRequest(ctx, p.ID)
			h.must(err)
		}
		if h.post(); len(sink.Mails()) != 1 {
			t.Errorf("sent of what is read: %+v", sink.Mails()[1:])
		}
	})
}

// requestsOf are all requests of an account here.
func (h *house) requestsOf(a *coop.Account) []*coop.Post {
	h.t.Helper()
	list, err := h.store.RequestsOf(h.t.Context(), a.ID, coop.Page{Limit: 40})
	h.must(err)
	return list
}
