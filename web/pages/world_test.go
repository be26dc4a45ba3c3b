// SPDX-License-Identifier: AGPL-3.0-or-later

package pages

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/shopspring/decimal"
	"go.uber.org/goleak"
	"golang.org/x/net/html"

	"minga/coop"
	"minga/federation"
	"minga/federation/signature/signaturetest"
	"minga/inbox"
	"minga/outbox"
	"minga/outbox/mail"
	"minga/storage"
	"minga/storage/storagetest"
	"minga/web/auth"
	"minga/web/respond"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const host = "fed-sur.example"

// hostile is a title that tries to get out of every format there is.
const hostile = `</script><!--<b x="1">]]></title>'&amp;;,\` + "\u2028end"

// world is an instance with a real database, a real inbox and outbox, and the pages.
type world struct {
	*Face
	t     *testing.T
	clock *storagetest.Clock
	http  http.Handler
	coop  *coop.Account
}

// newWorld makes an instance on which nothing is published.
func newWorld(t *testing.T) *world {
	t.Helper()
	clock := storagetest.NewClock()
	client, err := federation.New(federation.Options{UserAgent: "minga/test", OwnHosts: []string{host}, Dev: true, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	store := storagetest.OpenAt(t, clock.Now)
	out, err := outbox.New(outbox.Options{
		Store: store, Client: client, Now: clock.Now, Local: outbox.Local{Scheme: "https", Host: host, AccountDomain: host}, NewRSA: signaturetest.Keys(),
	})
	if err != nil {
		t.Fatal(err)
	}
	in, err := inbox.New(inbox.Options{
		Store: store, Client: client, Now: clock.Now, Local: inbox.Local{Scheme: "https", Host: host, AccountDomain: host}, Answers: out,
		Mode: func(context.Context) coop.FederationMode { return coop.ModeOpen },
	})
	if err != nil {
		t.Fatal(err)
	}
	gate := auth.NewGate(auth.Options{Store: store, Now: clock.Now, Log: slog.New(slog.DiscardHandler), Secure: true})
	f, err := New(Options{
		Store: store, Inbox: in, Outbox: out, Now: clock.Now, Scheme: "https", Host: host, AccountDomain: host, Language: "en", Zone: time.UTC, Version: "test",
		Media: library(t, store, clock),
		Gate:  gate,
		Proofs: auth.NewProofs(auth.ProofOptions{
			Store: store, Gate: gate, Now: clock.Now, Root: "https://" + host, Host: host,
			Warn: func(ctx context.Context, tx *storage.Tx, a *coop.Account, _ auth.Warning) error {
				return out.TellSecurity(ctx, tx, a, mail.Factors)
			},
		}),
		Passwords: auth.NewPasswords(), Admit: func(auth.Limit, string) error { return nil },
		LeadsTo: func(_ context.Context, next string) string {
			if strings.HasPrefix(next, "/oauth/") {
				return "https://app.example/back"
			}
			return ""
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Face: f, t: t, clock: clock}
	w.http = w.mount()
	w.must(out.EnsureInstance(t.Context()))
	return w
}

// mount answers as the server does: the gate, the table, and objects at their own
// addresses.
func (w *world) mount() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	answers := respond.New(slog.New(slog.DiscardHandler), w.Error)
	for _, r := range w.Routes() {
		if err := r.Check(); err != nil {
			w.t.Fatal(err)
		}
		engine.Handle(r.Method, r.Path, answers.Handle(r.Form, func(c *gin.Context) error {
			c.Header("Content-Security-Policy", "form-action 'self'")
			return w.Gate.Identify(c, r)
		}), answers.Handle(r.Form, r.Handle))
	}
	engine.NoRoute(answers.Handle(respond.HTML, func(c *gin.Context) error {
		return w.Gate.Identify(c, auth.Route{Method: "GET", Access: auth.Public})
	}), answers.Handle(respond.HTML, w.Object))
	return engine
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// member makes a co-op that is a verified member of the federation.
func (w *world) member(name string) *coop.Account {
	w.t.Helper()
	ctx := w.t.Context()
	a, err := w.Outbox.NewAccount(ctx, outbox.Registration{
		Kind: coop.Coop, Name: name, DisplayName: "Cooperativa " + name, Bio: "Web y datos #coop", Language: "es",
		Domains: []string{"telar.coop.example"}, Facts: &coop.CoopFacts{Members: 11, Workers: -1, Founded: "2014-05-02", Languages: []string{"es"}, Place: &coop.Place{Locality: "Rosario", Country: "AR"}},
	})
	w.must(err)
	fed, err := w.Store.FederationAccount(ctx)
	w.must(err)
	m, err := w.Outbox.Join(ctx, a, fed, "", "")
	w.must(err)
	w.must(w.Outbox.DecideMembership(ctx, m, true, ""))
	a, err = w.Store.Account(ctx, a.ID)
	w.must(err)
	return a
}

// job is a job with everything that a job can say.
func job(title string) *coop.Post {
	d := decimal.NewFromInt
	ratio := decimal.RequireFromString("1.6")
	return &coop.Post{Language: "es", Hashtags: []string{"python"}, Job: &coop.Job{
		Title: title, TitleMap: map[string]string{"en": "Backend developer"},
		Markdown: map[string]string{
			"es": "Te ocupás de los servicios de tres sitios públicos de turnos, con dos colegas.\n\n- Python",
			"en": "You look after the services of three public sites together with two colleagues, all year.",
		},
		Skills: []coop.Skill{{Term: coop.Term{Name: "Python"}, Required: true}, {Term: coop.Term{Name: "SQL"}}}, Remote: true, ApplicantsFrom: []string{"AR"},
		EmploymentType: []string{"PART_TIME"}, HoursFrom: d(30), HoursTo: d(30), Pay: &coop.Pay{Currency: "ARS", Min: d(1000), Max: d(2000), Unit: "MONTH"},
		Engagement: "membership", MembershipTrack: "expected", Probation: "P6M", DecisionMethod: "consent", SurplusSharing: "by-hours", PayModel: "banded",
		PayRatio: &ratio, MemberShare: &coop.Share{Currency: "ARS", Value: d(500), Instalments: 5}, HiringSteps: []string{"carta", "charla"}, AnswerWithin: 14,
		Languages: []coop.LanguageNeed{{Tag: "es", Level: "C1", Required: true}, {Tag: "en", Level: "B1"}}, Benefits: "mate", Experience: "dos años",
		ApplyEmail: "a@telar.example", ApplyURL: "https://telar.example/apply?a=1&b=2",
	}}
}

// publish publishes a job, changed.
func (w *world) publish(change func(*coop.Post)) *coop.Post {
	w.t.Helper()
	p := job("Desarrollo backend")
	if change != nil {
		change(p)
	}
	w.must(w.Outbox.PublishJob(w.t.Context(), w.coop, p))
	p, err := w.Store.Post(w.t.Context(), coop.System(), p.ID)
	w.must(err)
	return p
}

// full is a world with something of everything.
func full(t *testing.T) (*world, map[string]string) {
	t.Helper()
	w := newWorld(t)
	ctx := t.Context()
	w.coop = w.member("telar")
	open := w.spoil(w.publish(nil))
	filled := w.publish(nil)
	_, err := w.Outbox.StepJob(ctx, filled.ID, "fill")
	w.must(err)
	article := &coop.Post{
		Title: "Cómo fijamos nuestros retiros", Summary: "Tres modelos en once años.", Language: "es", Article: &coop.Article{
			License: coop.DefaultLicence, Contributors: []coop.Contributor{{IRI: "https://elsewhere.example/people/b"}}, Topics: []coop.Term{{Name: "retiros"}},
			Citations: []coop.IRI{"https://elsewhere.example/a"},
		},
		Source: "Antes.\n\n# Iguales\n\nEra simple.\n\n## Por bandas\n\n> ## Cita\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
	}
	w.must(w.Outbox.PublishArticle(ctx, w.coop, article))
	note := &coop.Post{Source: "¿Es remoto? #python", Language: "es", Visibility: coop.VisiblePublic, InReplyTo: open.IRI, InReplyToID: open.ID}
	w.must(w.Outbox.PublishNote(ctx, w.coop, note))
	remote := w.remoteJob()
	path := func(p *coop.Post) string { return w.pathOf(p) }
	return w, map[string]string{
		"home": "/", "board": "/jobs", "search": "/jobs?q=backend&engagement=membership&country=AR&nonsense=1&source=mars", "archive": "/jobs?state=archive",
		"job": path(open), "job on paper": "/jobs/" + open.ID.String() + "/print", "job to report": "/jobs/" + open.ID.String() + "/report", "filled": path(filled), "remote": path(remote), "library": "/library", "article": path(article), "note": path(note),
		"coop": "/@telar", "federation": "/@minga", "jobs board": "/@jobs", "far": "/@hulda@far.example", "tag": "/tags/python", "empty tag": "/tags/nothing",
		"about": "/about", "interact": "/interact", "interact job": "/interact?uri=" + string(open.IRI), "interact coop": "/interact?uri=@telar@" + host,
		"interact unknown": "/interact?uri=https://elsewhere.example/x",
	}
}

// spoil gives a job a title that the door would have refused: the pages must stand
// it all the same.
func (w *world) spoil(p *coop.Post) *coop.Post {
	w.t.Helper()
	p.Title, p.Job.Title, p.Job.Benefits = hostile, hostile, "mate "+hostile
	p.Updated = w.clock.Now().Add(time.Second)
	w.must(w.Store.Write(w.t.Context(), func(tx *storage.Tx) error {
		_, err := tx.UpdatePost(w.t.Context(), p, storage.Arrival{})
		return err
	}))
	return p
}

// remoteJob is a job of another server that a board there brought.
func (w *world) remoteJob() *coop.Post {
	w.t.Helper()
	now := w.clock.Now()
	far := &coop.Account{
		IRI: "https://far.example/coops/hulda", Kind: coop.Coop, ActorType: "Organization", Name: "hulda", Host: "far.example", DisplayName: "Hulda <coop>", Bio: "<p>Hei</p>",
		URL: "https://far.example/@hulda", Inbox: "https://far.example/coops/hulda/inbox", FetchedAt: now, Indexable: true, Discoverable: true,
	}
	p := &coop.Post{
		IRI: "https://far.example/coops/hulda/jobs/1", Kind: coop.KindJob, Type: "Note", Visibility: coop.VisiblePublic, To: []coop.IRI{coop.Public},
		URL: "https://far.example/coops/hulda/jobs/1", Published: now, Language: "nb", Content: "<p>Utvikler</p>", Job: job("Utvikler").Job,
	}
	p.Job.TitleMap, p.Job.Description, p.Job.HiringOrganization = nil, "<p>Du tar vare på tjenester for tre offentlige nettsteder hos oss.</p><script>x()</script><img src=x onerror=x()><a href=\"javascript:x()\" style=\"top:0\">her</a><h1>h</h1>", far.IRI
	p.Job.Identifier, p.Job.Status, p.Job.DatePosted = coop.Identifier{Name: "far.example", Value: "1"}, coop.JobOpen, now.Format(time.DateOnly)
	p.Job.ValidThrough, p.Job.ConfirmedAt, p.Job.ApplyURL = now.AddDate(0, 0, 30), now.AddDate(0, 0, -3), "https://far.example/apply"
	w.must(w.Store.Write(w.t.Context(), func(tx *storage.Tx) error {
		if err := tx.SaveAccount(w.t.Context(), far); err != nil {
			return err
		}
		p.AuthorID, p.Author = far.ID, far
		_, err := tx.AddPost(w.t.Context(), p, storage.Arrival{Path: coop.Path{Via: far.ID, How: "direct", At: now}})
		return err
	}))
	return p
}

// get asks for a page in a language.
func (w *world) get(path, lang string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = host
	r.Header.Set("Accept-Language", lang)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	w.http.ServeHTTP(answer, r)
	return answer
}

// elements are all elements of a page with a name.
func elements(t *testing.T, page string, name string) []*html.Node {
	t.Helper()
	root, err := html.Parse(stringReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			found = append(found, n)
		}
	}
	return found
}

// attribute is the value of an attribute, empty when it is not there.
func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
