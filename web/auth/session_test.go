// SPDX-License-Identifier: AGPL-3.0-or-later

package auth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
)

const (
	signed = "__Host-minga-session=signed"
	before = "__Host-minga-form=visitor"
)

func TestForms(t *testing.T) {
	form := func(secret string) string { return url.Values{FormField: {formToken(secret)}}.Encode() }
	for _, tt := range []struct {
		name    string
		access  Access
		cookie  string
		body    string
		headers []string
		want    error
	}{
		{"our form, signed in", Session, signed, form("signed"), nil, nil},
		{"our form, before sign-in", Visitor, before, form("visitor"), nil, nil},
		{"without a token", Session, signed, "a=1", nil, coop.ErrForbidden},
		{"with an empty token", Session, signed, FormField + "=", nil, coop.ErrForbidden},
		{"a visitor without a cookie", Visitor, "", form(""), nil, coop.ErrForbidden},
		{"the token of another session", Session, signed, form("another"), nil, coop.ErrForbidden},
		{"the token of before sign-in, signed in", Session, signed + "; " + before, form("visitor"), nil, coop.ErrForbidden},
		{"from another site", Session, signed, form("signed"), []string{"Sec-Fetch-Site", "cross-site"}, coop.ErrForbidden},
		{"from a sister host", Session, signed, form("signed"), []string{"Sec-Fetch-Site", "same-site"}, coop.ErrForbidden},
		{"from another origin", Session, signed, form("signed"), []string{"Origin", "https://evil.example"}, coop.ErrForbidden},
		{"from nowhere", Session, signed, form("signed"), []string{"Origin", "null"}, coop.ErrForbidden},
		{"as text", Session, signed, form("signed"), []string{"Content-Type", "text/plain"}, coop.ErrForbidden},
		{"as JSON", Session, signed, `{"` + FormField + `":"` + formToken("signed") + `"}`, []string{"Content-Type", "application/json"}, coop.ErrForbidden},
		{"nobody signed in", Session, "", form(""), nil, coop.ErrUnauthorized},
		{"a session that is over", Session, "__Host-minga-session=over", form("over"), nil, coop.ErrUnauthorized},
		{"an endless cookie", Session, "__Host-minga-session=" + strings.Repeat("x", 4000), form("x"), nil, coop.ErrUnauthorized},
		{"a cookie of a name that others can set", Session, "minga-session=signed", form("signed"), nil, coop.ErrUnauthorized},
		{"a bearer token counts for nothing", Session, "", form(""), []string{"Authorization", "Bearer good"}, coop.ErrUnauthorized},
		{"a form that is too long", Session, signed, strings.Repeat("a=1&", 2000) + form("signed"), nil, coop.ErrTooLarge},
		{"a form that cannot be read", Session, signed, "%zz", nil, (*coop.InvalidError)(nil)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			headers := append([]string{"Content-Type", "application/x-www-form-urlencoded", "Cookie", tt.cookie}, tt.headers...)
			c, _ := request("POST", "https://coop.example/settings", tt.body, headers...)
			err := gateOf(oneToken{account: coop.Account{ID: 7, Kind: coop.Person}}).Identify(c, Route{Method: "POST", Access: tt.access, CSRF: CSRFForm, Body: 5000})
			var invalid *coop.InvalidError
			if _, bad := tt.want.(*coop.InvalidError); bad && errors.As(err, &invalid) {
				return
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestFormsWithFiles(t *testing.T) {
	body := "--x\r\nContent-Disposition: form-data; name=\"" + FormField + "\"\r\n\r\n" + formToken("signed") + "\r\n--x--\r\n"
	c, _ := request("POST", "https://coop.example/settings", body, "Content-Type", "multipart/form-data; boundary=x", "Cookie", signed)
	if err := gateOf(oneToken{account: coop.Account{ID: 7}}).Identify(c, Route{Method: "POST", Access: Session, CSRF: CSRFForm, Body: 5000}); err != nil {
		t.Error(err)
	}
}

func TestWhereToComeBackTo(t *testing.T) {
	for _, tt := range []struct{ name, method, target, referer, want string }{
		{"the page that was asked for", "GET", "/oauth/authorize?client_id=a&state=%2F", "", "/oauth/authorize?client_id=a&state=%2F"},
		{"the page of the form", "POST", "/settings/security/sessions", "https://coop.example/settings/security?lang=it", "/settings/security?lang=it"},
		{"a form of nowhere", "POST", "/settings/security/sessions", "", "/"},
		{"a form of elsewhere", "POST", "/settings/security/sessions", "https://evil.example/x", "/"},
	} {
		c, _ := request(tt.method, "https://coop.example"+tt.target, "", "Referer", tt.referer)
		c.Request.RequestURI = tt.target
		c.Request.URL, _ = url.Parse(tt.target)
		var sign *SignInError
		err := gateOf(oneToken{}).Identify(c, Route{Method: tt.method, Access: Session, CSRF: CSRFForm, Body: 5000})
		if !errors.As(err, &sign) || sign.Next != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestAVisitorsFormToken(t *testing.T) {
	c, w := request("GET", "/sign-in", "")
	if FormToken(c) != "" {
		t.Error("a token where no cookie counts")
	}
	g := gateOf(oneToken{})
	if err := g.Identify(c, Route{Method: "GET", Access: Visitor, CSRF: CSRFForm, Body: 5000}); err != nil {
		t.Fatal(err)
	}
	first := FormToken(c)
	if first == "" || first != FormToken(c) {
		t.Error("the token changes within a page")
	}
	cookies := w.Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	k := cookies[0]
	if k.Name != "__Host-minga-form" || !k.Secure || !k.HttpOnly || k.Path != "/" || k.Domain != "" || k.SameSite != http.SameSiteLaxMode || formToken(k.Value) != first {
		t.Errorf("cookie %v", k)
	}
	if w.Header().Get("Cache-Control") != "private, no-store" {
		t.Error("a page of one visitor may be kept")
	}
	g.Secure = false
	if name := g.cookieName(sessionCookie); name != "minga-session" {
		t.Errorf("over plain http the cookie is %s", name)
	}
}

func TestOwnPath(t *testing.T) {
	for next, want := range map[string]string{
		"/settings/security":            "/settings/security",
		"/oauth/authorize?a=b%2F&c":     "/oauth/authorize?a=b%2F&c",
		"/a#b":                          "/a",
		"":                              "/",
		"//evil.example":                "/",
		"/%2F/evil.example":             "/",
		"/%2Fevil.example":              "/",
		"/%5Cevil.example":              "/",
		"/\\evil.example":               "/",
		"\\evil":                        "/",
		"https://evil.example":          "/",
		"javascript:alert(1)":           "/",
		"evil":                          "/",
		"/\t/evil.example":              "/",
		"/\r\nSet-Cookie: a=b":          "/",
		"/" + strings.Repeat("a", 9000): "/",
	} {
		if got := OwnPath(next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
	}
}

func TestWhereAFormMayLead(t *testing.T) {
	for redirect, want := range map[string]string{
		"https://elk.zone/api/x?a=1":      "form-action 'self' https://elk.zone;",
		"http://localhost:3000/cb":        "form-action 'self' http://localhost:3000;",
		"icecubesapp://":                  "form-action 'self' icecubesapp:;",
		"com.x.App-auth://callback":       "form-action 'self' com.x.app-auth:;",
		"http://[::1]:8080/cb":            "form-action 'self' http:;",
		"https://a.example;script-src/cb": "form-action 'self' https:;",
		coop.OutOfBand:                    "form-action 'self';",
		"":                                "form-action 'self';",
	} {
		c, w := request("GET", "/", "")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; base-uri 'none'")
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		LeadTo(c, redirect)
		if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, want) || !strings.HasSuffix(policy, "; base-uri 'none'") {
			t.Errorf("%s: %s", redirect, policy)
		}
		if w.Header().Get("Cross-Origin-Opener-Policy") != "" {
			t.Errorf("%s: an opener is cut off", redirect)
		}
	}
}
