// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
	"minga/storage/storagetest"
)

// eachCalmHouse runs a story on both databases, without limits.
func eachCalmHouse(t *testing.T, story func(h *house)) {
	t.Helper()
	storagetest.Each(t, func(t *testing.T, s *storage.Store) {
		story(newHouseOn(t, s, func(o *Options) { o.RateLimit = false }))
	})
}

// wants asks, and wants a status.
func (h *house) wants(code int, method, path, token, body string) string {
	h.Helper()
	answer := h.ask(method, path, token, body)
	if answer.Code != code {
		h.Errorf("%s %s answers %d, want %d: %s", method, path, answer.Code, code, answer.Body)
	}
	return answer.Body.String()
}

// column is one member of each entry of a list.
func (h *house) column(text, member string) string {
	h.Helper()
	var list []map[string]any
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		h.Fatalf("%v in %s", err, text)
	}
	values := []string{}
	for _, one := range list {
		values = append(values, fmt.Sprint(one[member]))
	}
	return strings.Join(values, " ")
}

func TestHashtagsOnAProfile(t *testing.T) {
	eachCalmHouse(t, func(h *house) {
		ana, eve := h.person("ana"), h.person("eve")
		token, other := h.token(ana, "read write"), h.token(eve, "read write")
		for _, audience := range []coop.Visibility{coop.VisiblePublic, coop.VisibleUnlisted, coop.VisibleFollowers, coop.VisibleDirect} {
			h.note(ana, func(p *coop.Post) { p.Source, p.Visibility = "#Pan de la semana #secreto", audience })
		}
		actor := func() string { return h.ask("GET", "/people/ana", "", "", "Accept", activityJSON).Body.String() }
		if strings.Contains(actor(), "featuredTags\":\"") {
			h.Errorf("a collection before there is a hashtag: %s", actor())
		}
		if got := h.column(h.wants(200, "GET", "/api/v1/featured_tags/suggestions", token, ""), "name"); got != "pan secreto" {
			h.Errorf("used most: %s", got)
		}
		made := h.wants(200, "POST", "/api/v1/featured_tags", token, `{"name":"#Pan"}`)
		var tag struct {
			ID, Name, URL, StatusesCount, LastStatusAt string
			Count                                      string `json:"statuses_count"`
			Last                                       string `json:"last_status_at"`
		}
		if err := json.Unmarshal([]byte(made), &tag); err != nil || tag.Name != "Pan" || tag.Count != "2" || len(tag.Last) != 10 {
			h.Errorf("made %s: %v", made, err)
		}
		if again := h.wants(200, "POST", "/api/v1/featured_tags", token, `{"name":"pan"}`); h.column("["+again+"]", "id") != tag.ID {
			h.Errorf("twice is once: %s", again)
		}
		for body, want := range map[string]int{`{"name":"  "}`: 422, `{}`: 422, `{"name":"two words"}`: 422, `{"name":"###"}`: 422} {
			h.wants(want, "POST", "/api/v1/featured_tags", token, body)
		}
		if text := h.wants(200, "GET", "/api/v1/tags/pan", token, ""); !strings.Contains(text, `"featuring":true`) {
			h.Errorf("the hashtag: %s", text)
		}
		for i := range coop.MaxFeaturedTags - 1 {
			h.wants(200, "POST", fmt.Sprintf("/api/v1/tags/t%d/feature", i), token, "")
		}
		h.wants(422, "POST", "/api/v1/tags/toomany/feature", token, "")
		h.wants(200, "POST", "/api/v1/tags/T0/unfeature", token, "")
		if got := h.column(h.wants(200, "GET", "/api/v1/accounts/"+ana.ID.String()+"/featured_tags", "", ""), "name"); !strings.HasPrefix(got, "t8 ") || !strings.HasSuffix(got, " Pan") || strings.Contains(got, "t0") {
			h.Errorf("shown: %s", got)
		}
		if !strings.Contains(actor(), `"featuredTags":"https://coop.example/people/ana/featuredTags"`) {
			h.Errorf("the actor: %s", actor())
		}
		wire := h.ask("GET", "/people/ana/featuredTags?page=first", "", "", "Accept", activityJSON)
		if wire.Code != 200 || !strings.Contains(wire.Body.String(), `{"type":"Hashtag","name":"#Pan","href":"https://coop.example/tags/pan"}`) {
			h.Errorf("the collection: %d %s", wire.Code, wire.Body)
		}
		h.wants(404, "DELETE", "/api/v1/featured_tags/"+tag.ID, other, "")
		h.wants(200, "DELETE", "/api/v1/featured_tags/"+tag.ID, token, "")
		h.wants(404, "DELETE", "/api/v1/featured_tags/"+tag.ID, token, "")
	})
}

func TestPeopleOnAProfile(t *testing.T) {
	eachCalmHouse(t, func(h *house) {
		ana, eve, leo := h.person("ana"), h.person("eve"), h.person("leo")
		token, other := h.token(ana, "read write follow"), h.token(eve, "read write follow")
		at := func(a *coop.Account, act string) string { return "/api/v1/accounts/" + a.ID.String() + act }
		h.wants(422, "POST", at(eve, "/endorse"), token, "")
		for _, a := range []*coop.Account{eve, leo} {
			h.wants(200, "POST", at(a, "/follow"), token, "")
		}
		if text := h.wants(200, "POST", at(eve, "/endorse"), token, ""); !strings.Contains(text, `"endorsed":true`) {
			h.Errorf("endorsed: %s", text)
		}
		h.wants(200, "POST", at(leo, "/pin"), token, "")
		if got := h.column(h.wants(200, "GET", at(ana, "/endorsements"), "", ""), "username"); got != "leo eve" {
			h.Errorf("shown: %s", got)
		}
		first := h.ask("GET", "/api/v1/endorsements?limit=1", token, "")
		next := relation(h.T, first.Header(), "next")
		if got := h.column(first.Body.String(), "username") + ", " + h.column(h.wants(200, "GET", next, token, ""), "username"); got != "leo, eve" {
			h.Errorf("by pages: %s", got)
		}
		h.wants(200, "POST", at(leo, "/unpin"), token, "")
		h.wants(200, "POST", at(eve, "/unfollow"), token, "")
		if got := h.column(h.wants(200, "GET", at(ana, "/endorsements"), other, ""), "username"); got != "" {
			h.Errorf("whom one does not follow any more: %s", got)
		}
		if text := h.wants(200, "GET", "/api/v1/accounts/relationships?id[]="+eve.ID.String(), token, ""); strings.Contains(text, `"endorsed":true`) {
			h.Errorf("the relationship: %s", text)
		}
		h.wants(200, "POST", at(ana, "/block"), other, "")
		h.wants(404, "GET", at(&coop.Account{ID: 7}, "/endorsements"), "", "")
	})
}

func TestWhatPagesAreLinked(t *testing.T) {
	eachCalmHouse(t, func(h *house) {
		ana, eve := h.person("ana"), h.person("eve")
		token := h.token(ana, "read write")
		say := func(a *coop.Account, text string, v coop.Visibility) string {
			return h.note(a, func(p *coop.Post) { p.Source, p.Visibility = text, v }).ID.String()
		}
		one, two := say(ana, "https://Bread.example/rye#crust", coop.VisiblePublic), say(eve, "see https://bread.example/rye", coop.VisiblePublic)
		say(ana, "https://bread.example/rye", coop.VisibleFollowers)
		say(ana, "https://alone.example", coop.VisiblePublic)
		if got := h.column(h.wants(200, "GET", "/api/v1/timelines/link?url=https://bread.example/rye%23x", "", ""), "id"); got != two+" "+one {
			h.Errorf("the timeline of a link: %s, want %s %s", got, two, one)
		}
		h.wants(422, "GET", "/api/v1/timelines/link", "", "")
		if got := h.wants(200, "GET", "/api/v1/timelines/link?url=nothing", "", ""); strings.TrimSpace(got) != "[]" {
			h.Errorf("of no link: %s", got)
		}
		text := h.wants(200, "GET", "/api/v1/trends/links", "", "")
		if h.column(text, "url") != "https://bread.example/rye" || !strings.Contains(text, `"uses":"2","accounts":"2"`) {
			h.Errorf("trends: %s", text)
		}
		h.wants(200, "PUT", "/api/v1/statuses/"+one, token, `{"status":"no link"}`)
		h.wants(200, "DELETE", "/api/v1/statuses/"+two, h.token(eve, "read write"), "")
		if got := h.wants(200, "GET", "/api/v1/timelines/link?url=https://bread.example/rye", "", ""); strings.TrimSpace(got) != "[]" {
			h.Errorf("after the edit and the end: %s", got)
		}
	})
}

// TestOnesOwnPostForFollowersIsBoostedAtHome: the boost is a line of its own where the
// post is not on the page.
func TestOnesOwnPostForFollowersIsBoostedAtHome(t *testing.T) {
	eachCalmHouse(t, func(h *house) {
		ana, eve, leo := h.person("ana"), h.person("eve"), h.person("leo")
		token, follower, stranger := h.token(ana, "read write follow"), h.token(eve, "read write follow"), h.token(leo, "read write follow")
		h.wants(200, "POST", "/api/v1/accounts/"+ana.ID.String()+"/follow", follower, "")
		post := h.note(ana, func(p *coop.Post) { p.Source, p.Visibility = "for few", coop.VisibleFollowers }).ID.String()
		h.wants(200, "POST", "/api/v1/statuses/"+post+"/reblog", token, "")
		for who, want := range map[string]bool{token: true, follower: true, stranger: false} {
			text := h.wants(200, "GET", "/api/v1/timelines/home?since_id="+post, who, "")
			if strings.Contains(text, "for few") != want {
				h.Errorf("at home of %s: %s", who, text)
			}
			if text := h.wants(200, "GET", "/api/v1/accounts/"+ana.ID.String()+"/statuses?since_id="+post, who, ""); strings.Contains(text, "for few") != want {
				h.Errorf("on the profile for %s: %s", who, text)
			}
		}
	})
}

func TestTheProfileAsSettingsShowIt(t *testing.T) {
	g := newGallery(t, nil)
	ana := g.person("ana")
	token := g.token(ana, "read write profile")
	text := g.wants(200, "PATCH", "/api/v1/profile", token, `{"note":"I *bake*","show_media":false,"attribution_domains":["Bread.example","bread.example"],"discoverable":true,"fields_attributes":[{"name":"Site","value":"https://bread.example"}]}`)
	for _, want := range []string{`"note":"I *bake*"`, `"show_media":false`, `"show_media_replies":true`, `"attribution_domains":["bread.example"]`, `"avatar":null`, `"value":"https://bread.example"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
	if again := g.wants(200, "GET", "/api/v1/profile", token, ""); again != text {
		t.Errorf("read again: %s", again)
	}
	g.wants(422, "PUT", "/api/v1/profile", token, `{"attribution_domains":["not a host"]}`)
	if text := g.wants(200, "GET", "/api/v1/accounts/"+ana.ID.String(), "", ""); !strings.Contains(text, `"show_media":false`) {
		t.Errorf("the account: %s", text)
	}
	if got := g.column(g.wants(200, "GET", "/api/v1/directory?local=true&order=new", "", ""), "username"); !slices.Contains(strings.Fields(got), "ana") {
		t.Errorf("the directory: %s", got)
	}
	g.wants(200, "PATCH", "/api/v1/profile", token, `{"discoverable":false}`)
	if got := g.column(g.wants(200, "GET", "/api/v1/directory", "", ""), "username"); slices.Contains(strings.Fields(got), "ana") {
		t.Errorf("the directory: %s", got)
	}

	file, _ := g.upload(token, "file", "a.jpg", string(photo(t, 20, 20)))
	g.wants(404, "DELETE", "/api/v1/media/"+file.ID, g.token(g.person("eve"), "read write"), "")
	held, _ := g.upload(token, "file", "b.jpg", string(photo(t, 20, 20)))
	g.wants(200, "POST", "/api/v1/statuses", token, `{"status":"x","media_ids":["`+held.ID+`"]}`)
	g.wants(422, "DELETE", "/api/v1/media/"+held.ID, token, "")
	g.wants(200, "DELETE", "/api/v1/media/"+file.ID, token, "")
	g.wants(404, "GET", "/api/v1/media/"+file.ID, token, "")
	g.wants(422, "POST", "/api/v1/statuses", token, `{"status":"x","media_ids":["`+file.ID+`"]}`)
}

// TestNothingIsTranslatedButByItsAuthor: 403 for what nobody wrote in that language,
// 404 for what one may not see.
func TestNothingIsTranslatedButByItsAuthor(t *testing.T) {
	h := newHouse(t, nil)
	ana, eve := h.person("ana"), h.person("eve")
	token := h.token(eve, "read write")
	both := h.note(ana, func(p *coop.Post) { p.Source = "Bread" })
	both.ContentMap = map[string]string{"en": "<p>Bread</p>", "es-AR": "<p>Pan</p>"}
	h.change(func(tx *storage.Tx) error { _, err := tx.UpdatePost(t.Context(), both, storage.Arrival{}); return err })
	hidden := h.note(ana, func(p *coop.Post) { p.Source, p.Visibility = "secret", coop.VisibleDirect })
	ask := func(p *coop.Post, lang string) string {
		return "/api/v1/statuses/" + p.ID.String() + "/translate?lang=" + lang
	}
	if text := h.wants(200, "POST", ask(both, "es"), token, ""); !strings.Contains(text, `"content":"\u003cp\u003ePan\u003c/p\u003e"`) || !strings.Contains(text, `"language":"es-AR"`) || !strings.Contains(text, `"provider":"ana"`) {
		t.Errorf("translated: %s", text)
	}
	h.wants(403, "POST", ask(both, "it"), token, "")
	h.wants(403, "POST", ask(both, "en"), token, "")
	h.wants(404, "POST", ask(hidden, "es"), token, "")
	h.wants(401, "POST", ask(both, "es"), "", "")
}

func TestWhatTheInstanceSays(t *testing.T) {
	eachCalmHouse(t, func(h *house) {
		h.wants(404, "GET", "/api/v1/instance/privacy_policy", "", "")
		h.wants(404, "GET", "/privacy", "", "")
		h.wants(200, "GET", "/api/v1/instance/extended_description", "", "")
		for _, kind := range coop.StatementKinds() {
			s := &coop.Statement{Kind: kind, Texts: coop.Texts{"en": "# Hello\n\nWe *keep* little. <script>x</script>", "es": "Hola"}}
			if err := s.Validate(); err != nil {
				h.Fatal(err)
			}
			h.change(func(tx *storage.Tx) error { return tx.PutStatement(h.Context(), s) })
		}
		for _, path := range []string{"/api/v1/instance/privacy_policy", "/api/v1/instance/terms_of_service", "/api/v1/instance/extended_description", "/privacy", "/terms", "/about"} {
			text := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(h.wants(200, "GET", path, "", ""))
			if !strings.Contains(text, "<em>keep</em>") || strings.Contains(text, "<script>x") {
				h.Errorf("%s: %s", path, text)
			}
		}
		h.wants(404, "GET", "/api/v1/instance/terms_of_service/1999-01-01", "", "")
		if text := h.wants(200, "GET", "/api/v2/instance", "", ""); !strings.Contains(text, `"privacy_policy":"https://coop.example/privacy"`) {
			h.Errorf("the instance: %s", text)
		}
		h.change(func(tx *storage.Tx) error {
			if err := tx.PutPeer(h.Context(), &coop.Peer{Host: "quiet.example", Policy: coop.PolicyLimit}); err != nil {
				return err
			}
			return tx.PutPeer(h.Context(), &coop.Peer{Host: "mould.example", Policy: coop.PolicyBlock, Reason: "for us alone", PublicReason: "spam"})
		})
		text := h.wants(200, "GET", "/api/v1/instance/domain_blocks", "", "")
		if h.column(text, "domain") != "mould.example quiet.example" || h.column(text, "severity") != "suspend silence" || strings.Contains(text, "for us alone") || !strings.Contains(text, `"comment":"spam"`) {
			h.Errorf("shut out: %s", text)
		}
		ana := h.person("ana")
		h.note(ana)
		h.wants(200, "GET", "/api/v1/timelines/home", h.token(ana, "read"), "")
		weeks := h.wants(200, "GET", "/api/v1/instance/activity", "", "")
		if h.column(weeks, "statuses") != "1 0 0 0 0 0 0 0 0 0 0 0" || h.column(weeks, "logins") != "1 0 0 0 0 0 0 0 0 0 0 0" || h.column(weeks, "registrations") != "1 0 0 0 0 0 0 0 0 0 0 0" {
			h.Errorf("weeks: %s", weeks)
		}
	})
}
