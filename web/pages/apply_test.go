// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"minga/coop"
	"minga/outbox"
	"minga/storage"
)

// unspoken stands in everything that an applicant writes: it is found nowhere that is not
// sealed.
const unspoken = "Wilhelmina-Geheimnis"

// pdf is a small document of its own.
func pdf(word string) string {
	return "%PDF-1.4\n" + unspoken + word + strings.Repeat("\x00text", 20_000)
}

// attachment is a file that is sent.
type attachment struct{ name, body string }

// sends sends a form with files as a browser does.
func (b *browser) sends(path string, form url.Values, files ...attachment) *httptest.ResponseRecorder {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	write := func(name string) {
		for _, value := range form[name] {
			b.must(w.WriteField(name, value))
		}
	}
	write("form_token")
	for name := range form {
		if name != "form_token" {
			write(name)
		}
	}
	for _, file := range files {
		part, err := w.CreateFormFile("files", file.name)
		b.must(err)
		_, err = part.Write([]byte(file.body))
		b.must(err)
	}
	b.must(w.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Host = host
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept-Language", "en")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer := httptest.NewRecorder()
	b.http.ServeHTTP(answer, r)
	return answer
}

// office is a world with a co-op that takes applications by the form, and its hirer.
type office struct {
	*world
	job   *coop.Post
	path  string
	hirer *browser
}

func newOffice(t *testing.T) *office {
	w := newWorld(t)
	telar, b := w.publisher()
	w.coop = telar
	o := &office{world: w, hirer: b}
	w.role(coop.Hirer)
	w.must(w.Outbox.UseForm(t.Context(), telar, true))
	o.job = w.publish(func(p *coop.Post) { p.Job.DirectApply = true })
	o.path = "/jobs/" + o.job.ID.String() + "/apply"
	return o
}

// role gives ana one more role in the co-op.
func (w *world) role(role coop.Role) {
	w.t.Helper()
	ana, err := w.Store.AccountByHandle(w.t.Context(), "ana", "")
	w.must(err)
	w.write(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.GiveRole(ctx, w.coop.ID, ana.ID, role, 0)
		return err
	})
}

// form is the form with everything that a person writes.
func (o *office) form(b *browser) url.Values {
	o.t.Helper()
	page := b.do(o.path, nil)
	if page.Code != http.StatusOK {
		o.t.Fatalf("the form answers %d: %s", page.Code, page.Body)
	}
	form := hidden(o.t, page.Body.String(), "message")
	form.Set("name", unspoken+" <b>")
	form.Set("email", "w.geheimnis@mail.example")
	form.Set("message", "I write services.\n\n"+unspoken)
	return form
}

// readable finds files of this test in which a word stands as it is.
func readable(t *testing.T, word string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Dir(t.TempDir()), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(word)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// sealed counts the files of applications.
func sealed(t *testing.T) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(t.TempDir()), "*", "sealed", "*", "*.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func TestSomebodyAppliesByTheForm(t *testing.T) {
	o := newOffice(t)
	sink := o.withMail()
	visitor, ctx := o.browser(), t.Context()
	if page := visitor.do(o.pathOf(o.job), nil).Body.String(); !strings.Contains(page, `href="`+o.path+`"`) {
		t.Error("the page of the job does not lead to the form")
	}
	form := o.form(visitor)
	answer := visitor.sends(o.path, form, attachment{"cv.pdf", pdf("one")}, attachment{"Zeugnis Ä.PDF", pdf("two")})
	page := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || page != "/applications/"+form.Get("key")+"?sent=1" {
		t.Fatalf("applied: %d %s %s", answer.Code, page, answer.Body)
	}
	if again := visitor.sends(o.path, form, attachment{"cv.pdf", pdf("one")}); again.Code != http.StatusSeeOther || again.Header().Get("Location") != page {
		t.Errorf("pressed twice: %d", again.Code)
	}
	mine := visitor.do(page, nil)
	for _, want := range []string{unspoken + " &lt;b&gt;", "Zeugnis Ä.PDF", "w.geheimnis@mail.example", "noindex", "Desarrollo backend"} {
		if !strings.Contains(mine.Body.String(), want) {
			t.Errorf("the applicant's page lacks %s: %s", want, mine.Body)
		}
	}
	if cache := mine.Header().Get("Cache-Control"); cache != "private, no-store" {
		t.Errorf("the applicant's page may be kept: %q", cache)
	}
	mail := o.post(sink)
	if mail.To != "w.geheimnis@mail.example" && len(sink.Mails()) != 2 {
		t.Fatalf("mails: %+v", sink.Mails())
	}
	for _, mail := range sink.Mails() {
		link, ok := strings.CutPrefix(mail.Link(), "https://"+host)
		if mail.To == "Ana@mail.example" {
			if strings.Contains(mail.Body, unspoken) || !strings.HasSuffix(link, "/applications") {
				t.Errorf("the hirer's mail: %s", mail.Body)
			}
			continue
		}
		if !ok || link == "/applications/"+form.Get("key") || visitor.do(link, nil).Code != http.StatusOK {
			t.Errorf("the link of the mail leads nowhere: %s", link)
		}
	}
	archive := visitor.do("/applications/"+form.Get("key")+"/export.zip", nil)
	files, err := zip.NewReader(bytes.NewReader(archive.Body.Bytes()), int64(archive.Body.Len()))
	if err != nil || len(files.File) != 3 || files.File[1].Name != "2-Zeugnis Ä.pdf" || files.File[1].UncompressedSize64 != uint64(len(pdf("two"))) {
		t.Errorf("the export: %v", err)
	}
	if found := readable(t, unspoken); len(found) > 0 {
		t.Errorf("it lies readable in %v", found)
	}
	if left, err := o.Store.Applications(ctx, o.coop.ID, o.job.ID, coop.Page{Limit: 10}); err != nil || len(left) != 1 || sealed(t) != 2 {
		t.Errorf("%d applications, %d files, %v", len(left), sealed(t), err)
	}
	// One press and nothing is left.
	gone := visitor.do("/applications/"+form.Get("key"), hidden(t, mine.Body.String(), "form_token"))
	if gone.Code != http.StatusSeeOther || gone.Header().Get("Location") != "/applications/withdrawn" || visitor.do("/applications/withdrawn", nil).Code != http.StatusOK {
		t.Errorf("withdrawn: %d", gone.Code)
	}
	if visitor.do(page, nil).Code != http.StatusNotFound || sealed(t) != 0 {
		t.Errorf("something is left: %d files", sealed(t))
	}
}

func TestWhatTheFormRefuses(t *testing.T) {
	o := newOffice(t)
	b := o.browser()
	big := "%PDF-1.4" + strings.Repeat("x", coop.MaxApplicationFile)
	for _, tt := range []struct {
		name   string
		change map[string]string
		files  []attachment
		field  string
	}{
		{"no name", map[string]string{"name": " "}, nil, "name"},
		{"no address", map[string]string{"email": "nobody"}, nil, "email"},
		{"no message", map[string]string{"message": ""}, nil, "message"},
		{"a message of 5,001 characters", map[string]string{"message": strings.Repeat("ñ", 5001)}, nil, "message"},
		{"a page that calls itself a PDF", nil, []attachment{{"cv.pdf", "<html><script>x()</script>"}}, "files"},
		{"a PDF that calls itself a page", nil, []attachment{{"cv.html", pdf("")}}, "files"},
		{"an empty file", nil, []attachment{{"cv.pdf", ""}}, "files"},
		{"a PDF of more than 5 MiB", nil, []attachment{{"cv.pdf", big}}, "files"},
		{"four PDFs", nil, []attachment{{"1.pdf", pdf("")}, {"2.pdf", pdf("")}, {"3.pdf", pdf("")}, {"4.pdf", pdf("")}}, "files"},
	} {
		form := o.form(b)
		for name, value := range tt.change {
			form.Set(name, value)
		}
		answer := b.sends(o.path, form, tt.files...)
		page := answer.Body.String()
		if answer.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#`+tt.field+`"`) || !strings.Contains(page, `id="`+tt.field+`-problem"`) {
			t.Errorf("%s: %d %s", tt.name, answer.Code, page)
		}
		if tt.field == "files" && !strings.Contains(page, "I write services.") || !strings.Contains(page, form.Get("key")) {
			t.Errorf("%s: what was typed is lost", tt.name)
		}
	}
	if n := sealed(t); n != 0 {
		t.Errorf("%d files of forms that were refused are left", n)
	}
	form := o.form(b)
	form.Del("form_token")
	if answer := b.sends(o.path, form, attachment{"cv.pdf", pdf("")}); answer.Code != http.StatusForbidden {
		t.Errorf("without the token of the form: %d", answer.Code)
	}
	if answer := o.browser().sends(o.path, o.form(b)); answer.Code != http.StatusForbidden {
		t.Errorf("with the token of another: %d", answer.Code)
	}
	if list, err := o.Store.Applications(t.Context(), o.coop.ID, o.job.ID, coop.Page{}); err != nil || len(list) != 0 || sealed(t) != 0 {
		t.Errorf("%d were kept: %v", len(list), err)
	}
	plain := o.publish(nil)
	if code := b.do("/jobs/"+plain.ID.String()+"/apply", nil).Code; code != http.StatusNotFound {
		t.Errorf("a job without the form answers %d", code)
	}
	form = o.form(b)
	o.write(func(ctx context.Context, tx *storage.Tx) error { return tx.FreezeJob(ctx, o.job.ID, true) })
	if code := b.sends(o.path, form).Code; code != http.StatusNotFound {
		t.Errorf("a job under review answers %d", code)
	}
	o.write(func(ctx context.Context, tx *storage.Tx) error { return tx.FreezeJob(ctx, o.job.ID, false) })
	if _, err := o.Outbox.StepJob(t.Context(), o.job.ID, "pause"); err != nil {
		t.Fatal(err)
	}
	if answer := b.do(o.path, nil); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != o.pathOf(o.job) {
		t.Errorf("a paused job answers %d", answer.Code)
	}
}

func TestOnlyHirersReadApplications(t *testing.T) {
	o := newOffice(t)
	visitor := o.browser()
	if answer := visitor.sends(o.path, o.form(visitor), attachment{"../x\"\r\n.pdf", pdf("")}); answer.Code != http.StatusSeeOther {
		t.Fatalf("applied: %d", answer.Code)
	}
	reading := "/jobs/" + o.job.ID.String() + "/applications"
	page := o.hirer.do(reading, nil).Body.String()
	if !strings.Contains(page, unspoken+" &lt;b&gt;") || !strings.Contains(page, "mailto:w.geheimnis@mail.example?subject=Desarrollo%20backend") {
		t.Fatalf("the hirer reads %s", page)
	}
	list, err := o.Store.Applications(t.Context(), o.coop.ID, o.job.ID, coop.Page{})
	o.must(err)
	one := reading + "/" + list[0].ID.String()
	file := o.hirer.do(one+"/1", nil)
	header := file.Header()
	if file.Body.String() != pdf("") || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment;") || strings.ContainsAny(header.Get("Content-Disposition"), "/\r\n") ||
		header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("the file: %d %v", file.Code, header)
	}
	// Nobody else: not who publishes for the co-op, not the owner of the server.
	ben := o.browser()
	ben.stranger("ben", coop.RankOwner)
	for _, path := range []string{reading, one + "/1"} {
		if code := ben.do(path, nil).Code; code != http.StatusNotFound {
			t.Errorf("the owner of the server gets %d at %s", code, path)
		}
		if code := o.browser().do(path, nil).Code; code != http.StatusSeeOther {
			t.Errorf("a stranger gets %d at %s", code, path)
		}
	}
	form := hidden(t, ben.do("/settings/security", nil).Body.String(), "form_token")
	form.Set("act", "deleted")
	if code := ben.do(one, form).Code; code != http.StatusNotFound {
		t.Errorf("the owner of the server deletes: %d", code)
	}
	for _, path := range []string{o.pathOf(o.job), "/jobs", "/jobs.json", "/jobs.ics", "/@telar"} {
		if body := visitor.do(path, nil).Body.String(); strings.Contains(body, unspoken) || strings.Contains(body, "1 application") {
			t.Errorf("%s tells of the application", path)
		}
	}
	// Answering is noted with the person, without a name of the applicant.
	act := hidden(t, page, "act=answered")
	act.Set("act", "answered")
	if answer := o.hirer.do(one, act); answer.Code != http.StatusSeeOther {
		t.Fatalf("answered: %d %s", answer.Code, answer.Body)
	}
	entries, err := o.Store.Audit(t.Context(), storage.AuditQuery{}, coop.Page{Limit: 1})
	o.must(err)
	if e := entries[0]; e.Who != "ana" || e.OnBehalf != o.coop.ID || e.Target != "application "+list[0].ID.String() {
		t.Errorf("the log says %+v", e)
	}
	if record, err := o.Store.AnswerRecord(t.Context(), o.coop.ID); err != nil || record != (coop.AnswerRecord{Due: 1, Kept: 1}) {
		t.Errorf("answers: %+v %v", record, err)
	}
}

// stranger makes a person with a rank and lets them sign in.
func (b *browser) stranger(name string, rank coop.Rank) *coop.Account {
	b.t.Helper()
	a, err := b.Outbox.NewAccount(b.t.Context(), outbox.Registration{Kind: coop.Person, Name: name, Language: "en", Rank: rank})
	b.must(err)
	hash, err := b.Passwords.Hash(b.t.Context(), password)
	b.must(err)
	b.write(func(ctx context.Context, tx *storage.Tx) error { return tx.SetPassword(ctx, a.ID, hash) })
	b.signIn(name, password, "")
	return a
}

func TestTheEndOfAJobEndsItsApplications(t *testing.T) {
	o := newOffice(t)
	sink := o.withMail()
	visitor, ctx := o.browser(), t.Context()
	form := o.form(visitor)
	if answer := visitor.sends(o.path, form, attachment{"cv.pdf", pdf("")}); answer.Code != http.StatusSeeOther {
		t.Fatalf("applied: %d", answer.Code)
	}
	o.post(sink)
	if n, err := o.Outbox.TellApplicants(ctx); err != nil || n != 0 {
		t.Errorf("told %d of a job that is open: %v", n, err)
	}
	_, err := o.Outbox.StepJob(ctx, o.job.ID, "fill")
	o.must(err)
	for range 2 { // each is told once
		if _, err := o.Outbox.TellApplicants(ctx); err != nil {
			t.Fatal(err)
		}
	}
	before := len(sink.Mails())
	mail := o.post(sink)
	if len(sink.Mails()) != before+1 || mail.To != "w.geheimnis@mail.example" || mail.Subject != "“Desarrollo backend” has been filled" {
		t.Errorf("the mail: %+v", mail)
	}
	page := visitor.do("/applications/"+form.Get("key"), nil).Body.String()
	if day := o.words.of("en").Day(o.clock.Now().Add(coop.ApplicationLife)); !strings.Contains(page, day) || !strings.Contains(mail.Body, day) {
		t.Errorf("neither page nor mail name %s", day)
	}
	o.clock.Advance(coop.ApplicationLife - time.Minute)
	if n, err := o.Outbox.ForgetApplications(ctx); err != nil || n != 0 {
		t.Errorf("forgotten too early: %d %v", n, err)
	}
	o.clock.Advance(2 * time.Minute)
	if n, err := o.Outbox.ForgetApplications(ctx); err != nil || n != 1 {
		t.Errorf("forgotten: %d %v", n, err)
	}
	o.must(o.Media.Sweep(ctx))
	if visitor.do("/applications/"+form.Get("key"), nil).Code != http.StatusNotFound || sealed(t) != 0 {
		t.Errorf("something is left: %d files", sealed(t))
	}
	// What it says of the co-op stays as a number.
	if record, err := o.Store.AnswerRecord(ctx, o.coop.ID); err != nil || record != (coop.AnswerRecord{Due: 1}) {
		t.Errorf("answers: %+v %v", record, err)
	}
}
