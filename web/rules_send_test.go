// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/web/auth"

	"minga/storage/storagetest"
)

// What clients send, in all the ways in which they send it, and what comes with every
// answer.

func TestRule04ScriptsMayAskEverything(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	asked := 0
	for _, route := range h.server.routes {
		path := filled(route.Path)
		w := h.ask("OPTIONS", path, "", "", "Origin", "https://phanpy.example", "Access-Control-Request-Method", route.Method, "Access-Control-Request-Headers", "authorization,content-type")
		if !openToScripts(path) {
			if w.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s is open to scripts", path)
			}
			continue
		}
		asked++
		header := w.Header()
		for name, words := range map[string]string{
			"Access-Control-Allow-Methods":  "GET POST PUT PATCH DELETE",
			"Access-Control-Allow-Headers":  "Authorization Content-Type Idempotency-Key",
			"Access-Control-Expose-Headers": "Link X-RateLimit-Limit X-RateLimit-Remaining X-RateLimit-Reset X-Request-Id",
		} {
			for _, word := range strings.Fields(words) {
				if !slices.Contains(strings.Split(header.Get(name), ", "), word) {
					t.Errorf("preflight of %s: %s lacks %s", path, name, word)
				}
			}
		}
		if w.Code != 204 || header.Get("Access-Control-Allow-Origin") != "*" || header.Get("Access-Control-Allow-Credentials") != "" || header.Get("Location") != "" {
			t.Errorf("preflight of %s answers %d %v", path, w.Code, header)
		}
	}
	if asked < 150 {
		t.Errorf("only %d routes are open to scripts", asked)
	}
	for _, path := range []string{"/oauth/authorize", "/oauth/authorize/", "/", "/sign-in", "/@ana"} {
		if openToScripts(path) {
			t.Errorf("%s is open to scripts", path)
		}
	}
}

// sent are bodies that are taken, by route, where that of the walk is none; the word
// at is where the route is called.
var sent = map[string]row{
	"POST /api/v1/statuses":                      self(`{"status":"Bread","spoiler_text":"food","sensitive":true,"language":"es","visibility":"unlisted","poll":{"options":["Rye","Wheat"],"expires_in":3600,"multiple":true}}`),
	"PUT /api/v1/statuses/:id":                   at(own, "public", `{"status":"Bread again","media_attributes":[{"id":"{media}","description":"a loaf"}],"language":"es"}`),
	"POST /api/v1/statuses/:id/reblog":           at(own, "public", `{"visibility":"private"}`),
	"POST /api/v1/minga/jobs":                    ofCoop(self(goodJob)),
	"POST /api/v1/minga/articles":                ofCoop(self(`{"title":"How we rest","summary":"In turns.","markdown":"One night in three.","language":"en","tags":["rest","bread"]}`)),
	"PUT /api/v1/minga/jobs/:id":                 ofCoop(at(own, "draft", `{"title":"Baker by day","job":{"hours":{"min":20,"max":30},"skills":["baking","sales"]}}`)),
	"PUT /api/v1/minga/articles/:id":             ofCoop(at(own, "sketch", `{"title":"Rest","markdown":"In turns.","version":1}`)),
	"PUT /api/v1/minga/coops/:id":                ofCoop(at(own, "telar", `{"note":"We bake","fields":[{"name":"Site","value":"https://telar.example"},{"name":"Since","value":"1998"}],"locked":true}`)),
	"POST /api/v1/minga/jobs/:id":                ofCoop(self(goodJob).to("/api/v1/minga/jobs/validate")),
	"POST /api/v1/apps":                          self(`{"client_name":"Loom","redirect_uris":"https://loom.example/back","scopes":"read write","website":"https://loom.example"}`),
	"PUT /api/v1/accounts/update_credentials":    self(`{"display_name":"Ana","note":"Baker","fields_attributes":{"0":{"name":"Site","value":"https://mill.example"},"1":{"name":"Bread","value":"rye"}},"locked":true,"source":{"privacy":"unlisted","sensitive":true,"language":"ca"}}`),
	"POST /api/v1/accounts/:id/follow":           at(own, "berta", `{"reblogs":false,"notify":true,"languages":["es","ca"]}`),
	"POST /api/v1/accounts/:id/mute":             at(own, "dora", `{"notifications":false,"duration":0}`),
	"POST /api/v1/accounts/:id/note":             at(own, "dora", `{"comment":"works at night"}`),
	"POST /api/v2/filters":                       self(`{"title":"No rye","context":["home","thread"],"filter_action":"hide","expires_in":0,"keywords_attributes":[{"keyword":"rye","whole_word":true},{"keyword":"oat"}]}`),
	"PUT /api/v2/filters/:id":                    at(own, "filter", `{"title":"None","context":["public"],"keywords_attributes":[{"id":"{keyword}","keyword":"geheimnis","whole_word":true},{"keyword":"oat"}]}`),
	"POST /api/v1/filters":                       self(`{"phrase":"oat","context":["home","public"],"irreversible":true,"whole_word":true}`),
	"PUT /api/v1/filters/:id":                    at(own, "keyword", `{"phrase":"oats","whole_word":true}`),
	"PUT /api/v2/filters/keywords/:id":           at(own, "keyword", `{"keyword":"oaten","whole_word":true}`),
	"POST /api/v1/lists":                         self(`{"title":"Bakers","replies_policy":"followed","exclusive":true}`),
	"PUT /api/v1/lists/:id":                      at(own, "list", `{"title":"Bakers","replies_policy":"none","exclusive":true}`),
	"POST /api/v1/markers":                       self(`{"home":{"last_read_id":"5"},"notifications":{"last_read_id":"1"}}`),
	"POST /api/v1/polls/:id/votes":               at(own, "asked", `{"choices":["1"]}`),
	"POST /api/v1/reports":                       self(`{"account_id":"{berta}","comment":"loud","category":"other","forward":false}`),
	"PUT /api/v1/media/:id":                      at(own, "media", `{"description":"a loaf","focus":"0.5,-0.25"}`),
	"PUT /api/v2/notifications/policy":           self(`{"for_not_following":"filter","for_new_accounts":"drop"}`),
	"PUT /api/v1/notifications/policy":           self(`{"filter_not_following":true}`),
	"POST /api/v1/notifications/requests/accept": self(`{"id":["{request}"]}`),
	"POST /api/v1/domain_blocks":                 self(`{"domain":"rye.example"}`),
	"DELETE /api/v1/domain_blocks":               self(`{"domain":"rye.example"}`),
	"PUT /api/v1/scheduled_statuses/:id":         at(own, "scheduled", `{"scheduled_at":"2099-01-01T00:00:00.000Z"}`),
	"POST /api/v1/minga/follows":                 self(`{"account":"berta@coop.example"}`),
	"POST /api/v1/push/subscription":             self(pushBody("more")),
	"PUT /api/v1/push/subscription":              self(`{"data":{"alerts":{"mention":false,"poll":true},"policy":"follower"}}`),
	"DELETE /api/v1/lists/:id/accounts":          at(own, "list", `{"account_ids":["{carla}"]}`),
}

var (
	anyNumber = regexp.MustCompile(`[0-9a-f]{20,}|[0-9]{8,}`)
	anyMoment = regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`)
	anySecret = regexp.MustCompile(`"(client_id|client_secret|vapid_key|server_key)":"[^"]*"`)
)

// withoutNames is an answer without what is another's each time.
func withoutNames(w *httptest.ResponseRecorder) string {
	text := anyMoment.ReplaceAllString(w.Body.String(), "then")
	return fmt.Sprint(w.Code, " ", anySecret.ReplaceAllString(anyNumber.ReplaceAllString(text, "7"), `"$1":"x"`))
}

// TestRule11BodiesComeFourWays sends every body of the walk in each of the four ways, to
// an instance of its own each; the answers must be the same.
func TestRule11BodiesComeFourWays(t *testing.T) {
	storagetest.WithoutRace(t)
	answers := map[string]map[string]string{}
	ways := []string{"JSON", "form", "multipart", "query"}
	for _, how := range ways {
		w := newWalk(t)
		w.objects["asked"] = w.writes(w.berta, coop.VisiblePublic, "Rye?", func(p *coop.Post) { p.Poll = coop.NewPoll([]string{"yes", "no"}, time.Hour, false, false, time.Now()) })
		answers[how] = map[string]string{}
		taken := 0
		for _, s := range w.steps() {
			name := s.Method + " " + s.Path
			if r, ok := sent[name]; ok {
				s.row = r
			} else if r, ok := sent["PUT "+s.Path]; ok && s.Method == "PATCH" {
				s.row = r
			}
			if s.kind == page || s.reads() || s.body == "" || s.body == "{}" || answers[how][name] != "" {
				continue
			}
			contentType, body, query := encoded(t, how, w.fill(s.body))
			answer := w.ask(s.Method, w.path(s.Route, s.row, true)+query, w.owner(s.row), body, "Content-Type", contentType)
			if answers[how][name] = withoutNames(answer); answer.Code == 200 {
				taken++
			} else if _, good := sent[name]; good {
				t.Errorf("%s as %s answers %d: %s", name, how, answer.Code, answer.Body)
			}
		}
		if taken < 40 {
			t.Errorf("only %d bodies were taken as %s", taken, how)
		}
	}
	for _, how := range ways[1:] {
		if diff := cmp.Diff(answers["JSON"], answers[how]); diff != "" {
			t.Errorf("as %s:\n%s", how, diff)
		}
	}
}

// TestEveryUpdateTakesPutAndPatch: released clients send either.
func TestEveryUpdateTakesPutAndPatch(t *testing.T) {
	h := newHouse(t, nil)
	handled := map[string]auth.Route{}
	for _, route := range h.server.routes {
		handled[route.Method+" "+route.Path] = route
	}
	updates := 0
	for name, route := range handled {
		twin := map[string]string{"PUT": "PATCH", "PATCH": "PUT"}[route.Method]
		if twin == "" || strings.Contains(route.Path, "/reactions/") { // PUT makes one: there is nothing to patch
			continue
		}
		updates++
		other, ok := handled[twin+" "+route.Path]
		if !ok || other.Scope != route.Scope || other.Body != route.Body || other.Access != route.Access {
			t.Errorf("%s has no %s that is the same", name, twin)
		}
	}
	if updates < 20 {
		t.Errorf("only %d updates", updates)
	}
}

// TestEveryPostTakesAnEmptyBody: some clients send everything in the query and no body,
// under whatever type.
func TestEveryPostTakesAnEmptyBody(t *testing.T) {
	storagetest.WithoutRace(t)
	w := newWalk(t)
	for _, s := range w.steps() {
		if s.kind == page || s.Method != "POST" || strings.HasSuffix(s.Path, "/media") {
			continue
		}
		r := s.row
		r.body = ""
		for _, kind := range []string{"", "application/json", "application/x-www-form-urlencoded"} {
			answer := w.ask(s.Method, w.path(s.Route, r, true), w.owner(r), "", "Content-Type", kind)
			if answer.Code >= 500 || strings.Contains(answer.Body.String(), `"body"`) {
				t.Errorf("%s %s without a body of type %q answers %d: %s", s.Method, s.Path, kind, answer.Code, answer.Body)
			}
		}
	}
}

func TestRule12ArraysAndWhatIsNested(t *testing.T) {
	r := newRead(t)
	one, two := r.note(r.leo, "one").ID.String(), r.note(r.leo, "two").ID.String()
	for query, want := range map[string]string{
		"id[]=" + one + "&id[]=" + two: "one, two", "id%5B%5D=" + one + "&id%5B%5D=" + two: "one, two", "id=" + one: "one", "id[]=" + two: "two",
		"id[0]=" + two + "&id[1]=" + one: "two, one", "id=" + one + "&id=" + two: "one, two", "id[]=x&id[]=" + one: "one",
	} {
		if got := r.timeline("/api/v1/statuses?"+query, r.anas); got != want {
			t.Errorf("%s shows %q, want %q", query, got, want)
		}
	}
	const form, js = "application/x-www-form-urlencoded", "application/json"
	for body, kind := range map[string]string{
		"fields_attributes[0][name]=a&fields_attributes[0][value]=b&fields_attributes[1][name]=c&fields_attributes[1][value]=d":                                 form,
		"fields_attributes[][name]=a&fields_attributes[][value]=b&fields_attributes[][name]=c&fields_attributes[][value]=d":                                     form,
		"fields_attributes%5B0%5D%5Bname%5D=a&fields_attributes%5B0%5D%5Bvalue%5D=b&fields_attributes%5B1%5D%5Bname%5D=c&fields_attributes%5B1%5D%5Bvalue%5D=d": form,
		`{"fields_attributes":[{"name":"a","value":"b"},{"name":"c","value":"d"}]}`:                                                                             js,
		`{"fields_attributes":{"0":{"name":"a","value":"b"},"1":{"name":"c","value":"d"}}}`:                                                                     js,
		`{"fields_attributes":{"1":{"name":"c","value":"d"},"0":{"name":"a","value":"b"}}}`:                                                                     js,
	} {
		r.ask("PATCH", "/api/v1/accounts/update_credentials", r.anas, `{"fields_attributes":[]}`)
		a := get[struct {
			Source struct {
				Fields []struct{ Name, Value string }
			}
		}](r.house, "PATCH", "/api/v1/accounts/update_credentials", r.anas, body, "Content-Type", kind)
		if got := fmt.Sprint(a.Source.Fields); got != "[{a b} {c d}]" {
			t.Errorf("%s leaves %s", body, got)
		}
	}
	for body, kind := range map[string]string{
		"status=x&poll[options][]=Rye&poll[options][]=Oat&poll[expires_in]=3600&poll[multiple]=on":                       form,
		"status=x&poll[options][0]=Rye&poll[options][1]=Oat&poll[expires_in]=3600&poll[multiple]=1":                      form,
		"status=x&poll%5Boptions%5D%5B%5D=Rye&poll%5Boptions%5D%5B%5D=Oat&poll%5Bexpires_in%5D=3600&poll[multiple]=true": form,
		`{"status":"x","poll":{"options":["Rye","Oat"],"expires_in":"3600","multiple":"true"}}`:                          js,
		`{"status":"x","poll":{"options":["Rye","Oat"],"expires_in":3600,"multiple":true}}`:                              js,
	} {
		s := get[struct{ Poll pollBody }](r.house, "POST", "/api/v1/statuses", r.anas, body, "Content-Type", kind)
		if s.Poll.Multiple == nil || !*s.Poll.Multiple || len(s.Poll.Options) != 2 || s.Poll.Options[1].Title != "Oat" {
			t.Errorf("%s makes the poll %+v", body, s.Poll)
		}
	}
}

func TestRule19ASlashAtTheEndIsServed(t *testing.T) {
	w := newWalk(t)
	for _, s := range w.steps() {
		if s.Method != "GET" || s.kind == page && !forPrograms(s.Path) || s.Access == auth.App {
			continue
		}
		path := w.path(s.Route, s.row, true)
		bare, query, _ := strings.Cut(path, "?")
		if query != "" {
			query = "?" + query
		}
		a, b := w.ask("GET", path, w.owner(s.row), ""), w.ask("GET", bare+"/"+query, w.owner(s.row), "")
		if a.Code != b.Code || withoutNames(a) != strings.ReplaceAll(withoutNames(b), bare+"/", bare) {
			t.Errorf("%s answers %d, with a slash %d: %.200s", path, a.Code, b.Code, b.Body)
		}
	}
}
