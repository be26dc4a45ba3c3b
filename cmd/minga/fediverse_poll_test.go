// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// tellPolls lets every house do what it does each minute about polls, and drains.
func (f *fediverse) tellPolls() {
	f.t.Helper()
	for _, h := range f.all {
		_, err := h.outbox.TellPolls(f.ctx)
		f.must(err)
	}
	f.settle()
}

// tally are the votes of a poll as this house counts them, and its voters.
func (h *house) tally(iri coop.IRI) string {
	h.f.t.Helper()
	p, err := h.store.PostByIRI(h.f.ctx, coop.System(), iri)
	h.f.must(err)
	if p.Poll == nil {
		return "no poll"
	}
	s := ""
	for _, o := range p.Poll.Options {
		s += fmt.Sprintf("%s %d, ", o.Title, o.Votes)
	}
	return s + fmt.Sprint(p.Poll.Voters)
}

// pollsTold are the ended polls that an account was told of.
func (h *house) pollsTold(a *coop.Account) int {
	h.f.t.Helper()
	list, err := h.store.Notifications(h.f.ctx, a.ID, coop.Page{Limit: 40})
	h.f.must(err)
	n := 0
	for _, one := range list {
		if one.Kind == coop.NotifyPoll {
			n++
		}
	}
	return n
}

// TestPollBetweenServers: a poll on one server, votes from another; the counts come
// back, and the end is told to who asked and to who voted, on both.
func TestPollBetweenServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		eva, leo := a.person("eva"), a.person("leo")
		bea, ciro := b.person("bea"), b.person("ciro")
		b.follow(bea, eva)
		p := &coop.Post{Source: "¿Qué día?", Language: "es", Poll: coop.NewPoll([]string{"Lunes", "Martes", "Jueves"}, 24*time.Hour, true, false, a.clock.Now())}
		f.must(a.outbox.PublishNote(f.ctx, eva, p))
		f.drain()
		seen := b.has(p.IRI)
		if seen == nil || seen.Poll == nil || !seen.Poll.Multiple || !seen.Poll.Ends.Equal(p.Poll.Ends.Truncate(time.Second)) || seen.Kind != coop.KindQuestion {
			t.Fatalf("arrived as %+v", seen)
		}
		f.must(b.outbox.Vote(f.ctx, bea, seen.ID, []int{0, 2}))
		f.must(b.outbox.Vote(f.ctx, ciro, seen.ID, []int{2}))
		f.must(a.outbox.Vote(f.ctx, leo, p.ID, []int{1}))
		f.drain()
		if diff := cmp.Diff("Lunes 1, Martes 1, Jueves 2, 3", a.tally(p.IRI)); diff != "" {
			t.Errorf("counted at home: %s", diff)
		}
		if diff := cmp.Diff("Lunes 1, Martes 0, Jueves 2, 2", b.tally(p.IRI)); diff != "" {
			t.Errorf("the other server knows only its own: %s", diff)
		}
		f.tellPolls()
		f.pass(5 * time.Minute)
		f.tellPolls()
		if diff := cmp.Diff(a.tally(p.IRI), b.tally(p.IRI)); diff != "" {
			t.Errorf("the counts did not come back: %s", diff)
		}
		if again := b.has(p.IRI); !again.Updated.IsZero() {
			t.Error("counting looks like an edit")
		}
		if err := b.outbox.Vote(f.ctx, bea, seen.ID, []int{1}); err == nil {
			t.Error("a second vote was taken")
		}

		f.pass(25 * time.Hour)
		f.tellPolls()
		f.tellPolls()
		for who, told := range map[string]int{
			"who asked": a.pollsTold(eva), "who voted there": a.pollsTold(leo), "who voted here": b.pollsTold(bea), "the other who did": b.pollsTold(ciro),
		} {
			if told != 1 {
				t.Errorf("%s was told of the end %d times", who, told)
			}
		}
		if got := b.has(p.IRI).Poll; got.Closed.IsZero() || !got.Over(b.clock.Now()) {
			t.Errorf("not closed: %+v", got)
		}
		for _, h := range f.all {
			for _, n := range h.mentions(f, []*coop.Account{eva, leo}, []*coop.Account{bea, ciro}) {
				t.Errorf("%s: a ballot or count was told as %s", h.name, n)
			}
		}
	})
}

// mentions are the mentions and edits that the people of a house were told of.
func (h *house) mentions(f *fediverse, ofFirst, ofSecond []*coop.Account) (kinds []coop.NotificationKind) {
	people := ofFirst
	if h != f.all[0] {
		people = ofSecond
	}
	for _, a := range people {
		list, err := h.store.Notifications(f.ctx, a.ID, coop.Page{Limit: 40})
		f.must(err)
		for _, n := range list {
			if n.Kind == coop.NotifyMention || n.Kind == coop.NotifyUpdate {
				kinds = append(kinds, n.Kind)
			}
		}
	}
	return kinds
}

// TestEditedPollBetweenServers: other answers take the votes away everywhere, and a
// vote for an answer that is gone does not count.
func TestEditedPollBetweenServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		eva, bea := a.person("eva"), b.person("bea")
		b.follow(bea, eva)
		p := &coop.Post{Source: "¿Té?", Poll: coop.NewPoll([]string{"Sí", "No"}, time.Hour, false, false, a.clock.Now())}
		f.must(a.outbox.PublishNote(f.ctx, eva, p))
		f.drain()
		seen := b.has(p.IRI)
		a.away.Store(true) // the ballot waits while the answers change
		f.must(b.outbox.Vote(f.ctx, bea, seen.ID, []int{1}))
		f.must(a.outbox.EditNote(f.ctx, &coop.Post{ID: p.ID, Source: "¿Té?", Poll: coop.NewPoll([]string{"Sí", "Nunca"}, time.Hour, false, false, a.clock.Now())}))
		a.away.Store(false)
		f.settle()
		for _, h := range f.all {
			if diff := cmp.Diff("Sí 0, Nunca 0, 0", h.tally(p.IRI)); diff != "" {
				t.Errorf("%s: %s", h.name, diff)
			}
		}
		f.must(b.outbox.Vote(f.ctx, bea, seen.ID, []int{1}))
		f.drain()
		if diff := cmp.Diff("Sí 0, Nunca 1, 1", a.tally(p.IRI)); diff != "" {
			t.Error(diff)
		}
	})
}
