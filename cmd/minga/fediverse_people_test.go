// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/storage"
)

// TestListsOfPeople: lists hold whom one follows, and are one's own.
func TestListsOfPeople(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		nina, olga, pia := a.phone(a.person("nina")), a.phone(a.person("olga")), a.phone(a.person("pia"))
		nina.post(nina.of(olga.self, "/follow"), nil)
		made := nina.post("/v1/lists", url.Values{"title": {"Pan"}})
		if diff := cmp.Diff(row{"id": made["id"], "title": "Pan", "replies_policy": "list", "exclusive": false}, made); diff != "" {
			t.Error(diff)
		}
		path := "/v1/lists/" + made["id"].(string)
		if got := nina.ask(200, "PUT", path, row{"replies_policy": "none", "exclusive": "true"}).(row); got["title"] != "Pan" || got["replies_policy"] != "none" || got["exclusive"] != true {
			t.Errorf("changed to %v", got)
		}
		nina.ask(422, "PATCH", path, row{"title": " "})
		nina.ask(422, "POST", "/v1/lists", row{"title": "x", "replies_policy": "all"})
		nina.post(path+"/accounts", url.Values{"account_ids[]": {olga.self.ID.String()}})
		nina.ask(422, "POST", path+"/accounts", row{"account_ids": []string{olga.self.ID.String()}})
		nina.ask(404, "POST", path+"/accounts", row{"account_ids": []string{pia.self.ID.String()}})
		nina.ask(404, "POST", path+"/accounts", row{"account_ids": []string{"x"}})
		for _, query := range []string{"", "?limit=0"} {
			if got := handles(nina.list(path + "/accounts" + query)); len(got) != 1 || got[0] != "olga" {
				t.Errorf("%q holds %v", query, got)
			}
		}
		if got := nina.list(nina.of(olga.self, "/lists")); len(got) != 1 {
			t.Errorf("she is in %v", got)
		}
		for method, at := range map[string]string{"GET": path, "PUT": path, "DELETE": path, "POST": path + "/accounts"} {
			pia.ask(404, method, at, nil)
		}
		pia.ask(404, "GET", path+"/accounts", nil)
		if got := pia.list("/v1/lists"); len(got) != 0 {
			t.Errorf("another has %v", got)
		}
		nina.ask(200, "DELETE", path+"/accounts", row{"account_ids": []string{olga.self.ID.String()}})
		if got := nina.list(path + "/accounts"); len(got) != 0 {
			t.Errorf("still holds %v", got)
		}
		nina.ask(200, "DELETE", path, nil)
		nina.ask(404, "GET", path, nil)
	})
}

// TestPeopleOfOneServer: who is shown to whom.
func TestPeopleOfOneServer(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		nina, olga, pia := a.phone(a.person("nina")), a.phone(a.person("olga")), a.phone(a.person("pia"))
		telar := a.coop("telar")
		f.admit(telar, a, a)
		stranger := &phone{h: a}
		nina.post(nina.of(olga.self, "/follow"), nil)
		pia.post(pia.of(nina.self, "/follow"), nil)
		if got := nina.post(nina.of(olga.self, "/note"), row{"comment": "the baker"}); got["note"] != "the baker" {
			t.Errorf("noted %v", got["note"])
		}
		nina.ask(422, "POST", nina.of(olga.self, "/note"), row{"comment": strings.Repeat("x", 2001)})
		if got := olga.list("/v1/accounts/relationships?id=" + nina.self.ID.String())[0].(row); got["note"] != "" {
			t.Errorf("another reads the note %v", got)
		}
		if got := olga.list("/v1/accounts/relationships?id[]=99&id[]=" + pia.self.ID.String() + "&id[]=" + nina.self.ID.String()); len(got) != 2 || got[0].(row)["id"] != pia.self.ID.String() {
			t.Errorf("in the order asked: %v", got)
		}
		familiar := pia.list("/v1/accounts/familiar_followers?id[]=" + olga.self.ID.String() + "&id[]=" + telar.ID.String())
		if len(familiar) != 2 || strings.Join(handles(familiar[0].(row)["accounts"].([]any)), " ") != "nina" || len(familiar[1].(row)["accounts"].([]any)) != 0 {
			t.Errorf("familiar %v", familiar)
		}

		followers := olga.of(olga.self, "/followers")
		if got := handles(pia.list(followers)); len(got) != 1 {
			t.Errorf("people here see %v", got)
		}
		if got := stranger.list(followers); len(got) != 0 {
			t.Errorf("strangers see %v of who is not to be found", got)
		}
		olga.ask(200, "PATCH", "/v1/accounts/update_credentials", row{"hide_collections": true, "discoverable": true})
		if got, own := pia.list(followers), olga.list(followers); len(got) != 0 || len(own) != 1 {
			t.Errorf("hidden: %v, and to herself %v", got, own)
		}
		if olga.post(olga.of(pia.self, "/block"), nil); len(pia.list(pia.of(nina.self, "/following"))) != 0 {
			t.Error("a list names who blocks the reader")
		}

		if got := handles(nina.list("/v1/suggestions")); strings.Join(got, " ") != "telar" {
			t.Errorf("suggested %v", got)
		}
		if got := nina.list("/v2/suggestions"); len(got) != 1 || got[0].(row)["account"] == nil || got[0].(row)["source"] == "" {
			t.Errorf("suggested %v", got)
		}
		for _, acct := range []string{"telar", "telar@" + a.config.Host, "@Telar"} {
			if got := stranger.get("/v1/accounts/lookup?acct=" + url.QueryEscape(acct)); got["id"] != telar.ID.String() {
				t.Errorf("%s is %v", acct, got["acct"])
			}
		}
		for _, acct := range []string{"", "nobody", "bea@elsewhere.example", "a b@c"} {
			stranger.ask(404, "GET", "/v1/accounts/lookup?acct="+url.QueryEscape(acct), nil)
		}
		if got := handles(stranger.list("/v1/accounts?id[]=" + telar.ID.String() + "&id[]=12&id[]=" + nina.self.ID.String())); strings.Join(got, " ") != "telar nina" {
			t.Errorf("many: %v", got)
		}
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.SuspendAccount(f.ctx, pia.self.ID, a.now()) }))
		if got := stranger.get("/v1/accounts/" + pia.self.ID.String()); got["suspended"] != true || got["display_name"] != "" {
			t.Errorf("suspended: %v", got)
		}
		f.must(a.store.Write(f.ctx, func(tx *storage.Tx) error { return tx.DeleteAccount(f.ctx, pia.self.ID, a.now()) }))
		stranger.ask(404, "GET", "/v1/accounts/"+pia.self.ID.String(), nil)
		nina.ask(404, "POST", "/v1/accounts/"+pia.self.ID.String()+"/follow", nil)
		a.phone(a.person("rita"), "read:accounts").ask(403, "POST", "/v1/accounts/"+olga.self.ID.String()+"/follow", nil)
		nina.ask(403, "POST", nina.of(nina.self, "/block"), nil)
		nina.ask(403, "POST", nina.of(nina.self, "/mute"), nil)
		nina.ask(422, "POST", nina.of(olga.self, "/mute"), row{"duration": -1})
	})
}

// TestFollowedTags: a hashtag in any case is one.
func TestFollowedTags(t *testing.T) {
	eachEngine(t, func(f *fediverse) {
		a := f.house("ana")
		nina := a.phone(a.person("nina"))
		if got := nina.post("/v1/tags/CoopJobs/follow", nil); got["name"] != "CoopJobs" || got["following"] != true || len(got["history"].([]any)) != 7 {
			t.Errorf("followed %v", got)
		}
		nina.post("/v1/tags/coopjobs/follow", nil)
		nina.post("/v1/tags/panader%C3%ADa/follow", nil)
		nina.ask(422, "POST", "/v1/tags/!!/follow", nil)
		if got := nina.list("/v1/followed_tags"); len(got) != 2 || nina.link == "" {
			t.Errorf("follows %v", got)
		}
		if got := nina.post("/v1/tags/COOPJOBS/unfollow", nil); got["following"] != false {
			t.Errorf("unfollowed %v", got)
		}
		if got := nina.list("/v1/followed_tags?limit=1"); len(got) != 1 || got[0].(row)["following"] != true {
			t.Errorf("follows %v", got)
		}
	})
}
