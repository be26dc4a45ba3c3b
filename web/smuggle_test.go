// SPDX-License-Identifier: AGPL-3.0-or-later

package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestRequestsThatTwoReadersReadTwice: what a proxy and this server could take for two
// different requests is refused, and the connection ends; nothing after it is answered
// (RFC 9112 §6.1, §11.2).
func TestRequestsThatTwoReadersReadTwice(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	s := httptest.NewServer(h.handler)
	defer s.Close()
	const hidden = "GET /healthz HTTP/1.1\r\nHost: coop.example\r\n\r\n"
	if got := statuses(t, s, "POST /api/v1/apps HTTP/1.1\r\nHost: coop.example\r\nContent-Length: 0\r\n\r\n"+hidden); len(got) != 2 {
		t.Fatalf("two requests are answered %v", got)
	}
	for name, head := range map[string]string{
		"two lengths":                 "Content-Length: 0\r\nContent-Length: 48\r\n",
		"a length with a sign":        "Content-Length: +0\r\n",
		"a length in pieces":          "Content-Length: 0\r\n 48\r\n",
		"chunked and something more":  "Transfer-Encoding: chunked, identity\r\n",
		"chunked twice":               "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
		"an unknown encoding":         "Transfer-Encoding: xchunked\r\n",
		"a space before the colon":    "Transfer-Encoding : chunked\r\n",
		"two hosts":                   "Host: evil.example\r\n",
		"a bare CR in a value":        "X-A: b\rTransfer-Encoding: chunked\r\n",
		"a chunk size with a sign":    "Transfer-Encoding: chunked\r\n\r\n+0\r\n",
		"a chunk size with a prefix":  "Transfer-Encoding: chunked\r\n\r\n0x0\r\n",
		"a chunk that is no hex size": "Transfer-Encoding: chunked\r\n\r\n0_0\r\n",
	} {
		if got := statuses(t, s, "POST /api/v1/apps HTTP/1.1\r\nHost: coop.example\r\n"+head+"\r\n"+hidden); len(got) != 1 || got[0] < 400 || got[0] > 499 && got[0] != http.StatusNotImplemented {
			t.Errorf("%s: answered %v", name, got)
		}
	}
}

// statuses sends bytes and gives the codes of all that comes back.
func statuses(t *testing.T, s *httptest.Server, request string) (codes []int) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // of a test
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if half, ok := conn.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	for answers := bufio.NewReader(conn); ; {
		w, err := http.ReadResponse(answers, nil)
		if err != nil {
			return codes
		}
		_, _ = io.Copy(io.Discard, w.Body)
		_ = w.Body.Close()
		codes = append(codes, w.StatusCode)
	}
}

// TestNoPathLeadsElsewhere: whatever is written in the place of a path, an answer sends
// nobody to another host, and none is a fault of ours.
func TestNoPathLeadsElsewhere(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.RateLimit = false })
	h.member("telar", "read")
	s := httptest.NewServer(h.handler)
	defer s.Close()
	for _, target := range []string{
		"//evil.example", "//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "/%5Cevil.example", "/%2F%2Fevil.example", "///evil.example", "/.//evil.example",
		"/jobs/", "/jobs//", "//jobs", "/./jobs", "/x/../jobs", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../etc/passwd", "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/media/..%5c..%5cminga.db",
		"/@telar//evil.example", "/@telar@evil.example", "/@telar@evil.example/", "/@telar%2F%2Fevil.example", "/coops/telar%00", "/coops/telar%0d%0aSet-Cookie:a=b", "/jobs?lang=it%0d%0aX:y",
		"/sign-in?next=//evil.example", "/sign-in?next=%2F%5Cevil.example", "/sign-in?next=/%09/evil.example", "/?lang=//evil.example", "/lang?to=//evil.example",
		"http://coop.example//evil.example", "http://evil.example/jobs", "https://coop.example@evil.example/jobs", "/authorize_interaction?uri=//evil.example", "/authorize_interaction?uri=javascript:alert(1)", "*",
	} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "TRACE", "CONNECT", "PROPFIND"} {
			w, err := raw(t, s, method+" "+target+" HTTP/1.1\r\nHost: coop.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			if err != nil {
				t.Errorf("%s %s: %v", method, target, err)
				continue
			}
			to, err := url.Parse(w.Header.Get("Location"))
			if err != nil || to.Host != "" && to.Host != "coop.example" || strings.HasPrefix(to.Path, "//") || strings.ContainsAny(w.Header.Get("Location"), "\\\r\n") {
				t.Errorf("%s %s leads to %q", method, target, w.Header.Get("Location"))
			}
			if w.StatusCode >= 500 && w.StatusCode != http.StatusNotImplemented || method == "TRACE" && w.StatusCode < 400 || w.Header.Get("Set-Cookie") == "a=b" {
				t.Errorf("%s %s answers %d", method, target, w.StatusCode)
			}
		}
	}
}

// raw sends bytes and gives the first answer.
func raw(t *testing.T, s *httptest.Server, request string) (*http.Response, error) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Listener.Addr().String())
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // of a test
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, request); err != nil {
		return nil, err
	}
	w, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return nil, err
	}
	return w, w.Body.Close()
}
