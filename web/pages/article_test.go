// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// TestArticle has contents, licence, authors as far as they confirmed, and history.
func TestArticle(t *testing.T) {
	w, all := full(t)
	page := w.get(all["article"], "en").Body.String()
	for _, want := range []string{
		`<a href="#minga-iguales" lang="es" dir="auto">Iguales</a>`, `<h2 id="minga-iguales">`, `<h3 id="minga-por-bandas">`, "CC BY-SA 4.0", "You may translate it.", "Keep this licence.",
		"(names)", "https://elsewhere.example/people/b", "retiros", "version 1", "This is the first version.", "<table>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	p, err := w.Store.PostByIRI(t.Context(), coop.System(), coop.IRI("https://"+host+all["article"]))
	w.must(err)
	w.clock.Advance(time.Hour)
	p.Source, p.Article.Reason = "Antes y después.", "una errata"
	w.must(w.Outbox.EditArticle(t.Context(), p))
	page = w.get(all["article"], "en").Body.String()
	if !strings.Contains(page, "version 2") || !strings.Contains(page, "version 1") || strings.Contains(page, "first version") || strings.Contains(page, "minga-iguales") {
		t.Error("the history does not show the change")
	}
}

// TestProfiles says who belongs to whom only as far as both sides do.
func TestProfiles(t *testing.T) {
	w, _ := full(t)
	if page := w.get("/@telar", "en").Body.String(); !strings.Contains(page, "confirmed by both sides") || strings.Contains(page, "stated by one side") || !strings.Contains(page, "Rosario, Argentina") {
		t.Error("the co-op's page does not show its membership or its place")
	}
	if page := w.get("/@minga", "en").Body.String(); !strings.Contains(page, "Member co-ops") || !strings.Contains(page, `<a href="/@telar" dir="auto">Cooperativa telar</a>`) {
		t.Error("the federation's page does not list its member")
	}
	m, err := w.Store.AccountByHandle(t.Context(), "minga", "")
	w.must(err)
	membership, err := w.Store.MembershipOf(t.Context(), w.coop.ID, m.ID)
	w.must(err)
	w.must(w.Outbox.RemoveMember(t.Context(), membership, "x"))
	if page := w.get("/@telar", "en").Body.String(); strings.Contains(page, "confirmed by both sides") {
		t.Error("a membership that ended is still confirmed")
	}
}

// TestDemo says on every page that all is invented, and only there.
func TestDemo(t *testing.T) {
	w := newWorld(t)
	if strings.Contains(w.get("/", "en").Body.String(), "Demonstration") {
		t.Error("a real instance calls itself a demonstration")
	}
	w.Demo = true
	for _, path := range []string{"/", "/jobs", "/about", "/nothing", "/@minga"} {
		if !strings.Contains(w.get(path, "en").Body.String(), "Demonstration: every federation") {
			t.Errorf("%s does not say that it is invented", path)
		}
	}
}
