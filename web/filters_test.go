// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// filterBody is a filter as a client reads it.
type filterBody struct {
	ID       string
	Title    string
	Context  []string
	Expires  *string `json:"expires_at"`
	Action   string  `json:"filter_action"`
	Keywords []struct {
		ID      string
		Keyword string
		Whole   bool `json:"whole_word"`
	}
	Statuses []struct {
		ID     string
		Status string `json:"status_id"`
	}
}

const formType = "application/x-www-form-urlencoded"

func TestFiltersAreMadeAndChanged(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("telar", "read write")
	form := url.Values{
		"title": {"Noise"}, "context[]": {"home", "public"}, "filter_action": {"hide"}, "expires_in": {"3600"},
		"keywords_attributes[0][keyword]": {"casino"}, "keywords_attributes[0][whole_word]": {"true"}, "keywords_attributes[1][keyword]": {"crypto coins"},
	}
	made := get[filterBody](h, "POST", "/api/v2/filters", token, form.Encode(), "Content-Type", formType)
	if made.Title != "Noise" || made.Action != "hide" || made.Expires == nil || len(made.Context) != 2 || len(made.Keywords) != 2 || !made.Keywords[0].Whole || made.Keywords[1].Whole || made.Statuses == nil {
		t.Fatalf("made: %+v", made)
	}
	path := "/api/v2/filters/" + made.ID
	body := `{"title":"Games","filter_action":"blur","expires_in":null,"keywords_attributes":[{"id":"` + made.Keywords[0].ID + `","keyword":"bingo","whole_word":false},{"id":"` + made.Keywords[1].ID + `","_destroy":true},{"keyword":"slots"}]}`
	changed := get[filterBody](h, "PUT", path, token, body)
	if changed.Title != "Games" || changed.Action != "blur" || changed.Expires != nil || len(changed.Context) != 2 || len(changed.Keywords) != 2 || changed.Keywords[0].Keyword != "bingo" || changed.Keywords[0].Whole || changed.Keywords[1].Keyword != "slots" {
		t.Errorf("changed: %+v", changed)
	}
	if patched := get[filterBody](h, "PATCH", path, token, `{"context":["thread"]}`); !slices.Equal(patched.Context, []string{"thread"}) || patched.Title != "Games" || len(patched.Keywords) != 2 {
		t.Errorf("patched: %+v", patched)
	}
	if one := get[filterBody](h, "GET", path, token, ""); one.Title != "Games" {
		t.Errorf("one: %+v", one)
	}
	if list := get[[]filterBody](h, "GET", "/api/v2/filters", token, ""); len(list) != 1 || len(list[0].Keywords) != 2 {
		t.Errorf("list: %+v", list)
	}
	for body, field := range map[string]string{
		`{"title":"","context":["home"]}`:                                                   "title",
		`{"title":"x"}`:                                                                     "context",
		`{"title":"x","context":["garden"]}`:                                                "context",
		`{"title":"x","context":["home"],"filter_action":"burn"}`:                           "filter_action",
		`{"title":"x","context":["home"],"expires_in":-1}`:                                  "expires_in",
		`{"title":"x","context":["home"],"expires_in":"soon"}`:                              "expires_in",
		`{"title":"x","context":["home"],"keywords_attributes":[{"keyword":""}]}`:           "keywords_attributes[0].keyword",
		`{"title":"x","context":["home"],"keywords_attributes":[{"id":"9","keyword":"x"}]}`: "keywords_attributes[0].id",
		`{"title":"x","context":["home"],"keywords_attributes":7}`:                          "keywords_attributes[0]",
		`{"title":"` + strings.Repeat("x", coop.MaxFilterTitle+1) + `","context":["home"]}`: "title",
	} {
		if w := h.ask("POST", "/api/v2/filters", token, body); w.Code != 422 || !strings.Contains(w.Body.String(), `"`+field+`"`) {
			t.Errorf("%s answers %d: %s", body, w.Code, w.Body)
		}
	}
	if w := h.ask("DELETE", path, token, ""); w.Code != 200 || w.Body.String() != "{}" {
		t.Errorf("delete answers %d: %s", w.Code, w.Body)
	}
	if w := h.ask("GET", path, token, ""); w.Code != 404 {
		t.Errorf("a deleted filter answers %d", w.Code)
	}
}

func TestWhatIsInAFilter(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token := h.member("telar", "read write")
	_, eves := h.member("eve", "read write")
	ana := h.person("ana")
	post := h.note(ana)
	hidden := h.note(ana, func(p *coop.Post) { p.Visibility = coop.VisibleFollowers })
	made := get[filterBody](h, "POST", "/api/v2/filters", token, `{"title":"Bread","context":["home"]}`)
	if made.Keywords == nil || made.Action != "warn" {
		t.Errorf("made: %+v", made)
	}
	path := "/api/v2/filters/" + made.ID
	type keyword struct {
		ID, Keyword string
		Whole       bool `json:"whole_word"`
	}
	k := get[keyword](h, "POST", path+"/keywords", token, "keyword=rye&whole_word=1", "Content-Type", formType)
	one := "/api/v2/filters/keywords/" + k.ID
	if changed := get[keyword](h, "PUT", one, token, `{"keyword":"wheat"}`); !k.Whole || changed.Keyword != "wheat" || !changed.Whole {
		t.Errorf("keyword %+v, changed %+v", k, changed)
	}
	if list := get[[]keyword](h, "GET", path+"/keywords", token, ""); len(list) != 1 || list[0] != get[keyword](h, "GET", one, token, "") {
		t.Errorf("keywords: %+v", list)
	}
	type place struct {
		ID     string
		Status string `json:"status_id"`
	}
	p := get[place](h, "POST", path+"/statuses", token, `{"status_id":"`+post.ID.String()+`"}`)
	place1 := "/api/v2/filters/statuses/" + p.ID
	if list := get[[]place](h, "GET", path+"/statuses", token, ""); len(list) != 1 || list[0] != p || p.Status != post.ID.String() || get[place](h, "GET", place1, token, "") != p {
		t.Errorf("posts: %+v", list)
	}
	for _, ask := range [][4]string{
		{"GET", path, eves, ""},
		{"PUT", path, eves, `{"title":"mine"}`},
		{"DELETE", path, eves, ""},
		{"GET", path + "/keywords", eves, ""},
		{"POST", path + "/keywords", eves, `{"keyword":"x"}`},
		{"GET", one, eves, ""},
		{"PUT", one, eves, `{"keyword":"x"}`},
		{"DELETE", one, eves, ""},
		{"GET", path + "/statuses", eves, ""},
		{"POST", path + "/statuses", eves, `{"status_id":"` + post.ID.String() + `"}`},
		{"GET", place1, eves, ""},
		{"DELETE", place1, eves, ""},
		{"GET", "/api/v1/filters/" + k.ID, eves, ""},
		{"PUT", "/api/v1/filters/" + k.ID, eves, `{"phrase":"x"}`},
		{"DELETE", "/api/v1/filters/" + k.ID, eves, ""},
		{"POST", path + "/statuses", token, `{"status_id":"` + hidden.ID.String() + `"}`},
		{"POST", path + "/statuses", token, `{"status_id":"1"}`},
		{"POST", path + "/statuses", token, `{}`},
	} {
		if w := h.ask(ask[0], ask[1], ask[2], ask[3]); w.Code != 404 {
			t.Errorf("%s %s %s answers %d: %s", ask[0], ask[1], ask[3], w.Code, w.Body)
		}
	}
	if gone := get[place](h, "DELETE", place1, token, ""); gone != p {
		t.Errorf("removed: %+v", gone)
	}
	get[struct{}](h, "DELETE", one, token, "")
	if left := get[filterBody](h, "GET", path, token, ""); len(left.Keywords)+len(left.Statuses) != 0 {
		t.Errorf("left: %+v", left)
	}
	_ = telar
}

func TestFiltersOfTheFirstVersion(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("telar", "read write")
	type v1 struct {
		ID, Phrase   string
		Context      []string
		Expires      *string `json:"expires_at"`
		Irreversible bool
		Whole        bool `json:"whole_word"`
	}
	made := get[v1](h, "POST", "/api/v1/filters", token, `{"phrase":"casino","context":["home"],"irreversible":true,"expires_in":60}`)
	if made.Phrase != "casino" || !made.Irreversible || made.Expires == nil || made.Whole {
		t.Fatalf("made: %+v", made)
	}
	path := "/api/v1/filters/" + made.ID
	changed := get[v1](h, "PUT", path, token, `{"phrase":"bingo","context":["home","thread"],"irreversible":false,"whole_word":true,"expires_in":""}`)
	if changed.ID != made.ID || changed.Phrase != "bingo" || changed.Irreversible || changed.Expires != nil || !changed.Whole || len(changed.Context) != 2 {
		t.Errorf("changed: %+v", changed)
	}
	whole := get[[]filterBody](h, "GET", "/api/v2/filters", token, "")
	if len(whole) != 1 || whole[0].Title != "casino" || whole[0].Action != "warn" {
		t.Fatalf("as the second version shows it: %+v", whole)
	}
	get[map[string]any](h, "POST", "/api/v2/filters/"+whole[0].ID+"/keywords", token, `{"keyword":"slots"}`)
	list := get[[]v1](h, "GET", "/api/v1/filters", token, "")
	if len(list) != 2 || list[1].Phrase != "slots" {
		t.Errorf("list: %+v", list)
	}
	if w := h.ask("PUT", path, token, `{"context":["home"]}`); w.Code != 422 {
		t.Errorf("what would change another keyword too answers %d", w.Code)
	}
	get[v1](h, "PUT", path, token, `{"phrase":"lotto"}`)
	get[struct{}](h, "DELETE", path, token, "")
	get[struct{}](h, "DELETE", "/api/v1/filters/"+list[1].ID, token, "")
	if whole := get[[]filterBody](h, "GET", "/api/v2/filters", token, ""); len(whole) != 0 {
		t.Errorf("an empty filter is left: %+v", whole)
	}
	if w := h.ask("POST", "/api/v1/filters", token, `{"phrase":"","context":["home"]}`); w.Code != 422 {
		t.Errorf("no phrase answers %d", w.Code)
	}
}

// statusBody is what of a status these tests look at.
type statusBody struct {
	ID       string
	Filtered *[]struct {
		Filter struct {
			ID, Title string
			Context   []string
			Action    string  `json:"filter_action"`
			Expires   *string `json:"expires_at"`
		}
		Keywords []string `json:"keyword_matches"`
		Posts    []string `json:"status_matches"`
	}
}

func TestStatusesSayWhichFiltersTheyMeet(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token := h.member("telar", "read write")
	ana := h.person("ana")
	post := h.note(ana, func(p *coop.Post) { p.Source = "Café con PAN de centeno, @telar" })
	own := h.note(telar, func(p *coop.Post) { p.Source = "cafe" })
	made := get[filterBody](h, "POST", "/api/v2/filters", token, `{"title":"Drinks","context":["home","notifications"],"filter_action":"hide","keywords_attributes":[{"keyword":"cafe","whole_word":true},{"keyword":"ente"},{"keyword":"cent","whole_word":true}]}`)
	get[map[string]any](h, "POST", "/api/v2/filters/"+made.ID+"/statuses", token, `{"status_id":"`+post.ID.String()+`"}`)
	list := get[[]struct{ Status statusBody }](h, "GET", "/api/v1/notifications", token, "")
	if len(list) != 1 || list[0].Status.Filtered == nil || len(*list[0].Status.Filtered) != 1 {
		t.Fatalf("in notifications: %+v", list)
	}
	met := (*list[0].Status.Filtered)[0]
	if met.Filter.ID != made.ID || met.Filter.Action != "hide" || len(met.Filter.Context) != 2 || !slices.Equal(met.Keywords, []string{"cafe", "ente"}) || !slices.Equal(met.Posts, []string{post.ID.String()}) {
		t.Errorf("met: %+v", met)
	}
	leo := h.person("leo")
	leos := h.token(leo, "read")
	h.note(ana, func(p *coop.Post) { p.Source = "Café, @leo" })
	if list := get[[]struct{ Status statusBody }](h, "GET", "/api/v1/notifications", leos, ""); list[0].Status.Filtered == nil || len(*list[0].Status.Filtered) != 0 {
		t.Errorf("somebody else's filters hold: %+v", list)
	}
	h.likes(ana, own, storage.Like)
	if list := get[[]struct{ Status statusBody }](h, "GET", "/api/v1/notifications?types[]=favourite", token, ""); len(*list[0].Status.Filtered) != 0 {
		t.Errorf("one's own post is filtered: %+v", list)
	}
}
