// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// night lets a night pass at a house: what is due is compared, and nothing else moves.
func (h *house) night() coop.Comparison {
	h.f.t.Helper()
	h.f.pass(24 * time.Hour)
	if _, err := h.inbox.PlanComparisons(h.f.ctx); err != nil {
		h.f.t.Fatal(err)
	}
	h.f.drain()
	return h.compared()
}

// compared is the last comparison with the one federation that a house follows.
func (h *house) compared() coop.Comparison {
	h.f.t.Helper()
	list, err := h.store.FollowedAt(h.f.ctx, "", 2)
	h.f.must(err)
	if len(list) != 1 {
		h.f.t.Fatalf("%s follows %d accounts elsewhere", h.name, len(list))
	}
	c, _, err := h.store.Comparison(h.f.ctx, list[0].ID)
	h.f.must(err)
	return c
}

// lostWorld is a federation that follows another, with posts of each kind there, and a
// person here who hears of everything that comes.
type lostWorld struct {
	a, b                           *house
	telar                          *coop.Account
	ends, edited, gone, old, moved *coop.Post
	app                            *closed
}

func newLostWorld(f *fediverse) *lostWorld {
	w := &lostWorld{a: f.house("ana"), b: f.house("berta", "MINGA_FEDERATION_FOLLOWS", "at-once")}
	w.telar = w.b.coop("telar")
	f.admit(w.telar, w.b, w.b)
	w.a.follow(w.a.federation, w.b.federation)
	f.settle()
	eva := w.a.person("eva")
	w.app = w.a.phone(eva).closes(true)
	w.a.follow(eva, w.telar)
	w.app.post("/v1/accounts/"+w.a.stored(w.telar.IRI).ID.String()+"/follow", url.Values{"notify": {"true"}})
	w.ends, w.edited, w.gone = w.b.publish(w.telar, "Panadera"), w.b.publish(w.telar, "Tejedora"), w.b.publish(w.telar, "Herrera")
	w.old, w.moved = w.b.article(w.telar, "Facturar juntas"), w.b.article(w.telar, "Decidir juntas")
	if _, err := w.a.inbox.PlanComparisons(f.ctx); err != nil {
		f.t.Fatal(err)
	}
	f.settle()
	w.app.heard()
	return w
}

// lose lets everything that happens now be lost on its way.
func (w *lostWorld) lose(f *fediverse) (job, article *coop.Post) {
	w.a.loses.Store(true)
	defer w.a.loses.Store(false)
	job, article = w.b.publish(w.telar, "Carpintera"), w.b.article(w.telar, "Cuidar juntas")
	w.edited.Job.Title, w.edited.Job.TitleMap = "Tejedora de noche", map[string]string{"es": "Tejedora de noche"}
	f.must(w.b.outbox.EditJob(f.ctx, w.edited))
	_, err := w.b.outbox.StepJob(f.ctx, w.ends.ID, "fill")
	f.must(err)
	f.must(w.b.outbox.Delete(f.ctx, w.gone))
	f.must(w.b.outbox.Delete(f.ctx, w.old))
	w.moved.Title = "Decidir mejor juntas"
	f.must(w.b.outbox.EditArticle(f.ctx, w.moved))
	f.settle()
	return job, article
}

// TestLostDeliveriesComeBack: what a server answered 202 and forgot is there after the
// next comparison, once, edits and ends too; nobody is told of it, nothing is sent for it.
func TestLostDeliveriesComeBack(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		w := newLostWorld(f)
		a := w.a
		f.pass(time.Hour)
		job, article := w.lose(f)
		if a.has(job.IRI) != nil || a.has(article.IRI) != nil || a.has(w.gone.IRI) == nil {
			t.Fatal("nothing was lost")
		}
		f.record()
		if got := a.night(); got.Added != 2 || got.Removed != 2 || got.Changed != 3 || got.Missed != 0 || got.Error != "" || !got.Finished() {
			t.Errorf("the comparison found %+v", got)
		}
		w.healed(f, job, article)
		if got := w.app.heard(); len(got) != 0 {
			t.Errorf("a person was told %v", got)
		}
		for _, h := range f.all {
			if got := h.pushed(); len(got) != 0 {
				t.Errorf("%s was sent %s", h.name, got[0].Body)
			}
		}
		if got := a.night(); got.Healed() != 0 || got.Missed != 0 || !got.Finished() {
			t.Errorf("the next night found %+v", got)
		}
		w.healed(f, job, article)
	})
}

// healed wants that a house has everything as it is.
func (w *lostWorld) healed(f *fediverse, job, article *coop.Post) {
	f.t.Helper()
	if diff := cmp.Diff([]string{"Carpintera", "Tejedora de noche"}, titles(w.a.board(false))); diff != "" {
		f.t.Errorf("the board: %s", diff)
	}
	if p := w.a.has(w.ends.IRI); p == nil || p.Job.Status != coop.JobFilled {
		f.t.Error("the filled job is open")
	}
	if p := w.a.has(w.moved.IRI); p == nil || p.Title != "Decidir mejor juntas" {
		f.t.Errorf("the edited article is %+v", p)
	}
	if p := w.a.has(article.IRI); p == nil || !p.Published.Equal(article.Published.Truncate(time.Second)) {
		f.t.Errorf("the lost article is %+v", p)
	}
	for _, p := range []*coop.Post{w.gone, w.old} {
		if _, err := w.a.store.PostByIRI(f.ctx, coop.System(), p.IRI); !errors.Is(err, coop.ErrGone) {
			f.t.Errorf("%s is still here: %v", p.IRI, err)
		}
	}
	n, err := w.a.store.CountPosts(f.ctx, coop.System(), storage.PostQuery{Authors: []coop.ID{w.a.stored(w.telar.IRI).ID}})
	f.must(err)
	if n != 5 {
		f.t.Errorf("%d posts of the co-op, want 5", n)
	}
	if p := w.a.has(job.IRI); p == nil || len(p.ReachedThrough) == 0 {
		f.t.Errorf("the lost job is %+v", p)
	}
}
