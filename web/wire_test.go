// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

const activityJSON = "application/activity+json"

func TestHeadAnswersWhereGetDoes(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for _, path := range []string{"/.well-known/webfinger?resource=acct:jobs@coop.example", "/.well-known/nodeinfo", "/nodeinfo/2.1", "/api/v1/minga/jobs", "/healthz", "/actor"} {
		if w := h.ask("HEAD", path, "", "", "Accept", activityJSON); w.Code != http.StatusOK {
			t.Errorf("HEAD %s answers %d", path, w.Code)
		}
	}
}

func TestScriptsOfOtherSitesReadEveryAnswer(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for _, tt := range []struct {
		name, method, path string
		code               int
		open               bool
	}{
		{"a list", "GET", "/api/v1/minga/jobs", 200, true},
		{"a record that is not there", "GET", "/api/v1/minga/jobs/1", 404, true},
		{"a refusal", "POST", "/api/v1/minga/jobs", 401, true},
		{"no such path", "GET", "/api/v1/minga/nothing", 404, true},
		{"no such method", "POST", "/nodeinfo/2.0", 405, true},
		{"a preflight without a token", "OPTIONS", "/api/v1/minga/jobs", 204, true},
		{"a preflight of a path that takes only POST", "OPTIONS", "/api/v1/minga/jobs/1/fill", 204, true},
		{"a page", "GET", "/jobs", 200, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := h.ask(tt.method, tt.path, "", "", "Origin", "https://evil.example")
			if w.Code != tt.code {
				t.Errorf("answers %d, want %d", w.Code, tt.code)
			}
			if got := w.Header().Get("Access-Control-Allow-Origin"); (got == "*") != tt.open {
				t.Errorf("allows origin %q", got)
			}
			if w.Header().Get("Access-Control-Allow-Credentials") != "" {
				t.Error("allows credentials")
			}
		})
	}
	w := h.ask("OPTIONS", "/api/v1/minga/jobs", "", "", "Access-Control-Request-Method", "PATCH")
	if methods := w.Header().Get("Access-Control-Allow-Methods"); !strings.Contains(methods, "PATCH") {
		t.Errorf("allows methods %q", methods)
	}
}

func TestInboxesAreNotRead(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for _, path := range []string{"/inbox", "/actor/inbox", "/federation/inbox", "/boards/jobs/inbox"} {
		w := h.ask("GET", path, "", "", "Accept", activityJSON)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("GET %s answers %d, Allow %q", path, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestTagsAreComparedWeakly(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	tag := h.ask("GET", "/actor", "", "", "Accept", activityJSON).Header().Get("ETag")
	for header, want := range map[string]int{tag: 304, "W/" + tag: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, "": 200} {
		if w := h.ask("GET", "/actor", "", "", "Accept", activityJSON, "If-None-Match", header); w.Code != want {
			t.Errorf("If-None-Match %s answers %d, want %d", header, w.Code, want)
		}
	}
}

func TestTheCreateGoesWithItsObject(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("gone", "read write")
	id, uri := h.publish(token, goodJob)
	path := strings.TrimPrefix(uri, "https://coop.example") + "/create"
	if w := h.ask("GET", path, "", "", "Accept", activityJSON); w.Code != http.StatusOK {
		t.Fatalf("the Create answers %d", w.Code)
	}
	h.ask("DELETE", "/api/v1/minga/jobs/"+id, token, "")
	if w := h.ask("GET", path, "", "", "Accept", activityJSON); w.Code != http.StatusGone {
		t.Errorf("the Create of what was withdrawn answers %d, want 410", w.Code)
	}
}

func TestAJobThatHasEndedIsNotPublished(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("steps", "read write")
	id, _ := h.publish(token, goodJob)
	for _, step := range []struct {
		name string
		code int
	}{{"publish", 200}, {"fill", 200}, {"fill", 200}, {"publish", 422}, {"pause", 422}, {"dance", 404}} {
		w := h.ask("POST", "/api/v1/minga/jobs/"+id+"/"+step.name, token, "")
		if w.Code != step.code {
			t.Errorf("%s answers %d, want %d: %s", step.name, w.Code, step.code, w.Body)
		}
		if w.Code == 422 && !strings.Contains(w.Body.String(), `"details":{"state"`) {
			t.Errorf("%s does not say that the state is in the way: %s", step.name, w.Body)
		}
	}
}

func TestNumbersOfAJob(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("numbers", "read write")
	w := h.ask("POST", "/api/v1/minga/jobs", token, goodJob)
	if !strings.Contains(w.Body.String(), `"hours":{"min":20,"max":30,"per":"week"}`) || !strings.Contains(w.Body.String(), `"min":"1500"`) {
		t.Errorf("hours are numbers and money is text: %s", w.Body)
	}
	share := strings.Replace(goodJob, `"pay":`, `"deal":{"member_share":{"currency":"EUR"}},"pay":`, 1)
	if w := h.ask("POST", "/api/v1/minga/jobs", token, share); w.Code != 422 || !strings.Contains(w.Body.String(), "member_share.value") {
		t.Errorf("a share of nothing answers %d: %s", w.Code, w.Body)
	}
}

func TestTheAPIAnswersErrorsAsJSON(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	for _, ask := range [][2]string{{"GET", "/api/v1/minga/nothing"}, {"GET", "/api/v2/x"}, {"PATCH", "/api/v1/minga/jobs"}} {
		w := h.ask(ask[0], ask[1], "", "")
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "application/json") || !strings.HasPrefix(w.Body.String(), `{"error":`) {
			t.Errorf("%s %s answers %d %s: %.60s", ask[0], ask[1], w.Code, got, w.Body)
		}
	}
}

func TestTheBadgeOfAVerifiedMember(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("badge", "read write")
	federation, err := h.store.FederationAccount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	leader := h.token(federation, "read write")
	id, _ := h.publish(token, goodJob)
	path := "/api/v1/minga/jobs/" + id
	if w := h.ask("GET", path, "", ""); !strings.Contains(w.Body.String(), `"evidence":"claimed"`) {
		t.Errorf("who is no member yet: %s", w.Body)
	}
	var membership struct{ ID string }
	w := h.ask("POST", "/api/v1/minga/memberships", token, `{"organization":"https://coop.example/federation"}`)
	if err := json.Unmarshal(w.Body.Bytes(), &membership); err != nil {
		t.Fatal(err)
	}
	if w := h.ask("POST", "/api/v1/minga/memberships/"+membership.ID+"/accept", leader, "{}"); w.Code != http.StatusOK {
		t.Fatalf("accept answers %d: %s", w.Code, w.Body)
	}
	for _, path := range []string{path, "/api/v1/minga/jobs", "/api/v1/minga/coops", "/api/v1/minga/memberships"} {
		body := h.ask("GET", path, "", "").Body.String()
		if !strings.Contains(body, `"evidence":"federation","federations":["`+federation.ID.String()+`"]`) {
			t.Errorf("%s shows no badge: %s", path, body)
		}
		if strings.Contains(path, "/jobs") && !strings.Contains(body, `"name":"badge","evidence":"federation"`) {
			t.Errorf("%s shows no badge beside the job: %s", path, body)
		}
	}
}

func TestDeliveriesInTheShapeOfTheAPI(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("sender", "read write")
	id, _ := h.publish(token, goodJob)
	w := h.ask("GET", "/api/v1/minga/jobs/"+id+"/deliveries", token, "")
	if got := strings.TrimSpace(w.Body.String()); got != `{"queued":0,"waiting":0,"dead":0,"left":[]}` {
		t.Errorf("deliveries of a job that nobody follows: %s", got)
	}
}
