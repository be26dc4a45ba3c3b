// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/federation"
	"minga/outbox/translate"
	"minga/outbox/translate/translatetest"
	"minga/storage"
	"minga/web/auth"
)

// translating gives a house a translator before a service of the test.
func translating(t *testing.T, service *translatetest.Service) func(o *Options) {
	return func(o *Options) {
		client, err := federation.New(federation.Options{Dev: true, Now: time.Now, Trusted: []string{strings.TrimPrefix(service.URL, "http://")}, Hosts: 1})
		if err != nil {
			t.Fatal(err)
		}
		o.Translator, err = translate.New(translate.Options{Store: o.Store, URL: service.URL, Key: service.Key, Client: client, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		t.Cleanup(o.Translator.Close)
	}
}

// warned is a public poll in Spanish with a content warning.
func (h *house) warned(author *coop.Account, change ...func(*coop.Post)) *coop.Post {
	return h.note(author, append([]func(*coop.Post){func(p *coop.Post) {
		p.Source, p.Language, p.Summary = "¿Pan? https://pan.example/receta", "es", "Comida"
		p.Poll = coop.NewPoll([]string{"Centeno", "Trigo"}, time.Hour, false, false, time.Now())
	}}, change...)...)
}

func translateAt(p *coop.Post) string { return "/api/v1/statuses/" + p.ID.String() + "/translate" }

// TestAMachineTranslatesForApps: the shape of Mastodon's Translation, for what everybody
// may read; nothing else gets as far as the service.
func TestAMachineTranslatesForApps(t *testing.T) {
	service := translatetest.Open(t)
	eachHouse(t, translating(t, service), func(h *house) {
		service.Behave(translatetest.Manner{})
		service.Asked() // what the other database left
		ana, eve := h.person("ana"), h.person("eve")
		token, anas := h.token(eve, "read write"), h.token(ana, "read write")
		open := h.warned(ana)
		if text := h.wants(200, "GET", "/api/v2/instance", "", ""); !strings.Contains(text, `"translation":{"enabled":true}`) {
			h.Errorf("the instance: %s", text)
		}
		if text := h.wants(200, "GET", "/api/v1/instance/translation_languages", "", ""); text != `{"en":["es","it"],"es":["en"],"it":["en"],"und":["en","es","it"]}` {
			h.Errorf("languages: %s", text)
		}
		var got struct {
			Content, Language, Provider string
			Spoiler                     string `json:"spoiler_text"`
			Detected                    string `json:"detected_source_language"`
			Poll                        struct {
				ID      string
				Options []struct{ Title string }
			}
			Media []struct{} `json:"media_attachments"`
		}
		if err := json.Unmarshal([]byte(h.wants(200, "POST", translateAt(open), token, `{"lang":"en"}`)), &got); err != nil {
			h.Fatal(err)
		}
		if got.Language != "en" || got.Detected != "es" || got.Spoiler != "en:COMIDA" || got.Poll.ID != open.ID.String() || got.Poll.Options[1].Title != "en:TRIGO" || got.Media == nil || !strings.HasPrefix(got.Provider, "127.0.0.1:") {
			h.Errorf("translated: %+v", got)
		}
		if !strings.Contains(got.Content, "en:¿PAN?") || !strings.Contains(got.Content, `href="https://pan.example/receta"`) {
			h.Errorf("content: %s", got.Content)
		}
		h.wants(200, "POST", translateAt(open), token, "") // the account's language is English
		if n := len(service.Asked()); n != 1 {
			h.Errorf("asked %d times", n)
		}
		h.wants(403, "POST", translateAt(open), token, `{"lang":"es"}`)
		if text := h.wants(403, "POST", translateAt(open), token, `{"lang":"fr"}`); !strings.Contains(text, "may not be translated") {
			h.Errorf("refused: %s", text)
		}
		mine := h.warned(ana, func(p *coop.Post) { p.Visibility = coop.VisibleFollowers })
		h.wants(403, "POST", translateAt(mine), anas, `{"lang":"en"}`)
		h.wants(404, "POST", translateAt(mine), token, `{"lang":"en"}`)
		service.Behave(translatetest.Manner{Status: http.StatusInternalServerError})
		h.wants(200, "POST", translateAt(open), token, `{"lang":"en"}`) // kept
		other := h.warned(ana, func(p *coop.Post) { p.Source = "Otra cosa" })
		if n := len(service.Asked()); n != 0 {
			h.Errorf("asked %d times for what stays inside", n)
		}
		if text := h.wants(503, "POST", translateAt(other), token, `{"lang":"en"}`); !strings.Contains(text, "translation service does not answer") {
			h.Errorf("failed: %s", text)
		}
	})
}

// TestTranslationsArePerPerson: sixty an hour go outside; what is kept counts nothing.
func TestTranslationsArePerPerson(t *testing.T) {
	service := translatetest.Open(t)
	h := newHouse(t, translating(t, service))
	ana, eve := h.person("ana"), h.person("eve")
	kept, fresh := h.warned(ana), h.warned(ana, func(p *coop.Post) { p.Source = "Otra cosa" })
	token := h.token(eve, "read write")
	h.wants(200, "POST", translateAt(kept), token, `{"lang":"en"}`)
	for h.server.admitted(auth.LimitTranslate, eve.ID.String()) == nil {
		continue
	}
	h.wants(200, "POST", translateAt(kept), token, `{"lang":"en"}`)
	h.wants(429, "POST", translateAt(fresh), token, `{"lang":"en"}`)
	h.wants(200, "POST", translateAt(fresh), h.token(ana, "read write"), `{"lang":"en"}`)
}

// TestTheButtonTranslates: without a script, for who is signed in and reads another
// language; the page has both texts.
func TestTheButtonTranslates(t *testing.T) {
	service := translatetest.Open(t)
	eachHouse(t, translating(t, service), func(h *house) {
		service.Behave(translatetest.Manner{})
		service.Asked() // what the other database left
		ana, bea := h.person("ana"), h.surfer("bea")
		bea.signIn("bea", "/sign-in")
		p := h.warned(ana)
		at := strings.TrimPrefix(string(p.IRI), "https://coop.example")
		button := `action="/translate"`
		if page := bea.open(at, nil).Body.String(); !strings.Contains(page, button) {
			h.Fatalf("no button: %s", page)
		}
		if page := h.fresh().open(at, nil).Body.String(); strings.Contains(page, button) {
			h.Error("a button for a visitor")
		}
		if page := bea.open(at+"?lang=es", nil).Body.String(); strings.Contains(page, button) {
			h.Error("a button for who reads Spanish")
		}
		bea.open(at+"?lang=en", nil)
		w := bea.send(at, "/translate", "id", p.ID.String())
		page := w.Body.String()
		for _, want := range []string{"en:¿PAN?", "¿Pan?", "en:COMIDA", "en:TRIGO", "Trigo", `lang="es"`, strings.TrimPrefix(service.URL, "http://"), "what counts is the original", `href="` + at + `"`} {
			if !strings.Contains(page, want) {
				h.Errorf("%d, no %q in %s", w.Code, want, page)
			}
		}
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "private, no-store" {
			h.Errorf("%d %s", w.Code, w.Header().Get("Cache-Control"))
		}
		if w := bea.open("/translate", url.Values{"id": {p.ID.String()}}); w.Code == http.StatusOK {
			h.Error("translated without the token of the form")
		}
		hidden := h.warned(ana, func(p *coop.Post) { p.Visibility = coop.VisibleDirect })
		if w := bea.send(at, "/translate", "id", hidden.ID.String()); w.Code != http.StatusNotFound {
			h.Errorf("what she may not see: %d", w.Code)
		}
		service.Behave(translatetest.Manner{Status: http.StatusInternalServerError})
		other := h.warned(ana, func(p *coop.Post) { p.Source = "Otra cosa" })
		if w := bea.send(at, "/translate", "id", other.ID.String()); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "does not answer right now") || !strings.Contains(w.Body.String(), "Otra cosa") {
			h.Errorf("the service is away: %d %s", w.Code, w.Body)
		}
	})
}

// TestJobsAndArticlesAreTranslatedOnTheirPages: a job's title and text, an article's too
// where its licence lets others translate.
func TestJobsAndArticlesAreTranslatedOnTheirPages(t *testing.T) {
	service := translatetest.Open(t)
	eachHouse(t, translating(t, service), func(h *house) {
		service.Behave(translatetest.Manner{})
		service.Asked() // what the other database left
		telar, token := h.member("telar", "read write")
		bea := h.surfer("bea")
		bea.signIn("bea", "/sign-in")
		bea.open("/?lang=es", nil)
		job := func(change ...string) *coop.Post {
			made, _ := h.publish(token, strings.NewReplacer(change...).Replace(goodJob))
			id, err := coop.ParseID(made)
			if err != nil {
				h.Fatal(err)
			}
			p, err := h.store.Post(h.Context(), storage.Seeing(h.Context(), telar.ID), id)
			if err != nil {
				h.Fatal(err)
			}
			return p
		}
		article := func(licence string) *coop.Post {
			p := &coop.Post{
				Author: telar, Visibility: coop.VisiblePublic, Language: "en", Title: "How we bake", Summary: "With patience.", Source: "# Flour\n\nMuch flour.",
				Article: &coop.Article{License: coop.DefaultLicence},
			}
			if err := h.outbox.PublishArticle(h.Context(), telar, p); err != nil {
				h.Fatal(err)
			}
			p.Article.License = licence
			h.change(func(tx *storage.Tx) error { _, err := tx.UpdatePost(h.Context(), p, storage.Arrival{}); return err })
			return p
		}
		for _, tt := range []struct {
			post *coop.Post
			want string
		}{
			{job(), "es:BAKER AT NIGHT|es:YOU BAKE WHAT|Baker at night"},
			{article(coop.DefaultLicence), "es:HOW WE BAKE|es:WITH PATIENCE.|es:MUCH FLOUR.|Much flour."},
			{article("https://creativecommons.org/licenses/by-nd/4.0/"), ""},
		} {
			at := strings.TrimPrefix(string(tt.post.IRI), "https://coop.example")
			if has := strings.Contains(bea.open(at, nil).Body.String(), `action="/translate"`); has != (tt.want != "") {
				h.Errorf("%s has a button: %v", at, has)
			}
			w := bea.send(at, "/translate", "id", tt.post.ID.String())
			if tt.want == "" && w.Code != http.StatusForbidden {
				h.Errorf("no derivatives: %d", w.Code)
			}
			for part := range strings.SplitSeq(tt.want, "|") {
				if !strings.Contains(w.Body.String(), part) {
					h.Errorf("%d, no %q in %s", w.Code, part, w.Body)
				}
			}
		}
		service.Asked()
		draft := job(`{"title"`, `{"draft":true,"title"`)
		if draft.Job.Status != coop.JobDraft {
			h.Fatalf("a draft is %s", draft.Job.Status)
		}
		h.wants(403, "POST", translateAt(draft), token, `{"lang":"es"}`)
		if n := len(service.Asked()); n != 0 {
			h.Error("a draft left the house")
		}
	})
}
