// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
	"minga/web/auth"
)

// roleToken is a token of a person that was granted for a co-op in which they hold a
// role.
func (d *desk) roleToken(a *coop.Account, name string, role coop.Role) string {
	d.Helper()
	person, _ := d.person(coop.Person, name)
	text, hash := auth.NewSecret()
	d.must(d.Store.Write(d.Context(), func(tx *storage.Tx) error {
		if _, err := tx.GiveRole(d.Context(), a.ID, person.ID, role, 0); err != nil {
			return err
		}
		return tx.AddToken(d.Context(), &coop.Token{Hash: hash, AccountID: a.ID, PersonID: person.ID, Scopes: []string{"read", "write"}})
	}))
	return text
}

func TestWhoAppliesByMessage(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.autumn()
		telar, token := d.member("telar")
		hirer, publisher := d.roleToken(telar, "hilda", coop.Hirer), d.roleToken(telar, "pau", coop.Publisher)
		_, ana := d.person(coop.Person, "ana")
		job := d.ok("POST", "/v1/statuses", token, map[string]any{"status": posting["en"]})
		if apply := job.doc["minga"].(map[string]any)["job"].(map[string]any)["apply"].([]any)[0].(map[string]any); apply["way"] != "message" || apply["value"] != string(telar.IRI) {
			d.Errorf("one applies by %v", apply)
		}
		letter := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "@telar I bake", "visibility": "direct", "in_reply_to_id": job.text("id")})
		public := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "@telar nice", "in_reply_to_id": job.text("id")})
		at := "/v1/statuses/" + letter.text("id")
		if letter.doc["minga"] != nil {
			d.Errorf("who applies is told that they do: %v", letter.doc["minga"])
		}
		for name, token := range map[string]string{"the co-op": token, "a hirer": hirer} {
			s := d.ok("GET", at, token, nil)
			if s.text("minga", "kind") != "application" || s.text("minga", "title") != "Baker of bread" || s.text("minga", "application", "job_id") != job.text("id") || s.text("minga", "application", "deleted_on") != "" {
				d.Errorf("%s reads %s", name, s.body)
			}
		}
		if a := d.call("GET", at, publisher, nil); a.status != 404 {
			d.Errorf("a publisher reads it: %d", a.status)
		}
		if s := d.ok("GET", "/v1/statuses/"+public.text("id"), token, nil); s.doc["minga"] != nil {
			d.Errorf("a public answer is %s", s.body)
		}
		if d.ok("POST", "/v1/statuses", publisher, map[string]any{"status": "Job: Broken"}); !strings.Contains(d.told(publisher), "no llegó a ser un empleo") {
			d.Errorf("who posted is not told: %q", d.told(publisher))
		}
		for _, one := range d.ok("GET", "/v1/notifications", publisher, nil).list {
			if strings.Contains(toJSON(one), "I bake") {
				d.Errorf("a publisher hears of it: %v", one)
			}
		}
		reply := d.ok("POST", "/v1/statuses", hirer, map[string]any{"status": "@ana come on Monday", "visibility": "direct", "in_reply_to_id": letter.text("id")})
		d.clock.Advance(time.Hour)
		d.ok("POST", "/v1/minga/jobs/"+job.text("id")+"/fill", token, nil)
		if s := d.ok("GET", at, token, nil); s.text("minga", "application", "deleted_on") != "2031-02-18T13:00:00.000Z" {
			d.Errorf("after the end: %s", s.body)
		}
		forget := func(want int) {
			d.Helper()
			if n, err := d.Outbox.ForgetApplications(d.Context()); err != nil || n != want {
				d.Errorf("%d were deleted, not %d: %v", n, want, err)
			}
		}
		d.clock.Advance(coop.ApplicationLife - time.Hour)
		forget(0)
		d.clock.Advance(2 * time.Hour)
		forget(2)
		forget(0)
		for _, gone := range []string{at, "/v1/statuses/" + reply.text("id")} {
			if a := d.call("GET", gone, ana, nil); a.status != 404 {
				d.Errorf("%s is still there: %d", gone, a.status)
			}
		}
		d.ok("GET", "/v1/statuses/"+public.text("id"), "", nil)
		d.ok("GET", "/v1/statuses/"+job.text("id"), "", nil)
	})
}
