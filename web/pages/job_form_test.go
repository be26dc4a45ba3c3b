// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/storage"
)

// typedJob is a job as somebody types it, with a place that nobody knows.
const typedJob = "Job: Baker of bread\nWhere: remote (Atlantis)\nHours: 20-30\nPay: 2,100 EUR a month\nApply by: 20 December 2030\nKind: freelance\n\nYou bake bread with three others, four mornings a week, and sell it on Saturdays.\n\n#bread"

// publisher makes a co-op and a browser in which somebody who may publish for it has
// signed in.
func (w *world) publisher() (*coop.Account, *browser) {
	w.t.Helper()
	w.clock.Advance(time.Date(2030, 11, 20, 12, 0, 0, 0, time.UTC).Sub(w.clock.Now()))
	telar, ana := w.member("telar"), w.ana()
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.GiveRole(ctx, telar.ID, ana.ID, coop.Publisher, 0)
		return err
	})
	b := w.browser()
	b.signIn("ana", password, "")
	return telar, b
}

// formOf are the fields of the form on a page as a browser would send them.
func formOf(page string) url.Values {
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<input [^>]*>`).FindAllString(page, -1) {
		name, value, kind := fieldText(m, "name"), fieldText(m, "value"), fieldText(m, "type")
		if name != "" && (kind != "radio" && kind != "checkbox" || strings.Contains(m, " checked")) {
			form.Set(name, value)
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<select [^>]*name="(\w+)".*?</select>`).FindAllStringSubmatch(page, -1) {
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[0]); chosen != nil {
			form.Set(m[1], chosen[1])
		}
	}
	if m := regexp.MustCompile(`(?s)<textarea [^>]*>(.*?)</textarea>`).FindStringSubmatch(page); m != nil {
		form.Set("description", m[1])
	}
	return form
}

func fieldText(tag, name string) string {
	if m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag); m != nil {
		return m[1]
	}
	return ""
}

func TestTheFormOfAJob(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	page := b.do("/jobs/new", nil)
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "@telar@") {
		t.Fatalf("the form: %d %s", page.Code, page.Body)
	}
	send := func(path, act string, change map[string]string) (int, string, string) {
		t.Helper()
		form := formOf(b.do(path, nil).Body.String())
		for name, value := range change {
			form.Set(name, value)
		}
		form.Set("act", act)
		answer := b.do(strings.SplitN(path, "?", 2)[0], form)
		return answer.Code, answer.Body.String(), answer.Header().Get("Location")
	}
	code, body, _ := send("/jobs/new", "publish", map[string]string{"title": "Baker <b>", "hours_min": "many", "closes": "2030-12-20"})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, `role="alert" tabindex="-1" autofocus`) || !strings.Contains(body, `href="#hours_min"`) || !strings.Contains(body, `value="Baker &lt;b&gt;"`) || !strings.Contains(body, `value="many"`) {
		t.Errorf("refused: %d %s", code, body)
	}
	good := map[string]string{
		"title": "Baker of bread", "description": strings.Repeat("You bake bread with three others. ", 3), "skills": "bread, #sales", "mode": "hybrid", "town": "Rosario", "country": "AR", "office_days": "2",
		"hours_min": "20", "hours_max": "30,5", "pay_min": "2100", "currency": "eur", "per": "MONTH", "closes": "2030-12-20", "language": "en",
	}
	code, body, _ = send("/jobs/new", "publish", map[string]string{"title": "x"})
	for _, field := range []string{"title", "description", "skills", "town", "hours_min", "pay_min"} {
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#`+field+`"`) {
			t.Errorf("nothing is said of %s", field)
		}
	}
	code, body, _ = send("/jobs/new", "preview", good)
	if code != http.StatusOK || !strings.Contains(body, "<strong>Baker of bread</strong>") || !strings.Contains(body, "20–30.5 h a week") {
		t.Errorf("preview: %d %s", code, body)
	}
	if list, err := w.Store.Posts(t.Context(), coop.As(telar.ID), storage.PostQuery{Kinds: []coop.PostKind{coop.KindJob}, Drafts: true}, coop.Page{Limit: 10}); err != nil || len(list) != 0 {
		t.Errorf("a preview was kept: %d %v", len(list), err)
	}
	code, _, draft := send("/jobs/new", "draft", map[string]string{"title": "Baker of bread", "language": "en"})
	if code != http.StatusSeeOther || !strings.HasSuffix(draft, "/edit?saved=1") {
		t.Fatalf("draft: %d %s", code, draft)
	}
	code, body, to := send(draft, "publish", good)
	if code != http.StatusSeeOther || to != "/coops/telar/jobs/2030-001" {
		t.Fatalf("published: %d %s %s", code, to, body)
	}
	id := strings.TrimSuffix(strings.TrimPrefix(draft, "/jobs/"), "/edit?saved=1")
	code, body, _ = send("/jobs/"+id+"/edit", "publish", map[string]string{"hours_max": "35"})
	if code != http.StatusSeeOther {
		t.Errorf("edited: %d %s", code, body)
	}
	number, _ := coop.ParseID(id)
	p, err := w.Store.Post(t.Context(), coop.Anonymous(), number)
	w.must(err)
	if p.Job.HoursTo.String() != "35" || p.Job.OfficeDays != 2 || p.Job.ApplicantsFrom[0] != "AR" || len(p.Job.Skills) != 2 || p.Job.Pay.Max.String() != "2100" || p.Job.ApplyBy != telar.IRI || p.Job.Status != coop.JobOpen {
		t.Errorf("the job is %+v", p.Job)
	}
	entries, err := w.Store.Audit(t.Context(), storage.AuditQuery{}, coop.Page{Limit: 10})
	w.must(err)
	found := 0
	for _, e := range entries {
		if e.Who == "ana" && e.OnBehalf == telar.ID {
			found++
		}
	}
	if found != 3 {
		t.Errorf("%d acts are in the log: %+v", found, entries)
	}
}

func TestTheFormIsFilledInFromAPost(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	note := &coop.Post{Source: typedJob, Visibility: coop.VisiblePublic, Language: "en"}
	w.must(w.Outbox.PublishTyped(t.Context(), telar, note))
	if note.Job != nil {
		t.Fatal("it became a job")
	}
	path := "/jobs/new?from=" + note.ID.String()
	page := b.do(path, nil).Body.String()
	form := formOf(page)
	for name, want := range map[string]string{"title": "Baker of bread", "hours_max": "30", "pay_min": "2100", "currency": "EUR", "closes": "2030-12-20", "engagement": "freelance", "skills": "bread", "from": note.ID.String(), "language": "en"} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, not %q", name, form.Get(name), want)
		}
	}
	if !strings.Contains(page, "“remote (Atlantis)” stood there.") || !strings.Contains(page, `aria-invalid="true"`) || strings.Contains(path, "Baker") {
		t.Errorf("what is wrong: %s", page)
	}
	form.Set("mode", "remote")
	form.Set("from_where", "Argentina, UY")
	form.Set("act", "publish")
	answer := b.do("/jobs/new", form)
	if answer.Code != http.StatusSeeOther {
		t.Fatalf("published: %d %s", answer.Code, answer.Body)
	}
	p, err := w.Store.Post(t.Context(), coop.Anonymous(), note.ID)
	w.must(err)
	if p.Kind != coop.KindJob || p.IRI != note.IRI || strings.Join(p.Job.ApplicantsFrom, " ") != "AR UY" || p.Job.Status != coop.JobOpen {
		t.Errorf("the note is %s %+v", p.Kind, p.Job)
	}
	if job := b.do(answer.Header().Get("Location"), nil); job.Code != http.StatusOK || !strings.Contains(job.Body.String(), "Baker of bread") {
		t.Errorf("its page: %d", job.Code)
	}
	if again := b.do(path, nil); again.Code != http.StatusSeeOther || again.Header().Get("Location") != "/jobs/"+note.ID.String()+"/edit" {
		t.Errorf("once more: %d %s", again.Code, again.Header().Get("Location"))
	}
}

func TestTheFormIsForWhoMayPublish(t *testing.T) {
	w := newWorld(t)
	telar, b := w.publisher()
	other := w.member("otra")
	theirs := &coop.Post{Source: "Job: theirs", Visibility: coop.VisiblePublic}
	w.must(w.Outbox.PublishTyped(t.Context(), other, theirs))
	private := &coop.Post{Source: "Job: private @ana", Visibility: coop.VisibleDirect}
	w.must(w.Outbox.PublishTyped(t.Context(), telar, private))
	for _, path := range []string{"/jobs/new?from=" + theirs.ID.String(), "/jobs/new?from=" + private.ID.String(), "/jobs/new?from=x", "/jobs/" + theirs.ID.String() + "/edit", "/jobs/1/edit"} {
		if page := b.do(path, nil); page.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.Code)
		}
	}
	form := formOf(b.do("/jobs/new", nil).Body.String())
	form.Set("as", other.ID.String())
	form.Set("title", "In their name")
	form.Set("act", "draft")
	if page := b.do("/jobs/new", form); page.Code != http.StatusSeeOther {
		t.Errorf("a co-op that was not offered: %d", page.Code)
	}
	if list, err := w.Store.Posts(t.Context(), coop.As(other.ID), storage.PostQuery{Authors: []coop.ID{other.ID}, Drafts: true}, coop.Page{Limit: 10}); err != nil || len(list) != 0 {
		t.Errorf("%d drafts of another co-op, %v", len(list), err)
	}
	if page := w.browser().do("/jobs/new?from="+theirs.ID.String(), nil); page.Code != http.StatusSeeOther || !strings.HasPrefix(page.Header().Get("Location"), "/sign-in?next=") {
		t.Errorf("a stranger: %d %s", page.Code, page.Header().Get("Location"))
	}
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		ana, err := tx.AccountByHandle(ctx, "ana", "")
		if err == nil {
			_, err = tx.TakeRole(ctx, telar.ID, ana.ID, coop.Publisher, 0)
		}
		return err
	})
	if page := b.do("/jobs/new", nil); page.Code != http.StatusForbidden {
		t.Errorf("without the role: %d", page.Code)
	}
	if page := b.do("/jobs/new", form); page.Code != http.StatusForbidden {
		t.Errorf("sent without the role: %d", page.Code)
	}
}
