// SPDX-License-Identifier: AGPL-3.0-or-later

package mastodon

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"minga/coop"
)

// posting is a job in each language, as somebody types it.
var posting = map[string]string{
	"en": "Job: Baker of bread\nWhere: Rosario, Argentina\nHours: 20-30\nPay: 1,900,000-2,300,000 ARS a month\nApply by: 20 December 2030\n\nYou bake bread with three others, four mornings a week, and sell it on Saturdays.\n\n#bread",
	"es": "Empleo: Panadera o panadero\nDónde: Rosario, Argentina\nHoras: 20-30\nPaga: 1.900.000-2.300.000 ARS al mes\nHasta: 20 de diciembre de 2030\n\nHacés pan con otras tres personas, cuatro mañanas por semana, y lo vendés los sábados.\n\n#bread",
	"ca": "Feina: Fornera o forner\nOn: Rosario, Argentina\nHores: 20-30\nSou: 1.900.000-2.300.000 ARS al mes\nFins a: 20 de desembre de 2030\n\nFas pa amb tres persones més, quatre matins per setmana, i el vens els dissabtes.\n\n#bread",
	"it": "Lavoro: Fornaia o fornaio\nDove: Rosario, Argentina\nOre: 20-30\nCompenso: 1.900.000-2.300.000 ARS al mese\nEntro: 20 dicembre 2030\n\nFai il pane con altre tre persone, quattro mattine alla settimana, e lo vendi il sabato.\n\n#bread",
	"pt": "Vaga: Padeira ou padeiro\nOnde: Rosario, Argentina\nHoras: 20-30\nRemuneração: 1.900.000-2.300.000 ARS por mês\nAté: 20 de dezembro de 2030\n\nVocê faz pão com outras três pessoas, quatro manhãs por semana, e vende aos sábados.\n\n#bread",
}

// told is the newest direct post of the instance to who holds the token; empty: none.
func (d *desk) told(token string) string {
	d.Helper()
	for _, one := range d.ok("GET", "/v1/notifications?types[]=mention", token, nil).list {
		status, _ := one["status"].(map[string]any)
		if one["account"].(map[string]any)["url"] == "https://fed-sur.example/about" && status["visibility"] == "direct" {
			return coop.VisibleText(status["content"].(string))
		}
	}
	return ""
}

// toJSON is a value as text.
func toJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// autumn sets the clock to a day on which the postings are open.
func (d *desk) autumn() {
	d.clock.Advance(time.Date(2030, 11, 20, 12, 0, 0, 0, time.UTC).Sub(d.clock.Now()))
}

func TestAJobIsTyped(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.autumn()
		_, telar := d.member("telar")
		for lang, text := range posting {
			s := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": text})
			title, _, _ := strings.Cut(text[strings.Index(text, ": ")+2:], "\n")
			if s.text("minga", "kind") != "job" || s.text("minga", "title") != title || s.text("language") != lang || s.text("minga", "closes_at") != "2030-12-20T23:59:59.000Z" {
				d.Fatalf("%s: %s", lang, s.body)
			}
			job := s.doc["minga"].(map[string]any)["job"].(map[string]any)
			pay, hours, place := job["pay"].(map[string]any), job["hours"].(map[string]any), job["place"].(map[string]any)
			if pay["currency"] != "ARS" || pay["min"] != "1900000" || pay["max"] != "2300000" || pay["per"] != "month" || hours["max"] != 30.0 || place["name"] != "Rosario" || place["country"] != "AR" {
				d.Errorf("%s: %v %v %v", lang, pay, hours, place)
			}
			if apply := job["apply"].([]any); len(apply) != 1 || apply[0].(map[string]any)["value"] != "https://fed-sur.example/coops/telar" {
				d.Errorf("%s: apply %v", lang, apply)
			}
			if source := d.ok("GET", "/v1/statuses/"+s.text("id")+"/source", telar, nil); source.text("text") != text {
				d.Errorf("%s: source %q", lang, source.text("text"))
			}
			said := d.told(telar)
			for _, want := range []string{"Publicado como empleo: " + title, "Rosario, AR", "20–30", "ARS 1.900.000–2.300.000", "20 de diciembre de 2030", s.text("url")} {
				if !strings.Contains(said, want) {
					d.Errorf("%s: %q is not said in %q", lang, want, said)
				}
			}
		}
		if board := d.ok("GET", "/v1/minga/jobs", "", nil); len(board.list) != 5 {
			d.Errorf("%d jobs on the board", len(board.list))
		}
	})
}

func TestATypedJobIsEditedAndClosed(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.autumn()
		_, telar := d.member("telar")
		text := posting["en"]
		s := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": text})
		at := "/v1/statuses/" + s.text("id")
		edit := func(text string) answer {
			d.clock.Advance(time.Minute)
			return d.call("PUT", at, telar, map[string]any{"status": text})
		}
		state := func() string { return d.ok("GET", at, telar, nil).text("minga", "state") }
		dear := strings.Replace(text, "1,900,000", "2,000,000", 1)
		edited := edit(dear)
		if edited.status != 200 || edited.doc["minga"].(map[string]any)["job"].(map[string]any)["pay"].(map[string]any)["min"] != "2000000" || edited.text("minga", "title") != "Baker of bread" {
			d.Fatalf("edited: %d %s", edited.status, edited.body)
		}
		broken := edit(strings.Replace(dear, "20-30", "many", 1))
		if broken.status != 422 || !strings.Contains(broken.text("error"), "Horas: “many”") || broken.doc["details"].(map[string]any)["hours"] == nil {
			d.Errorf("broken: %d %s", broken.status, broken.body)
		}
		if said := d.told(telar); !strings.Contains(said, "queda como estaba") || !strings.Contains(said, "“many”") || !strings.Contains(said, "/jobs/"+s.text("id")+"/edit") {
			d.Errorf("told %q", said)
		}
		if now := d.ok("GET", at+"/source", telar, nil).text("text"); now != dear || state() != "open" {
			d.Errorf("a broken edit changed the job: %q", now)
		}
		if a := edit("Just a note"); a.status != 422 || state() != "open" {
			d.Errorf("made a note of: %d", a.status)
		}
		if a := edit("En pausa\n" + dear); a.status != 200 || state() != "paused" {
			d.Errorf("paused: %d %s", a.status, a.body)
		}
		if a := edit(dear); a.status != 200 || state() != "open" {
			d.Errorf("open again: %d %s", a.status, a.body)
		}
		d.ok("POST", "/v1/minga/jobs/"+s.text("id")+"/pause", telar, nil)
		if now := d.ok("GET", at+"/source", telar, nil).text("text"); now != "Paused\n"+dear {
			d.Errorf("paused by the API: %q", now)
		}
		if a := edit("Filled\n" + strings.Replace(dear, "20-30", "many", 1)); a.status != 200 || state() != "filled" || !strings.Contains(a.text("content"), "<strong>Filled: Baker of bread</strong>") {
			d.Errorf("filled: %d %s", a.status, a.body)
		}
		if now := d.ok("GET", at+"/source", telar, nil).text("text"); now != "Filled\n"+dear {
			d.Errorf("filled: %q", now)
		}
		for _, late := range []string{dear, "Filled\n" + text, "Paused\n" + dear} {
			if a := edit(late); a.status != 422 || state() != "filled" {
				d.Errorf("%q reopened it: %d %s", late, a.status, a.body)
			}
		}
		if a := edit("Filled\n" + dear); a.status != 200 {
			d.Errorf("the same again: %d %s", a.status, a.body)
		}
	})
}

func TestAJobOfTheFormIsEditedAsText(t *testing.T) {
	d := oneDesk(t)
	_, telar := d.member("telar")
	job := d.ok("POST", "/v1/statuses", telar, map[string]any{"minga": map[string]any{"kind": "job", "job": opening()}})
	at := "/v1/statuses/" + job.text("id")
	text := d.ok("GET", at+"/source", telar, nil).text("text")
	if !strings.HasPrefix(text, "Empleo: Desarrollo backend\n") {
		d.Fatalf("source %q", text)
	}
	fields := func() (string, map[string]any) {
		m := d.ok("GET", at, telar, nil).doc["minga"].(map[string]any)
		return m["title"].(string), m["job"].(map[string]any)
	}
	_, before := fields()
	d.clock.Advance(time.Minute)
	d.ok("PUT", at, telar, map[string]any{"status": strings.Replace(text, "Desarrollo backend", "Desarrollo y datos", 1)})
	title, after := fields()
	if title != "Desarrollo y datos" {
		d.Errorf("title %s", title)
	}
	for _, same := range []string{"pay", "hours", "place", "deal", "probation", "membership_track", "hiring_steps", "apply", "skills", "languages", "employment_type"} {
		if toJSON(before[same]) != toJSON(after[same]) {
			d.Errorf("%s was %s and is %s", same, toJSON(before[same]), toJSON(after[same]))
		}
	}
	d.clock.Advance(time.Minute)
	if a := d.call("PUT", at, telar, map[string]any{"status": "Cubierto"}); a.status != 200 || a.text("minga", "state") != "filled" {
		d.Errorf("filled by one word: %d %s", a.status, a.body)
	}
}

func TestWhatIsNoJobStaysANote(t *testing.T) {
	d := oneDesk(t)
	d.autumn()
	_, telar := d.member("telar")
	_, ana := d.person(coop.Person, "ana")
	other := d.ok("POST", "/v1/statuses", ana, map[string]any{"status": "Hola"}).text("id")
	broken := strings.NewReplacer("Rosario, Argentina", "remote (Atlantis)", "ARS a month", "a month", "20 December 2030", "soon").Replace(posting["en"])
	for _, tt := range []struct {
		name, token string
		body        map[string]any
		told        []string // none: nobody is told
	}{
		{"lines that cannot be read", telar, map[string]any{"status": broken}, []string{"Dónde: “remote (Atlantis)” – «Atlantis» no es un país", "Paga: ", "falta la moneda", "Hasta: “soon”", "/jobs/new?from="}},
		{"a line that is missing", telar, map[string]any{"status": strings.Replace(posting["en"], "Hours: 20-30\n", "", 1)}, []string{"Horas: falta"}},
		{"what the rules of jobs refuse", telar, map[string]any{"status": strings.Replace(posting["en"], "20-30", "80", 1)}, []string{"Horas: el número es"}},
		{"an end that is over", telar, map[string]any{"status": strings.Replace(posting["en"], "2030", "2029", 1)}, []string{"Hasta: ese día ya pasó"}},
		{"a warning before it", telar, map[string]any{"status": posting["en"], "spoiler_text": "cw"}, []string{"advertencia de contenido"}},
		{"a poll", telar, map[string]any{"status": posting["en"], "poll": map[string]any{"options": []string{"a", "b"}, "expires_in": 600}}, []string{"no lleva encuesta"}},
		{"for followers alone", telar, map[string]any{"status": posting["en"], "visibility": "private"}, []string{"un empleo es público"}},
		{"a direct post is between people", telar, map[string]any{"status": "Job: look\n@ana", "visibility": "direct"}, nil},
		{"an answer is one", telar, map[string]any{"status": "Job: well done", "in_reply_to_id": other}, nil},
		{"an answer that means it", telar, map[string]any{"status": posting["en"], "in_reply_to_id": other}, []string{"no es respuesta"}},
		{"one that is over before it began", telar, map[string]any{"status": "Filled\n" + posting["en"]}, []string{"un empleo nuevo está abierto"}},
		{"somebody who takes messages and is not known", telar, map[string]any{"status": posting["en"] + "\nApply at: @nobody"}, []string{"Postular en: "}},
		{"a person publishes no jobs", ana, map[string]any{"status": posting["en"]}, nil},
	} {
		d.clock.Advance(time.Minute)
		before := d.told(tt.token)
		s := d.ok("POST", "/v1/statuses", tt.token, tt.body)
		if s.doc["minga"] != nil || !strings.HasPrefix(coop.VisibleText(s.text("content")), strings.SplitN(tt.body["status"].(string), "\n", 2)[0]) {
			t.Errorf("%s: %s", tt.name, s.body)
		}
		said := d.told(tt.token)
		if tt.told == nil && said != before {
			t.Errorf("%s: told %q", tt.name, said)
		}
		for _, want := range tt.told {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q is not said in %q", tt.name, want, said)
			}
		}
	}
	if board := d.ok("GET", "/v1/minga/jobs", "", nil); len(board.list) != 0 {
		t.Errorf("%d jobs on the board", len(board.list))
	}
}

func TestANoteIsCorrectedIntoAJob(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.autumn()
		_, telar := d.member("telar")
		note := d.ok("POST", "/v1/statuses", telar, map[string]any{"status": strings.Replace(posting["it"], "20-30", "tante", 1)})
		at := "/v1/statuses/" + note.text("id")
		d.clock.Advance(time.Minute)
		still := d.ok("PUT", at, telar, map[string]any{"status": strings.Replace(posting["it"], "20-30", "molte", 1)})
		if still.doc["minga"] != nil || !strings.Contains(d.told(telar), "molte") {
			d.Errorf("still none: %s", still.body)
		}
		d.clock.Advance(time.Minute)
		job := d.ok("PUT", at, telar, map[string]any{"status": posting["it"]})
		if job.text("id") != note.text("id") || job.text("minga", "kind") != "job" || job.text("minga", "state") != "open" || job.text("uri") != note.text("uri") || !strings.Contains(d.told(telar), "Publicado como empleo") {
			d.Errorf("corrected: %s", job.body)
		}
		if board := d.ok("GET", "/v1/minga/jobs", "", nil); len(board.list) != 1 {
			d.Errorf("%d jobs on the board", len(board.list))
		}
		if boosted := d.ok("GET", "/v1/statuses/"+note.text("id")+"/reblogged_by", "", nil); len(boosted.list) == 0 {
			d.Error("no board passed it on")
		}
		d.clock.Advance(time.Minute)
		if a := d.call("PUT", at, telar, map[string]any{"status": "Coperto\n" + posting["it"]}); a.status != 200 || a.text("minga", "state") != "filled" {
			d.Errorf("filled: %d %s", a.status, a.body)
		}
	})
}

func TestATypedJobBesides(t *testing.T) {
	d := oneDesk(t)
	d.autumn()
	coopAccount, telar := d.member("telar")
	d.person(coop.Person, "ana")
	_, bea := d.person(coop.Person, "bea")
	text := posting["en"] + "\n\nAsk @ana or @bea #pan"
	body := map[string]any{"status": text, "media_ids": []string{d.picture(coopAccount, "uno")}, "visibility": "unlisted", "language": "en"}
	one, two := d.ok("POST", "/v1/statuses", telar, body, "key"), d.ok("POST", "/v1/statuses", telar, body, "key")
	if one.text("id") != two.text("id") || one.text("minga", "kind") != "job" || one.text("visibility") != "unlisted" {
		t.Fatalf("posted %s", one.body)
	}
	if files := one.doc["media_attachments"].([]any); len(files) != 1 {
		t.Errorf("files %v", files)
	}
	if told := toJSON(d.ok("GET", "/v1/notifications", bea, nil).list); !strings.Contains(told, one.text("id")) {
		t.Errorf("who is named is not told: %s", told)
	}
	if said := d.told(telar); !strings.Contains(said, "No está en el tablero") {
		t.Errorf("told %q", said)
	}
	if board := d.ok("GET", "/v1/minga/jobs", "", nil); len(board.list) != 0 {
		t.Errorf("an unlisted job is on the board: %s", board.body)
	}
	d.clock.Advance(time.Minute)
	edited := d.ok("PUT", "/v1/statuses/"+one.text("id"), telar, map[string]any{"status": strings.Replace(text, "20-30", "20-35", 1), "media_ids": []string{one.doc["media_attachments"].([]any)[0].(map[string]any)["id"].(string)}})
	if len(edited.doc["media_attachments"].([]any)) != 1 || len(edited.doc["mentions"].([]any)) != 2 {
		t.Errorf("edited %s", edited.body)
	}
	due := d.clock.Now().Add(time.Hour)
	d.ok("POST", "/v1/statuses", telar, map[string]any{"status": posting["ca"], "scheduled_at": due})
	d.ok("POST", "/v1/statuses", telar, map[string]any{"status": strings.Replace(posting["ca"], "20-30", "moltes", 1), "scheduled_at": due})
	if said := d.told(telar); !strings.Contains(said, "moltes") || !strings.Contains(said, "programada") {
		t.Errorf("told %q", said)
	}
	d.clock.Advance(2 * time.Hour)
	d.tick(2)
	if board := d.ok("GET", "/v1/minga/jobs", "", nil); len(board.list) != 1 || board.list[0]["language"] != "ca" {
		t.Errorf("after the hour: %s", board.body)
	}
	gone := d.ok("DELETE", "/v1/statuses/"+one.text("id"), telar, nil)
	if !strings.HasPrefix(gone.text("text"), "Job: Baker of bread") {
		t.Errorf("to write anew: %q", gone.text("text"))
	}
}
