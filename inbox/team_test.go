// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/signature"
	"minga/storage"
)

// actorOf is a remote as it is known here.
func (w *world) actorOf(r *remote) *coop.Account {
	w.t.Helper()
	a, err := w.in.Actor(w.ctx, coop.IRI(r.iri))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// putMember makes an account a member of an organization by the word of both.
func (w *world) putMember(member, organization *coop.Account, change ...func(*coop.Membership)) {
	w.t.Helper()
	m := &coop.Membership{Member: member, Organization: organization, State: coop.MembershipMember, MemberSays: true, OrganizationSays: true, Role: coop.RoleFull}
	for _, f := range change {
		f(m)
	}
	w.write(func(tx *storage.Tx) error { return tx.PutMembership(w.ctx, m) })
}

// said is a note of r for the members of a team.
func (r *remote) said(path string, team *coop.Account, change ...func(doc)) doc {
	to := with("to", []string{string(team.Members), string(team.IRI)})
	return r.activity("Create", "/create"+path, r.note(path, append([]func(doc){without("cc"), to}, change...)...), to)
}

// deliverTo is deliver to a personal inbox, signed by somebody who brings it.
func (w *world) deliverTo(to *coop.Account, by *remote, body []byte) {
	w.t.Helper()
	if _, err := w.in.Receive(w.ctx, w.request(signed{key: by.rsa, to: to}, body)); err != nil {
		w.t.Fatalf("refused: %v", err)
	}
	w.drain()
}

// TestARoomTakesItsMembersAlone: what members of a team of ours say goes on to the others;
// who is none, or was one, hears why not, and nothing of it is kept.
func TestARoomTakesItsMembersAlone(t *testing.T) {
	s := newScene(t)
	team := s.local(coop.Team, "Group", "clinic", "/teams/clinic")
	brisa, left := s.q.actor("Organization", "brisa"), s.q.actor("Organization", "left")
	s.putMember(s.actorOf(brisa), team)
	s.putMember(s.actorOf(left), team, func(m *coop.Membership) {
		m.State, m.MemberSays, m.OrganizationSays = coop.MembershipLeft, false, false
		m.End = time.Date(2030, 4, 30, 0, 0, 0, 0, time.UTC)
	})
	split := &coop.Record{TeamID: team.ID, Kind: coop.RecordSplit, IRI: team.IRI + "/splits/1", Author: team.IRI, Body: []byte("{}")}
	s.write(func(tx *storage.Tx) error {
		if _, err := tx.EnsureTeam(s.ctx, team); err != nil {
			return err
		}
		return tx.PutRecord(s.ctx, split)
	})
	for _, tt := range []struct {
		name string
		by   *remote
		doc  doc
		want string
	}{
		{"a member", brisa, brisa.said("/n/1", team), "in room clinic: " + brisa.iri + "/create/n/1 by " + s.q.host},
		{"a stranger", s.mallory, s.mallory.said("/n/1", team), "refused in clinic to mallory: " + s.mallory.iri + "/create/n/1: You are not a member of this team."},
		{"who was one", left, left.said("/n/1", team), "refused in clinic to left: " + left.iri + "/create/n/1: You have not been a member of this team since 2030-04-30."},
		{"a member agrees to the split", brisa, brisa.activity("Accept", "/a/1", string(split.IRI)), brisa.iri + " agreed to " + string(split.IRI) + " of clinic; in room clinic: " + brisa.iri + "/a/1 by " + s.q.host},
		{"a stranger does", s.mallory, s.mallory.activity("Accept", "/a/1", string(split.IRI)), "refused in clinic to mallory: " + s.mallory.iri + "/a/1: You are not a member of this team."},
	} {
		s.deliverTo(team, tt.by, encode(t, tt.doc))
		if got := strings.Join(s.asked.take(), "; "); got != tt.want {
			t.Errorf("%s: %q, want %q; %v", tt.name, got, tt.want, s.counts.refused)
		}
		note := s.post(tt.by.iri + "/n/1")
		if kept := note != nil && note.Visibility == coop.VisibleMembers; kept != (tt.by == brisa) {
			t.Errorf("%s: kept %t", tt.name, kept)
		}
	}
}

// farRoom is a team elsewhere in which telar is with brisa.
type farRoom struct {
	*scene
	team, brisa *remote
	account     *coop.Account
}

func newFarRoom(t *testing.T) farRoom {
	s := newScene(t)
	r := farRoom{scene: s, team: s.q.actor("Group", "clinic", withCollections(s.q.url+"/users/clinic")), brisa: s.p.actor("Organization", "brisa")}
	r.account = s.actorOf(r.team)
	s.putMember(s.telar, r.account)
	s.putMember(s.actorOf(r.brisa), r.account)
	return r
}

// records are the names of what is kept of the room, of a kind.
func (r farRoom) records(kind coop.RecordKind) string {
	r.t.Helper()
	list, err := r.store.Records(r.ctx, r.account.ID, kind)
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, one := range list {
		names = append(names, string(one.IRI)+one.Title)
	}
	return strings.Join(names, " ")
}

// TestWhatComesFromARoomElsewhere: of a member by both sides' word, or brought by the
// team's server; files are those of the author's own server.
func TestWhatComesFromARoomElsewhere(t *testing.T) {
	r := newFarRoom(t)
	file := func(at string) doc {
		return doc{"type": "Document", "mediaType": "application/pdf", "url": at + "/team-files/1", "name": "Plan"}
	}
	files := with("attachment", []doc{file(r.brisa.peer.url), file(r.q.url)})
	r.deliverTo(r.telar, r.brisa, encode(t, r.brisa.said("/n/1", r.account, files)))
	if p := r.post(r.brisa.iri + "/n/1"); p == nil || p.Visibility != coop.VisibleMembers {
		t.Errorf("of a member: %+v; %v", p, r.counts.refused)
	}
	if got := r.records(coop.RecordFile); got != r.brisa.peer.url+"/team-files/1Plan" {
		t.Errorf("files %q", got)
	}
	r.deliverTo(r.telar, r.mallory, encode(t, r.mallory.said("/n/2", r.account)))
	if got := r.counts.last(); r.post(r.mallory.iri+"/n/2") != nil || got != "not_of_the_team" {
		t.Errorf("of a stranger: %s", got)
	}
	brought, err := signature.AddProof(encode(t, r.mallory.said("/n/3", r.account)), r.mallory.ed, r.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.deliverTo(r.telar, r.team, brought); r.post(r.mallory.iri+"/n/3") == nil {
		t.Errorf("brought by the team's server: %v", r.counts.refused)
	}
	other := r.q.actor("Group", "other", withCollections(r.q.url+"/users/other"))
	if r.deliverTo(r.telar, other, encode(t, other.said("/n/4", r.actorOf(other)))); r.post(other.iri+"/n/4") != nil {
		t.Error("of a room that nobody here is in")
	}
}

// TestDocumentsOfATeam: plans and splits are the team's own, under its own name;
// agreements carry the proof of who made them, and end by who showed them.
func TestDocumentsOfATeam(t *testing.T) {
	r := newFarRoom(t)
	proven := func(by *remote, d doc) doc {
		body, err := signature.AddProof(encode(t, d), by.ed, r.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		var out doc
		mustUnmarshal(t, body, &out)
		return out
	}
	plan := func(owner, id string) doc {
		return doc{"type": "Plan", "id": id, "attributedTo": owner, "name": "Plan"}
	}
	agreement := func(by *remote, id string) doc {
		d := agreementOf(by.iri, r.team.iri+"/slots/1", "40", "1")
		d["@context"], d["id"], d["attributedTo"] = "https://www.w3.org/ns/activitystreams", id, by.iri
		return d
	}
	shown, own := with("target", r.team.iri+"/agreements"), r.brisa.iri+"/agreements/1"
	for i, tt := range []struct {
		name  string
		by    *remote
		verb  string
		thing any
		kind  coop.RecordKind
		want  string
	}{
		{"a plan", r.team, "Create", plan(r.team.iri, r.team.iri+"/plan"), coop.RecordPlan, r.team.iri + "/plan"},
		{"a plan by another name", r.team, "Create", plan(r.team.iri, r.team.iri+"/plan2"), coop.RecordPlan, r.team.iri + "/plan"},
		{"a split", r.team, "Create", plan(r.team.iri, r.team.iri+"/splits/1"), coop.RecordSplit, r.team.iri + "/splits/1"},
		{"a split without a number", r.team, "Create", plan(r.team.iri, r.team.iri+"/splits/x"), coop.RecordSplit, r.team.iri + "/splits/1"},
		{"a split of a member", r.brisa, "Create", plan(r.brisa.iri, r.brisa.iri+"/splits/2"), coop.RecordSplit, r.team.iri + "/splits/1"},
		{"an agreement without a proof", r.team, "Add", agreement(r.brisa, own), coop.RecordAgreement, ""},
		{"with the proof of another", r.team, "Add", proven(r.mallory, agreement(r.brisa, own)), coop.RecordAgreement, ""},
		{"under the name of another server", r.team, "Add", proven(r.brisa, agreement(r.brisa, r.q.url+"/agreements/1")), coop.RecordAgreement, ""},
		{"with its proof", r.team, "Add", proven(r.brisa, agreement(r.brisa, own)), coop.RecordAgreement, own},
		{"ended by another team", r.q.actor("Group", "other", withCollections(r.q.url+"/users/other")), "Remove", own, coop.RecordAgreement, own},
		{"ended by its team", r.team, "Remove", own, coop.RecordAgreement, own + coop.AgreementOver},
	} {
		change := func(doc) {}
		if tt.kind == coop.RecordAgreement {
			r.actorOf(tt.by)
			change = shown
			if tt.by != r.team {
				change = with("target", tt.by.iri+"/agreements")
			}
		}
		r.deliver(tt.by, tt.by.activity(tt.verb, fmt.Sprintf("/d/%d", i), tt.thing, change))
		if got := r.records(tt.kind); got != tt.want {
			t.Errorf("%s: %q, want %q; %v", tt.name, got, tt.want, r.counts.refused)
		}
	}
}
