// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"minga/coop"
	"minga/storage"
)

// everything is a job with all that the form can say, in two languages.
func everything() map[string]string {
	return map[string]string{
		"language": "en", "title": "Baker of bread", "description": strings.Repeat("You bake bread with three others. ", 10), "skills": "bread, #sales", "mode": "onsite", "town": "Rosario", "country": "AR",
		"hours_min": "20", "hours_max": "30", "pay_min": "2100", "pay_max": "2300", "currency": "ars", "per": "MONTH", "engagement": "membership", "track": "expected", "probation": "6",
		"language_2": "es", "title_2": "Panadería compartida", "description_2": strings.Repeat("Horneas pan con tres personas. ", 10), "message": "1",
		"steps": "a letter\n\n a talk \n", "answer": "14", "openings": "2", "start": "2031-02-01", "work_1": "es", "level_1": "B2", "zone": "America/Argentina/Buenos_Aires", "zone_from": "09:00", "zone_until": "17:00",
		"decision": "consent", "surplus": "by-hours", "model": "equal", "ratio": "1,5", "share": "50000", "instalments": "10", "rhythm": "mornings", "benefits": "bread", "industry": "food", "new": "1",
	}
}

// typed sends the form of a path, changed.
func (b *browser) typed(path, act string, change map[string]string, headers ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	form := formOf(b.do(path, nil).Body.String())
	for name, value := range change {
		form.Set(name, value)
	}
	form.Set("act", act)
	to, _, _ := strings.Cut(path, "?")
	if act == "fragment" {
		to = "/jobs/preview"
	}
	return b.do(to, form, headers...)
}

// last is the newest job of the co-op.
func (w *world) last(t *testing.T, of coop.ID) *coop.Post {
	t.Helper()
	list, err := w.Store.JobsOf(t.Context(), of, coop.Page{Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d jobs, %v", len(list), err)
	}
	return list[0]
}

func TestAJobInTwoLanguagesWithAllThatItSays(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	page := b.do("/jobs/new", nil).Body.String()
	if !strings.Contains(page, `name="closes" type="date" value="2031-01-04"`) || !strings.Contains(page, `name="title_2"`) {
		t.Error("the form lacks its closing date or its second language")
	}
	if more := b.typed("/jobs/new", "language", everything()).Body.String(); !strings.Contains(more, `name="title_3"`) || !strings.Contains(more, `value="Panadería compartida"`) {
		t.Error("one more language loses the others")
	}
	part := b.typed("/jobs/new", "fragment", everything(), "Accept", "text/html; fragment=1")
	for _, want := range []string{"Nothing is missing", "<strong>Baker of bread</strong>", "<strong>Panadería compartida</strong>", "Path to membership", "<table"} {
		if !strings.Contains(part.Body.String(), want) || strings.Contains(part.Body.String(), "<html") {
			t.Errorf("the preview lacks %s: %d", want, part.Code)
		}
	}
	bare := b.typed("/jobs/new", "preview", map[string]string{"title": "Baker", "closes": ""}).Body.String()
	if !strings.Contains(bare, "Something is missing still") || !strings.Contains(bare, `class="is-bad"`) {
		t.Error("the preview of an unfinished job does not say what is missing")
	}
	if n, err := w.Store.JobsOf(t.Context(), telar.ID, coop.Page{}); err != nil || len(n) != 0 {
		t.Fatal("a preview was kept")
	}
	answer := b.typed("/jobs/new", "publish", everything())
	if answer.Code != http.StatusSeeOther {
		t.Fatalf("published: %d %s", answer.Code, answer.Body)
	}
	p := w.last(t, telar.ID)
	j := p.Job
	if j.TitleMap["es"] != "Panadería compartida" || j.TitleMap["en"] != "Baker of bread" || !strings.Contains(j.DescriptionMap["es"], "Horneas") || len(p.ContentMap) != 2 {
		t.Errorf("the languages: %v %v", j.TitleMap, p.ContentMap)
	}
	if len(j.HiringSteps) != 2 || j.HiringSteps[1] != "a talk" || j.AnswerWithin != 14 || j.Openings != 2 || j.Start != "2031-02-01" || j.PayRatio.String() != "1.5" || j.MemberShare.Instalments != 10 ||
		j.MemberShare.Currency != "ARS" || j.TimeOverlap.From != "09:00" || j.DecisionMethod != "consent" || j.PayModel != "equal" || len(j.Languages) != 1 || !*j.OpenToNew || j.WorkHours != "mornings" {
		t.Errorf("the job is %+v", j)
	}
	// The form shows it all again, and saving it changes nothing.
	again := b.typed("/jobs/"+p.ID.String()+"/edit", "publish", map[string]string{"description": j.Markdown["en"], "description_2": j.Markdown["es"], "steps": "a letter\na talk", "benefits": "bread"})
	if again.Code != http.StatusSeeOther {
		t.Fatalf("saved: %d %s", again.Code, again.Body)
	}
	after := w.last(t, telar.ID).Job
	after.Version = j.Version
	if len(after.HiringSteps) != 2 || after.TitleMap["es"] != j.TitleMap["es"] || after.PayRatio.String() != "1.5" || after.MemberShare.Instalments != 10 || after.Languages[0].Level != "B2" {
		t.Errorf("saved without a change: %+v", after)
	}
	// Closed in every language by one button.
	form := hidden(t, b.do(minePath, nil).Body.String(), "act=fill")
	form.Set("act", "fill")
	if answer := b.do("/jobs/"+p.ID.String()+"/step", form); answer.Code != http.StatusSeeOther || !strings.Contains(answer.Header().Get("Location"), "done=fill") {
		t.Fatalf("filled: %d %s", answer.Code, answer.Body)
	}
	closed := w.last(t, telar.ID)
	for lang, word := range map[string]string{"en": "Filled: Baker of bread", "es": "Cubierta: Panadería compartida"} {
		if !strings.Contains(closed.ContentMap[lang], word) {
			t.Errorf("in %s it says %s", lang, closed.ContentMap[lang])
		}
	}
	// Another like it names what it repeats.
	like := b.typed("/jobs/new?like="+p.ID.String(), "publish", map[string]string{"description": everything()["description"], "description_2": everything()["description_2"]})
	if like.Code != http.StatusSeeOther {
		t.Fatalf("like it: %d %s", like.Code, like.Body)
	}
	if next := w.last(t, telar.ID); next.ID == p.ID || next.Job.RepostOf != p.IRI || next.Job.Identifier.Value == j.Identifier.Value || next.Job.Status != coop.JobOpen {
		t.Errorf("like it: %+v", next.Job)
	}
}

func TestWhatIsWrongWithTheSecondLanguage(t *testing.T) {
	w := newWorld(t)
	_, b := w.publisher()
	for _, tt := range []struct {
		name   string
		change map[string]string
		field  string
	}{
		{"the same language twice", map[string]string{"language_2": "en"}, "language_2"},
		{"a title without a text", map[string]string{"description_2": ""}, "description_2"},
		{"a title of one letter", map[string]string{"title_2": "x"}, "title_2"},
		{"a text of one word", map[string]string{"description_2": "Pan"}, "description_2"},
		{"nine steps", map[string]string{"steps": strings.Repeat("a\n", 9)}, "steps"},
		{"an answer in a year", map[string]string{"answer": "365"}, "answer"},
		{"a zone that is none", map[string]string{"zone": "Mars"}, "zone"},
		{"a ratio of words", map[string]string{"ratio": "fair"}, "ratio"},
		{"the form that the co-op has not turned on", map[string]string{"form": "1"}, "form"},
	} {
		change := everything()
		for name, value := range tt.change {
			change[name] = value
		}
		answer := b.typed("/jobs/new", "publish", change)
		page := answer.Body.String()
		if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#`+tt.field+`"`) || !strings.Contains(page, `value="Panadería compartida"`) && tt.field != "title_2" {
			t.Errorf("%s: %d", tt.name, answer.Code)
		}
	}
}

// TestMyHiring looks at the page from the sides of those who may see it.
func TestMyHiring(t *testing.T) {
	o := newOffice(t)
	page := o.hirer.do(minePath, nil).Body.String()
	if !strings.Contains(page, `/jobs/`+o.job.ID.String()+`/applications"`) || !strings.Contains(page, "0 applications") || strings.Contains(page, "/jobs/mine/form") {
		t.Errorf("the hirer's page: %s", page)
	}
	form := hidden(t, page, "act=fill")
	form.Set("as", o.coop.ID.String())
	if code := o.hirer.do("/jobs/mine/form", form).Code; code != http.StatusForbidden {
		t.Errorf("who is no steward turns the form off: %d", code)
	}
	o.role(coop.Steward)
	if answer := o.hirer.do("/jobs/mine/form", form); answer.Code != http.StatusSeeOther {
		t.Errorf("the steward turns it off: %d %s", answer.Code, answer.Body)
	}
	p, err := o.Store.Post(t.Context(), coop.System(), o.job.ID)
	o.must(err)
	if p.Job.DirectApply || o.browser().do(o.path, nil).Code != http.StatusNotFound {
		t.Error("the form is still a way to apply")
	}
	ben := o.browser()
	ben.stranger("ben", coop.RankOwner)
	if code := ben.do(minePath, nil).Code; code != http.StatusForbidden {
		t.Errorf("who hires for nobody gets %d", code)
	}
	other := url.Values{"form_token": hidden(t, ben.do("/settings/security", nil).Body.String(), "form_token")["form_token"], "act": {"close"}}
	if code := ben.do("/jobs/"+o.job.ID.String()+"/step", other).Code; code != http.StatusNotFound {
		t.Errorf("a stranger closes a job: %d", code)
	}
}

// TestIsItStillOpen asks seven days before the end, once, and takes one press.
func TestIsItStillOpen(t *testing.T) {
	o := newOffice(t)
	sink, ctx := o.withMail(), t.Context()
	o.clock.Advance(o.job.Job.ValidThrough.AddDate(0, 0, -8).Sub(o.clock.Now()))
	if n, err := o.Outbox.AskStillOpen(ctx); err != nil || n != 0 {
		t.Errorf("asked too early: %d %v", n, err)
	}
	o.clock.Advance(25 * 3600e9)
	for _, want := range []int{1, 0} {
		if n, err := o.Outbox.AskStillOpen(ctx); err != nil || n != want {
			t.Errorf("asked %d times, want %d: %v", n, want, err)
		}
	}
	mail := o.post(sink)
	link, ok := strings.CutPrefix(mail.Link(), "https://"+host)
	if !ok || mail.To != "Ana@mail.example" || !strings.Contains(mail.Subject, "Desarrollo backend") {
		t.Fatalf("the mail: %+v", mail)
	}
	nobody := o.browser() // the link is enough
	page := nobody.do(link, nil)
	if page.Code != http.StatusOK {
		t.Fatalf("the page answers %d", page.Code)
	}
	p, err := o.Store.Post(ctx, coop.System(), o.job.ID)
	o.must(err)
	if !p.Job.ValidThrough.Equal(o.job.Job.ValidThrough) {
		t.Error("looking at the page changed the job")
	}
	form := hidden(t, page.Body.String(), "act=extend")
	form.Set("act", "extend")
	if answer := nobody.do(link, form); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "open for longer") {
		t.Errorf("extended: %d %s", answer.Code, answer.Body)
	}
	p, err = o.Store.Post(ctx, coop.System(), o.job.ID)
	o.must(err)
	if !p.Job.ValidThrough.Equal(p.Job.Roof()) {
		t.Errorf("open until %s, want %s", p.Job.ValidThrough, p.Job.Roof())
	}
	entries, err := o.Store.Audit(ctx, storage.AuditQuery{}, coop.Page{Limit: 1})
	o.must(err)
	if entries[0].Who != "ana" || entries[0].OnBehalf != o.coop.ID {
		t.Errorf("the log says %+v", entries[0])
	}
	// Who publishes for the co-op no more decides no more.
	ana, err := o.Store.AccountByHandle(ctx, "ana", "")
	o.must(err)
	o.must(o.Store.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.TakeRole(ctx, o.coop.ID, ana.ID, coop.Publisher, 0)
		return err
	}))
	form.Set("act", "close")
	if code := nobody.do(link, form).Code; code != http.StatusForbidden {
		t.Errorf("without the role: %d", code)
	}
	if nobody.do("/still-open/ABCDEFGHIJKLMNOPQRSTUVWXYZ", nil).Code != http.StatusNotFound {
		t.Error("a link that never was leads somewhere")
	}
}
