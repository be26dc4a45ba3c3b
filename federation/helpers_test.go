// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// names is a resolver that tests fill; each look-up takes the next answer, and the
// last one stays.
type names struct {
	mu      sync.Mutex
	answers map[string][][]string
	asked   []string
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, host)
	list := n.answers[host]
	if len(list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(list) > 1 {
		n.answers[host] = list[1:]
	}
	var addrs []netip.Addr
	for _, s := range list[0] {
		addrs = append(addrs, netip.MustParseAddr(s))
	}
	return addrs, nil
}

// all resolves every name to one address.
func all(addr string) *names {
	n := &names{answers: map[string][][]string{}}
	for _, host := range []string{"a.example.com", "b.example.com", "c.example.com", "example.com"} {
		n.answers[host] = [][]string{{addr}}
	}
	return n
}

// inside is a service that must never be reached: it counts connections, not requests.
type inside struct {
	addr  string
	count atomic.Int64
}

func newInside(t testing.TB, ip string) *inside {
	t.Helper()
	l, err := net.Listen("tcp", ip+":0")
	if err != nil {
		t.Skipf("no listener on %s: %v", ip, err)
	}
	s := &inside{addr: l.Addr().String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.count.Add(1)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		if n := s.count.Load(); n != 0 {
			t.Errorf("the inside service at %s was reached %d times", s.addr, n)
		}
	})
	return s
}

// peer is another server; its handler finds its own base URL in host.
type peer struct {
	*httptest.Server
	port string
}

func newPeer(t testing.TB, secure bool, h http.HandlerFunc) *peer {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2 = secure
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return &peer{srv, port}
}

// at is the peer's base URL under a name that its certificate holds.
func (p *peer) at(name string) string {
	if p.TLS != nil {
		return "https://" + name + ":" + p.port
	}
	return "http://" + name + ":" + p.port
}

func (p *peer) ca() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
}

// newClient opens 127.0.0.1 alone and knows the peer's certificate.
func newClient(t testing.TB, p *peer, change func(*Options)) *Client {
	t.Helper()
	o := Options{
		UserAgent: "minga/test", Now: time.Now, AllowNets: prefixes("127.0.0.1/32"),
		OwnHosts: []string{"minga.example"}, Resolver: all("127.0.0.1"),
	}
	if p != nil && p.TLS != nil {
		o.ExtraCA = p.ca()
	}
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// kindOf is the word of an error; "" for none.
func kindOf(t testing.TB, err error) Kind {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("an error of another kind: %v", err)
	}
	return e.Kind
}

// document answers with an actor at this path.
func document(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", TypeActivity)
	fmt.Fprintf(w, `{"@context":"https://www.w3.org/ns/activitystreams","type":"Note","id":%q}`, id)
}

// self is the URL under which a request came in.
func self(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + r.URL.RequestURI()
}

// everyCaller asks a URL by each method of the client, and returns the errors by name.
// host-only callers are given the URL's host.
func everyCaller(c *Client, url string) map[string]error {
	ctx := context.Background()
	host := strings.TrimPrefix(strings.TrimPrefix(url, "http://"), "https://")
	host, _, _ = strings.Cut(host, "/")
	out := map[string]error{}
	_, out["Document"] = c.Document(ctx, url)
	_, out["Fetch"] = c.Fetch(ctx, Ask{IRI: url, ETag: `"1"`, Unsigned: true})
	_, out["Get"] = c.Get(ctx, url, "*/*", MaxMedia)
	_, out["Post"] = c.Post(ctx, url, []byte("{}"), nil)
	_, out["Push"] = c.Push(ctx, url, http.Header{"Ttl": {"60"}}, []byte("x"))
	_, out["LookUp"] = c.LookUp(ctx, "x@"+host)
	_, out["Software"] = c.Software(ctx, host)
	return out
}

var oldTLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}

func newPeerTLS(t testing.TB, config *tls.Config) *peer {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = config.Clone()
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	return &peer{srv, port}
}
