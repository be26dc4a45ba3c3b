// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"strings"
	"testing"
	"time"
)

func TestTheBoardIsCounted(t *testing.T) {
	d := oneDesk(t)
	d.autumn()
	_, telar := d.member("telar")
	one := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": posting["en"]})
	two := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": strings.NewReplacer("Rosario, Argentina", "da remoto (IT)", "20-30", "40").Replace(posting["it"])})
	counts := d.ok("GET", "/v1/minga/jobs/facets", telar, nil).doc
	for facet, want := range map[string]string{
		"country": `[{"count":1,"label":"Argentina","value":"AR"},{"count":1,"label":"Italia","value":"IT"}]`,
		"remote":  `[{"count":1,"label":"0","value":"0"},{"count":1,"label":"1","value":"1"}]`,
		"hours":   `[{"count":1,"label":"20-34","value":"20-34"},{"count":1,"label":"35-60","value":"35-60"}]`,
		"skill":   `[{"count":2,"label":"bread","value":"bread"}]`,
		"coop":    `[{"count":2,"label":"telar@fed-sur.example","value":"telar@fed-sur.example"}]`,
		"lang":    `[]`,
	} {
		if got := toJSON(counts[facet]); got != want {
			t.Errorf("%s: %s, want %s", facet, got, want)
		}
	}
	if got := toJSON(d.ok("GET", "/v1/minga/jobs/facets?country=AR&unknown=1", "", nil).doc["remote"]); got != `[{"count":1,"label":"0","value":"0"}]` {
		t.Errorf("of one country: %s", got)
	}
	similar := d.ok("GET", "/v1/minga/jobs/"+one.text("id")+"/similar", "", nil)
	if len(similar.list) != 1 || similar.list[0]["id"] != two.text("id") {
		t.Errorf("similar: %s", similar.body)
	}
}

func TestJobsHaveVersions(t *testing.T) {
	d := oneDesk(t)
	d.autumn()
	_, telar := d.member("telar")
	s := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": posting["en"]})
	at := "/v1/minga/jobs/" + s.text("id")
	version := func(a answer) any { return a.doc["minga"].(map[string]any)["version"] }
	if version(s) != 1.0 {
		t.Errorf("the first is %v", version(s))
	}
	d.clock.Advance(time.Minute)
	second := d.ok("PUT", at, telar, map[string]any{"title": "Baker of rye", "version": 1})
	if version(second) != 2.0 {
		t.Errorf("the second is %v", version(second))
	}
	d.clock.Advance(time.Minute)
	if a := d.call("PUT", at, telar, map[string]any{"title": "Baker of oats", "version": 1}); a.status != 409 {
		t.Errorf("an old one: %d %s", a.status, a.body)
	}
	if a := d.call("PUT", "/v1/statuses/"+s.text("id"), telar, map[string]any{"minga": map[string]any{"version": 1, "job": map[string]any{"title": "Baker of oats"}}}); a.status != 409 {
		t.Errorf("an old one of the status: %d %s", a.status, a.body)
	}
	if now := d.ok("GET", at, "", nil); now.text("minga", "title") != "Baker of rye" {
		t.Errorf("now %s", now.body)
	}
	d.clock.Advance(time.Minute)
	confirmed := d.ok("POST", at+"/confirm", telar, nil)
	if confirmed.text("minga", "confirmed_at") != "2030-11-20T12:03:00.000Z" || version(confirmed) != 3.0 {
		t.Errorf("confirmed: %s", confirmed.body)
	}
	source := d.ok("GET", "/v1/statuses/"+s.text("id")+"/source", telar, nil).text("text")
	if !strings.HasPrefix(source, "Job: Baker of rye\nWhere: Rosario, AR\n") {
		t.Errorf("the text after an edit of the fields: %q", source)
	}
}

func TestAJobIsJudgedAndBrought(t *testing.T) {
	d := oneDesk(t)
	d.autumn()
	_, telar := d.member("telar")
	judged := d.ok("POST", "/v1/minga/jobs/validate", telar, map[string]any{"job": opening()})
	consumers := judged.doc["consumers"].(map[string]any)
	if toJSON(judged.doc["errors"]) != "[]" || consumers["minga"].(map[string]any)["ok"] != true || consumers["search_engines"].(map[string]any)["json_ld"].(map[string]any)["@type"] != "JobPosting" || !strings.Contains(consumers["mastodon"].(string), "<strong>Desarrollo backend</strong>") {
		t.Errorf("good: %s", judged.body)
	}
	judged = d.ok("POST", "/v1/minga/jobs/validate", telar, map[string]any{"title": "Programador", "language": "es", "job": map[string]any{"place": map[string]any{"mode": "remote"}}})
	said := string(judged.body)
	for _, want := range []string{`"field":"place.applicants_from"`, `"hint":"one_gender"`, `"applicantLocationRequirements"`, `"ok":false`} {
		if !strings.Contains(said, want) {
			t.Errorf("%s is not said in %s", want, said)
		}
	}
	for _, address := range []string{"", "x", "http://10.0.0.1/job", "https://fed-sur.example/jobs"} {
		if a := d.call("POST", "/v1/minga/jobs/import", telar, map[string]any{"url": address}); a.status != 422 || a.doc["details"].(map[string]any)["url"] == nil {
			t.Errorf("import %q: %d %s", address, a.status, a.body)
		}
	}
	if a := d.call("POST", "/v1/minga/jobs/nothing", telar, map[string]any{}); a.status != 404 {
		t.Errorf("nothing: %d", a.status)
	}
}
