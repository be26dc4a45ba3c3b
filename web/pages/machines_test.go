// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// TestCardPictures draws a picture for what has a page of its own, whatever its title
// holds, and none of what is hidden.
func TestCardPictures(t *testing.T) {
	w, all := full(t)
	for _, name := range []string{"home", "job", "article"} {
		page := w.get(all[name], "en").Body.String()
		address := attribute(firstOf(t, page, "meta", "property", "og:image"), "content")
		answer := w.get(strings.TrimPrefix(address, "https://"+host), "en")
		config, err := png.DecodeConfig(bytes.NewReader(answer.Body.Bytes()))
		if err != nil || config.Width != 1200 || config.Height != 630 || answer.Header().Get("Content-Type") != "image/png" {
			t.Errorf("%s: %s is %d bytes of %s, %v", name, address, answer.Body.Len(), answer.Header().Get("Content-Type"), err)
		}
		if n := answer.Body.Len(); n > 120_000 {
			t.Errorf("%s: %d bytes", name, n)
		}
		if got := w.get(strings.TrimPrefix(address, "https://"+host), "en", "If-None-Match", answer.Header().Get("ETag")); got.Code != 304 {
			t.Errorf("%s again: %d", name, got.Code)
		}
	}
	secret := &coop.Post{Source: "geheim", Language: "es", Visibility: coop.VisibleFollowers}
	w.must(w.Outbox.PublishNote(t.Context(), w.coop, secret))
	for _, name := range []string{secret.ID.String() + ".png", "1.png", "x.png", "home", ".png", "home.png.png"} {
		if got := w.get("/cards/"+name, "en"); got.Code != 404 {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	for _, title := range []string{"", strings.Repeat("W", 2000), strings.Repeat("a b ", 500), "日本語のタイトル 🙂", "\u202eabc\x00", hostile} {
		if _, err := w.painter.picture(cardText{Title: title, Kind: title, Who: title, When: title, Place: title, Edge: cardLeaf}); err != nil {
			t.Errorf("%.20q: %v", title, err)
		}
	}
}

// TestPainterForgets keeps so many pictures and no more.
func TestPainterForgets(t *testing.T) {
	p, err := newPainter()
	if err != nil {
		t.Fatal(err)
	}
	for n := range mostCards + 2 {
		p.order = append(p.order, cardText{Title: strings.Repeat("x", n+1)})
		p.done[p.order[n]] = []byte{1}
		if n >= mostCards-1 {
			break
		}
	}
	if _, err := p.picture(cardText{Title: "new", Edge: cardLeaf}); err != nil || len(p.done) != mostCards || len(p.order) != mostCards {
		t.Errorf("%d pictures, %d in order: %v", len(p.done), len(p.order), err)
	}
}

// TestEmbed puts a job into pages of others: oEmbed leads to a card that any site may
// frame, without script and cookie.
func TestEmbed(t *testing.T) {
	w, all := full(t)
	page := w.get(all["job"], "en").Body.String()
	address := attribute(firstOf(t, page, "link", "type", "application/json+oembed"), "href")
	answer := w.get(strings.TrimPrefix(address, "https://"+host), "en")
	var said struct{ Version, Type, Title, HTML string }
	w.must(json.Unmarshal(answer.Body.Bytes(), &said))
	if said.Version != "1.0" || said.Type != "rich" || answer.Header().Get("Access-Control-Allow-Origin") != "*" || len(elements(t, said.HTML, "script")) > 0 {
		t.Errorf("%d %v", answer.Code, said)
	}
	frame := elements(t, said.HTML, "iframe")[0]
	card := w.get(strings.TrimPrefix(attribute(frame, "src"), "https://"+host), "en", "Cookie", "__Host-minga-lang=it")
	body := card.Body.String()
	if card.Code != 200 || len(elements(t, body, "script")) > 0 || len(elements(t, body, "h1")) != 1 || len(card.Result().Cookies()) > 0 || card.Header().Get("X-Frame-Options") != "" {
		t.Errorf("the card: %d %v", card.Code, card.Header())
	}
	if href := attribute(elements(t, body, "a")[0], "href"); href != "https://"+host+all["job"] {
		t.Errorf("the card leads to %s", href)
	}
	for query, want := range map[string]int{
		"url=https://" + host + all["job"] + "&format=xml": 501, "url=" + url.QueryEscape("https://evil.example"+all["job"]): 404, "url=https://" + host + all["article"]: 404, "": 404,
		"url=%00": 404, "url=https://" + host + "/jobs/1": 404, "url=https://" + host + all["job"] + "&maxwidth=10&maxheight=-5": 200,
	} {
		if got := w.get("/api/oembed?"+query, "en"); got.Code != want {
			t.Errorf("%s: %d, want %d", query, got.Code, want)
		}
	}
	for _, path := range []string{"/jobs/1/embed", "/jobs/x/embed"} {
		if got := w.get(path, "en"); got.Code != 404 {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// TestWellKnown answers what programs look for.
func TestWellKnown(t *testing.T) {
	w := newWorld(t)
	text := w.get("/.well-known/security.txt", "en").Body.String()
	fields := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		name, value, _ := strings.Cut(line, ": ")
		fields[name] = value
	}
	ends, err := time.Parse(time.RFC3339, fields["Expires"])
	if left := ends.Sub(w.clock.Now()); err != nil || left < 140*24*time.Hour || left > 366*24*time.Hour || !strings.HasPrefix(fields["Contact"], "https://") || fields["Canonical"] != "https://"+host+"/.well-known/security.txt" {
		t.Errorf("security.txt: %v %v", fields, err)
	}
	w.Contact = "ana@fed-sur.example"
	if text = w.get("/.well-known/security.txt", "en").Body.String(); !strings.Contains(text, "Contact: mailto:ana@fed-sur.example\n") {
		t.Errorf("security.txt: %s", text)
	}
	if got := w.get("/.well-known/change-password", "en"); got.Code != 302 || got.Header().Get("Location") != securityPath {
		t.Errorf("change-password: %d", got.Code)
	}
	answer := w.get("/manifest.webmanifest", "ca")
	var list struct {
		Name, Lang string
		Icons      []struct{ Src string }
		Shortcuts  []struct{ URL string }
	}
	w.must(json.Unmarshal(answer.Body.Bytes(), &list))
	if list.Lang != "ca" || list.Name == "" || len(list.Icons) == 0 || len(list.Shortcuts) < 3 || !strings.HasPrefix(answer.Header().Get("Content-Type"), "application/manifest+json") {
		t.Errorf("manifest: %v", list)
	}
	for _, one := range list.Icons {
		if got := w.get(one.Src, "en"); got.Code != 200 {
			t.Errorf("%s: %d", one.Src, got.Code)
		}
	}
	for _, one := range list.Shortcuts {
		if got := w.get(one.URL, "en"); got.Code >= 400 {
			t.Errorf("%s: %d", one.URL, got.Code)
		}
	}
}

// TestShareTarget puts what another program shares into the form of a post, and publishes
// nothing by itself.
func TestShareTarget(t *testing.T) {
	w := newWorld(t)
	w.ana()
	b := w.browser()
	shared := "/compose?" + url.Values{"title": {"Pan & <b>"}, "text": {"Mirá"}, "url": {"https://pan.example/?a=1"}}.Encode()
	if got := b.do(shared, nil); got.Code != 303 || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in?next=%2Fcompose") {
		t.Errorf("a stranger: %d %s", got.Code, got.Header().Get("Location"))
	}
	b.signIn("ana", password, "")
	form := b.do(b.do(shared, nil).Header().Get("Location"), nil)
	if text := elements(t, form.Body.String(), "textarea"); len(text) != 1 || strings.TrimSpace(text[0].FirstChild.Data) != "Pan & <b>\n\nMirá\n\nhttps://pan.example/?a=1" {
		t.Errorf("the form: %d %s", form.Code, form.Body)
	}
	if form.Header().Get("X-Robots-Tag") != "noindex" {
		t.Error("search engines are not told to leave it out")
	}
	if got := b.do("/compose?text="+strings.Repeat("%F0%9F%8D%9E", 20_000), nil); got.Code != 303 || len(got.Header().Get("Location")) > 100_000 {
		t.Errorf("a long text: %d, %d bytes", got.Code, len(got.Header().Get("Location")))
	}
}
