// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// TestSuggestions: proposed, seen by two sides alone, taken up with credit, refused with a
// reason, out of date, taken back.
func TestSuggestions(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, telar := d.member("telar")
		_, ana := d.person(coop.Person, "ana")
		_, eva := d.person(coop.Person, "eva")
		id := d.ok("POST", "/v1/minga/articles", telar, knowledge("Cómo amasamos")).text("id")
		at := "/v1/minga/articles/" + id + "/suggestions"
		propose := func(text string) answer {
			return d.call("POST", at, ana, map[string]any{"markdown": text, "reason": "más claro", "version": 1})
		}
		for name, tt := range map[string]struct {
			token string
			body  map[string]any
			want  int
		}{
			"nothing changed":                {ana, map[string]any{"reason": "porque sí"}, 422},
			"without a reason":               {ana, map[string]any{"markdown": "Agua."}, 422},
			"of one's own":                   {telar, map[string]any{"markdown": "Agua.", "reason": "x"}, 403},
			"of a version that there is not": {ana, map[string]any{"markdown": "Agua.", "reason": "x", "version": 7}, 409},
		} {
			if got := d.call("POST", at, tt.token, tt.body); got.status != tt.want {
				d.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		first, second, third := propose("Agua y harina."), propose("Harina."), propose("Sal.")
		if first.status != 200 || first.text("state") != "open" || first.text("by", "acct") != "ana" || first.text("title") != "Cómo amasamos" {
			d.Fatalf("proposed: %d %s", first.status, first.body)
		}
		one := func(a answer, step string) string { return "/v1/minga/suggestions/" + a.text("id") + step }
		for _, path := range []string{one(first, ""), one(first, "/accept")} {
			method := "GET"
			if strings.HasSuffix(path, "accept") {
				method = "POST"
			}
			if got := d.call(method, path, eva, nil); got.status != 404 {
				d.Errorf("%s by somebody else: %d", path, got.status)
			}
		}
		if got := d.call("POST", one(first, "/accept"), ana, nil); got.status != 403 {
			d.Errorf("accepting one's own: %d", got.status)
		}
		if got := d.call("DELETE", one(first, ""), telar, nil); got.status != 403 {
			d.Errorf("taking back another's: %d", got.status)
		}
		if n := len(d.ok("GET", at+"?open=1", telar, nil).list); n != 3 {
			d.Errorf("the author sees %d", n)
		}
		if n := len(d.ok("GET", at, eva, nil).list); n != 0 {
			d.Errorf("others see %d", n)
		}
		if got := d.ok("POST", one(second, "/reject"), telar, map[string]any{"reason": "así está bien"}); got.text("state") != "rejected" || got.text("answer") != "así está bien" {
			d.Errorf("refused: %s", got.body)
		}
		if got := d.ok("POST", one(first, "/accept"), telar, nil); got.text("state") != "accepted" || got.number("result_version") != 2 {
			d.Errorf("taken up: %s", got.body)
		}
		if again := d.ok("POST", one(first, "/accept"), telar, nil); again.number("result_version") != 2 {
			d.Errorf("taken up again: %s", again.body)
		}
		if got := d.ok("GET", "/v1/minga/articles/"+id, "", nil); got.number("minga", "article", "version") != 2 {
			d.Errorf("the article: %s", got.body)
		}
		if got := d.ok("POST", one(third, "/accept"), telar, nil); got.text("state") != "conflict" {
			d.Errorf("out of date: %s", got.body)
		}
		fourth := d.ok("POST", at, ana, map[string]any{"summary": "Con calma.", "reason": "más corto"})
		if fourth.number("version") != 2 {
			d.Errorf("from the present version: %s", fourth.body)
		}
		if got := d.ok("DELETE", one(fourth, ""), ana, nil); got.text("state") != "withdrawn" {
			d.Errorf("taken back: %s", got.body)
		}
		d.ok("DELETE", one(fourth, ""), ana, nil)
		if n := len(d.ok("GET", "/v1/minga/suggestions?by=me", ana, nil).list); n != 4 {
			d.Errorf("hers: %d", n)
		}
		if n := len(d.ok("GET", "/v1/minga/suggestions?open=1", telar, nil).list); n != 0 {
			d.Errorf("still open: %d", n)
		}
	})
}

// TestApplicationsForApps: a co-op's own alone; answered, waiting, deleted; the form on
// and off.
func TestApplicationsForApps(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.autumn()
		telar, token := d.member("telar")
		_, candil := d.member("candil")
		_, ana := d.person(coop.Person, "ana")
		job := d.ok("POST", "/v1/statuses", token, map[string]any{"status": posting["en"]}).text("id")
		if got := d.ok("GET", "/v1/minga/hiring", token, nil); got.doc["form"] != false {
			d.Errorf("at first: %s", got.body)
		}
		if got := d.call("PUT", "/v1/minga/hiring", token, map[string]any{}); got.status != 422 {
			d.Errorf("neither on nor off: %d", got.status)
		}
		if got := d.call("PUT", "/v1/minga/hiring", ana, map[string]any{"form": true}); got.status != 403 {
			d.Errorf("a person: %d", got.status)
		}
		if got := d.ok("PUT", "/v1/minga/hiring", token, map[string]any{"form": true}); got.doc["form"] != true {
			d.Errorf("turned on: %s", got.body)
		}
		post, err := coop.ParseID(job)
		d.must(err)
		a := &coop.Application{PostID: post, AccountID: telar.ID, Name: "Eva", Email: "eva@mail.example", Message: "I bake.", Language: "en", Title: "Baker", AnswerBy: d.clock.Now().Add(time.Hour)}
		d.must(d.Store.Write(d.Context(), func(tx *storage.Tx) error {
			return tx.AddApplication(d.Context(), a, []byte("0123456789abcdef0123456789abcdef"), 0)
		}))
		list := d.ok("GET", "/v1/minga/jobs/"+job+"/applications", token, nil)
		if len(list.list) != 1 || list.list[0]["email"] != "eva@mail.example" || list.list[0]["answered_at"] != nil || list.header.Get("Cache-Control") != "private, no-store" {
			d.Fatalf("listed: %s", list.body)
		}
		at := "/v1/minga/applications/" + a.ID.String()
		for _, other := range []string{candil, ana} {
			for _, path := range []string{at, "/v1/minga/jobs/" + job + "/applications", at + "/files/1"} {
				if got := d.call("GET", path, other, nil); got.status != 404 {
					d.Errorf("%s by others: %d", path, got.status)
				}
			}
			if got := d.call("DELETE", at, other, nil); got.status != 404 {
				d.Errorf("deleted by others: %d", got.status)
			}
		}
		if got := d.ok("POST", at+"/answered", token, nil); got.text("answered_at") == "" {
			d.Errorf("answered: %s", got.body)
		}
		d.clock.Advance(2 * time.Hour)
		if got := d.ok("GET", "/v1/minga/hiring", token, nil); got.number("answers", "due") != 1 || got.number("answers", "kept") != 1 {
			d.Errorf("the word that was kept: %s", got.body)
		}
		if got := d.ok("POST", at+"/waiting", token, nil); got.doc["answered_at"] != nil {
			d.Errorf("waiting: %s", got.body)
		}
		d.ok("DELETE", at, token, nil)
		if got := d.call("GET", at, token, nil); got.status != 404 {
			d.Errorf("deleted: %d", got.status)
		}
		if got := d.ok("PATCH", "/v1/minga/hiring", token, map[string]any{"form": false}); got.doc["form"] != false {
			d.Errorf("turned off: %s", got.body)
		}
	})
}
