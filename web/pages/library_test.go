// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// published is an article of ours with a title, changed.
func (w *world) published(a *coop.Account, title string, change func(*coop.Post)) *coop.Post {
	w.t.Helper()
	p := &coop.Post{
		Title: title, Summary: "What it is about.", Language: "en", Source: "First line.\n\n## Part\n\nSecond line.\n",
		Article: &coop.Article{License: coop.DefaultLicence, Topics: []coop.Term{{Name: "Pay"}}},
	}
	if change != nil {
		change(p)
	}
	w.must(w.Outbox.PublishArticle(w.t.Context(), a, p))
	p, err := w.Store.Post(w.t.Context(), coop.System(), p.ID)
	w.must(err)
	return p
}

// mainOf is a page without its frame, which has forms of its own.
func mainOf(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	return main
}

// says wants a page to say some things, and not others (those that begin with "-").
func says(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, text := range want {
		if rest, not := strings.CutPrefix(text, "-"); not && strings.Contains(page, rest) {
			t.Errorf("the page says %s", rest)
		} else if !not && !strings.Contains(page, text) {
			t.Errorf("the page does not say %s", text)
		}
	}
}

// TestLibrary walks through the shelves: topics, series, languages, what needs a
// translation, and what co-ops use.
func TestLibrary(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	telar, hilo := w.member("telar"), w.member("hilo")
	basics := &coop.Series{Title: "Co-op basics", Language: "en"}
	w.must(w.Outbox.PutSeries(ctx, telar, basics))
	pay := w.published(telar, "How we set our pay", func(p *coop.Post) {
		p.Article.Series, p.Article.Position = &coop.Term{URI: string(basics.IRI), Name: basics.Title}, 2
	})
	begin := w.published(telar, "How we began", func(p *coop.Post) {
		p.Article.Series, p.Article.Position = &coop.Term{URI: string(basics.IRI), Name: basics.Title}, 1
		p.Article.Citations = []coop.IRI{pay.IRI}
	})
	w.clock.Advance(time.Hour)
	spanish := w.published(hilo, "Cómo fijamos los retiros", func(p *coop.Post) {
		p.Language, p.Article.TranslationOf, p.Article.TranslatedVersion = "es", pay.IRI, 1
	})
	w.must(w.Outbox.UseArticle(ctx, hilo, pay.ID))
	series, err := w.Store.SeriesByIRI(ctx, basics.IRI)
	w.must(err)

	says(t, w.get("/library", "it").Body.String(), `href="/library/topics/pay"`, `href="/library/series/`+series.ID.String()+`"`, "usato da 1 cooperativa", "Non ancora in italiano", `href="/library?lang=es"`)
	says(t, w.get("/library", "es").Body.String(), "Todavía no en español", "How we began", "-Todavía no en español</h2>\n\n<article class=\"card library\">\n<h3><a href=\""+w.pathOf(pay))
	says(t, w.get("/library?order=used", "en").Body.String(), `aria-current="true">Most used`)
	says(t, w.get("/library?lang=es", "en").Body.String(), "1 article", w.pathOf(spanish), "-"+w.pathOf(pay)+`"`)
	says(t, w.get("/library?needs=es&ui=en", "en").Body.String(), "1 article", w.pathOf(begin), "not yet in Spanish")
	says(t, w.get("/library/topics/PAY", "en").Body.String(), "<h1 dir=\"auto\">Pay</h1>", "3 articles", `/library/topics/PAY.atom`)
	says(t, w.get("/library/topics/nobody", "en").Body.String(), "0 articles", `content="noindex"`)
	says(t, w.get("/library/topics/pay.atom", "en").Body.String(), "<feed", "How we began", `/library/topics/pay.atom`)
	says(t, w.get(seriesPath(series), "en").Body.String(), "Part 1", "Part 2", "Co-op basics")
	says(t, w.get(seriesPath(series)+".json", "en").Body.String(), "jsonfeed.org", "How we began")
	says(t, w.get("/library/topics.json?q=pa", "en").Body.String(), `[{"value":"Pay","label":"Pay"}]`)
	for _, path := range []string{"/library/series/1", "/library/series/x", "/library/" + pay.ID.String() + "/versions/9", "/library/" + pay.ID.String() + "/versions/x/diff", "/library/1/versions/1"} {
		if code := w.get(path, "en").Code; code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, code)
		}
	}
	says(t, w.get(w.pathOf(pay), "en").Body.String(),
		"Part 2", "Before:", w.pathOf(begin), `href="#used"`, "Cooperativa hilo", "Cited by", "Spanish", "Up to date", "Suggest a change", "“How we set our pay”, Cooperativa telar, https://"+host,
		`href="/library/`+pay.ID.String()+`/translate"`)
}

// TestVersions shows what changed, and how far a translation is behind.
func TestVersions(t *testing.T) {
	w := newWorld(t)
	telar := w.member("telar")
	pay := w.published(telar, "How we set our pay", nil)
	spanish := w.published(telar, "Cómo fijamos los retiros", func(p *coop.Post) {
		p.Language, p.Article.TranslationOf, p.Article.TranslatedVersion = "es", pay.IRI, 1
	})
	w.clock.Advance(time.Hour)
	pay.Source, pay.Article.Reason = "First line of all.\n\n## Part\n\nSecond line. <b>\n\nThird.\n", "more to say"
	w.must(w.Outbox.EditArticle(t.Context(), pay))
	at := "/library/" + pay.ID.String() + "/versions/1"
	says(t, w.get(w.pathOf(pay), "en").Body.String(), "1 version behind the original", at+`/diff"`, at+`"`)
	says(t, w.get(w.pathOf(spanish), "en").Body.String(), "1 version behind the original", at+`/diff"`, "How we set our pay")
	says(t, w.get(at, "en").Body.String(), "This is version 1", "Second line.", "-Third.", "/edit?version=1", `content="noindex"`)
	says(t, w.get(at+"/diff", "en").Body.String(), "From version 1 to version 2", "First line<ins> of all</ins>.", "<ins>Third.</ins>", "&lt;b&gt;", "-<b>")
	says(t, w.get(at+"/diff?to=1", "en").Body.String(), "The texts are the same.")
}

// TestTheFormOfAnArticle is written, looked at, kept as a draft that others go on with,
// published, and changed by two at once.
func TestTheFormOfAnArticle(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	page := b.do("/library/new", nil)
	fill := func(page, act string, more map[string]string) url.Values {
		form := formOf(mainOf(page))
		form.Del("description")
		form.Set("act", act)
		form.Set("as", telar.ID.String())
		for k, v := range more {
			form.Set(k, v)
		}
		return form
	}
	good := map[string]string{
		"title": "How we decide", "summary": "By consent, mostly.", "text": "# One\n\n```\na\n\n\n\nb\n```\n\n<script>x()</script>", "language": "en", "topics": "Decisions, consent, decisions",
		"new_series": "Basics", "position": "1", "citations": "https://handbook.example/pay\n", "authors": "@telar, @nobody@nowhere",
	}
	answer := b.do("/library/new", fill(page.Body.String(), "publish", map[string]string{"title": "x", "position": "many"}))
	if answer.Code != http.StatusUnprocessableEntity {
		t.Fatalf("an empty form answers %d", answer.Code)
	}
	says(t, answer.Body.String(), "Place in the series: this is not understood")
	answer = b.do("/library/new", fill(page.Body.String(), "publish", map[string]string{"title": "x"}))
	says(t, answer.Body.String(), "Title: this is too short", "Summary: this is needed", "Text: this is needed", `autofocus`)
	answer = b.do("/library/new", fill(page.Body.String(), "preview", good))
	says(t, answer.Body.String(), "How we decide", "-<script>x", "19 characters in the summary", "<h3>One</h3>")
	answer = b.do("/library/preview", fill(page.Body.String(), "preview", good))
	says(t, answer.Body.String(), "<h1>Preview</h1>", "By consent, mostly.")
	answer = b.do("/library/new", fill(page.Body.String(), "publish", good))
	says(t, answer.Body.String(), "Written together with: one of them was not found.")
	good["authors"] = ""
	answer = b.do("/library/new", fill(page.Body.String(), "draft", good))
	if answer.Code != http.StatusSeeOther {
		t.Fatalf("a draft answers %d: %s", answer.Code, answer.Body)
	}
	edit, _, _ := strings.Cut(answer.Header().Get("Location"), "?")
	says(t, b.do("/library/mine", nil).Body.String(), "How we decide", edit)
	if code := w.get(strings.TrimSuffix(edit, "/edit"), "en").Code; code != http.StatusNotFound {
		t.Errorf("a draft is seen by anybody: %d", code)
	}

	first := b.do(edit, nil).Body.String()
	says(t, first, "This is a draft", "a\n\n\n\nb")
	w.clock.Advance(time.Minute)
	good["new_series"] = ""
	send := func(page string, more map[string]string, act string) (int, string, string) {
		form := fill(page, act, good)
		for k, v := range more {
			form.Set(k, v)
		}
		answer := b.do(edit, form)
		return answer.Code, answer.Body.String(), answer.Header().Get("Location")
	}
	if code, body, _ := send(first, map[string]string{"title": "How all of us decide"}, "draft"); code != http.StatusSeeOther {
		t.Fatalf("saving a draft answers %d: %s", code, body)
	}
	if code, body, _ := send(first, map[string]string{"title": "How I decide"}, "draft"); code != http.StatusConflict || !strings.Contains(body, "<del>all</del>") && !strings.Contains(body, "<del>all of us</del>") {
		t.Errorf("saving a draft that somebody else saved answers %d", code)
	}
	code, body, location := send(b.do(edit, nil).Body.String(), nil, "publish")
	if code != http.StatusSeeOther || location != "/coops/telar/articles/how-we-decide" {
		t.Fatalf("publishing answers %d %s: %s", code, location, body)
	}
	says(t, w.get(location, "en").Body.String(), "How we decide", "Basics", "handbook.example", "Decisions", "-<script>x")

	second := b.do(edit, nil).Body.String()
	says(t, second, "What you changed, and why", `value="1"`)
	w.clock.Advance(time.Minute)
	if code, body, _ := send(second, map[string]string{"text": "By consent.", "reason": "shorter"}, "publish"); code != http.StatusSeeOther {
		t.Fatalf("editing answers %d: %s", code, body)
	}
	code, body, _ = send(second, map[string]string{"text": "By lot.", "reason": "mine"}, "publish")
	if code != http.StatusConflict {
		t.Fatalf("editing an old version answers %d", code)
	}
	says(t, body, "What differs", "<ins>lot</ins>", "By lot.", `name="version" value="2"`)
	says(t, w.get(location, "en").Body.String(), "version 2", "shorter", "By consent.", "-By lot.")
	says(t, b.do(edit+"?version=1", nil).Body.String(), "version 1 again", "&lt;script&gt;x()")

	form := fill(second, "", map[string]string{"step": "checked"})
	if code := b.do(strings.TrimSuffix(edit, "edit")+"step", form).Code; code != http.StatusSeeOther {
		t.Errorf("checking answers %d", code)
	}
	form.Set("step", "withdraw")
	if answer := b.do(strings.TrimSuffix(edit, "edit")+"step", form); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("withdrawing without being sure answers %d", answer.Code)
	}
	form.Set("sure", "1")
	if answer := b.do(strings.TrimSuffix(edit, "edit")+"step", form); answer.Code != http.StatusSeeOther || w.get(location, "en").Code != http.StatusGone {
		t.Errorf("withdrawing answers %d", answer.Code)
	}
}

// TestTranslating happens beside the original, keeps its licence and follows it.
func TestTranslating(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	hilo := w.member("hilo")
	pay := w.published(hilo, "How we set our pay", nil)
	closed := w.published(hilo, "For members", func(p *coop.Post) { p.Article.License = coop.NoReuse })
	path := "/library/" + pay.ID.String() + "/translate"
	page := b.do(path, nil).Body.String()
	says(t, page, "How we set our pay", "Second line.", `class="side"`, "-value=\"en\" selected")
	send := func(more map[string]string) (int, string, string) {
		form := formOf(mainOf(page))
		form.Del("description")
		for k, v := range map[string]string{"as": telar.ID.String(), "act": "publish", "title": "Cómo fijamos los retiros", "summary": "Tres modelos.", "text": "Uno.", "language": "es", "license": coop.DefaultLicence} {
			form.Set(k, v)
		}
		for k, v := range more {
			form.Set(k, v)
		}
		answer := b.do(path, form)
		return answer.Code, answer.Body.String(), answer.Header().Get("Location")
	}
	if code, body, _ := send(map[string]string{"language": "en"}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "Language: this does not go with the rest") {
		t.Errorf("a translation into the same language answers %d", code)
	}
	if code, body, _ := send(map[string]string{"license": "https://creativecommons.org/licenses/by/4.0/"}); code != http.StatusUnprocessableEntity || !strings.Contains(body, "the licence of the original wants another") {
		t.Errorf("another licence answers %d", code)
	}
	code, body, location := send(nil)
	if code != http.StatusSeeOther {
		t.Fatalf("translating answers %d: %s", code, body)
	}
	says(t, w.get(location, "en").Body.String(), "Translated from:", "How we set our pay", "Up to date")
	if code := b.do("/library/"+closed.ID.String()+"/translate", nil).Code; code != http.StatusForbidden {
		t.Errorf("what must not be translated answers %d", code)
	}
	made, err := w.Store.PostByIRI(t.Context(), coop.System(), coop.IRI("https://"+host+location))
	w.must(err)
	w.clock.Advance(time.Hour)
	original, err := w.Store.Post(t.Context(), coop.System(), pay.ID)
	w.must(err)
	original.Source = "First line, better.\n"
	w.must(w.Outbox.EditArticle(t.Context(), original))
	edit := "/library/" + made.ID.String() + "/edit"
	page = b.do(edit, nil).Body.String()
	says(t, page, "<ins>First line, better.</ins>", "follows version 2 of the original")
	path = edit
	if code, body, _ := send(map[string]string{"follows": "1", "text": "Uno, mejor."}); code != http.StatusSeeOther {
		t.Fatalf("bringing it up to date answers %d: %s", code, body)
	}
	says(t, w.get(location, "en").Body.String(), "Up to date", "Uno, mejor.")

	used := "/library/" + pay.ID.String() + "/used"
	form := formOf(mainOf(b.do(used, nil).Body.String()))
	form.Set("act", "use")
	if code := b.do(used, form).Code; code != http.StatusSeeOther {
		t.Errorf("saying that it was used answers %d", code)
	}
	says(t, w.get(w.pathOf(pay), "en").Body.String(), "used by 1 co-op")
	form.Set("as", hilo.ID.String())
	if code := b.do(used, form).Code; code != http.StatusForbidden {
		t.Errorf("speaking for another co-op answers %d", code)
	}
}

// TestSuggesting goes from a reader of another co-op to the authors and back.
func TestSuggesting(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	hilo := w.member("hilo")
	pay := w.published(hilo, "How we set our pay", nil)
	path := "/library/" + pay.ID.String() + "/suggest"
	send := func(act string, more map[string]string) (int, string, string) {
		form := formOf(mainOf(b.do(path, nil).Body.String()))
		form.Del("description")
		for k, v := range map[string]string{"as": telar.ID.String(), "act": act, "title": pay.Title, "summary": pay.Summary, "text": "First line.\n\nBetter.\n", "reason": "clearer"} {
			form.Set(k, v)
		}
		for k, v := range more {
			form.Set(k, v)
		}
		answer := b.do(path, form)
		return answer.Code, answer.Body.String(), answer.Header().Get("Location")
	}
	_, page, _ := send("preview", nil)
	says(t, page, "What you change", "<ins>Better.</ins>")
	code, page, _ := send("send", map[string]string{"text": pay.Source, "reason": ""})
	if code != http.StatusUnprocessableEntity {
		t.Errorf("a suggestion that changes nothing answers %d", code)
	}
	says(t, page, "Text: you have changed nothing yet.", "why: this is needed")
	code, page, location := send("send", nil)
	if code != http.StatusSeeOther {
		t.Fatalf("suggesting answers %d: %s", code, page)
	}
	says(t, b.do(location, nil).Body.String(), "waits for an answer", "on its way", "Take it back", "-Do not take it up", "<ins>Better.</ins>")
	at, _, _ := strings.Cut(location, "?")
	says(t, b.do("/library/mine", nil).Body.String(), at, "Changes that you suggest")
	form := formOf(mainOf(b.do(location, nil).Body.String()))
	form.Set("act", "accept")
	if code := b.do(at, form).Code; code != http.StatusForbidden {
		t.Errorf("accepting one's own suggestion answers %d", code)
	}
	author := w.browserOf("bea", hilo)
	says(t, author.do("/library/mine", nil).Body.String(), at, "Changes that others suggest")
	form = formOf(mainOf(author.do(at, nil).Body.String()))
	form.Set("act", "accept")
	if code := author.do(at, form).Code; code != http.StatusSeeOther {
		t.Fatalf("taking it up answers %d", code)
	}
	says(t, w.get(w.pathOf(pay), "en").Body.String(), "Better.", "version 2", "Cooperativa telar", "clearer (@telar@"+host+")", "-(names)")
	says(t, b.do(at, nil).Body.String(), "taken up")
	if code := w.browserOf("eva", w.member("lana")).do(at, nil).Code; code != http.StatusNotFound {
		t.Errorf("the suggestion of others answers %d", code)
	}

	_, _, location = send("send", map[string]string{"text": "Another."})
	second, _, _ := strings.Cut(location, "?")
	pay, err := w.Store.Post(t.Context(), coop.System(), pay.ID)
	w.must(err)
	pay.Source = "Changed meanwhile."
	w.must(w.Outbox.EditArticle(t.Context(), pay))
	form = formOf(mainOf(author.do(second, nil).Body.String()))
	form.Set("act", "accept")
	if code := author.do(second, form).Code; code != http.StatusSeeOther {
		t.Fatalf("taking up what is out of date answers %d", code)
	}
	page = b.do(second, nil).Body.String()
	says(t, page, "out of date", "What the authors have changed meanwhile", "<ins>Changed meanwhile.</ins>", path+"?from=")
	_, again, _ := strings.Cut(page, path)
	again, _, _ = strings.Cut(again, `"`)
	says(t, b.do(path+again, nil).Body.String(), "Another.", "This is the text that you suggested before")
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.AddBlock(ctx, storage.Block{IRI: "https://x.example/b", Blocker: hilo.ID, Target: telar.ID, At: w.Now()})
	})
	says(t, b.do(second, nil).Body.String(), "Another.", "-Changed meanwhile.") // theirs are not for who may not read them
}

// TestBringingAFolder makes drafts of files, and publishes them once somebody says so.
func TestBringingAFolder(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	token := formOf(mainOf(b.do("/library/import", nil).Body.String())).Get("form_token")
	send := func(files map[string]string) *httptest.ResponseRecorder {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range map[string]string{"form_token": token, "as": telar.ID.String(), "language": "en", "license": coop.DefaultLicence, "act": "read"} {
			w.must(form.WriteField(name, value))
		}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			part, err := form.CreateFormFile("files", name)
			w.must(err)
			_, err = part.Write([]byte(files[name]))
			w.must(err)
		}
		w.must(form.Close())
		r := httptest.NewRequest(http.MethodPost, "/library/import", &body)
		r.Host = host
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		r.Header.Set("Accept-Language", "en")
		answer := httptest.NewRecorder()
		w.http.ServeHTTP(answer, r)
		return answer
	}
	var archive bytes.Buffer
	packed := zip.NewWriter(&archive)
	inside, err := packed.Create("posts/two.md")
	w.must(err)
	_, err = inside.Write([]byte("---\ntitle: Second of them\nurl: https://old.example/two\n---\nText of two.\n"))
	w.must(err)
	w.must(packed.Close())
	files := map[string]string{"one.md": "# First of them\n\nText of one.\n", "folder.zip": archive.String(), "broken.md": "---\nno end", "lacks.md": "# Without words\n\n- a list\n"}
	page := send(files).Body.String()
	says(t, page, "First of them", "Second of them", "begins with facts that have no end", "Summary: this is needed", "Publish 2 complete drafts")
	if code := send(map[string]string{"x.zip": "no archive"}).Code; code != http.StatusUnprocessableEntity {
		t.Errorf("a broken archive answers %d", code)
	}
	if code := send(nil).Code; code != http.StatusUnprocessableEntity {
		t.Errorf("no file answers %d", code)
	}
	says(t, send(files).Body.String(), "an article has this title already", "-Publish")
	if code := w.get("/coops/telar/articles/second-of-them", "en").Code; code != http.StatusNotFound {
		t.Errorf("a file was published by itself: %d", code)
	}
	form := url.Values{"form_token": {token}, "as": {telar.ID.String()}, "act": {"publish"}}
	for _, m := range regexp.MustCompile(`name="id" value="(\d+)"`).FindAllStringSubmatch(page, -1) {
		form.Add("id", m[1])
	}
	if code := b.do("/library/import", form).Code; code != http.StatusSeeOther {
		t.Fatalf("publishing answers %d", code)
	}
	says(t, w.get("/coops/telar/articles/second-of-them", "en").Body.String(), "Text of two.", "https://old.example/two")
}

// browserOf is a browser in which somebody new has signed in who publishes for a co-op.
func (w *world) browserOf(name string, a *coop.Account) *browser {
	w.t.Helper()
	who, err := w.Outbox.NewAccount(w.t.Context(), outbox.Registration{Kind: coop.Person, Name: name, Language: "en", Email: name + "@mail.example"})
	w.must(err)
	hash, err := w.Passwords.Hash(w.t.Context(), password)
	w.must(err)
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		if err := tx.SetPassword(ctx, who.ID, hash); err != nil {
			return err
		}
		_, err := tx.GiveRole(ctx, a.ID, who.ID, coop.Publisher, 0)
		return err
	})
	b := w.browser()
	b.signIn(name, password, "")
	return b
}
