// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

func TestScheduledThroughTheAPI(t *testing.T) {
	eachDesk(t, func(d *desk) {
		a, ana := d.person(coop.Person, "ana")
		_, beto := d.person(coop.Person, "beto")
		file := d.picture(a, "uno")
		due := d.clock.Now().Add(time.Hour).UTC()
		waits := d.ok("POST", "/v1/statuses", ana, map[string]any{
			"status": "Luego", "media_ids": []string{file}, "visibility": "private", "spoiler_text": "cw", "scheduled_at": due.Format("2006-01-02T15:04:05.000Z"),
		})
		if waits.text("scheduled_at") != due.Format("2006-01-02T15:04:05.000Z") || waits.text("params", "text") != "Luego" || waits.text("params", "visibility") != "private" || len(waits.doc["media_attachments"].([]any)) != 1 {
			d.Errorf("waits: %s", waits.body)
		}
		polled := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "¿?", "poll": map[string]any{"options": []string{"a", "b"}, "expires_in": 600}, "scheduled_at": due})
		list := d.ok("GET", "/v1/scheduled_statuses?limit=1", ana, nil)
		if len(list.list) != 1 || !strings.Contains(list.header.Get("Link"), "max_id="+polled.text("id")) {
			d.Errorf("list %s %s", list.body, list.header.Get("Link"))
		}
		at := "/v1/scheduled_statuses/" + waits.text("id")
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			if other := d.call(method, at, beto, map[string]any{"scheduled_at": due}); other.status != 404 {
				d.Errorf("%s another's: %d", method, other.status)
			}
		}
		if soon := d.call("PUT", at, ana, map[string]any{"scheduled_at": d.clock.Now()}); soon.status != 422 {
			d.Errorf("moved to now: %d", soon.status)
		}
		moved := d.ok("PUT", at, ana, map[string]any{"scheduled_at": due.Add(time.Hour).Format(time.RFC3339)})
		d.ok("PUT", "/v1/scheduled_statuses/"+polled.text("id"), ana, url.Values{"scheduled_at": {due.Add(time.Hour).Format(time.RFC3339)}})
		if moved.text("scheduled_at") == waits.text("scheduled_at") {
			d.Errorf("not moved: %s", moved.body)
		}
		d.clock.Advance(90 * time.Minute)
		d.tick(0)
		d.clock.Advance(time.Hour)
		d.tick(2)
		if left := d.ok("GET", "/v1/scheduled_statuses", ana, nil); len(left.list) != 0 || string(left.body) != "[]" {
			d.Errorf("left: %s", left.body)
		}
		dropped := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "no", "scheduled_at": d.clock.Now().Add(time.Hour)})
		if gone := d.ok("DELETE", "/v1/scheduled_statuses/"+dropped.text("id"), ana, nil); string(gone.body) != "{}" {
			d.Errorf("dropped: %s", gone.body)
		}
		d.clock.Advance(2 * time.Hour)
		d.tick(0)
	})
}

// tick publishes what is due, which must be so many.
func (d *desk) tick(want int) {
	d.Helper()
	for n := 0; ; n++ {
		did, err := d.Outbox.StepScheduled(d.Context())
		d.must(err)
		if !did {
			if n != want {
				d.Errorf("%d were published, not %d", n, want)
			}
			return
		}
	}
}

func TestOwnAudiences(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, telar := d.member("telar")
		_, otra := d.member("otra")
		_, ana := d.person(coop.Person, "ana")
		f, err := d.Store.FederationAccount(d.Context())
		d.must(err)
		inside := d.ok("POST", "/v1/statuses", telar, url.Values{"status": {"entre nosotras"}, "minga[audience]": {"members:" + f.ID.String()}})
		if inside.text("visibility") != "private" || inside.text("minga", "audience") != "members:"+f.ID.String() || inside.text("minga", "kind") != "note" {
			d.Errorf("members: %s", inside.body)
		}
		here := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": "solo aquí", "minga": map[string]any{"audience": "local"}})
		if here.text("visibility") != "private" || here.text("minga", "audience") != "local" {
			d.Errorf("local: %s", here.body)
		}
		if a := d.call("POST", "/v1/statuses", ana, url.Values{"status": {"x"}, "minga[audience]": {"members:" + f.ID.String()}}); a.status != 422 {
			d.Errorf("a stranger writes to members: %d %s", a.status, a.body)
		}
		for _, tt := range []struct {
			name, id, token string
			status          int
		}{
			{"a member", inside.text("id"), otra, 200},
			{"a person", inside.text("id"), ana, 404},
			{"anybody", inside.text("id"), "", 404},
			{"a person here", here.text("id"), ana, 200},
			{"anybody elsewhere", here.text("id"), "", 404},
		} {
			for _, path := range []string{"", "/history"} {
				if a := d.call("GET", "/v1/statuses/"+tt.id+path, tt.token, nil); a.status != tt.status {
					d.Errorf("%s reads%s: %d", tt.name, path, a.status)
				}
			}
		}
		answer := d.ok("POST", "/v1/statuses", otra, map[string]any{"status": "sí", "visibility": "private", "in_reply_to_id": inside.text("id")})
		if answer.text("minga", "audience") != "members:"+f.ID.String() {
			d.Errorf("the answer: %s", answer.body)
		}
		for _, id := range []string{inside.text("id"), here.text("id")} {
			if a := d.call("POST", "/v1/statuses/"+id+"/reblog", telar, nil); a.status != 404 {
				d.Errorf("boost: %d", a.status)
			}
		}
	})
}
