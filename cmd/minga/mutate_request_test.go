// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"minga/web/auth"
	"minga/web/mastodon"

	"minga/storage/storagetest"
)

// requestSeeds are good bodies of the writing routes; in braces stand ids. A route that
// is not here is called with any of them.
var requestSeeds = map[string][]string{
	"POST /api/v1/statuses": {
		`{"status":"Pan #pan @bea https://mill.example","visibility":"public","language":"es","spoiler_text":"x","sensitive":true,"in_reply_to_id":"{status}"}`,
		`{"status":"¿?","poll":{"options":["sí","no"],"expires_in":3600,"multiple":true,"hide_totals":true}}`,
		`{"status":"tarde","scheduled_at":"2099-01-01T10:00:00Z","media_ids":["{media}"]}`,
		`{"status":"pocos","minga":{"audience":"local"},"media_ids":["{media}"],"quoted_status_id":"{status}"}`,
	},
	"PUT /api/v1/statuses/:id":                        {`{"status":"otro","media_ids":["{media}"],"media_attributes":[{"id":"{media}","description":"x","focus":"0.1,0.2"}],"poll":{"options":["a","b"],"expires_in":600}}`},
	"PUT /api/v1/scheduled_statuses/:id":              {`{"scheduled_at":"2098-01-01T10:00:00Z"}`},
	"POST /api/v1/statuses/:id/reblog":                {`{"visibility":"private"}`},
	"POST /api/v1/polls/:id/votes":                    {`{"choices":["0","1"]}`},
	"POST /api/v1/accounts/:id/follow":                {`{"reblogs":true,"notify":true,"languages":["es","ca"]}`},
	"POST /api/v1/accounts/:id/mute":                  {`{"notifications":true,"duration":3600}`},
	"POST /api/v1/accounts/:id/note":                  {`{"comment":"x"}`},
	"PUT /api/v1/accounts/update_credentials":         {`{"display_name":"Nina","note":"Pan","locked":false,"bot":false,"discoverable":true,"fields_attributes":[{"name":"a","value":"https://b.example"}],"source":{"privacy":"public","language":"es","sensitive":false}}`},
	"POST /api/v1/domain_blocks":                      {`{"domain":"mal.example"}`},
	"DELETE /api/v1/domain_blocks":                    {`{"domain":"mal.example"}`},
	"POST /api/v1/lists":                              {`{"title":"Pan","replies_policy":"list","exclusive":true}`},
	"PUT /api/v1/lists/:id":                           {`{"title":"Pan","replies_policy":"none","exclusive":false}`},
	"POST /api/v1/lists/:id/accounts":                 {`{"account_ids":["{account}"]}`},
	"DELETE /api/v1/lists/:id/accounts":               {`{"account_ids":["{account}"]}`},
	"POST /api/v1/filters":                            {`{"phrase":"x","context":["home"],"irreversible":false,"whole_word":true,"expires_in":60}`},
	"PUT /api/v1/filters/:id":                         {`{"phrase":"x","context":["home","public"]}`},
	"POST /api/v2/filters":                            {`{"title":"x","context":["home"],"filter_action":"hide","expires_in":60,"keywords_attributes":[{"keyword":"y","whole_word":true}]}`},
	"PUT /api/v2/filters/:id":                         {`{"title":"x","context":["thread"],"keywords_attributes":[{"id":"{keyword}","keyword":"z","_destroy":true}]}`},
	"POST /api/v2/filters/:id/keywords":               {`{"keyword":"y","whole_word":false}`},
	"PUT /api/v2/filters/keywords/:id":                {`{"keyword":"y","whole_word":false}`},
	"POST /api/v2/filters/:id/statuses":               {`{"status_id":"{status}"}`},
	"POST /api/v1/markers":                            {`{"home":{"last_read_id":"{status}"},"notifications":{"last_read_id":"1"}}`},
	"POST /api/v1/push/subscription":                  {mutablePush},
	"PUT /api/v1/push/subscription":                   {`{"data":{"alerts":{"mention":true,"admin.report":false},"policy":"followed"}}`},
	"POST /api/v1/reports":                            {`{"account_id":"{account}","status_ids":["{status}"],"comment":"x","forward":true,"category":"violation","rule_ids":["1"]}`},
	"POST /api/v1/notifications/requests/accept":      {`{"id":["1"]}`},
	"POST /api/v1/notifications/requests/dismiss":     {`{"id":["1"]}`},
	"PUT /api/v1/notifications/policy":                {`{"filter_not_following":true}`},
	"PUT /api/v2/notifications/policy":                {`{"for_not_following":"filter","for_bots":"drop"}`},
	"POST /api/v1/media":                              {`{"description":"x","focus":"0.5,0.5"}`},
	"PUT /api/v1/media/:id":                           {`{"description":"x","focus":"0.5,0.5"}`},
	"POST /api/v1/apps":                               {`{"client_name":"x","redirect_uris":"https://app.example/cb","scopes":"read write:statuses","website":"https://app.example"}`},
	"POST /oauth/token":                               {`{"grant_type":"authorization_code","client_id":"x","client_secret":"y","code":"z","redirect_uri":"https://app.example/cb","code_verifier":"v","scope":"read"}`, `{"grant_type":"client_credentials","client_id":"x","client_secret":"y"}`},
	"POST /oauth/revoke":                              {`{"token":"x","client_id":"y","client_secret":"z"}`},
	"POST /api/v1/minga/jobs":                         {mutableJob},
	"POST /api/v1/minga/jobs/:id":                     {mutableJob},
	"PUT /api/v1/minga/jobs/:id":                      {mutableJob},
	"POST /api/v1/minga/articles":                     {`{"title":"Pan","summary":"x","markdown":"# y","language":"es","topics":["z"],"license":"https://creativecommons.org/licenses/by-sa/4.0/"}`},
	"POST /api/v1/minga/coops":                        {`{"name":"otra","display_name":"Otra","note":"x"}`},
	"POST /api/v1/minga/follows":                      {`{"handle":"bea@norte.localhost"}`},
	"POST /api/v1/minga/memberships":                  {`{"organization":"sur","role":"full"}`},
	"PUT /api/v1/announcements/:id/reactions/:name":   {`{}`},
	"POST /api/v1/notifications/requests/:id/accept":  {`{}`},
	"POST /api/v1/notifications/requests/:id/dismiss": {`{}`},
}

// readSeed are the parameters of reads, all together.
const readSeed = `{"limit":"5","max_id":"{status}","since_id":"1","min_id":"2","offset":"3","q":"pan","type":"accounts","resolve":false,"id":["{account}","{self}"],"acct":"nina","domain":"a.example",
	"any":["pan"],"all":["x"],"none":["y"],"local":true,"only_media":true,"pinned":true,"tagged":"pan","timeline":["home"],"types":["mention"],"exclude_types":["follow"],"grouped_types":["favourite"],
	"country":"AR","skills":["x"],"remote":"1","pay_min":"3","page":"2","order":"newest","language":"es","lang":"fr","account_id":"{account}","group_keys":["x"],"expand_accounts":"full"}`

// mutableJob is a job as clients send it.
const mutableJob = `{"title":"Miller","language":"en","engagement":"membership","membership_track":"expected","probation":"P6M","skills":["Milling"],"employment_type":["PART_TIME"],
	"description":"You look after the stones and the flour, with three others, four days a week.","place":{"mode":"onsite","name":"Rosario","country":"AR"},
	"hours":{"min":30,"max":30,"per":"week"},"pay":{"currency":"ARS","min":"1500000","max":"1500000","per":"month"},"apply":[{"way":"mail","value":"work@mill.example"}],"valid_through":"2099-01-01"}`

// mutablePush is a subscription as clients send it.
const mutablePush = `{"subscription":{"endpoint":"https://push.example/1","standard":true,"keys":{"auth":"BTBZMqHH6r4Tts7J_aSIgg",
	"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"}},"data":{"alerts":{"mention":true,"poll":false},"policy":"all"}}`

// shaker makes requests that nobody means well.
type shaker struct {
	r      *rand.Rand
	h      *house
	routes []auth.Route
	ids    []string
	named  map[string]string
	tokens []string

	nina, bea *phone
}

// newShaker has people with tokens, and the routes.
func newShaker(f *fediverse, seed uint64) *shaker {
	h := f.house("sur")
	s := &shaker{r: rand.New(rand.NewPCG(seed, 13)), h: h, nina: h.phone(h.person("nina")), bea: h.phone(h.person("bea"))}
	telar := h.phone(h.coop("telar"))
	s.tokens = []string{s.nina.token, s.nina.token, s.nina.token, s.bea.token, telar.token}
	s.named = map[string]string{"account": s.bea.self.ID.String(), "self": s.nina.self.ID.String(), "coop": telar.self.ID.String()}
	s.routes = mastodon.New(mastodon.Options{Store: h.store, Inbox: h.inbox, Outbox: h.outbox, Now: h.now, Media: h.media}).Routes()
	for _, path := range []string{"/api/v1/apps", "/oauth/token", "/oauth/revoke"} {
		s.routes = append(s.routes, auth.Route{Method: http.MethodPost, Path: path})
	}
	return s
}

// furnish gives Nina something of every kind; what she had may be gone by now.
func (s *shaker) furnish() {
	f := s.h.f
	keep := func(name string, answer row) { s.named[name] = answer["id"].(string) }
	keep("statuses", s.nina.post("/v1/statuses", row{"status": "Pan"}))
	s.named["status"] = s.named["statuses"]
	poll := s.bea.post("/v1/statuses", row{"status": "¿?", "poll": row{"options": []string{"a", "b"}, "expires_in": 3600}})
	keep("pollpost", poll)
	keep("polls", poll["poll"].(row))
	for _, path := range []string{"/v1/scheduled_statuses", "/v2/filters", "/v1/lists"} { // of these there is a most
		for _, one := range s.nina.list(path) {
			s.nina.ask(200, "DELETE", path+"/"+one.(row)["id"].(string), nil)
		}
	}
	keep("scheduled_statuses", s.nina.post("/v1/statuses", row{"status": "Luego", "scheduled_at": "2099-01-01T00:00:00Z"}))
	keep("lists", s.nina.post("/v1/lists", row{"title": "x"}))
	filter := s.nina.post("/v2/filters", row{"title": "x", "context": []string{"home"}, "keywords_attributes": []row{{"keyword": "y"}}})
	keep("filters", filter)
	keep("keywords", filter["keywords"].([]any)[0].(row))
	s.named["keyword"] = s.named["keywords"]
	keep("media", s.nina.post("/v2/media", pack(f.t, nil, map[string][]byte{"file": f.photo(20, 20)})))
	s.named["accounts"], s.named["coops"] = s.named["account"], s.named["coop"]
	s.ids = slices.Sorted(maps.Values(s.named))
}

// pick is one of several.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// oddWords are what stands in paths and fields that want an id, a name, a number.
var oddWords = []string{
	"0", "-1", "9223372036854775807", "9223372036854775808", "99999999999999999999", "1e3", "0x10", "+5", " 7", "..", "%2e%2e", "%00", "%ff", "a%2Fb", "%E2%80%AE", "x'--",
	"null", "[]", "true", "%F0%9F%91%8D", "%C3%28", strings.Repeat("9", 400), strings.Repeat("a", 3000),
}

// path fills the parameters of a route, mostly with what is there.
func (s *shaker) path(route auth.Route) string {
	steps := strings.Split(route.Path, "/")
	for n, step := range steps {
		if !strings.HasPrefix(step, ":") {
			continue
		}
		switch {
		case s.r.IntN(8) == 0:
			steps[n] = pick(s.r, oddWords)
		case step == ":step":
			steps[n] = pick(s.r, []string{"publish", "fill", "close", "withdraw", "reopen", "accept", "reject", "follow", "unfollow", "leave", "end", "validate"})
		case s.named[steps[n-1]] != "" && s.r.IntN(8) != 0:
			steps[n] = s.named[steps[n-1]]
		default:
			steps[n] = pick(s.r, s.ids)
		}
	}
	return strings.Join(steps, "/")
}

// members are a body before it is written, changed or not.
func (s *shaker) members(route auth.Route) map[string]any {
	method := route.Method
	if method == http.MethodPatch {
		method = http.MethodPut
	}
	seeds := requestSeeds[method+" "+route.Path]
	if method == http.MethodGet {
		seeds = []string{readSeed}
	}
	if len(seeds) == 0 || s.r.IntN(20) == 0 {
		seeds = pick(s.r, slices.Collect(maps.Values(requestSeeds)))
	}
	text := pick(s.r, seeds)
	for name, id := range s.named {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	var doc map[string]any
	s.h.f.must(json.Unmarshal([]byte(text), &doc))
	for range s.r.IntN(4) {
		change(s.r, doc, 0)
	}
	return doc
}

// flat writes members as a form names them.
func flat(out [][2]string, name string, value any) [][2]string {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			below := key
			if name != "" {
				below = name + "[" + key + "]"
			}
			out = flat(out, below, v[key])
		}
	case []any:
		for _, one := range v {
			out = flat(out, name+"[]", one)
		}
	case nil:
		out = append(out, [2]string{name, ""})
	default:
		out = append(out, [2]string{name, fmt.Sprint(v)})
	}
	return out
}

// request makes one request.
func (s *shaker) request() *http.Request {
	route := pick(s.r, s.routes)
	doc, path := s.members(route), s.path(route)
	var body []byte
	kind, query := "application/json", ""
	way := s.r.IntN(4)
	if route.Method == http.MethodGet {
		way = 2
	}
	switch form := flat(nil, "", doc); way {
	case 0:
		body = encodeForm(form)
		kind = "application/x-www-form-urlencoded"
	case 1:
		body, kind = s.multipart(form)
	case 2:
		query = "?" + string(encodeForm(form))
	default:
		body, _ = json.Marshal(doc)
	}
	if s.r.IntN(8) == 0 {
		body = scramble(s.r, body)
	}
	if s.r.IntN(30) == 0 {
		kind = pick(s.r, []string{"", "text/plain", "application/json; charset=utf-16", "multipart/form-data", "multipart/form-data; boundary=", "application/activity+json", "x"})
	}
	target, err := url.ParseRequestURI(s.h.config.BaseURL() + path + query)
	if err != nil { // net/http refuses such a line before it comes to a handler
		target, err = url.Parse(s.h.config.BaseURL() + "/api/v1/statuses")
		s.h.f.must(err)
	}
	r := httptest.NewRequestWithContext(s.h.f.ctx, route.Method, s.h.config.BaseURL()+"/", bytes.NewReader(body))
	r.URL = target
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+pick(s.r, s.tokens))
	if s.r.IntN(20) == 0 {
		r.Header.Set("Idempotency-Key", pick(s.r, []string{"a", "\xff\x00", strings.Repeat("k", 5000), " "}))
	}
	return r
}

// encodeForm writes a form in its order.
func encodeForm(form [][2]string) []byte {
	var b bytes.Buffer
	for _, pair := range form {
		fmt.Fprintf(&b, "&%s=%s", url.QueryEscape(pair[0]), url.QueryEscape(pair[1]))
	}
	return bytes.TrimPrefix(b.Bytes(), []byte("&"))
}

// multipart writes a form of parts, sometimes with files that are none.
func (s *shaker) multipart(form [][2]string) ([]byte, string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, pair := range form {
		s.h.f.must(w.WriteField(pair[0], pair[1]))
	}
	if s.r.IntN(2) == 0 {
		part, err := w.CreateFormFile(pick(s.r, []string{"file", "avatar", "header", "thumbnail", "status"}), pick(s.r, []string{"a.png", "../../b", "\x00", strings.Repeat("c", 300)}))
		s.h.f.must(err)
		_, err = part.Write(scramble(s.r, s.h.f.photo(1+s.r.IntN(40), 20)))
		s.h.f.must(err)
	}
	s.h.f.must(w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// mostMemory is what one request of at most 1 MiB may allocate, over its whole life.
const mostMemory = 128 << 20

// allocated is how many bytes something asked of the memory.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestMutatedRequests: every route of the API, called with a good token and
// with what nobody would send, in four encodings: answered 2xx, 3xx or 4xx, within
// bounded memory, and afterwards the queues run and the database is whole.
func TestMutatedRequests(t *testing.T) {
	storagetest.WithoutRace(t)
	eachEngine(t, func(f *fediverse) {
		seed := rand.Uint64()
		if again, err := strconv.ParseUint(os.Getenv("MINGA_TEST_SEED"), 10, 64); err == nil {
			seed = again
		}
		t.Logf("MINGA_TEST_SEED=%d", seed)
		s := newShaker(f, seed)
		answers, worst := map[int]int{}, uint64(0)
		for n := range mutants() {
			if n%60 == 0 {
				s.furnish()
			}
			r := s.request()
			what := r.Method + " " + r.URL.RequestURI()
			body, err := io.ReadAll(r.Body)
			f.must(err)
			r.Body = io.NopCloser(bytes.NewReader(body))
			w := httptest.NewRecorder()
			took := allocated(func() { s.h.handler.ServeHTTP(w, r) })
			if took > mostMemory {
				t.Errorf("seed %d: %s with %d bytes took %d MiB", seed, what, len(body), took>>20)
			}
			worst = max(worst, took)
			if answers[w.Code]++; w.Code >= 500 || w.Code < 200 {
				t.Errorf("seed %d: %.300s answered %d to %s %.600q", seed, what, w.Code, r.Header, body)
			}
			if n%100 == 0 {
				f.drain()
			}
		}
		f.settle()
		tellFigure(t, "R11", strconv.Itoa(mutants())+" mutated requests, "+string(f.engine), "answers %v (seed %d); 5xx: 0; panics: 0; the most memory of one: %d KiB", answers, seed, worst>>10)
		if answers[200] < mutants()/20 {
			t.Error("hardly any request was good: they prove nothing")
		}
		if problems, err := s.h.store.Check(f.ctx); err != nil || len(problems) > 0 {
			t.Errorf("damage: %v, %v", problems, err)
		}
	})
}
