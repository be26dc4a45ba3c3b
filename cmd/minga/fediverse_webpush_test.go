// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/outbox/push/pushtest"
	"minga/storage"
)

// closed is an app that somebody closed: it hears by a push service.
type closed struct {
	*phone
	*pushtest.Phone
	service *pushtest.Service
	read    int // how many messages were read
}

// closes subscribes to everything, in the older encoding or by the standard.
func (p *phone) closes(standard bool) *closed {
	p.h.f.t.Helper()
	c := &closed{phone: p, Phone: pushtest.NewPhone(p.h.f.t), service: pushtest.NewService(p.h.f.t, nil)}
	form := url.Values{
		"subscription[endpoint]": {c.service.URL + "/app"}, "subscription[keys][p256dh]": {c.Key()}, "subscription[keys][auth]": {c.Auth()},
		"subscription[standard]": {fmt.Sprint(standard)}, "data[policy]": {"all"},
	}
	for _, kind := range coop.PushAlerts() {
		form.Set("data[alerts]["+string(kind)+"]", "true")
	}
	c.post("/v1/push/subscription", form)
	return c
}

// heard are the messages since the last look: kind and title, sorted.
func (c *closed) heard() []string {
	t := c.h.f.t
	t.Helper()
	c.h.pushes()
	list := []string{}
	for _, r := range c.service.Requests()[c.read:] {
		c.read++
		if _, err := pushtest.Verified(r.Header, c.service.URL+"/app"); err != nil {
			t.Errorf("proof: %v", err)
		}
		text, err := c.Open(r.Header, r.Body)
		if err != nil {
			t.Fatalf("message: %v", err)
		}
		var m struct {
			Token string      `json:"access_token"`
			ID    json.Number `json:"notification_id"`
			Type  string      `json:"notification_type"`
			Title string
		}
		if err := json.Unmarshal(text, &m); err != nil || m.Token != c.token {
			t.Errorf("%s: %v", text, err)
		}
		if told := c.get("/v1/notifications/" + m.ID.String() + "?types[]=" + m.Type); told["type"] != m.Type {
			t.Errorf("%s is told by the API as %v", text, told["type"])
		}
		list = append(list, m.Type+": "+m.Title)
	}
	slices.Sort(list)
	return list
}

// pushes sends what is due.
func (h *house) pushes() {
	h.f.t.Helper()
	for did := true; did; {
		var err error
		did, err = h.instance.push.Step(h.f.ctx)
		h.f.must(err)
	}
}

// TestAppsHearWhileTheyAreClosed: what happens on one server reaches apps of another, in
// both encodings, until the app or its token ends.
func TestAppsHearWhileTheyAreClosed(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		eva, bea := a.person("eva"), b.person("bea")
		phone := a.phone(eva)
		modern, older := phone.closes(true), a.phone(eva, "push", "read").closes(false)
		hear := func(what string, want ...string) {
			t.Helper()
			f.drain()
			if want == nil {
				want = []string{}
			}
			for name, app := range map[string]*closed{"by the standard": modern, "in the older encoding": older} {
				if diff := cmp.Diff(want, app.heard()); diff != "" {
					t.Errorf("%s, %s: %s", what, name, diff)
				}
			}
		}
		b.follow(bea, eva)
		hear("a follow", "follow: Cooperativa bea te sigue")
		note := &coop.Post{Source: "Pan de hoy", Language: "es"}
		f.must(a.outbox.PublishNote(f.ctx, eva, note))
		f.drain()
		theirs := b.phone(bea)
		seen := b.has(note.IRI).ID.String()
		theirs.post("/v1/statuses/"+seen+"/favourite", nil)
		theirs.post("/v1/statuses/"+seen+"/reblog", nil)
		theirs.post("/v1/statuses", row{"status": "@eva@" + a.config.Host + " ¿queda?", "in_reply_to_id": seen})
		hear("a favourite, a boost, an answer", "favourite: A Cooperativa bea le gustó tu entrada", "mention: Cooperativa bea te mencionó", "reblog: Cooperativa bea difundió tu entrada")
		poll := &coop.Post{Source: "¿Qué día?", Language: "es", Poll: coop.NewPoll([]string{"Lunes", "Martes"}, time.Hour, false, false, a.clock.Now())}
		f.must(a.outbox.PublishNote(f.ctx, eva, poll))
		f.settle()
		f.pass(2 * time.Hour)
		f.tellPolls()
		hear("the end of a poll", "poll: Terminó tu encuesta")

		if got := phone.get("/v1/push/subscription")["server_key"]; got != a.instance.push.PublicKey(f.ctx) {
			t.Errorf("key %v", got)
		}
		modern.ask(200, "DELETE", "/v1/push/subscription", nil)
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.RevokeTokensOf(f.ctx, eva.ID, a.now()) }))
		theirs.post("/v1/statuses", row{"status": "@eva@" + a.config.Host + " ¿hay alguien?"})
		f.drain()
		a.pushes()
		if n := len(modern.service.Requests()) + len(older.service.Requests()); n != modern.read+older.read {
			t.Errorf("%d messages after the end", n-modern.read-older.read)
		}
	})
}

// TestASecondNodeSendsToo: what one node stored another sends, once, with the same key.
func TestASecondNodeSendsToo(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		twin := a.twin()
		eva, leo := a.person("eva"), a.person("leo")
		app := a.phone(eva).closes(true)
		if a.instance.push.PublicKey(f.ctx) != twin.instance.push.PublicKey(f.ctx) {
			t.Error("two keys")
		}
		a.phone(leo).post("/v1/statuses", row{"status": "@eva hola"})
		errs := make(chan error, 2)
		for _, h := range []*house{a, twin} {
			go func() {
				_, err := h.instance.push.Step(f.ctx)
				errs <- err
			}()
		}
		f.must(<-errs)
		f.must(<-errs)
		if got := app.heard(); len(got) != 1 || !strings.HasPrefix(got[0], "mention") {
			t.Errorf("heard %q", got)
		}
	})
}
