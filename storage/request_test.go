// SPDX-License-Identifier: AGPL-3.0-or-later

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// requestFor makes a post a request with roles, as its origin sends it.
func requestFor(w *world, title string, change ...func(*coop.Request)) func(*coop.Post) {
	return func(p *coop.Post) {
		p.Kind, p.Title = coop.KindRequest, title
		p.Request = &coop.Request{
			Title: title, Status: coop.RequestOpen, RespondBy: w.clock.Now().Add(14 * 24 * time.Hour).UTC().Truncate(time.Second),
			Slots: []coop.Slot{
				{Key: "backend", Name: "Backend", Skill: coop.Term{URI: "https://esco.example/go", Name: "Go (lenguaje)"}, Hours: 220, Required: true},
				{Key: "ops", Name: "Operations", Hours: 40},
			},
		}
		for _, c := range change {
			c(p.Request)
		}
	}
}

// requested lists titles of requests.
func (w *world) requested(v coop.Viewer, q coop.RequestQuery) []string {
	w.Helper()
	list, err := w.s.Requests(w.Context(), v, q, coop.Page{Limit: 20})
	n, countErr := w.s.CountRequests(w.Context(), v, q)
	if posts := must(w, list, errors.Join(err, countErr)); len(posts) != n {
		w.Errorf("%d of %d", len(posts), n)
	}
	return titles(list)
}

func TestRequestsAreKeptAndFound(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		fed, far := w.account("red", "", coop.Federation), w.account("norte", "red-norte.example", coop.Federation)
		open := w.post(fed, requestFor(w, "Clinics"))
		w.post(far, requestFor(w, "Shop", func(r *coop.Request) { r.RespondBy = r.RespondBy.AddDate(0, 0, -7); r.Slots = r.Slots[1:] }))
		w.post(far, requestFor(w, "Late", func(r *coop.Request) { r.RespondBy = w.clock.Now().Add(-time.Hour) }))
		w.post(far, requestFor(w, "Lost", func(r *coop.Request) { r.Status = coop.RequestLost }))
		draft := w.post(fed, requestFor(w, "Draft", func(r *coop.Request) { r.Status = coop.RequestDraft }))
		review := w.post(fed, requestFor(w, "Review", func(r *coop.Request) { r.Status = coop.RequestReview }))

		now := w.clock.Now()
		words := must2(coop.ParseTextQuery("lenguaje clinics"))
		for name, tt := range map[string]struct {
			q    coop.RequestQuery
			want []string
		}{
			"all":           {coop.RequestQuery{}, []string{"Lost", "Late", "Shop", "Clinics"}},
			"takes offers":  {coop.RequestQuery{Takes: now}, []string{"Shop", "Clinics"}},
			"soonest":       {coop.RequestQuery{Takes: now, Soonest: true}, []string{"Shop", "Clinics"}},
			"a state":       {coop.RequestQuery{States: []coop.RequestState{coop.RequestLost}}, []string{"Lost"}},
			"a skill":       {coop.RequestQuery{Skill: "https://esco.example/go", Takes: now}, []string{"Clinics"}},
			"a skill named": {coop.RequestQuery{Skill: "GO (Lenguaje)", Takes: now}, []string{"Clinics"}},
			"words":         {coop.RequestQuery{Text: words}, []string{"Clinics"}},
			"an author":     {coop.RequestQuery{Author: fed.ID}, []string{"Clinics"}},
			"a server":      {coop.RequestQuery{Host: "red-norte.example", Takes: now}, []string{"Shop"}},
		} {
			if diff := cmp.Diff(tt.want, w.requested(coop.Anonymous(), tt.q)); diff != "" {
				w.Errorf("%s: %s", name, diff)
			}
		}
		for _, hidden := range []*coop.Post{draft, review} {
			_, err := w.s.Post(ctx, coop.Stranger("x.example"), hidden.ID)
			w.wants(err, coop.ErrNotFound)
		}
		mine := must2(w.s.RequestsOf(ctx, fed.ID, coop.Page{Limit: 10}))
		if diff := cmp.Diff([]string{"Review", "Draft", "Clinics"}, titles(mine)); diff != "" {
			w.Error(diff)
		}
		if n := must2(w.s.WaitingRequests(ctx, fed.ID)); n != 1 {
			w.Errorf("%d wait", n)
		}
		listed, _, total, err := w.s.Listing(ctx, coop.Anonymous(), storage.ListQuery{Owner: far.ID, Kind: coop.KindRequest}, "", 10)
		if diff := cmp.Diff([]string{"Shop"}, titles(must(w, listed, err))); diff != "" || total != 1 {
			w.Errorf("collection of %d: %s", total, diff)
		}
		w.clock.Advance(15 * 24 * time.Hour)
		if due := must2(w.s.DueRequests(ctx, w.clock.Now(), 10)); len(due) != 1 || due[0].ID != open.ID {
			w.Errorf("due: %v", titles(due))
		}
		if next := must2(w.s.NextDueRequest(ctx)); !next.Equal(open.Request.RespondBy) {
			w.Errorf("next due %s", next)
		}
		if broken, err := w.s.Check(ctx); err != nil || len(broken) > 0 {
			w.Errorf("check: %v %v", broken, err)
		}
	})
}

// must2 is a value that cannot fail here.
func must2[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestHoursAreAcceptedOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		p := w.post(w.account("red", "", coop.Federation), requestFor(w, "Clinics"))
		move := func(slot string, hours int) error {
			return w.try(func(ctx context.Context, tx *storage.Tx) error {
				if hours < 0 {
					return tx.ReleaseHours(ctx, p.ID, slot, -hours)
				}
				return tx.AcceptHours(ctx, p.ID, slot, hours)
			})
		}
		for i, step := range []struct {
			slot  string
			hours int
			kind  error
		}{
			{"backend", 160, nil},
			{"backend", 61, coop.ErrConflict},
			{"backend", 60, nil},
			{"backend", 1, coop.ErrConflict},
			{"backend", -60, nil},
			{"backend", -161, coop.ErrConflict},
			{"magic", 1, coop.ErrConflict},
			{"ops", 0, coop.ErrConflict},
		} {
			if err := move(step.slot, step.hours); !errors.Is(err, step.kind) {
				w.Errorf("step %d: %v", i, err)
			}
		}
		// An edit that began before does not take back what was accepted meanwhile.
		p.Updated, p.Request.Title = w.clock.Now(), "Clinics and more"
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutRequest(ctx, p, storage.Arrival{}) })
		got := must2(w.s.RequestOf(w.Context(), p.ID))
		if got.Request.Title != "Clinics and more" || got.Request.Slot("backend").Accepted != 160 {
			w.Errorf("after an edit: %+v", got.Request)
		}
		if errs := both(func() error { return move("backend", 60) }); errs[coop.ErrConflict] != 1 || errs[nil] != 1 {
			w.Errorf("two for the last 60 hours at once: %v", errs)
		}
		if n := must2(w.s.RequestOf(w.Context(), p.ID)).Request.Slot("backend").OpenHours(); n != 0 {
			w.Errorf("%d hours are open", n)
		}
	})
}

// both runs an act twice at once and counts how it ended.
func both(act func() error) map[error]int {
	var wait sync.WaitGroup
	var mu sync.Mutex
	ends := map[error]int{}
	for range 2 {
		wait.Go(func() {
			err := act()
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, coop.ErrConflict):
				ends[coop.ErrConflict]++
			default:
				ends[err]++
			}
		})
	}
	wait.Wait()
	return ends
}

func TestRequestFilesAreSealedAndEnd(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		p := w.post(w.account("red", "", coop.Federation), requestFor(w, "Clinics"))
		file := &coop.RequestFile{PostID: p.ID, Client: "Red de salud", Mail: "ana@salud.example", DeleteAt: w.clock.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)}
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutRequestFile(ctx, file) })
		got := must2(w.s.RequestFile(ctx, p.ID))
		if diff := cmp.Diff(fmt.Sprint(*file), fmt.Sprint(*got)); diff != "" {
			w.Error(diff)
		}
		w.clock.Advance(2 * time.Hour)
		_, err := w.s.RequestFile(ctx, p.ID)
		w.wants(err, coop.ErrNotFound)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutRequestFile(ctx, file) })
		w.write(func(ctx context.Context, tx *storage.Tx) error { _, err := tx.SweepQueues(ctx, 100); return err })
		file.DeleteAt = w.clock.Now().Add(time.Hour)
		w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutRequestFile(ctx, file) })
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			return tx.RemovePost(ctx, p.IRI, p.Author.IRI, w.clock.Now())
		})
		_, err = w.s.RequestFile(ctx, p.ID)
		w.wants(err, coop.ErrNotFound)
	})
}

func TestARequestMayTurnIntoANote(t *testing.T) {
	eachWorld(t, func(w *world) {
		far := w.account("norte", "red-norte.example", coop.Federation)
		p := w.post(far, requestFor(w, "Clinics"))
		w.clock.Advance(time.Minute)
		p.Kind, p.Request, p.Updated = coop.KindNote, nil, w.clock.Now()
		w.write(func(ctx context.Context, tx *storage.Tx) error {
			_, err := tx.UpdatePost(ctx, p, storage.Arrival{})
			return err
		})
		if got := must2(w.s.Post(w.Context(), coop.Anonymous(), p.ID)); got.Request != nil || got.Kind != coop.KindNote {
			w.Errorf("still a request: %+v", got)
		}
		if broken, err := w.s.Check(w.Context()); err != nil || len(broken) > 0 {
			w.Errorf("check: %v %v", broken, err)
		}
	})
}
