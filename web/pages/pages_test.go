// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

func stringReader(s string) io.Reader { return strings.NewReader(s) }

// unsaid finds a key of the catalogue that was shown instead of its text.
var unsaid = regexp.MustCompile(`>\s*[a-z]+(_[a-z0-9-]+)+\s*<`)

// TestEveryPage draws every page in every language, on an instance with nothing and
// on one with something of everything.
func TestEveryPage(t *testing.T) {
	w, all := full(t)
	empty := newWorld(t)
	for _, l := range ourLanguages {
		for name, path := range all {
			checkPage(t, w.get(path, l.tag), l.tag+" "+name, l.tag)
		}
		for _, path := range []string{"/", "/jobs", "/jobs?q=x", "/library", "/about", "/interact", "/@minga", "/@library", "/tags/x"} {
			checkPage(t, empty.get(path, l.tag), l.tag+" empty "+path, l.tag)
		}
	}
}

// ownScript are the scripts that pages have: what makes them nicer, and passkeys, which
// cannot be had without.
var ownScript = regexp.MustCompile(`^/assets/(minga|passkey)-[0-9a-f]{16}\.js$`)

// checkPage judges what every page has.
func checkPage(t *testing.T, answer *httptest.ResponseRecorder, name, lang string) {
	t.Helper()
	page := answer.Body.String()
	if answer.Code != http.StatusOK {
		t.Errorf("%s: status %d", name, answer.Code)
		return
	}
	if n := len(elements(t, page, "h1")); n != 1 {
		t.Errorf("%s: %d h1", name, n)
	}
	if got := attribute(elements(t, page, "html")[0], "lang"); got != lang {
		t.Errorf("%s: language %q", name, got)
	}
	for _, script := range elements(t, page, "script") {
		if source := attribute(script, "src"); attribute(script, "type") != "application/ld+json" && !ownScript.MatchString(source) {
			t.Errorf("%s: a script that runs: %q", name, source)
		}
	}
	if strings.Contains(page, " style=") || len(elements(t, page, "style")) > 0 {
		t.Errorf("%s: inline style", name)
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Errorf("%s: the template refused a value", name)
	}
	if found := unsaid.FindString(page); found != "" {
		t.Errorf("%s: no text for %s", name, found)
	}
	if !strings.Contains(page, "minga test</a>") {
		t.Errorf("%s does not say which program made it", name)
	}
	checkLinks(t, page, name)
}

// checkLinks wants every link to lead to the web or a mail, and to say so of what
// people wrote; and every picture to be ours.
func checkLinks(t *testing.T, page, name string) {
	t.Helper()
	for _, a := range elements(t, page, "a") {
		u, err := url.Parse(attribute(a, "href"))
		if err != nil || u.Scheme != "" && u.Scheme != "https" && u.Scheme != "mailto" {
			t.Errorf("%s: link %q", name, attribute(a, "href"))
		}
		rel := attribute(a, "rel")
		if err == nil && u.Host != "" && u.Host != host && !strings.Contains(rel, "nofollow") && !strings.Contains(rel, "license") && !strings.Contains(rel, "tag") {
			t.Errorf("%s: link to %s without nofollow", name, u)
		}
	}
	for _, img := range elements(t, page, "img") {
		if src := attribute(img, "src"); !strings.HasPrefix(src, "/assets/") && !strings.HasPrefix(src, "/media/") {
			t.Errorf("%s: picture of %s", name, attribute(img, "src"))
		}
	}
}

// TestLanguage is chosen by the address, then the cookie, then the browser.
func TestLanguage(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ name, path, accept, cookie, want string }{
		{"the browser", "/about", "ca, en;q=0.5", "", "ca"},
		{"a region", "/about", "pt-BR", "", "pt"},
		{"none of ours", "/about", "ja", "", "en"},
		{"nonsense", "/about", strings.Repeat("x,", 900), "", "en"},
		{"the cookie before the browser", "/about", "ca", "it", "it"},
		{"the address before all", "/about?lang=es", "ca", "it", "es"},
		{"on the board, lang is the language of the work", "/jobs?lang=es", "ca", "", "ca"},
		{"on the board, ui is the switch", "/jobs?lang=es&ui=it", "ca", "", "it"},
	} {
		header := []string{}
		if tt.cookie != "" {
			header = []string{"Cookie", "__Host-minga-lang=" + tt.cookie}
		}
		got := w.get(tt.path, tt.accept, header...)
		if lang := attribute(elements(t, got.Body.String(), "html")[0], "lang"); lang != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, lang, tt.want)
		}
	}
	cookie := w.get("/about?lang=pt", "en").Result().Cookies()
	if len(cookie) != 1 || cookie[0].Value != "pt" || !cookie[0].Secure || !cookie[0].HttpOnly || cookie[0].SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %v", cookie)
	}
	if n := len(w.get("/about", "pt").Result().Cookies()); n != 0 {
		t.Error("a cookie that nobody asked for")
	}
}

// TestSwitchKeepsPage follows the switch of a filtered board.
func TestSwitchKeepsPage(t *testing.T) {
	w, _ := full(t)
	page := w.get("/jobs?engagement=membership&lang=es", "en").Body.String()
	for _, a := range elements(t, page, "a") {
		if attribute(a, "hreflang") != "it" {
			continue
		}
		if got, want := attribute(a, "href"), "/jobs?engagement=membership&lang=es&ui=it"; got != want {
			t.Errorf("switch leads to %s, want %s", got, want)
		}
		return
	}
	t.Error("no switch")
}

// TestAnySearch answers 200 whatever stands in the address.
func TestAnySearch(t *testing.T) {
	w, _ := full(t)
	for _, q := range []string{
		"q=%FF%FE", "q=" + strings.Repeat("a", 5000), "q=-x", "q=%22open", "q=***&page=zzz", "page=1.2.3.4", "page=" + strings.Repeat("z", 900), "engagement=mars,venus", "remote=perhaps",
		"pay_min=5", "pay_min=-1&currency=XXX", "new=99999999999999999999", "coop=%00", "skill=" + url.QueryEscape(hostile), "order=" + url.QueryEscape("'; DROP TABLE posts"), "%zz=1", "ui=xx",
	} {
		for _, path := range []string{"/jobs?", "/jobs.atom?", "/jobs.ics?", "/jobs.csv?", "/jobs.xml?"} {
			if got := w.get(path+q, "en"); got.Code != http.StatusOK {
				t.Errorf("%s%.60s: %d", path, q, got.Code)
			}
		}
	}
	page := w.get("/jobs?q=-x", "en").Body.String()
	if !strings.Contains(page, "Say what to look for too") {
		t.Error("nobody says what is wrong with the query")
	}
	if page = w.get("/jobs?source=mars", "en").Body.String(); !strings.Contains(page, "mars (not known)") || !strings.Contains(page, "0 open jobs") {
		t.Error("an unknown value is not shown, or matches")
	}
}

// TestPaging walks through the board by its links and meets every job once.
func TestPaging(t *testing.T) {
	w, _ := full(t)
	for range perBoard + 5 {
		w.publish(nil)
	}
	seen, path := map[string]int{}, "/jobs?order=newest"
	for path != "" {
		page := w.get(path, "en").Body.String()
		path = ""
		for _, h3 := range elements(t, page, "h3") {
			if job := attribute(h3.FirstChild, "href"); job != "" { // else it is a facet
				seen[job]++
			}
		}
		for _, a := range elements(t, page, "a") {
			if attribute(a, "rel") == "next" {
				path = attribute(a, "href")
			}
		}
	}
	if len(seen) != perBoard+5+2 { // an open one and a copy were there
		t.Errorf("%d jobs", len(seen))
	}
	for job, n := range seen {
		if n != 1 {
			t.Errorf("%s %d times", job, n)
		}
	}
}

// TestProfileForServers sends them to the actor.
func TestProfileForServers(t *testing.T) {
	w, _ := full(t)
	got := w.get("/@telar", "en", "Accept", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`)
	if got.Code != http.StatusFound || got.Header().Get("Location") != "https://"+host+"/coops/telar" {
		t.Errorf("%d %s", got.Code, got.Header().Get("Location"))
	}
	if got := w.get("/coops/telar", "en"); got.Code != http.StatusFound || got.Header().Get("Location") != "/@telar" {
		t.Errorf("actor for people: %d %s", got.Code, got.Header().Get("Location"))
	}
}

// TestConditional answers 304 to whoever has the page, HEAD without a body, and
// assets for ever.
func TestConditional(t *testing.T) {
	w, all := full(t)
	for _, path := range []string{all["job"], "/jobs", "/jobs.atom", "/assets/avatar.svg", "/sitemap.xml"} {
		first := w.get(path, "en")
		if got := w.get(path, "en", "If-None-Match", first.Header().Get("ETag")); got.Code != http.StatusNotModified || got.Body.Len() > 0 {
			t.Errorf("%s: %d again", path, got.Code)
		}
	}
	r := httptest.NewRequest(http.MethodHead, "/jobs", nil)
	answer := httptest.NewRecorder()
	w.http.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK || answer.Body.Len() > 0 {
		t.Errorf("HEAD: %d, %d bytes", answer.Code, answer.Body.Len())
	}
	css := attribute(firstOf(t, w.get("/", "en").Body.String(), "link", "rel", "stylesheet"), "href")
	if got := w.get(css, "en"); !strings.Contains(got.Header().Get("Cache-Control"), "immutable") || got.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s: %v", css, got.Header())
	}
	if got := w.get("/jobs", "en", "Accept-Encoding", "gzip"); got.Header().Get("Content-Encoding") != "gzip" || got.Body.Len() > 36<<10 {
		t.Errorf("the board has %d bytes, %q", got.Body.Len(), got.Header().Get("Content-Encoding"))
	}
}

// firstOf is the first element with an attribute.
func firstOf(t *testing.T, page, name, key, value string) *html.Node {
	t.Helper()
	for _, n := range elements(t, page, name) {
		if attribute(n, key) == value {
			return n
		}
	}
	t.Fatalf("no %s with %s=%s", name, key, value)
	return nil
}

// TestSections parts an article at its headings, and only there.
func TestSections(t *testing.T) {
	intro, sections := split(`<p>a</p><h1>One &amp; <em>two</em></h1><p>b</p><h3>One two</h3><blockquote><h2>q</h2></blockquote><h1></h1><h1>One & two</h1>`)
	if intro != "<p>a</p>" || len(sections) != 3 {
		t.Fatalf("%q %v", intro, sections)
	}
	want := []section{
		{"minga-one-two", "One & two", false, "<p>b</p>"},
		{"minga-one-two-2", "One two", true, "<blockquote><p><strong>q</strong></p></blockquote>"},
		{"minga-one-two-3", "One & two", false, ""},
	}
	if diff := cmp.Diff(want, sections); diff != "" {
		t.Error(diff)
	}
}

// TestAnyAddress answers what is no address of ours with 404, never with a fault.
func TestAnyAddress(t *testing.T) {
	w, _ := full(t)
	for _, path := range []string{
		"/@%00", "/@a@b@c", "/@telar.xml", "/@.atom", "/@@", "/@" + strings.Repeat("a", 5000), "/@telar/0", "/@telar/-1", "/@telar/99999999999999999999", "/jobs/01",
		"/library/x.atom", "/coops/telar/jobs/%00", "/coops/telar/likes", "/coops/%FF", "/coops/nobody/jobs", "/assets/../face.go", "/assets/%2e%2e/doc.go", "/assets/", "/boards/x", "/people/",
	} {
		if got := w.get(path, "en"); got.Code != http.StatusNotFound {
			t.Errorf("%.60s: %d", path, got.Code)
		}
	}
	for _, path := range []string{
		"/tags/%00", "/tags/%FF", "/tags/a%2Fb", "/tags/" + strings.Repeat("a", 5000), "/tags/.atom", "/interact?uri=%00", "/interact?uri=" + url.QueryEscape(hostile), "/interact?uri=javascript:x", "/interact?uri=@a@b@c",
		"/library?before=x", "/@telar?before=-1", "/jobs?lang=zz&ui=%00", "/?lang=%00",
	} {
		if got := w.get(path, "en"); got.Code != http.StatusOK && got.Code != http.StatusNotFound {
			t.Errorf("%.60s: %d", path, got.Code)
		}
	}
}

// TestAtOnce draws pages for many readers at the same time; the race detector looks on.
func TestAtOnce(t *testing.T) {
	w, all := full(t)
	var readers sync.WaitGroup
	for _, l := range ourLanguages {
		for _, path := range []string{"/", "/jobs", "/jobs.atom", all["job"], all["article"], "/@telar"} {
			readers.Go(func() {
				if got := w.get(path, l.tag); got.Code != http.StatusOK {
					t.Errorf("%s in %s: %d", path, l.tag, got.Code)
				}
			})
		}
	}
	readers.Wait()
}

// TestEveryTemplateIsRead reads the pages of ours that no test draws, too.
func TestEveryTemplateIsRead(t *testing.T) {
	own, err := loadOwn()
	if err != nil {
		t.Fatal(err)
	}
	for page, load := range own.templates {
		if _, err := load(); err != nil {
			t.Errorf("%s: %v", page, err)
		}
	}
}
