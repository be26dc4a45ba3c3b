// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"minga/storage"
	"minga/storage/storagetest"
)

// TestCheckUpByForms: what a look found is read and asked for by forms alone, from "never
// looked" to "all is well", and a stranger neither reads nor asks.
func TestCheckUpByForms(t *testing.T) {
	asked := 0
	h := newHouseOn(t, storagetest.Open(t), func(o *Options) { o.RateLimit, o.Examine = false, func() { asked++ } })
	ana, now := h.owned(), time.Now()
	if w := h.fresh().open("/admin/doctor", nil); w.Code == http.StatusOK {
		t.Errorf("open to anybody: %d", w.Code)
	}
	never := ana.open("/admin/doctor", nil)
	if !strings.Contains(never.Body.String(), "has not been checked yet") {
		t.Error("it does not say that it never looked")
	}
	w := ana.press(never, "/admin/doctor")
	soon := ana.goes(w)
	if asked != 1 || !strings.Contains(soon.Body.String(), "begins in a moment") || !strings.HasPrefix(soon.Header().Get("Refresh"), "3;") {
		t.Errorf("asked %d times, refreshed by %q", asked, soon.Header().Get("Refresh"))
	}
	wrong := []storage.Examined{{Name: "clock", State: "ok"}, {Name: "queue", State: "warn", Fact: "3"}, {Name: "dns", State: "fail", Fact: "<b>nowhere</b>"}}
	for _, look := range []struct {
		name    string
		found   storage.Examination
		says    []string
		silent  string
		refresh bool
	}{
		{"under way", storage.Examination{Began: now, Busy: now.Add(time.Hour), Checks: 27, Found: wrong[:1]}, []string{"Checking: 1 of 27"}, "<button class=\"quiet\">Check now", true},
		{"broken off", storage.Examination{Began: now.Add(-time.Hour), Busy: now.Add(-time.Minute), Checks: 27, Found: wrong[:1]}, []string{"stopped before its end", "Check now"}, "Checking:", false},
		{
			"ended",
			storage.Examination{Began: now, Ended: now, Checks: 3, Found: wrong},
			[]string{"2 things need attention", "is-failed", "&lt;b&gt;nowhere", "is-warn", `<a href="/admin/queue">/admin/queue</a>`, "is-open", "Clock"},
			"<b>nowhere", false,
		},
		{"well", storage.Examination{Began: now, Ended: now, Checks: 1, Found: wrong[:1]}, []string{"All is well."}, "attention", false},
	} {
		t.Run(look.name, func(t *testing.T) {
			err := h.store.Write(t.Context(), func(tx *storage.Tx) error {
				return tx.ChangeExamination(t.Context(), func(x *storage.Examination) { *x = look.found })
			})
			if err != nil {
				t.Fatal(err)
			}
			w := ana.open("/admin/doctor", nil)
			page, at := w.Body.String(), 0
			for _, says := range look.says {
				next := strings.Index(page[at:], says)
				if next < 0 {
					t.Fatalf("%q is missing, or stands before what is worse", says)
				}
				at += next
			}
			if strings.Contains(page, look.silent) || (w.Header().Get("Refresh") != "") != look.refresh {
				t.Errorf("says %q, or refreshes by %q", look.silent, w.Header().Get("Refresh"))
			}
		})
	}
}

// TestCheckUpSpeaks: why something is amiss is said in the language of who reads, and what the
// system said stands beside it, marked as English.
func TestCheckUpSpeaks(t *testing.T) {
	h := newHouseOn(t, storagetest.Open(t), func(o *Options) { o.RateLimit = false })
	ana, now := h.owned(), time.Now()
	err := h.store.Write(t.Context(), func(tx *storage.Tx) error {
		return tx.ChangeExamination(t.Context(), func(x *storage.Examination) {
			*x = storage.Examination{Began: now, Ended: now, Checks: 1, Found: []storage.Examined{{
				Name: "webfinger", State: "fail", Fact: "coop.example: it fails", Why: storage.Reason{Key: "tls", Where: "coop.example", Raw: "x509: <b>expired"},
			}}}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for lang, says := range map[string]string{
		"en": "We are not found: coop.example: no secure connection", "es": "No nos encuentran: coop.example: no hay conexión segura", "ca": "coop.example: no hi ha connexió segura",
		"it": "coop.example: nessuna connessione sicura", "pt": "coop.example: não há conexão segura",
	} {
		page := ana.open("/admin/doctor?lang="+lang, nil).Body.String()
		if !strings.Contains(page, says) || strings.Contains(page, "it fails") || !strings.Contains(page, `lang="en" dir="ltr">x509: &lt;b&gt;expired</code>`) {
			t.Errorf("%s: %q is missing", lang, says)
		}
	}
}
