// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"minga/coop"
)

// at asks one host, with what a browser and an app would say of themselves.
func (g *gallery) at(method, host, target, token string, header ...string) *httptest.ResponseRecorder {
	g.Helper()
	return g.ask(method, target, token, "", append([]string{"Host", host}, header...)...)
}

// openAt opens the doors again, with a host for media.
func (g *gallery) openAt(own string) {
	g.Helper()
	g.links.At(own)
	s, err := build(g.server.o)
	if err != nil {
		g.Fatal(err)
	}
	g.server, g.handler = s, s.handler()
}

// TestFilesHaveAHostOfTheirOwn: what is uploaded is named and read on the host for media,
// where nothing else is; addresses from before lead there.
func TestFilesHaveAHostOfTheirOwn(t *testing.T) {
	const main, own = "coop.example", "media.coop.example"
	g := newGallery(t, nil)
	_, token := g.member("ana", "read write")
	before, _ := g.upload(token, "file", "foto.jpg", string(photo(t, 40, 30)))
	g.openAt("https://" + own)
	after, _ := g.upload(token, "file", "otra.jpg", string(photo(t, 40, 30)))
	name := path(before.URL)
	for _, one := range []string{after.URL, *after.PreviewURL} {
		if !strings.HasPrefix(one, "https://"+own+"/media/") {
			t.Errorf("shown at %s", one)
		}
	}
	if m, err := g.store.MediaByName(t.Context(), name[len("/media/"):]); err != nil || m.URL != "https://"+main+name {
		t.Errorf("kept as %s, %v", m.URL, err)
	}
	for _, tt := range []struct {
		what, method, host, target string
		code                       int
		to                         string
	}{
		{"a file", "GET", own, name, http.StatusOK, ""},
		{"its length", "HEAD", own, name, http.StatusOK, ""},
		{"the same by its old address", "GET", main, name, http.StatusFound, "https://" + own + name},
		{"with a query", "GET", main, name + "?v=1", http.StatusFound, "https://" + own + name + "?v=1"},
		{"a picture of another server", "GET", main, "/media/remote/m/avatar/aHR0cHM6", http.StatusFound, "https://" + own + "/media/remote/m/avatar/aHR0cHM6"},
		{"no file", "GET", own, "/media/" + strings.Repeat("0", 32) + ".jpg", http.StatusNotFound, ""},
		{"rules of crawlers", "GET", own, "/robots.txt", http.StatusOK, ""},
		{"a script asks first", "OPTIONS", own, name, http.StatusNoContent, ""},
		{"a health check", "GET", own, "/healthz", http.StatusOK, ""},
		{"a page", "GET", own, "/", http.StatusNotFound, ""},
		{"a co-op's document here", "GET", main, "/coops/ana", http.StatusOK, ""},
		{"and there", "GET", own, "/coops/ana", http.StatusNotFound, ""},
		{"the inbox", "POST", own, "/inbox", http.StatusNotFound, ""},
		{"WebFinger", "GET", own, "/.well-known/webfinger?resource=acct:ana@coop.example", http.StatusNotFound, ""},
		{"evidence", "GET", own, coop.EvidencePath, http.StatusNotFound, ""},
		{"the API", "GET", own, "/api/v1/accounts/verify_credentials", http.StatusNotFound, ""},
		{"assets", "GET", own, "/assets/avatar.svg", http.StatusNotFound, ""},
		{"out of the files", "GET", own, "/media/../coops/ana", http.StatusNotFound, ""},
		{"out of the files, written oddly", "GET", own, "/media/%2e%2e/coops/ana", http.StatusNotFound, ""},
		{"a name that begins alike", "GET", own + ".evil.example", name, http.StatusMisdirectedRequest, ""},
		{"the page of files stays", "GET", main, "/about", http.StatusOK, ""},
	} {
		w := g.at(tt.method, tt.host, tt.target, token, "Cookie", "theme=dark", "Accept", "application/activity+json, text/html")
		if w.Code != tt.code || w.Header().Get("Location") != tt.to {
			t.Errorf("%s: %s %s%s answers %d to %q, want %d to %q", tt.what, tt.method, tt.host, tt.target, w.Code, w.Header().Get("Location"), tt.code, tt.to)
		}
		if kind := w.Header().Get("Content-Type"); tt.host == own && (w.Header().Get("Set-Cookie") != "" || strings.Contains(kind, "html") || strings.Contains(kind, "activity")) {
			t.Errorf("%s: the host for media says %v", tt.what, w.Header())
		}
	}
	if w := g.at("GET", own, name, ""); !bytes.HasPrefix(w.Body.Bytes(), []byte{0xff, 0xd8}) || w.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the file is %d bytes with %v", w.Body.Len(), w.Header())
	}
	if got := g.at("GET", main, "/about", "").Header().Get("Content-Security-Policy"); !strings.Contains(got, "img-src 'self' https://"+own+" data:; media-src 'self' https://"+own+";") {
		t.Errorf("pages may show pictures by %s", got)
	}
}
