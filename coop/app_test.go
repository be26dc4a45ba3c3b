// SPDX-License-Identifier: AGPL-3.0-or-later

package coop_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"minga/coop"
)

func TestParseScopes(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"read":                           "read",
		"read write  follow\npush":       "read write follow push",
		"read,write:minga":               "read write:minga",
		"read+write read":                "read write",
		"admin:read admin:write:reports": "admin:read admin:write:reports",
		"profile":                        "profile",
	} {
		if got, err := coop.ParseScopes(text); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"everything", "read:everything", "Read", "admin", "read:", ":", strings.Repeat("read ", 200)} {
		var invalid *coop.InvalidError
		if _, err := coop.ParseScopes(text); !errors.As(err, &invalid) || invalid.Field != "scopes" {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	for _, scope := range coop.Scopes() {
		if got, err := coop.ParseScopes(scope); err != nil || !slices.Equal(got, []string{scope}) {
			t.Errorf("%s: %v, %v", scope, got, err)
		}
	}
}

func TestScopesWithin(t *testing.T) {
	for _, tt := range []struct {
		some, others string
		want         bool
	}{
		{"read:accounts write", "read write", true},
		{"read", "read:accounts", false},
		{"follow", "read write", false},
		{"write:follows read:mutes", "follow", true},
		{"", "", true},
	} {
		if got := coop.ScopesWithin(strings.Fields(tt.some), strings.Fields(tt.others)); got != tt.want {
			t.Errorf("%q within %q: %v", tt.some, tt.others, got)
		}
	}
}

func TestBareScopes(t *testing.T) {
	for scopes, want := range map[string]string{
		"read read:accounts write": "read write", "follow read:blocks read:lists": "follow read:lists", "admin:read admin:read:reports": "admin:read", "push": "push",
	} {
		if got := strings.Join(coop.BareScopes(strings.Fields(scopes)), " "); got != want {
			t.Errorf("%q: %q", scopes, got)
		}
	}
}

func TestRedirects(t *testing.T) {
	for _, redirect := range []string{
		coop.OutOfBand, "https://elk.zone/api/x?y=%2F", "http://localhost:3000/", "http://[::1]:8080/cb", "icecubesapp://", "com.example.app:/cb", "app://callback", "mastodon://joinmastodon.org/oauth",
	} {
		if !coop.ValidRedirect(redirect) {
			t.Errorf("%q is refused", redirect)
		}
	}
	for _, redirect := range []string{
		"", "x", "/x", "//x.example/", "https://", "https:///x", "https://:80/", "https:x", "https://a.example/#", "app://x#y", "javascript:alert(1)", "JAVASCRIPT:x", "data:,x", "vbscript:x", "file:///x",
		"blob:https://a.example/x", "intent://x", "mailto:a@b.example", "https://a@b.example/", "https://a.example/ä", "https://a.example/ x", "https://a.example/\n", "https://a.example\\@b.example/",
		"app:", "https://a.example/\x00", "https://" + strings.Repeat("a", 3000) + ".example/",
	} {
		if coop.ValidRedirect(redirect) {
			t.Errorf("%q is taken", redirect)
		}
	}
}

func TestHostOf(t *testing.T) {
	for redirect, want := range map[string]string{
		"https://elk.zone/x": "elk.zone", "http://localhost:3000/": "localhost:3000", "IceCubesApp://x": "icecubesapp:", "com.example.app:/cb": "com.example.app:", coop.OutOfBand: "", "%": "",
	} {
		if got := coop.HostOf(redirect); got != want {
			t.Errorf("%s: %q", redirect, got)
		}
	}
}

func TestBrowserOf(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                           "Firefox, Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":        "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1": "Safari, iOS",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                     "Chrome, Android",
		"curl/8.5": "curl",
		"":         "",
		"<script>": "",
	} {
		if got := coop.BrowserOf(agent); got != want {
			t.Errorf("%s: %q, want %q", agent, got, want)
		}
	}
}
