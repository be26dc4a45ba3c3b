// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
	"minga/outbox/push/pushtest"
	"minga/storage"
)

const pushPath = "/api/v1/push/subscription"

// The keys of RFC 8291, appendix A.
const (
	someKey  = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	someAuth = "BTBZMqHH6r4Tts7J_aSIgg"
)

// subscription is one as a client reads it: the id is a number for those that we know.
type subscription struct {
	ID        int32
	Endpoint  string
	Standard  *bool
	Alerts    map[string]bool
	Policy    string
	ServerKey string `json:"server_key"`
}

// on are the alerts that are on.
func (s subscription) on() string {
	var names []string
	for _, kind := range coop.PushAlerts() {
		if s.Alerts[string(kind)] {
			names = append(names, string(kind))
		}
	}
	return strings.Join(names, " ")
}

// subscribing is a body that is taken.
func subscribing(change ...string) string {
	return strings.NewReplacer(change...).Replace(`{"subscription":{"endpoint":"https://push.example/1","keys":{"p256dh":"` + someKey + `","auth":"` + someAuth + `"},"standard":true},
		"data":{"alerts":{"mention":true,"follow":true,"poll":false},"policy":"followed"}}`)
}

func TestASubscription(t *testing.T) {
	h := newHouse(t, nil)
	_, token := h.member("telar", "read write push")
	key := fmt.Sprint(memberAt(h.decoded(h.ask("GET", "/api/v2/instance", "", "").Body.String()), "configuration.vapid.public_key"))
	if len(key) != 87 || key != h.server.o.Push.PublicKey(t.Context()) {
		t.Errorf("the instance says the key %q", key)
	}
	none := func(when string, methods ...string) {
		for _, method := range methods {
			if w := h.ask(method, pushPath, token, `{"data":{"policy":"all"}}`); w.Code != 404 {
				t.Errorf("%s, %s answers %d", when, method, w.Code)
			}
		}
	}
	none("at first", "GET", "PUT", "PATCH")
	made := get[subscription](h, "POST", pushPath, token, subscribing())
	if made.ID < 1 || made.Endpoint != "https://push.example/1" || made.Standard == nil || !*made.Standard || made.Policy != "followed" || made.ServerKey != key || made.on() != "mention follow" || len(made.Alerts) != len(coop.PushAlerts()) {
		t.Errorf("%+v", made)
	}
	if diff := cmp.Diff(made, get[subscription](h, "GET", pushPath, token, "")); diff != "" {
		t.Error(diff)
	}
	changed := get[subscription](h, "PUT", pushPath, token, `{"data":{"alerts":{"status":true,"admin.report":"1","minga:interest":true,"danced":true}}}`)
	if changed.on() != "status admin.report minga:interest" || changed.Policy != "followed" || changed.ID != made.ID {
		t.Errorf("after PUT %+v", changed)
	}
	changed = get[subscription](h, "PATCH", pushPath, token, "data[policy]=none", "Content-Type", "application/x-www-form-urlencoded")
	if changed.on() != "status admin.report minga:interest" || changed.Policy != "none" {
		t.Errorf("after PATCH %+v", changed)
	}
	again := get[subscription](h, "POST", pushPath, token, subscribing("/1", "/2", "true}", "false}"))
	if again.ID == made.ID || *again.Standard || again.Endpoint != "https://push.example/2" {
		t.Errorf("in its place %+v", again)
	}
	for range 2 {
		if w := h.ask("DELETE", pushPath, token, ""); w.Code != 200 || w.Body.String() != "{}" {
			t.Errorf("DELETE answers %d: %s", w.Code, w.Body)
		}
		none("in the end", "GET", "PUT")
	}
}

// TestEachTokenHasItsOwn subscription, which others of the same account do not see.
func TestEachTokenHasItsOwn(t *testing.T) {
	h := newHouse(t, nil)
	ana, one := h.member("telar", "read push")
	two := h.token(ana, "push")
	get[subscription](h, "POST", pushPath, one, subscribing())
	if w := h.ask("GET", pushPath, two, ""); w.Code != 404 {
		t.Errorf("another token reads it: %d", w.Code)
	}
	get[subscription](h, "POST", pushPath, two, subscribing("/1", "/2"))
	h.ask("DELETE", pushPath, one, "")
	if s := get[subscription](h, "GET", pushPath, two, ""); s.Endpoint != "https://push.example/2" {
		t.Errorf("another's end took it too: %+v", s)
	}
	for _, tt := range []struct {
		token string
		code  int
	}{{h.token(ana, "read write follow profile"), 403}, {"", 401}, {"nobody's", 401}} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if w := h.ask(method, pushPath, tt.token, subscribing()); w.Code != tt.code {
				t.Errorf("%s with %q answers %d, want %d", method, tt.token, w.Code, tt.code)
			}
		}
	}
}

// TestKeysAreWrittenInManyWays: base64 in both alphabets, with padding and without, in
// JSON and in forms that turn a plus into a space.
func TestKeysAreWrittenInManyWays(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("telar", "push")
	old := strings.NewReplacer("-", "+", "_", "/")
	form := func(key, auth string) string {
		return url.Values{
			"subscription[endpoint]": {"https://push.example/1"}, "subscription[keys][p256dh]": {key}, "subscription[keys][auth]": {auth},
			"data[alerts][mention]": {"1"}, "policy": {"follower"},
		}.Encode()
	}
	const encoded = "application/x-www-form-urlencoded"
	for name, tt := range map[string]struct{ body, kind string }{
		"JSON with padding":       {subscribing(someKey, someKey+"=", someAuth, someAuth+"=="), "application/json"},
		"JSON, the old alphabet":  {subscribing(someKey, old.Replace(someKey)+"=", someAuth, old.Replace(someAuth)+"=="), "application/json"},
		"a form":                  {form(someKey, someAuth), encoded},
		"a form, old and padding": {form(old.Replace(someKey)+"=", old.Replace(someAuth)+"=="), encoded},
		"a form with spaces":      {form(strings.ReplaceAll(someKey, "-", " "), strings.ReplaceAll(someAuth, "-", " ")), encoded},
	} {
		s := get[subscription](h, "POST", pushPath, token, tt.body, "Content-Type", tt.kind)
		if !s.Alerts["mention"] || tt.kind == encoded && s.Policy != "follower" {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestBadSubscriptions(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	_, token := h.member("telar", "push")
	endpoint := func(to string) string { return subscribing("https://push.example/1", to) }
	for name, tt := range map[string]struct{ body, field string }{
		"nothing":                   {"", "subscription.endpoint"},
		"no keys":                   {`{"subscription":{"endpoint":"https://push.example/1"}}`, "subscription.keys.p256dh"},
		"keys that are a text":      {`{"subscription":{"endpoint":"https://push.example/1","keys":"x"}}`, "subscription.keys"},
		"a subscription of text":    {`{"subscription":"https://push.example/1"}`, "subscription"},
		"a key of 64 bytes":         {subscribing(someKey, someKey[:86]), "subscription.keys.p256dh"},
		"a point off the curve":     {subscribing(someKey, someKey[:86]+"8"), "subscription.keys.p256dh"},
		"a key that is no base64":   {subscribing(someKey, strings.Repeat("!", 87)), "subscription.keys.p256dh"},
		"a very long key":           {subscribing(someKey, strings.Repeat("A", 10_000)), "subscription.keys.p256dh"},
		"a short secret":            {subscribing(someAuth, someAuth[:20]), "subscription.keys.auth"},
		"no address":                {endpoint(""), "subscription.endpoint"},
		"a path":                    {endpoint("/push"), "subscription.endpoint"},
		"another scheme":            {endpoint("ftp://push.example/"), "subscription.endpoint"},
		"a script":                  {endpoint("javascript:alert(1)"), "subscription.endpoint"},
		"somebody's password":       {endpoint("https://a:b@push.example/"), "subscription.endpoint"},
		"inside":                    {endpoint("https://10.0.0.1/"), "subscription.endpoint"},
		"the machine's own figures": {endpoint("http://169.254.169.254/latest"), "subscription.endpoint"},
		"ourselves":                 {endpoint("https://coop.example/inbox"), "subscription.endpoint"},
		"a very long address":       {endpoint("https://push.example/" + strings.Repeat("a", 3000)), "subscription.endpoint"},
		"a line break":              {endpoint(`https://push.example/\r\nX: y`), "subscription.endpoint"},
		"another policy":            {subscribing("followed", "friends"), "data.policy"},
		"an alert that is maybe":    {subscribing(`"mention":true`, `"mention":"maybe"`), "data.alerts.mention"},
		"alerts that are a list":    {subscribing(`{"mention":true,"follow":true,"poll":false}`, `["mention"]`), "data.alerts"},
	} {
		w := h.ask("POST", pushPath, token, tt.body)
		var answer struct{ Details map[string]any }
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 422 || answer.Details[tt.field] == nil {
			t.Errorf("%s answers %d: %s", name, w.Code, w.Body)
		}
	}
	if w := h.ask("GET", pushPath, token, ""); w.Code != 404 {
		t.Errorf("something is left: %s", w.Body)
	}
}

// TestWithoutPush: an instance that pushes nothing says so.
func TestWithoutPush(t *testing.T) {
	h := newHouse(t, nil)
	_, token := h.member("telar", "push")
	o := h.server.o
	o.Push = nil
	s, err := build(o)
	if err != nil {
		t.Fatal(err)
	}
	h.handler = s.handler()
	if w := h.ask("POST", pushPath, token, subscribing()); w.Code != 422 {
		t.Errorf("POST answers %d: %s", w.Code, w.Body)
	}
	if w := h.ask("GET", pushPath, token, ""); w.Code != 404 {
		t.Errorf("GET answers %d", w.Code)
	}
	doc := h.decoded(h.ask("GET", "/api/v2/instance", "", "").Body.String())
	if got := fmt.Sprintf("%v|%v", memberAt(doc, "configuration.vapid.public_key"), memberAt(doc, "api_versions.mastodon")); got != "|3" {
		t.Errorf("the instance says %q", got)
	}
}

// standardPush is the promise of version 4: a message in the encoding of RFC 8291, with
// the proof of RFC 8292, under the key that the instance and the app were told.
func standardPush(h *house, _ string) string {
	me, token := h.member("pushed", "read push")
	phone, service := pushtest.NewPhone(h.T), pushtest.NewService(h.T, nil)
	body := fmt.Sprintf(`{"subscription":{"endpoint":%q,"keys":{"p256dh":%q,"auth":%q},"standard":true},"data":{"alerts":{"mention":true}}}`, service.URL+"/x", phone.Key(), phone.Auth())
	w := h.ask("POST", pushPath, token, body)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"standard":true`) {
		return "POST answers " + w.Body.String()
	}
	from := h.person("promised")
	h.change(func(tx *storage.Tx) error {
		return tx.Notify(h.Context(), coop.Notification{AccountID: me.ID, Kind: coop.NotifyMention, FromID: from.ID})
	})
	if _, err := h.server.o.Push.Step(h.Context()); err != nil {
		return err.Error()
	}
	came := service.Requests()
	if len(came) != 1 {
		return fmt.Sprint(len(came), " messages came")
	}
	text, err := phone.Open(came[0].Header, came[0].Body)
	if err != nil || came[0].Header.Get("Content-Encoding") != "aes128gcm" || !strings.HasPrefix(came[0].Header.Get("Authorization"), "vapid t=") {
		return fmt.Sprint(err, came[0].Header)
	}
	if _, err := pushtest.Verified(came[0].Header, service.URL+"/x"); err != nil {
		return err.Error()
	}
	app := get[struct {
		VapidKey string `json:"vapid_key"`
	}](h, "POST", "/api/v1/apps", "", `{"client_name":"x","redirect_uris":"https://a.example/"}`)
	if key := h.server.o.Push.PublicKey(h.Context()); !strings.HasSuffix(came[0].Header.Get("Authorization"), ",k="+key) || app.VapidKey != key {
		return "another key: " + app.VapidKey
	}
	var p map[string]any
	if err := json.Unmarshal(text, &p); err != nil || p["access_token"] != token || p["notification_type"] != "mention" {
		return fmt.Sprint(err, p)
	}
	if _, number := p["notification_id"].(float64); !number {
		return fmt.Sprint("the id is ", p["notification_id"])
	}
	return ""
}
