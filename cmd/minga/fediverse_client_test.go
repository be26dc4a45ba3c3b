// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestFollowAcrossServers: a person follows two of another server, one of whom wants
// to be asked; and back, with options, an end and a request that is taken back.
func TestFollowAcrossServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		ana, bea, carla := a.phone(a.person("nina")), b.phone(b.person("bea")), b.phone(b.person("carla"))
		carla.ask(200, "PATCH", "/v1/accounts/update_credentials", url.Values{"locked": {"true"}})
		f.drain()

		if got := said(ana.post(ana.of(bea.self, "/follow?reblogs=false&notify=1"), nil)); got != "requested notifying" {
			t.Errorf("at once: %s", got)
		}
		ana.post(ana.of(carla.self, "/follow"), row{"languages": []string{"es", "ca"}})
		f.drain()
		if got := ana.relation(bea.self); got != "following notifying" {
			t.Errorf("unlocked: %s", got)
		}
		if got := ana.relation(carla.self); got != "requested showing_reblogs" {
			t.Errorf("locked: %s", got)
		}
		if got := carla.relation(ana.self); got != "requested_by" {
			t.Errorf("whom she asked sees %s", got)
		}
		if n := carla.get("/v1/accounts/verify_credentials")["source"].(row)["follow_requests_count"]; n != 1.0 {
			t.Errorf("%v requests wait", n)
		}
		if got := handles(carla.list("/v1/follow_requests")); len(got) != 1 || got[0] != "nina@"+a.config.Host || carla.link == "" {
			t.Errorf("requests of %v, %s", got, carla.link)
		}
		request := "/v1/follow_requests/" + b.knows(ana.self).ID.String()
		if got := said(carla.post(request+"/authorize", nil)); got != "followed_by" {
			t.Errorf("authorized: %s", got)
		}
		f.drain()
		if got := ana.relation(carla.self); got != "following showing_reblogs" {
			t.Errorf("accepted: %s", got)
		}
		if got := handles(bea.list(bea.of(bea.self, "/followers"))); len(got) != 1 {
			t.Errorf("followers of her own: %v", got)
		}

		ana.post(ana.of(carla.self, "/unfollow"), nil)
		f.drain()
		if got := carla.relation(ana.self); got != "" {
			t.Errorf("after the end: %s", got)
		}
		ana.post(ana.of(carla.self, "/follow"), nil)
		f.drain()
		if got := said(ana.post(ana.of(carla.self, "/unfollow"), nil)); got != "" {
			t.Errorf("a request taken back: %s", got)
		}
		f.drain()
		carla.ask(404, "POST", request+"/reject", nil)
		ana.post(ana.of(carla.self, "/follow"), nil)
		f.drain()
		carla.post(request+"/reject", nil)
		f.drain()
		if got := ana.relation(carla.self); got != "" {
			t.Errorf("refused: %s", got)
		}
	})
}

// TestBellAcrossServers: who wants a notification at each post gets it, who only
// follows does not.
func TestBellAcrossServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		nina, olga, bea := a.phone(a.person("nina")), a.phone(a.person("olga")), b.phone(b.person("bea"))
		nina.post(nina.of(bea.self, "/follow"), row{"notify": true})
		olga.post(olga.of(bea.self, "/follow"), nil)
		f.drain()
		bea.post("/v1/statuses", row{"status": "The oven is hot"})
		f.settle()
		told := func(p *phone) (kinds []string) {
			for _, one := range p.list("/v1/notifications") {
				kinds = append(kinds, one.(row)["type"].(string))
			}
			return kinds
		}
		if got := strings.Join(told(nina), " "); got != "status" {
			t.Errorf("she with the bell was told %q", got)
		}
		if got := told(olga); len(got) != 0 {
			t.Errorf("she without was told %v", got)
		}
		nina.post(nina.of(bea.self, "/follow"), row{"notify": false})
		f.pass(time.Hour)
		bea.post("/v1/statuses", row{"status": "The bread is out"})
		f.settle()
		if got := told(nina); len(got) != 1 {
			t.Errorf("without the bell she was told %v", got)
		}
	})
}

// TestBlocksAndMutesAcrossServers: a block ends follows on both servers, a mute is
// nobody else's affair, and whole servers can be left.
func TestBlocksAndMutesAcrossServers(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a, b := f.house("ana"), f.house("berta")
		nina, bea := a.phone(a.person("nina")), b.phone(b.person("bea"))
		friends := func() {
			nina.post(nina.of(bea.self, "/follow"), nil)
			bea.post(bea.of(nina.self, "/follow"), nil)
			f.drain()
			if got := nina.relation(bea.self); got != "following showing_reblogs followed_by" {
				t.Fatalf("no friends: %s", got)
			}
		}
		friends()
		if got := said(nina.post(nina.of(bea.self, "/mute"), url.Values{"duration": {"3600"}, "notifications": {"false"}})); got != "following showing_reblogs followed_by muting" {
			t.Errorf("muted: %s", got)
		}
		f.drain()
		if got := bea.relation(nina.self); strings.Contains(got, "mut") || strings.Contains(got, "block") {
			t.Errorf("she learned of a mute: %s", got)
		}
		muted := nina.list("/v1/mutes")
		if len(muted) != 1 || muted[0].(row)["mute_expires_at"] != nina.h.now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05.000Z") {
			t.Errorf("muted %v", muted)
		}
		f.pass(time.Hour)
		if got := nina.list("/v1/mutes"); len(got) != 0 || strings.Contains(nina.relation(bea.self), "muting") {
			t.Errorf("an hour later: %v", got)
		}

		if got := said(nina.post(nina.of(bea.self, "/block"), nil)); got != "blocking" {
			t.Errorf("blocked: %s", got)
		}
		f.drain()
		if got := bea.relation(nina.self); got != "blocked_by" {
			t.Errorf("who is blocked sees %s", got)
		}
		if got := handles(nina.list("/v1/blocks")); len(got) != 1 || nina.link == "" {
			t.Errorf("blocks %v, %s", got, nina.link)
		}
		bea.ask(403, "POST", bea.of(nina.self, "/follow"), nil)
		if got := said(nina.post(nina.of(bea.self, "/unblock"), nil)); got != "" {
			t.Errorf("unblocked: %s", got)
		}
		f.drain()
		friends()

		domain := url.Values{"domain": {b.config.Host}}
		if got := nina.get("/v1/domain_blocks/preview?" + domain.Encode()); got["following_count"] != 1.0 || got["followers_count"] != 1.0 {
			t.Errorf("a block would end %v", got)
		}
		nina.post("/v1/domain_blocks", domain)
		f.drain()
		if got, back := nina.relation(bea.self), bea.relation(nina.self); got != "domain_blocking" || back != "" {
			t.Errorf("left: %s; from there: %s", got, back)
		}
		if got := nina.list("/v1/domain_blocks"); len(got) != 1 || got[0] != b.config.Host {
			t.Errorf("left %v", got)
		}
		nina.ask(200, "DELETE", "/v1/domain_blocks?"+domain.Encode(), nil)
		if got := nina.list("/v1/domain_blocks"); len(got) != 0 {
			t.Errorf("came back, and yet %v", got)
		}
		nina.ask(422, "POST", "/v1/domain_blocks", url.Values{"domain": {a.config.Host}})
		nina.post(nina.of(bea.self, "/follow"), nil)
		bea.post(bea.of(nina.self, "/follow"), nil)
		f.drain()
		if got := said(nina.post(nina.of(bea.self, "/remove_from_followers"), nil)); got != "following showing_reblogs" {
			t.Errorf("removed: %s", got)
		}
		f.drain()
		if got := bea.relation(nina.self); got != "followed_by" {
			t.Errorf("she was removed: %s", got)
		}
	})
}
