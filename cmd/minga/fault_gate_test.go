// SPDX-License-Identifier: AGPL-3.0-or-later

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// gate stands before several nodes of one instance as a proxy does: it asks each
// whether it is ready, sends requests to those that are, and to the next where no
// connection can be made. What was sent once and not answered is not sent again.
type gate struct {
	t      *testing.T
	listen net.Listener
	nodes  []*process
	up     []atomic.Bool
	next   atomic.Int64
}

// newGate begins to listen; nodes must not change while it does.
func newGate(t *testing.T, nodes ...*process) *gate {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, listen: l, nodes: nodes, up: make([]atomic.Bool, len(nodes))}
	server := &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	ended, stop := make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); _ = server.Serve(l) }()
	watched := make(chan struct{})
	go func() { defer close(watched); g.watch(stop) }()
	t.Cleanup(func() { close(stop); _ = server.Close(); <-ended; <-watched })
	return g
}

// watch asks the nodes how they are, ten times a second.
func (g *gate) watch(stop chan struct{}) {
	for {
		for n := range g.nodes {
			g.up[n].Store(g.ready(n))
		}
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ready asks one.
func (g *gate) ready(n int) bool {
	ctx, cancel := context.WithTimeout(g.t.Context(), time.Second)
	defer cancel()
	status, _, err := g.nodes[n].call(ctx, http.MethodGet, "/readyz", "", nil)
	return err == nil && status == http.StatusOK
}

// order is in which order the nodes are asked: those that are ready in turn, then the
// others.
func (g *gate) order() []int {
	first := int(g.next.Add(1))
	var all []int
	for _, want := range []bool{true, false} {
		for i := range g.nodes {
			if n := (first + i) % len(g.nodes); g.up[n].Load() == want {
				all = append(all, n)
			}
		}
	}
	return all
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	for _, n := range g.order() {
		answer, err := g.send(r, body, n)
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			continue
		}
		if err != nil {
			g.t.Logf("%s: %s %s: %v", g.nodes[n].name, r.Method, r.URL.Path, err)
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		copyAnswer(w, answer)
		return
	}
	http.Error(w, "no node", http.StatusBadGateway)
}

// send passes a request on to one node.
func (g *gate) send(r *http.Request, body []byte, n int) (*http.Response, error) {
	on := r.Clone(r.Context())
	on.RequestURI, on.URL.Scheme, on.URL.Host = "", "http", r.Host
	on.Body, on.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return g.nodes[n].client.Transport.RoundTrip(on)
}

func copyAnswer(w http.ResponseWriter, answer *http.Response) {
	defer func() { _ = answer.Body.Close() }()
	for name, values := range answer.Header {
		if name != "Connection" {
			w.Header()[name] = slices.Clone(values)
		}
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

// client is one that reaches the instance by the gate, with connections of its own.
func (g *gate) client() *http.Client {
	address := g.listen.Addr().String()
	c := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp4", address)
		},
	}}
	g.t.Cleanup(c.CloseIdleConnections)
	return c
}

// cluster is several nodes of one instance on one PostgreSQL, behind a gate.
type cluster struct {
	nodes []*process
	gate  *gate
	token string
	peer  *outsider // who follows the co-op telar, and is told of what it posts
}

// newCluster starts the nodes. prepare, if any, is done to each before its start.
func newCluster(t *testing.T, size int, prepare func(n int, p *process)) *cluster {
	t.Helper()
	c := &cluster{}
	for n := range size {
		p := newProcess(t, "ana", "postgres", "MINGA_LOG_LEVEL=error")
		if n > 0 {
			p = c.nodes[0].second()
		}
		c.nodes = append(c.nodes, p)
	}
	for n, p := range c.nodes {
		if prepare != nil {
			prepare(n, p)
		}
		p.start()
	}
	first := c.nodes[0]
	c.gate = newGate(t, c.nodes...)
	first.do(nil, "account", "create", "telar", "--kind", "coop")
	c.token = first.do(nil, "token", "create", "--account", "telar", "--scopes", "read write")
	c.peer = newOutsider(t, first)
	c.peer.client = c.gate.client()
	c.peer.follow()
	return c
}
