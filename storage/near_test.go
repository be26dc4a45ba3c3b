// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// near lists the titles of requests whose end is to be told.
func (w *world) near() (list []string) {
	w.Helper()
	for _, id := range must2(w.s.NearRequests(w.Context(), w.clock.Now(), 48*time.Hour, 10)) {
		list = append(list, must2(w.s.RequestOf(w.Context(), id)).Title)
	}
	return list
}

// TestNearRequests: the end of a request is to be told once, anew when it is put off, and
// not of what ends, looks for nobody or was published just before its end.
func TestNearRequests(t *testing.T) {
	eachWorld(t, func(w *world) {
		ends := func(after time.Duration) func(*coop.Request) {
			return func(r *coop.Request) { r.RespondBy = w.clock.Now().Add(after).Truncate(time.Second) }
		}
		fed, day := w.account("red", "", coop.Federation), 24*time.Hour
		soon := w.post(fed, requestFor(w, "Soon", ends(10*day)))
		w.post(fed, requestFor(w, "Covered", ends(10*day), func(r *coop.Request) { r.Status = coop.RequestCovered }))
		w.post(fed, requestFor(w, "Draft", ends(10*day), func(r *coop.Request) { r.Status = coop.RequestDraft }))
		w.post(fed, requestFor(w, "Over", ends(7*day)))
		w.post(fed, requestFor(w, "Later", ends(11*day)))
		w.clock.Advance(8*day + time.Hour)
		w.post(fed, requestFor(w, "Short", ends(day)))
		if diff := cmp.Diff([]string{"Soon"}, w.near()); diff != "" {
			t.Errorf("near: %s", diff)
		}
		claims := 0
		for range 3 {
			w.write(func(ctx context.Context, tx *storage.Tx) error {
				mine, err := tx.ClaimNearRequest(ctx, soon.ID, w.clock.Now())
				if mine {
					claims++
				}
				return err
			})
		}
		if list := w.near(); claims != 1 || len(list) != 0 {
			t.Errorf("claimed %d times, then near: %v", claims, list)
		}
		next := *must2(w.s.RequestOf(w.Context(), soon.ID))
		next.Request.RespondBy, next.Updated = next.Request.RespondBy.Add(time.Hour), w.clock.Now()
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.UpdatePost(ctx, &next, storage.Arrival{})
			return err
		})
		if diff := cmp.Diff([]string{"Soon"}, w.near()); diff != "" {
			t.Errorf("put off: %s", diff)
		}
	})
}

// TestAnswersToRequestsAreInterest: who requested is told of a reply, and of a direct
// message that names the request, as interest; of another message as before.
func TestAnswersToRequestsAreInterest(t *testing.T) {
	eachWorld(t, func(w *world) {
		o := newOffers(w)
		direct := func(text string) func(*coop.Post) {
			return func(p *coop.Post) {
				p.Visibility, p.To, p.Content = coop.VisibleDirect, []coop.IRI{o.red.IRI}, "<p>"+text+"</p>"
			}
		}
		w.post(o.telar, func(p *coop.Post) { p.InReplyTo, p.InReplyToID = o.request.IRI, o.request.ID })
		w.saw(o.red, coop.NotifyInterest)
		w.post(o.telar, direct("Is it open? "+string(o.request.IRI)))
		w.saw(o.red, coop.NotifyInterest, coop.NotifyInterest)
		w.post(o.telar, direct("Good morning"))
		w.saw(o.red, coop.NotifyMention, coop.NotifyInterest, coop.NotifyInterest)
		w.post(o.red, func(p *coop.Post) { p.InReplyTo, p.InReplyToID = o.request.IRI, o.request.ID })
		w.saw(o.red, coop.NotifyMention, coop.NotifyInterest, coop.NotifyInterest)
	})
}

// TestOutcomesAreToldToWhoOffered: of a request here or elsewhere that is won, lost,
// withdrawn or expired the co-ops here are told that offered; who did not, is not, nor of a
// step on the way.
func TestOutcomesAreToldToWhoOffered(t *testing.T) {
	eachWorld(t, func(w *world) {
		far := w.account("norte", "red-norte.example", coop.Federation)
		telar, idle, back := w.account("telar", "", coop.Coop), w.account("idle", "", coop.Coop), w.account("back", "", coop.Coop)
		for _, outcome := range []coop.RequestState{coop.RequestWon, coop.RequestLost, coop.RequestWithdrawn, coop.RequestExpired, coop.RequestForming} {
			o := &offers{world: w, request: w.post(far, requestFor(w, string(outcome))), red: far}
			o.n = int(o.request.ID % 1_000_000_007)
			if fault := o.add(o.offer(telar, 100)); fault != "" {
				t.Fatal(fault)
			}
			undone := o.offer(back, 20)
			if fault := o.add(undone); fault != "" {
				t.Fatal(fault)
			}
			if _, err := o.step(undone, coop.OfferWithdraw, ""); err != nil {
				t.Fatal(err)
			}
			before := len(w.told(telar))
			next := *must2(w.s.RequestOf(w.Context(), o.request.ID))
			next.Request.Status, next.Updated = outcome, w.clock.Now().Add(time.Minute)
			for range 2 {
				w.write(func(ctx context.Context, tx *storage.Tx) error {
					_, err := tx.UpdatePost(ctx, &next, storage.Arrival{})
					return err
				})
				next.Updated = next.Updated.Add(time.Minute)
			}
			want := 1
			if !outcome.Decides() {
				want = 0
			}
			if told := w.told(telar); len(told)-before != want || want == 1 && told[0] != coop.NotifyRequest {
				t.Errorf("%s: was told %d times: %v", outcome, len(told)-before, told)
			}
		}
		w.saw(idle)
		w.saw(back)
	})
}
