// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/federation/signature"
)

// TestHostilePeerFetches: nothing that a peer or a person says makes minga ask an inside
// service, directly or by a redirect. The stage counts what the services were asked.
func TestHostilePeerFetches(t *testing.T) {
	s := newStage(t, nil)
	for n, in := range s.inside {
		s.hostile.serve(fmt.Sprint("/jump/", n), served{to: in.base + "/secret"})
		for m, place := range append(spellings(in.base), s.hostile.base+fmt.Sprint("/jump/", n)) {
			s.run(place, func(s *stage) {
				id := fmt.Sprint(n, "-", m)
				s.fields(place, id)
				s.actors(place, id)
				s.people(place)
			})
		}
	}
	s.settle()
	if s.hostile.count("GET /jump/") == 0 {
		t.Error("no redirect was tried: that shows nothing")
	}
	s.still()
}

// spellings are other ways to write an address, which resolvers take.
func spellings(base string) []string {
	at, err := url.Parse(base)
	if err != nil || at.Hostname() != "127.0.0.9" {
		return []string{base, strings.Replace(base, "[::1]", "[0:0:0:0:0:0:0:1]", 1)}
	}
	list := []string{base, "https://127.0.0.9:" + at.Port()}
	for _, host := range []string{"127.9", "0177.0.0.9", "2130706441", "0x7f000009", "127.0.0.09", "[::ffff:127.0.0.9]", "[64:ff9b::7f00:9]", "１２７.0.0.9", "127.0.0.9."} {
		list = append(list, "http://"+host+":"+at.Port())
	}
	return list
}

// fields puts a place into every field of a document that leads somewhere.
func (s *stage) fields(place, id string) {
	s.t.Helper()
	m := s.mallory
	note := m.note("/inside/"+id, row{
		"inReplyTo": place + "/p", "url": place + "/u", "replies": place + "/r", "context": place + "/c", "conversation": place + "/v", "quoteUrl": place + "/q", "quote": place + "/q",
		"attachment": []row{{"type": "Image", "mediaType": "image/png", "url": place + "/a.png"}, {"type": "Link", "href": place + "/l"}},
		"tag":        []row{{"type": "Mention", "href": place + "/users/x", "name": "@x@y"}, {"type": "Emoji", "name": ":x:", "icon": row{"type": "Image", "url": place + "/e.png"}}, {"type": "Link", "mediaType": "application/activity+json", "href": place + "/q"}},
		"image":      row{"type": "Image", "url": place + "/i.png"}, "preview": place + "/w", "content": `<p>x <a href="` + place + `/page">y</a></p>`,
	})
	sent := []row{m.act("Create", "/inside/"+id+"/create", note, nil)}
	for n, kind := range []string{"Announce", "Like", "Update", "Delete", "Add", "Remove", "Flag", "Join", "Leave", "Invite", "Move", "Accept", "Reject", "Undo", "Create", "Offer", "QuoteRequest", "Block", "Follow"} {
		sent = append(sent, m.act(kind, fmt.Sprint("/inside/", id, "/", n), place+"/secret", row{"target": place + "/t", "result": place + "/s", "instrument": place + "/n", "origin": place + "/o"}))
	}
	for _, doc := range sent {
		s.send("/inbox", encoded(s.t, doc), signedBy(m))
	}
	key := signature.PrivateKey{ID: place + "/key#k", Signer: m.rsa.Signer}
	for _, actor := range []string{place + "/actor", m.iri} {
		if got := s.send("/inbox", encoded(s.t, row{"id": actor + "/f", "type": "Follow", "actor": actor, "object": string(s.telar.IRI)}), by(key, signature.Cavage, s.now())); got < 400 {
			s.t.Errorf("a key there is answered %d", got)
		}
	}
	s.settle()
}

// actors follows in the name of one whose inbox and collections are there: the answer is
// not delivered.
func (s *stage) actors(place, id string) {
	s.t.Helper()
	f := s.hostile.figure("Person", "in"+id, row{
		"inbox": place + "/inbox", "outbox": place + "/outbox", "followers": place + "/followers", "featured": place + "/featured", "endpoints": row{"sharedInbox": place + "/inbox"},
		"icon": row{"type": "Image", "url": place + "/i.png"}, "image": row{"type": "Image", "url": place + "/h.png"}, "alsoKnownAs": []string{place + "/old"}, "movedTo": place + "/new",
		"attachment": []row{{"type": "PropertyValue", "name": "web", "value": `<a rel="me" href="` + place + `/me">x</a>`}},
	})
	s.send("/inbox", encoded(s.t, f.act("Follow", "/follows/1", string(s.telar.IRI), nil)), signedBy(f))
	s.settle()
}

// people asks for the place by whatever a person may type.
func (s *stage) people(place string) {
	s.t.Helper()
	handle := "x@" + strings.TrimPrefix(strings.TrimPrefix(place, "http://"), "https://")
	for _, q := range []string{place + "/secret", place + "/users/x", "@" + handle} {
		if found := s.lookUp(q); strings.Contains(found, `"uri":"`+place) {
			s.t.Errorf("%s is found: %s", q, found)
		}
	}
	page := url.QueryEscape(place + "/secret")
	for _, path := range []string{"/authorize_interaction?uri=" + page, "/share?url=" + page, "/api/v1/accounts/lookup?acct=" + url.QueryEscape(handle), "/api/oembed?url=" + page, "/media/remote/x/small/" + page} {
		if status, text := s.get(path, s.anaToken); status >= 500 {
			s.t.Errorf("%s answers %d: %s", path, status, text)
		}
	}
	s.ask(http.MethodPatch, "/api/v1/accounts/update_credentials", s.anaToken, fmt.Sprintf(`{"fields_attributes":[{"name":"web","value":%q}]}`, place+"/me"))
	status, _ := s.ask(http.MethodPost, "/api/v1/push/subscription", s.anaToken, fmt.Sprintf(`{"subscription":{"endpoint":%q,"keys":{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}},"data":{"alerts":{"mention":true}}}`, place+"/push"))
	if status < 400 && !strings.HasPrefix(place, s.hostile.base) {
		s.t.Errorf("a subscription of %s is answered %d", place, status)
	}
	s.ask(http.MethodPost, "/api/v1/minga/searches", s.anaToken, fmt.Sprintf(`{"query":"q=pan","webhook":%q}`, place+"/hook"))
	s.settle()
}

// TestHostilePeerDocuments: endless, swollen and redirecting documents end, and are
// nothing; servers that hang hold nobody up.
func TestHostilePeerDocuments(t *testing.T) {
	s := newStage(t, nil)
	released := make(chan struct{})
	begun := make(chan struct{}, 64)
	huge := encoded(t, s.mallory.note("/huge", row{"content": strings.Repeat("x", 2<<20)}))
	s.hostile.serve("/users/mallory/huge", served{kind: "application/activity+json", body: huge})
	s.hostile.serve("/loop", served{to: s.hostile.base + "/loop"})
	s.hostile.hooked(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.URL.Path == "/endless":
			w.Header().Set("Content-Type", "application/activity+json")
			for chunk := []byte(strings.Repeat(" ", 64<<10)); r.Context().Err() == nil; {
				if _, err := w.Write(chunk); err != nil {
					break
				}
			}
			return true
		case strings.HasPrefix(r.URL.Path, "/users/hang"):
			begun <- struct{}{}
			select {
			case <-released:
			case <-r.Context().Done():
			}
			return true
		}
		return false
	})
	for _, path := range []string{"/users/mallory/huge", "/endless", "/loop"} {
		if found := s.lookUp(s.hostile.base + path); !strings.Contains(found, `"statuses":[]`) {
			t.Errorf("%s is shown: %.300s", path, found)
		}
	}
	done := make(chan int, 8)
	for n := range 8 {
		iri := fmt.Sprint(s.hostile.base, "/users/hang", n)
		l := s.letter("/inbox", encoded(t, row{"id": iri + "/f", "type": "Follow", "actor": iri, "object": string(s.telar.IRI)}),
			by(signature.PrivateKey{ID: iri + "#k", Signer: s.mallory.rsa.Signer}, signature.Cavage, s.now()))
		go func() { got, _ := s.answer(l); done <- got }()
	}
	for range 4 {
		<-begun
	}
	s.says(s.noa, s.noa.act("Like", "/likes/while", string(s.post.IRI), nil)) // while they hang
	close(released)
	for range 8 {
		if got := <-done; got != http.StatusUnauthorized && got != http.StatusServiceUnavailable {
			t.Errorf("what hung is answered %d", got)
		}
	}
	s.hostile.hooked(nil)
	s.still()
}

// TestHostilePeerBodies: sizes and shapes are judged before anything is built, and no
// number or text makes a fault of ours.
func TestHostilePeerBodies(t *testing.T) {
	s := newStage(t, nil)
	m := s.mallory
	shape := func(name string, want int, text string) attack {
		return attack{name, want, "", []byte(text), []step{signedBy(m)}}
	}
	head := fmt.Sprintf(`{"id":"%s/b","type":"Create","actor":"%s","object":`, m.iri, m.iri)
	s.attacked([]attack{
		shape("a body over 1 MiB", 413, head+`"`+strings.Repeat("x", 1<<20)+`"}`),
		{"a compressed body", 415, "", encoded(t, m.act("Create", "/b", m.note("/b", nil), nil)), []step{signedBy(m), set("Content-Encoding", "gzip")}},
		{"another type", 415, "", []byte("{}"), []step{signedBy(m), set("Content-Type", "text/plain")}},
		{"headers over 64 KiB", 431, "", []byte("{}"), []step{signedBy(m), set("X-Long", strings.Repeat("x", 90<<10))}},
		shape("8,000 levels", 400, head+strings.Repeat(`{"a":`, 8000)+"1"+strings.Repeat("}", 8001)),
		shape("40,000 small objects", 400, head+`[`+strings.Repeat(`{"a":1},`, 40000)+`{}]}`),
		shape("20,000 recipients", 400, head+`"x","to":["`+strings.Repeat(`https://a.example/","`, 20000)+`b"]}`),
		shape("NUL", 400, head+`"x\u0000"}`),
		shape("half a surrogate", 400, head+`"x\ud800"}`),
		shape("invalid UTF-8", 400, head+"\"\xff\"}"),
		shape("two documents", 400, head+`"x"}{}`),
		shape("@graph", 400, head+`"x","@graph":[]}`),
		shape("@included", 400, head+`"x","@included":[]}`),
		shape("@reverse", 400, head+`"x","@reverse":{}}`),
		shape("@id beside id", 400, `{"@id":"`+s.noa.iri+`/b",`+head[1:]+`"x"}`),
		shape("the actor by its long name", 400, `{"as:actor":"`+s.noa.iri+`",`+head[1:]+`"x"}`),
		shape("the actor twice, once escaped", 400, `{"\u0061ctor":"`+s.noa.iri+`",`+head[1:]+`"x"}`),
		shape("the actor twice", 400, `{"actor":"`+s.noa.iri+`",`+head[1:]+`"x"}`),
		shape("two actors", 400, strings.Replace(head, `"`+m.iri+`",`, `["`+m.iri+`","`+s.noa.iri+`"],`, 1)+`"x"}`),
		shape("a javascript id", 400, strings.Replace(head, m.iri+"/b", "javascript:alert(1)", 1)+`"x"}`),
	})
	status := "/api/v1/statuses/" + s.post.ID.String()
	for _, path := range []string{
		"/api/v1/timelines/public?limit=1000000000", "/api/v1/timelines/public?limit=-1&max_id=-5", "/api/v1/timelines/public?max_id=99999999999999999999999", "/api/v1/timelines/public?min_id=%00",
		"/api/v2/search?q=" + strings.Repeat("a+", 600), "/api/v2/search?q=%ff%fe%00&offset=999999999", "/api/v1/accounts/0", "/api/v1/accounts/-1", "/api/v1/accounts/1e9", status + "/context?limit=x",
		"/jobs?page=99999999999", "/jobs?salary_min=1e999", "/@telar?max_id=%F0%28%8C%28", "/.well-known/webfinger?resource=" + strings.Repeat("a", 4000), "/.well-known/webfinger?resource=acct:%00@" + s.config.Host,
		"/coops/telar/outbox?page=1&max_id=zzz", "/coops/telar/followers?page=-1", "/api/v1/instance/activity?weeks=999999999", "/api/v1/timelines/tag/" + strings.Repeat("%F0%9F%8D%9E", 300),
	} {
		if got, text := s.get(path, s.anaToken); got >= 500 || got == 0 {
			t.Errorf("%.80s answers %d: %.200s", path, got, text)
		}
	}
	s.still()
}

// TestHostilePeerContent: what a peer wrote is shown without anything active in it.
func TestHostilePeerContent(t *testing.T) {
	s := newStage(t, nil)
	vectors := `<p>Texto<svg/onload=alert(1)><math><mi xlink:href="javascript:alert(1)">x</mi></math><base href="//evil"><meta http-equiv=refresh content="0;url=//evil"><form action="//evil"><input name=a></form>` +
		`<!-- <script>alert(1)</script> --><scr<script>ipt>alert(1)</script><style>*{display:none}</style><p style="position:fixed" onclick="alert(1)">y<sсript>alert(1)</sсript><iframe srcdoc="<script>alert(1)</script>"></iframe>` +
		`<a href="javascript:alert(1)">a</a><a href="&#106;avascript:alert(1)">b</a><a href="java&#9;script:alert(1)">c</a><a href="data:text/html,x">d</a><a href="vbscript:x">e</a><img src=x onerror=alert(1)></p>`
	note := s.hostile.put(s.mallory.note("/active", row{
		"content": vectors, "summary": `"><script>alert(1)</script>`, "name": "</title><script>alert(1)</script>", "url": "javascript:alert(1)", "sensitive": true,
		"attachment": []row{{"type": "Image", "mediaType": "image/png", "url": "javascript:alert(1)", "name": `"><script>alert(1)</script>`}, {"type": "Image", "mediaType": "image/png", "url": s.hostile.base + "/a.png", "name": `"onerror=alert(1)>`}},
		"tag":        []row{{"type": "Hashtag", "name": `#<script>alert(1)</script>`, "href": "javascript:alert(1)"}, {"type": "Emoji", "name": `:"><script>:`, "icon": row{"url": "javascript:alert(1)"}}},
	}))
	s.says(s.mallory, s.mallory.act("Create", "/active/create", note, nil))
	kept := s.interopWorld.post(note["id"].(string))
	if kept == nil {
		t.Fatal("the note is not kept")
	}
	reply := &coop.Post{Kind: coop.KindNote, Visibility: coop.VisiblePublic, Language: "es", Source: "Respuesta", InReplyToID: kept.ID}
	s.must(s.outbox.PublishNote(s.ctx, s.telar, reply))
	seen := 0
	for _, path := range []string{
		"/api/v1/statuses/" + kept.ID.String(), "/api/v1/timelines/home", "/api/v2/search?q=Texto", "/api/v1/accounts/" + s.remoteOf(s.mallory).ID.String() + "/statuses",
		"/@telar", "/@telar/" + reply.ID.String(), "/@mallory@" + s.hostile.host, "/search?q=Texto", "/@telar/feed.atom", "/@telar/feed.rss", "/@telar/feed.json", "/",
	} {
		status, text := s.get(path, map[bool]string{true: s.telToken, false: ""}[strings.HasPrefix(path, "/api/")])
		if strings.Contains(text, "Texto") {
			seen++
		}
		for _, bad := range []string{"<script>alert", "<svg/onload", "javascript:", "vbscript:", "onerror=alert(1)>\"", "onclick=", "<iframe", "<form action=\"//", "<base", "data:text/html", "<math"} {
			if status == 200 && strings.Contains(strings.ToLower(text), bad) {
				at := strings.Index(strings.ToLower(text), bad)
				t.Errorf("%s has %s: %.200s", path, bad, text[max(0, at-80):])
			}
		}
	}
	if seen < 3 {
		t.Errorf("the note is shown in %d places only", seen)
	}
	s.still()
}
