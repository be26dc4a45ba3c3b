// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"minga/coop"
	"minga/federation/signature/signaturetest"
	"minga/outbox"
	"minga/outbox/push/pushtest"
	"minga/storage"
	"minga/web/auth"
)

// What is planted, in each place that takes one. Each word stands nowhere else.
const (
	plantedPassword    = "pl4nted-password-of-rosa"
	plantedWrong       = "pl4nted-wrong-password"
	plantedToken       = "pl4nted-token-nobody-has"
	plantedMail        = "rosa.pl4nted@mail.example"
	plantedStranger    = "stranger.pl4nted@mail.example"
	plantedDirect      = "pl4nted-words-for-one"
	plantedRefused     = "pl4nted-words-that-are-refused"
	plantedApplicant   = "Pl4nted Applicant"
	plantedApplication = "pl4nted-letter-of-the-applicant"
	plantedPush        = "pl4nted-push-endpoint"
	plantedHook        = "pl4nted-webhook"
	plantedSMTP        = "pl4nted-smtp-password"
	plantedCollector   = "pl4nted-collector-password"
	plantedMetrics     = "pl4nted-metrics-token"
	plantedCookie      = "pl4nted-session-cookie"
	plantedCode        = "pl4nted-recovery-code"
	plantedSignature   = "pl4nted0signature0in0base64"
	plantedQuery       = "pl4nted-search"
)

// ledger takes all that a run says.
type ledger struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *ledger) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// surfer is a person with a browser, whose answers that are errors are kept. A form comes
// back to who sent it with names and words, so that nobody types them twice.
type surfer struct {
	h       *house
	cookies map[string]string
	faults  *ledger // pages that are errors
	back    *ledger // forms that come back with what was wrong
}

// ownAddress leads from a page to the same in another language.
var ownAddress = regexp.MustCompile(`href="[^"]*lang=[a-z]+"`)

// ask sends a request with the cookies so far.
func (v *surfer) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	v.h.f.t.Helper()
	jar, kind, body := "", "", ""
	for name, value := range v.cookies {
		jar += name + "=" + value + "; "
	}
	if form != nil {
		kind, body = "application/x-www-form-urlencoded", form.Encode()
	}
	w := v.h.knock(method, path, kind, body, "Cookie", strings.TrimSuffix(jar, "; "), "Sec-Fetch-Site", "same-origin")
	for _, c := range w.Result().Cookies() { //nolint:bodyclose // a recorder's
		v.cookies[c.Name] = c.Value
	}
	switch {
	case w.Code >= 400 && form != nil:
		_, _ = v.back.Write(w.Body.Bytes())
	case w.Code >= 400:
		_, _ = v.faults.Write(ownAddress.ReplaceAll(w.Body.Bytes(), nil))
	}
	return w
}

// fill opens a page and sends its form of that action.
func (v *surfer) fill(page, to string, fields ...string) *httptest.ResponseRecorder {
	v.h.f.t.Helper()
	root, err := html.Parse(v.ask("GET", page, nil).Body)
	v.h.f.must(err)
	form := url.Values{}
	eachNode(root, func(n *html.Node) {
		if n.Data == "input" && attr(n, "type") == "hidden" && (attr(n, "name") == auth.FormField || attr(n, "name") == "key") {
			form.Set(attr(n, "name"), attr(n, "value"))
		}
	})
	for n := 0; n+1 < len(fields); n += 2 {
		form.Set(fields[n], fields[n+1])
	}
	return v.ask("POST", to, form)
}

// spitefulMail is a mail server that refuses everybody and says their address.
func spitefulMail(t *testing.T) (port string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var loop sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); loop.Wait() })
	loop.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			spite(conn)
		}
	})
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// spite is one conversation.
func spite(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // over
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	fmt.Fprint(conn, "220 mail.example\r\n")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch verb, rest, _ := strings.Cut(strings.ToUpper(lines.Text()), " "); verb {
		case "EHLO":
			fmt.Fprint(conn, "250-mail.example\r\n250 AUTH PLAIN\r\n")
		case "RCPT":
			fmt.Fprintf(conn, "550 5.1.1 %s: no such person here\r\n", strings.ToLower(rest))
		case "QUIT":
			return
		default:
			fmt.Fprint(conn, "235 yes\r\n"[:0]+map[bool]string{true: "235 2.7.0 well\r\n", false: "250 well\r\n"}[verb == "AUTH"])
		}
	}
}

// TestNothingSecretIsSaid lives a whole run at the level debug with something planted in
// each place that takes a secret or what is meant for few, much of it where it fails, and
// looks for it in all that is logged, traced, measured and answered as an error
// (security.md 4.12, operations.md 9).
func TestNothingSecretIsSaid(t *testing.T) {
	said, faults, back, g := &ledger{}, &ledger{}, &ledger{}, newGatherer(t)
	f := &fediverse{t: t, ctx: t.Context(), engine: storage.SQLite, keys: signaturetest.Keys(), hears: slog.NewJSONHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug})}
	was := slog.Default()
	slog.SetDefault(slog.New(f.hears))
	t.Cleanup(func() { slog.SetDefault(was) })
	sur := f.house("sur", "MINGA_LOG_LEVEL", "debug", "MINGA_METRICS_TOKEN", plantedMetrics, "MINGA_RATE_LIMIT", "on",
		"MINGA_OTEL_ENDPOINT", strings.Replace(g.URL, "http://", "http://minga:"+plantedCollector+"@", 1)+"/otlp",
		"MINGA_SMTP_HOST", "127.0.0.1", "MINGA_SMTP_PORT", spitefulMail(t), "MINGA_SMTP_TLS", "none", "MINGA_SMTP_FROM", "minga@sur.example",
		"MINGA_SMTP_USER", "minga", "MINGA_SMTP_PASSWORD", plantedSMTP)
	norte := f.house("norte")
	secrets := &planted{f: f, sur: sur, norte: norte, who: &surfer{sur, map[string]string{}, faults, back}}
	secrets.live()
	sur.telemetry.sendSpans(f.ctx)
	sur.telemetry.sendFigures(f.ctx)
	figures := httptest.NewRecorder()
	ask := httptest.NewRequestWithContext(f.ctx, "GET", "/metrics", http.NoBody)
	ask.Header.Set("Authorization", "Bearer "+plantedMetrics)
	sur.metrics.handler(plantedMetrics).ServeHTTP(figures, ask)
	for place, text := range map[string]string{
		"the log": said.text.String(), "an error page": faults.text.String(), "a figure": figures.Body.String(), "a trace": strings.Join(g.bodies, "\n"),
	} {
		secrets.none(place, text, append(secrets.made, plantedPassword, plantedWrong, plantedToken, plantedMail, plantedStranger, plantedDirect, plantedRefused,
			plantedApplicant, plantedApplication, plantedPush, plantedHook, plantedSMTP, plantedCollector, plantedMetrics, plantedCookie, plantedCode, plantedSignature, plantedQuery))
	}
	secrets.none("a form that comes back", back.text.String(), []string{plantedPassword, plantedWrong, plantedToken, plantedSMTP, plantedCollector, plantedMetrics, plantedCookie, plantedDirect})
	for _, line := range []string{"mail not sent", "push not sent", "webhook not told", "attempted", "refused", "request refused"} {
		if !strings.Contains(said.text.String(), `"msg":"`+line+`"`) {
			t.Errorf("the run did not come by what logs %q", line)
		}
	}
}

// planted is the run, and what was planted in it.
type planted struct {
	f          *fediverse
	sur, norte *house
	who        *surfer
	made       []string // secrets that the program made itself
}

// live does what people and servers do.
func (p *planted) live() {
	p.signIn()
	p.write()
	p.apply()
	p.strangers()
	p.f.settle()
	p.sur.pushes()
	for _, step := range []func(context.Context) (bool, error){p.sur.outbox.StepSearches, p.sur.outbox.StepHooks, p.sur.outbox.StepMail} {
		for did, err := true, error(nil); did; {
			did, err = step(p.f.ctx)
			p.f.must(err)
		}
	}
}

// signIn tries a wrong password and the right one, sets up a second factor, forgets the
// password and shows cookies and codes that are none.
func (p *planted) signIn() {
	rosa, err := p.sur.outbox.NewAccount(p.f.ctx, outbox.Registration{Kind: coop.Person, Name: "rosa", Language: "es", Email: plantedMail})
	p.f.must(err)
	hash, err := auth.NewPasswords().Hash(p.f.ctx, plantedPassword)
	p.f.must(err)
	p.f.must(p.sur.store.Write(p.f.ctx, func(tx *storage.Tx) error { return tx.SetPassword(p.f.ctx, rosa.ID, hash) }))
	v := p.who
	v.cookies["minga-session"] = plantedCookie
	v.fill("/sign-in", "/sign-in", "login", plantedMail, "password", plantedWrong)
	v.fill("/sign-in", "/sign-in", "login", plantedStranger, "password", plantedWrong)
	v.fill("/reset", "/reset", "email", plantedMail)
	v.ask("GET", "/reset/"+plantedCode, nil)
	if w := v.fill("/sign-in", "/sign-in", "login", plantedMail, "password", plantedPassword); w.Code != http.StatusSeeOther {
		p.f.t.Fatalf("rosa does not come in: %d %s", w.Code, w.Body)
	}
	for _, value := range v.cookies {
		p.made = append(p.made, value)
	}
	w := v.fill("/settings/security/factors", "/settings/security/factors", "act", "codes-begin", "password", plantedPassword)
	page := v.ask("GET", "/settings/security/factors", nil).Body.String() + w.Body.String()
	if seed := regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`).FindString(page); seed != "" {
		p.made = append(p.made, seed, strings.ReplaceAll(seed, " ", ""))
	} else {
		p.f.t.Error("no seed is shown")
	}
	v.fill("/settings/security/factors", "/settings/security/factors", "act", "codes", "code", plantedCode)
	v.fill("/settings/security/email", "/settings/security/email", "email", plantedStranger, "password", plantedWrong)
}

// write sends words for one person, to a server that takes them and to one that is dead,
// and lets an app hear of it whose push service fails.
func (p *planted) write() {
	ana, bea := p.sur.phone(p.sur.person("ana")), p.norte.phone(p.norte.person("bea"))
	p.made = append(p.made, ana.token, bea.token)
	gone := p.sur.knows(p.norte.person("gone"))
	p.sur.follow(ana.self, p.sur.knows(bea.self))
	p.norte.follow(bea.self, p.norte.knows(ana.self))
	p.f.drain()
	phone := pushtest.NewPhone(p.f.t)
	service := pushtest.NewService(p.f.t, pushtest.Status(http.StatusInternalServerError))
	ana.post("/v1/push/subscription", url.Values{
		"subscription[endpoint]": {service.URL + "/" + plantedPush}, "subscription[keys][p256dh]": {phone.Key()}, "subscription[keys][auth]": {phone.Auth()},
		"data[policy]": {"all"}, "data[alerts][mention]": {"true"},
	})
	p.made = append(p.made, phone.Auth())
	for _, to := range []string{bea.self.Name + "@" + p.norte.config.Host, gone.Name + "@" + p.norte.config.Host} {
		p.private(ana.post("/v1/statuses", row{"status": "@" + to + " " + plantedDirect, "visibility": "direct"}))
	}
	p.private(bea.post("/v1/statuses", row{"status": "@ana@" + p.sur.config.Host + " " + plantedDirect, "visibility": "direct"}))
	p.norte.away.Store(true)
	ana.post("/v1/statuses", row{"status": "@bea@" + p.norte.config.Host + " " + plantedDirect + " again", "visibility": "direct"})
	p.f.drain()
	p.norte.away.Store(false)
	ana.send("GET", "/v2/search?resolve=true&q="+plantedQuery, nil)
	ana.send("GET", "/v1/timelines/public?limit=many&q="+plantedQuery, nil)
	ana.send("POST", "/v1/statuses", row{"status": plantedDirect + strings.Repeat(" long", 20_000), "visibility": "direct"})
	ana.send("POST", "/v1/statuses", row{"status": plantedDirect, "visibility": plantedQuery})
	p.made = append(p.made, fmt.Sprint(ana.post("/v1/minga/searches", row{"query": "q=horno", "webhook": "http://127.0.0.1:9/" + plantedHook})["webhook_secret"]))
}

// private notes the address of a post that is for few.
func (p *planted) private(status row) { p.made = append(p.made, status["uri"].(string)) }

// apply sends an application, a good one and one that is refused.
func (p *planted) apply() {
	telar := p.sur.coop("telar")
	p.f.must(p.sur.outbox.UseForm(p.f.ctx, telar, true))
	job := jobPost("Cooperativista de horno")
	job.Job.DirectApply = true
	p.f.must(p.sur.outbox.PublishJob(p.f.ctx, telar, job))
	path := "/jobs/" + job.ID.String() + "/apply"
	p.who.fill(path, path, "name", plantedApplicant, "email", plantedStranger+"@", "message", "")
	w := p.who.fill(path, path, "name", plantedApplicant, "email", plantedStranger, "message", plantedApplication)
	if w.Code != http.StatusSeeOther {
		p.f.t.Errorf("the application is not taken: %d %s", w.Code, w.Body)
	}
	p.made = append(p.made, w.Header().Get("Location"))
}

// strangers show tokens that are none, and send what is refused.
func (p *planted) strangers() {
	for _, path := range []string{"/api/v1/timelines/home", "/api/v1/accounts/verify_credentials?access_token=" + plantedToken, "/api/v1/streaming?access_token=" + plantedToken, "/nowhere/" + plantedQuery} {
		w := p.sur.knock("GET", path, "", "", "Authorization", "Bearer "+plantedToken)
		if w.Code < 400 {
			p.f.t.Errorf("%s: %d", path, w.Code)
		}
		_, _ = io.WriteString(p.who.faults, w.Body.String())
	}
	p.sur.knock("POST", "/oauth/token", "application/x-www-form-urlencoded", url.Values{"grant_type": {"authorization_code"}, "code": {plantedCode}, "client_id": {"x"}, "client_secret": {plantedToken}}.Encode())
	note := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"https://evil.example/%s","type":"Create","actor":"https://evil.example/a","object":{"id":"https://evil.example/n","type":"Note","content":%q}}`, plantedQuery, plantedRefused)
	for _, body := range []string{note, note[:len(note)-9], `{"type":"` + plantedRefused + `"}`} {
		p.sur.knock("POST", "/inbox", "application/activity+json", body, "Date", "Mon, 01 Jan 2001 00:00:00 GMT",
			"Signature", `keyId="https://evil.example/a#`+plantedQuery+`",headers="(request-target) host date digest",signature="`+plantedSignature+`"`)
	}
}

// none complains of each secret that stands in a text, as it is or as addresses have it.
func (p *planted) none(place, text string, secrets []string) {
	p.f.t.Helper()
	if len(text) < 1000 {
		p.f.t.Errorf("%s says next to nothing: %q", place, text)
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if at := strings.Index(text, form); secret != "" && at >= 0 {
				p.f.t.Errorf("%s says %q: …%s…", place, secret, text[max(0, at-200):min(len(text), at+120)])
				break
			}
		}
	}
}
