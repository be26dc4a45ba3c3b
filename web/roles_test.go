// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
	"minga/web/respond"
)

// writesByToken are the routes that change something by the token of an account.
func (h *house) writesByToken() []auth.Route {
	var routes []auth.Route
	for _, route := range h.server.routes {
		if route.Access == auth.Token && route.Method != "GET" && route.Method != "HEAD" {
			routes = append(routes, route)
		}
	}
	return routes
}

// refusedByRole tells that an answer is the refusal of an act, in its words.
func refusedByRole(w *httptest.ResponseRecorder, act coop.RoleAct) bool {
	want, _ := json.Marshal(map[string]string{"error": respond.Words(http.StatusForbidden, &coop.RoleError{Act: act})})
	return w.Code == http.StatusForbidden && w.Body.String() == string(want)
}

// TestEveryWriteAsksForARole: each route that writes is refused before its handler to
// whose roles do not allow its act, by a token for the co-op and by as= alike, and to
// nobody else.
func TestEveryWriteAsksForARole(t *testing.T) {
	storagetest.WithoutRace(t)
	h := newGallery(t, nil).house
	telar, _ := h.member("telar", "read")
	ana := h.person("ana")
	own := h.token(ana, allScopes)
	h.gives(telar, h.person("eva"), coop.Steward)
	acts := map[coop.RoleAct]int{}
	for _, role := range coop.RolesFor(coop.Coop) {
		token := h.speaks(telar, ana, role)
		for _, route := range h.writesByToken() {
			acts[route.Act]++
			path := strings.NewReplacer("/coops/:id", "/coops/"+telar.ID.String(), ":id", never, ":step", "step", ":name", "name", ":n", "1").Replace(route.Path)
			may := coop.RolesMay([]coop.Role{role}, route.Act)
			if got := refusedByRole(h.ask(route.Method, path, token, "{}"), route.Act); got == may {
				t.Errorf("%s %s by a %s: refused %v", route.Method, route.Path, role, got)
			}
			if got := refusedByRole(h.ask(route.Method, path+"?as="+telar.ID.String(), own, "{}"), route.Act); got == may {
				t.Errorf("%s %s as= by a %s: refused %v", route.Method, route.Path, role, got)
			}
		}
	}
	for _, act := range coop.RoleActs() {
		if act != coop.ActAudit && act != coop.ActJoin && acts[act] == 0 {
			t.Errorf("no route needs %s", act)
		}
	}
	entries, err := h.store.Audit(t.Context(), storage.AuditQuery{Account: telar.ID}, coop.Page{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Who != "ana" && e.Who != "command line" {
			t.Errorf("somebody else did %+v", e)
		}
	}
}

// TestActingInOneRequest: as= in all the ways in which clients send things. Who holds
// no role gets the same answer as for an account that never was.
func TestActingInOneRequest(t *testing.T) {
	g := newGallery(t, nil)
	telar, _ := g.member("telar", "read")
	candil, _ := g.member("candil", "read")
	ana := g.person("ana")
	g.gives(telar, ana, coop.Publisher)
	own := g.token(ana, allScopes)
	const encoded = "application/x-www-form-urlencoded"
	author := func(w *httptest.ResponseRecorder) string {
		var s struct{ Account struct{ Acct string } }
		_ = json.Unmarshal(w.Body.Bytes(), &s)
		return s.Account.Acct
	}
	id := telar.ID.String()
	for name, w := range map[string]*httptest.ResponseRecorder{
		"query":            g.ask("POST", "/api/v1/statuses?as="+id, own, `{"status":"a"}`),
		"form":             g.ask("POST", "/api/v1/statuses", own, "status=b&as="+id, "Content-Type", encoded),
		"JSON":             g.ask("POST", "/api/v1/statuses", own, `{"status":"c","as":"`+id+`"}`),
		"a number in JSON": g.ask("POST", "/api/v1/statuses", own, `{"status":"d","as":`+id+`}`),
	} {
		if w.Code != 200 || author(w) != "telar" {
			t.Errorf("%s: %d by %q: %s", name, w.Code, author(w), w.Body)
		}
	}
	kind, body := form(t, "as", "", id, "description", "", "a loaf", "file", "a.jpg", string(photo(t, 60, 40)))
	file := g.ask("POST", "/api/v2/media", own, body, "Content-Type", kind)
	var media struct{ ID string }
	if err := json.Unmarshal(file.Body.Bytes(), &media); err != nil || file.Code != 200 {
		t.Fatalf("a file: %d %s", file.Code, file.Body)
	}
	if w := g.ask("POST", "/api/v1/statuses", own, `{"status":"e","media_ids":["`+media.ID+`"],"as":"`+id+`"}`); w.Code != 200 {
		t.Errorf("a post with its file: %d %s", w.Code, w.Body)
	}
	if w := g.ask("POST", "/api/v1/statuses", own, `{"status":"mine","as":"`+ana.ID.String()+`"}`); author(w) != "ana" {
		t.Errorf("as oneself: %s", w.Body)
	}
	for _, as := range []string{"", id} { // the same key for two accounts is two posts
		want := map[string]string{"": "ana", id: "telar"}[as]
		if w := g.ask("POST", "/api/v1/statuses?as="+as, own, `{"status":"once"}`, "Idempotency-Key", "k"); author(w) != want {
			t.Errorf("with a key as %q: %s", as, w.Body)
		}
	}
	refused := g.ask("POST", "/api/v1/statuses", own, `{"status":"x","as":"`+candil.ID.String()+`"}`)
	if !refusedByRole(refused, coop.ActWrite) {
		t.Errorf("for a co-op in which one holds no role: %d %s", refused.Code, refused.Body)
	}
	for _, other := range []string{never, "1", "-1", "x", "99999999999999999999999", g.person("berta").ID.String()} {
		if w := g.ask("POST", "/api/v1/statuses", own, `{"status":"x","as":"`+other+`"}`); w.Code != refused.Code || w.Body.String() != refused.Body.String() || headersOf(w) != headersOf(refused) {
			t.Errorf("as %s: %d %s", other, w.Code, w.Body)
		}
	}
	if w := g.ask("PATCH", "/api/v1/accounts/update_credentials", own, `{"note":"x","as":"`+id+`"}`); !refusedByRole(w, coop.ActProfile) {
		t.Errorf("a publisher edits the profile: %d %s", w.Code, w.Body)
	}
}

// TestMessagesAreTheHirers: without that role direct messages are not there, nor what
// comes of them, and none is written; with it alone nothing else is.
func TestMessagesAreTheHirers(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, _ := h.member("telar", "read")
	ana, bruno, eva := h.person("ana"), h.person("bruno"), h.person("eva")
	publisher, hirer := h.speaks(telar, ana, coop.Publisher), h.speaks(telar, bruno, coop.Hirer)
	applicant := h.token(eva, allScopes)
	asked := h.ask("POST", "/api/v1/statuses", applicant, `{"status":"@telar may I join?","visibility":"direct"}`)
	var sent struct{ ID string }
	if err := json.Unmarshal(asked.Body.Bytes(), &sent); err != nil || asked.Code != 200 {
		t.Fatal(asked.Body)
	}
	answer := `{"status":"@eva come by","visibility":"direct","in_reply_to_id":"` + sent.ID + `"}`
	reply := h.ask("POST", "/api/v1/statuses", hirer, answer)
	if reply.Code != 200 {
		t.Fatalf("a hirer answers: %d %s", reply.Code, reply.Body)
	}
	var wrote struct{ ID string }
	_ = json.Unmarshal(reply.Body.Bytes(), &wrote)
	for path, empty := range map[string]string{
		"/api/v1/conversations": "[]", "/api/v1/notifications": "[]", "/api/v1/notifications/unread_count": `{"count":0}`,
		"/api/v1/statuses/" + sent.ID: "", "/api/v1/statuses/" + wrote.ID: "", "/api/v1/statuses/" + wrote.ID + "/context": "",
	} {
		if w := h.ask("GET", path, hirer, ""); w.Code != 200 || empty != "" && w.Body.String() == empty {
			t.Errorf("%s tells a hirer %d %s", path, w.Code, w.Body)
		}
		w := h.ask("GET", path, publisher, "")
		if empty == "" && w.Code != 404 || empty != "" && w.Body.String() != empty {
			t.Errorf("%s tells a publisher %d %s", path, w.Code, w.Body)
		}
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a publisher writes a message":   h.ask("POST", "/api/v1/statuses", publisher, `{"status":"@eva no","visibility":"direct"}`),
		"a publisher schedules one":      h.ask("POST", "/api/v1/statuses", publisher, `{"status":"@eva no","visibility":"direct","scheduled_at":"`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"}`),
		"a hirer publishes":              h.ask("POST", "/api/v1/statuses", hirer, `{"status":"bread"}`),
		"a publisher ends conversations": h.ask("DELETE", "/api/v1/conversations/1", publisher, ""),
	} {
		if w.Code != 403 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for _, act := range []string{"favourite", "reblog", "bookmark"} {
		if w := h.ask("POST", "/api/v1/statuses/"+sent.ID+"/"+act, publisher, ""); w.Code != 404 {
			t.Errorf("a publisher does %s to a message: %d %s", act, w.Code, w.Body)
		}
	}
	if w := h.ask("POST", "/api/v1/notifications/clear", publisher, ""); w.Code != 200 {
		t.Errorf("clear: %d %s", w.Code, w.Body)
	}
	if w := h.ask("GET", "/api/v1/notifications", hirer, ""); w.Body.String() == "[]" {
		t.Error("a publisher cleared what is not there for them")
	}
}

// TestRolesEndAtOnce: what is taken while a token is open stops the next act, and the
// stream.
func TestRolesEndAtOnce(t *testing.T) {
	s := newStation(t, nil)
	telar, _ := s.member("telar", "read")
	ana, eva := s.person("ana"), s.person("eva")
	token := s.speaks(telar, ana, coop.Publisher, coop.Hirer)
	applicant := s.token(eva, allScopes)
	hears := s.listen(token, "user", "direct")
	s.say(applicant, "@telar hello", "visibility", "direct")
	hears.named("conversation")
	s.gives(telar, ana, coop.Publisher)
	_ = hears.over(3 * time.Second)
	if w := s.ask("POST", "/api/v1/statuses", token, `{"status":"@eva x","visibility":"direct"}`); w.Code != 403 {
		t.Errorf("a message without the role for it: %d %s", w.Code, w.Body)
	}
	again := s.listen(token, "user", "direct")
	s.say(applicant, "@telar hello again", "visibility", "direct")
	id := s.say(token, "bread")
	again.wait("the post", func(e event) bool { return e.about() == "update "+id })
	for _, e := range again.all() {
		if e.Event != "update" {
			t.Errorf("without the role %s is heard", e.Event)
		}
	}
	s.gives(telar, ana)
	_ = again.over(3 * time.Second)
	if w := s.ask("GET", "/api/v1/timelines/home", token, ""); w.Code != 401 {
		t.Errorf("a token without a role: %d %s", w.Code, w.Body)
	}
	s.gives(telar, ana, coop.Publisher)
	if w := s.ask("GET", "/api/v1/timelines/home", token, ""); w.Code != 401 {
		t.Errorf("a token that ended lives again: %d", w.Code)
	}
}

// TestRolesByTheAPI: stewards give and take, the last one stays, and nobody else sees.
func TestRolesByTheAPI(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, _ := h.member("telar", "read")
	candil, _ := h.member("candil", "read")
	ana, bruno := h.person("ana"), h.person("bruno")
	steward, own, other := h.speaks(telar, ana, coop.Steward), h.token(ana, allScopes), h.token(bruno, allScopes)
	path := "/api/v1/minga/coops/" + telar.ID.String()
	for _, token := range []string{steward, own} {
		w := h.ask("PUT", path+"/roles", token, `{"person":"@bruno","roles":["hirer","publisher"]}`)
		if w.Code != 200 || !strings.Contains(w.Body.String(), `"roles":["publisher","hirer"]`) {
			t.Errorf("give: %d %s", w.Code, w.Body)
		}
	}
	for name, tt := range map[string]struct {
		token, path, body string
		code              int
	}{
		"the last steward goes":        {own, path, `{"person":"ana","roles":["publisher"]}`, 409},
		"a role that there is not":     {own, path, `{"person":"bruno","roles":["coordinator"]}`, 422},
		"nobody":                       {own, path, `{"person":"zoe","roles":["hirer"]}`, 422},
		"a co-op":                      {own, path, `{"person":"candil","roles":["hirer"]}`, 422},
		"no list":                      {own, path, `{"person":"bruno"}`, 422},
		"by who is no steward":         {other, path, `{"person":"bruno","roles":["steward"]}`, 403},
		"by a steward of another":      {steward, "/api/v1/minga/coops/" + candil.ID.String(), `{"person":"ana","roles":["steward"]}`, 403},
		"in a co-op that is not there": {own, "/api/v1/minga/coops/" + never, `{"person":"ana","roles":["steward"]}`, 403},
		"all of them":                  {own, path, `{"person":"bruno","roles":[]}`, 200},
	} {
		if w := h.ask("PUT", tt.path+"/roles", tt.token, tt.body); w.Code != tt.code {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for _, what := range []string{"/roles", "/audit"} {
		if w := h.ask("GET", path+what, other, ""); w.Code != 403 {
			t.Errorf("%s to somebody else: %d %s", what, w.Code, w.Body)
		}
	}
	log := h.ask("GET", path+"/audit", steward, "").Body.String()
	if !strings.Contains(log, `"who":"ana"`) || !strings.Contains(log, `"act":"role.take"`) {
		t.Errorf("log: %s", log)
	}
	mine := h.ask("GET", "/api/v1/minga/audit", other, "").Body.String()
	if !strings.Contains(mine, `"act":"role.give"`) || strings.Contains(mine, "ana") {
		t.Errorf("what was done to bruno: %s", mine)
	}
	var me struct {
		Minga struct {
			SpeaksFor []struct {
				Acct  string
				Roles []string
			} `json:"speaks_for"`
			Roles []string
		}
	}
	_ = json.Unmarshal(h.ask("GET", "/api/v1/accounts/verify_credentials", own, "").Body.Bytes(), &me)
	if fmt.Sprint(me.Minga.SpeaksFor) != "[{telar [steward]}]" || len(me.Minga.Roles) != 0 {
		t.Errorf("on her own account: %+v", me)
	}
	_ = json.Unmarshal(h.ask("GET", "/api/v1/accounts/verify_credentials", steward, "").Body.Bytes(), &me)
	if fmt.Sprint(me.Minga.Roles) != "[steward]" {
		t.Errorf("on the co-op's: %+v", me)
	}
}
