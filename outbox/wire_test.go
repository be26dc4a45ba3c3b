// SPDX-License-Identifier: AGPL-3.0-or-later

package outbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"minga/coop"
	"minga/federation/vocabulary"
	"minga/outbox/text"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// The wire examples of the design, made anew from our words. They leave out proofs,
// webfinger and generator, and were shortened in a few addresses: where an example
// names something in a way of its own, the test says so.

const (
	sur   = "https://fed-sur.example"
	norte = "https://red-norte.example"
)

// bareOutbox builds documents and has no store.
func bareOutbox(t testing.TB, host string) *Outbox {
	t.Helper()
	words, err := text.Load()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return day("2026-11-20T15:00:00Z") }
	return &Outbox{o: Options{Local: Local{Scheme: "https", Host: host, AccountDomain: host}, Now: now}, now: now, words: words, keys: newKeyring(1)}
}

func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// same compares a document with an example as JSON.
func same(t *testing.T, file string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", "wire", file))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parsed(t, want), parsed(t, got)); diff != "" {
		t.Errorf("%s differs:\n%s", file, diff)
	}
}

func parsed(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// telar is the co-op of the examples.
func telar(o *Outbox) *coop.Account {
	a := o.local(coop.Coop, "telar")
	a.ActorType, a.DisplayName, a.Discoverable, a.Indexable = "Organization", "Cooperativa Telar", true, true
	a.Domains = []string{"telar.coop.example"}
	return a
}

// telarJob is the job of examples 03 to 05 as its author typed it.
func telarJob(author *coop.Account) *coop.Post {
	d := decimal.NewFromInt
	ratio := decimal.RequireFromString("1.6")
	iri := below(author.IRI, "jobs/2026-014")
	followers, boards := author.Followers, []coop.IRI{sur + "/boards/jobs", norte + "/boards/jobs"}
	return &coop.Post{
		IRI: iri, Author: author, Kind: coop.KindJob, Type: "Note", Visibility: coop.VisiblePublic, Language: "en",
		URL: sur + "/jobs/2026-014", // a page of its own in the example
		To:  []coop.IRI{coop.Public}, Cc: append([]coop.IRI{followers}, boards...), Audience: boards[0], Thread: below(iri, "context"),
		Hashtags: []string{"coopjobs", "python"}, Published: day("2026-11-20T15:00:00Z"),
		Job: &coop.Job{
			Title:    "Backend developer, future member (remote, 30 h)",
			TitleMap: map[string]string{"es": "Desarrollo backend, con camino a ser parte (remoto, 30 h)"},
			Markdown: map[string]string{
				"en": "You look after the services behind three public booking sites, with two colleagues.\n\n- Python and PostgreSQL every day\n- one week of duty in six\n",
				"es": "Te ocupás de los servicios de tres sitios públicos de turnos, con dos colegas.\n\n- Python y PostgreSQL todos los días\n- una semana de guardia cada seis\n",
			},
			Status: coop.JobOpen, DatePosted: "2026-11-20", ValidThrough: day("2026-12-20T23:59:59Z"), HiringOrganization: author.IRI,
			Identifier: coop.Identifier{Name: "telar.coop.example", Value: "2026-014"}, Engagement: "membership", EmploymentType: []string{"PART_TIME"},
			WorkHours: "flexible, one week of duty in six", HoursFrom: d(30), HoursTo: d(30), Openings: 1, Remote: true, ApplicantsFrom: []string{"AR", "UY", "CL"},
			TimeOverlap: &coop.TimeOverlap{Zone: "America/Argentina/Buenos_Aires", From: "10:00", Until: "15:00"},
			Pay:         &coop.Pay{Currency: "ARS", Min: d(1900000), Max: d(2300000), Unit: "MONTH"},
			Occupation:  &coop.Term{URI: "http://data.europa.eu/esco/occupation/f2b15a0e-e65a-438a-affb-29b9d50b77d1", Name: "software developer"},
			Skills: []coop.Skill{
				{Term: coop.Term{URI: "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d", Name: "Python (computer programming)"}, Required: true},
				{Term: coop.Term{URI: "http://data.europa.eu/esco/skill/f0de4973-0a70-4644-8fd4-3a97080476f4", Name: "DevOps"}},
			},
			Languages:       []coop.LanguageNeed{{Tag: "es", Level: "C1", Required: true}, {Tag: "en", Level: "B1"}},
			MembershipTrack: "expected", Probation: "P6M", MemberShare: &coop.Share{Currency: "ARS", Value: d(100000)}, SurplusSharing: "by-hours",
			PayModel: "banded", PayRatio: &ratio, DecisionMethod: "consent", HiringSteps: []string{"letter", "pair session", "meet the assembly"},
			AnswerWithin: 14, ApplyEmail: "sumate@telar.coop.example", ApplyBy: author.IRI,
		},
	}
}

func TestWireJobCreate(t *testing.T) {
	o := bareOutbox(t, "fed-sur.example")
	same(t, "03-job-create.json", jobDocument(t, o, "Create", sur+"/coops/telar/jobs/2026-014/create", nil))
}

func TestWireJobFilled(t *testing.T) {
	o := bareOutbox(t, "fed-sur.example")
	body := jobDocument(t, o, "Update", sur+"/coops/telar/jobs/2026-014/updates/2", func(p *coop.Post) {
		if err := p.Job.Do(coop.JobFill, day("2026-12-04T10:00:00Z")); err != nil {
			t.Fatal(err)
		}
		p.Updated = day("2026-12-04T10:00:00Z")
	})
	same(t, "05-job-update-filled.json", body)
}

// jobDocument writes the job as the example does: one context for all.
func jobDocument(t *testing.T, o *Outbox, kind, iri string, change func(*coop.Post)) []byte {
	t.Helper()
	p := telarJob(telar(o))
	describe(p)
	if change != nil {
		change(p)
	}
	o.finishJob(p)
	a := wrap(o.object(p), kind, coop.IRI(iri))
	if kind == "Update" {
		a.Published = p.Updated
	}
	body, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestWireAnnounces(t *testing.T) {
	o := bareOutbox(t, "fed-sur.example")
	author := telar(o)
	board, federation := o.local(coop.Board, "jobs"), o.local(coop.Federation, "sur")
	job := string(author.IRI) + "/jobs/2026-014"
	original, err := os.ReadFile("testdata/wire/03-job-create.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		file, iri, at string
		by            *coop.Account
		object        any
	}{
		{"04-job-announce-by-federation.json", sur + "/federation/announces/991", "2026-11-20T15:00:05Z", federation, job},
		{"20-board-announce-create.json", sur + "/boards/jobs/announces/2001", "2026-11-20T15:00:04Z", board, json.RawMessage(original)},
		{"21-board-announce-id.json", sur + "/boards/jobs/announces/2002", "2026-11-20T15:00:04Z", board, job},
	} {
		a := announcement(tt.by, tt.iri, tt.object)
		if a.Published = day(tt.at); tt.object == job {
			a.Cc = append(a.Cc, string(author.IRI))
		}
		body, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		same(t, tt.file, body)
	}
}

func TestWireArticles(t *testing.T) {
	o := bareOutbox(t, "red-norte.example")
	brisa := o.local(coop.Coop, "brisa")
	p := &coop.Post{
		IRI: below(brisa.IRI, "articles/salaries"), Author: brisa, Kind: coop.KindArticle, Visibility: coop.VisiblePublic, Language: "en",
		URL: norte + "/@brisa/salaries", // a page of its own in the example
		To:  []coop.IRI{coop.Public}, Cc: []coop.IRI{brisa.Followers, norte + "/boards/library"}, Audience: norte + "/boards/library",
		Published: day("2026-09-01T09:00:00Z"), Updated: day("2026-11-01T09:00:00Z"), Hashtags: []string{"coops"},
		Title:   "How we set our pay, and what went wrong twice",
		Summary: "Three pay models in eleven years: what each one fixed, what each one broke, and the form we use today.",
		Source:  "We have changed the way we set our pay three times.\n\n## Equal pay\n\nIt was simple, and it lost us two colleagues with children.\n\n## Bands\n\nFour bands, one form, a talk once a year.\n",
		Article: &coop.Article{
			Status: coop.ArticlePublished, License: "https://creativecommons.org/licenses/by-sa/4.0/", Version: 3, History: below(brisa.IRI, "articles/salaries/history"),
			Translations: []coop.IRI{sur + "/coops/telar/articles/salarios"}, Citations: []coop.IRI{"https://handbook.example/pay"},
			Topics: []coop.Term{{URI: norte + "/topics/pay", Name: "pay"}}, Series: &coop.Term{URI: norte + "/series/co-op-basics", Name: "Co-op basics"}, Position: 4,
			Contributors: []coop.Contributor{{IRI: sur + "/coops/telar"}},
		},
	}
	sameArticle(t, o, p, "06-knowledge-article.json")
	o = bareOutbox(t, "fed-sur.example")
	author := telar(o)
	q := &coop.Post{
		IRI: below(author.IRI, "articles/salarios"), Author: author, Kind: coop.KindArticle, Visibility: coop.VisiblePublic, Language: "es",
		URL: sur + "/@telar/salarios",
		To:  []coop.IRI{coop.Public}, Cc: []coop.IRI{author.Followers, sur + "/boards/library"}, Audience: sur + "/boards/library",
		Published: day("2026-10-02T09:00:00Z"), Title: "Cómo fijamos nuestros ingresos, y qué salió mal dos veces",
		Summary: "Tres modelos en once años: qué arregló cada uno, qué rompió, y el formulario que usamos hoy.",
		Source:  "Cambiamos tres veces la manera de fijar nuestros ingresos.\n\n## Ingresos iguales\n\nEra simple, y perdimos a dos colegas con hijos.\n",
		Article: &coop.Article{
			Status: coop.ArticlePublished, License: "https://creativecommons.org/licenses/by-sa/4.0/", Version: 1, History: below(author.IRI, "articles/salarios/history"),
			TranslationOf: norte + "/coops/brisa/articles/salaries", TranslatedVersion: 2,
		},
	}
	sameArticle(t, o, q, "07-knowledge-translation.json")
}

func sameArticle(t *testing.T, o *Outbox, p *coop.Post, file string) {
	t.Helper()
	p.Thread = below(p.IRI, "context")
	o.renderArticle(p)
	body, err := vocabulary.Encode(o.object(p).Members(), vocabulary.Post)
	if err != nil {
		t.Fatal(err)
	}
	same(t, file, body)
}

func TestWireMembership(t *testing.T) {
	o := bareOutbox(t, "fed-sur.example")
	m := &coop.Membership{
		Member: telar(o), Organization: &coop.Account{IRI: norte + "/federation", Followers: norte + "/federation/followers", Local: true},
		JoinIRI: sur + "/coops/telar/joins/2", IRI: norte + "/federation/memberships/telar", Role: coop.RoleFull, State: coop.MembershipMember,
		Start: day("2026-03-20T00:00:00Z"), Decision: norte + "/federation/decisions/12",
		Note: "Telar asks to join. Statutes: https://telar.coop.example/statutes",
	}
	join := joinActivity(m, day("2026-03-01T12:00:00Z"))
	// The example's link has no rel; that of a person's text has one.
	join.Content = `<p>Telar asks to join. Statutes: <a href="https://telar.coop.example/statutes">telar.coop.example/statutes</a></p>`
	body, err := join.Encode()
	if err != nil {
		t.Fatal(err)
	}
	same(t, "08-join-federation.json", body)
	accept := answerActivity(m, norte+"/federation/accepts/77", "Accept")
	accept.Published = day("2026-03-20T18:00:00Z")
	if body, err = accept.Encode(); err != nil {
		t.Fatal(err)
	}
	same(t, "09-accept-join.json", body)
}

func TestJobTextFits(t *testing.T) {
	o := bareOutbox(t, "fed-sur.example")
	author := telar(o)
	author.DisplayName = "Cooperativa de trabajo de desarrollo de programas informáticos y servicios de asesoramiento de la Patagonia austral"
	p := telarJob(author)
	p.Job.Title = "Responsable de infraestructura y bases de datos, con guardias, y camino a ser parte de la cooperativa"
	p.Hashtags = jobTags([]string{"administracióndebasesdedatos", "infraestructuracomocódigo", "postgresqlyotrasbases", "cooperativismodeplataforma", "uno más"})
	p.URL = "https://bolsa-de-trabajo.federacion-de-cooperativas.example/coops/telar-patagonia-austral/jobs/2026-014"
	describe(p)
	for lang, html := range o.JobText(author, p) {
		if n := coop.VisibleLength(html); n >= 500 {
			t.Errorf("%s has %d characters: %s", lang, n, html)
		}
	}
	if len(p.Hashtags) != 5 || p.Hashtags[0] != "coopjobs" {
		t.Errorf("hashtags %v", p.Hashtags)
	}
}
