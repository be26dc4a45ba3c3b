// SPDX-License-Identifier: AGPL-3.0-or-later

package mail_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"minga/outbox/mail"
	"minga/outbox/mail/mailtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is when all mails of these tests are written.
func noon() time.Time { return time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC) }

// at is the server that a sink is, for a test that does not want to wait long.
func at(s *mailtest.Sink, security mail.Security) mail.Server {
	return mail.Server{
		Host: "127.0.0.1", Port: s.Port, Security: security, CA: s.CA, Now: noon, Patience: 500 * time.Millisecond,
		From: mail.Sender{Name: "Federación del Sur", Address: "minga@coop.example"},
	}
}

// hello is a mail with everything that may not be lost on the way.
var hello = mail.Message{To: "ana@mail.example", Language: "es", Subject: "Una contraseña: él·lla", Body: "¿Qué tal?\n.\n. punto\nFrom aquí\n" + strings.Repeat("larga ", 300), End: "coop.example"}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	for _, tt := range []struct {
		security mail.Security
		manner   mailtest.Manner
	}{
		{mail.Plain, mailtest.Manner{}},
		{mail.StartTLS, mailtest.Manner{StartTLS: true, User: "minga", Password: "geheim"}},
		{mail.TLS, mailtest.Manner{TLS: true, User: "minga", Password: "geheim"}},
	} {
		t.Run(string(tt.security), func(t *testing.T) {
			sink := mailtest.Open(t, tt.manner)
			server := at(sink, tt.security)
			server.User, server.Password, server.Patience = tt.manner.User, tt.manner.Password, 10*time.Second
			if err := server.Send(t.Context(), hello); err != nil {
				t.Fatal(err)
			}
			got := sink.Mails()[0]
			if got.From != "minga@coop.example" || got.To != hello.To || got.Subject != hello.Subject || got.Body != hello.Body+"\n\n-- \ncoop.example\n" {
				t.Errorf("arrived: %+v", got)
			}
			if got.Secure != (tt.security != mail.Plain) || got.User != tt.manner.User {
				t.Errorf("secure %v, as %q", got.Secure, got.User)
			}
			for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "Content-Language": "es", "Date": "Wed, 01 May 2030 12:00:00 +0000", "User-Agent": "", "X-Mailer": ""} {
				if value := got.Header.Get(name); value != want {
					t.Errorf("%s: %q, want %q", name, value, want)
				}
			}
			if id := got.Header.Get("Message-ID"); !strings.HasSuffix(id, "@coop.example>") {
				t.Errorf("Message-ID %s", id)
			}
		})
	}
}

func TestServersThatDoNotTakeAMail(t *testing.T) {
	for _, tt := range []struct {
		name     string
		manner   mailtest.Manner
		security mail.Security
		final    bool
		code     int
	}{
		{"it says nothing at all", mailtest.Manner{Hang: "CONNECT"}, mail.Plain, false, 0},
		{"it hangs at the sender", mailtest.Manner{Hang: "MAIL"}, mail.Plain, false, 0},
		{"it hangs at the text", mailtest.Manner{Hang: "DATA"}, mail.Plain, false, 0},
		{"it hangs when all was said", mailtest.Manner{Hang: "END"}, mail.Plain, false, 0},
		{"it hangs while it hides", mailtest.Manner{StartTLS: true, Hang: "STARTTLS"}, mail.StartTLS, false, 0},
		{"nobody has that address", mailtest.Manner{Refuse: "RCPT", Code: 550}, mail.Plain, true, 550},
		{"come again later", mailtest.Manner{Refuse: "RCPT", Code: 451}, mail.Plain, false, 451},
		{"it does not like the text", mailtest.Manner{Refuse: "END", Code: 554}, mail.Plain, true, 554},
		{"it does not like us", mailtest.Manner{Refuse: "MAIL", Code: 550}, mail.Plain, false, 550},
		{"it does not know us", mailtest.Manner{StartTLS: true, User: "other", Password: "x"}, mail.StartTLS, false, 0},
		{"it cannot hide what is said", mailtest.Manner{}, mail.StartTLS, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sink := mailtest.Open(t, tt.manner)
			server := at(sink, tt.security)
			if tt.manner.User != "" {
				server.User, server.Password = "minga", "geheim"
			}
			begun := time.Now()
			err := server.Send(t.Context(), hello)
			var e *mail.Error
			if !errors.As(err, &e) || e.Final != tt.final || e.Code != tt.code {
				t.Errorf("%+v, want final %v, code %d", err, tt.final, tt.code)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it held us for %s", took)
			}
			if len(sink.Mails()) != 0 {
				t.Error("it has the mail")
			}
		})
	}
}

func TestACertificateOfSomebodyElse(t *testing.T) {
	sink := mailtest.Open(t, mailtest.Manner{StartTLS: true})
	server := at(sink, mail.StartTLS)
	server.CA = nil
	if err := server.Send(t.Context(), hello); err == nil {
		t.Error("a certificate that nobody vouches for was taken")
	}
}

func TestThePasswordIsNotToldToListeners(t *testing.T) {
	sink := mailtest.Open(t, mailtest.Manner{User: "minga", Password: "geheim"})
	server := at(sink, mail.Plain)
	server.User, server.Password = "minga", "geheim"
	if err := server.Send(t.Context(), hello); err == nil {
		t.Error("the password was sent in the clear")
	}
}

func TestNobodyIsThere(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := mail.Server{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: mail.Plain, Now: noon, From: mail.Sender{Address: "minga@coop.example"}}
	_ = l.Close()
	var e *mail.Error
	if err := server.Send(t.Context(), hello); !errors.As(err, &e) || e.Final {
		t.Errorf("%v", err)
	}
}

func TestTheEndOfTheProgramEndsAMail(t *testing.T) {
	sink := mailtest.Open(t, mailtest.Manner{Hang: "DATA"})
	server := at(sink, mail.Plain)
	server.Patience = time.Minute
	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()
	begun := time.Now()
	if err := server.Send(ctx, hello); err == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
}

func TestNothingBecomesAHeader(t *testing.T) {
	sink := mailtest.Open(t, mailtest.Manner{})
	server := at(sink, mail.Plain)
	for _, to := range []string{
		"", "ana", "@mail.example", "ana@", "a%b@mail.example", `"a b"@mail.example`, "x@[10.0.0.1]", "a@b@mail.example", "a@mail.example,b@mail.example",
		"a@mail.example\r\nBcc: b@mail.example", "a@mail.example\n", "a\x00@mail.example", "ana <a@mail.example>", "a..b@mail.example", ".a@mail.example",
		strings.Repeat("a", 65) + "@mail.example", "a@" + strings.Repeat("b.", 130) + "example", "ana@localhost", "a b@mail.example", "a@mail.example>", "<a@mail.example",
	} {
		m := hello
		m.To = to
		var e *mail.Error
		if err := server.Send(t.Context(), m); !errors.As(err, &e) || !e.Final {
			t.Errorf("to %q: %v", to, err)
		}
	}
	for _, subject := range []string{"", "a\r\nBcc: b@mail.example", "a\nb", "a\rb", "a\x00b", "a\u2028b", strings.Repeat("a", 501)} {
		m := hello
		m.Subject = subject
		if err := server.Send(t.Context(), m); err == nil {
			t.Errorf("subject %q was sent", subject)
		}
	}
	if n := sink.Connections(); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

func TestSenders(t *testing.T) {
	for given, want := range map[string]mail.Sender{
		"minga@coop.example":                        {Address: "minga@coop.example"},
		"Federación del Sur <minga@coop.example>":   {Name: "Federación del Sur", Address: "minga@coop.example"},
		`"Sur, la Federación" <minga@coop.example>`: {Name: "Sur, la Federación", Address: "minga@coop.example"},
		"":                               {},
		"minga":                          {},
		"a@coop.example\r\nBcc: b@c.d":   {},
		"a@[10.0.0.1]":                   {},
		"a@coop.example, b@coop.example": {},
	} {
		got, err := mail.ParseSender(given)
		if got != want || (err == nil) != (want.Address != "") {
			t.Errorf("%q is %+v, %v", given, got, err)
		}
	}
}

func TestEveryMailInEveryLanguage(t *testing.T) {
	words, err := mail.Load()
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]string{"Name": "ana@coop.example", "Link": "https://coop.example/reset/ABC", "Federation": "Federación del Sur", "Host": "coop.example", "What": "Python", "Change": "https://coop.example/alerts/A", "Job": "Panadería", "Coop": "Telar", "Day": "2 de mayo de 2030", "Title": "¿Admitir?", "By": "Federación del Sur", "Slot": "Backend", "Hours": "160", "Waiting": "2", "Other": "Telar"}
	subjects := map[string]string{}
	for _, kind := range mail.Kinds() {
		for _, lang := range []string{"es", "en", "ca", "it", "pt"} {
			m, err := words.Write(kind, lang, "ana@mail.example", data)
			if err != nil || m.Subject == "" || m.Body == "" || m.End == "" || strings.Contains(m.Subject+m.Body+m.End, "<no value>") || strings.Contains(m.Body, "{{") {
				t.Errorf("%s in %s: %+v, %v", kind, lang, m, err)
			}
			if before, ok := subjects[m.Subject]; ok {
				t.Errorf("%s in %s has the subject of %s", kind, lang, before)
			}
			subjects[m.Subject] = fmt.Sprint(kind, lang)
			if kind != mail.Test && strings.Count(m.Body, data["Link"]) != 1 {
				t.Errorf("%s in %s does not lead anywhere: %s", kind, lang, m.Body)
			}
		}
	}
	if m, err := words.Write(mail.Test, "de-AT", "ana@mail.example", data); err != nil || m.Language != "en" {
		t.Errorf("in a language that we do not speak: %+v, %v", m, err)
	}
}

func TestMailsThatSomebodySubscribedToCanBeEnded(t *testing.T) {
	words, err := mail.Load()
	if err != nil {
		t.Fatal(err)
	}
	sink := mailtest.Open(t, mailtest.Manner{})
	server := at(sink, mail.Plain)
	server.Patience = 10 * time.Second
	data := map[string]string{"What": "a {{.List}}", "Link": "https://coop.example/jobs", "Change": "https://coop.example/alerts/A", "Federation": "F", "Host": "coop.example"}
	m, err := words.WriteList(mail.Alert, "en", "ana@mail.example", data, []string{"* Baker\r\nBcc: x@y.z – Telar", "  https://coop.example/jobs/1", ""})
	if err != nil {
		t.Fatal(err)
	}
	m.Unsubscribe = "https://coop.example/alerts/A"
	if err := server.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := sink.Mails()[0]
	if !strings.Contains(got.Body, "\n* Baker Bcc: x@y.z – Telar\n  https://coop.example/jobs/1\n\nAll that are open:") {
		t.Errorf("the list: %s", got.Body)
	}
	if got.Header.Get("List-Unsubscribe") != "<https://coop.example/alerts/A>" || got.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("headers: %v", got.Header)
	}
	m.Unsubscribe = "https://coop.example/>\r\nBcc: x@y.z"
	if err := server.Send(t.Context(), m); err == nil {
		t.Error("an address became a header")
	}
}

func TestNamesStayOnTheirLine(t *testing.T) {
	words, err := mail.Load()
	if err != nil {
		t.Fatal(err)
	}
	sink := mailtest.Open(t, mailtest.Manner{})
	server := at(sink, mail.Plain)
	server.Patience = 10 * time.Second
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.StringOf(rapid.RuneFrom([]rune("a\r\n\t\x00:<>@ \u2028é{}%."))).Draw(r, "name")
		m, err := words.Write(mail.Reset, "en", "ana@mail.example", map[string]string{"Name": name, "Link": "https://coop.example/reset/A", "Federation": name, "Host": "coop.example"})
		if err != nil {
			r.Fatal(err)
		}
		if err := server.Send(t.Context(), m); err != nil {
			r.Fatalf("%q: %v", name, err)
		}
		mails := sink.Mails()
		got := mails[len(mails)-1]
		if got.To != "ana@mail.example" || len(got.Header["To"]) != 1 || got.Header.Get("Bcc") != "" || got.Subject != m.Subject || got.Link() != "https://coop.example/reset/A" {
			r.Fatalf("%q became %+v", name, got)
		}
	})
}
