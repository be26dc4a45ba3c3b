// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What an instance says of itself: clients decide by it whether and how they sign in,
// and what they offer.

func TestRule08TheVersionCanBeRead(t *testing.T) {
	for _, own := range []string{"test", "0.1.0", "12.34.56-rc.1+dirty"} {
		h := newHouse(t, func(o *Options) { o.Version = own })
		form := regexp.MustCompile(`^4\.[0-9]\.[0-9] \(compatible; minga ` + regexp.QuoteMeta(own) + `\)$`)
		for _, path := range []string{"/api/v1/instance", "/api/v2/instance", "/api/v1/instance/"} {
			version := get[struct{ Version string }](h, "GET", path, "", "").Version
			if _, err := strconv.ParseFloat(version[:3], 64); err != nil || !form.MatchString(version) {
				t.Errorf("%s says %q", path, version)
			}
		}
	}
}

// promises are what each number of api_versions.mastodon promises beyond the last: a
// client that reads it asks for these without another way.
var promises = []func(h *house, token string) string{
	1: func(*house, string) string { return "" },
	2: func(h *house, token string) string { // notifications in lines, and who is heard
		for _, path := range []string{"", "?expand_accounts=partial_avatars", "?grouped_types[]=favourite", "/unread_count", "/policy"} {
			if w := h.ask("GET", "/api/v2/notifications"+path, token, ""); w.Code != 200 {
				return path + " answers " + w.Body.String()
			}
		}
		list := get[lines](h, "GET", "/api/v2/notifications", token, "")
		if len(list.Groups) == 0 || list.Accounts == nil || list.Statuses == nil {
			return fmt.Sprint("no lines: ", list)
		}
		key := list.Groups[0].Key
		for path, method := range map[string]string{"": "GET", "/accounts": "GET"} {
			if w := h.ask(method, "/api/v2/notifications/"+key+path, token, ""); w.Code != 200 {
				return path + " answers " + w.Body.String()
			}
		}
		if w := h.ask("POST", "/api/v2/notifications/"+key+"/dismiss", token, ""); w.Code != 200 {
			return "dismiss answers " + w.Body.String()
		}
		return ""
	},
	3: func(h *house, _ string) string { // PKCE, also for apps that keep no secret
		ana := h.surfer("pkce")
		ana.signIn("pkce", "/sign-in")
		app := h.app(back, "read write")
		path := authorizeAt(app, back, "code_challenge", challengeOf(verifier), "code_challenge_method", "S256")
		redeem := func(proof string) int {
			form := redeemOf(app, back, h.codeOf(ana.decide(path, "allow"), back))
			form.Del("client_secret")
			form.Set("code_verifier", proof)
			return h.exchange(form).code
		}
		if wrong, right := redeem(strings.Repeat("x", 43)), redeem(verifier); wrong != 400 || right != 200 {
			return fmt.Sprintf("a wrong verifier gets %d, the right one %d", wrong, right)
		}
		if w := h.ask("GET", "/.well-known/oauth-authorization-server", "", ""); !strings.Contains(w.Body.String(), `"code_challenge_methods_supported":["S256"]`) {
			return "nobody says so: " + w.Body.String()
		}
		return ""
	},
	4: standardPush,
}

func TestRule09WhatIsPromisedIsKept(t *testing.T) {
	h, _, token, _, _ := village(t)
	h.server.o.RateLimit = false
	v := get[struct {
		Versions map[string]int `json:"api_versions"`
	}](h, "GET", "/api/v2/instance", "", "").Versions
	if diff := cmp.Diff(map[string]int{"mastodon": len(promises) - 1, "minga": 1}, v); diff != "" {
		t.Fatalf("promised and not shown here, or shown and not promised:\n%s", diff)
	}
	for n, kept := range promises[1:] {
		if fault := kept(h, token); fault != "" {
			t.Errorf("version %d: %s", n+1, fault)
		}
	}
}

func TestRule10NodeInfoLetsClientsIn(t *testing.T) {
	for upstream, want := range map[bool]any{true: map[string]any{"name": "mastodon"}, false: nil} {
		h := newHouse(t, func(o *Options) { o.Upstream = upstream })
		links := get[struct{ Links []struct{ Rel, Href string } }](h, "GET", "/.well-known/nodeinfo", "", "").Links
		if len(links) < 2 {
			t.Fatalf("nodeinfo links to %+v", links)
		}
		for _, link := range links {
			path, ours := strings.CutPrefix(link.Href, "https://coop.example")
			if !ours || !strings.HasPrefix(path, "/nodeinfo/") {
				continue
			}
			doc, ok := h.decoded(h.ask("GET", path, "", "").Body.String()).(map[string]any)
			software, _ := doc["software"].(map[string]any)
			metadata, isObject := doc["metadata"].(map[string]any)
			if !ok || software["name"] != "minga" || !isObject || !cmp.Equal(metadata["upstream"], want) {
				t.Errorf("%s is %v", path, doc)
			}
		}
	}
}

func TestRule17ComposersFindEverything(t *testing.T) {
	h := newHouse(t, nil)
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} {
		doc := h.decoded(h.ask("GET", path, "", "").Body.String())
		for _, member := range strings.Fields(`urls.streaming vapid.public_key accounts.max_featured_tags accounts.max_pinned_statuses accounts.max_profile_fields accounts.max_display_name_length
			accounts.max_note_length statuses.max_characters statuses.max_media_attachments statuses.characters_reserved_per_url statuses.supported_mime_types
			media_attachments.supported_mime_types media_attachments.image_size_limit media_attachments.image_matrix_limit media_attachments.video_size_limit
			media_attachments.video_frame_rate_limit media_attachments.video_matrix_limit media_attachments.description_limit polls.max_options polls.max_characters_per_option
			polls.min_expiration polls.max_expiration translation.enabled limited_federation timelines_access minga.kinds minga.languages`) {
			if memberAt(doc, "configuration."+member) == nil {
				t.Errorf("%s lacks %s", path, member)
			}
		}
	}
	v2, v1 := h.decoded(h.ask("GET", "/api/v2/instance", "", "").Body.String()), h.decoded(h.ask("GET", "/api/v1/instance", "", "").Body.String())
	if diff := cmp.Diff(memberAt(v2, "configuration"), memberAt(v1, "configuration")); diff != "" {
		t.Errorf("the two say different things:\n%s", diff)
	}
	for member, want := range map[string]string{"domain": "coop.example", "configuration.urls.streaming": "wss://coop.example", "configuration.statuses.max_characters": "5000", "configuration.statuses.characters_reserved_per_url": "23", "registrations.enabled": "false"} {
		if got := fmt.Sprint(memberAt(v2, member)); got != want {
			t.Errorf("%s is %s", member, got)
		}
	}
	if got := fmt.Sprintf("%s %s %t", memberAt(v1, "uri"), memberAt(v1, "urls.streaming_api"), memberAt(v1, "title") == memberAt(v2, "title")); got != "coop.example wss://coop.example true" {
		t.Errorf("the old shape says %s", got)
	}
}

// memberAt is a member of a document by its path.
func memberAt(value any, path string) any {
	for _, step := range strings.Split(path, ".") {
		object, _ := value.(map[string]any)
		value = object[step]
	}
	return value
}

func TestRule16MarkersAnswerEveryTimeline(t *testing.T) {
	r := newRead(t)
	type marks map[string]struct {
		LastReadID string `json:"last_read_id"`
		Version    *int
		UpdatedAt  string `json:"updated_at"`
	}
	const both = "/api/v1/markers?timeline[]=home&timeline[]=notifications"
	before := get[marks](r.house, "GET", both, r.anas, "")
	for _, name := range []string{"home", "notifications"} {
		if m, ok := before[name]; !ok || m.LastReadID != "0" || m.Version == nil || !toTheMilli.MatchString(m.UpdatedAt) {
			t.Errorf("nothing read of %s is %+v", name, before)
		}
	}
	p := r.note(r.leo, "read").ID.String()
	first := get[marks](r.house, "POST", "/api/v1/markers", r.anas, "home[last_read_id]="+p, "Content-Type", "application/x-www-form-urlencoded")
	second := get[marks](r.house, "POST", "/api/v1/markers", r.anas, `{"home":{"last_read_id":"`+p+`"}}`)
	if first["home"].LastReadID != p || len(first) != 1 || *second["home"].Version <= *first["home"].Version {
		t.Errorf("read up to %s: %+v, then %+v", p, first, second)
	}
	after := get[marks](r.house, "GET", both, r.anas, "")
	if after["home"].LastReadID != p || after["notifications"].LastReadID != "0" || len(get[marks](r.house, "GET", "/api/v1/markers?timeline=home", r.anas, "")) != 1 {
		t.Errorf("afterwards %+v", after)
	}
}

func TestRule25LimitsAreNumbersAndADate(t *testing.T) {
	h := newHouse(t, nil)
	_, token := h.member("ana", "read write")
	left := -1
	for _, ask := range [][3]string{{"GET", "/api/v1/instance", ""}, {"GET", "/api/v1/timelines/home", token}, {"POST", "/api/v1/statuses", token}, {"GET", "/api/v9/none", ""}, {"GET", "/api/v1/timelines/home", "bad"}} {
		header := h.ask(ask[0], ask[1], ask[2], "").Header()
		most, err1 := strconv.Atoi(header.Get("X-RateLimit-Limit"))
		n, err2 := strconv.Atoi(header.Get("X-RateLimit-Remaining"))
		reset, err3 := time.Parse("2006-01-02T15:04:05.000Z", header.Get("X-RateLimit-Reset"))
		if err1 != nil || err2 != nil || err3 != nil || most < 1 || n >= most || reset.Before(time.Now().Add(-time.Second)) || left == n && ask[0] == "POST" {
			t.Errorf("%v: %v", ask, header)
		}
		left = n
	}
}

func TestRule27HostMetaLeadsToTheAPI(t *testing.T) {
	for _, domain := range []string{"coop.example", "handles.example"} {
		h := newHouse(t, func(o *Options) { o.AccountDomain = domain })
		for _, host := range []string{"coop.example", domain} {
			w := h.ask("GET", "/.well-known/host-meta", "", "", "Host", host)
			m := regexp.MustCompile(`<Link[^>]*template="([^"]+)"`).FindStringSubmatch(w.Body.String())
			if w.Code != 200 || m == nil || !strings.HasPrefix(m[1], "https://coop.example/") || w.Header().Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("asked at %s of %s: %d %s", host, domain, w.Code, w.Body)
			}
		}
	}
}

// TestRule28AHostMayHaveAPort: every address that clients are given leads back to us,
// port and all, by https.
func TestRule28AHostMayHaveAPort(t *testing.T) {
	const host = "coop.example:8443"
	h := newHouse(t, func(o *Options) { o.RateLimit, o.Host, o.AccountDomain = false, host, host })
	a := h.person("ana")
	token := h.token(a, "read write")
	for n := range 3 {
		h.ask("POST", "/api/v1/statuses", token, fmt.Sprintf(`{"status":"n%d #bread"}`, n), "Host", host)
	}
	for _, path := range []string{"/api/v1/timelines/public?limit=2", "/api/v2/instance", "/.well-known/oauth-authorization-server", "/.well-known/nodeinfo", "/.well-known/host-meta", "/api/v1/accounts/lookup?acct=ana@" + url.QueryEscape(host)} {
		w := h.ask("GET", path, token, "", "Host", host)
		text := w.Body.String() + w.Header().Get("Link")
		for _, address := range regexp.MustCompile(`(https?|wss?)://[a-z.]*[^/"<> ]*`).FindAllString(text, -1) {
			if strings.Contains(address, "coop.example") && address != "https://"+host && address != "wss://"+host {
				t.Errorf("%s leads to %s", path, address)
			}
		}
		if w.Code != 200 || !strings.Contains(text, host) {
			t.Errorf("%s answers %d %s", path, w.Code, text)
		}
	}
}
