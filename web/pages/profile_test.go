// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestProfileLinks: the links of a profile say that they are the same one's, which
// other sites check, and a verified one says so to people.
func TestProfileLinks(t *testing.T) {
	w := newWorld(t)
	telar := w.member("telar")
	telar.Fields = []coop.Field{{Name: "Web", Source: "https://telar.example/"}, {Name: "Otra", Source: "https://otra.example/"}}
	if err := w.Outbox.UpdateActor(t.Context(), telar); err != nil {
		t.Fatal(err)
	}
	err := w.Store.Write(t.Context(), func(tx *storage.Tx) error {
		return tx.VerifyFields(t.Context(), telar.ID, map[string]time.Time{telar.Fields[0].Value: w.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	page := w.get("/@telar", "en").Body.String()
	checkPage(t, w.get("/@telar", "en"), "profile", "en")
	me := 0
	for _, a := range elements(t, page, "a") {
		if strings.Contains(" "+attribute(a, "rel")+" ", " me ") {
			me++
		}
	}
	if me != 2 || strings.Count(page, "the site links to this profile") != 1 {
		t.Errorf("%d links are the same one's, %d verified", me, strings.Count(page, "the site links to this profile"))
	}
}
