// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"minga/storage"
	"minga/storage/storagetest"
)

// The answers of the client API, of a filled account and of an empty one, against the
// published description of the API and against what released clients need.

// openAPIFile is the description, beside the checkout: its licence keeps it out.
const openAPIFile = "../../../shared/mastodon-api/schema.json"

// described compiles the parts of the description.
type described struct {
	compiler *jsonschema.Compiler
	doc      map[string]any
}

// readOpenAPI reads the description, or skips the test and says so.
func readOpenAPI(t *testing.T) *described {
	t.Helper()
	file, err := os.Open(openAPIFile)
	if err != nil {
		t.Skipf("the description of the API is missing: %v", err)
	}
	defer func() { _ = file.Close() }()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	// Languages are BCP 47, of which the description's format is a part.
	c.RegisterFormat(&jsonschema.Format{Name: "iso-639-1", Validate: func(v any) error {
		if s, ok := v.(string); ok && !regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`).MatchString(s) {
			return fmt.Errorf("%q is no language", s)
		}
		return nil
	}})
	if err := c.AddResource("api.json", doc); err != nil {
		t.Fatal(err)
	}
	return &described{c, doc.(map[string]any)}
}

// schema is what a GET of the path answers with 200; nil where nothing is described.
func (d *described) schema(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	pointer := "/paths/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(path) + "/get/responses/200/content/application~1json/schema"
	at := any(d.doc)
	for _, step := range strings.Split(pointer, "/")[1:] {
		object, _ := at.(map[string]any)
		if at = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(step)]; at == nil {
			return nil
		}
	}
	s, err := d.compiler.Compile("api.json#" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return s
}

// filled is an account about which everything that can be asked has an answer.
type filled struct {
	*clientWorld
	t      *testing.T
	token  string
	others map[string]string // tokens by name
	ids    map[string]string // what the paths name
}

// as asks the first instance in somebody's name and reads the answer.
func (f *filled) as(token, method, path string, body any) map[string]any {
	f.t.Helper()
	status, text, err := f.home.call(f.t.Context(), method, path, token, body)
	if err != nil || status != http.StatusOK {
		f.t.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
	var out map[string]any
	_ = json.Unmarshal(text, &out) // a list is read by nobody here
	return out
}

// ana is as with her token.
func (f *filled) ana(method, path string, body any) map[string]any {
	f.t.Helper()
	return f.as(f.token, method, path, body)
}

// id is the id of an answer.
func id(answer map[string]any) string { s, _ := answer["id"].(string); return s }

// newFilled fills an account.
func newFilled(t *testing.T) *filled {
	t.Helper()
	f := &filled{clientWorld: newClientWorld(t, storage.SQLite), t: t, others: map[string]string{}, ids: map[string]string{}}
	f.token = f.home.do(nil, "token", "create", "--account", "ana", "--scopes", "read write follow push")
	for _, name := range []string{"carla", "dora", "eva", "fabio"} {
		f.home.do(nil, "account", "create", name, "--email", name+"@mill.example", "--confirmed")
		f.others[name] = f.home.do(nil, "token", "create", "--account", name, "--scopes", "read write follow push")
		f.ids[name] = id(f.as(f.others[name], "GET", "/api/v1/accounts/verify_credentials", nil))
	}
	f.ids["ana"] = id(f.ana("GET", "/api/v1/accounts/verify_credentials", nil))
	f.fillPosts()
	f.fillPeople()
	f.fillTools()
	f.fillRest()
	return f
}

// fillPosts writes, answers, boosts.
func (f *filled) fillPosts() {
	f.home.do(nil, "announcement", "create", "The mill is closed on Monday.")
	f.ana("PATCH", "/api/v1/accounts/update_credentials", map[string]any{
		"note": "Baker. #bread https://mill.example", "fields_attributes": []map[string]string{{"name": "Site", "value": "https://mill.example"}},
	})
	f.ids["media"] = f.upload()
	post := f.ana("POST", "/api/v1/statuses", map[string]any{
		"status": "Bread for @bea@" + f.away.host + " #bread #flour https://mill.example/oven", "media_ids": []string{f.ids["media"]}, "spoiler_text": "food", "language": "es",
	})
	f.ids["status"] = id(post)
	f.ana("PUT", "/api/v1/statuses/"+f.ids["status"], map[string]any{"status": "Bread and butter #bread", "media_ids": []string{f.ids["media"]}, "language": "es"})
	f.ana("POST", "/api/v1/statuses/"+f.ids["status"]+"/pin", nil)
	poll := f.ana("POST", "/api/v1/statuses", map[string]any{"status": "Rye?", "poll": map[string]any{"options": []string{"yes", "no"}, "expires_in": 3600}})
	f.ids["poll"] = id(poll["poll"].(map[string]any))
	f.as(f.others["carla"], "POST", "/api/v1/polls/"+f.ids["poll"]+"/votes", map[string]any{"choices": []int{1}})
	for _, audience := range []string{"unlisted", "private", "direct"} {
		f.ana("POST", "/api/v1/statuses", map[string]any{"status": "For few, @carla", "visibility": audience})
	}
	f.ana("POST", "/api/v1/statuses", map[string]any{"status": "Only here", "minga": map[string]any{"audience": "local"}})
	f.as(f.others["carla"], "POST", "/api/v1/statuses", map[string]any{"status": "Good bread, @ana", "in_reply_to_id": f.ids["status"]})
	for _, act := range []string{"favourite", "reblog", "bookmark"} {
		f.as(f.others["carla"], "POST", "/api/v1/statuses/"+f.ids["status"]+"/"+act, nil)
		f.ana("POST", "/api/v1/statuses/"+f.ids["status"]+"/"+act, nil)
	}
	f.as(f.others["eva"], "POST", "/api/v1/statuses", map[string]any{"status": "Secret for @ana", "visibility": "direct"})
	f.ana("POST", "/api/v1/statuses", map[string]any{"status": "Later", "scheduled_at": "2099-01-01T10:00:00Z", "poll": map[string]any{"options": []string{"a", "b"}, "expires_in": 600}})
	f.bea(f.t, "POST", "/api/v1/statuses", map[string]any{"status": "Clay #pots"}, nil)
}

// fillPeople follows, mutes, blocks.
func (f *filled) fillPeople() {
	bea := f.ana("GET", "/api/v2/search?resolve=true&type=accounts&q="+url.QueryEscape("@bea@"+f.away.host), nil)
	f.ids["bea"] = id(bea["accounts"].([]any)[0].(map[string]any))
	f.ana("POST", "/api/v1/accounts/"+f.ids["bea"]+"/follow", map[string]any{"notify": true, "languages": []string{"es", "en"}})
	f.ana("POST", "/api/v1/accounts/"+f.ids["carla"]+"/follow", nil)
	f.as(f.others["carla"], "POST", "/api/v1/accounts/"+f.ids["ana"]+"/follow", nil)
	f.as(f.others["carla"], "POST", "/api/v1/accounts/"+f.ids["bea"]+"/follow", nil)
	f.ana("PATCH", "/api/v1/accounts/update_credentials", map[string]any{"locked": true})
	f.as(f.others["eva"], "POST", "/api/v1/accounts/"+f.ids["ana"]+"/follow", nil)
	f.ana("POST", "/api/v1/accounts/"+f.ids["dora"]+"/block", nil)
	f.ana("POST", "/api/v1/accounts/"+f.ids["fabio"]+"/mute", map[string]any{"duration": 3600})
	f.ana("POST", "/api/v1/accounts/"+f.ids["bea"]+"/note", map[string]any{"comment": "makes pots"})
	eventually(f.t, interopPatience, "the follow of bea holds", func() bool {
		_, text, _ := f.home.call(f.t.Context(), "GET", "/api/v1/accounts/relationships?id="+f.ids["bea"], f.token, nil)
		return strings.Contains(string(text), `"following":true`)
	})
	eventually(f.t, interopPatience, "bea writes, and it is at home", func() bool {
		f.bea(f.t, "POST", "/api/v1/statuses", map[string]any{"status": "More clay for @ana@" + f.home.host + " #pots"}, nil)
		_, text, _ := f.home.call(f.t.Context(), "GET", "/api/v1/timelines/home", f.token, nil)
		return strings.Contains(string(text), "More clay")
	})
}

// fillTools keeps lists, filters, markers, tags.
func (f *filled) fillTools() {
	f.ids["list"] = id(f.ana("POST", "/api/v1/lists", map[string]any{"title": "Potters", "replies_policy": "followed", "exclusive": false}))
	f.ana("POST", "/api/v1/lists/"+f.ids["list"]+"/accounts", map[string]any{"account_ids": []string{f.ids["bea"], f.ids["carla"]}})
	f.ids["filter"] = id(f.ana("POST", "/api/v2/filters", map[string]any{
		"title": "No clay", "context": []string{"home", "public"}, "filter_action": "warn", "expires_in": 3600, "keywords_attributes": []map[string]any{{"keyword": "clay", "whole_word": true}},
	}))
	f.ana("POST", "/api/v1/tags/pots/follow", nil)
	f.ana("POST", "/api/v1/markers", map[string]any{"home": map[string]any{"last_read_id": f.ids["status"]}})
	_, text, err := f.home.call(f.t.Context(), "GET", "/api/v1/notifications", f.token, nil)
	var told []map[string]any
	if err != nil || json.Unmarshal(text, &told) != nil || len(told) == 0 {
		f.t.Fatalf("nobody told ana anything: %s %v", text, err)
	}
	f.ids["notification"] = id(told[0])
}

// fillRest shows hashtags and people on the profile, and says what the place is.
func (f *filled) fillRest() {
	f.ana("POST", "/api/v1/featured_tags", map[string]any{"name": "bread"})
	f.ana("POST", "/api/v1/accounts/"+f.ids["carla"]+"/endorse", nil)
	f.ana("PATCH", "/api/v1/profile", map[string]any{"discoverable": true, "show_media_replies": false})
	for _, token := range []string{f.token, f.others["carla"]} {
		f.as(token, "POST", "/api/v1/statuses", map[string]any{"status": "See https://bread.example/rye"})
	}
	file := filepath.Join(f.t.TempDir(), "words.md")
	if err := os.WriteFile(file, []byte("# Of bread\n\nWe keep *little*."), 0o600); err != nil {
		f.t.Fatal(err)
	}
	for _, kind := range []string{"about", "privacy", "terms"} {
		f.home.do(nil, "statement", "set", kind, "--file", "en="+file)
	}
	f.home.do(nil, "peer", "block", "mould.example")
}

// upload sends a picture.
func (f *filled) upload() string {
	f.t.Helper()
	body, kind := multipartOf(f.t, map[string]string{"description": "a loaf", "focus": "0.25,-0.5"}, "loaf.png", loaf(f.t))
	r, err := http.NewRequestWithContext(f.t.Context(), "POST", f.base()+"/api/v2/media", body)
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "Bearer "+f.token)
	w, err := f.home.client.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	var media map[string]any
	if err := json.NewDecoder(w.Body).Decode(&media); err != nil || w.StatusCode != http.StatusOK {
		f.t.Fatalf("upload: %d %v", w.StatusCode, err)
	}
	return id(media)
}

// reading is a GET of the API: its path as the description has it, the query to ask
// it with, and what entities it answers with.
type reading struct {
	path, query, entity string
}

// readings are the GETs of the first two tiers.
var readings = []reading{
	{"/api/v2/instance", "", "Instance"},
	{"/api/v1/instance", "", "V1Instance"},
	{"/api/v1/accounts/verify_credentials", "", "Account"},
	{"/api/v1/accounts/{ana}", "", "Account"},
	{"/api/v1/accounts/{bea}", "", "Account"},
	{"/api/v1/accounts/{ana}/statuses", "", "[]Status"},
	{"/api/v1/accounts/{ana}/statuses", "pinned=true", "[]Status"},
	{"/api/v1/accounts/{ana}/statuses", "only_media=true", "[]Status"},
	{"/api/v1/accounts/{bea}/statuses", "exclude_replies=true&exclude_reblogs=true", "[]Status"},
	{"/api/v1/accounts/relationships", "id[]={bea}&id[]={carla}&id[]={fabio}&id[]={dora}&id[]={eva}", "[]Relationship"},
	{"/api/v1/accounts/lookup", "acct=ana", "Account"},
	{"/api/v1/statuses/{status}", "", "Status"},
	{"/api/v1/statuses/{status}/context", "", "Context"},
	{"/api/v1/timelines/home", "", "[]Status"},
	{"/api/v1/timelines/public", "", "[]Status"},
	{"/api/v1/notifications", "", "[]Notification"},
	{"/api/v1/media/{media}", "", "MediaAttachment"},
	{"/api/v2/search", "q=bread", "Search"},
	{"/api/v1/custom_emojis", "", "[]CustomEmoji?"},
	{"/.well-known/oauth-authorization-server", "", ""},
	{"/api/v1/accounts", "id[]={ana}&id[]={bea}", "[]Account"},
	{"/api/v1/statuses", "id[]={status}", "[]Status"},
	{"/api/v1/accounts/{ana}/followers", "", "[]Account"},
	{"/api/v1/accounts/{ana}/following", "", "[]Account"},
	{"/api/v1/accounts/{bea}/lists", "", "[]List"},
	{"/api/v1/accounts/familiar_followers", "id[]={bea}", "[]FamiliarFollowers"},
	{"/api/v1/accounts/search", "q=ana", "[]Account"},
	{"/api/v1/statuses/{status}/reblogged_by", "", "[]Account"},
	{"/api/v1/statuses/{status}/favourited_by", "", "[]Account"},
	{"/api/v1/statuses/{status}/quotes", "", "[]Status?"},
	{"/api/v1/statuses/{status}/history", "", "[]StatusEdit"},
	{"/api/v1/statuses/{status}/source", "", "StatusSource"},
	{"/api/v1/timelines/tag/{hashtag}", "", "[]Status"},
	{"/api/v1/timelines/list/{list}", "", "[]Status"},
	{"/api/v1/notifications/{notification}", "", "Notification"},
	{"/api/v1/notifications/requests", "", "[]NotificationRequest?"},
	{"/api/v2/notifications", "", "GroupedNotifications"},
	{"/api/v1/markers", "timeline[]=home&timeline[]=notifications", "{}Marker"},
	{"/api/v1/preferences", "", ""},
	{"/api/v1/lists", "", "[]List"},
	{"/api/v1/lists/{list}", "", "List"},
	{"/api/v1/lists/{list}/accounts", "", "[]Account"},
	{"/api/v2/filters", "", "[]Filter"},
	{"/api/v2/filters/{filter}", "", "Filter"},
	{"/api/v1/filters", "", "[]FilterV1"},
	{"/api/v1/follow_requests", "", "[]Account"},
	{"/api/v1/blocks", "", "[]Account"},
	{"/api/v1/mutes", "", "[]Account"},
	{"/api/v1/bookmarks", "", "[]Status"},
	{"/api/v1/favourites", "", "[]Status"},
	{"/api/v1/conversations", "", "[]Conversation"},
	{"/api/v1/polls/{poll}", "", "Poll"},
	{"/api/v1/scheduled_statuses", "", "[]ScheduledStatus"},
	{"/api/v1/tags/{tag}", "", "Tag"},
	{"/api/v1/followed_tags", "", "[]Tag"},
	{"/api/v1/trends/tags", "", "[]Tag?"},
	{"/api/v1/trends/statuses", "", "[]Status?"},
	{"/api/v1/announcements", "", "[]Announcement"},

	{"/api/v1/accounts/{ana}/featured_tags", "", "[]FeaturedTag"},
	{"/api/v1/featured_tags", "", "[]FeaturedTag"},
	{"/api/v1/featured_tags/suggestions", "", "[]Tag?"},
	{"/api/v1/endorsements", "", "[]Account"},
	{"/api/v1/accounts/{ana}/endorsements", "", "[]Account"},
	{"/api/v1/accounts/{ana}/identity_proofs", "", "[]Account?"},
	{"/api/v1/profile", "", "Profile"},
	{"/api/v1/directory", "", "[]Account"},
	{"/api/v1/suggestions", "", "[]Account?"},
	{"/api/v2/suggestions", "", "[]Suggestion?"},
	{"/api/v1/timelines/direct", "", "[]Status?"},
	{"/api/v1/timelines/link", "url=https://bread.example/rye", "[]Status"},
	{"/api/v1/trends/links", "", "[]TrendsLink"},
	{"/api/v1/instance/rules", "", "[]Rule?"},
	{"/api/v1/instance/peers", "", ""},
	{"/api/v1/instance/activity", "", ""},
	{"/api/v1/instance/domain_blocks", "", "[]DomainBlock"},
	{"/api/v1/instance/extended_description", "", "Said"},
	{"/api/v1/instance/privacy_policy", "", "Said"},
	{"/api/v1/instance/terms_of_service", "", "Terms"},
	{"/api/v1/notifications/unread_count", "", ""},
	{"/api/v2/notifications/unread_count", "", ""},
	{"/api/v2/notifications/policy", "", "NotificationPolicy"},
	{"/api/v1/domain_blocks", "", ""},
}

// generic is a path as the description writes it: which thing it names is its own.
func generic(path string) string {
	for _, one := range []string{"{ana}", "{bea}", "{status}", "{media}", "{list}", "{filter}", "{poll}", "{notification}", "{tag}"} {
		to := "{id}"
		switch {
		case one == "{list}" && strings.Contains(path, "/timelines/"):
			to = "{list_id}"
		case one == "{tag}":
			to = "{name}"
		}
		path = strings.ReplaceAll(path, one, to)
	}
	return path
}

// TestEveryAnswerIsAsDescribed asks everything, of the filled account and of one that
// has done nothing yet.
func TestEveryAnswerIsAsDescribed(t *testing.T) {
	storagetest.WithoutRace(t)
	if testing.Short() {
		t.Skip("it starts processes")
	}
	api := readOpenAPI(t)
	f := newFilled(t)
	f.ids["hashtag"], f.ids["tag"] = "bread", "bread"
	for _, r := range readings {
		t.Run(strings.Trim(r.path+" "+r.query, " "), func(t *testing.T) {
			text := f.read(t, r, f.token)
			f.judge(t, api, r, text)
			if list := strings.HasPrefix(r.entity, "[]"); list && !strings.HasSuffix(r.entity, "?") && strings.TrimSpace(string(text)) == "[]" {
				t.Error("nothing is in it, so nothing was checked")
			}
		})
	}
	t.Run("a push subscription", func(t *testing.T) { f.judgePush(t, api) })
	nothing := f.others["fabio"]
	for _, r := range readings {
		if strings.Contains(r.path+r.query, "{") && !strings.Contains(r.path, "{ana}") || strings.Contains(r.path, "{media}") {
			continue
		}
		t.Run("nothing yet "+strings.Trim(r.path+" "+r.query, " "), func(t *testing.T) { f.judge(t, api, r, f.read(t, r, nothing)) })
	}
}

// read asks one GET.
func (f *filled) read(t *testing.T, r reading, token string) []byte {
	t.Helper()
	address := r.path
	if r.query != "" {
		address += "?" + r.query
	}
	for name, value := range f.ids {
		address = strings.ReplaceAll(address, "{"+name+"}", value)
	}
	status, text, err := f.home.call(t.Context(), "GET", address, token, nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d %s %v", address, status, text, err)
	}
	return text
}

// judge compares one answer with the description, and with what clients need.
func (f *filled) judge(t *testing.T, api *described, r reading, text []byte) {
	t.Helper()
	answer, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if schema := api.schema(t, generic(r.path)); schema == nil {
		if r.path != "/api/v1/preferences" {
			t.Error("the description has no such answer")
		}
	} else if err := schema.Validate(asDescribed(r.path, answer)); err != nil {
		t.Errorf("%v\n%.3000s", err, text)
	}
	walkValues(t, "", answer)
	kind := strings.TrimSuffix(r.entity, "?")
	switch list, ok := strings.CutPrefix(kind, "[]"); {
	case ok:
		for _, one := range answer.([]any) {
			needs(t, list, one)
		}
	case strings.HasPrefix(kind, "{}"):
		for _, one := range answer.(map[string]any) {
			needs(t, kind[2:], one)
		}
	case kind != "":
		needs(t, kind, answer)
	}
}

// judgePush checks the one subscription of a token. Its id is a number, as the
// description's example has it: clients that count on the API as it is read no text.
func (f *filled) judgePush(t *testing.T, api *described) {
	t.Helper()
	const path = "/api/v1/push/subscription"
	f.ana("POST", path, json.RawMessage(mutablePush))
	answer, err := jsonschema.UnmarshalJSON(strings.NewReader(string(f.read(t, reading{path: path}, f.token))))
	if err != nil {
		t.Fatal(err)
	}
	object := answer.(map[string]any)
	id, number := object["id"].(json.Number)
	if object["id"] = id.String(); !number || len(id) > 9 {
		t.Errorf("id %v", id)
	}
	if err := api.schema(t, path).Validate(answer); err != nil {
		t.Error(err)
	}
	needs(t, "WebPushSubscription", answer)
}

// asDescribed lets through where the description is known to be wrong: the old filters
// are a list, though it says an object.
func asDescribed(path string, answer any) any {
	list, ok := answer.([]any)
	switch {
	case !ok || path != "/api/v1/filters":
		return answer
	case len(list) > 0:
		return list[0]
	}
	return map[string]any{"id": "1", "phrase": "none", "context": []any{}, "expires_at": nil, "irreversible": false, "whole_word": false}
}

// digits, moment and date are how ids and times must look.
var (
	digits = regexp.MustCompile(`^[0-9]+$`)
	moment = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	date   = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
)

// walkValues checks each id and time, wherever it stands.
func walkValues(t *testing.T, at string, value any) {
	t.Helper()
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			walkValues(t, at+"[]", one)
		}
	case map[string]any:
		for name, one := range v {
			walkValue(t, at+"."+name, name, one)
			walkValues(t, at+"."+name, one)
		}
	}
}

// walkValue checks one member by its name.
func walkValue(t *testing.T, at, name string, value any) {
	t.Helper()
	text, ok := value.(string)
	switch {
	case !ok:
		if value != nil && (name == "id" || strings.HasSuffix(name, "_id")) && !strings.HasPrefix(name, "client_") {
			if number, _ := value.(json.Number); !(number != "" && (name == "most_recent_notification_id" || strings.Contains(at, ".params."))) {
				t.Errorf("%s is %v and no text", at, value)
			}
		}
	case name == "last_status_at":
		if !date.MatchString(text) {
			t.Errorf("%s is %q and no day", at, text)
		}
	case strings.HasSuffix(name, "_at"):
		if !moment.MatchString(text) {
			t.Errorf("%s is %q, not to the millisecond in UTC", at, text)
		}
	case (name == "id" || strings.HasSuffix(name, "_id")) && !strings.Contains(at, ".minga") && !strings.Contains(at, ".role"):
		if !digits.MatchString(text) {
			t.Errorf("%s is %q, not digits", at, text)
		}
	}
}
