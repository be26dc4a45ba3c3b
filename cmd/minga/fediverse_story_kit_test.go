// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// handle is the address that people type.
func (p *phone) handle() string { return p.self.Name + "@" + p.h.config.Host }

// finds is the id of the account of another phone at this one's server.
func (p *phone) finds(other *phone) string {
	p.h.f.t.Helper()
	found := p.get("/v2/search?resolve=true&type=accounts&q=" + url.QueryEscape(other.handle()))["accounts"].([]any)
	if len(found) != 1 {
		p.h.f.t.Fatalf("%s finds %d of %s", p.self.Name, len(found), other.self.Name)
	}
	return found[0].(row)["id"].(string)
}

// joining is the id of the membership of a co-op in the federation that asks.
func (p *phone) joining(member *phone) string {
	p.h.f.t.Helper()
	list := p.list("/v1/minga/memberships?member=" + p.finds(member) + "&organization=" + p.self.ID.String())
	if len(list) != 1 {
		p.h.f.t.Fatalf("%d memberships of %s", len(list), member.self.Name)
	}
	return list[0].(row)["id"].(string)
}

// refused asks for what must not be, and gives the fields that the answer complains of.
func (p *phone) refused(method, path string, body any) string {
	p.h.f.t.Helper()
	var wrong []string
	details, _ := p.ask(http.StatusUnprocessableEntity, method, path, body).(row)["details"].(row)
	for field, faults := range details {
		for _, one := range faults.([]any) {
			wrong = append(wrong, field+" "+one.(row)["error"].(string))
		}
	}
	slices.Sort(wrong)
	return strings.Join(wrong, ", ")
}

// words are values with a space between each two.
func words(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

// memberOf is the membership of the phone's owner, as its own server has it.
func (p *phone) memberOf(organization *phone) row {
	p.h.f.t.Helper()
	list := p.list("/v1/minga/memberships?member=" + p.self.ID.String() + "&organization=" + p.finds(organization))
	if len(list) != 1 {
		p.h.f.t.Fatalf("%s has %d memberships", p.self.Name, len(list))
	}
	return list[0].(row)
}

// closedTo: 401 or 404 for who has no token.
func (p *phone) closedTo(path string) {
	p.h.f.t.Helper()
	code, _ := p.h.stranger("/api"+path, "application/json")
	if code != http.StatusUnauthorized && code != http.StatusNotFound {
		p.h.f.t.Errorf("anybody gets %s: %d", path, code)
	}
}

// is complains where something is not as the story has it.
func (s *networkStory) is(what string, got, want any) {
	s.f.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.f.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// hidden: nobody else finds a path, and who has no token is asked for one.
func (s *networkStory) hidden(path string, strangers ...*phone) {
	s.f.t.Helper()
	for _, p := range strangers {
		p.ask(http.StatusNotFound, "GET", path, nil)
	}
	(&phone{h: strangers[0].h}).closedTo(path)
}

// badges: each server says the same of faro.
func (s *networkStory) badges(level string) {
	s.f.t.Helper()
	for _, p := range []*phone{s.outA, s.outB, s.outC} {
		id := p.finds(s.faro)
		evidence, verified := p.get("/v1/minga/coops/"+id+"/evidence"), 0
		for _, m := range p.list("/v1/minga/memberships?member=" + id) {
			if of := m.(row)["organization"].(row); m.(row)["verified"] == true && of["uri"] == string(s.ana.self.IRI) {
				verified++
			}
		}
		want := 0
		if level == "federation" {
			want = 1
		}
		s.is("badges at "+p.h.name, words(evidence["level"], verified, len(evidence["chain"].([]any))), words(level, want, want))
	}
}

// requestAt is the id of the request at the server of a phone.
func (s *networkStory) requestAt(p *phone) string {
	s.f.t.Helper()
	list := p.list("/v1/minga/requests?state=all")
	if len(list) != 1 {
		s.f.t.Fatalf("there are %d requests at %s", len(list), p.h.name)
	}
	return list[0].(row)["id"].(string)
}

// offers lets a co-op offer, and gives the id of what it offered at its own server.
func (s *networkStory) offers(p *phone, slot string, hours int) string {
	s.f.t.Helper()
	made := p.post("/v1/minga/requests/"+s.requestAt(p)+"/offers", row{"slot": slot, "hours": hours, "note": "Two members."})
	s.f.settle()
	return made["id"].(string)
}

// received are the offers that A got, by the name of who made them.
func (s *networkStory) received() map[string]string {
	s.f.t.Helper()
	out := map[string]string{}
	for _, one := range s.ana.list("/v1/minga/offers?side=received") {
		out[one.(row)["account"].(row)["username"].(string)] = one.(row)["id"].(string)
	}
	return out
}

// teamAt is the id of the team at the server of a member or of who is invited.
func (s *networkStory) teamAt(p *phone) string {
	s.f.t.Helper()
	for _, m := range p.list("/v1/minga/memberships?member=" + p.self.ID.String()) {
		if of := m.(row)["organization"].(row); strings.Contains(of["uri"].(string), "/teams/") {
			return of["id"].(string)
		}
	}
	s.f.t.Fatalf("%s is in no team", p.self.Name)
	return ""
}

// roomOf is the path of the team at the server of a phone.
func (s *networkStory) roomOf(p *phone) string {
	s.f.t.Helper()
	if p == s.ana {
		return "/v1/minga/teams/" + s.room
	}
	return "/v1/minga/teams/" + s.teamAt(p)
}
