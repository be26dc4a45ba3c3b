// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

// A snapshot is what an instance answers to a long list of questions, asked by a stranger
// and by somebody with a token. Two databases that give the same one hold the same, as far
// as anybody outside can tell.

// snapshotLists are paths that list things, with paths of each thing: %s is its id.
var snapshotLists = map[string][]string{
	"/api/v1/minga/jobs?state=all&limit=80":     {"/api/v1/minga/jobs/%s", "/api/v1/minga/jobs/%s/similar", "/api/v1/minga/jobs/%s/deliveries", "/jobs/%s/embed"},
	"/api/v1/minga/articles?limit=80":           {"/api/v1/minga/articles/%s", "/api/v1/minga/articles/%s/revisions", "/api/v1/minga/articles/%s/citations"},
	"/api/v1/minga/requests?state=all&limit=80": {"/api/v1/minga/requests/%s", "/api/v1/minga/requests/%s/coverage", "/api/v1/minga/requests/%s/file", "/api/v1/minga/requests/%s/offers"},
	"/api/v1/minga/coops?limit=80":              {"/api/v1/minga/coops/%s", "/api/v1/minga/coops/%s/services", "/api/v1/minga/coops/%s/capacity", "/api/v1/minga/coops/%s/evidence", "/api/v1/accounts/%s", "/api/v1/accounts/%s/statuses", "/api/v1/accounts/%s/followers", "/api/v1/accounts/%s/following"},
	"/api/v1/minga/decisions":                   {"/api/v1/minga/decisions/%s", "/api/v1/minga/decisions/%s/ballots", "/api/v1/minga/decisions/%s/recount"},
	"/api/v1/minga/memberships":                 {"/api/v1/minga/memberships/%s"},
	"/api/v1/minga/teams":                       {"/api/v1/minga/teams/%s", "/api/v1/minga/teams/%s/messages"},
	"/api/v1/minga/offers":                      {"/api/v1/minga/offers/%s"},
	"/api/v1/minga/searches":                    {"/api/v1/minga/searches/%s"},
	"/api/v1/minga/series":                      {"/api/v1/minga/series/%s"},
	"/api/v1/timelines/public?limit=40":         {"/api/v1/statuses/%s", "/api/v1/statuses/%s/context", "/api/v1/statuses/%s/history", "/api/v1/statuses/%s/favourited_by", "/api/v1/statuses/%s/reblogged_by", "/api/v1/statuses/%s/quotes"},
	"/api/v1/timelines/home?limit=40":           {"/api/v1/statuses/%s"},
	"/api/v1/notifications?limit=80":            {"/api/v1/notifications/%s"},
	"/api/v1/lists":                             {"/api/v1/lists/%s", "/api/v1/lists/%s/accounts", "/api/v1/timelines/list/%s"},
	"/api/v2/filters":                           {"/api/v2/filters/%s", "/api/v2/filters/%s/keywords"},
}

// snapshotPaths are asked as they are.
var snapshotPaths = []string{
	"/api/v1/instance/rules", "/api/v1/instance/peers", "/api/v2/instance", "/api/v1/accounts/verify_credentials", "/api/v1/preferences",
	"/api/v1/blocks", "/api/v1/mutes", "/api/v1/domain_blocks", "/api/v1/follow_requests", "/api/v1/followed_tags", "/api/v1/featured_tags", "/api/v1/endorsements",
	"/api/v1/favourites", "/api/v1/bookmarks", "/api/v1/conversations", "/api/v1/scheduled_statuses", "/api/v1/markers?timeline[]=home", "/api/v1/announcements",
	"/api/v1/directory", "/api/v1/timelines/public?local=true", "/api/v1/timelines/tag/pan", "/api/v2/search?q=clinics", "/api/v2/search?q=pan", "/api/v2/notifications", "/api/v1/notifications/policy",
	"/api/v1/minga/jobs?q=python", "/api/v1/minga/jobs/facets", "/api/v1/minga/coops/facets", "/api/v1/minga/coops/map", "/api/v1/minga/coops/lists", "/api/v1/minga/federations",
	"/api/v1/minga/follows", "/api/v1/minga/drafts", "/api/v1/minga/activity", "/api/v1/minga/audit", "/api/v1/minga/topics", "/api/v1/minga/terms", "/api/v1/minga/requests/mine", "/api/v1/minga/hiring",
	"/api/v1/minga/requests?q=clinics", "/api/v1/minga/articles?q=aprendimos", "/nodeinfo/2.1",
	"/jobs.atom", "/jobs.csv", "/jobs.ics", "/library.atom", "/requests.json", "/directory.csv", "/sitemap.xml", "/robots.txt",
	"/actor", "/federation", "/federation/outbox", "/federation/followers", "/boards/jobs", "/boards/jobs/outbox", "/boards/library", "/coops/telar", "/coops/telar/outbox",
}

// snapshot asks everything of the lists, as a stranger and as the account of a phone.
func (h *house) snapshot(who *phone) map[string]string {
	h.f.t.Helper()
	all := map[string]string{}
	for viewer, token := range map[string]string{"stranger": "", who.self.Name: who.token} {
		ask := func(path string) string {
			answer := h.asked(path, token)
			all[viewer+" "+path] = answer
			return answer
		}
		for _, path := range snapshotPaths {
			ask(path)
		}
		for list, each := range snapshotLists {
			for _, id := range idsIn(ask(list)) {
				for _, path := range each {
					ask(fmt.Sprintf(path, id))
				}
			}
		}
	}
	return all
}

// asked is an answer: status, type and text.
func (h *house) asked(path, token string) string {
	h.f.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = h.config.Host
	r.Header.Set("Accept", "application/activity+json, */*;q=0.5")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code >= 500 {
		h.f.t.Errorf("%s %s: %d %s", h.name, path, w.Code, w.Body)
	}
	return fmt.Sprintf("%d %s %s\n%s", w.Code, w.Header().Get("Content-Type"), w.Header().Get("Link"), w.Body)
}

// idsIn are the ids of the things that an answer lists.
func idsIn(answer string) []string {
	_, body, _ := strings.Cut(answer, "\n")
	var list []struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal([]byte(body), &list)
	var ids []string
	for _, one := range list {
		if one.ID != "" {
			ids = append(ids, one.ID)
		}
	}
	return ids
}

// sameSnapshot complains of each answer that differs, and of a snapshot of little.
func sameSnapshot(t *testing.T, what string, want, got map[string]string) {
	t.Helper()
	answered := 0
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if strings.HasPrefix(want[path], "200") {
			answered++
		}
		if want[path] != got[path] {
			t.Errorf("%s: %s differs:\n%s", what, path, cmp.Diff(want[path], got[path]))
		}
	}
	for path := range got {
		if _, known := want[path]; !known {
			t.Errorf("%s: %s was not asked before", what, path)
		}
	}
	if answered < 100 {
		t.Errorf("%s: only %d answers of %d were compared", what, answered, len(want))
	}
}

// world is a house with something of everything, after the story of the network, and who
// reads in it.
func (f *fediverse) world() (*house, *phone) {
	f.t.Helper()
	s := newNetworkStory(f)
	for _, part := range []func(){s.admitted, s.requested, s.offered, s.teamed, s.shared, s.kept} {
		part()
	}
	h := s.a
	h.article(s.telar.self, "Panes")
	h.publish(s.telar.self, "Panadería", h.jobs)
	ana := s.telar
	first := ana.post("/v1/statuses", row{"status": "Hoy hay #pan", "language": "es"})["id"].(string)
	ana.post("/v1/statuses", row{"status": "Y mañana también", "in_reply_to_id": first, "visibility": "unlisted"})
	ana.post("/v1/statuses", row{"status": "Solo para quienes siguen", "visibility": "private"})
	ana.post("/v1/statuses", row{"status": "¿Cuál?", "poll": row{"options": []string{"uno", "dos"}, "expires_in": 86400}})
	ana.post("/v1/statuses/"+first+"/favourite", nil)
	ana.post("/v1/statuses/"+first+"/bookmark", nil)
	list := ana.post("/v1/lists", row{"title": "Vecinas"})["id"].(string)
	ana.post("/v1/accounts/"+ana.finds(s.hilo)+"/follow", nil)
	f.settle()
	ana.post("/v1/lists/"+list+"/accounts", row{"account_ids": []string{ana.finds(s.hilo)}})
	ana.post("/v2/filters", row{"title": "ruido", "context": []string{"home"}, "keywords_attributes": []row{{"keyword": "ruido"}}})
	ana.post("/v1/accounts/"+ana.finds(s.faro)+"/mute", nil)
	ana.post("/v1/accounts/"+ana.finds(s.outC)+"/block", nil)
	f.settle()
	return h, ana
}

// TestSnapshotSeesChanges: asked twice it is the same, and what is said between is seen.
func TestSnapshotSeesChanges(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		h := f.house("ana")
		ana := h.phone(h.coop("telar"))
		one := h.snapshot(ana)
		if diff := cmp.Diff(one, h.snapshot(ana)); diff != "" {
			t.Errorf("asked twice:\n%s", diff)
		}
		h.f.must(h.outbox.PublishNote(f.ctx, ana.self, &coop.Post{Source: "Pan", Visibility: coop.VisiblePublic}))
		if cmp.Equal(one, h.snapshot(ana)) {
			t.Error("a post changes nothing")
		}
	})
}
