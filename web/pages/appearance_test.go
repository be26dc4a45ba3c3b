// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// owner is a browser in which somebody is signed in who owns the server.
func (w *world) owner() *browser {
	w.t.Helper()
	a := w.ana()
	a.Rank = coop.RankOwner
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, a) })
	b := w.browser()
	b.signIn("ana", password, "")
	return b
}

// send posts a form with a file.
func (b *browser) send(path string, form url.Values, field string, file []byte) *httptest.ResponseRecorder {
	b.t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		for _, value := range values {
			b.must(parts.WriteField(name, value))
		}
	}
	part, err := parts.CreateFormFile(field, "mark.png")
	b.must(err)
	_, err = part.Write(file)
	b.must(err)
	b.must(parts.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Host = host
	r.Header.Set("Content-Type", parts.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	b.http.ServeHTTP(answer, r)
	return answer
}

// TestAppearance lets an admin choose name, text, picture and colour, refuses a colour that
// cannot be read and names one that can, and shows all of it on every page.
func TestAppearance(t *testing.T) {
	w := newWorld(t)
	stranger := w.browser()
	if got := stranger.do(appearancePath, nil); got.Code != http.StatusSeeOther {
		t.Errorf("nobody: %d", got.Code)
	}
	b := w.owner()
	page := b.do(appearancePath, nil)
	checkPage(t, page, "appearance", "en")
	form := hidden(t, page.Body.String(), "accent")
	form.Set("name", "Red <Sur>")
	form.Set("bio", "We work together.\nSince 2010.")
	form.Set("accent", "#ffcc00")
	got := b.do(appearancePath, form)
	shown := got.Body.String()
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(shown, "The nearest that can is #") || !strings.Contains(shown, `value="Red &lt;Sur&gt;"`) {
		t.Errorf("yellow: %d %s", got.Code, shown)
	}
	for accent, want := range map[string]int{"red": 422, "": 303, "#9c3a1e": 303, "1F5A8A": 303} {
		form.Set("accent", accent)
		if got := b.do(appearancePath, form); got.Code != want {
			t.Errorf("%q: %d, want %d", accent, got.Code, want)
		}
	}
	form.Set("accent", "#1F5A8A")
	var picture bytes.Buffer
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	img.Set(1, 1, color.RGBA{255, 0, 0, 255})
	w.must(png.Encode(&picture, img))
	if got := b.send(appearancePath, form, "picture", picture.Bytes()); got.Code != http.StatusSeeOther {
		t.Fatalf("with a picture: %d %s", got.Code, got.Body)
	}
	if got := b.send(appearancePath, form, "picture", []byte("<svg onload=x>")); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "This file cannot be taken") {
		t.Errorf("no picture: %d", got.Code)
	}
	home := w.get("/", "en").Body.String()
	if !strings.Contains(home, "Red &lt;Sur&gt;") || !strings.Contains(home, "Since 2010.") || !strings.HasPrefix(attribute(firstOf(t, home, "a", "class", "mark").FirstChild, "src"), "/media/") {
		t.Error("the front page does not show what was chosen")
	}
	sheet := attribute(firstOf(t, home, "link", "rel", "stylesheet"), "href")
	css := w.get(sheet, "en")
	if !strings.HasSuffix(sheet, "-1F5A8A.css") || !strings.Contains(css.Body.String(), "--clay:#1F5A8A") || !strings.Contains(css.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("the sheet %s has not the colour: %d", sheet, css.Code)
	}
	for _, bad := range []string{"-FFCC00.css", "-zzzzzz.css", "-1f5a8a.css", "-1F5A8A.css.css"} {
		if got := w.get(strings.Replace(sheet, "-1F5A8A.css", bad, 1), "en"); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", bad, got.Code)
		}
	}
	entries, err := w.Store.Audit(t.Context(), storage.AuditQuery{}, coop.Page{Limit: 10})
	if err != nil || len(entries) == 0 || entries[0].Who != "ana" {
		t.Errorf("nobody noted who did it: %v %v", entries, err)
	}
	form.Set("accent", "")
	form.Set("remove", "1")
	b.do(appearancePath, form)
	if home = w.get("/", "en").Body.String(); !strings.Contains(home, "/assets/mark") || strings.Contains(home, "1F5A8A") {
		t.Error("there is no way back")
	}
}

// TestCrawlForm changes who may read what, and is not there for others.
func TestCrawlForm(t *testing.T) {
	w := newWorld(t)
	b := w.owner()
	page := b.do(crawlPath, nil)
	checkPage(t, page, "crawlers", "en")
	form := hidden(t, page.Body.String(), "agents")
	form["search"], form["ai"], form["agents"] = []string{"jobs", "mars"}, []string{"library"}, []string{"Eater\nOther Bot\n"}
	if got := b.do(crawlPath, form); got.Code != http.StatusSeeOther {
		t.Errorf("%d", got.Code)
	}
	p, err := w.Store.CrawlPolicy(t.Context())
	if err != nil || !p.Searches(coop.CrawlJobs) || p.Searches(coop.CrawlPeople) || !p.Collects(coop.CrawlLibrary) || len(p.Agents) != 2 {
		t.Errorf("%v %v", p, err)
	}
	form.Set("agents", "a: b")
	if got := b.do(crawlPath, form); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "a: b") {
		t.Errorf("%d", got.Code)
	}
	a, err := w.Store.AccountByHandle(t.Context(), "ana", "")
	w.must(err)
	a.Rank = coop.RankModerator
	w.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SaveAccount(ctx, a) })
	for _, path := range []string{crawlPath, appearancePath} {
		if got := b.do(path, nil); got.Code != http.StatusNotFound {
			t.Errorf("%s: a moderator gets %d", path, got.Code)
		}
		if got := b.do(path, form); got.Code != http.StatusNotFound {
			t.Errorf("%s: a moderator changes it: %d", path, got.Code)
		}
	}
}
