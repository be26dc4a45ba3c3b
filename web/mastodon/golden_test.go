// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"minga/coop"
)

var update = flag.Bool("update", false, "write the golden files anew")

var longNumber = regexp.MustCompile(`([^.0-9])[0-9]{15,20}`)

// golden compares an answer with testdata/name.json.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, body, "", " "); err != nil {
		t.Fatalf("%s: %v in %s", name, err, body)
	}
	got := append(longNumber.ReplaceAll(out.Bytes(), []byte("${1}1")), '\n')
	file := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what it was:\n%s", name, diff)
	}
}

func TestJobAsStatus(t *testing.T) {
	d := oneDesk(t)
	_, telar := d.member("telar")
	job := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": "", "minga": map[string]any{"kind": "job", "job": opening()}})
	golden(t, "job", job.body)
	at := "/v1/statuses/" + job.text("id")
	content := job.text("content")
	if !strings.HasPrefix(content, "<p><strong>Desarrollo backend</strong></p><p>") || strings.Contains(content, "<li>") || coop.VisibleLength(content) >= 500 || job.text("spoiler_text") != "" {
		t.Errorf("content %s", content)
	}
	tags := job.doc["tags"].([]any)
	if len(tags) == 0 || len(tags) > 5 || tags[0].(map[string]any)["name"] != "coopjobs" {
		t.Errorf("tags %v", tags)
	}
	if a := d.call("PUT", at, telar, map[string]any{"status": "Any text"}); a.status != 422 || !strings.Contains(a.text("error"), "Empleo: falta") {
		t.Errorf("a job was made a note of: %d %s", a.status, a.body)
	}
	d.clock.Advance(time.Minute)
	edited := d.ok("PUT", at, telar, url.Values{"status": {""}, "minga[job][title]": {"Desarrollo backend y datos"}})
	if !strings.HasPrefix(edited.text("content"), "<p><strong>Desarrollo backend y datos</strong></p>") || edited.text("edited_at") == "" {
		t.Errorf("edited %s", edited.body)
	}
	d.clock.Advance(time.Minute)
	closed := d.ok("POST", "/v1/minga/jobs/"+job.text("id")+"/fill", telar, nil)
	if !strings.HasPrefix(closed.text("content"), "<p><strong>Cubierta: ") || closed.text("visibility") != "public" || closed.text("id") != job.text("id") {
		t.Errorf("closed %s", closed.text("content"))
	}
	if history := d.ok("GET", at+"/history", "", nil).list; len(history) != 3 || !strings.Contains(history[2]["content"].(string), "Cubierta") {
		t.Errorf("history %v", history)
	}
	if a := d.call("POST", "/v1/statuses", telar, map[string]any{"minga": map[string]any{"kind": "job", "job": map[string]any{"title": "x"}}}); a.status != 422 {
		t.Errorf("half a job: %d", a.status)
	}
	again := map[string]any{"minga": map[string]any{"kind": "job", "job": opening()}}
	if one, two := d.ok("POST", "/v1/statuses", telar, again, "k"), d.ok("POST", "/v1/statuses", telar, again, "k"); one.text("id") != two.text("id") {
		t.Error("the same job twice")
	}
}

func TestArticleAsStatus(t *testing.T) {
	d := oneDesk(t)
	_, telar := d.member("telar")
	article := d.ok("POST", "/v1/statuses", telar, map[string]any{
		"status": "Cambiamos tres veces la forma de decidir cuánto cobra cada quien.\n\n## Lo mismo para todos\n\nEra simple.\n", "language": "es",
		"minga": map[string]any{"kind": "article", "article": map[string]any{"title": "Cómo decidimos los retiros", "summary": "Tres modelos y lo que costó cada uno.", "tags": []string{"retiros"}}},
	})
	golden(t, "article", article.body)
	if article.text("spoiler_text") != "" || !strings.Contains(article.text("content"), "Tres modelos") {
		t.Errorf("article %s", article.body)
	}
	at := "/v1/statuses/" + article.text("id")
	source := d.ok("GET", at+"/source", telar, nil)
	if !strings.HasPrefix(source.text("text"), "Cambiamos") || source.text("spoiler_text") != "" || source.text("content_type") != "text/markdown" {
		t.Errorf("source %s", source.body)
	}
	d.clock.Advance(time.Minute)
	edited := d.ok("PUT", at, telar, url.Values{"status": {source.text("text") + "\nY corto.\n"}, "spoiler_text": {""}})
	if edited.text("minga", "title") != "Cómo decidimos los retiros" || !strings.Contains(edited.text("minga", "article", "html"), "Y corto.") || edited.text("minga", "article", "summary") == "" {
		t.Errorf("edited %s", edited.body)
	}
	history := d.ok("GET", at+"/history", "", nil).list
	if len(history) != 2 || history[0]["spoiler_text"] != "" {
		t.Errorf("history %v", history)
	}
}

// TestGoldenStatuses compares each kind of status with what it was: what clients read
// does not change unseen. Run with -update to write the files anew.
func TestGoldenStatuses(t *testing.T) {
	d := oneDesk(t)
	a, ana := d.person(coop.Person, "ana")
	_, beto := d.person(coop.Person, "beto")
	_, telar := d.member("telar")
	federation, err := d.Store.FederationAccount(d.Context())
	d.must(err)
	post := func(token string, members map[string]any) answer { return d.ok("POST", "/v1/statuses", token, members) }
	read := func(a answer, token string) []byte { return d.ok("GET", "/v1/statuses/"+a.text("id"), token, nil).body }

	note := post(ana, map[string]any{
		"status": "Hola @beto, hay pan #Pan https://telar.example/horno", "spoiler_text": "comida", "language": "es", "visibility": "unlisted", "media_ids": []string{d.picture(a, "una hogaza")},
	})
	reply := post(beto, map[string]any{"status": "¡Gracias!", "in_reply_to_id": note.text("id"), "language": "es"})
	for _, act := range []string{"favourite", "bookmark"} {
		d.ok("POST", "/v1/statuses/"+note.text("id")+"/"+act, beto, nil)
	}
	poll := post(ana, map[string]any{"status": "¿Qué pan?", "language": "es", "poll": map[string]any{"options": []string{"centeno", "trigo"}, "expires_in": 3600, "multiple": true}})
	d.ok("POST", "/v1/polls/"+poll.text("poll", "id")+"/votes", beto, map[string]any{"choices": []int{1}})
	direct := post(ana, map[string]any{"status": "@beto te lo guardo", "visibility": "direct", "language": "es"})
	private := post(ana, map[string]any{"status": "para quienes siguen", "visibility": "private", "language": "es"})
	local := post(telar, map[string]any{"status": "solo aquí", "language": "es", "minga": map[string]any{"audience": "local"}})
	members := post(telar, map[string]any{"status": "entre nosotras", "language": "es", "minga": map[string]any{"audience": "members:" + federation.ID.String()}})
	boost := d.ok("POST", "/v1/statuses/"+note.text("id")+"/reblog", beto, nil)

	golden(t, "note", read(note, beto))
	golden(t, "note_of_a_stranger", read(note, ""))
	golden(t, "reply", read(reply, ana))
	golden(t, "poll_asked", read(poll, ana))
	golden(t, "poll_voted", read(poll, beto))
	golden(t, "poll_of_a_stranger", read(poll, ""))
	golden(t, "direct", read(direct, beto))
	golden(t, "followers", read(private, ana))
	golden(t, "local", read(local, beto))
	golden(t, "members", read(members, telar))
	golden(t, "boost", boost.body)
	golden(t, "deleted", d.ok("DELETE", "/v1/statuses/"+poll.text("id"), ana, nil).body)
	golden(t, "scheduled", post(ana, map[string]any{"status": "luego", "scheduled_at": "2030-05-02T10:00:00.000Z", "language": "es"}).body)
}
