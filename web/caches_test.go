// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"testing"
)

// sayings are what a browser, a server, an app or somebody in between says of itself.
var sayings = [][2]string{
	{"Accept", "application/activity+json"},
	{"Accept", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`},
	{"Accept", "application/json"},
	{"Accept", "text/html"},
	{"Accept", "image/png"},
	{"Accept-Language", "it"},
	{"Accept-Encoding", "gzip"},
	{"Cookie", ""}, // of who is signed in
	{"Authorization", "Bearer "},
	{"Origin", "https://evil.example"},
	{"Referer", "https://evil.example/x"},
	{"User-Agent", "Mozilla/5.0"},
	{"X-Forwarded-Host", "evil.example"},
	{"X-Forwarded-Proto", "http"},
	{"X-Forwarded-Prefix", "/evil"},
	{"X-Original-URL", "/admin"},
	{"X-Rewrite-URL", "/admin"},
	{"X-HTTP-Method-Override", "DELETE"},
	{"Forwarded", "host=evil.example;proto=http"},
	{"Range", "bytes=0-9"},
	{"Save-Data", "on"},
	{"Sec-Purpose", "prefetch"},
	{"Sec-Fetch-Dest", "image"},
	{"Signature", `keyId="https://evil.example/k",headers="date",signature="AA=="`},
}

// TestNoAnswerPoisonsACache: whatever makes an answer another one stands in its Vary, or
// the answer is kept by no shared cache (RFC 9111 §4.1).
func TestNoAnswerPoisonsACache(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	telar, token := h.member("telar", "read write")
	ana := h.surfer("ana")
	ana.signIn("ana", "/sign-in")
	var cookies []string
	for name, value := range ana.cookies {
		cookies = append(cookies, name+"="+value)
	}
	_, job := h.publish(token, goodJob)
	_ = telar
	paths := []string{
		strings.TrimPrefix(job, "https://coop.example"), "/coops/telar", "/people/ana", "/@telar", "/@ana", "/coops/telar/outbox", "/coops/telar/followers", "/coops/nobody",
		"/.well-known/webfinger?resource=acct:telar@coop.example", "/feeds/jobs.atom", "/nothing/at/all", "/.well-known/host-meta",
	}
	for _, route := range h.server.routes {
		if route.Method == "GET" && !strings.ContainsAny(route.Path, ":*") && !strings.HasPrefix(route.Path, "/admin") {
			paths = append(paths, route.Path)
		}
	}
	for _, path := range paths {
		plain := h.ask("GET", path, "", "")
		for _, say := range sayings {
			switch say[0] {
			case "Cookie":
				say[1] = strings.Join(cookies, "; ")
			case "Authorization":
				say[1] += token
			}
			w := h.ask("GET", path, "", "", say[0], say[1])
			if same(plain, w) {
				continue
			}
			for _, one := range []*httptest.ResponseRecorder{plain, w} {
				if keepable(one) && !varies(one, say[0]) {
					t.Errorf("GET %s: %d %q of %q does not vary by %s: %q (other: %d %q)", path, one.Code, one.Header().Get("Cache-Control"), one.Header().Get("Content-Type"), say[0], one.Header().Values("Vary"), w.Code, w.Header().Get("Location"))
				}
			}
		}
	}
}

// same tells whether two answers are one to who reads them.
func same(a, b *httptest.ResponseRecorder) bool {
	for _, name := range []string{"Location", "Content-Type", "Content-Encoding", "ETag", "Access-Control-Allow-Origin", "Link"} {
		if a.Header().Get(name) != b.Header().Get(name) {
			return false
		}
	}
	return a.Code == b.Code && a.Body.Len() == b.Body.Len()
}

// keepable tells whether a shared cache may keep an answer.
func keepable(w *httptest.ResponseRecorder) bool {
	control := w.Header().Get("Cache-Control")
	return !strings.Contains(control, "no-store") && !strings.Contains(control, "private")
}

// varies tells whether an answer says that it depends on a header.
func varies(w *httptest.ResponseRecorder, header string) bool {
	var names []string
	for _, list := range w.Header().Values("Vary") {
		for name := range strings.SplitSeq(list, ",") {
			names = append(names, textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name)))
		}
	}
	return slices.Contains(names, textproto.CanonicalMIMEHeaderKey(header))
}
