// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"minga/coop"
	"minga/storage"
)

// knowledge is an article as a client sends it.
func knowledge(title string, more ...any) map[string]any {
	a := map[string]any{"title": title, "summary": "Con paciencia.", "markdown": "Harina.\n\n## La masa\n\nAgua y sal.\n", "language": "es"}
	for i := 0; i+1 < len(more); i += 2 {
		a[more[i].(string)] = more[i+1]
	}
	return a
}

// ids are the ids of a list.
func (a answer) ids() []string {
	var ids []string
	for _, one := range a.list {
		ids = append(ids, fmt.Sprint(one["id"]))
	}
	return ids
}

// number is a member of the answer as a number; -1 for null.
func (a answer) number(path ...string) int {
	var at any = a.doc
	for _, step := range path {
		object, _ := at.(map[string]any)
		at = object[step]
	}
	if n, ok := at.(float64); ok {
		return int(n)
	}
	return -1
}

// TestArticleHistory: each edit is a version; a late one is shown both texts and
// changes nothing; versions are compared and restored.
func TestArticleHistory(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, telar := d.member("telar")
		id := d.ok("POST", "/v1/minga/articles", telar, knowledge("Cómo amasamos")).text("id")
		at := "/v1/minga/articles/" + id
		d.clock.Advance(time.Minute)
		edit := func(version int, text string) answer {
			return d.call("PUT", at, telar, map[string]any{"version": version, "markdown": text, "reason": "más claro"})
		}
		if a := edit(1, "Harina.\n\n## La masa\n\nAgua, sal y una noche.\n"); a.status != 200 || a.number("minga", "version") != 2 {
			t.Fatalf("an edit: %d %s", a.status, a.body)
		}
		before := d.ok("GET", at, "", nil)
		late := edit(1, "Harina sola.")
		if late.status != 409 || late.number("version") != 2 || late.text("yours", "markdown") != "Harina sola." || !strings.Contains(late.text("current", "markdown"), "una noche") || late.text("error") == "" {
			t.Errorf("a late edit: %d %s", late.status, late.body)
		}
		if a := d.call("PUT", at, telar, map[string]any{"markdown": "x"}); a.status != 422 || !strings.Contains(string(a.body), `"version"`) {
			t.Errorf("an edit of no version: %d %s", a.status, a.body)
		}
		if now := d.ok("GET", at, "", nil); string(now.body) != string(before.body) {
			t.Error("a refused edit changed the article")
		}
		list := d.ok("GET", at+"/revisions", "", nil).list
		if len(list) != 2 || list[0]["current"] != true || list[0]["version"] != 2.0 || list[0]["reason"] != "más claro" || list[1]["version"] != 1.0 {
			t.Errorf("revisions %v", list)
		}
		if one := d.ok("GET", at+"/revisions/1", "", nil); one.text("markdown") != "Harina.\n\n## La masa\n\nAgua y sal.\n" || one.doc["current"] != false {
			t.Errorf("version 1: %s", one.body)
		}
		diff := d.ok("GET", at+"/revisions/1/diff", "", nil)
		if want := "@@ -2,4 +2,4 @@\n \n ## La masa\n \n-Agua y sal.\n+Agua, sal y una noche.\n"; diff.text("unified") != want || diff.number("to") != 2 || diff.doc["title"] != nil {
			t.Errorf("diff %s", diff.body)
		}
		if back := d.ok("GET", at+"/revisions/2/diff?to=1", "", nil); !strings.Contains(back.text("unified"), "\n+Agua y sal.\n") {
			t.Errorf("the other way round: %s", back.body)
		}
		d.clock.Advance(time.Minute)
		restored := d.ok("POST", at+"/revisions/1/restore", telar, map[string]any{"version": 2})
		if restored.number("minga", "version") != 3 || restored.text("minga", "article", "markdown") != "Harina.\n\n## La masa\n\nAgua y sal.\n" {
			t.Errorf("restored %s", restored.body)
		}
		for path, want := range map[string]int{"/revisions/9": 404, "/revisions/x": 404, "/revisions/-1": 404, "/revisions/1/diff?to=9": 404, "/revisions/9/restore": 404} {
			method := "GET"
			if strings.HasSuffix(path, "restore") {
				method = "POST"
			}
			if a := d.call(method, at+path, telar, nil); a.status != want {
				t.Errorf("%s: %d, want %d", path, a.status, want)
			}
		}
		if a := d.call("POST", at+"/revisions/2/restore", telar, map[string]any{"version": 2}); a.status != 409 {
			t.Errorf("restored over a version that is not the last: %d", a.status)
		}
	})
}

// TestArticleAround: translations with how far they are behind, citations, who used it
// and when it was checked.
func TestArticleAround(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, telar := d.member("telar")
		trama, weft := d.member("trama")
		_, ana := d.person(coop.Person, "ana")
		original := d.ok("POST", "/v1/minga/articles", telar, knowledge("Cómo amasamos", "topics", []string{"Pan"}))
		at := "/v1/minga/articles/" + original.text("id")

		d.clock.Advance(time.Minute)
		made := d.ok("POST", at+"/translations", weft, map[string]any{"title": "How we bake", "summary": "With patience.", "markdown": "Flour.", "language": "en"})
		if made.text("minga", "article", "translation_of") != original.text("uri") || made.number("minga", "article", "stale_by") != 0 || made.text("minga", "article", "translation_of_id") != original.text("id") || made.text("minga", "article", "license") == "" {
			t.Errorf("translation %s", made.body)
		}
		d.clock.Advance(time.Minute)
		if now := d.ok("GET", at, "", nil); now.number("minga", "version") != 1 {
			t.Error("a translation made another version of its original")
		}
		d.ok("PUT", at, telar, map[string]any{"version": 1, "markdown": "Harina y más."})
		now := d.ok("GET", at, "", nil)
		translations, _ := now.doc["minga"].(map[string]any)["article"].(map[string]any)["translations"].([]any)
		if len(translations) != 1 {
			t.Fatalf("translations %s", now.body)
		}
		if one := translations[0].(map[string]any); one["language"] != "en" || one["stale_by"] != 1.0 || one["account"] != trama.ID.String() || one["id"] != made.text("id") {
			t.Errorf("translation %v", one)
		}
		if list := d.ok("GET", at+"/translations", "", nil); !slices.Equal(list.ids(), []string{made.text("id")}) {
			t.Errorf("translations %s", list.body)
		}
		for name, body := range map[string]map[string]any{
			"the same language":   {"title": "Cómo amasan", "summary": "x", "markdown": "y", "language": "es"},
			"no language":         {"title": "How they bake", "summary": "x", "markdown": "y"},
			"another licence":     {"title": "How they bake", "summary": "x", "markdown": "y", "language": "it", "license": "https://creativecommons.org/publicdomain/zero/1.0/"},
			"nothing to be read":  {"language": "it"},
			"no such licence":     {"title": "How they bake", "summary": "x", "markdown": "y", "language": "it", "license": "https://example.com/"},
			"from a version of 0": {"title": "How they bake", "summary": "x", "markdown": "y", "language": "it", "translated_version": -1},
		} {
			if a := d.call("POST", at+"/translations", weft, body); a.status != 422 || len(a.doc["details"].(map[string]any)) == 0 {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}

		closed := d.ok("POST", "/v1/minga/articles", telar, knowledge("Solo nuestro", "license", coop.NoReuse))
		if a := d.call("POST", "/v1/minga/articles/"+closed.text("id")+"/translations", weft, map[string]any{"title": "Only ours", "summary": "x", "markdown": "y", "language": "en"}); a.status != 422 || !strings.Contains(string(a.body), "translation_of") {
			t.Errorf("a translation that the licence does not allow: %d %s", a.status, a.body)
		}

		citing := d.ok("POST", "/v1/minga/articles", weft, knowledge("Lo que aprendimos", "citations", []string{original.text("uri")}))
		if list := d.ok("GET", at+"/citations", "", nil); !slices.Equal(list.ids(), []string{citing.text("id")}) {
			t.Errorf("citations %s", list.body)
		}

		for range 2 { // twice is once
			if used := d.ok("POST", at+"/used", weft, nil); used.number("minga", "article", "used_by_count") != 1 || used.doc["minga"].(map[string]any)["article"].(map[string]any)["used"] != true {
				t.Errorf("used %s", used.body)
			}
		}
		for who, token := range map[string]string{"a person": ana, "the author": telar} {
			if a := d.call("POST", at+"/used", token, nil); a.status != 403 {
				t.Errorf("%s used it: %d", who, a.status)
			}
		}
		if list := d.ok("GET", "/v1/minga/articles?order=used&limit=1", "", nil); len(list.list) != 1 || list.ids()[0] != original.text("id") || !strings.Contains(list.header.Get("Link"), "cursor=") {
			t.Errorf("most used first: %s", list.body)
		}
		if a := d.ok("DELETE", at+"/used", weft, nil); a.number("minga", "article", "used_by_count") != 0 {
			t.Errorf("used no more: %s", a.body)
		}
		d.clock.Advance(time.Minute)
		checked := d.ok("POST", at+"/checked", telar, nil)
		if checked.text("minga", "article", "checked_on") != d.clock.Now().Format(time.DateOnly) || checked.number("minga", "version") != 2 || checked.text("minga", "article", "checked_by") == "" {
			t.Errorf("checked %s", checked.body)
		}
		if list := d.ok("GET", at+"/revisions", "", nil).list; len(list) != 2 {
			t.Errorf("what only says that it was checked is %d versions", len(list))
		}
		if a := d.call("POST", at+"/checked", weft, nil); a.status != 403 {
			t.Errorf("checked by another: %d", a.status)
		}
	})
}

// TestArticlesAreFound: the query of the library, and its pages.
func TestArticlesAreFound(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, telar := d.member("telar")
		_, weft := d.member("trama")
		cc0 := "https://creativecommons.org/publicdomain/zero/1.0/"
		pan := d.ok("POST", "/v1/minga/articles", telar, knowledge("Cómo amasamos", "topics", []string{"Panadería"})).text("id")
		pay := d.ok("POST", "/v1/minga/articles", weft, knowledge("How we pay", "language", "en", "topics", []any{map[string]any{"uri": "https://topics.example/pay", "name": "Pay"}}, "license", cc0)).text("id")
		d.ok("POST", "/v1/minga/articles", weft, knowledge("Un borrador", "draft", true))
		old := d.ok("POST", "/v1/minga/articles", weft, knowledge("Algo viejo", "language", "es-AR")).text("id")
		d.ok("POST", "/v1/minga/articles/"+old+"/archive", weft, nil)
		for query, want := range map[string][]string{
			"":                                 {pay, pan},
			"lang=es":                          {pan},
			"lang=es,en":                       {pay, pan},
			"lang=%25":                         nil,
			"topic=panaderia":                  {pan},
			"topic=Panader%C3%ADa":             {pan},
			"topic=https://topics.example/pay": {pay},
			"license=" + url.QueryEscape(cc0):  {pay},
			"coop=telar":                       {pan},
			"coop=@trama@fed-sur.example":      {pay},
			"coop=nobody":                      nil,
			"federation=minga":                 {pay, pan},
			"federation=other":                 nil,
			"q=amasamos":                       {pan},
			"q=nothinglikeit":                  nil,
			"source=own":                       {pay, pan},
			"source=wider":                     nil,
			"state=archive&lang=es":            {old, pan},
			"series=https://x.example/s":       nil,
			"order=used":                       {pay, pan},
			"limit=1":                          {pay},
			"limit=1&max_id=" + pay:            {pan},
			"limit=1&min_id=" + pan:            {pay},
		} {
			if got := d.ok("GET", "/v1/minga/articles?"+query, "", nil); !slices.Equal(got.ids(), want) {
				t.Errorf("%s found %v, want %v", query, got.ids(), want)
			}
		}
		first := d.ok("GET", "/v1/minga/articles?limit=1", "", nil)
		if link := first.header.Get("Link"); !strings.Contains(link, "max_id="+pay) || !strings.Contains(link, `rel="prev"`) || first.header.Get("X-Total-Count") != "2" {
			t.Errorf("pages: %q of %q", link, first.header.Get("X-Total-Count"))
		}
	})
}

// TestSeriesAndTopics: articles in their order, and topics that can be followed.
func TestSeriesAndTopics(t *testing.T) {
	eachDesk(t, func(d *desk) {
		telarAccount, telar := d.member("telar")
		_, weft := d.member("trama")
		_, ana := d.person(coop.Person, "ana")
		federation, err := d.Store.FederationAccount(t.Context())
		d.must(err)
		lead := d.token(federation)

		series := d.ok("POST", "/v1/minga/series", telar, map[string]any{"title": "Lo básico", "summary": "Para empezar."})
		if d.call("GET", "/v1/minga/series/"+series.text("id"), "", nil).status != 404 || len(d.ok("GET", "/v1/minga/series", weft, nil).list) != 0 {
			t.Error("a series without articles is shown to others")
		}
		second := d.ok("POST", "/v1/minga/articles", telar, knowledge("Dos", "series", series.text("id"), "position", 2)).text("id")
		first := d.ok("POST", "/v1/minga/articles", telar, knowledge("Uno", "title", "Uno de dos", "series", map[string]any{"uri": series.text("uri"), "name": "otra cosa"}, "position", 1)).text("id")
		shown := d.ok("GET", "/v1/minga/series/"+series.text("id"), "", nil)
		articles, _ := shown.doc["articles"].([]any)
		if len(articles) != 2 || articles[0].(map[string]any)["id"] != first || articles[1].(map[string]any)["id"] != second || shown.text("account", "id") != telarAccount.ID.String() {
			t.Errorf("series %s", shown.body)
		}
		for name, s := range map[string]any{"another's": map[string]any{"uri": series.text("uri"), "name": "x"}, "one that never was": "117000000000000001"} {
			if a := d.call("POST", "/v1/minga/articles", weft, knowledge("Ajeno otra vez", "series", s)); a.status != 422 || !strings.Contains(string(a.body), `"series`) {
				t.Errorf("the series of %s: %d %s", name, a.status, a.body)
			}
		}
		d.clock.Advance(time.Minute)
		if a := d.ok("PATCH", "/v1/minga/series/"+series.text("id"), telar, map[string]any{"title": "Lo más básico"}); a.text("title") != "Lo más básico" || a.text("summary") != "Para empezar." || a.text("uri") != series.text("uri") {
			t.Errorf("changed series %s", a.body)
		}
		if a := d.call("PUT", "/v1/minga/series/"+series.text("id"), weft, map[string]any{"title": "Mío ahora"}); a.status != 403 {
			t.Errorf("another changes a series: %d", a.status)
		}
		if a := d.call("POST", "/v1/minga/series", telar, map[string]any{"title": "x"}); a.status != 422 {
			t.Errorf("a short title: %d", a.status)
		}

		topic := d.ok("POST", "/v1/minga/topics", lead, map[string]any{"name": "Retiros y sueldos"})
		if again := d.ok("POST", "/v1/minga/topics", lead, map[string]any{"name": "Retiros y sueldos"}); again.text("id") != topic.text("id") {
			t.Error("the same topic twice")
		}
		if a := d.call("POST", "/v1/minga/topics", telar, map[string]any{"name": "Mío"}); a.status != 403 {
			t.Errorf("a co-op makes a topic: %d", a.status)
		}
		for range 2 {
			if a := d.ok("POST", "/v1/minga/topics/"+topic.text("id")+"/follow", ana, nil); a.doc["following"] != true {
				t.Errorf("following %s", a.body)
			}
		}
		about := d.ok("POST", "/v1/minga/articles", telar, knowledge("Cuánto cobramos", "topics", []string{"Retiros y sueldos", "Caja"}))
		home := d.ok("GET", "/v1/timelines/home", ana, nil)
		if len(home.list) != 1 || home.list[0]["reblog"].(map[string]any)["id"] != about.text("id") {
			t.Errorf("home %s", home.body)
		}
		topics := d.ok("GET", "/v1/minga/topics", ana, nil).list
		if len(topics) != 2 || topics[1]["following"] != true || topics[1]["articles"] != 1.0 || topics[1]["id"] != topic.text("id") || topics[0]["id"] != nil || topics[0]["name"] != "Caja" {
			t.Errorf("topics %v", topics)
		}
		if some := d.ok("GET", "/v1/minga/topics?q=ret", "", nil).list; len(some) != 1 || some[0]["following"] != false {
			t.Errorf("topics that begin so %v", some)
		}
		if a := d.ok("DELETE", "/v1/minga/topics/"+topic.text("id")+"/follow", ana, nil); a.doc["following"] != false {
			t.Errorf("unfollowed %s", a.body)
		}
		if a := d.call("POST", "/v1/minga/topics/"+telarAccount.ID.String()+"/follow", ana, nil); a.status != 404 {
			t.Errorf("a co-op is followed as a topic: %d", a.status)
		}
	})
}

// TestStepsOutsideTheArrows: whatever is done to an article in whatever order, a step
// that its state does not have answers 422 and changes nothing.
func TestStepsOutsideTheArrows(t *testing.T) {
	d := oneDesk(t)
	_, telar := d.member("telar")
	other := d.ok("POST", "/v1/minga/articles", telar, knowledge("El nuevo")).text("uri")
	next := map[string]map[string]string{
		"draft":      {"publish": "published"},
		"published":  {"publish": "published", "archive": "archived", "supersede": "superseded", "withdraw": "gone"},
		"archived":   {"archive": "archived"},
		"superseded": {"supersede": "superseded"},
	}
	rapid.Check(t, func(rt *rapid.T) {
		draft := rapid.Bool().Draw(rt, "draft")
		id := d.ok("POST", "/v1/minga/articles", telar, knowledge("Uno de tantos", "draft", draft)).text("id")
		at, state := "/v1/minga/articles/"+id, "published"
		if draft {
			state = "draft"
		}
		for _, step := range rapid.SliceOfN(rapid.SampledFrom([]string{"publish", "archive", "supersede", "withdraw"}), 1, 4).Draw(rt, "steps") {
			before := d.call("GET", at, telar, nil)
			d.clock.Advance(time.Second)
			a := d.call("POST", at+"/"+step, telar, map[string]any{"by": other})
			to, allowed := next[state][step]
			after := d.call("GET", at, telar, nil)
			switch {
			case state == "gone":
				if a.status != 404 {
					rt.Fatalf("%s of what is gone: %d", step, a.status)
				}
			case !allowed && (a.status != 422 || string(before.body) != string(after.body)):
				rt.Fatalf("%s of one that is %s: %d %s", step, state, a.status, a.body)
			case allowed && to == "gone" && after.status != 404, allowed && to != "gone" && after.text("minga", "state") != to:
				rt.Fatalf("%s of one that is %s: %d, then %s", step, state, a.status, after.text("minga", "state"))
			}
			if allowed {
				state = to
			}
		}
	})
}

// TestUsedLikes: a like that was there becomes one that says that the article was used.
func TestUsedLikes(t *testing.T) {
	eachDesk(t, func(d *desk) {
		_, telar := d.member("telar")
		weft, token := d.member("trama")
		article := d.ok("POST", "/v1/minga/articles", telar, knowledge("Cómo amasamos"))
		d.ok("POST", "/v1/statuses/"+article.text("id")+"/favourite", token, nil)
		if a := d.ok("POST", "/v1/minga/articles/"+article.text("id")+"/used", token, nil); a.number("minga", "article", "used_by_count") != 1 || a.number("favourites_count") != 1 {
			t.Errorf("used %s", a.body)
		}
		id, err := coop.ParseID(article.text("id"))
		d.must(err)
		was, err := d.Store.ReactionOf(t.Context(), storage.Like, weft.ID, id)
		d.must(err)
		if was.UsedOn != d.clock.Now().Format(time.DateOnly) {
			t.Errorf("used on %q", was.UsedOn)
		}
	})
}
