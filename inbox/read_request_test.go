// SPDX-License-Identifier: AGPL-3.0-or-later

package inbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

func TestReadRequest(t *testing.T) {
	now := time.Date(2026, 11, 12, 12, 0, 0, 0, time.UTC)
	author := &coop.Account{ID: 7, IRI: "https://red-norte.example/federation", Followers: "https://red-norte.example/federation/followers"}
	load := func() doc {
		var d doc
		body, err := os.ReadFile(filepath.Join("testdata", "wire", "10-request.json"))
		if err != nil {
			t.Fatal(err)
		}
		mustUnmarshal(t, body, &d)
		return d
	}
	request := func(change func(request doc)) func(doc) { return func(note doc) { change(note["request"].(doc)) } }
	slot := func(change func(slot doc)) func(doc) {
		return request(func(r doc) { change(r["slots"].([]any)[0].(doc)) })
	}
	for _, tt := range []struct {
		name   string
		change func(note doc)
		kind   coop.PostKind
		holds  func(q *coop.Request) bool
	}{
		{"as it came", func(doc) {}, coop.KindRequest, func(q *coop.Request) bool {
			s := q.Slots[0]
			return len(q.Slots) == 3 && s.Key == "backend" && s.Name == "Backend" && s.Hours == 220 && s.Required && s.Rate.Currency == "EUR" && s.Rate.Value.String() == "62" &&
				s.Primary == "https://red-norte.example/requests/88/slots/backend#primary" && strings.HasPrefix(s.Skill.URI, "http://data.europa.eu/esco/skill/ccd0") &&
				q.Status == coop.RequestOpen && q.RespondBy.Equal(time.Date(2026, 11, 24, 23, 59, 59, 0, time.UTC)) && q.Budget.Max.String() == "46000" &&
				len(q.Transparency) == 3 && strings.HasPrefix(q.TitleMap["es"], "Sitio de turnos") && strings.HasSuffix(q.Need.URI, "69bbd53f-fbb0-4476-b4b2-ef7844464e28")
		}},
		{"without a date: the end of the note", request(func(r doc) { delete(r, "respondBy") }), coop.KindRequest, func(q *coop.Request) bool { return q.RespondBy.Day() == 24 }},
		{"without any date", func(n doc) { delete(n, "endTime"); delete(n["request"].(doc), "respondBy") }, coop.KindNote, nil},
		{"without roles", request(func(r doc) { r["slots"] = []any{} }), coop.KindNote, nil},
		{"roles that are no list of objects", request(func(r doc) { r["slots"] = "backend" }), coop.KindNote, nil},
		{"a draft", request(func(r doc) { r["status"] = "draft" }), coop.KindNote, nil},
		{"a state that nobody knows", request(func(r doc) { r["status"] = "lovely" }), coop.KindNote, nil},
		{"a budget that is none goes alone", request(func(r doc) { r["budget"] = doc{"currency": "BEER", "minValue": "1e9999999"} }), coop.KindRequest, func(q *coop.Request) bool { return q.Budget == nil }},
		{"a promise that nobody knows goes alone", request(func(r doc) { r["transparency"] = []any{"trust-us", "split-published"} }), coop.KindRequest, func(q *coop.Request) bool { return len(q.Transparency) == 1 }},
		{"a role of another server goes alone", slot(func(s doc) { s["id"] = "https://evil.example/slots/backend" }), coop.KindRequest, func(q *coop.Request) bool { return len(q.Slots) == 2 }},
		{"a role without hours goes alone", slot(func(s doc) { delete(s["publishes"].(doc), "availableQuantity") }), coop.KindRequest, func(q *coop.Request) bool { return len(q.Slots) == 2 }},
		{"a role of half an hour goes alone", slot(func(s doc) {
			s["publishes"].(doc)["availableQuantity"].(doc)["hasNumericalValue"] = "0.5"
		}), coop.KindRequest, func(q *coop.Request) bool { return len(q.Slots) == 2 }},
		{"hours without measure go alone", slot(func(s doc) {
			s["publishes"].(doc)["availableQuantity"].(doc)["hasNumericalValue"] = "1e99999999"
		}), coop.KindRequest, func(q *coop.Request) bool { return len(q.Slots) == 2 }},
		{"a role that is covered has none open", slot(func(s doc) {
			s["status"] = "covered"
			s["publishes"].(doc)["availableQuantity"].(doc)["hasNumericalValue"] = "0"
		}), coop.KindRequest, func(q *coop.Request) bool { return q.Slots[0].State() == coop.SlotCovered }},
		{"a closed role takes nothing", slot(func(s doc) { s["status"] = "closed" }), coop.KindRequest, func(q *coop.Request) bool { return q.Slots[0].State() == coop.SlotClosed }},
		{"a rate in a currency that we do not know goes alone", slot(func(s doc) {
			s["reciprocal"].(doc)["resourceConformsTo"] = "https://www.wikidata.org/wiki/Q44"
		}), coop.KindRequest, func(q *coop.Request) bool { return q.Slots[0].Rate == nil && q.Slots[0].Hours == 220 }},
		{"script in the description goes", request(func(r doc) {
			r["description"] = "<p>" + strings.Repeat("What the clinics need. ", 4) + "</p><script>alert(1)</script>"
		}), coop.KindRequest, func(q *coop.Request) bool { return q.Description != "" && !containsScript(q.Description) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := load()
			tt.change(d)
			p, err := reader(now).readPost(parse(t, d), author)
			if err != nil {
				t.Fatal(err)
			}
			if p.Kind != tt.kind {
				t.Fatalf("kind %s, want %s", p.Kind, tt.kind)
			}
			if tt.holds != nil && !tt.holds(p.Request) {
				t.Errorf("request %+v", p.Request)
			}
		})
	}
}

// TestRequestsAreFollowed lets a request of another server come, change and end here.
func TestRequestsAreFollowed(t *testing.T) {
	w := newWorld(t)
	p := newPeer(t)
	norte := p.actor("Organization", "norte")
	w.follows(w.ana, norte)
	id := norte.iri + "/requests/88"
	n := 0
	send := func(kind, status, backend string, at time.Duration) *coop.Post {
		t.Helper()
		slot := func(key, hours, state string) doc {
			return doc{"type": "Proposal", "id": id + "/slots/" + key, "name": key, "purpose": "request", "unitBased": true, "status": state, "required": true, "publishes": doc{
				"type": "Intent", "id": id + "/slots/" + key + "#primary", "action": "work",
				"availableQuantity": doc{"hasUnit": "hour", "hasNumericalValue": hours},
			}}
		}
		state := map[bool]string{true: "open", false: "partly"}[backend == "220"]
		w.clock.Advance(at)
		n++
		note := norte.note("/requests/88", with("content", "<p><strong>Clinics</strong></p>"), with("purpose", "request"), with("request", doc{
			"type": "Request", "title": "Clinics", "status": status, "respondBy": "2030-05-20T12:00:00Z",
			"slots": []any{slot("backend", backend, state), slot("ops", "40", "open")},
		}))
		if kind == "Update" {
			note["updated"] = w.clock.Now().UTC().Format(time.RFC3339)
		}
		p.put(note)
		w.deliver(norte, norte.activity(kind, fmt.Sprintf("/activities/%d", n), note))
		return w.post(id)
	}
	type seen struct {
		Status      coop.RequestState
		Hours, Open int
	}
	for _, step := range []struct {
		kind, status, backend string
		want                  seen
	}{
		{"Create", "open", "220", seen{coop.RequestOpen, 220, 220}},
		{"Update", "forming", "60", seen{coop.RequestForming, 220, 60}},
		{"Update", "open", "220", seen{coop.RequestForming, 220, 60}}, // no arrow leads there
		{"Update", "won", "0", seen{coop.RequestWon, 220, 0}},         // the Updates between were missed
		{"Update", "forming", "60", seen{coop.RequestWon, 220, 0}},
		{"Update", "withdrawn", "0", seen{coop.RequestWithdrawn, 220, 0}},
		{"Update", "won", "0", seen{coop.RequestWithdrawn, 220, 0}},
	} {
		p := send(step.kind, step.status, step.backend, time.Minute)
		if p.Request == nil {
			t.Fatalf("%s %s: no request", step.kind, step.status)
		}
		s := p.Request.Slot("backend")
		if diff := cmp.Diff(step.want, seen{p.Request.Status, s.Hours, s.OpenHours()}); diff != "" {
			t.Errorf("%s %s: %s", step.kind, step.status, diff)
		}
	}
}
