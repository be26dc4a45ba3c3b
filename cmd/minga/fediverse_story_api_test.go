// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// storyOnlyMembers is what only members of the federation of the story may read.
const storyOnlyMembers = "quicksilverrate"

// networkStory is who takes part: everything that they do and see goes through the API,
// each with the token of an account of their own server.
type networkStory struct {
	f       *fediverse
	a, b, c *house

	ana, telar       *phone // of A: its federation and a member
	hilo, faro       *phone // of B: a member of A, and who wants to be
	nodo             *phone // of C: a member of no federation
	outA, outB, outC *phone // co-ops that have nothing to do with any of it
	nobody           *phone // of A, without a token

	faroUp  string // ids: faro's membership at A,
	room    string // the team at A,
	request string // and the request at A
}

// TestNetworkThroughTheAPI: a co-op is admitted by members of two servers and verified by
// a third; a request finds its team among co-ops of three; what they share stays among
// them, what was promised is kept, and a removal is seen by all. Only tokens and JSON.
func TestNetworkThroughTheAPI(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		s := newNetworkStory(f)
		s.admitted()
		s.requested()
		s.offered()
		s.teamed()
		s.shared()
		s.kept()
		s.closed()
		s.removed()
	})
}

// newNetworkStory opens three servers. Telar and hilo join A while a coordinator may still
// admit alone.
func newNetworkStory(f *fediverse) *networkStory {
	f.t.Helper()
	a, b, c := f.house("ana"), f.house("berta"), f.house("carla")
	s := &networkStory{f: f, a: a, b: b, c: c}
	s.ana, s.telar, s.hilo, s.faro = a.phone(a.federation), a.phone(a.coop("telar")), b.phone(b.coop("hilo")), b.phone(b.coop("faro"))
	s.nodo, s.outA, s.outB, s.outC = c.phone(c.coop("nodo")), a.phone(a.coop("ajena")), b.phone(b.coop("otra")), c.phone(c.person("leo"))
	s.nobody = &phone{h: a}
	for _, p := range []*phone{b.phone(b.federation), c.phone(c.federation)} {
		p.post("/v1/minga/federations/"+p.finds(s.ana)+"/follow", nil)
		f.settle()
		s.ana.post("/v1/minga/federations/"+s.ana.finds(p)+"/accept", nil)
		f.settle()
	}
	for _, p := range []*phone{s.telar, s.hilo} {
		p.post("/v1/minga/memberships", row{"organization": s.ana.handle(), "note": "We weave."})
		f.drain()
		s.ana.post("/v1/minga/memberships/"+s.ana.joining(p)+"/accept", nil)
		f.settle()
	}
	f.must(shownSettings{a.instance}.Choose(f.ctx, "membership_decision", "consent", coop.AuditEntry{Act: "setting"}))
	return s
}

// admitted: faro asks with its statutes, the members on two servers consent, and C says so
// too, which heard it from neither of the two.
func (s *networkStory) admitted() {
	s.f.t.Helper()
	s.faro.post("/v1/minga/memberships", row{
		"organization": s.ana.handle(), "role": "full", "note": "We build sites.", "contact": "hi@faro.example",
		"statutes": "https://faro.example/statutes", "evidence": []string{"https://register.example/77"},
	})
	s.f.drain()
	s.faroUp = s.ana.joining(s.faro)
	up := "/v1/minga/memberships/" + s.faroUp
	petition := s.ana.get(up)
	s.is("A reads the statutes", strings.Contains(fmt.Sprint(petition["note"]), "https://faro.example/statutes"), true)
	s.is("the contact leaves faro's server", strings.Contains(fmt.Sprint(petition), "hi@faro.example"), false)
	s.hidden(up, s.outA, s.telar)
	s.ana.ask(http.StatusForbidden, "POST", up+"/accept", nil)
	s.is("laid before the members", s.ana.post(up+"/decide", row{"list_ballots": true})["state"], coop.MembershipInDecision)
	s.f.settle()
	s.is("decisions in which faro may vote", len(s.faro.list("/v1/minga/decisions?mine=true")), 0)
	for _, p := range []*phone{s.telar, s.hilo} {
		mine := p.list("/v1/minga/decisions?running=true&mine=true")
		if len(mine) != 1 {
			s.f.t.Fatalf("%s may vote in %d decisions", p.self.Name, len(mine))
		}
		ballot := "/v1/minga/decisions/" + mine[0].(row)["id"].(string) + "/ballot"
		s.is("an objection without a word", p.refused("POST", ballot, row{"option": "object"}), "reason reason")
		p.post(ballot, row{"option": "consent"})
		s.f.settle()
	}
	s.f.pass(11 * 24 * time.Hour)
	s.f.countDecisions()
	s.f.settle()
	s.f.pass(25 * time.Hour)
	s.badges("federation")
	decision := s.ana.list("/v1/minga/decisions")[0].(row)
	s.is("the decision", decision["stage"], "adopted")
	s.is("what it rests on", s.faro.memberOf(s.ana)["decision"], decision["uri"])
	recount := s.nobody.get("/v1/minga/decisions/" + decision["id"].(string) + "/recount")
	s.is("counted again by anybody", words(recount["cast"], recount["agrees"]), "2 true")
}

// requested: A publishes a request; its members read more of it than others.
func (s *networkStory) requested() {
	s.f.t.Helper()
	body := row{
		"title": "Booking site for clinics", "language": "en", "need": "Fourteen rural clinics need one place where people book a visit.",
		"respond_by": s.a.now().Add(20 * 24 * time.Hour).UTC().Format(time.RFC3339), "transparency": coop.TransparencyRules(),
		"slots": []row{
			{"id": "backend", "name": "Backend", "skill": "Go", "hours": 160, "rate": row{"currency": "EUR", "value": "60"}, "required": true},
			{"id": "design", "name": "Design", "skill": "Design", "hours": 40, "rate": row{"currency": "EUR", "value": "50"}, "required": true},
		},
		"members": "They pay in ninety days: " + storyOnlyMembers, "client": "Red de Salud", "contact": "Ana", "mail": "ana@salud.example",
	}
	s.request = s.ana.post("/v1/minga/requests", body)["id"].(string)
	s.f.settle()
	for p, reads := range map[*phone]bool{s.telar: true, s.hilo: true, s.faro: true, s.nodo: false, s.outA: false, s.outB: false, s.nobody: false} {
		around := fmt.Sprint(p.get("/v1/statuses/" + s.requestAt(p) + "/context"))
		s.is(fmt.Sprintf("%v reads the members' part", p.token), strings.Contains(around, storyOnlyMembers), reads)
	}
	s.is("the file", s.ana.get("/v1/minga/requests/" + s.request + "/file")["client"], "Red de Salud")
	s.hidden("/v1/minga/requests/"+s.request+"/file", s.outA, s.telar)
	s.hidden("/v1/minga/requests/"+s.requestAt(s.faro)+"/file", s.faro, s.outB)
}

// offered: one offer is changed and two are accepted, one is declined, and nobody sees
// those of others.
func (s *networkStory) offered() {
	s.f.t.Helper()
	first := s.offers(s.faro, "backend", 120)
	changed := s.faro.post("/v1/minga/offers/"+first+"/change", row{"hours": 160})
	s.is("faro's offer", words(changed["state"], changed["hours"], changed["amount"]), "changed 160 9600")
	late := s.offers(s.hilo, "backend", 40)
	s.is("over the hours", s.nodo.refused("POST", "/v1/minga/requests/"+s.requestAt(s.nodo)+"/offers", row{"slot": "design", "hours": 60}), "hours over")
	s.is("offered by a person", s.outC.refused("POST", "/v1/minga/requests/"+s.requestAt(s.outC)+"/offers", row{"slot": "design", "hours": 10}), "slot stranger")
	s.offers(s.nodo, "design", 40)

	got := s.received()
	s.is("offers that A got", len(got), 3)
	s.is("offers that hilo sees", len(s.hilo.list("/v1/minga/requests/"+s.requestAt(s.hilo)+"/offers")), 1)
	s.is("offers that a stranger sees", len(s.outA.list("/v1/minga/requests/"+s.request+"/offers")), 0)
	s.nobody.closedTo("/v1/minga/requests/" + s.request + "/offers")
	for _, id := range got {
		s.hidden("/v1/minga/offers/"+id, s.outA, s.telar)
	}
	s.hidden("/v1/minga/offers/"+late, s.outB, s.faro)
	s.outA.ask(http.StatusNotFound, "POST", "/v1/minga/offers/"+got["faro"]+"/accept", nil)
	s.ana.post("/v1/minga/offers/"+got["faro"]+"/accept", nil)
	s.is("more than is open", s.ana.refused("POST", "/v1/minga/offers/"+got["hilo"]+"/accept", nil), "hours over")
	s.is("declined without a word", s.ana.refused("POST", "/v1/minga/offers/"+got["hilo"]+"/decline", row{}), "reason required")
	s.ana.post("/v1/minga/offers/"+got["hilo"]+"/decline", row{"reason": "The hours are taken."})
	s.f.settle()
	back := s.hilo.get("/v1/minga/offers/" + late)
	s.is("hilo's offer", words(back["state"], back["reason"]), "declined The hours are taken.")
	s.is("teams before all is covered", len(s.ana.list("/v1/minga/teams")), 0)
	s.ana.post("/v1/minga/offers/"+got["nodo"]+"/accept", nil)
	s.f.settle()
	for _, p := range []*phone{s.nobody, s.outB, s.outC} {
		cover := p.get("/v1/minga/requests/" + s.requestAt(p) + "/coverage")
		s.is("the request at "+p.h.name, words(cover["state"], cover["covered"], cover["takes_offers"]), "covered 200 false")
	}
}

// teamed: who was accepted is invited and comes; what they say is read in all three
// servers, by them alone.
func (s *networkStory) teamed() {
	s.f.t.Helper()
	s.room = s.ana.list("/v1/minga/teams")[0].(row)["id"].(string)
	s.hidden("/v1/minga/teams/"+s.teamAt(s.faro), s.faro) // before it accepts
	for _, p := range []*phone{s.faro, s.nodo} {
		p.post("/v1/minga/teams/"+s.teamAt(p)+"/accept", nil)
		s.f.settle()
		p.post("/v1/minga/teams/"+s.teamAt(p)+"/messages", row{"text": "Hello from " + p.self.Name})
		s.f.settle()
	}
	s.ana.post("/v1/minga/teams/"+s.room+"/messages", row{"text": "Welcome to both"})
	s.f.settle()
	for _, p := range []*phone{s.ana, s.faro, s.nodo} {
		heard := fmt.Sprint(p.list(s.roomOf(p) + "/messages"))
		for _, said := range []string{"Hello from faro", "Hello from nodo", "Welcome to both"} {
			s.is(p.self.Name+" reads "+said, strings.Contains(heard, said), true)
		}
		s.is("members that "+p.self.Name+" sees", len(p.get(s.roomOf(p))["members"].([]any)), 3)
	}
	s.filed()
}

// filed: a PDF that one member sends is read by all three and by nobody else; what is none
// is refused by its field.
func (s *networkStory) filed() {
	s.f.t.Helper()
	const sketch = "%PDF-1.7 what we can do"
	file := func(called, bytes string) *parcel {
		return pack(s.f.t, map[string]string{"text": "Our sketch"}, map[string][]byte{"files=" + called: []byte(bytes)})
	}
	s.is("a program", s.faro.refused("POST", s.roomOf(s.faro)+"/files", file("sketch.pdf", "MZ")), "files "+coop.CodeFormat)
	s.is("no file", s.faro.refused("POST", s.roomOf(s.faro)+"/files", pack(s.f.t, map[string]string{"text": "Nothing"}, nil)), "files "+coop.CodeRequired)
	s.outA.ask(http.StatusNotFound, "POST", s.roomOf(s.ana)+"/files", file("sketch.pdf", sketch))
	said := s.faro.ask(http.StatusOK, "POST", s.roomOf(s.faro)+"/files", file("sketch.pdf", sketch)).(row)
	s.is("said", strings.Contains(said["content"].(string), "Our sketch"), true)
	s.f.settle()
	for _, p := range []*phone{s.ana, s.faro, s.nodo} {
		files := p.get(s.roomOf(p))["files"].([]any)
		if len(files) != 1 {
			s.f.t.Fatalf("%s sees the files %v", p.self.Name, files)
		}
		at := s.roomOf(p) + "/files/" + files[0].(row)["id"].(string)
		s.is("the file at "+p.self.Name, string(p.bytes(at)), sketch)
	}
}

// shared: the plan and a split that keeps what was promised come to all three, and all
// agree; a margin is refused, and so is who does not run the team.
func (s *networkStory) shared() {
	s.f.t.Helper()
	var agreed []string
	for _, g := range s.ana.get(s.roomOf(s.ana))["agreements"].([]any) {
		agreed = append(agreed, g.(row)["uri"].(string))
	}
	plan := row{"name": "Clinics", "text": "Two sprints.", "steps": []row{{"name": "Build", "agreements": agreed}}}
	s.ana.ask(http.StatusOK, "PUT", s.roomOf(s.ana)+"/plan", plan)
	s.faro.ask(http.StatusForbidden, "PUT", s.roomOf(s.faro)+"/plan", plan)
	s.outA.ask(http.StatusNotFound, "PUT", s.roomOf(s.ana)+"/plan", plan)
	split := func(payee *phone, amount int) row {
		return row{"currency": "EUR", "price": "12000", "lines": []row{
			{"for": "Backend", "provider": s.faro.self.IRI, "hours": 160, "payee": payee.self.IRI, "amount": amount},
			{"for": "Design", "provider": s.nodo.self.IRI, "hours": 40, "payee": s.nodo.self.IRI, "amount": "2000"},
			{"for": "Coordination", "payee": s.ana.self.IRI, "amount": "400"},
		}}
	}
	for _, wrong := range []row{split(s.ana, 9600), split(s.faro, 9000)} {
		if s.ana.refused("PUT", s.roomOf(s.ana)+"/split", wrong) == "" {
			s.f.t.Error("a split is refused and no field is named")
		}
	}
	s.ana.ask(http.StatusOK, "PUT", s.roomOf(s.ana)+"/split", split(s.faro, 9600))
	s.f.settle()
	for _, p := range []*phone{s.faro, s.nodo, s.ana} {
		p.post(s.roomOf(p)+"/split/agree", row{"version": 1})
	}
	s.f.settle()
	for _, p := range []*phone{s.ana, s.faro, s.nodo} {
		room := p.get(s.roomOf(p))
		work := room["plan"].(row)["steps"].([]any)[0].(row)["work"].([]any)
		s.is("at "+p.self.Name, words(room["plan"].(row)["name"], len(work), len(room["split"].(row)["agreed"].([]any)), len(room["agreements"].([]any))), "Clinics 2 3 2")
	}
}

// kept: what the team was promised to see is there before anything is won.
func (s *networkStory) kept() {
	s.f.t.Helper()
	step := "/v1/minga/requests/" + s.request
	s.telar.ask(http.StatusNotFound, "POST", step+"/propose", nil)
	s.is("proposed", s.ana.post(step+"/propose", nil)["minga"].(row)["state"], coop.RequestProposed)
	s.is("won without the contract", s.ana.refused("POST", step+"/win", nil), "contract required")
	s.f.settle()
	s.is("the request at C", s.nodo.get("/v1/minga/requests/" + s.requestAt(s.nodo) + "/coverage")["state"], coop.RequestProposed)
}

// closed: nobody else finds the room, at any of its servers.
func (s *networkStory) closed() {
	s.f.t.Helper()
	for room, strangers := range map[*phone][]*phone{s.ana: {s.outA, s.telar}, s.faro: {s.outB, s.hilo}, s.nodo: {s.outC}} {
		for _, rest := range []string{"", "/messages", "/archive.zip", "/files/1"} {
			s.hidden(s.roomOf(room)+rest, strangers...)
		}
		for _, p := range strangers {
			s.is("teams of "+p.self.Name, len(p.list("/v1/minga/teams")), 0)
			p.ask(http.StatusNotFound, "POST", s.roomOf(room)+"/messages", row{"text": "Let me in"})
		}
	}
}

// removed: one act at A, and the badge is gone at C as well.
func (s *networkStory) removed() {
	s.f.t.Helper()
	s.badges("federation")
	s.outA.ask(http.StatusNotFound, "POST", "/v1/minga/memberships/"+s.faroUp+"/remove", nil)
	s.is("removed", s.ana.post("/v1/minga/memberships/"+s.faroUp+"/remove", row{"note": "Fees"})["state"], coop.MembershipRemoved)
	s.f.drain() // one delivery, and no time goes by
	s.badges("claimed")
	s.is("at its own server", s.faro.memberOf(s.ana)["state"], coop.MembershipRemoved)
}
