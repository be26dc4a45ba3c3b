// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// TestMemberFrame names who is signed in on the pages that are the same for all, keeps
// these out of caches then, and shows nothing more of what they are about.
func TestMemberFrame(t *testing.T) {
	w, all := full(t)
	w.ana()
	b := w.browser()
	for _, path := range []string{"/", "/jobs", all["job"], "/about/rules"} {
		guest := b.do(path, nil)
		if len(guest.Result().Cookies()) > 0 || guest.Header().Get("Cache-Control") != always {
			t.Errorf("%s sets a cookie for who only reads, or is not kept: %v", path, guest.Header())
		}
		if page := guest.Body.String(); !strings.Contains(page, `href="/sign-in"`) || strings.Contains(page, "form_token") {
			t.Errorf("%s is not the page of a guest", path)
		}
	}
	b.signIn("ana", password, "")
	for _, path := range []string{"/", "/jobs", all["job"], "/about/rules"} {
		mine := b.do(path, nil)
		page := mine.Body.String()
		if mine.Header().Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s with a session may be kept: %v", path, mine.Header())
		}
		if !strings.Contains(page, `href="/@ana"`) || !strings.Contains(page, "Sign out") || strings.Contains(page, `href="/admin"`) || strings.Contains(page, "Acting as") {
			t.Errorf("%s does not name who is signed in, or offers too much", path)
		}
	}
	for _, path := range []string{"/jobs.atom", "/robots.txt", "/assets/minga.js"} {
		if got := b.do(path, nil); strings.Contains(got.Header().Get("Cache-Control"), "private") {
			t.Errorf("%s depends on who asks: %v", path, got.Header())
		}
	}
	b.do("/sign-out", hidden(t, b.do("/", nil).Body.String(), "form_token"))
	if page := b.do("/", nil).Body.String(); !strings.Contains(page, `href="/sign-in"`) {
		t.Error("the form of the frame does not sign out")
	}
}

// TestActingAs goes on in the name of a co-op for which the person speaks, and of no other.
func TestActingAs(t *testing.T) {
	w, _ := full(t)
	ana, other := w.ana(), w.member("molino")
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.GiveRole(ctx, w.coop.ID, ana.ID, coop.Publisher, 0)
		return err
	})
	b := w.browser()
	b.signIn("ana", password, "")
	form := hidden(t, b.do("/jobs", nil).Body.String(), "as")
	form.Set("as", other.ID.String())
	if got := b.do(actingPath, form); got.Code != http.StatusForbidden || b.cookies["__Host-minga-acting"] != "" {
		t.Errorf("in the name of another: %d", got.Code)
	}
	form.Set("as", w.coop.ID.String())
	got := b.do(actingPath, form, "Referer", "https://"+host+"/jobs?q=x")
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/jobs?q=x" {
		t.Errorf("%d to %s", got.Code, got.Header().Get("Location"))
	}
	page := b.do("/jobs", nil).Body.String()
	if !strings.Contains(page, `<option value="`+w.coop.ID.String()+`" selected>`) {
		t.Error("the frame does not say in whose name")
	}
	form.Set("as", "")
	if b.do(actingPath, form); b.cookies["__Host-minga-acting"] != "" {
		t.Error("there is no way back to oneself")
	}
	if got := w.browser().do(actingPath, url.Values{"as": {w.coop.ID.String()}}); got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in") {
		t.Errorf("a stranger: %d", got.Code)
	}
}

// TestTheme is chosen by a form, remembered by a cookie, and drawn by the server.
func TestTheme(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	root := func() string {
		return attribute(elements(t, b.do("/about", nil).Body.String(), "html")[0], "data-theme")
	}
	for _, tt := range []struct{ chosen, want string }{{"dark", "dark"}, {"light", "light"}, {"purple", ""}, {"dark", "dark"}, {"auto", ""}} {
		got := b.do("/theme", url.Values{"theme": {tt.chosen}}, "Referer", "https://"+host+"/about")
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/about" || root() != tt.want {
			t.Errorf("%s: %d to %s, drawn %q", tt.chosen, got.Code, got.Header().Get("Location"), root())
		}
	}
	for _, from := range []string{"https://evil.example/x", "https://" + host + "//evil.example", "https://" + host + ".evil.example/", ""} {
		if got := b.do("/theme", url.Values{"theme": {"dark"}}, "Referer", from); got.Header().Get("Location") != "/" {
			t.Errorf("from %q to %s", from, got.Header().Get("Location"))
		}
	}
	b.cookies["__Host-minga-theme"] = "<script>"
	if root() != "" {
		t.Error("any cookie is drawn")
	}
}

// TestRobots writes down who may read what, and follows the policy.
func TestRobots(t *testing.T) {
	w := newWorld(t)
	text := w.get("/robots.txt", "en").Body.String()
	for _, line := range []string{"User-agent: GPTBot\n", "Disallow: /\n\nUser-agent: *\n", "Allow: /jobs\n", "Disallow: /@*/\n", "Sitemap: https://" + host + "/sitemap.xml\n"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	policy := coop.CrawlPolicy{Search: []coop.CrawlPart{coop.CrawlTalk}, AI: []coop.CrawlPart{coop.CrawlLibrary}, Agents: []string{"Eater"}}
	w.must(policy.Validate())
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.PutCrawlPolicy(ctx, policy) })
	text = w.get("/robots.txt", "en").Body.String()
	eater, others, _ := strings.Cut(text, "User-agent: *\n")
	if strings.Contains(text, "GPTBot") || !strings.Contains(eater, "Allow: /library\n") || !strings.Contains(eater, "Disallow: /jobs\n") || !strings.Contains(others, "Disallow: /jobs\n") || !strings.Contains(others, "Allow: /@*/\n") {
		t.Errorf("the policy is not written down:\n%s", text)
	}
	if page := w.get("/about/crawlers", "en").Body.String(); !strings.Contains(page, "Eater") {
		t.Error("the page does not say so")
	}
	for _, bad := range []coop.CrawlPolicy{{Search: []coop.CrawlPart{"mars"}}, {Agents: []string{"a\nDisallow: /"}}, {Agents: []string{""}}, {Agents: make([]string, coop.MaxCrawlAgents+1)}} {
		if bad.Validate() == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

// TestAboutPages say what is decided about servers, and never how it came to that.
func TestAboutPages(t *testing.T) {
	w := newWorld(t)
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		for host, p := range map[string]coop.Peer{
			"bad.example": {Policy: coop.PolicyBlock, PublicReason: "Spam & <b>lies</b>", Reason: "secret note"}, "loud.example": {Policy: coop.PolicyLimit},
			"past.example": {Policy: coop.PolicyBlock, ExpiresAt: w.clock.Now().Add(-1)}, "good.example": {Software: "mastodon <4>"},
		} {
			p.Host = host
			if err := tx.PutPeer(ctx, &p); err != nil {
				return err
			}
		}
		return nil
	})
	page := w.get("/about/moderation", "en").Body.String()
	if !strings.Contains(page, "bad.example") || !strings.Contains(page, "Spam &amp; &lt;b&gt;") || !strings.Contains(page, "loud.example") || strings.Contains(page, "secret note") || strings.Contains(page, "past.example") {
		t.Error("what was decided about servers is not said, or too much of it")
	}
	page = w.get("/about/federation", "en").Body.String()
	if !strings.Contains(page, "good.example") || strings.Contains(page, "bad.example") {
		t.Error("the servers that we know are not listed, or blocked ones are")
	}
	for _, l := range ourLanguages {
		for _, path := range []string{"rules", "privacy", "moderation", "federation", "stats", "accessibility", "crawlers"} {
			checkPage(t, w.get("/about/"+path, l.tag), l.tag+" "+path, l.tag)
		}
	}
}
