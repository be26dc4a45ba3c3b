// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"strings"
	"time"

	"minga/coop"
	"minga/coop/carry"
	"minga/storage"
)

// mine is something of user one's at :id that others must not know of.
func mine(object string, body ...string) row { return at(private, object, body...) }

// seen is something of user one's at :id that others see, and act on for themselves.
func seen(object string, body ...string) row { return at(open, object, body...) }

// acted is seen, where user one notices what the other did.
func acted(object string, body ...string) row {
	r := at(open, object, body...)
	r.touches = true
	return r
}

// self is about whoever asks.
func self(body ...string) row { return at(own, "", body...) }

// barred is something that others see and may not change.
func barred(object string, body ...string) row { return at(refused, object, body...) }

func at(k kind, object string, body ...string) row {
	r := row{kind: k, at: object}
	if len(body) > 0 {
		r.body = body[0]
	}
	return r
}

// ofCoop is a row of what belongs to the co-op of user one.
func ofCoop(r row) row { r.coop = true; return r }

// furnish gives user one something of every kind that the rows name. What is user
// one's alone says [secretWord].
func furnish(w *walk) {
	carla, dora, eva := w.person("carla"), w.person("dora"), w.person("eva")
	third, fourth := w.token(carla, "read write follow"), w.token(dora, "read write follow")
	w.objects["carla"], w.objects["dora"], w.objects["eva"] = carla.ID.String(), dora.ID.String(), eva.ID.String()

	w.made("POST", "/api/v1/accounts/{carla}/follow", w.one, "")
	w.made("POST", "/api/v1/accounts/{ana}/follow", third, "")
	w.objects["notification"] = w.first("/api/v1/notifications", w.one, "id")
	w.objects["group"] = "ungrouped-" + w.objects["notification"]
	w.ask("PATCH", "/api/v1/accounts/update_credentials", w.one, `{"locked":true}`)
	w.made("POST", "/api/v1/accounts/{ana}/follow", fourth, "")
	w.ask("PATCH", "/api/v2/notifications/policy", w.one, `{"for_not_following":"filter"}`)
	w.writes(eva, coop.VisibleDirect, "@ana "+secretWord)
	w.objects["request"] = w.first("/api/v1/notifications/requests", w.one, "id")

	w.objects["public"] = w.writes(w.ana, coop.VisiblePublic, "Bread is ready")
	w.objects["direct"] = w.writes(w.ana, coop.VisibleDirect, "@carla #"+secretWord)
	w.objects["followers"] = w.writes(w.ana, coop.VisibleFollowers, secretWord)
	w.objects["conversation"] = w.first("/api/v1/conversations", w.one, "id")
	for _, act := range []string{"favourite", "bookmark", "pin"} {
		w.ask("POST", "/api/v1/statuses/"+w.objects["direct"]+"/"+act, w.one, "")
	}
	w.objects["poll"] = w.writes(w.ana, coop.VisibleDirect, secretWord, func(p *coop.Post) {
		p.Poll = coop.NewPoll([]string{secretWord, "no"}, time.Hour, false, false, time.Now())
	})

	at := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	w.objects["scheduled"] = w.made("POST", "/api/v1/statuses", w.one, `{"status":"`+secretWord+`","visibility":"direct","scheduled_at":"`+at+`"}`)

	w.objects["search"] = w.made("POST", "/api/v1/minga/searches", w.one, `{"query":"q=bakers","name":"`+secretWord+`"}`)
	w.objects["list"] = w.made("POST", "/api/v1/lists", w.one, `{"title":"`+secretWord+`"}`)
	w.ask("POST", "/api/v1/lists/"+w.objects["list"]+"/accounts", w.one, `{"account_ids":["`+w.objects["carla"]+`"]}`)
	w.objects["filter"] = w.made("POST", "/api/v2/filters", w.one, `{"title":"`+secretWord+`","context":["home"]}`)
	w.objects["keyword"] = w.made("POST", "/api/v2/filters/{filter}/keywords", w.one, `{"keyword":"`+secretWord+`"}`)
	w.objects["filtered"] = w.made("POST", "/api/v2/filters/{filter}/statuses", w.one, `{"status_id":"{public}"}`)
	file, _ := w.upload(w.one, "description", "", secretWord, "file", "a.jpg", string(photo(w.T, 60, 40)))
	w.objects["media"] = file.ID
	w.made("POST", "/api/v1/accounts/{carla}/note", w.one, `{"comment":"`+secretWord+`"}`)
	w.made("POST", "/api/v1/accounts/{carla}/mute", w.one, "")
	w.ask("POST", "/api/v1/domain_blocks", w.one, `{"domain":"`+secretWord+`.example"}`)
	w.ask("POST", "/api/v1/tags/"+secretWord+"/follow", w.one, "")
	w.objects["featured"] = w.made("POST", "/api/v1/featured_tags", w.one, `{"name":"bakers"}`)
	w.made("POST", "/api/v1/accounts/{carla}/endorse", w.one, "")
	w.ask("POST", "/api/v1/markers", w.one, `{"home":{"last_read_id":"{public}"}}`)

	i := &coop.Import{AccountID: w.ana.ID, Kind: "bookmarks"}
	rows := &carry.File{Bad: []carry.BadLine{{Number: 1, Cells: []string{secretWord}, Problem: carry.BadPost}}}
	if err := w.store.Write(w.Context(), func(tx *storage.Tx) error {
		return tx.AddImport(w.Context(), i, rows, func(carry.Row) string { return "" })
	}); err != nil {
		w.Fatal(err)
	}
	w.objects["import"] = i.ID.String()
	w.ask("POST", "/api/v1/push/subscription", w.one, pushBody(secretWord))

	a := &coop.Announcement{Texts: coop.Texts{"en": "We are back"}}
	if err := w.store.Write(w.Context(), func(tx *storage.Tx) error { return tx.AddAnnouncement(w.Context(), a) }); err != nil {
		w.Fatal(err)
	}
	w.objects["announcement"] = a.ID.String()

	w.objects["job"], _ = w.house.publish(w.mill, goodJob)
	w.objects["draft"] = w.made("POST", "/api/v1/minga/jobs", w.mill, `{"draft":true,"title":"`+secretWord+`"}`)
	w.objects["paper"] = w.made("POST", "/api/v1/minga/articles", w.mill, `{"title":"How we bake","summary":"With patience.","markdown":"Flour, water, salt, and a night.","language":"en"}`)
	w.objects["sketch"] = w.made("POST", "/api/v1/minga/articles", w.mill, `{"draft":true,"title":"`+secretWord+`"}`)
	federation, err := w.store.FederationAccount(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	w.objects["federation"] = federation.ID.String()
	w.objects["telar"] = w.first("/api/v1/minga/coops", "", "id")
	w.objects["series"] = w.made("POST", "/api/v1/minga/series", w.mill, `{"title":"`+secretWord+`"}`)
	topic, err := w.outbox.NewTopic(w.Context(), "Pay", "", "en")
	if err != nil {
		w.Fatal(err)
	}
	w.objects["topic"] = topic.ID.String()
	w.objects["need"], w.objects["offer"] = offered(w, federation)
	w.objects["brief"] = w.made("POST", "/api/v1/minga/requests", w.mill, `{"title":"A mill, `+secretWord+`","draft":true,"client":"`+secretWord+`"}`)
	w.objects["decision"] = w.decides(carla)
	w.objects["team"] = w.teamed()
	w.objects["suggestion"] = w.made("POST", "/api/v1/minga/articles/{paper}/suggestions", third, `{"markdown":"Flour, water, `+secretWord+`","reason":"clearer"}`)
	w.objects["applicant"] = applied(w)
	w.objects["membership"] = w.made("POST", "/api/v1/minga/memberships", w.mill, `{"organization":"https://coop.example/federation"}`)
}

// applied lets somebody apply by the form for the job of user one's co-op.
func applied(w *walk) string {
	ctx := w.Context()
	telar, err := w.store.AccountByHandle(ctx, "telar", "")
	if err != nil {
		w.Fatal(err)
	}
	job, err := coop.ParseID(w.objects["job"])
	if err != nil {
		w.Fatal(err)
	}
	cv, err := w.media.KeepSealed(ctx, "cv.pdf", strings.NewReader("%PDF-1.4\n"+secretWord+"\n%%EOF\n"), coop.MaxApplicationFile)
	if err != nil {
		w.Fatal(err)
	}
	a := &coop.Application{
		PostID: job, AccountID: telar.ID, Name: "Eva", Email: "eva@mail.example", Message: secretWord, Language: "en", Title: "Baker",
		Files: []coop.ApplicationFile{{Name: cv.Name, Title: "cv.pdf", Size: cv.Size}},
	}
	if err := w.store.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.SetForm(ctx, telar.ID, true); err != nil {
			return err
		}
		return tx.AddApplication(ctx, a, []byte("0123456789abcdef0123456789abcdef"), 0)
	}); err != nil {
		w.Fatal(err)
	}
	return a.ID.String()
}

// offered lets the co-op of user one offer for a slot of a request of the federation; it
// gives both ids.
func offered(w *walk, federation *coop.Account) (request, offer string) {
	ctx := w.Context()
	telar, err := w.store.AccountByHandle(ctx, "telar", "")
	if err != nil {
		w.Fatal(err)
	}
	p := &coop.Post{
		IRI: federation.IRI + "/requests/1", Author: federation, AuthorID: federation.ID, Local: true, Kind: coop.KindRequest, Type: "Note",
		Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public}, Content: "<p>Booking site</p>", Published: time.Now(),
		Request: &coop.Request{
			Title: "Booking site", Status: coop.RequestOpen, RespondBy: time.Now().Add(48 * time.Hour),
			Slots: []coop.Slot{{Key: "backend", Name: "Backend", Hours: 220, Required: true}, {Key: "ops", Name: "Operations", Hours: 40}},
		},
	}
	if err := w.store.Write(ctx, func(tx *storage.Tx) error { _, err := tx.AddPost(ctx, p, storage.Arrival{}); return err }); err != nil {
		w.Fatal(err)
	}
	f := &coop.Offer{Slot: "backend", Hours: 40, Note: secretWord}
	if err := w.outbox.MakeOffer(ctx, telar, p.ID, f); err != nil {
		w.Fatal(err)
	}
	return p.ID.String(), f.ID.String()
}

// teamed gives the co-op of user one a team for a request of its own.
func (w *walk) teamed() string {
	ctx := w.Context()
	telar, err := w.store.AccountByHandle(ctx, "telar", "")
	if err != nil {
		w.Fatal(err)
	}
	p := &coop.Post{Language: "en", Request: &coop.Request{
		Title: "Milling site", Markdown: map[string]string{"en": "A booking site for fourteen rural clinics, with an app for those who work there."},
		RespondBy: time.Now().Add(48 * time.Hour), Slots: []coop.Slot{{Key: "backend", Name: "Backend", Hours: 220, Required: true}},
	}}
	if err := w.outbox.PublishRequest(ctx, telar, p, nil); err != nil {
		w.Fatal(err)
	}
	t, err := w.outbox.MakeTeam(ctx, p.ID, nil)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := w.outbox.SayInTeam(ctx, telar, t.ID, secretWord, 0, nil); err != nil {
		w.Fatal(err)
	}
	return t.ID.String()
}

// decides opens a decision of the co-op of user one, in which a person votes.
func (w *walk) decides(person *coop.Account) string {
	ctx := w.Context()
	mill, err := w.store.AccountByHandle(ctx, "telar", "")
	if err == nil {
		err = w.store.Write(ctx, func(tx *storage.Tx) error {
			_, err := tx.SetRoles(ctx, mill.ID, person.ID, []coop.Role{coop.Steward}, 0)
			return err
		})
	}
	if err != nil {
		w.Fatal(err)
	}
	p, err := w.outbox.NewDecision(ctx, coop.NewDecision{
		Author: mill, Language: "en", Titles: map[string]string{"en": secretWord}, Texts: map[string]string{"en": secretWord},
		Method: coop.MethodMajority, Unit: coop.UnitPerson, Members: true, Ends: time.Now().Add(48 * time.Hour),
	})
	if err != nil {
		w.Fatal(err)
	}
	return p.ID.String()
}

// pushBody is a subscription at an endpoint that has a word in it.
func pushBody(word string) string { return subscribing("/1", "/"+word) }

// walkRows says of every route how it is called with what belongs to user one.
// A PATCH without a row of its own has the one of PUT, a HEAD the one of GET.
var walkRows = map[string]row{
	"GET /healthz": {kind: page}, "GET /readyz": {kind: page}, "GET /health": {kind: page}, "GET /privacy": {kind: page}, "GET /terms": {kind: page},
	"GET /sign-up": {kind: page}, "POST /sign-up": {kind: page}, "GET /confirm/:secret": {kind: page}, "POST /confirm/:secret": {kind: page},
	"GET /.well-known/minga-probe/:secret": {kind: page}, "POST /.well-known/minga-probe/:secret": {kind: page}, "GET /api/v1/streaming/probe/:secret": {kind: page},
	"GET /.well-known/webfinger": {kind: page}, "GET /.well-known/host-meta": {kind: page}, "GET /.well-known/host-meta.json": {kind: page},
	"GET /.well-known/nodeinfo": {kind: page}, "GET /.well-known/oauth-authorization-server": {kind: page},
	"GET /nodeinfo/2.0": {kind: page}, "GET /nodeinfo/2.1": {kind: page},

	"POST /inbox": {kind: page}, "POST /actor/inbox": {kind: page}, "POST /federation/inbox": {kind: page}, "POST /boards/:name/inbox": {kind: page},
	"POST /coops/:name/inbox": {kind: page}, "POST /people/:name/inbox": {kind: page, at: "/people/ana/inbox", body: `{}`}, "POST /services/:name/inbox": {kind: page},

	"GET /": {kind: page}, "GET /jobs": {kind: page}, "GET /jobs/ask": {kind: page}, "GET /jobs/:id": {kind: page, at: "/jobs/{draft}"}, "GET /library": {kind: page},
	"GET /library/topics/:topic": {kind: page, at: "/library/topics/" + secretWord[:6]}, "GET /library/topics.json": {kind: page}, "GET /places.json": {kind: page}, "GET /skills.json": {kind: page}, "GET /directory": {kind: page}, "GET /directory/map": {kind: page}, "GET /directory.csv": {kind: page}, "GET /directory.json": {kind: page}, "GET /library/series/:id": {kind: page},
	"GET /library/:id/versions/:n": {kind: page, at: "/library/{sketch}/versions/0"}, "GET /library/:id/versions/:n/diff": {kind: page, at: "/library/{sketch}/versions/0/diff"},
	"GET /library/new": {kind: page}, "POST /library/new": {kind: page}, "POST /library/preview": {kind: page}, "GET /library/mine": {kind: page},
	"GET /library/:id/edit": {kind: page, at: "/library/{sketch}/edit"}, "POST /library/:id/edit": {kind: page, at: "/library/{sketch}/edit"}, "POST /library/:id/step": {kind: page, at: "/library/{sketch}/step"},
	"GET /library/:id/translate": {kind: page, at: "/library/{sketch}/translate"}, "POST /library/:id/translate": {kind: page, at: "/library/{sketch}/translate"},
	"GET /library/import": {kind: page}, "POST /library/import": {kind: page},
	"GET /library/:id/suggest": {kind: page, at: "/library/{sketch}/suggest"}, "POST /library/:id/suggest": {kind: page, at: "/library/{sketch}/suggest"},
	"GET /decisions": {kind: page}, "GET /decisions/new": {kind: page}, "POST /decisions/new": {kind: page}, "GET /decisions/:id": {kind: page, at: "/decisions/{decision}"},
	"GET /decisions/:id/ballot": {kind: page, at: "/decisions/{decision}/ballot"}, "POST /decisions/:id/ballot": {kind: page, at: "/decisions/{decision}/ballot"},
	"GET /decisions/:id/amend": {kind: page, at: "/decisions/{decision}/amend"}, "POST /decisions/:id/amend": {kind: page, at: "/decisions/{decision}/amend"},
	"POST /decisions/:id/step":     {kind: page, at: "/decisions/{decision}/step"},
	"GET /library/suggestions/:id": {kind: page}, "POST /library/suggestions/:id": {kind: page},
	"GET /library/:id/used": {kind: page, at: "/library/{sketch}/used"}, "POST /library/:id/used": {kind: page, at: "/library/{sketch}/used"},
	"GET /library/:id/author": {kind: page, at: "/library/{sketch}/author"}, "POST /library/:id/author": {kind: page, at: "/library/{sketch}/author"},
	"GET /library/:id": {kind: page, at: "/library/{sketch}"}, "GET /@:name": {kind: page, at: "/@ana"}, "GET /@:name/:id": {kind: page, at: "/@ana/{direct}"},
	"GET /tags/:tag": {kind: page, at: "/tags/" + secretWord[:6]}, "GET /about": {kind: page}, "GET /about/rules": {kind: page}, "GET /about/privacy": {kind: page}, "GET /about/moderation": {kind: page}, "GET /about/federation": {kind: page},
	"GET /about/stats": {kind: page}, "GET /admin/appearance": {kind: page}, "POST /admin/appearance": {kind: page}, "GET /admin/crawlers": {kind: page}, "POST /admin/crawlers": {kind: page}, "GET /about/accessibility": {kind: page}, "GET /about/crawlers": {kind: page}, "GET /interact": {kind: page}, "GET /assets/*file": {kind: page}, "POST /theme": {kind: page}, "POST /acting": {kind: page},
	"GET /robots.txt": {kind: page}, "GET /sitemap.xml": {kind: page}, "GET /sitemaps/:part": {kind: page}, "GET /cards/:name": {kind: page}, "GET /jobs/:id/embed": {kind: page, at: "/jobs/{draft}/embed"}, "GET /manifest.webmanifest": {kind: page}, "GET /compose": {kind: page}, "GET /.well-known/security.txt": {kind: page}, "GET /.well-known/change-password": {kind: page}, "GET /.well-known/minga-coop": {kind: page}, "GET /jobs.ics": {kind: page}, "GET /jobs.csv": {kind: page}, "GET /jobs.xml": {kind: page}, "GET /jobs.atom": {kind: page}, "GET /jobs.rss": {kind: page},
	"GET /jobs.json": {kind: page}, "GET /library.atom": {kind: page}, "GET /library.rss": {kind: page}, "GET /library.json": {kind: page},
	"GET /media/:name": {kind: page}, "GET /media/remote/:mac/:form/:address": {kind: page},

	"GET /requests": {kind: page}, "GET /requests.atom": {kind: page}, "GET /requests.rss": {kind: page}, "GET /requests.json": {kind: page}, "GET /requests.ics": {kind: page},
	"GET /requests/:id/room": {kind: page, at: "/requests/{need}/room"}, "GET /requests/:id/annex.json": {kind: page, at: "/requests/{need}/annex.json"},
	"GET /requests/:id/offer": {kind: page, at: "/requests/{need}/offer"}, "POST /requests/:id/offer": {kind: page, at: "/requests/{need}/offer"},
	"GET /offers": {kind: page}, "GET /offers/:id": {kind: page, at: "/offers/{offer}"}, "POST /offers/:id/:step": {kind: page, at: "/offers/{offer}/accept"},
	"GET /requests/new": {kind: page}, "POST /requests/new": {kind: page}, "GET /requests/sent": {kind: page}, "GET /requests/mine": {kind: page}, "POST /requests/write": {kind: page},
	"GET /requests/:id": {kind: page, at: "/requests/{draft}"}, "GET /requests/:id/:part": {kind: page, at: "/requests/{draft}/create"}, "GET /requests/:id/:part/:key": {kind: page, at: "/requests/{draft}/slots/a"},
	"GET /requests/:id/edit": {kind: page, at: "/requests/{draft}/edit"}, "POST /requests/:id/edit": {kind: page, at: "/requests/{draft}/edit"},
	"POST /requests/:id/step": {kind: page, at: "/requests/{draft}/step"}, "POST /requests/:id/contract": {kind: page, at: "/requests/{draft}/contract"},

	"POST /translate": {kind: page}, "GET /home": {kind: page}, "GET /notifications": {kind: page}, "POST /notifications": {kind: page}, "GET /desk": {kind: page}, "POST /desk/follows/:id": {kind: page},
	"GET /network": {kind: page}, "GET /network/:host": {kind: page, at: "/network/away.example"},
	"GET /settings": {kind: page}, "GET /settings/profile": {kind: page}, "POST /settings/profile": {kind: page},
	"GET /search": {kind: page}, "GET /search.atom": {kind: page}, "GET /search.rss": {kind: page}, "GET /search.json": {kind: page}, "POST /tags/:tag": {kind: page, at: "/tags/bread"},

	"GET /jobs/:id/print": {kind: page, at: "/jobs/{draft}/print"}, "GET /jobs/:id/report": {kind: page, at: "/jobs/{draft}/report"}, "POST /jobs/:id/report": {kind: page, at: "/jobs/{draft}/report"},
	"POST /interact": {kind: page}, "GET /intents/object": {kind: page, at: "/intents/object?object={direct}"}, "GET /intents/follow": {kind: page}, "POST /intents/follow": {kind: page},
	"GET /intents/like": {kind: page}, "POST /intents/like": {kind: page}, "GET /intents/announce": {kind: page}, "POST /intents/announce": {kind: page},
	"GET /intents/create": {kind: page}, "POST /intents/create": {kind: page},

	"GET /sign-in": {kind: page}, "POST /sign-in": {kind: page}, "GET /sign-in/again": {kind: page}, "POST /sign-out": {kind: page}, "GET /jobs/new": {kind: page}, "POST /jobs/new": {kind: page}, "GET /jobs/:id/edit": {kind: page, at: "/jobs/{draft}/edit"}, "POST /jobs/:id/edit": {kind: page, at: "/jobs/{draft}/edit"},
	"POST /jobs/preview": {kind: page}, "GET /jobs/mine": {kind: page}, "GET /deliveries/:id": {kind: page, at: "/deliveries/{job}"}, "POST /jobs/mine/form": {kind: page}, "POST /jobs/:id/step": {kind: page, at: "/jobs/{job}/step"},
	"GET /jobs/:id/apply": {kind: page, at: "/jobs/{job}/apply"}, "POST /jobs/:id/apply": {kind: page, at: "/jobs/{job}/apply"},
	"GET /jobs/:id/applications": {kind: page, at: "/jobs/{job}/applications"}, "POST /jobs/:id/applications/:application": {kind: page, at: "/jobs/{job}/applications/1"},
	"GET /jobs/:id/applications/:application/:file": {kind: page, at: "/jobs/{job}/applications/1/1"}, "GET /applications/withdrawn": {kind: page},
	"GET /applications/:secret": {kind: page}, "POST /applications/:secret": {kind: page}, "GET /applications/:secret/export.zip": {kind: page},
	"GET /still-open/:secret": {kind: page}, "POST /still-open/:secret": {kind: page},
	"GET /settings/security": {kind: page}, "POST /settings/security": {kind: page},
	"GET /settings/confirm": {kind: page}, "POST /settings/confirm": {kind: page},
	"GET /settings/security/factors": {kind: page}, "POST /settings/security/factors": {kind: page}, "POST /settings/security/factors/passkey": {kind: page},
	"GET /settings/security/email": {kind: page}, "POST /settings/security/email": {kind: page}, "GET /confirm-email/:secret": {kind: page}, "POST /confirm-email/:secret": {kind: page},
	"GET /sign-in/provider": {kind: page}, "GET /sign-in/provider/back": {kind: page}, "GET /sign-in/join": {kind: page}, "POST /sign-in/join": {kind: page},
	"GET /settings/confirm/provider": {kind: page}, "POST /settings/security/provider": {kind: page},
	"GET /sign-in/second": {kind: page}, "POST /sign-in/second": {kind: page}, "POST /sign-in/passkey": {kind: page}, "POST /sign-in/passkey/begin": {kind: page},
	"GET /settings/delete": {kind: page}, "POST /settings/delete": {kind: page}, "GET /settings/migration": {kind: page}, "POST /settings/migration": {kind: page}, "GET /settings/export": {kind: page}, "GET /settings/export/:kind": {kind: page, at: "/settings/export/bookmarks.csv"},
	"POST /settings/export": {kind: page}, "GET /settings/export/archive.zip": {kind: page}, "GET /deletions/:secret": {kind: page}, "GET /admin/deletions": {kind: page}, "GET /admin/deletions/:id": {kind: page},
	"GET /settings/import": {kind: page}, "POST /settings/import": {kind: page}, "POST /settings/import/:id/stop": {kind: page, at: "/settings/import/{import}/stop"},
	"GET /settings/import/:id/problems.csv": {kind: page, at: "/settings/import/{import}/problems.csv"},
	"GET /jobs/follow":                      {kind: page}, "POST /jobs/follow": {kind: page}, "GET /searches": {kind: page}, "POST /searches": {kind: page}, "GET /feeds/:file": {kind: page},
	"GET /alerts/:secret": {kind: page}, "POST /alerts/:secret": {kind: page}, "POST /searches/:name/inbox": {kind: page}, "POST /teams/:name/inbox": {kind: page}, "GET /team-files/:name": {kind: page},
	"GET /rooms": {kind: page}, "GET /rooms/:id": {kind: page}, "GET /rooms/:id/plan": {kind: page}, "GET /rooms/:id/split": {kind: page},
	"GET /rooms/:id/files/:file": {kind: page}, "GET /rooms/:id/export.zip": {kind: page},
	"POST /rooms/:id/say": {kind: page}, "POST /rooms/:id/answer": {kind: page}, "POST /rooms/:id/leave": {kind: page}, "POST /rooms/:id/plan": {kind: page}, "POST /rooms/:id/split": {kind: page}, "POST /rooms/:id/agree": {kind: page},
	"GET /teams/:name": {kind: page}, "GET /teams/:name/:what": {kind: page}, "GET /teams/:name/:what/:id": {kind: page}, "GET /teams/:name/:what/:id/:part": {kind: page},
	"GET /searches/:name": {kind: page}, "GET /searches/:name/:what": {kind: page}, "GET /searches/:name/:what/:id": {kind: page}, "GET /searches/:name/:what/:id/:part": {kind: page},
	"GET /reset": {kind: page}, "POST /reset": {kind: page}, "GET /reset/:secret": {kind: page}, "POST /reset/:secret": {kind: page},
	"GET /settings/co-ops": {kind: page}, "POST /settings/co-ops": {kind: page}, "GET /settings/co-ops/:name": {kind: page}, "POST /settings/co-ops/:name": {kind: page},
	"GET /settings/co-ops/:name/log": {kind: page}, "GET /settings/co-ops/:name/memberships": {kind: page}, "POST /settings/co-ops/:name/memberships/:step": {kind: page},
	"GET /join": {kind: page}, "POST /join": {kind: page}, "GET /admin/coops": {kind: page}, "POST /admin/coops": {kind: page},
	"GET /admin/coops/:id": {kind: page}, "POST /admin/coops/:id/:step": {kind: page}, "GET /admin/coops/:id/statutes.pdf": {kind: page},
	"GET /settings/co-ops/:name/services": {kind: page}, "POST /settings/co-ops/:name/services": {kind: page},
	"GET /settings/co-ops/:name/capacity": {kind: page}, "POST /settings/co-ops/:name/capacity": {kind: page},
	"GET /admin/terms": {kind: page}, "POST /admin/terms": {kind: page}, "GET /admin/directory": {kind: page}, "POST /admin/directory": {kind: page},
	"GET /settings/invites": {kind: page}, "POST /settings/invites": {kind: page}, "GET /admin/invitations": {kind: page}, "POST /admin/invitations": {kind: page}, "GET /invite/:secret": {kind: page}, "POST /invite/:secret": {kind: page},
	"GET /setup/:secret": {kind: page}, "POST /setup/:secret": {kind: page}, "GET /admin/setup": {kind: page}, "POST /admin/setup": {kind: page},
	"GET /admin": {kind: page}, "GET /admin/follows/:id": {kind: page}, "POST /admin/follows/:id": {kind: page}, "POST /admin/memberships/:id": {kind: page},
	"GET /admin/peers": {kind: page}, "POST /admin/peers": {kind: page}, "GET /admin/peers/go": {kind: page}, "GET /admin/peers/:host": {kind: page}, "POST /admin/peers/:host": {kind: page},
	"GET /admin/queue": {kind: page}, "POST /admin/queue": {kind: page}, "GET /admin/reports": {kind: page}, "GET /admin/reports/:id": {kind: page}, "POST /admin/reports/:id": {kind: page},
	"GET /admin/log": {kind: page}, "GET /admin/members": {kind: page}, "POST /admin/members": {kind: page}, "GET /admin/members/:name": {kind: page},
	"POST /admin/members/:name": {kind: page}, "POST /admin/sign-ups/:id": {kind: page},
	"GET /admin/announcements": {kind: page}, "POST /admin/announcements": {kind: page}, "POST /admin/announcements/:id": {kind: page},
	"GET /admin/lists": {kind: page}, "POST /admin/lists": {kind: page}, "GET /admin/lists/:id": {kind: page}, "POST /admin/lists/:id": {kind: page},
	"GET /admin/lists/blocks.csv": {kind: page}, "GET /admin/lists/allows.csv": {kind: page}, "GET /admin/brings/:id": {kind: page}, "POST /admin/brings/:id": {kind: page},
	"GET /admin/settings": {kind: page}, "POST /admin/settings": {kind: page}, "GET /admin/media": {kind: page}, "POST /admin/media": {kind: page},
	"GET /admin/backups": {kind: page}, "POST /admin/backups": {kind: page}, "GET /admin/doctor": {kind: page}, "POST /admin/doctor": {kind: page},
	"GET /admin/rehearsal": {kind: page}, "POST /admin/rehearsal": {kind: page},
	"GET /admin/keys": {kind: page}, "POST /admin/keys": {kind: page},
	"GET /admin/statements": {kind: page}, "GET /admin/statements/:what": {kind: page}, "POST /admin/statements/:what": {kind: page},
	"GET /oauth/authorize": {kind: page}, "POST /oauth/authorize": {kind: page}, "POST /oauth/token": {kind: page}, "POST /oauth/revoke": {kind: page},

	"GET /actor": {kind: page}, "GET /actor/:what": {kind: page}, "GET /actor/:what/:id": {kind: page}, "GET /actor/:what/:id/:part": {kind: page},
	"GET /federation": {kind: page}, "GET /federation/:what": {kind: page}, "GET /federation/:what/:id": {kind: page}, "GET /federation/:what/:id/:part": {kind: page},
	"GET /boards/:name": {kind: page}, "GET /boards/:name/:what": {kind: page}, "GET /boards/:name/:what/:id": {kind: page}, "GET /boards/:name/:what/:id/:part": {kind: page},
	"GET /coops/:name": {kind: page, at: "/coops/telar"}, "GET /coops/:name/:what": {kind: page, at: "/coops/telar/outbox"},
	"GET /coops/:name/:what/:id": {kind: page, at: "/coops/telar/jobs/2026-002"}, "GET /coops/:name/:what/:id/:part": {kind: page, at: "/coops/telar/jobs/2026-002/create"},
	"GET /people/:name": {kind: page, at: "/people/ana"}, "GET /people/:name/:what": {kind: page, at: "/people/ana/outbox"},
	"GET /people/:name/:what/:id": {kind: page, at: "/people/ana/posts/{direct}"}, "GET /people/:name/:what/:id/:part": {kind: page, at: "/people/ana/posts/{direct}/create"},
	"GET /services/:name": {kind: page}, "GET /services/:name/:what": {kind: page}, "GET /services/:name/:what/:id": {kind: page}, "GET /services/:name/:what/:id/:part": {kind: page},

	"POST /api/v1/apps":                   self(`{}`),
	"GET /api/v1/apps/verify_credentials": self(), "GET /oauth/userinfo": self(), "POST /oauth/userinfo": self(),
	"GET /api/v1/instance":       seen(""),
	"GET /api/v2/instance":       seen(""),
	"GET /api/v1/instance/rules": seen(""), "GET /api/oembed": {kind: page, at: "/api/oembed?url=https://coop.example/jobs/{draft}"}, "GET /api/v1/instance/peers": seen(""), "GET /api/v1/instance/extended_description": seen(""),
	"GET /api/v1/instance/translation_languages": seen(""), "GET /api/v1/custom_emojis": seen(""),

	"GET /api/v1/minga/jobs":                ofCoop(seen("")),
	"GET /api/v1/minga/jobs/facets":         seen(""),
	"GET /api/v1/minga/jobs/:id/similar":    ofCoop(mine("draft")),
	"GET /api/v1/minga/jobs/:id":            ofCoop(mine("draft")),
	"POST /api/v1/minga/jobs":               self(`{}`),
	"POST /api/v1/minga/jobs/:id":           self(`{}`).to("/api/v1/minga/jobs/validate"),
	"PUT /api/v1/minga/jobs/:id":            ofCoop(mine("draft", `{"title":"theirs"}`)),
	"DELETE /api/v1/minga/jobs/:id":         ofCoop(mine("draft")),
	"POST /api/v1/minga/jobs/:id/:step":     ofCoop(barred("/api/v1/minga/jobs/{job}/fill")),
	"GET /api/v1/minga/jobs/:id/deliveries": ofCoop(mine("draft")),
	"GET /api/v1/minga/articles":            ofCoop(seen("")),
	"GET /api/v1/minga/articles/:id":        ofCoop(mine("sketch")), "GET /api/v1/minga/articles/:id/revisions": ofCoop(mine("sketch")),
	"POST /api/v1/minga/articles":           self(`{}`),
	"PUT /api/v1/minga/articles/:id":        ofCoop(mine("sketch", `{"title":"theirs","version":1}`)),
	"DELETE /api/v1/minga/articles/:id":     ofCoop(mine("sketch")),
	"POST /api/v1/minga/articles/:id/:step": ofCoop(barred("/api/v1/minga/articles/{paper}/withdraw")),
	"GET /api/v1/minga/drafts":              ofCoop(self()),
	"GET /api/v1/minga/coops":               seen(""), "GET /api/v1/minga/coops/:id": seen("telar"),
	"POST /api/v1/minga/coops":                 barred("", `{"name":"theirs"}`),
	"PUT /api/v1/minga/coops/:id":              ofCoop(barred("telar", `{"note":"theirs"}`)),
	"GET /api/v1/minga/coops/:id/roles":        ofCoop(barred("telar")),
	"PUT /api/v1/minga/coops/:id/roles":        ofCoop(barred("telar", `{"person":"berta","roles":["steward"]}`)),
	"GET /api/v1/minga/coops/:id/audit":        ofCoop(barred("telar")),
	"GET /api/v1/minga/audit":                  self(),
	"GET /api/v1/minga/accounts/lookup":        seen("/api/v1/minga/accounts/lookup?acct=ana"),
	"GET /api/v1/minga/accounts/:id":           seen("ana"),
	"GET /api/v1/minga/federations":            self(),
	"GET /api/v1/minga/federations/:id":        seen("federation"),
	"GET /api/v1/minga/follows":                self(),
	"POST /api/v1/minga/follows":               self(`{}`),
	"POST /api/v1/minga/federations/:id/:step": mine("/api/v1/minga/federations/{federation}/accept"),
	"GET /agreements/:id":                      {kind: page},
	"GET /api/v1/minga/teams":                  self(),
	"GET /api/v1/minga/teams/:id":              ofCoop(mine("team")),
	"GET /api/v1/minga/teams/:id/messages":     ofCoop(mine("team")),
	"GET /api/v1/minga/teams/:id/archive.zip":  {kind: page, at: "/api/v1/minga/teams/{team}/archive.zip"},
	"GET /api/v1/minga/teams/:id/files/:file":  {kind: page, at: "/api/v1/minga/teams/{team}/files/1"},
	"POST /api/v1/minga/teams/:id/messages":    ofCoop(mine("team", `{"text":"`+secretWord+`"}`)),
	"POST /api/v1/minga/teams/:id/files":       ofCoop(mine("team")), // takes parts alone
	"PUT /api/v1/minga/teams/:id/plan":         ofCoop(mine("team", `{"name":"Plan","steps":[{"name":"Build"}]}`)),
	"PUT /api/v1/minga/teams/:id/split":        ofCoop(mine("team", `{"currency":"EUR","price":10,"lines":[{"for":"Build","payee":"https://coop.example/coops/telar","amount":10}]}`)),
	"POST /api/v1/minga/teams/:id/split/agree": ofCoop(mine("team", `{"version":1}`)),
	"POST /api/v1/minga/teams/:id/accept":      ofCoop(mine("team", `{}`)),
	"POST /api/v1/minga/teams/:id/decline":     ofCoop(mine("team", `{}`)),
	"POST /api/v1/minga/teams/:id/leave":       ofCoop(mine("team", `{}`)),
	"GET /api/v1/minga/offers":                 self(),
	"GET /api/v1/minga/offers/:id":             ofCoop(mine("offer")),
	"POST /api/v1/minga/offers/:id/change":     ofCoop(mine("offer", `{"hours":20}`)),
	"POST /api/v1/minga/offers/:id/withdraw":   ofCoop(mine("offer", `{}`)),
	"POST /api/v1/minga/offers/:id/accept":     ofCoop(mine("offer", `{}`)),
	"POST /api/v1/minga/offers/:id/decline":    ofCoop(mine("offer", `{"reason":"no"}`)),
	"POST /api/v1/minga/offers/:id/release":    ofCoop(mine("offer", `{"reason":"no"}`)),
	"GET /api/v1/minga/requests/:id/offers":    ofCoop(seen("need")),
	"POST /api/v1/minga/requests/:id/offers":   ofCoop(seen("need", `{"slot":"ops","hours":4}`)),
	"GET /api/v1/minga/requests":               ofCoop(seen("")),
	"GET /api/v1/minga/requests/mine":          self(),
	"POST /api/v1/minga/requests":              self(`{}`),
	"GET /api/v1/minga/requests/:id":           ofCoop(mine("brief")),
	"GET /api/v1/minga/requests/:id/coverage":  ofCoop(mine("brief")),
	"GET /api/v1/minga/requests/:id/file":      ofCoop(mine("brief")),
	"PUT /api/v1/minga/requests/:id":           ofCoop(mine("brief", `{"title":"theirs"}`)),
	"PATCH /api/v1/minga/requests/:id":         ofCoop(mine("brief", `{"title":"theirs"}`)),
	"DELETE /api/v1/minga/requests/:id":        ofCoop(mine("brief")),
	"POST /api/v1/minga/requests/:id/:step":    ofCoop(mine("/api/v1/minga/requests/{brief}/publish")),
	"GET /api/v1/minga/memberships/:id":        ofCoop(seen("membership")),
	"GET /api/v1/minga/coops/:id/evidence":     seen("telar"),
	"GET /api/v1/minga/memberships":            seen(""),
	"POST /api/v1/minga/memberships":           self(`{}`),
	"POST /api/v1/minga/memberships/:id/:step": ofCoop(mine("/api/v1/minga/memberships/{membership}/accept")),

	"GET /api/v1/minga/decisions":               ofCoop(seen("")),
	"GET /api/v1/minga/decisions/:id":           ofCoop(mine("decision")),
	"GET /api/v1/minga/decisions/:id/ballots":   ofCoop(mine("decision")),
	"GET /api/v1/minga/decisions/:id/recount":   ofCoop(mine("decision")),
	"POST /api/v1/minga/decisions":              self(`{}`),
	"POST /api/v1/minga/decisions/:id/ballot":   ofCoop(mine("decision", `{"option":"yes"}`)),
	"POST /api/v1/minga/decisions/:id/amend":    ofCoop(mine("decision", `{"title":"theirs","text":"theirs"}`)),
	"POST /api/v1/minga/decisions/:id/withdraw": ofCoop(mine("decision")),
	"POST /api/v1/minga/decisions/:id/publish":  ofCoop(mine("decision", `{"outcome":"theirs"}`)),

	"GET /api/v1/minga/articles/:id/revisions/:n":          ofCoop(mine("/api/v1/minga/articles/{sketch}/revisions/0")),
	"GET /api/v1/minga/articles/:id/revisions/:n/diff":     ofCoop(mine("/api/v1/minga/articles/{sketch}/revisions/0/diff")),
	"POST /api/v1/minga/articles/:id/revisions/:n/restore": ofCoop(barred("/api/v1/minga/articles/{paper}/revisions/1/restore")),
	"GET /api/v1/minga/articles/:id/translations":          ofCoop(mine("sketch")),
	"POST /api/v1/minga/articles/:id/translations":         ofCoop(mine("sketch", `{"title":"Cómo amasamos","summary":"Con paciencia.","markdown":"Harina.","language":"es"}`)),
	"GET /api/v1/minga/articles/:id/citations":             ofCoop(mine("sketch")),
	"POST /api/v1/minga/articles/:id/used":                 ofCoop(mine("sketch")),
	"DELETE /api/v1/minga/articles/:id/used":               ofCoop(mine("sketch")),
	"POST /api/v1/minga/articles/:id/checked":              ofCoop(barred("/api/v1/minga/articles/{paper}/checked")),
	"GET /api/v1/minga/articles/:id/suggestions":           ofCoop(mine("sketch")),
	"POST /api/v1/minga/articles/:id/suggestions":          ofCoop(mine("sketch", `{"title":"theirs","reason":"why"}`)),
	"GET /api/v1/minga/suggestions":                        self(),
	"GET /api/v1/minga/suggestions/:id":                    ofCoop(mine("suggestion")),
	"POST /api/v1/minga/suggestions/:id/accept":            ofCoop(mine("suggestion")),
	"POST /api/v1/minga/suggestions/:id/reject":            ofCoop(mine("suggestion", `{"reason":"no"}`)),
	"DELETE /api/v1/minga/suggestions/:id":                 ofCoop(mine("suggestion")),
	"GET /api/v1/minga/hiring":                             self(),
	"PUT /api/v1/minga/hiring":                             self(`{}`),
	"PATCH /api/v1/minga/hiring":                           self(`{}`),
	"GET /api/v1/minga/jobs/:id/applications":              ofCoop(mine("job")),
	"GET /api/v1/minga/applications/:id":                   ofCoop(mine("applicant")),
	"GET /api/v1/minga/applications/:id/files/:file":       ofCoop(mine("/api/v1/minga/applications/{applicant}/files/1")),
	"POST /api/v1/minga/applications/:id/answered":         ofCoop(mine("applicant")),
	"POST /api/v1/minga/applications/:id/waiting":          ofCoop(mine("applicant")),
	"DELETE /api/v1/minga/applications/:id":                ofCoop(mine("applicant")),
	"GET /api/v1/minga/licences":                           seen(""),
	"GET /api/v1/minga/series":                             seen(""),
	"GET /api/v1/minga/series/:id":                         ofCoop(mine("series")),
	"POST /api/v1/minga/series":                            self(`{}`),
	"PUT /api/v1/minga/series/:id":                         ofCoop(mine("series", `{"title":"theirs"}`)),
	"GET /api/v1/minga/topics":                             seen(""),
	"GET /api/v1/minga/searches":                           self(),
	"POST /api/v1/minga/searches":                          self(`{"query":"q=tailors"}`),
	"GET /api/v1/minga/searches/:id":                       mine("search"),
	"PUT /api/v1/minga/searches/:id":                       mine("search", `{"name":"theirs"}`),
	"PATCH /api/v1/minga/searches/:id":                     mine("search", `{"name":"theirs"}`),
	"DELETE /api/v1/minga/searches/:id":                    mine("search"),
	"POST /api/v1/minga/searches/:id/feed":                 mine("search"),
	"DELETE /api/v1/minga/searches/:id/feed":               mine("search"),
	"POST /api/v1/minga/searches/:id/account":              mine("search"),
	"POST /api/v1/minga/topics":                            barred("", `{"name":"theirs"}`),
	"POST /api/v1/minga/topics/:id/follow":                 seen("topic"),
	"DELETE /api/v1/minga/topics/:id/follow":               seen("topic"),
	"GET /api/v1/minga/coops/listed":                       seen(""),
	"GET /api/v1/minga/coops/lists":                        seen(""),
	"GET /api/v1/minga/coops/cover":                        seen(""),
	"GET /api/v1/minga/coops/:id/services":                 seen("telar"),
	"PUT /api/v1/minga/coops/:id/services":                 ofCoop(barred("telar", `{"services":[{"name":"Theirs"}]}`)),
	"GET /api/v1/minga/coops/:id/capacity":                 seen("telar"),
	"PUT /api/v1/minga/coops/:id/capacity":                 ofCoop(barred("telar", `{"audience":"members","capacity":[]}`)),
	"GET /api/v1/minga/terms":                              seen(""),
	"GET /api/v1/minga/terms/twins":                        seen(""),
	"POST /api/v1/minga/terms/:id/:step":                   barred("/api/v1/minga/terms/1/unfeature"),
	"GET /api/v1/minga/coops/facets":                       seen(""),
	"GET /api/v1/minga/coops/map":                          seen(""),
	"GET /api/v1/minga/skills":                             seen(""),
	"GET /api/v1/minga/places":                             seen(""),
	"GET /api/v1/minga/activity":                           ofCoop(self()),

	"GET /api/v1/notifications": self(), "GET /api/v1/notifications/unread_count": self(), "GET /api/v1/notifications/policy": self(),
	"GET /api/v1/notifications/:id": mine("notification"), "POST /api/v1/notifications/clear": self(), "POST /api/v1/notifications/:id/dismiss": mine("notification"),
	"GET /api/v1/notifications/requests": self(), "GET /api/v1/notifications/requests/merged": self(), "GET /api/v1/notifications/requests/:id": mine("request"),
	"POST /api/v1/notifications/requests/accept":      self(`{"id":["{request}"]}`),
	"POST /api/v1/notifications/requests/dismiss":     self(`{"id":["{request}"]}`),
	"POST /api/v1/notifications/requests/:id/accept":  mine("request"),
	"POST /api/v1/notifications/requests/:id/dismiss": mine("request"),
	"GET /api/v2/notifications":                       self(), "GET /api/v2/notifications/unread_count": self(), "GET /api/v2/notifications/policy": self(),
	"GET /api/v2/notifications/:id": mine("group"), "GET /api/v2/notifications/:id/accounts": mine("group"), "POST /api/v2/notifications/:id/dismiss": self().to("/api/v2/notifications/{group}/dismiss"),
	"PUT /api/v1/notifications/policy": self(`{"for_not_following":"accept"}`), "PUT /api/v2/notifications/policy": self(`{"for_not_following":"accept"}`),

	"GET /api/v2/filters": self(), "POST /api/v2/filters": self(`{"title":"theirs","context":["home"]}`),
	"GET /api/v2/filters/:id": mine("filter"), "PUT /api/v2/filters/:id": mine("filter", `{"title":"theirs"}`), "DELETE /api/v2/filters/:id": mine("filter"),
	"GET /api/v2/filters/:id/keywords": mine("filter"), "POST /api/v2/filters/:id/keywords": mine("filter", `{"keyword":"theirs"}`),
	"GET /api/v2/filters/keywords/:id": mine("keyword"), "PUT /api/v2/filters/keywords/:id": mine("keyword", `{"keyword":"theirs"}`), "DELETE /api/v2/filters/keywords/:id": mine("keyword"),
	"GET /api/v2/filters/:id/statuses": mine("filter"), "POST /api/v2/filters/:id/statuses": mine("filter", `{"status_id":"{public}"}`),
	"GET /api/v2/filters/statuses/:id": mine("filtered"), "DELETE /api/v2/filters/statuses/:id": mine("filtered"),
	"GET /api/v1/filters": self(), "POST /api/v1/filters": self(`{"phrase":"theirs","context":["home"]}`),
	"GET /api/v1/filters/:id": mine("keyword"), "PUT /api/v1/filters/:id": mine("keyword", `{"phrase":"theirs","context":["home"]}`), "DELETE /api/v1/filters/:id": mine("keyword"),

	"GET /api/v1/markers": self().to("/api/v1/markers?timeline[]=home"), "POST /api/v1/markers": self(`{"home":{"last_read_id":"1"}}`),
	"GET /api/v1/push/subscription": self(), "POST /api/v1/push/subscription": self(pushBody("theirs")),
	"PUT /api/v1/push/subscription": self(`{"data":{"policy":"none"}}`), "DELETE /api/v1/push/subscription": self(),
	"POST /api/v1/reports": seen("", `{"account_id":"{ana}","comment":"theirs"}`), "GET /api/v1/preferences": self(),
	"GET /api/v1/announcements": self(), "POST /api/v1/announcements/:id/dismiss": seen("announcement"),
	"PUT /api/v1/announcements/:id/reactions/:name":    acted("/api/v1/announcements/{announcement}/reactions/%F0%9F%91%8D"),
	"DELETE /api/v1/announcements/:id/reactions/:name": acted("/api/v1/announcements/{announcement}/reactions/%F0%9F%91%8D"),

	"POST /api/v1/media": self(), "POST /api/v2/media": self(), "GET /api/v1/media/:id": mine("media"), "PUT /api/v1/media/:id": mine("media", `{"description":"theirs"}`),

	"GET /api/v1/accounts/verify_credentials": self(), "PUT /api/v1/accounts/update_credentials": self(`{"note":"theirs"}`),
	"DELETE /api/v1/profile/avatar": self(), "DELETE /api/v1/profile/header": self(),
	"GET /api/v1/accounts": seen("/api/v1/accounts?id[]={ana}"), "GET /api/v1/accounts/lookup": seen("/api/v1/accounts/lookup?acct=ana"), "GET /api/v1/accounts/:id": seen("ana"),
	"GET /api/v1/accounts/:id/followers": seen("ana"), "GET /api/v1/accounts/:id/following": seen("ana"), "GET /api/v1/accounts/:id/featured_tags": seen("ana"),
	"GET /api/v1/accounts/:id/lists": self().to("/api/v1/accounts/{carla}/lists"),
	"GET /api/v1/suggestions":        self(), "GET /api/v2/suggestions": self(),
	"GET /api/v1/accounts/relationships":      self().to("/api/v1/accounts/relationships?id[]={carla}"),
	"GET /api/v1/accounts/familiar_followers": self().to("/api/v1/accounts/familiar_followers?id[]={carla}"),
	"POST /api/v1/accounts/:id/follow":        acted("ana"), "POST /api/v1/accounts/:id/unfollow": acted("ana"), "POST /api/v1/accounts/:id/remove_from_followers": seen("ana"),
	"POST /api/v1/accounts/:id/block": acted("ana"), "POST /api/v1/accounts/:id/unblock": acted("ana"), "POST /api/v1/accounts/:id/mute": seen("ana"), "POST /api/v1/accounts/:id/unmute": seen("ana"),
	"POST /api/v1/accounts/:id/note": seen("ana", `{"comment":"theirs"}`),
	"GET /api/v1/blocks":             self(), "GET /api/v1/mutes": self(), "GET /api/v1/domain_blocks": self(),
	"GET /api/v1/domain_blocks/preview": self().to("/api/v1/domain_blocks/preview?domain=a.example"),
	"POST /api/v1/domain_blocks":        self(`{"domain":"theirs.example"}`), "DELETE /api/v1/domain_blocks": self(`{"domain":"` + secretWord + `.example"}`),
	"GET /api/v1/follow_requests": self(), "POST /api/v1/follow_requests/:id/authorize": mine("dora"), "POST /api/v1/follow_requests/:id/reject": mine("dora"),
	"GET /api/v1/lists": self(), "POST /api/v1/lists": self(`{"title":"theirs"}`), "GET /api/v1/lists/:id": mine("list"), "PUT /api/v1/lists/:id": mine("list", `{"title":"theirs"}`),
	"DELETE /api/v1/lists/:id": mine("list"), "GET /api/v1/lists/:id/accounts": mine("list"),
	"POST /api/v1/lists/:id/accounts": mine("list", `{"account_ids":["{carla}"]}`), "DELETE /api/v1/lists/:id/accounts": mine("list", `{"account_ids":["{carla}"]}`),
	"GET /api/v1/followed_tags": self(), "GET /api/v1/featured_tags": self(), "POST /api/v1/tags/:name/follow": self().to("/api/v1/tags/bread/follow"), "POST /api/v1/tags/:name/unfollow": self().to("/api/v1/tags/bread/unfollow"),
	"POST /api/v1/statuses": self(`{}`), "GET /api/v1/statuses": seen("/api/v1/statuses?id[]={direct}&id[]={followers}"),
	"GET /api/v1/statuses/:id": mine("direct").and(mine("followers"), ofCoop(mine("draft")), seen("public")), "GET /api/v1/statuses/:id/history": mine("direct").and(seen("public")),
	"GET /api/v1/statuses/:id/source": mine("direct").and(mine("public")), "PUT /api/v1/statuses/:id": mine("direct", `{"status":"theirs"}`).and(mine("public", `{"status":"theirs"}`)),
	"DELETE /api/v1/statuses/:id":         mine("direct").and(mine("public"), mine("job")),
	"POST /api/v1/statuses/:id/favourite": mine("direct").and(mine("followers"), acted("public")), "POST /api/v1/statuses/:id/unfavourite": mine("direct").and(acted("public")),
	"POST /api/v1/statuses/:id/reblog": mine("direct").and(mine("followers"), acted("public")), "POST /api/v1/statuses/:id/unreblog": mine("direct").and(acted("public")),
	"POST /api/v1/statuses/:id/bookmark": mine("direct").and(seen("public")), "POST /api/v1/statuses/:id/unbookmark": mine("direct").and(seen("public")),
	"POST /api/v1/statuses/:id/mute": mine("direct").and(seen("public")), "POST /api/v1/statuses/:id/unmute": mine("direct").and(seen("public")),
	"POST /api/v1/statuses/:id/pin": mine("direct").and(seen("public")), "POST /api/v1/statuses/:id/unpin": mine("direct").and(seen("public")),
	"GET /api/v1/scheduled_statuses": self(), "GET /api/v1/scheduled_statuses/:id": mine("scheduled"), "DELETE /api/v1/scheduled_statuses/:id": mine("scheduled"),
	"PUT /api/v1/scheduled_statuses/:id": mine("scheduled", `{"scheduled_at":"2099-01-01T00:00:00.000Z"}`),

	"GET /api/v1/timelines/home": self(), "GET /api/v1/timelines/list/:id": mine("list"), "GET /api/v1/timelines/public": seen(""),
	"GET /api/v1/timelines/tag/:hashtag": seen("/api/v1/timelines/tag/" + secretWord), "GET /api/v1/accounts/:id/statuses": seen("ana"),
	"GET /api/v1/statuses/:id/context": mine("direct").and(mine("followers"), seen("public")), "GET /api/v1/statuses/:id/quotes": mine("direct").and(seen("public")),
	"GET /api/v1/statuses/:id/reblogged_by": mine("followers").and(seen("public")), "GET /api/v1/statuses/:id/favourited_by": mine("followers").and(seen("public")),
	"GET /api/v1/favourites": self(), "GET /api/v1/bookmarks": self(),
	"GET /api/v2/search": seen("/api/v2/search?q=" + secretWord), "GET /api/v1/accounts/search": self().to("/api/v1/accounts/search?q=carla"),
	"GET /api/v1/conversations": self(), "POST /api/v1/conversations/:id/read": mine("conversation"), "DELETE /api/v1/conversations/:id": mine("conversation"),
	"GET /api/v1/trends": seen(""), "GET /api/v1/trends/tags": seen(""), "GET /api/v1/trends/statuses": seen(""), "GET /api/v1/trends/links": seen(""),
	"GET /api/v1/tags/:name": seen("/api/v1/tags/bread"),

	"GET /api/v1/streaming": {kind: flow, at: "/api/v1/streaming"}, "GET /api/v1/streaming/health": {kind: page},
	"GET /api/v1/streaming/user": {kind: flow}, "GET /api/v1/streaming/user/notification": {kind: flow}, "GET /api/v1/streaming/direct": {kind: flow},
	"GET /api/v1/streaming/public": {kind: flow}, "GET /api/v1/streaming/public/local": {kind: flow}, "GET /api/v1/streaming/public/remote": {kind: flow},
	"GET /api/v1/streaming/hashtag": {kind: flow, at: "/api/v1/streaming/hashtag?tag=x"}, "GET /api/v1/streaming/hashtag/local": {kind: flow, at: "/api/v1/streaming/hashtag/local?tag=x"},
	"GET /api/v1/streaming/list":        {kind: flow, at: "/api/v1/streaming/list?list={list}"},
	"POST /api/v1/accounts":             self(`{"username":"nova","email":"nova@mail.example","password":"correct horse battery","agreement":true,"locale":"en"}`),
	"POST /api/v1/emails/confirmations": self(), "GET /api/v1/emails/check_confirmation": self(),
	"POST /api/v1/featured_tags": self(`{"name":"bread"}`), "DELETE /api/v1/featured_tags/:id": mine("featured"), "GET /api/v1/featured_tags/suggestions": self(),
	"POST /api/v1/tags/:name/feature": self().to("/api/v1/tags/bread/feature"), "POST /api/v1/tags/:name/unfeature": self().to("/api/v1/tags/bread/unfeature"),
	"GET /api/v1/endorsements": self(), "GET /api/v1/accounts/:id/endorsements": seen("ana"), "GET /api/v1/accounts/:id/identity_proofs": seen("ana"),
	"POST /api/v1/accounts/:id/endorse": seen("ana"), "POST /api/v1/accounts/:id/unendorse": seen("ana"), "POST /api/v1/accounts/:id/pin": seen("ana"), "POST /api/v1/accounts/:id/unpin": seen("ana"),
	"DELETE /api/v1/suggestions/:id": seen("telar"), "GET /api/v1/directory": seen(""), "GET /api/v1/profile": self(), "PUT /api/v1/profile": self(`{"display_name":"Somebody"}`),
	"DELETE /api/v1/media/:id": mine("media"), "GET /api/v1/search": self().to("/api/v1/search?q=carla"),
	"GET /api/v1/timelines/bubble": seen(""), "GET /api/v1/timelines/link": seen("/api/v1/timelines/link?url=https%3A%2F%2Fa.example"), "GET /api/v1/timelines/direct": self(),
	"GET /api/v1/statuses/:id/card": mine("direct").and(seen("public")), "POST /api/v1/statuses/:id/translate": mine("direct", `{"lang":"es"}`).and(seen("public", `{"lang":"es"}`)),
	"GET /api/v1/instance/privacy_policy": {kind: page}, "GET /api/v1/instance/terms_of_service": {kind: page}, "GET /api/v1/instance/terms_of_service/:date": {kind: page, at: "/api/v1/instance/terms_of_service/2030-01-01"},
	"GET /api/v1/instance/domain_blocks": seen(""), "GET /api/v1/instance/activity": seen(""),

	"GET /api/v1/polls/:id": mine("poll"), "POST /api/v1/polls/:id/votes": mine("poll", `{"choices":["0"]}`),
}

// and is the row, and the same route with other objects.
func (r row) and(more ...row) row { r.more = more; return r }

// to is the row at a path of its own.
func (r row) to(path string) row { r.at = path; return r }
