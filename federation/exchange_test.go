// SPDX-License-Identifier: AGPL-3.0-or-later

package federation

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestDecompressedSizeCounts(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.Copy(z, io.LimitReader(zeros{}, 20<<20)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", TypeActivity)
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/long":
			io.Copy(w, io.LimitReader(zeros{}, MaxDocument+1))
		case "/told":
			w.Header().Set("Content-Length", fmt.Sprint(MaxDocument+1))
			w.Write([]byte("{"))
		case "/endless":
			io.Copy(w, zeros{})
		case "/fits":
			fmt.Fprintf(w, `{"id":%q,"x":"%s"}`, self(r), strings.Repeat("a", MaxDocument-200))
		}
	})
	c := newClient(t, p, nil)
	for path, want := range map[string]Kind{"/bomb": KindSize, "/long": KindSize, "/told": KindSize, "/endless": KindSize, "/fits": ""} {
		if _, err := c.Document(t.Context(), p.at("a.example.com")+path); kindOf(t, err) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
	if page, err := c.Get(t.Context(), p.at("a.example.com")+"/bomb", "*/*", 20<<20); err != nil || len(page.Body) != 20<<20 {
		t.Errorf("what fits a larger limit: %d, %v", len(page.Body), err)
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestOneDeadlineOverAll: a peer that never answers, one that answers and never ends,
// one that redirects slowly, one that takes the connection and is silent.
func TestOneDeadlineOverAll(t *testing.T) {
	stop := make(chan struct{})
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", TypeActivity)
		switch r.URL.Path {
		case "/drip":
			for {
				if _, err := w.Write([]byte(" ")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				select {
				case <-time.After(10 * time.Millisecond):
				case <-stop:
					return
				case <-r.Context().Done():
					return
				}
			}
		case "/slow":
			time.Sleep(80 * time.Millisecond)
			http.Redirect(w, r, "/slow", http.StatusFound)
		default:
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		}
	})
	defer close(stop)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	c := newClient(t, p, nil)
	c.total = 200 * time.Millisecond
	for _, url := range []string{p.at("a.example.com") + "/drip", p.at("a.example.com") + "/slow", p.at("a.example.com") + "/never", "https://" + silent.Addr().String() + "/"} {
		start := time.Now()
		_, err := c.Document(t.Context(), url)
		if kindOf(t, err) != KindTimeout || !err.(*Error).HostFault() || time.Since(start) > 2*time.Second {
			t.Errorf("%s after %v: %v", url, time.Since(start), err)
		}
	}
	start := time.Now()
	if _, err := c.Post(t.Context(), p.at("a.example.com")+"/never", []byte("{}"), nil); kindOf(t, err) != KindTimeout || time.Since(start) > 2*time.Second {
		t.Errorf("post: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.Document(ctx, p.at("a.example.com")+"/never"); kindOf(t, err) != KindCanceled || err.(*Error).HostFault() {
		t.Errorf("we gave up: %v", err)
	}
}

func TestHeadersHaveTheirOwnDeadline(t *testing.T) {
	for _, secure := range []bool{true, false} {
		p := newPeer(t, secure, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		c := newClient(t, p, func(o *Options) { o.Dev = true })
		if c.transport.current.Load().ResponseHeaderTimeout != 10*time.Second || c.total != 30*time.Second || connectTime != 5*time.Second {
			t.Error("deadlines are not the design's")
		}
		c.transport.current.Load().ResponseHeaderTimeout = 100 * time.Millisecond
		start := time.Now()
		_, err := c.Document(t.Context(), p.at("a.example.com")+"/n")
		if kindOf(t, err) != KindTimeout || time.Since(start) > 5*time.Second {
			t.Errorf("HTTP/2 %v: %v after %v", secure, err, time.Since(start))
		}
	}
}

func TestWhoseFailure(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	p := newPeer(t, false, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Type: application/activity+json\r\n\r\nhalf"))
			conn.Close()
		}
	})
	c := newClient(t, nil, func(o *Options) { o.Dev = true })
	for url, want := range map[string]Kind{
		"https://nowhere.example/":                    KindDNS,
		"http://" + closed.Addr().String() + "/":      KindConnect,
		"https://" + p.Listener.Addr().String() + "/": KindTLS,
		p.URL + "/half":                               KindConnect,
	} {
		_, err := c.Document(t.Context(), url)
		if kindOf(t, err) != want || !err.(*Error).HostFault() || !err.(*Error).Temporary() {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestFetchesAtOnce: eight at a host; who waits for a slow host does not keep others
// from another one.
func TestFetchesAtOnce(t *testing.T) {
	var now, most atomic.Int64
	stop := make(chan struct{})
	slow := newPeer(t, false, func(_ http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		select {
		case <-stop:
		case <-r.Context().Done():
		}
	})
	quick := newPeer(t, false, func(w http.ResponseWriter, r *http.Request) { document(w, self(r)) })
	c := newClient(t, nil, func(o *Options) { o.Dev = true })
	var waiting sync.WaitGroup
	for range 40 {
		waiting.Go(func() { _, _ = c.Document(t.Context(), slow.URL+"/n") })
	}
	for now.Load() < fetchesPerHost {
		time.Sleep(time.Millisecond)
	}
	start := time.Now()
	if _, err := c.Document(t.Context(), quick.URL+"/n"); err != nil || time.Since(start) > 2*time.Second {
		t.Errorf("another host: %v after %v", err, time.Since(start))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := c.Document(ctx, slow.URL+"/n")
	if kindOf(t, err) != KindBusy || err.(*Error).HostFault() || !err.(*Error).Temporary() {
		t.Errorf("one too many: %v", err)
	}
	close(stop)
	waiting.Wait()
	if m := most.Load(); m != fetchesPerHost {
		t.Errorf("%d at once", m)
	}
	if len(c.fetches.hosts) != 0 || len(c.fetches.all) != 0 {
		t.Errorf("places are left: %d hosts, %d in all", len(c.fetches.hosts), len(c.fetches.all))
	}
}

func TestFetchesInAll(t *testing.T) {
	s := newSlots()
	var back []func()
	for i := range fetchesInAll {
		release, err := s.take(t.Context(), fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, release)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.take(ctx, "one more"); kindOf(t, err) != KindBusy {
		t.Errorf("one more: %v", err)
	}
	for _, release := range back {
		release()
	}
	if len(s.hosts) != 0 {
		t.Errorf("%d hosts are remembered", len(s.hosts))
	}
}

// TestConnectionsAreKept: a hundred deliveries to one host over one connection, HTTP/2
// where it is spoken.
func TestConnectionsAreKept(t *testing.T) {
	var conns atomic.Int64
	var proto atomic.Value
	p := newPeer(t, true, func(w http.ResponseWriter, r *http.Request) {
		proto.Store(r.Proto)
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	c := newClient(t, p, nil)
	dialTLS := c.transport.current.Load().DialTLSContext
	c.transport.current.Load().DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conns.Add(1)
		return dialTLS(ctx, network, addr)
	}
	for range 100 {
		if r, err := c.Post(t.Context(), p.at("a.example.com")+"/inbox", []byte("{}"), nil); err != nil || r.Err() != nil {
			t.Fatal(r, err)
		}
	}
	if conns.Load() != 1 || proto.Load() != "HTTP/2.0" {
		t.Errorf("%d connections of %v", conns.Load(), proto.Load())
	}
}

func TestNewRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"no clock":    {},
		"an own host": {Now: time.Now, OwnHosts: []string{"a b"}},
		"a CA":        {Now: time.Now, ExtraCA: []byte("rubbish")},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
