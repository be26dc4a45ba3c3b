// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestKeysAreAskedFor: the page says what there is, and writes down what is wanted and who
// wants it; a form without anything is refused, and so is a stranger.
func TestKeysAreAskedFor(t *testing.T) {
	eachHouse(t, oneNote, func(h *house) {
		ana := h.owned()
		if w := h.fresh().open("/admin/keys", nil); w.Code == http.StatusOK {
			t.Errorf("open to anybody: %d", w.Code)
		}
		if w := ana.fill("/admin/keys", url.Values{}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="nothing"`) {
			t.Errorf("nothing: %d", w.Code)
		}
		page := ana.goes(ana.fill("/admin/keys", url.Values{"all": {"on"}, "push": {"on"}}))
		k, err := h.store.KeyRotation(h.Context())
		if err != nil || k.Asked.IsZero() || !k.Actors || !k.Push || k.Secrets || k.Compromise {
			t.Fatalf("asked for %+v, %v", k, err)
		}
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "note-line") || h.noted().Act != "keys.rotate" || h.noted().Who != "ana" || h.noted().Why != "accounts push" {
			t.Errorf("%d, noted %+v", page.Code, h.noted())
		}
		ana.fill("/admin/keys", url.Values{"compromise": {"on"}})
		if k, err := h.store.KeyRotation(h.Context()); err != nil || !k.Compromise || !k.Secrets || h.noted().Act != "keys.compromise" {
			t.Errorf("compromise: %+v, %v, noted %+v", k, err, h.noted())
		}
	})
}
