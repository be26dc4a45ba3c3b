// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// announced counts what a board sent to a house, by what it announced: "id" for the
// plain form. An announced Announce is an error.
func (h *house) announced(board *coop.Account) map[string]int {
	h.f.t.Helper()
	count := map[string]int{}
	for _, p := range h.pushed() {
		if p.Type != "Announce" || p.Actor != string(board.IRI) {
			continue
		}
		form := p.Object.Type
		if form == "" {
			form = "id"
		}
		if form == "Announce" {
			h.f.t.Errorf("an announcement was announced: %s", p.Body)
		}
		count[form]++
	}
	return count
}

// TestBoardsAnnounce: two boards that follow each other carry the job of a member of
// both, each in both forms, once; changes in the first form only; never each other.
func TestBoardsAnnounce(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c, telar := alliance(f)
		a.follow(a.jobs, b.jobs)
		b.follow(b.jobs, a.jobs)
		carla := c.person("carlota")
		c.follow(carla, a.jobs)
		c.follow(carla, b.jobs)
		f.record()
		p := a.publish(telar, "Panadera", b.jobs)
		f.settle()
		for _, board := range []*coop.Account{a.jobs, b.jobs} {
			if diff := cmp.Diff(map[string]int{"Create": 1, "id": 1}, c.announced(board)); diff != "" {
				t.Errorf("what %s announced: %s", board.IRI, diff)
			}
		}
		if got := titles(c.board(false)); len(got) != 1 {
			t.Errorf("the board lists %v", got)
		}
		f.record()
		p.Job.Title, p.Job.TitleMap = "Panadero", map[string]string{"es": "Panadero"}
		f.must(a.outbox.EditJob(f.ctx, p))
		f.pass(time.Minute)
		f.must(a.outbox.Delete(f.ctx, p))
		f.settle()
		for _, board := range []*coop.Account{a.jobs, b.jobs} {
			if diff := cmp.Diff(map[string]int{"Update": 1, "Delete": 1}, c.announced(board)); diff != "" {
				t.Errorf("what %s announced of the changes: %s", board.IRI, diff)
			}
		}
	})
}

// TestBoardReachesWhoFollowsOnlyIt: a follower of the board alone has the post and
// hears of its end.
func TestBoardReachesWhoFollowsOnlyIt(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, c := f.house("ana"), f.house("carla")
		telar := a.coop("telar")
		f.admit(telar, a, a)
		c.follow(c.person("carlota"), a.jobs)
		p := a.publish(telar, "Panadera")
		f.settle()
		if diff := cmp.Diff(f.everywhere(coop.JobOpen), f.states(p.IRI)); diff != "" {
			t.Fatalf("published: %s", diff)
		}
		_, err := a.outbox.StepJob(f.ctx, p.ID, "fill")
		f.must(err)
		f.settle()
		if diff := cmp.Diff(f.everywhere(coop.JobFilled), f.states(p.IRI)); diff != "" {
			t.Errorf("filled: %s", diff)
		}
	})
}

// TestReplyIsForwarded: the house of the thread sends a reply on to its followers, in
// the bytes that it came in, once.
func TestReplyIsForwarded(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
		anabel, bea, carla := a.person("anabel"), b.person("bea"), c.person("carlota")
		b.follow(bea, anabel)
		c.follow(carla, anabel)
		note := &coop.Post{Source: "¿Quién hace pan?", Visibility: coop.VisiblePublic}
		f.must(a.outbox.PublishNote(f.ctx, anabel, note))
		f.settle()
		reply := map[string]any{
			"id": carla.IRI + "/notes/1", "type": "Note", "attributedTo": carla.IRI, "inReplyTo": note.IRI, "content": "<p>Nosotras</p>",
			"to": coop.Public, "cc": []coop.IRI{anabel.Followers, anabel.IRI}, "published": "2030-05-01T12:00:00Z",
		}
		create := map[string]any{"id": carla.IRI + "/notes/1/create", "type": "Create", "actor": carla.IRI, "to": coop.Public, "cc": reply["cc"], "object": reply}
		body := c.proven(carla, create)
		f.record()
		for range 2 {
			if got := a.take(c.signed(carla, a, "/inbox", body)); got != 202 {
				t.Fatalf("the reply was answered %d", got)
			}
			f.drain()
		}
		f.settle()
		came := 0
		for _, p := range b.pushed() {
			if p.ID == string(carla.IRI)+"/notes/1/create" && bytes.Equal(p.Body, body) {
				came++
			}
		}
		if came != 1 {
			t.Errorf("the reply came %d times to a follower's house, want once: %v", came, b.pushed())
		}
		for _, h := range []*house{a, b} {
			if p := h.has(carla.IRI + "/notes/1"); p == nil || p.InReplyTo != note.IRI {
				t.Errorf("%s has the reply as %+v", h.name, p)
			}
		}
		if got := c.pushed(); len(got) != 0 {
			t.Errorf("the reply went back to its author's house: %s", got[0].Body)
		}
	})
}
