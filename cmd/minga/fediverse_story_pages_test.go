// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"minga/coop"
)

// pagesStory is the network at work, seen through its pages alone.
type pagesStory struct {
	*fediverse
	a, b, c         *house
	luz, bea, cora  *visitor // coordinator of a; delegates of telar at b and of nodo at c
	stranger, guest *visitor // at a
	telar, nodo     *coop.Account
	request         string // its path at a
}

// TestNetworkThroughThePages: a client's request, the offers of co-ops of two other
// servers, the team and its room, and a co-op that asks to join, all by forms of pages.
func TestNetworkThroughThePages(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		s := &pagesStory{fediverse: f, a: f.house("ana"), b: f.house("berta"), c: f.house("carla")}
		s.telar, s.nodo = s.b.coop("telar"), s.c.coop("nodo")
		f.befriend(s.a, s.b)
		f.befriend(s.a, s.c)
		f.admit(s.telar, s.b, s.a)
		s.luz = s.a.signedIn("luz", s.a.federation, coop.Coordinator)
		s.bea = s.b.signedIn("bea", s.telar, coop.Delegate)
		s.cora = s.c.signedIn("cora", s.nodo, coop.Delegate, coop.Steward)
		s.stranger, s.guest = s.a.signedIn("eva", nil), s.a.visitor()
		s.asks()
		s.offers()
		s.teamsUp()
		s.split()
		s.joins()
	})
}

// asks: a client without an account writes, and a coordinator takes and publishes it.
func (s *pagesStory) asks() {
	s.t.Helper()
	const text = "Fourteen rural clinics need one place where people book a visit."
	short := s.guest.sends(s.guest.sees("/requests/new"), "/requests/new", "", 422, "title", "Clinics", "description", "Short", "client", "Quicksilver", "mail", "x@quicksilver.example")
	if !strings.Contains(short.text, "Quicksilver") {
		s.t.Error("what the client typed is lost")
	}
	s.guest.reads(s.guest.sends(short, "/requests/new", "", 200, "description", text))
	waiting := s.luz.follows(s.luz.follows(s.luz.sees("/requests/mine"), "Clinics"), "To the page of the request")
	s.stranger.kept("Clinics", waiting.url.Path)
	s.guest.kept("Clinics", waiting.url.Path)
	draft := s.luz.sends(waiting, "/step", "act=take", 200)
	if !strings.HasSuffix(draft.url.Path, "/edit") {
		draft = s.luz.sees(waiting.url.Path + "/edit")
	}
	slots := s.luz.sends(draft, "/edit", "act=slot", 200, "slot_1_name", "Backend", "slot_1_hours", "160", "slot_1_rate", "60", "slot_1_required", "1", "currency", "EUR")
	page := s.luz.sends(slots, "/edit", "act=publish", 200, "slot_2_name", "Design", "slot_2_hours", "40", "slot_2_rate", "50", "slot_2_required", "1",
		"respond_by", s.a.clock.Now().AddDate(0, 0, 20).Format(time.DateOnly), "rule", string(coop.NoMargin))
	s.request = page.url.Path
	s.settle()
	if open := s.guest.reads(s.guest.get(page.url.String()), "Clinics", "Backend"); strings.Contains(open.text, "uicksilver") {
		s.t.Error("everybody reads who the client is")
	}
}

// offer offers by the form of the request's page, as a delegate finds it, and gives the
// page of what was sent.
func (s *pagesStory) offer(who *visitor, slot, hours, note string) webPage {
	s.t.Helper()
	form := who.follows(who.follows(who.sees("/requests"), "Clinics"), "/offer")
	over := who.sends(form, "/offer", "", 422, "slot", slot, "hours", "161", "note", note)
	if !strings.Contains(over.text, note) || !strings.Contains(over.text, `id="hours-problem"`) {
		s.t.Errorf("over the hours: %s", plainOf(over))
	}
	sent := who.reads(who.sends(over, "/offer", "", 200, "slot", slot, "hours", hours, "note", note), note)
	s.settle()
	return sent
}

// offers: both co-ops offer for the same role; one is accepted and the other declined with
// a reason, reads it, and offers for the other role.
func (s *pagesStory) offers() {
	s.t.Helper()
	s.offer(s.bea, "Backend", "160", "From the loom")
	mine := s.offer(s.cora, "Backend", "100", "From the node")
	room := s.luz.follows(s.luz.sees(s.request), "/room")
	s.luz.reads(room, "From the loom", "From the node")
	other := s.luz.follows(s.luz.card(room, "From the node"), "/offers/")
	for _, v := range []*visitor{s.stranger, s.guest} {
		v.kept("From the", s.request+"/room", other.url.Path, s.request+"/annex.json")
	}
	if p := s.cora.sees(s.requestAt(s.cora) + "/room"); strings.Contains(p.text, "From the loom") {
		s.t.Error("a co-op reads what another offers")
	}
	wordless := s.luz.sends(other, "/decline", "", 422)
	s.luz.sends(wordless, "/decline", "", 200, "reason", "Only the design is open.")
	s.luz.sends(s.luz.card(s.luz.sees(s.request+"/room"), "From the loom"), "/accept", "", 200)
	s.settle()
	s.cora.sees(mine.url.Path, "Only the design is open.")
	s.offer(s.cora, "Design", "40", "From the drawing table")
	s.luz.sends(s.luz.card(s.luz.sees(s.request+"/room"), "From the drawing table"), "/accept", "", 200)
	s.settle()
}

// requestAt is the path of the request where a visitor reads it.
func (s *pagesStory) requestAt(who *visitor) string {
	s.t.Helper()
	return who.follows(who.sees("/requests?state=all"), "Clinics").url.Path
}

// teamsUp: both take the invitation, and what one writes the others read at their servers.
func (s *pagesStory) teamsUp() {
	s.t.Helper()
	for _, v := range []*visitor{s.bea, s.cora} {
		asked := v.sees("/rooms", "Clinics")
		form := findNode(asked.root, func(n *html.Node) bool { return strings.HasSuffix(attr(n, "action"), "/answer") })
		v.kept("Quicksilver", strings.TrimSuffix(attr(form, "action"), "/answer"))
		v.sends(asked, "/answer", "act=accept", 200)
		s.settle()
	}
	s.bea.sends(s.room(s.bea), "/say", "", 200, "text", "We begin on Monday")
	s.settle()
	s.cora.sends(s.cora.reads(s.room(s.cora), "We begin on Monday"), "/say", "", 200, "text", "The sketches are there")
	s.settle()
	at := s.luz.reads(s.room(s.luz), "We begin on Monday", "The sketches are there").url.Path
	s.bea.reads(s.room(s.bea), "The sketches are there")
	for _, v := range []*visitor{s.stranger, s.guest} {
		v.kept("Monday", at, at+"/split", at+"/plan", at+"/export.zip")
	}
}

// room opens the team's room as a visitor finds it.
func (s *pagesStory) room(who *visitor) webPage {
	s.t.Helper()
	return who.follows(who.sees("/rooms"), "/rooms/")
}

// split: one that pays a co-op for another's hours is refused, with all that was typed; one
// that pays those who work is agreed to on another server.
func (s *pagesStory) split() {
	s.t.Helper()
	form := s.luz.follows(s.room(s.luz), "/split")
	margin := s.luz.sends(form, "/split", "", 422, "price", "11600", "currency", "EUR",
		"line.0.for", "The booking", "line.0.provider", "telar", "line.0.hours", "160", "line.0.payee", "nodo", "line.0.amount", "9600",
		"line.1.for", "The drawings", "line.1.provider", "nodo", "line.1.hours", "40", "line.1.payee", "nodo", "line.1.amount", "2000")
	for _, want := range []string{"pays a co-op for hours", `value="The booking"`, `value="The drawings"`, `value="160"`, `value="11600"`} {
		if !strings.Contains(margin.text, want) {
			s.t.Errorf("the refused split has no %s: %s", want, plainOf(margin))
		}
	}
	s.settle()
	if p := s.room(s.bea); strings.Contains(p.text, "The booking") {
		s.t.Error("a refused split is seen by others")
	}
	s.luz.sends(margin, "/split", "", 200, "line.0.payee", "telar")
	s.settle()
	s.bea.sends(s.bea.reads(s.room(s.bea), "The booking", "EUR"), "/agree", "", 200)
	s.settle()
	s.luz.reads(s.room(s.luz), "Agreed:")
}

// joins: a co-op of another server asks to be a member, a member of a third votes, and the
// answer is seen where the co-op lives.
func (s *pagesStory) joins() {
	s.t.Helper()
	const mine = "/settings/co-ops/nodo/memberships"
	s.cora.sends(s.cora.sees(mine), "/ask", "", 200, "account", string(s.a.federation.IRI), "note", "We are eleven", "contact", "eleven@nodo.example")
	s.settle()
	petition := s.luz.reads(s.luz.follows(s.luz.sees("/admin/coops"), "nodo"), "We are eleven")
	for _, v := range []*visitor{s.stranger, s.guest} {
		v.kept("eleven", petition.url.Path, "/admin/coops", petition.url.Path+"/statutes.pdf")
	}
	s.luz.sends(petition, "/decide", "", 200, "method", "majority", "days", "10")
	s.settle()
	ballot := s.bea.follows(s.bea.follows(s.bea.sees("/decisions"), "nodo"), "/ballot")
	if strings.Contains(ballot.text, "eleven") {
		s.t.Error("the petition stands in the question")
	}
	s.bea.sends(ballot, "/ballot", "", 200, "option", "yes")
	s.settle()
	s.pass(11 * 24 * time.Hour)
	_, err := s.a.outbox.EndDecisions(s.ctx)
	s.must(err)
	s.settle()
	s.c.visitor().sees("/@nodo", "Verified member of a federation")
}
