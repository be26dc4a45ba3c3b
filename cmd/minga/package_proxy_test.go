// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// The proxies of docs/proxies.md, as they stand there, in the clean root that
// scripts/test package made: what they must hand on is looked at behind them.

// behind is what the proxy asks: it notes requests, and speaks both kinds of stream.
type behind struct {
	*httptest.Server
	mu    sync.Mutex
	heard []*http.Request
	sizes []int64
	read  chan struct{} // the first event was read
}

func newBehind(t *testing.T) *behind {
	t.Helper()
	b := &behind{read: make(chan struct{})}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

// ServeHTTP implements [http.Handler].
func (b *behind) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, _ := io.Copy(io.Discard, r.Body)
	b.mu.Lock()
	b.heard, b.sizes = append(b.heard, r), append(b.sizes, n)
	b.mu.Unlock()
	switch r.URL.Path {
	case "/api/v1/streaming/user":
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "event: one\n\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-b.read:
			fmt.Fprint(w, "event: two\n\n")
		case <-r.Context().Done():
		}
	case "/api/v1/streaming":
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		kind, text, err := conn.Read(r.Context())
		if err == nil {
			err = conn.Write(r.Context(), kind, text)
		}
		_ = conn.Close(websocket.StatusNormalClosure, fmt.Sprint(err))
	default:
		w.Header().Set("Cache-Control", "public, max-age=600")
		fmt.Fprintf(w, "for %s", r.Header.Get("Accept"))
	}
}

// last is the newest request, and the size of its body.
func (b *behind) last() (*http.Request, int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.heard[len(b.heard)-1], b.sizes[len(b.sizes)-1]
}

// TestPackageProxies holds the examples against the list at the head of docs/proxies.md.
func TestPackageProxies(t *testing.T) {
	root := cleanRoot(t)
	for _, one := range installedProxies {
		t.Run(one.name, func(t *testing.T) {
			b := newBehind(t)
			p := layProxy(t, root, one, b.URL)
			p.run(t, p.example)
			client := proxyClient(t, p.port, p.authority)
			proxyHandsOn(t, b, client)
			proxyTakesUploads(t, b, client)
			proxyStreams(t, b, client)
		})
	}
}

// proxyHandsOn: what is signed arrives as it was sent, and nothing is cached.
func proxyHandsOn(t *testing.T, b *behind, client *http.Client) {
	sent := map[string]string{
		"Accept": `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`, "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
		"Signature": `keyId="https://a.example/k",headers="(request-target) host date digest",signature="YQ=="`, "Digest": "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
		"Signature-Input": `sig1=("@method" "content-digest");created=1`, "Content-Digest": "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:", "X-Forwarded-For": "203.0.113.9",
	}
	r, _ := http.NewRequestWithContext(t.Context(), "POST", "https://minga.example.org/users/a%2Fb/inbox?page=2&x=%20", strings.NewReader("  {} "))
	for name, value := range sent {
		r.Header.Set(name, value)
	}
	answer(t, client, r)
	got, size := b.last()
	for name, value := range sent {
		if name != "X-Forwarded-For" && got.Header.Get(name) != value {
			t.Errorf("%s arrived as %q", name, got.Header.Get(name))
		}
	}
	if got.Host != "minga.example.org" || got.RequestURI != "/users/a%2Fb/inbox?page=2&x=%20" || size != 5 {
		t.Errorf("asked %s%s with %d bytes", got.Host, got.RequestURI, size)
	}
	// What the visitor claims must not be the last word: the proxy's own view is.
	if from := got.Header.Get("X-Forwarded-For"); !strings.HasSuffix(from, "127.0.0.1") || got.Header.Get("X-Forwarded-Proto") != "https" {
		t.Errorf("came from %q by %q", from, got.Header.Get("X-Forwarded-Proto"))
	}
	r, _ = http.NewRequestWithContext(t.Context(), "GET", "https://media.minga.example.org/media/a.jpg", nil)
	answer(t, client, r)
	if got, _ := b.last(); got.Host != "media.minga.example.org" || got.RequestURI != "/media/a.jpg" || !strings.HasSuffix(got.Header.Get("X-Forwarded-For"), "127.0.0.1") {
		t.Errorf("the host for files is asked as %s%s for %q", got.Host, got.RequestURI, got.Header.Get("X-Forwarded-For"))
	}
	for _, accept := range []string{"text/html", "application/activity+json", "text/html"} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "https://minga.example.org/jobs/1", nil)
		r.Header.Set("Accept", accept)
		if text := answer(t, client, r); text != "for "+accept {
			t.Errorf("asked as %s, got what is %s", accept, text)
		}
	}
}

// answer is the body of a good answer.
func answer(t *testing.T, client *http.Client, r *http.Request) string {
	t.Helper()
	w, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != http.StatusOK {
		t.Errorf("%s %s: %d %.200s %v", r.Method, r.URL, w.StatusCode, text, err)
	}
	return string(text)
}

// proxyTakesUploads: the largest file that minga may take passes.
func proxyTakesUploads(t *testing.T, b *behind, client *http.Client) {
	const size = 41 << 20
	r, _ := http.NewRequestWithContext(t.Context(), "POST", "https://minga.example.org/api/v2/media", bytes.NewReader(make([]byte, size)))
	answer(t, client, r)
	if _, got := b.last(); got != size {
		t.Errorf("%d bytes arrived of %d", got, size)
	}
}

// proxyStreams: an event is there before the next is written, and a WebSocket speaks.
func proxyStreams(t *testing.T, b *behind, client *http.Client) {
	w, err := client.Get("https://minga.example.org/api/v1/streaming/user")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	lines := bufio.NewReader(w.Body)
	if line, err := lines.ReadString('\n'); line != "event: one\n" {
		t.Errorf("the first event is %q, %v", line, err)
	}
	close(b.read)
	rest, err := io.ReadAll(lines)
	if !strings.Contains(string(rest), "event: two") {
		t.Errorf("the second event is %q, %v", rest, err)
	}
	plain := client.Transport.(*http.Transport).Clone()
	plain.ForceAttemptHTTP2, plain.TLSNextProto = false, map[string]func(string, *tls.Conn) http.RoundTripper{}
	plain.TLSClientConfig.NextProtos = nil
	conn, _, err := websocket.Dial(t.Context(), "wss://minga.example.org/api/v1/streaming", &websocket.DialOptions{HTTPClient: &http.Client{Transport: plain}})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.CloseIdleConnections()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte("hola")); err != nil {
		t.Fatal(err)
	}
	if _, text, err := conn.Read(t.Context()); string(text) != "hola" {
		t.Errorf("the WebSocket said %q, %v", text, err)
	}
	_ = conn.CloseNow()
}
