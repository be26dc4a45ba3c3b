// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAClientForLibraries(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/endless":
			_, _ = io.Copy(w, io.LimitReader(strings.NewReader(strings.Repeat("x", 2*MaxDocument)), 2*MaxDocument))
		default:
			_, _ = io.WriteString(w, r.UserAgent())
		}
	})
	named, other, plain := httptest.NewTLSServer(answer), httptest.NewTLSServer(answer), httptest.NewServer(answer)
	for _, s := range []*httptest.Server{named, other, plain} {
		defer s.Close()
	}
	host := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: named.Certificate().Raw})
	c, err := New(Options{UserAgent: "minga/test", Now: time.Now, ExtraCA: ca, Trusted: []string{host(named), host(plain)}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, tt := range []struct {
		name, url string
		status    int // 0: refused
		long      int
	}{
		{"a host that the configuration names", named.URL, 200, len("minga/test")},
		{"another on the same address", other.URL, 0, 0},
		{"over plain http", plain.URL, 0, 0},
		{"a redirect is not followed", named.URL + "/moved", 302, -1},
		{"an answer without end", named.URL + "/endless", 200, MaxDocument},
		{"a URL that is none", "https://user@" + host(named) + "/", 0, 0},
	} {
		response, err := c.ForLibrary().Get(tt.url)
		if (err == nil) != (tt.status != 0) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil {
			continue
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != tt.status || tt.long >= 0 && len(body) != tt.long {
			t.Errorf("%s: %d, %d bytes, %v", tt.name, response.StatusCode, len(body), err)
		}
	}
}

func TestNothingOpensAddressesThatAreNever(t *testing.T) {
	c, err := New(Options{UserAgent: "minga/test", Now: time.Now, Trusted: []string{"169.254.169.254:443", "0.0.0.0:443"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, url := range []string{"https://169.254.169.254/", "https://0.0.0.0/"} {
		if response, err := c.ForLibrary().Get(url); err == nil {
			_ = response.Body.Close()
			t.Errorf("%s was reached", url)
		}
	}
}
