// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/storage"
)

// alliance is three federations that follow each other, and a co-op of the first
// that is a member of the first two.
func alliance(f *fediverse) (a, b, c *house, telar *coop.Account) {
	f.t.Helper()
	a, b, c = f.house("ana"), f.house("berta"), f.house("carla")
	telar = a.coop("telar")
	for _, pair := range [][2]*house{{a, b}, {a, c}, {b, c}} {
		f.befriend(pair[0], pair[1])
	}
	f.admit(telar, a, a)
	f.admit(telar, a, b)
	return a, b, c, telar
}

// get asks a house for a document, unsigned.
func (h *house) get(iri coop.IRI) (int, map[string]any) {
	h.f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, strings.TrimPrefix(string(iri), h.config.BaseURL()), nil)
	r.Host = h.config.Host
	r.Header.Set("Accept", "application/activity+json")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	var doc map[string]any
	_ = json.Unmarshal(w.Body.Bytes(), &doc)
	return w.Code, doc
}

// paths are the federations and boards through which a post came, by their names.
func paths(p *coop.Post) []string {
	var names []string
	for _, path := range p.ReachedThrough {
		if name := path.Account.Name + "@" + path.Account.IRI.Host(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// states says where a job stands at each house; "-" where it is not kept.
func (f *fediverse) states(iri coop.IRI) []string {
	f.t.Helper()
	var list []string
	for _, h := range f.all {
		state := "-"
		if p := h.has(iri); p != nil {
			state = string(p.Job.Status)
		}
		list = append(list, state)
	}
	return list
}

// everywhere is the same word for each house.
func (f *fediverse) everywhere(word coop.JobStatus) []string {
	return slices.Repeat([]string{string(word)}, len(f.all))
}

// TestJobIsOnceOnAllBoards: the co-op is a member of two federations, so its job
// goes several ways; each board lists it once and says which ways.
func TestJobIsOnceOnAllBoards(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, telar := alliance(f)
		p := a.publish(telar, "Panadera", b.jobs)
		f.settle()
		for _, h := range f.all {
			if diff := cmp.Diff([]string{"Panadera"}, titles(h.board(false))); diff != "" {
				t.Errorf("the board of %s: %s", h.name, diff)
			}
			list, err := h.store.Posts(f.ctx, coop.System(), storage.PostQuery{Kinds: []coop.PostKind{coop.KindJob}}, coop.Page{Limit: 40})
			f.must(err)
			if len(list) != 1 {
				t.Errorf("%s keeps %d posts, want 1", h.name, len(list))
			}
		}
		got := paths(c.has(p.IRI))
		for _, via := range []*coop.Account{a.federation, b.federation} {
			if !slices.Contains(got, via.Name+"@"+via.IRI.Host()) {
				t.Errorf("%s shows the ways %v, want one through %s", c.name, got, via.Name)
			}
		}
		f.changes(a, p)
	})
}

// changes takes a job along: every step is seen everywhere.
func (f *fediverse) changes(a *house, p *coop.Post) {
	f.t.Helper()
	f.pass(time.Minute)
	p.Job.Title, p.Job.TitleMap = "Panadera de noche", map[string]string{"es": "Panadera de noche"}
	f.must(a.outbox.EditJob(f.ctx, p))
	f.settle()
	for _, h := range f.all {
		if diff := cmp.Diff([]string{"Panadera de noche"}, titles(h.board(false))); diff != "" {
			f.t.Errorf("the edited job at %s: %s", h.name, diff)
		}
	}
	for _, step := range []struct {
		action string
		want   coop.JobStatus
	}{{"pause", coop.JobPaused}, {"resume", coop.JobOpen}, {"fill", coop.JobFilled}} {
		_, err := a.outbox.StepJob(f.ctx, p.ID, step.action)
		f.must(err)
		f.settle()
		if diff := cmp.Diff(f.everywhere(step.want), f.states(p.IRI)); diff != "" {
			f.t.Errorf("after %s: %s", step.action, diff)
		}
	}
	for _, h := range f.all {
		if got := titles(h.board(false)); len(got) != 0 {
			f.t.Errorf("a filled job stands on the board of %s: %v", h.name, got)
		}
	}
}

// TestJobEndsEverywhere: withdrawn, closed and expired arrive; a deleted one leaves
// a tombstone, and 410 where it was.
func TestJobEndsEverywhere(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, telar := alliance(f)
		withdrawn, closed := a.publish(telar, "Una"), a.publish(telar, "Otra")
		short := jobPost("Corta")
		short.Job.ValidThrough = a.clock.Now().Add(50 * time.Hour).Truncate(time.Second)
		f.must(a.outbox.PublishJob(f.ctx, a.local(pathOf(telar)), short))
		deleted := a.publish(telar, "Equivocada")
		f.settle()
		for _, p := range []*coop.Post{withdrawn, closed, short, deleted} {
			if diff := cmp.Diff(f.everywhere(coop.JobOpen), f.states(p.IRI)); diff != "" {
				t.Fatalf("%s did not arrive: %s", p.Job.Title, diff)
			}
		}
		for action, p := range map[string]*coop.Post{"withdraw": withdrawn, "close": closed} {
			_, err := a.outbox.StepJob(f.ctx, p.ID, action)
			f.must(err)
		}
		f.must(a.outbox.Delete(f.ctx, deleted))
		f.settle()
		f.pass(51 * time.Hour)
		if n, err := a.outbox.Expire(f.ctx); err != nil || n != 1 {
			t.Errorf("%d jobs expired, %v", n, err)
		}
		f.settle()
		for want, p := range map[coop.JobStatus]*coop.Post{coop.JobWithdrawn: withdrawn, coop.JobClosed: closed, coop.JobExpired: short} {
			if diff := cmp.Diff(f.everywhere(want), f.states(p.IRI)); diff != "" {
				t.Errorf("%s: %s", p.Job.Title, diff)
			}
		}
		for _, h := range []*house{a, b, c} {
			if _, err := h.store.PostByIRI(f.ctx, coop.System(), deleted.IRI); !errors.Is(err, coop.ErrGone) {
				t.Errorf("the deleted job at %s: %v", h.name, err)
			}
			if stone, err := h.store.Tombstone(f.ctx, deleted.IRI); err != nil || stone.IRI != deleted.IRI {
				t.Errorf("the tombstone at %s: %+v, %v", h.name, stone, err)
			}
		}
		if status, doc := a.get(deleted.IRI); status != http.StatusGone || doc["type"] != "Tombstone" {
			t.Errorf("its address answers %d %v", status, doc)
		}
		if status, _ := a.get(withdrawn.IRI); status != http.StatusOK {
			t.Errorf("the address of a withdrawn job answers %d", status)
		}
	})
}

// TestArticleVersions: each edit is a version with its number at all who have the
// article, the old ones are kept, and a withdrawn article is gone everywhere.
func TestArticleVersions(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, telar := alliance(f)
		p := a.article(telar, "Facturar juntas")
		f.settle()
		for _, text := range []string{"Segunda", "Tercera"} {
			p.Source = "# Uno\n\n" + text
			p.Article.Reason = text
			f.must(a.outbox.EditArticle(f.ctx, p))
			f.settle()
		}
		for _, h := range []*house{b, c} {
			got := h.has(p.IRI)
			if got == nil || got.Article.Version != p.Article.Version || got.Article.Version < 3 {
				t.Fatalf("%s has %+v, want version %d", h.name, got, p.Article.Version)
			}
			old, err := h.store.Revisions(f.ctx, coop.Anonymous(), got.ID)
			f.must(err)
			if len(old) != 2 {
				t.Errorf("%s keeps %d revisions, want 2", h.name, len(old))
			}
		}
		f.must(a.outbox.Delete(f.ctx, p))
		f.settle()
		for _, h := range f.all {
			if got := h.has(p.IRI); got != nil {
				t.Errorf("%s still has the article", h.name)
			}
		}
	})
}
