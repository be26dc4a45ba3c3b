// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minga/storage"
)

// begins makes a rehearsal of the house.
func (h *house) begins() {
	h.Helper()
	err := h.store.Write(h.Context(), func(tx *storage.Tx) error {
		_, _, err := tx.BeginRehearsal(context.Background(), false)
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
}

// TestARehearsalSaysSoAndIsPromotedByAnOwner: pages, robots.txt and NodeInfo say what it is;
// an owner who says yes ends it, with an entry in the log, and only once.
func TestARehearsalSaysSoAndIsPromotedByAnOwner(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		h.begins()
		ana := h.owned()
		home := ana.open("/about", nil)
		if body := home.Body.String(); !strings.Contains(body, `<p class="demo">`) || !strings.Contains(body, `content="noindex"`) || home.Header().Get("X-Robots-Tag") != "noindex" {
			t.Errorf("a page does not say that it is a rehearsal: %v %.3000s", home.Header(), body)
		}
		if got := h.ask("GET", "/robots.txt", "", "").Body.String(); !strings.HasSuffix(got, "User-agent: *\nDisallow: /\n") {
			t.Errorf("robots.txt: %s", got)
		}
		if got := h.ask("GET", "/nodeinfo/2.1", "", "").Body.String(); !strings.Contains(got, `"rehearsal":true`) {
			t.Errorf("NodeInfo: %s", got)
		}
		if w := h.fresh().open("/admin/rehearsal", nil); w.Code == http.StatusOK {
			t.Errorf("open to anybody: %d", w.Code)
		}
		if w := ana.fill("/admin/rehearsal", url.Values{}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="nothing"`) {
			t.Errorf("without a yes: %d", w.Code)
		}
		page := ana.open("/admin/rehearsal", nil)
		done := ana.goes(ana.press(page, "/admin/rehearsal", "sure", "on"))
		if body := done.Body.String(); !strings.Contains(body, "note-line") || strings.Contains(body, "<form class=\"form\" action=\"/admin/rehearsal\"") || strings.Contains(body, `<p class="demo">`) {
			t.Errorf("promoted: %s", body)
		}
		if e := h.noted(); e.Act != "instance.promote" || e.Who != "ana" {
			t.Errorf("noted %+v", e)
		}
		before := h.noted().ID
		ana.goes(ana.press(page, "/admin/rehearsal", "sure", "on")) // a second time: the page says how it is
		if h.noted().ID != before {
			t.Error("it was promoted twice")
		}
		if got := h.ask("GET", "/robots.txt", "", "").Body.String(); strings.Contains(got, "rehearsal") {
			t.Errorf("robots.txt after it: %s", got)
		}
	})
}
