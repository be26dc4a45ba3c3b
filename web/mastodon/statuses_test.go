// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"minga/coop"
)

func TestStatusIsPostedInEachForm(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, ana := d.person(coop.Person, "ana")
		d.person(coop.Person, "beto")
		for name, body := range map[string]any{
			"form":  url.Values{"status": {"Hola @beto #Coops https://telar.example/"}, "visibility": {"unlisted"}, "language": {"es"}, "sensitive": {"1"}},
			"JSON":  map[string]any{"status": "Hola @beto #Coops https://telar.example/", "visibility": "unlisted", "language": "es", "sensitive": true, "poll": nil, "media_ids": []string{}},
			"query": nil,
		} {
			path := "/v1/statuses"
			if body == nil {
				path += "?status=" + url.QueryEscape("Hola @beto #Coops https://telar.example/") + "&visibility=unlisted&language=es&sensitive=true"
			}
			a := d.ok("POST", path, ana, body)
			if a.text("visibility") != "unlisted" || a.doc["sensitive"] != true || a.text("language") != "es" || a.text("application", "name") != "Loom" || a.text("application", "website") != "https://loom.example" {
				d.Errorf("%s: %s", name, a.body)
			}
			mention := a.doc["mentions"].([]any)[0].(map[string]any)
			tag := a.doc["tags"].([]any)[0].(map[string]any)
			for _, part := range []string{
				`<span class="h-card" translate="no"><a href="` + mention["url"].(string) + `" class="u-url mention">@<span>beto</span></a></span>`,
				`<a href="` + tag["url"].(string) + `" class="mention hashtag" rel="tag">#<span>Coops</span></a>`,
				`<span class="invisible">https://</span>`,
			} {
				if !strings.Contains(a.text("content"), part) {
					d.Errorf("%s: %s lacks %s", name, a.text("content"), part)
				}
			}
		}
	})
}

func TestStatusRefusals(t *testing.T) {
	d := oneDesk(t)
	ana, token := d.person(coop.Person, "ana")
	beto, other := d.person(coop.Person, "beto")
	_, reader := d.person(coop.Person, "carla", "read")
	secret := d.ok("POST", "/v1/statuses", other, map[string]any{"status": "para mí", "visibility": "direct"})
	theirs := d.picture(beto, "")
	long := strings.Repeat("a", 5001)
	for _, tt := range []struct {
		name   string
		body   map[string]any
		status int
		field  string
	}{
		{"nothing", map[string]any{}, 422, "text"},
		{"white space", map[string]any{"status": " \n "}, 422, "text"},
		{"too long", map[string]any{"status": long}, 422, "text"},
		{"addresses count 23", map[string]any{"status": strings.Repeat("https://a.example/"+strings.Repeat("x", 100)+" ", 200)}, 200, ""},
		{"an unknown audience", map[string]any{"status": "x", "visibility": "friends"}, 422, "visibility"},
		{"an unknown own audience", map[string]any{"status": "x", "minga": map[string]any{"audience": "friends"}}, 422, "minga.audience"},
		{"members of nobody", map[string]any{"status": "x", "minga": map[string]any{"audience": "members:5"}}, 422, "minga.audience"},
		{"members of a person", map[string]any{"status": "x", "minga": map[string]any{"audience": "members:" + ana.ID.String()}}, 422, "minga.audience"},
		{"an answer to what is hidden", map[string]any{"status": "x", "in_reply_to_id": secret.text("id")}, 404, ""},
		{"an answer to what never was", map[string]any{"status": "x", "in_reply_to_id": "99"}, 404, ""},
		{"an answer to no id", map[string]any{"status": "x", "in_reply_to_id": "last"}, 404, ""},
		{"a file of another", map[string]any{"status": "x", "media_ids": []string{theirs}}, 422, "media_ids"},
		{"five files", map[string]any{"status": "x", "media_ids": []string{"1", "2", "3", "4", "5"}}, 422, "media_ids"},
		{"a poll of one", map[string]any{"status": "x", "poll": map[string]any{"options": []string{"a"}, "expires_in": 3600}}, 422, "poll.options"},
		{"a poll without an end", map[string]any{"status": "x", "poll": map[string]any{"options": []string{"a", "b"}}}, 422, "poll.expires_in"},
		{"a poll for ever", map[string]any{"status": "x", "poll": map[string]any{"options": []string{"a", "b"}, "expires_in": 1 << 40}}, 422, "poll.expires_in"},
		{"another form", map[string]any{"status": "x", "content_type": "text/html"}, 422, "content_type"},
		{"no language", map[string]any{"status": "x", "language": "!!"}, 422, "language"},
		{"too soon", map[string]any{"status": "x", "scheduled_at": "2030-05-01T12:04:00.000Z"}, 422, "scheduled_at"},
		{"no time", map[string]any{"status": "x", "scheduled_at": "tomorrow"}, 422, "scheduled_at"},
		{"a status that is an object", map[string]any{"status": map[string]any{"a": 1}}, 422, "status"},
		{"an unknown kind", map[string]any{"status": "x", "minga": map[string]any{"kind": "pool"}}, 422, "minga.kind"},
		{"a job of a person", map[string]any{"minga": map[string]any{"kind": "job", "job": opening()}}, 403, ""},
		{"direct to nobody", map[string]any{"status": "x", "visibility": "direct"}, 200, ""},
		{"a warning alone is the text", map[string]any{"spoiler_text": "x"}, 200, ""},
	} {
		a := d.call("POST", "/v1/statuses", token, tt.body)
		details, _ := a.doc["details"].(map[string]any)
		if a.status != tt.status || tt.field != "" && details[tt.field] == nil {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
	if a := d.call("POST", "/v1/statuses", reader, map[string]any{"status": "x"}); a.status != 403 {
		t.Errorf("without the scope: %d", a.status)
	}
	if a := d.call("POST", "/v1/statuses", "", map[string]any{"status": "x"}); a.status != 401 {
		t.Errorf("without a token: %d", a.status)
	}
	hidden, never := d.call("GET", "/v1/statuses/"+secret.text("id"), token, nil), d.call("GET", "/v1/statuses/99", token, nil)
	if hidden.status != 404 || !bytes.Equal(hidden.body, never.body) {
		t.Errorf("hidden %d %s, never %s", hidden.status, hidden.body, never.body)
	}
}

func TestTheSameKeyGivesTheFirstStatus(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, ana := d.person(coop.Person, "ana")
		_, beto := d.person(coop.Person, "beto")
		var all sync.WaitGroup
		ids := make([]string, 6)
		for i := range ids {
			all.Go(func() {
				a := d.call("POST", "/v1/statuses", ana, map[string]any{"status": "Hola"}, "k-1")
				if ids[i] = a.text("id"); a.status != 200 {
					d.Errorf("%d %s", a.status, a.body)
				}
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] || id == "" {
				d.Fatalf("ids %v", ids)
			}
		}
		if a := d.ok("POST", "/v1/statuses", beto, map[string]any{"status": "Hola"}, "k-1"); a.text("id") == ids[0] {
			d.Error("another token got the same status")
		}
		if a := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "Otra"}, "k-2"); a.text("id") == ids[0] {
			d.Error("another key gave the same status")
		}
		later := map[string]any{"status": "Luego", "scheduled_at": d.clock.Now().Add(time.Hour).Format(time.RFC3339)}
		if first, second := d.ok("POST", "/v1/statuses", ana, later, "k-3"), d.ok("POST", "/v1/statuses", ana, later, "k-3"); first.text("id") != second.text("id") {
			d.Errorf("scheduled twice: %s %s", first.body, second.body)
		}
		d.clock.Advance(61 * time.Minute)
		if a := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "Hola"}, "k-1"); a.text("id") == ids[0] {
			d.Error("the key holds for ever")
		}
	})
}

func TestEditGoesRound(t *testing.T) {
	eachDesk(t, func(d *desk) {
		a, ana := d.person(coop.Person, "ana")
		_, beto := d.person(coop.Person, "beto")
		one, two := d.picture(a, "uno"), d.picture(a, "dos")
		post := d.ok("POST", "/v1/statuses", ana, map[string]any{
			"status": "**Hola** #uno", "content_type": "text/markdown", "spoiler_text": "aviso", "media_ids": []string{one, two}, "visibility": "unlisted", "language": "es",
		})
		at := "/v1/statuses/" + post.text("id")
		source := d.ok("GET", at+"/source", ana, nil)
		if source.text("text") != "**Hola** #uno" || source.text("spoiler_text") != "aviso" || source.text("content_type") != "text/markdown" {
			d.Errorf("source %s", source.body)
		}
		if hidden := d.call("GET", at+"/source", beto, nil); hidden.status != 404 {
			d.Errorf("source for another: %d", hidden.status)
		}
		if other := d.call("PUT", at, beto, map[string]any{"status": "mío"}); other.status != 404 {
			d.Errorf("edit by another: %d", other.status)
		}
		d.clock.Advance(time.Minute)
		edited := d.ok("PUT", at, ana, url.Values{
			"status": {source.text("text") + " más"}, "media_ids[]": {two, one}, "media_attributes[][id]": {one}, "media_attributes[][description]": {"uno, corregido"}, "visibility": {"public"},
		})
		files := edited.doc["media_attachments"].([]any)
		if len(files) != 2 || files[0].(map[string]any)["id"] != two || files[1].(map[string]any)["description"] != "uno, corregido" {
			d.Errorf("files %s", edited.body)
		}
		if edited.text("visibility") != "unlisted" || edited.text("language") != "es" || edited.text("spoiler_text") != "" || edited.text("edited_at") == "" || !strings.Contains(edited.text("content"), "<strong>Hola</strong>") {
			d.Errorf("edited %s", edited.body)
		}
		d.clock.Advance(time.Minute)
		d.ok("PATCH", at, ana, map[string]any{"status": "votemos", "poll": map[string]any{"options": []string{"sí", "no"}, "expires_in": "3600"}})
		history := d.ok("GET", at+"/history", "", nil).list
		if len(history) != 3 {
			d.Fatalf("history has %d states", len(history))
		}
		first, last := history[0], history[2]
		if first["spoiler_text"] != "aviso" || first["sensitive"] != true || len(first["media_attachments"].([]any)) != 2 || first["created_at"] != post.text("created_at") {
			d.Errorf("first state %v", first)
		}
		if last["content"] != "<p>votemos</p>" || last["poll"] == nil || len(last["media_attachments"].([]any)) != 0 {
			d.Errorf("last state %v", last)
		}
		if d.call("PUT", at, ana, map[string]any{}).status != 422 {
			d.Error("an empty edit is taken")
		}
	})
}

func TestDeleteAndRedraft(t *testing.T) {
	eachDesk(t, func(d *desk) {
		a, ana := d.person(coop.Person, "ana")
		_, beto := d.person(coop.Person, "beto")
		file := d.picture(a, "uno")
		post := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "Hola <b>", "media_ids": []string{file}})
		at := "/v1/statuses/" + post.text("id")
		boost := d.ok("POST", at+"/reblog", beto, nil)
		if d.call("DELETE", at, beto, nil).status != 404 || d.call("DELETE", "/v1/statuses/"+boost.text("id"), ana, nil).status != 404 {
			d.Error("another's status was deleted")
		}
		gone := d.ok("DELETE", "/v1/statuses/"+boost.text("id"), beto, nil)
		if gone.text("id") != post.text("id") || gone.doc["reblogged"] != false {
			d.Errorf("boost taken back: %s", gone.body)
		}
		d.ok("POST", at+"/pin", ana, nil)
		d.ok("POST", at+"/reblog", beto, nil)
		deleted := d.ok("DELETE", at, ana, nil)
		if deleted.text("text") != "Hola <b>" || len(deleted.doc["media_attachments"].([]any)) != 1 {
			d.Errorf("deleted %s", deleted.body)
		}
		if d.call("GET", at, ana, nil).status != 404 || d.call("DELETE", at, ana, nil).status != 404 {
			d.Error("it is still there")
		}
		again := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "Hola, otra vez", "media_ids": []string{file}})
		if len(again.doc["media_attachments"].([]any)) != 1 {
			d.Errorf("written anew: %s", again.body)
		}
	})
}

func TestReactionsAreRepeatable(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, ana := d.person(coop.Person, "ana")
		_, beto := d.person(coop.Person, "beto")
		post := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "Hola"})
		id := post.text("id")
		wrapper := d.ok("POST", "/v1/statuses/"+id+"/reblog", ana, nil)
		if wrapper.text("reblog", "id") != id || wrapper.text("id") == id || wrapper.doc["reblogged"] != true {
			d.Errorf("the boost is no wrapper: %s", wrapper.body)
		}
		for _, pair := range []struct{ do, undo, flag, by string }{
			{"favourite", "unfavourite", "favourited", beto}, {"bookmark", "unbookmark", "bookmarked", beto}, {"mute", "unmute", "muted", beto}, {"pin", "unpin", "pinned", ana},
		} {
			for _, name := range []string{id, wrapper.text("id")} { // the id of a boost is as good
				for range 2 {
					if a := d.ok("POST", "/v1/statuses/"+name+"/"+pair.do, pair.by, nil); a.doc[pair.flag] != true || a.text("id") != id {
						d.Errorf("%s %s: %s", pair.do, name, a.body)
					}
				}
				for range 2 {
					if a := d.ok("POST", "/v1/statuses/"+name+"/"+pair.undo, pair.by, nil); a.doc[pair.flag] != false {
						d.Errorf("%s %s: %s", pair.undo, name, a.body)
					}
				}
			}
		}
		twice := d.ok("POST", "/v1/statuses/"+wrapper.text("id")+"/reblog", ana, nil)
		if twice.text("id") != wrapper.text("id") {
			d.Errorf("boosted twice: %s", twice.body)
		}
		for range 2 {
			if a := d.ok("POST", "/v1/statuses/"+id+"/unreblog", ana, nil); a.text("id") != id || a.doc["reblogged"] != false {
				d.Errorf("unreblog %s", a.body)
			}
		}
		own := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "para quienes siguen", "visibility": "private"})
		d.ok("POST", "/v1/statuses/"+own.text("id")+"/reblog", ana, nil)
		for _, act := range []string{"reblog", "favourite", "bookmark", "mute", "pin", "unreblog"} {
			if a := d.call("POST", "/v1/statuses/"+own.text("id")+"/"+act, beto, nil); a.status != 404 {
				d.Errorf("%s of what is hidden: %d %s", act, a.status, a.body)
			}
		}
		if a := d.call("POST", "/v1/statuses/"+id+"/pin", beto, nil); a.status != 422 {
			d.Errorf("pin another's: %d", a.status)
		}
		if a := d.call("POST", "/v1/statuses/"+id+"/reblog", beto, map[string]any{"visibility": "direct"}); a.status != 422 {
			d.Errorf("direct boost: %d", a.status)
		}
		for n := range coop.MaxPins + 1 {
			next := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "fijar"})
			if a := d.call("POST", "/v1/statuses/"+next.text("id")+"/pin", ana, nil); (a.status == 422) != (n == coop.MaxPins) {
				d.Errorf("pin %d: %d", n, a.status)
			}
		}
	})
}

func TestUnknownHandlesDoNotHoldAPost(t *testing.T) {
	d := oneDesk(t)
	_, ana := d.person(coop.Person, "ana")
	start := time.Now()
	a := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "Hola @nadie@127.0.0.1:1 y @otra@nowhere.invalid"})
	if took := time.Since(start); took > 6*time.Second || len(a.doc["mentions"].([]any)) != 0 {
		t.Errorf("took %s: %s", took, a.body)
	}
	if a.status != http.StatusOK {
		t.Errorf("%d", a.status)
	}
}
