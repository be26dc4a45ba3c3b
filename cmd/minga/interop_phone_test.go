// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// phone gives an account a client with a token.
func (w *interopWorld) phone(a *coop.Account) *phone {
	w.t.Helper()
	h := &house{instance: w.instance, f: &fediverse{t: w.t, ctx: w.ctx}}
	return h.phone(a)
}

// on is the same phone inside a part of a test.
func (w *interopWorld) on(p *phone) *phone {
	return &phone{h: &house{instance: w.instance, f: &fediverse{t: w.t, ctx: w.ctx}}, self: p.self, token: p.token}
}

// arrives does something and gives what then came to the peer, which must be these
// types in this order, good in every way.
func (w *interopWorld) arrives(from *coop.Account, want string, act func()) (got []interopEntry) {
	w.t.Helper()
	before := w.peer.mark()
	act()
	w.settle()
	entries := w.peer.inbox(before)
	if said := interopSays(entries); said != want {
		w.t.Fatalf("arrived %q, want %q", said, want)
	}
	for _, e := range entries {
		whole := w.peer.entry(e.Seq)
		w.good(whole, from)
		got = append(got, whole)
	}
	return got
}

// object is the object of what arrived, as Fedify keeps it.
func (e interopEntry) object() map[string]any {
	o, _ := e.Parsed["object"].(map[string]any)
	return o
}

// says demands that a document has its members, by their JSON.
func (w *interopWorld) says(document any, members ...string) {
	w.t.Helper()
	text, err := json.Marshal(document)
	w.must(err)
	for _, m := range members {
		if !strings.Contains(string(text), m) {
			w.t.Errorf("no %s in %s", m, text)
		}
	}
}

// TestInteropPhoneWrites: what somebody does in a client arrives at Fedify, which reads
// it, verifies it, and finds it under its id.
func TestInteropPhoneWrites(t *testing.T) {
	w := newInteropWorld(t, nil)
	ana, ben := w.account(coop.Person, "ana"), w.peer.add("ben", nil)
	w.followedBy(ben, ana)
	w.subscribe(ana, ben)
	theirs := w.peer.publish(ben, fields{"activity": "Create", "object": fields{"content": "<p>Pan</p>"}})
	w.settle()
	phone := w.phone(ana)
	bread := w.post(theirs.Object).ID.String()
	public, followers := vocabularyPublic, string(ana.Followers)

	w.run("a picture with everything that is known of it", func(w *interopWorld) { interopPictureOut(w, w.on(phone), ben) })
	w.run("a content warning", func(w *interopWorld) {
		got := w.arrives(ana, "Create", func() {
			w.on(phone).post("/v1/statuses", row{"status": "gluten", "spoiler_text": "comida", "sensitive": true})
		})
		w.says(got[0].object(), `"summary":"comida"`, `"sensitive":true`)
	})
	for audience, want := range map[string]struct{ to, cc []string }{
		"public": {[]string{public}, []string{followers}}, "unlisted": {[]string{followers}, []string{public}}, "private": {[]string{followers}, nil}, "direct": {[]string{ben.ID}, nil},
	} {
		w.run(audience, func(w *interopWorld) {
			text := "para " + audience
			if audience == "direct" {
				text += " " + ben.Handle
			}
			got := w.arrives(ana, "Create", func() { w.on(phone).post("/v1/statuses", row{"status": text, "visibility": audience}) })
			object, _ := got[0].Document["object"].(map[string]any)
			if to, cc := textsOf(object["to"]), textsOf(object["cc"]); !slices.Equal(to, want.to) || !slices.Equal(cc, want.cc) {
				w.t.Errorf("to %v cc %v", to, cc)
			}
			if id, _ := object["id"].(string); (w.peer.fetch(w.peer.add("eve-"+audience, nil), id, "cavage").Status == http.StatusOK) != (audience == "public" || audience == "unlisted") {
				w.t.Error("a stranger's read is answered wrongly")
			}
		})
	}
	w.run("its life: edited, pinned, taken off, deleted", func(w *interopWorld) { interopLifeOut(w, w.on(phone), ben) })
	w.run("like and boost, and both taken back", func(w *interopWorld) {
		for _, step := range [][2]string{{"favourite", "Like"}, {"unfavourite", "Undo"}, {"reblog", "Announce"}, {"unreblog", "Undo"}} {
			got := w.arrives(ana, step[1], func() { w.on(phone).post("/v1/statuses/"+bread+"/"+step[0], nil) })
			if step[1] != "Undo" {
				w.says(got[0].Document, `"object":"`+theirs.Object+`"`)
			}
		}
	})
	w.run("a boost for followers", func(w *interopWorld) {
		own := w.on(phone).post("/v1/statuses", row{"status": "solo amigas", "visibility": "private"})["id"].(string)
		w.settle()
		got := w.arrives(ana, "Announce", func() { w.on(phone).post("/v1/statuses/"+own+"/reblog", row{"visibility": "private"}) })
		if to := textsOf(got[0].Document["to"]); !slices.Equal(to, []string{followers}) || strings.Contains(got[0].Text, public) {
			w.t.Errorf("the boost is for %v: %s", to, got[0].Text)
		}
	})
	w.run("a profile with a picture and fields", func(w *interopWorld) { interopProfileOut(w, w.on(phone)) })
	w.run("a poll, and a ballot from there", func(w *interopWorld) { interopPollOut(w, w.on(phone), ben) })
	w.run("a report is sent on without a name", func(w *interopWorld) {
		instance := w.local("/actor")
		got := w.arrives(instance, "Flag", func() {
			w.on(phone).post("/v1/reports", row{"account_id": w.remote(ben).ID.String(), "status_ids": []string{bread}, "comment": "correo basura", "forward": true})
		})
		w.says(got[0].Document, theirs.Object, ben.ID, "correo basura")
		if strings.Contains(got[0].Text, string(ana.IRI)) {
			w.t.Errorf("the report names who made it: %s", got[0].Text)
		}
	})
	w.run("a block and its end", func(w *interopWorld) {
		got := w.arrives(ana, "Undo Reject Block", func() { w.on(phone).post("/v1/accounts/"+w.remote(ben).ID.String()+"/block", nil) })
		w.says(got[2].Document, `"object":"`+ben.ID+`"`)
		if after := w.peer.actor("ben"); slices.Contains(after.Followers, string(ana.IRI)) {
			w.t.Errorf("ben's followers are %v", after.Followers)
		}
		w.arrives(ana, "Undo", func() { w.on(phone).post("/v1/accounts/"+w.remote(ben).ID.String()+"/unblock", nil) })
	})
}

// textsOf is a value that is a text or a list of texts.
func textsOf(v any) (list []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			list = append(list, one.(string))
		}
	}
	return list
}

// interopPictureOut uploads a picture and posts it.
func interopPictureOut(w *interopWorld, p *phone, ben interopActor) {
	file := p.post("/v2/media", pack(w.t, map[string]string{"description": "Un pan", "focus": "0.5,-0.25"}, map[string][]byte{"file": p.h.f.photo(640, 360)}))
	got := w.arrives(p.self, "Create", func() { p.post("/v1/statuses", row{"status": "Miren", "media_ids": []any{file["id"]}}) })
	attachment := got[0].object()["attachment"]
	w.says(attachment, `"mediaType":"image/jpeg"`, `"name":"Un pan"`, `"width":640`, `"height":360`, file["url"].(string))
	w.says(got[0].Expanded, `"http://joinmastodon.org/ns#focalPoint":[{"@list":[{"@value":0.5},{"@value":-0.25}]}]`, `"http://joinmastodon.org/ns#blurhash":[{"@value":`)
	if answer := w.peer.fetch(ben, file["url"].(string), "none"); answer.Status != http.StatusOK || answer.Headers["content-type"] != "image/jpeg" {
		w.t.Errorf("the file answers %d %v", answer.Status, answer.Headers)
	}
}

// interopLifeOut edits, pins, unpins and deletes a post.
func interopLifeOut(w *interopWorld, p *phone, ben interopActor) {
	var id string
	got := w.arrives(p.self, "Create", func() { id = p.post("/v1/statuses", row{"status": "uno"})["id"].(string) })
	iri, _ := got[0].object()["id"].(string)
	got = w.arrives(p.self, "Update", func() { p.ask(200, "PUT", "/v1/statuses/"+id, row{"status": "dos #pan", "spoiler_text": "ojo"}) })
	w.says(got[0].object(), "dos", `"updated":"`, `"summary":"ojo"`, `"type":"Hashtag"`)
	got = w.arrives(p.self, "Add", func() { p.post("/v1/statuses/"+id+"/pin", nil) })
	w.says(got[0].Document, `"object":"`+iri+`"`, `"target":"`+string(p.self.Featured)+`"`)
	featured := w.peer.fetch(ben, string(p.self.Featured), "cavage")
	if featured.Type != "OrderedCollection" || !strings.Contains(w.pages(ben, featured.Document), iri) || featured.Lost != nil || featured.Error != "" {
		w.t.Errorf("featured reads as %s: %s, lost %+v %s", featured.Type, featured.Text, featured.Lost, featured.Error)
	}
	w.arrives(p.self, "Remove", func() { p.post("/v1/statuses/"+id+"/unpin", nil) })
	if again := w.peer.fetch(ben, string(p.self.Featured), "cavage"); strings.Contains(w.pages(ben, again.Document), iri) {
		w.t.Errorf("still featured: %s", again.Text)
	}
	got = w.arrives(p.self, "Delete", func() { p.ask(200, "DELETE", "/v1/statuses/"+id, nil) })
	w.says(got[0].object(), `"id":"`+iri+`"`, `"type":"Tombstone"`)
	if answer := w.peer.fetch(ben, iri, "none"); answer.Status != http.StatusGone {
		w.t.Errorf("afterwards it answers %d", answer.Status)
	}
}

// interopProfileOut changes a profile: its picture and fields arrive, and are found.
func interopProfileOut(w *interopWorld, p *phone) {
	change := pack(w.t, map[string]string{
		"display_name": "Ana la panadera", "note": "Hago pan.", "fields_attributes[0][name]": "Sitio", "fields_attributes[0][value]": "https://mill.example",
	}, map[string][]byte{"avatar": p.h.f.photo(300, 300)})
	got := w.arrives(p.self, "Update", func() { p.ask(200, "PATCH", "/v1/accounts/update_credentials", change) })
	w.says(got[0].object(), `"name":"Ana la panadera"`, `"type":"PropertyValue"`, `"name":"Sitio"`, "mill.example", `"icon":{`, `"mediaType":"image/`)
	found := w.peer.lookup(w.handle(p.self))
	w.says(found.Parsed, `"name":"Ana la panadera"`, `"PropertyValue"`)
	if found.Lost != nil || found.Error != "" {
		w.t.Errorf("a strict reader loses something of the profile: %+v %s", found.Lost, found.Error)
	}
}

// interopPollOut asks, and counts what Fedify sends back.
func interopPollOut(w *interopWorld, p *phone, ben interopActor) {
	var poll row
	got := w.arrives(p.self, "Create", func() {
		poll = p.post("/v1/statuses", row{"status": "¿Qué día?", "poll": row{"options": []string{"lunes", "martes"}, "expires_in": 3600}})
	})
	object := got[0].object()
	w.says(object, `"type":"Question"`, `"oneOf":[`, `"name":"lunes"`, `"name":"martes"`, `"endTime":"`, `"votersCount":0`)
	iri, _ := object["id"].(string)
	ballot := func(option string) fields {
		return fields{"recipients": []string{string(p.self.IRI)}, "jsonld": fields{"type": "Create", "to": string(p.self.IRI), "object": fields{
			"type": "Note", "id": ben.ID + "/objects/vote-" + option, "attributedTo": ben.ID, "to": string(p.self.IRI), "name": option, "inReplyTo": iri,
		}}}
	}
	w.peer.publish(ben, ballot("martes"))
	w.peer.publish(ben, ballot("lunes")) // only the first counts
	w.settle()
	id := poll["poll"].(row)["id"].(string)
	seen := p.get("/v1/polls/" + id)
	w.says(seen, `"votes_count":1`, `"voters_count":null`, `{"title":"martes","votes_count":1}`)
	told, err := w.store.Notifications(w.ctx, p.self.ID, coop.Page{Limit: 40})
	w.must(err)
	if slices.ContainsFunc(told, func(n coop.Notification) bool { return n.Kind == coop.NotifyMention }) {
		w.t.Error("a ballot was told as a mention")
	}
}

// TestInteropPhoneReads: what Fedify publishes is shown to clients, and answered.
func TestInteropPhoneReads(t *testing.T) {
	w := newInteropWorld(t, nil)
	ana, ben, carla := w.account(coop.Person, "ana"), w.peer.add("ben", nil), w.peer.add("carla", nil)
	w.subscribe(ana, ben)
	w.followedBy(ben, ana)
	w.followedBy(carla, ana)
	phone := w.phone(ana)
	home := func(w *interopWorld, iri string) (found row) {
		w.until(iri+" is at home", func() bool {
			list := w.on(phone).list("/v1/timelines/home?limit=10")
			at := slices.IndexFunc(list, func(one any) bool { return one.(row)["uri"] == iri })
			if at >= 0 {
				found = list[at].(row)
			}
			return found != nil
		})
		return found
	}
	create := func(w *interopWorld, by interopActor, object fields) string {
		object["id"], object["attributedTo"] = by.ID+"/objects/"+object["id"].(string), by.ID
		object["to"], object["published"] = vocabularyPublic, time.Now().UTC().Format(time.RFC3339)
		w.peer.publish(by, fields{"recipients": []string{string(ana.IRI)}, "jsonld": fields{
			"@context": []any{"https://www.w3.org/ns/activitystreams", fields{
				"toot": "http://joinmastodon.org/ns#", "Emoji": "toot:Emoji", "votersCount": "toot:votersCount", "sensitive": "as:sensitive", "Hashtag": "as:Hashtag", "quoteUrl": "as:quoteUrl",
			}},
			"type": "Create", "to": vocabularyPublic, "object": object,
		}})
		w.settle()
		return object["id"].(string)
	}
	w.run("a question, and a vote", func(w *interopWorld) {
		iri := create(w, ben, fields{
			"id": "question", "type": "Question", "content": "<p>¿Qué pan?</p>", "endTime": time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "votersCount": 4,
			"oneOf": []fields{{"type": "Note", "name": "trigo", "replies": fields{"type": "Collection", "totalItems": 3}}, {"type": "Note", "name": "centeno", "replies": fields{"type": "Collection", "totalItems": 1}}},
		})
		shown := home(w, iri)
		w.says(shown["poll"], `"votes_count":4`, `{"title":"trigo","votes_count":3}`, `"multiple":false`, `"expired":false`)
		id := shown["poll"].(row)["id"].(string)
		got := w.arrives(ana, "Create", func() { w.on(phone).post("/v1/polls/"+id+"/votes", row{"choices": []int{1}}) })
		object := got[0].object()
		w.says(object, `"type":"Note"`, `"name":"centeno"`, `"inReplyTo":"`+iri+`"`)
		if object["content"] != nil || !slices.Equal(textsOf(got[0].Document["to"]), []string{ben.ID}) {
			w.t.Errorf("the ballot is %s", got[0].Text)
		}
		w.says(w.on(phone).get("/v1/polls/"+id), `"voted":true`, `"own_votes":[1]`, `{"title":"centeno","votes_count":2}`)
		w.on(phone).ask(422, "POST", "/v1/polls/"+id+"/votes", row{"choices": []int{0}})
	})
	w.run("an emoji of theirs", func(w *interopWorld) {
		picture := strings.TrimSuffix(ben.ID, "/users/ben") + "/emoji/pan.png"
		iri := create(w, ben, fields{"id": "emoji", "type": "Note", "content": "<p>:pan:</p>", "tag": []fields{{
			"type": "Emoji", "id": ben.ID + "/emojis/pan", "name": ":pan:", "updated": "2026-01-01T00:00:00Z", "icon": fields{"type": "Image", "mediaType": "image/png", "url": picture},
		}}})
		emojis := home(w, iri)["emojis"].([]any)
		if len(emojis) != 1 || emojis[0].(row)["shortcode"] != "pan" || !strings.HasPrefix(emojis[0].(row)["url"].(string), w.config.BaseURL()+"/media/remote/") {
			w.t.Errorf("emojis are %v", emojis)
		}
	})
	w.run("a quote", func(w *interopWorld) {
		own := w.on(phone).post("/v1/statuses", row{"status": "citable"})
		w.settle()
		iri := create(w, ben, fields{"id": "quote", "type": "Note", "content": "<p>Miren</p>", "quoteUrl": own["uri"]})
		if got := home(w, iri); !strings.Contains(got["content"].(string), own["uri"].(string)) && !strings.Contains(got["content"].(string), own["url"].(string)) {
			w.t.Errorf("the quote is shown as %v", got["content"])
		}
	})
	w.run("a followed hashtag", func(w *interopWorld) {
		w.on(phone).post("/v1/tags/masa/follow", nil)
		iri := create(w, carla, fields{"id": "tagged", "type": "Note", "content": "<p>#masa</p>", "tag": []fields{{"type": "Hashtag", "name": "#masa", "href": "https://a.example/tags/masa"}}})
		// Carla is followed by nobody here: her post comes because somebody named it.
		if p, err := w.inbox.Post(w.ctx, coop.IRI(iri)); err != nil || len(p.Hashtags) != 1 {
			w.t.Fatalf("fetched as %+v, %v", p, err)
		}
		home(w, iri)
	})
	w.run("a boost and its end", func(w *interopWorld) {
		own := w.on(phone).post("/v1/statuses", row{"status": "para compartir"})
		w.settle()
		sent := w.peer.publish(ben, fields{"activity": "Announce", "object": own["uri"]})
		w.settle()
		if got := w.on(phone).get("/v1/statuses/" + own["id"].(string)); got["reblogs_count"] != 1.0 {
			w.t.Errorf("boosted %v times", got["reblogs_count"])
		}
		w.peer.publish(ben, fields{"activity": "Undo", "object": sent.ID})
		w.settle()
		if got := w.on(phone).get("/v1/statuses/" + own["id"].(string)); got["reblogs_count"] != 0.0 {
			w.t.Errorf("boosted %v times after the end", got["reblogs_count"])
		}
	})
	w.run("a report from there", func(w *interopWorld) {
		own := w.on(phone).post("/v1/statuses", row{"status": "denunciada"})
		w.settle()
		w.peer.publish(ben, fields{"recipients": []string{string(ana.IRI)}, "jsonld": fields{"type": "Flag", "to": string(ana.IRI), "content": "grosero", "object": []any{string(ana.IRI), own["uri"]}}})
		w.settle()
		reports, err := w.store.Reports(w.ctx, storage.ReportQuery{}, coop.Page{Limit: 10})
		w.must(err)
		if len(reports) != 1 || reports[0].Comment != "grosero" || reports[0].Reporter != w.remote(ben).ID || len(reports[0].Posts) != 1 {
			w.t.Errorf("reports are %+v", reports)
		}
	})
	w.run("a search by address", func(w *interopWorld) {
		dora := w.peer.add("dora", nil)
		found := w.on(phone).get("/v2/search?resolve=true&q=" + url.QueryEscape(dora.Handle))
		if list := handles(found["accounts"].([]any)); len(list) != 1 || "@"+list[0] != dora.Handle {
			w.t.Errorf("found %v", found)
		}
	})
	w.run("a block and its end", func(w *interopWorld) {
		sent := w.peer.publish(ben, fields{"activity": "Block", "object": string(ana.IRI), "recipients": []string{string(ana.IRI)}, "to": []string{string(ana.IRI)}, "cc": []string{}})
		w.settle()
		if got := w.on(phone).relation(w.remote(ben)); got != "blocked_by" {
			w.t.Errorf("blocked there: %s", got)
		}
		w.peer.publish(ben, fields{"activity": "Undo", "object": sent.ID, "recipients": []string{string(ana.IRI)}})
		w.settle()
		if got := w.on(phone).relation(w.remote(ben)); got != "" {
			w.t.Errorf("unblocked there: %s", got)
		}
	})
}
