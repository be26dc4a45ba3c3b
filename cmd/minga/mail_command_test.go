// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"minga/outbox/mail/mailtest"
)

// sinkSettings are those of an instance whose mails go to a sink.
func sinkSettings(sink *mailtest.Sink) map[string]string {
	return map[string]string{
		"MINGA_SMTP_HOST": "127.0.0.1", "MINGA_SMTP_PORT": strconv.Itoa(sink.Port), "MINGA_SMTP_TLS": "none", "MINGA_SMTP_FROM": "Sur <minga@a.example>",
	}
}

func TestMailSettings(t *testing.T) {
	for _, tt := range []struct {
		name    string
		env     map[string]string
		problem string // empty: good
		check   func(*Config) bool
	}{
		{"no server, no mail", nil, "", func(c *Config) bool { return c.Mail == nil }},
		{"a host suffices", map[string]string{"MINGA_SMTP_HOST": "mail.example"}, "", func(c *Config) bool {
			return c.Mail.Host == "mail.example" && c.Mail.Port == 0 && c.Mail.Security == "starttls" && c.Mail.From.Address == "minga@coop.example"
		}},
		{"all of it", map[string]string{
			"MINGA_SMTP_HOST": "mail.example", "MINGA_SMTP_PORT": "2525", "MINGA_SMTP_TLS": "tls", "MINGA_SMTP_USER": "minga",
			"MINGA_SMTP_PASSWORD_FILE": "/run/smtp", "MINGA_SMTP_FROM": "Sur <post@coop.example>",
		}, "", func(c *Config) bool {
			return c.Mail.Port == 2525 && c.Mail.Security == "tls" && c.Mail.User == "minga" && c.Mail.Password == "geheim" && c.Mail.From.Name == "Sur"
		}},
		{"nothing without a host", map[string]string{"MINGA_SMTP_FROM": "a@coop.example"}, "smtp_from", nil},
		{"a port in the host", map[string]string{"MINGA_SMTP_HOST": "mail.example:25"}, "smtp_port", nil},
		{"no security outside of development", map[string]string{"MINGA_SMTP_HOST": "mail.example", "MINGA_SMTP_TLS": "none"}, "MINGA_DEV", nil},
		{"a password for nobody", map[string]string{"MINGA_SMTP_HOST": "mail.example", "MINGA_SMTP_PASSWORD": "x"}, "smtp_user", nil},
		{"a sender who adds a header", map[string]string{"MINGA_SMTP_HOST": "mail.example", "MINGA_SMTP_FROM": "a@coop.example\r\nBcc: b@c.example"}, "smtp_from", nil},
		{"an unknown security", map[string]string{"MINGA_SMTP_HOST": "mail.example", "MINGA_SMTP_TLS": "maybe"}, "smtp_tls", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := map[string]string{"MINGA_HOST": "coop.example"}
			for key, value := range tt.env {
				env[key] = value
			}
			c, err := loadConfig(&settingFlags{}, "", fakeLookups(env, map[string]string{"/run/smtp": "geheim\n"}))
			switch {
			case tt.problem == "" && (err != nil || !tt.check(c)):
				t.Errorf("%+v, %v", c, err)
			case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)):
				t.Errorf("complains with %v, want %s", err, tt.problem)
			}
		})
	}
}

func TestTheMailPasswordIsNotShown(t *testing.T) {
	settings := map[string]string{"MINGA_SMTP_HOST": "mail.example", "MINGA_SMTP_USER": "minga", "MINGA_SMTP_PASSWORD": "geheim", "MINGA_SMTP_FROM": "a@coop.example"}
	code, out, talk := typedWith(t, t.TempDir(), settings, "config", "show")
	if code != exitDone || strings.Contains(out+talk, "geheim") || !strings.Contains(out, "mail.example") {
		t.Errorf("ends with %d: %s%s", code, out, talk)
	}
}

func TestMailTest(t *testing.T) {
	sink := mailtest.Open(t, mailtest.Manner{})
	dir := t.TempDir()
	for _, tt := range []struct {
		name     string
		settings map[string]string
		manner   mailtest.Manner
		to       string
		code     int
	}{
		{"it is taken", sinkSettings(sink), mailtest.Manner{}, "ana@a.example", exitDone},
		{"nobody has that address", sinkSettings(sink), mailtest.Manner{Refuse: "RCPT", Code: 550}, "ana@a.example", exitFailed},
		{"come again later", sinkSettings(sink), mailtest.Manner{Refuse: "RCPT", Code: 451}, "ana@a.example", exitTryAgain},
		{"no address", sinkSettings(sink), mailtest.Manner{}, "ana", exitUsage},
		{"no mail server", nil, mailtest.Manner{}, "ana@a.example", exitUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sink.Behave(tt.manner)
			if code, out, talk := typedWith(t, dir, tt.settings, "mail", "test", tt.to); code != tt.code {
				t.Errorf("ends with %d, want %d: %s%s", code, tt.code, out, talk)
			}
		})
	}
	if mails := sink.Mails(); len(mails) != 1 || mails[0].To != "ana@a.example" || mails[0].Header.Get("From") != `"Sur" <minga@a.example>` {
		t.Errorf("sent: %+v", mails)
	}
}

func TestLinksOfTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	if code, _, talk := typed(t, dir, "account", "create", "eva", "--email", "eva@a.example", "--password", "a long good one"); code != exitDone {
		t.Fatal(talk)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		path string
	}{
		{"a new password", []string{"account", "reset", "eva"}, exitDone, "/reset/"},
		{"of somebody who is not here", []string{"account", "reset", "zoe"}, exitNotFound, ""},
		{"of the federation", []string{"account", "reset", "minga"}, exitRefused, ""},
		{"an invitation", []string{"account", "invite"}, exitDone, "/invite/"},
		{"one for a moderator", []string{"account", "invite", "--email", "new@a.example", "--role", "moderator"}, exitDone, "/invite/"},
		{"to no address", []string{"account", "invite", "--email", "new"}, exitUsage, ""},
		{"sent to nobody", []string{"account", "invite", "--send"}, exitUsage, ""},
		{"sent without a mail server", []string{"account", "invite", "--send", "--email", "new@a.example"}, exitTryAgain, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, talk := typed(t, dir, append(tt.args, "--json")...)
			if code != tt.code {
				t.Fatalf("ends with %d, want %d: %s", code, tt.code, talk)
			}
			var row linkRow
			if err := json.Unmarshal([]byte(out), &row); tt.path != "" && (err != nil || !strings.HasPrefix(row.Link, "http://a.localhost:8080"+tt.path) || row.Ends == "") {
				t.Errorf("prints %s", out)
			}
			if _, plain, _ := typed(t, dir, tt.args...); tt.path != "" && strings.Count(plain, "\n") != 1 {
				t.Errorf("prints more than the address: %s", plain)
			}
		})
	}
}

func TestAPasswordFromTheCommandLineEndsEverythingElse(t *testing.T) {
	sink := mailtest.Open(t, mailtest.Manner{})
	dir := t.TempDir()
	file := filepath.Join(dir, "password")
	if err := os.WriteFile(file, []byte("another long good one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := typed(t, dir, "account", "create", "eva", "--email", "eva@a.example", "--language", "it"); code != exitDone {
		t.Fatal(talk)
	}
	if code, _, talk := typed(t, dir, "token", "create", "--account", "eva"); code != exitDone {
		t.Fatal(talk)
	}
	code, _, talk := typedWith(t, dir, sinkSettings(sink), "account", "password", "eva", "--password-file", file)
	if code != exitDone {
		t.Fatalf("ends with %d: %s", code, talk)
	}
	_, out, _ := typed(t, dir, "token", "list", "--account", "eva", "--json")
	var tokens []tokenRow
	if err := json.Unmarshal([]byte(out), &tokens); err != nil || len(tokens) != 1 || !tokens[0].Revoked {
		t.Errorf("tokens: %s, %v", out, err)
	}
	_, out, _ = typed(t, dir, "queue", "status", "--json")
	if !strings.Contains(out, `{"queue":"tasks","waiting":1`) {
		t.Errorf("no mail waits: %s", out)
	}
	for _, args := range [][]string{{"eva"}, {"minga", "--password-file", file}, {"eva", "--password-file", filepath.Join(dir, "none")}} {
		if code, _, _ := typed(t, dir, append([]string{"account", "password"}, args...)...); code != exitUsage {
			t.Errorf("%v ends with %d", args, code)
		}
	}
}
