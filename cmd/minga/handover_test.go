// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
)

// atPort is a listener of which only the address matters.
type atPort struct {
	net.Listener
	port int
}

func (l atPort) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: l.port} }

// TestEntrancesAreSorted: of what systemd hands over, port 80 leads to the secure address
// where minga speaks TLS itself, and serves where a proxy does.
func TestEntrancesAreSorted(t *testing.T) {
	given := []net.Listener{atPort{port: 443}, nil, atPort{port: 80}, atPort{port: 8080}}
	for _, tt := range []struct {
		secure       bool
		doors, plain int
	}{{true, 2, 1}, {false, 3, 0}} {
		if e := sortEntrances(given, tt.secure); len(e.doors) != tt.doors || len(e.plain) != tt.plain {
			t.Errorf("secure %v: %d doors and %d plain, want %d and %d", tt.secure, len(e.doors), len(e.plain), tt.doors, tt.plain)
		}
	}
}

// TestPlainPortOnlyLeads: port 80 says where the secure address is, under our names alone.
func TestPlainPortOnlyLeads(t *testing.T) {
	plain := leadToSecure(&Config{Host: "minga.example.org", AccountDomain: "example.org", Media: mediaConfig{URL: "https://media.example.org"}})
	for _, tt := range []struct {
		method, host, path, to string
		status                 int
	}{
		{"GET", "minga.example.org", "/jobs?q=a%20b", "https://minga.example.org/jobs?q=a%20b", 308},
		{"GET", "minga.example.org:80", "/", "https://minga.example.org/", 308},
		{"GET", "example.org", "/.well-known/webfinger?resource=a", "https://example.org/.well-known/webfinger?resource=a", 308},
		{"POST", "minga.example.org", "/inbox", "https://minga.example.org/inbox", 308},
		{"GET", "minga.example.org", "//evil.example/x", "https://minga.example.org//evil.example/x", 308},
		{"GET", "media.example.org", "/media/a.jpg", "https://media.example.org/media/a.jpg", 308},
		{"GET", "evil.example", "/jobs", "", 421},
		{"GET", "minga.example.org@evil.example", "/", "", 421},
		{"GET", "", "/", "", 421},
	} {
		r := httptest.NewRequest(tt.method, "http://x"+tt.path, nil)
		r.Host = tt.host
		w := httptest.NewRecorder()
		plain.ServeHTTP(w, r)
		if w.Code != tt.status || w.Header().Get("Location") != tt.to {
			t.Errorf("%s %s%s: %d to %q, want %d to %q", tt.method, tt.host, tt.path, w.Code, w.Header().Get("Location"), tt.status, tt.to)
		}
	}
}

// TestCertificateSettings: certificates are files, fetched, or a proxy's affair; what
// does not go together is said.
func TestCertificateSettings(t *testing.T) {
	for _, tt := range []struct {
		name   string
		env    map[string]string
		listen string
		fails  bool
	}{
		{"a proxy's affair", map[string]string{"MINGA_HOST": "m.example.org"}, "localhost:8080", false},
		{"fetched", map[string]string{"MINGA_HOST": "m.example.org", "MINGA_ACME_EMAIL": "ana@example.org"}, ":443", false},
		{"fetched, at another port", map[string]string{"MINGA_HOST": "m.example.org", "MINGA_ACME_EMAIL": "ana@example.org", "MINGA_LISTEN": ":8443"}, ":8443", false},
		{"nobody to write to", map[string]string{"MINGA_HOST": "m.example.org", "MINGA_ACME_DIRECTORY": "https://acme.example"}, "", true},
		{"no address", map[string]string{"MINGA_HOST": "m.example.org", "MINGA_ACME_EMAIL": "ana"}, "", true},
		{"an authority without TLS", map[string]string{"MINGA_HOST": "m.example.org", "MINGA_ACME_EMAIL": "ana@example.org", "MINGA_ACME_DIRECTORY": "http://acme.example"}, "", true},
		{"files and fetched", map[string]string{"MINGA_HOST": "m.example.org", "MINGA_ACME_EMAIL": "ana@example.org", "MINGA_TLS_CERT_FILE": "c", "MINGA_TLS_KEY_FILE": "k"}, "", true},
	} {
		c, err := loadConfig(&settingFlags{}, "", fakeLookups(tt.env, nil))
		if (err != nil) != tt.fails {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err == nil && c.Listen != tt.listen {
			t.Errorf("%s: listens on %s, want %s", tt.name, c.Listen, tt.listen)
		}
	}
}

// TestCredentialIsASetting: a secret that systemd hands over counts after the environment,
// before the file, and is masked like any other.
func TestCredentialIsASetting(t *testing.T) {
	const dir = "/run/credentials/minga.service"
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key)
	text := base64.StdEncoding.EncodeToString(key)
	env := map[string]string{"CREDENTIALS_DIRECTORY": dir}
	from := fakeLookups(env, map[string]string{filepath.Join(dir, "minga.secret_key"): text + "\n"})
	c, err := loadConfig(&settingFlags{}, "", from)
	if err != nil || c.SecretKeys != text {
		t.Fatalf("the secret key is %q, %v", c.SecretKeys, err)
	}
	for _, row := range c.rows() {
		if row.Key == "secret_key" && (row.Value != "(set)" || row.Origin != "credential minga.secret_key") {
			t.Errorf("shown as %+v", row)
		}
	}
	env["MINGA_SECRET_KEY"] = "other"
	if c, err = loadConfig(&settingFlags{}, "", from); err != nil || c.SecretKeys != "other" {
		t.Errorf("the environment does not go first: %q, %v", c.SecretKeys, err)
	}
}

// TestServiceWithoutManager: where nobody listens nothing is told, and nothing breaks.
func TestServiceWithoutManager(t *testing.T) {
	var none *service
	none.say("x")
	none.ready()
	none.reloading()
	none.stopping()
	none.alive()
	if err := none.patiently(t.Context(), func(context.Context) error { return http.ErrServerClosed }); !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("said %v", err)
	}
	var told []string
	some := &service{tell: func(state string) { told = append(told, state) }}
	some.say("a\nREADY=1\x1b")
	some.say("a\nREADY=1\x1b")
	if len(told) != 1 || told[0] != `STATUS=a READY=1\x1b` {
		t.Errorf("told %q", told)
	}
}
